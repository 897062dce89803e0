"""Kept code is never older than what writes it: each file that has a say in it has one in its key."""

import ast
from pathlib import Path

import ldnsim
from ldnsim.codegen.origins import FILES

PACKAGE = Path(ldnsim.__file__).parent
WRITERS = ("generate.py", "tangent.py", "lanes/build.py", "lanes/source.py")
# They refuse, find files or count what is a number, and write nothing.
SILENT = ("__init__.py", "errors.py", "cachedir.py", "numeric.py")


def imported(path):
    """The files of the package that a file imports, wherever in it, but for the types."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = path.parents[node.level - 1].joinpath(*(node.module or "").split(".") if node.module else ())
            for place in (folder, *(folder / name.name for name in node.names)):
                if place.with_suffix(".py").is_file():
                    yield place.with_suffix(".py")


def test_all_that_writes_code_is_in_the_key_of_kept_code():
    seen, left = set(), [PACKAGE / "codegen" / writer for writer in WRITERS]
    while left:
        path = left.pop()
        if path not in seen and path.relative_to(PACKAGE).parts[0] not in SILENT:
            seen.add(path)
            if path.relative_to(PACKAGE).parts[0] != "engine":  # of which constants are taken
                left += imported(path)
    assert PACKAGE / "model" / "equations.py" in seen
    assert sorted(seen - {*FILES}) == []
