"""Before Sphinx reads anything: write the pages that come from the package, copy those that lie elsewhere."""

import html
import shutil
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

import ldnsim as ldn
from ldnsim.errors import InputError

from . import bibliography, evidence, gallery, kinds, models, reference
from .text import write

DOCS = Path(__file__).parents[1]
GENERATED = DOCS / "generated"
NOTEBOOKS = DOCS.parent / "notebooks"


def prepare(app: Sphinx, config: Config) -> None:
    """Fill docs/generated, which git does not keep."""
    shutil.rmtree(GENERATED / "api", ignore_errors=True)  # a page of a name that is gone must not stay
    models.write_pages(GENERATED / "models")
    write(GENERATED / "references.md", bibliography.page())
    gallery.draw(GENERATED / "gallery")
    write(GENERATED / "gallery.md", gallery.page("generated/gallery"))
    write(GENERATED / "evidence.md", evidence.page())
    write(GENERATED / "fails_loudly.md", kinds.page())
    write(GENERATED / "reference.rst", reference.page())
    _write_page(GENERATED / "static" / "ldn.html")
    _copy_notebooks(GENERATED / "notebooks")


def _write_page(path: Path) -> None:
    """Write the page that the first one shows in a frame; without the linker it says what is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        ldn.page("ldn", path)
    except InputError as error:
        print(f"THE PAGE IN THE FRAME IS NOT MADE: {error}", file=sys.stderr)
        path.write_text(f"<!doctype html><title>not made</title><p>{html.escape(str(error))}</p>", encoding="utf-8")


def _copy_notebooks(goal: Path) -> None:
    goal.mkdir(parents=True, exist_ok=True)
    wanted = {p.name: p for p in NOTEBOOKS.glob("*.ipynb")}
    for old in goal.glob("*.ipynb"):
        if old.name not in wanted:
            old.unlink()
    for name, path in wanted.items():
        if not (goal / name).is_file() or (goal / name).read_bytes() != path.read_bytes():
            shutil.copyfile(path, goal / name)


def setup(app: Sphinx) -> dict:
    """Run before the list of documents is made."""
    app.connect("config-inited", prepare)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
