"""Plant faults in a copy of the tree and see whether the tests that concern each one catch it.

Run it from the repository:

    python -m tests.mutation --faults 60 --seed 1          # drawn from a fixed seed, or from several
    python -m tests.mutation --seed 2 --near               # the tests of the file and of its area only, in minutes
    python -m tests.mutation --named                       # faults that once slipped through
    python -m tests.mutation --folder /tmp/faults          # one that is stopped goes on there

A fault changes one operator, number or argument of one line. What no test catches is printed as a diff; one that
changes nothing anybody could see is listed with its reason in `tests/mutation.toml`. The exit code is 1 where
fewer than 95 % are caught.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import hashlib
import json
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests import reach
from tests.planting import Copy, stages_of

ROOT = Path(__file__).parents[1]
AREAS = ("model", "engine", "codegen", "readouts", "regimen", "simulation", "study", "fitting", "data")
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

FEW = 3  # stages of tests that every fault meets; then the tests of the whole suite that see it
COMMUTING = (
    "min", "max", "isclose", "minimum", "maximum", "gcd", "lcm", "fadd", "fmul", "add", "mul", "array_equal", "hypot",
)  # fmt: skip


class Fault(NamedTuple):
    """One text in one file that is exchanged for another."""

    path: str
    start: int
    end: int
    new: str

    def planted(self, text: str) -> str:
        """Return the text of the file with the fault."""
        return text[: self.start] + self.new + text[self.end :]

    @property
    def key(self) -> tuple[str, str]:
        """File and lines that differ, wherever they stand."""
        return self.path, self.diff().split("\n", 1)[-1].strip()

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
            if ast.dump(new) == ast.dump(node):
                continue
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
        and ast.unparse(node.func).rpartition(".")[2] not in COMMUTING
    ):
        yield ast.Call(node.func, node.args[::-1], node.keywords)


def drawn(count: int, seed: int, areas: tuple[str, ...]) -> list[Fault]:
    """Draw faults, as many of each area; what changes elsewhere in the tree leaves most of a draw as it is."""
    found = []
    for k, area in enumerate(areas):
        every = [f for p in sorted((ROOT / "ldnsim" / area).rglob("*.py")) for f in faults_of(p)]
        lots = {"\n".join(f.key): f for f in every}
        order = sorted(lots, key=lambda text: hashlib.sha256(f"{seed} {text}".encode()).digest())
        found += [lots[x] for x in order[: count // len(areas) + (k < count % len(areas))]]
    return found


def named() -> list[tuple[str, str, str, list[str], str]]:
    """Return the faults of `tests/mutation.toml`: file, old and new text, tests, what they are."""
    table = tomllib.loads((ROOT / "tests" / "mutation.toml").read_text(encoding="utf-8"))
    return [(f["path"], f["old"], f["new"], f["tests"], name) for name, f in table["named"].items()]


def reasons() -> dict[tuple[str, str], str]:
    """Return why faults that change nothing to be seen are none, by file and diff."""
    table = tomllib.loads((ROOT / "tests" / "mutation.toml").read_text(encoding="utf-8"))
    return {(e["path"], e["diff"].strip()): e["reason"] for e in table.get("equivalent", [])}


def asked_for(asked: argparse.Namespace) -> list[tuple[Fault, list[list[str]]]]:
    """Return faults and the tests to run for each."""
    if not asked.named:
        every = [f for seed in asked.seed for f in drawn(asked.faults, seed, tuple(asked.areas))]
        return [(f, stages_of(f.path)) for f in every]
    work = []
    for path, old, new, tests, _ in named():
        start = (ROOT / path).read_text(encoding="utf-8").index(old)
        work.append((Fault(path, start, start + len(old), new), [tests]))
    return work


class Run:
    """Faults that are planted, and what became of each: the test that caught it, why it is none, or nothing yet."""

    def __init__(self, folder: Path, limit: float) -> None:
        self.log, self.copy = folder / "caught.jsonl", Copy(folder, limit)
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        self.before = {(path, change): test for path, change, test in map(json.loads, lines)}

    def fates(self, work: list[tuple[Fault, list[list[str]]]], near: bool = False) -> list[str]:
        """Run the nearest tests of all faults, then those farther away of the faults that are left, then all."""
        known = reasons()
        fates = {f: "equivalent" if f.key in known else self.before.get(f.key, "") for f, _ in work}
        for stage in range(FEW):
            for fault, stages in work:
                if not fates[fault] and stages[stage:] and stages[stage]:
                    self._asked(fates, fault, stages[stage], str(stage), slow=stage == 0)
        left = [(fault, stages[FEW:]) for fault, stages in work if not fates[fault] and len(stages) > FEW]
        for fault, tests, stage in [] if near else self._of_the_suite(left):
            self._asked(fates, fault, tests, stage, slow=False)
        return [fates[fault] for fault, _ in work]

    def _asked(self, fates: dict[Fault, str], fault: Fault, tests: list[str], stage: str, slow: bool) -> None:
        fates[fault] = self._planted(fault, tests, slow) if tests else ""
        print(f"{stage} {fault.path}: {fates[fault] or 'slipped'}", flush=True)

    def _of_the_suite(self, left: list[tuple[Fault, list[list[str]]]]) -> list[tuple[Fault, list[str], str]]:
        """Return the tests of the whole suite that see each fault; of those that cannot be seen, all of its area."""
        places: dict[str, list[reach.Change]] = {}
        for k, (fault, _) in enumerate(left):
            print(f"to be held against the suite: {fault.path}\n{fault.diff()}", flush=True)
            places.setdefault(fault.path, []).append(reach.Change(k, fault.start, fault.end, fault.new))
        placed, seen = self.copy.sees(places)
        found = []
        for k, (fault, stages) in enumerate(left):
            tests = seen.get(k, [])
            if k in placed and reach.LOADING not in tests:
                found.append((fault, tests, f"seen by {len(tests)}"))
            else:
                found.append((fault, [t for stage in stages for t in stage], str(FEW)))
        return found

    def _planted(self, fault: Fault, tests: list[str], slow: bool) -> str:
        test = self.copy.catches(fault.path, fault.planted, tests, slow)
        if test:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps([*fault.key, test]) + "\n")
        return test


def main() -> int:
    """Plant, run, report."""
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument("--faults", type=int, default=60)
    ask.add_argument("--seed", type=int, nargs="+", default=[1])
    ask.add_argument("--areas", nargs="+", default=AREAS, choices=AREAS)
    ask.add_argument("--named", action="store_true", help="only those that once slipped through")
    ask.add_argument("--near", action="store_true", help="only the nearest tests and those of the area")
    ask.add_argument("--folder", type=Path, help="where a run that was stopped goes on")
    ask.add_argument(
        "--limit", type=float, default=300.0, help="seconds a test; one that hangs catches a fault"
    )
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="ldnsim-mutation-") as folder:
        work = asked_for(asked)
        fates = Run(asked.folder or Path(folder), asked.limit).fates(work, asked.near)
    each = len(work) if asked.named else asked.faults
    counts = [told(work[k : k + each], fates[k : k + each]) for k in range(0, len(work), each)]
    return int(any(caught < GOAL * counted for caught, counted in counts))


def told(work: list[tuple[Fault, list[list[str]]]], fates: list[str]) -> tuple[int, int]:
    """Print what slipped through of one draw; return how many faults were caught, and of how many."""
    for (fault, _), fate in zip(work, fates, strict=True):
        if not fate:
            print(f"SLIPPED {fault.path}\n{fault.diff()}")
    slipped, same = fates.count(""), fates.count("equivalent")
    counted = len(fates) - same
    print(f"{counted - slipped} of {counted} caught; {same} more change nothing that can be seen", flush=True)
    return counted - slipped, counted


if __name__ == "__main__":
    sys.exit(main())
