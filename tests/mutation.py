"""Plant faults in a copy of the tree and see whether the tests that concern each one catch it.

Run it from the repository:

    python tests/mutation.py --faults 60 --seed 1          # drawn from a fixed seed
    python tests/mutation.py --named                       # faults that once slipped through

A fault changes one operator, number or argument of one line. What no test catches is printed as a diff; one that
changes nothing anybody could see is listed with its reason in `tests/mutation.toml`. The exit code is 1 where
fewer than 95 % are caught.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
AREAS = ("model", "engine", "codegen", "readouts", "regimen", "simulation", "study", "fitting", "data")
# Fast tests of an area, after those whose names mirror the file.
SMOKE = {
    "engine": [
        "engine/test_solve.py", "engine/test_events.py", "oracles/test_closed_form.py", "codegen/test_events.py",
        "simulation/test_lots.py", "engine/lanes/test_agreement.py",
    ],
    "codegen": ["codegen/test_kernels.py", "codegen/test_events.py", "engine/lanes/test_agreement.py"],
    "model": ["model/test_document.py", "model/test_semantics.py", "model/test_model.py"],
    "readouts": ["readouts/test_measure.py", "readouts/test_summarize.py", "inference/test_own_readouts.py"],
    "simulation": ["simulation/test_simulate.py", "simulation/test_dosing.py", "oracles/test_nonmem.py"],
}  # fmt: skip
GOAL = 0.95
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
WORDS = ("bad", "unknown", "warn_user", "one_of", "instance", "a_list")  # calls that only make sentences


class Fault(NamedTuple):
    """One text in one file that is exchanged for another."""

    path: str
    start: int
    end: int
    new: str

    def planted(self, text: str) -> str:
        """Return the text of the file with the fault."""
        return text[: self.start] + self.new + text[self.end :]

    def diff(self) -> str:
        """Return the lines that differ."""
        text = (ROOT / self.path).read_text(encoding="utf-8")
        lines = difflib.unified_diff(
            text.splitlines(), self.planted(text).splitlines(), self.path, "", "", "", 0, ""
        )
        return "\n".join(list(lines)[2:])


def faults_of(path: Path) -> Iterator[Fault]:
    """Yield all faults that can be planted in a file."""
    text = path.read_text(encoding="utf-8")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    raw = text.encode()

    def place(line: int, column: int) -> int:
        return len(raw[: starts[line - 1] + column].decode())

    for node in _code(ast.parse(text)):
        for new in _changed(node):
            start, end = place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)
            yield Fault(str(path.relative_to(ROOT)), start, end, f"({ast.unparse(new)})")


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs: no docstrings, annotations, messages or texts."""
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.Assert | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORDS:
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _code(child)


def _changed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the node with one thing changed."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
        yield ast.Compare(node.left, [COMPARISONS[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        if not any(
            isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right)
        ):
            yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value == node.value:
        yield ast.Constant(node.value + 1 if isinstance(node.value, int) else node.value * 1.1 + 0.01)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif (
        isinstance(node, ast.Call)
        and len(node.args) == 2
        and not any(isinstance(a, ast.Starred) for a in node.args)
    ):
        yield ast.Call(node.func, node.args[::-1], node.keywords)


def drawn(count: int, seed: int, areas: tuple[str, ...]) -> list[Fault]:
    """Draw faults, as many of each area."""
    lots, found = random.Random(seed), []
    for k, area in enumerate(areas):
        every = [f for p in sorted((ROOT / "ldnsim" / area).rglob("*.py")) for f in faults_of(p)]
        found += lots.sample(every, min(len(every), count // len(areas) + (k < count % len(areas))))
    return found


def tests_of(path: str) -> list[str]:
    """Return the tests that concern a file: of its name, then those that import it, then fast ones of its area."""
    file = Path(path).relative_to("ldnsim")
    folder, area = ROOT / "tests" / file.parent, file.parts[0]
    mirror = [folder / f"test_{file.stem.lstrip('_')}.py"]
    module = ".".join(("ldnsim", *file.with_suffix("").parts))
    every = sorted((ROOT / "tests" / area).rglob("test_*.py"))
    importing = [
        p for p in every if module in p.read_text(encoding="utf-8") or f"import {file.stem}" in p.read_text()
    ]
    smoke = [ROOT / "tests" / name for name in SMOKE.get(area, [])]
    rest = [] if area in SMOKE else every
    return [
        str(p.relative_to(ROOT)) for p in dict.fromkeys([*mirror, *importing, *smoke, *rest]) if p.exists()
    ]


class Copy:
    """A copy of the tree in which faults are planted one after another."""

    def __init__(self, folder: Path, timeout: float) -> None:
        self.folder, self.timeout = folder, timeout
        ask = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]  # new tests too
        listed = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in listed.splitlines():
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    def catches(self, path: str, text: str, tests: list[str]) -> str:
        """Say how tests fail with this text in a file; empty where they pass."""
        before = (self.folder / path).read_text(encoding="utf-8")
        (self.folder / path).write_text(text, encoding="utf-8")
        try:
            return self._failure(tests)
        finally:
            (self.folder / path).write_text(before, encoding="utf-8")

    def _failure(self, tests: list[str]) -> str:
        here = {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=os.environ | here,
                timeout=self.timeout,
                capture_output=True,
                text=True,
            )
        except subprocess.TimeoutExpired:
            return "timeout"
        if done.returncode == 5:
            raise SystemExit(f"no tests ran: {' '.join(tests)}")
        failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return (failed or ["the run broke off"])[0] if done.returncode else ""


def named() -> list[tuple[str, str, str, list[str], str]]:
    """Return the faults of `tests/mutation.toml`: file, old and new text, tests, what they are."""
    table = tomllib.loads((ROOT / "tests" / "mutation.toml").read_text(encoding="utf-8"))
    return [(f["path"], f["old"], f["new"], f["tests"], name) for name, f in table["named"].items()]


def reasons() -> dict[tuple[str, str], str]:
    """Return why faults that change nothing to be seen are none, by file and diff."""
    table = tomllib.loads((ROOT / "tests" / "mutation.toml").read_text(encoding="utf-8"))
    return {(e["path"], e["diff"].strip()): e["reason"] for e in table.get("equivalent", [])}


def main() -> int:
    """Plant, run, report."""
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument("--faults", type=int, default=60)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--areas", nargs="+", default=AREAS, choices=AREAS)
    ask.add_argument("--timeout", type=float, default=600.0, help="seconds a fault; one that hangs is caught")
    ask.add_argument("--named", action="store_true", help="only those that once slipped through")
    asked = ask.parse_args()
    work = []
    for path, old, new, tests, _ in named() if asked.named else ():
        start = (ROOT / path).read_text(encoding="utf-8").index(old)
        work.append((Fault(path, start, start + len(old), new), tests))
    if not asked.named:
        work = [(f, tests_of(f.path)) for f in drawn(asked.faults, asked.seed, tuple(asked.areas))]
    known, slipped, counted = reasons(), 0, 0
    with tempfile.TemporaryDirectory(prefix="ldnsim-mutation-") as folder:
        copy = Copy(Path(folder), asked.timeout)
        for fault, tests in work:
            diff = fault.diff()
            if (fault.path, diff.split("\n", 1)[-1].strip()) in known:
                continue
            text = fault.planted((ROOT / fault.path).read_text(encoding="utf-8"))
            failure, counted = copy.catches(fault.path, text, tests), counted + 1
            slipped += not failure
            print(f"{'caught ' if failure else 'SLIPPED'} {fault.path} {failure[:100]}", flush=True)
            if not failure:
                print(f"{diff}\n  ran: {' '.join(tests)}", flush=True)
    print(f"{counted - slipped} of {counted} caught")
    return int(counted - slipped < GOAL * counted)


if __name__ == "__main__":
    sys.exit(main())
