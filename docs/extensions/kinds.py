"""The page of what fails loudly: kinds of input, how each is answered, and the tests that keep it so."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .text import cell, heading, table

TESTS = Path(__file__).parents[2] / "tests"
SECTIONS = ("Time", "Tables", "Paths", "Decisions", "The door", "Files", "The process", "SBML", "Words")


class Kept(NamedTuple):
    """A test that bears the mark of a kind."""

    kind: str
    sibling: str  # what the sibling is; "" for the kind itself
    test: str  # file::function, from the folder of tests


def kinds() -> dict[str, dict[str, str]]:
    """Return id -> section, input and answer."""
    return tomllib.loads((TESTS / "kinds.toml").read_text(encoding="utf-8"))


def kept() -> list[Kept]:
    """Return every mark of a kind on a test, read from the text of the tests."""
    found = []
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.kind(" in text:
            found += _marks(ast.parse(text), path.relative_to(TESTS).as_posix())
    return found


def _marks(tree: ast.Module, file: str) -> Iterator[Kept]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for call in (c for decorator in function.decorator_list for c in ast.walk(decorator)):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.kind":
                sibling = next((ast.literal_eval(k.value) for k in call.keywords if k.arg == "sibling"), "")
                yield Kept(ast.literal_eval(call.args[0]), sibling, f"{file}::{function.name}")


def page() -> str:
    """Write one table a section."""
    rows, marks = kinds(), kept()
    text = (
        "# What fails loudly\n\n"
        "Inputs that other tools, or an earlier version of this one, answered with a wrong number and no word. "
        f"Each of {len(rows)} kinds is answered right or refused, and a test keeps it so, with a test of a sibling.\n"
    )
    for section in SECTIONS:
        some = {k: row for k, row in rows.items() if row["section"] == section}
        if some:
            text += heading(section, 2)
            text += table(
                ["what goes in", "how it is answered", "kept by"],
                ([cell(r["input"]), cell(r["answer"]), _tests(k, marks)] for k, r in some.items()),
            )
    return text


def _tests(kind: str, marks: list[Kept]) -> str:
    """Write the tests of a kind, each sibling with what it is."""
    lines = (f"`{m.test}`" + (f" ({cell(m.sibling)})" if m.sibling else "") for m in marks if m.kind == kind)
    return "<br>".join(dict.fromkeys(lines))
