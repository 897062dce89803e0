"""Run the tests that concern a file of a copy of the tree, nearest first, until one fails.

As a plugin of pytest it ends a run whose test hangs, in machine code too, and leaves the name of that test.
"""

from __future__ import annotations

import compileall
import faulthandler
import os
import py_compile
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests import reach

ROOT = Path(__file__).parents[1]
ORACLES = ROOT.parent / "shared" / "oracles"
LIMIT, PLACE = "LDNSIM_TEST_SECONDS", "LDNSIM_TEST_NOW"
FAST = "not slow and not alone"
# Fails with every change of a text that is compiled, whatever it does.
OF_TEXTS = "tests/engine/test_machine.py::test_what_is_prepared_is_of_the_sources_at_hand"
# Fast tests of an area, after those of the file itself.
SMOKE = {
    "engine": [
        "engine/test_solve.py", "engine/test_events.py", "oracles/test_closed_form.py", "codegen/test_events.py",
        "simulation/test_lots.py", "engine/lanes/test_agreement.py",
    ],
    "codegen": ["codegen/test_kernels.py", "codegen/test_events.py", "engine/lanes/test_agreement.py"],
    "model": ["model/test_document.py", "model/test_semantics.py", "model/test_model.py"],
    "readouts": ["readouts/test_measure.py", "readouts/test_summarize.py", "inference/test_own_readouts.py"],
    "simulation": [
        "simulation/test_simulate.py", "simulation/test_dosing.py", "oracles/test_nonmem.py",
        "simulation/test_refusals.py",
    ],
}  # fmt: skip
# Folders whose tests rest on an area.
USERS = {
    "model": ["codegen", "models", "exchange", "oracles", "simulation", "cli"],
    "engine": ["codegen", "oracles", "simulation", "inference", "fitting"],
    "codegen": ["engine", "oracles", "simulation", "inference", "webpage", "exchange"],
    "readouts": ["simulation", "inference", "data", "study", "webpage"],
    "regimen": ["simulation", "oracles", "readouts", "data", "cli"],
    "simulation": ["oracles", "readouts", "inference", "fitting", "sweeps", "exchange", "study", "plots"],
    "study": ["cli", "plots", "models"],
    "fitting": ["exchange", "cli", "plots"],
    "data": ["fitting", "plots", "cli"],
}
# Tests of no folder: of what many areas come together in.
SHARED = ("errors", "formulation", "library", "memory", "result", "subjects")


def pytest_runtest_protocol(item):
    limit = os.environ.get(LIMIT)
    if limit:
        Path(os.environ[PLACE]).write_text(item.nodeid, encoding="utf-8")
        faulthandler.dump_traceback_later(float(limit), exit=True)


def stages_of(path: str) -> list[list[str]]:
    """Return the tests that concern a file: of its name or importing it, fast ones of its area, others of it, all.

    The ledger of its area goes before them."""
    file = Path(path).relative_to("ldnsim")
    tests, area = ROOT / "tests", file.parts[0]
    mirror = tests / file.parent / f"test_{file.stem.lstrip('_')}.py"
    module = ".".join(("ldnsim", *file.with_suffix("").parts))
    own = sorted((tests / area).rglob("test_*.py"))
    near = [tests / area / "test_ledger.py", mirror]
    near += [p for p in own if _imports(p.read_text(encoding="utf-8"), module)]
    fast = [tests / name for name in SMOKE.get(area, [])] or own
    users = [p for user in USERS[area] for p in sorted((tests / user).rglob("test_*.py"))]
    users += [tests / f"test_{name}.py" for name in SHARED]
    stages, seen = [], set()
    for stage in (near, fast, own, users):
        new = [p for p in dict.fromkeys(stage) if p.exists() and p not in seen]
        seen.update(new)
        stages.append([str(p.relative_to(ROOT)) for p in new])
    return stages


def _imports(text: str, module: str) -> bool:
    package, _, name = module.rpartition(".")
    return module in text or bool(re.search(rf"from {package} import .*\b{name}\b", text))


class Copy:
    """A copy of the tree in which faults are planted one after another.

    Parameters
    ----------
    folder : Path
        Where the copy and the kernels compiled for it are; what an earlier run left there serves again.
    limit : float
        Seconds that one test may take.
    """

    def __init__(self, folder: Path, limit: float) -> None:
        self.tree, self.limit = folder / "tree", limit
        self._now, self._cache = folder / "now", folder / "cache"
        self._passing: dict[str, bool] = {}
        ask = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]  # new tests too
        listed = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        shutil.rmtree(self.tree, ignore_errors=True)
        for name in listed.splitlines():
            if (ROOT / name).is_file():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.tree / name)
        by_content = py_compile.PycInvalidationMode.CHECKED_HASH  # never that of a fault of the same second
        compileall.compile_dir(self.tree / "ldnsim", quiet=1, invalidation_mode=by_content)

    def catches(self, path: str, planted: Callable[[str], str], tests: list[str], slow: bool) -> str:
        """Say which test fails with the fault in a file and passes without it; empty where none does."""
        before = (self.tree / path).read_text(encoding="utf-8")
        (self.tree / path).write_text(planted(before), encoding="utf-8")
        try:
            failed = self._failure(tests, slow)
        finally:
            (self.tree / path).write_text(before, encoding="utf-8")
        if failed and not self._passes(failed.split(" ", 1)[1]):
            raise SystemExit(f"{failed} without a fault too")
        return failed

    def sees(
        self, faults: dict[str, list[reach.Change]], tests: Sequence[str] = ("tests",)
    ) -> tuple[set[int], dict[int, list[str]]]:
        """Run tests, the whole suite by default, with the faults of some files beside the right code.

        Returns
        -------
        tuple
            Faults that can be asked for in this way, and the tests that see each; none sees one that is missing.
        """
        log, before, placed = self.tree.parent / "seen", {}, set()
        log.unlink(missing_ok=True)
        for path, some in faults.items():
            before[path] = (self.tree / path).read_text(encoding="utf-8")
            text, there = reach.beside(before[path], some)
            (self.tree / path).write_text(text, encoding="utf-8")
            placed |= there
        try:
            if placed:
                self._pytest(["-m", FAST, *tests], {reach.LOG: str(log)})
        finally:
            for path, text in before.items():
                (self.tree / path).write_text(text, encoding="utf-8")
        return placed, reach.read(log)

    def _passes(self, test: str) -> bool:
        if test not in self._passing:
            self._passing[test] = not self._failure([test], slow=True)
        return self._passing[test]

    def _failure(self, tests: list[str], slow: bool) -> str:
        """Run tests until one fails, and say how and which."""
        words = ["-x", "-p", "tests.planting", "-m", "not alone" if slow else FAST, *tests]
        self._now.write_text(tests[0], encoding="utf-8")
        done = self._pytest(words, {LIMIT: str(self.limit), PLACE: str(self._now)})
        if done.returncode in (0, 5):  # passed, or all of them slow
            return ""
        failed = [x for x in done.stdout.splitlines() if x.startswith(("FAILED ", "ERROR "))]
        if failed:
            return failed[0].split(" - ")[0]
        how = "HUNG" if "Timeout (" in done.stderr else "CRASHED"
        return f"{how} {self._now.read_text(encoding='utf-8')}"

    def _pytest(self, words: list[str], more: dict[str, str]) -> subprocess.CompletedProcess:
        own = {
            "PYTHONPATH": str(self.tree), "PYTHONDONTWRITEBYTECODE": "1", "LDNSIM_CACHE_DIR": str(self._cache)
        }  # fmt: skip
        if ORACLES.is_dir():  # beside the tree, as its tests look for them
            own |= {"LDNSIM_ORACLES": os.environ.get("LDNSIM_ORACLES", str(ORACLES))}
        ask = [sys.executable, "-m", "pytest", "-q", "--deselect", OF_TEXTS, *words]
        return subprocess.run(ask, cwd=self.tree, env=os.environ | own | more, capture_output=True, text=True)
