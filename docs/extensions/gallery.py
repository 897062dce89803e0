"""The gallery: each figure of docs/gallery.py with the lines that draw it."""

from __future__ import annotations

import importlib.util
import inspect
import subprocess
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import ldnsim as ldn

from .text import heading

SCRIPT = Path(__file__).parents[1] / "gallery.py"
SOURCES = (Path(ldn.__file__).parent, SCRIPT.parents[1] / "models")


def draw(folder: Path) -> None:
    """Draw the figures, unless they are newer than everything they are made of."""
    pictures = [folder / f"{name}.png" for name in _script().FIGURES]
    made_of = [SCRIPT, *(p for source in SOURCES for p in source.rglob("*.*") if p.suffix != ".pyc")]
    newest = max(p.stat().st_mtime for p in made_of)
    if not all(p.is_file() and p.stat().st_mtime > newest for p in pictures):
        subprocess.run([sys.executable, str(SCRIPT), str(folder)], check=True, stdout=subprocess.DEVNULL)


def page(pictures: str) -> str:
    """Write small pictures that lead to the large ones, and these with their code.

    Parameters
    ----------
    pictures : str
        Their folder, as seen from the page.
    """
    small, large = "::::{grid} 2 3 4 4\n:gutter: 2\n\n", ""
    for name, function in _script().FIGURES.items():
        title = inspect.getdoc(function).splitlines()[0].rstrip(".")
        picture, anchor = f"{pictures}/{name}.png", "figure-" + name.replace("_", "-")
        small += f":::{{grid-item-card}}\n:img-top: {picture}\n:link: {anchor}\n:link-type: ref\n:img-alt: {title}\n\n"
        small += f"{title}\n:::\n"
        large += f"\n({anchor})=\n" + heading(title, 2)
        large += f"```{{image}} {picture}\n:alt: {title}\n:width: 480px\n```\n\n"
        large += f"{{py:func}}`plots.{_drawn_by(name)} <ldnsim.plots.{_drawn_by(name)}>`\n\n"
        large += f"```{{code-block}} python\n{_code(function)}```\n"
    return small + "::::\n" + large


def _drawn_by(name: str) -> str:
    """Give the function of ldnsim.plots that a figure of the gallery shows."""
    return max((n for n in ldn.plots.__all__ if name.startswith(n)), key=len)


def _code(function: object) -> str:
    """Give the body of a function without its docstring, as one would write it outside of one."""
    lines = inspect.getsource(function).splitlines(keepends=True)
    start = next(k for k, line in enumerate(lines) if line.rstrip().endswith('"""')) + 1
    return textwrap.dedent("".join(lines[start:])).replace("return ldn.plots", "figure, axes = ldn.plots")


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gallery", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["gallery"] = module  # inspect looks for the source there
    spec.loader.exec_module(module)
    return module
