"""Which tests see a fault: those in which the code that would change is run and comes to something else.

In one run of the suite all faults stand beside the right code, which computes both and goes on with the right one.
So those that no test of the file or of its area catches need not be held against the whole suite one by one.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

LOG = "LDNSIM_FAULTS_SEEN"  # file that tests and the processes they start write to
COMPILED = {"part", "kernel", "entry", "helper", "instead", "intrinsic", "instruction"}  # decorators
MARKED = "runs compiled"  # said of those that something else compiles
PURE = {"abs", "bool", "float", "int", "isinstance", "len", "max", "min", "round", "str", "tuple"}
LOADING = "loading"  # stands for the test where a module is imported
_told: set[tuple[int, str]] = set()


def seen(fault: int, right: Any = None, wrong: Callable[[], Any] | None = None) -> Any:
    """Return what is right; write down the test that runs where the other would differ, or may."""
    test, _, phase = os.environ.get("PYTEST_CURRENT_TEST", LOADING).rpartition(" (")
    test = test.split("::")[0] if phase == "setup)" else test or LOADING  # others may share what is set up
    if (fault, test) not in _told and (wrong is None or _differs(right, wrong)):
        _told.add((fault, test))
        with open(os.environ[LOG], "a", encoding="utf-8") as file:
            file.write(f"{fault} {test}\n")
    return right


def _differs(right: Any, wrong: Callable[[], Any]) -> bool:
    try:
        other = wrong()
        if isinstance(right, np.ndarray) or isinstance(other, np.ndarray):
            return not np.array_equal(right, other, equal_nan=np.asarray(right).dtype.kind in "fc")
        return type(right) is not type(other) or not (right == other or (right != right and other != other))
    except Exception:  # so would the code at this place
        return True


class Change(NamedTuple):
    """A fault: its number, where it begins and ends in the text of a file, and what would stand there."""

    number: int
    start: int
    end: int
    new: str


def beside(text: str, changes: Iterable[Change]) -> tuple[str, set[int]]:
    """Put faults beside the right code of a file, one inside another too.

    Returns
    -------
    tuple of (str, set of int)
        The text, and the numbers of the faults in it: of those that are compiled, none.
    """
    compiled = [] if os.environ.get("NUMBA_DISABLE_JIT") == "1" else _compiled(text)
    asked = [c for c in changes if not any(a <= c.start < b for a, b in compiled)]
    asked.sort(key=lambda c: (c.start, -c.end))
    return _asking(text, 0, len(text), asked), {c.number for c in asked}


def _asking(text: str, start: int, end: int, changes: Sequence[Change]) -> str:
    """Return a stretch of the text in which each change is asked for."""
    parts = []
    while changes:
        first, *others = changes
        inner = [c for c in others if c.start < first.end]
        right = _asking(text, first.start, first.end, inner)
        seen = f"__import__('tests.reach').reach.seen({first.number}"
        beside, after = (
            f"{seen}, ({right}), lambda: {first.new})",
            f"({seen}), {right})[1]",
        )  # what is called may raise
        parts += [text[start : first.start], beside if _is_plain(first.new) else after]
        start, changes = first.end, others[len(inner) :]
    return "".join([*parts, text[start:end]])


def _is_plain(code: str) -> bool:
    """Whether code can be run twice: it calls nothing that may do more than compute."""
    nodes = list(ast.walk(ast.parse(code.strip(), mode="eval")))
    if any(isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom) for node in nodes):
        return False
    called = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    return all(name in PURE or name.startswith("math.") for name in called)


def _compiled(text: str) -> list[tuple[int, int]]:
    """Where functions that become machine code stand in a text."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return [
        (starts[node.lineno - 1], starts[node.end_lineno])
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        and (_is_marked(node, text) or {*map(_name, node.decorator_list)} & COMPILED)
    ]


def _is_marked(function: ast.FunctionDef, text: str) -> bool:
    return MARKED in text.splitlines()[function.lineno - 1]


def _name(decorator: ast.expr) -> str:
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(call).rpartition(".")[2]


def read(log: Path) -> dict[int, list[str]]:
    """Read which tests saw each fault; a whole file where what its tests share did."""
    found: dict[int, dict[str, None]] = {}
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        fault, _, test = line.partition(" ")
        found.setdefault(int(fault), {})[test] = None
    return {
        fault: [test for test in tests if "::" not in test or test.split("::")[0] not in tests]
        for fault, tests in found.items()
    }
