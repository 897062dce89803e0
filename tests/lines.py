"""Count the lines of the package that tests run, and fail where they are fewer than `fail_under` of pyproject.toml.

    python -m pip install pytest-cov
    python -m tests.lines                     # everything, about two hours of one core
    python -m tests.lines --folder /tmp/lines # one that is stopped goes on there

Tests run folder by folder with a cold cache, so that what makes and compiles kernels is seen at work. No line is
seen of what runs as machine code; for that, the tests of the folders in `PLAIN` run a second time under
`NUMBA_DISABLE_JIT=1`, where the same functions are plain Python, the driver of the lanes too, and both are put
together. Kernels that were generated are no lines of the tree; those that generate them are.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLAIN = ("codegen", "engine", "readouts")  # tests of functions that are compiled
WHOLE = ["-m", "not alone", "-n", "auto", "--dist", "worksteal"]
PATIENT = ["-p", "tests.patience", *WHOLE]  # many that are slow for what they compile are fast without
LEAST = 12  # files that are named


def runs() -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Yield what pytest is run with: a name, its words and its environment."""
    tests = ROOT / "tests"
    folders = sorted({p.relative_to(tests).parts[0] for p in tests.glob("*/**/test_*.py")})
    yield "top", [*map(str, sorted(tests.glob("test_*.py"))), *WHOLE], {}
    for name in folders:
        yield name, [str(tests / name), *WHOLE], {}
    for name in PLAIN:
        yield f"{name}-plain", [str(tests / name), *PATIENT], {"NUMBA_DISABLE_JIT": "1"}


def run(folder: Path) -> list[str]:
    """Run what has not been run in a folder, and return the names of runs in which a test failed."""
    failed = []
    for name, words, more in runs():
        data, draft = folder / f"{name}.lines", folder / f"{name}.draft"
        if data.exists():
            continue
        own = {"COVERAGE_FILE": str(draft), "LDNSIM_CACHE_DIR": str(folder / "cache")} | more
        print(f"== {name}", flush=True)
        words = ["-q", "--cov", "--cov-report=", "--cov-fail-under=0", *words]
        if subprocess.call([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=os.environ | own):
            failed.append(name)
        else:
            draft.rename(data)
    return failed


def counted(folder: Path) -> tuple[dict[str, tuple[int, int]], float]:
    """Return lines that can run and lines that did, for each file, and the share that is asked for."""
    from coverage import Coverage

    seen = Coverage(data_file=str(folder / "together"), config_file=str(ROOT / "pyproject.toml"))
    seen.combine([str(p) for p in sorted(folder.glob("*.lines"))], keep=True)
    found = {}
    for path in sorted((ROOT / "ldnsim").rglob("*.py")):
        _, lines, _, missing, _ = seen.analysis2(str(path))
        found[path.relative_to(ROOT / "ldnsim").as_posix()] = len(lines), len(lines) - len(missing)
    return found, float(seen.get_option("report:fail_under"))


def table(found: dict[str, tuple[int, int]]) -> str:
    """Return a table for each subpackage, then the least covered files, as Markdown."""
    lines, ran = Counter(), Counter()
    for path, (every, some) in found.items():
        part = path.partition("/")[0] if "/" in path else "(modules)"
        lines[part] += every
        ran[part] += some
    rows = [f"| {p} | {lines[p]} | {ran[p]} | {100 * ran[p] / lines[p]:.1f} |" for p in lines]
    rows.append(f"| all | {lines.total()} | {ran.total()} | {share(found):.1f} |")
    least = sorted((n for n in found if found[n][0]), key=lambda n: found[n][1] / found[n][0])[:LEAST]
    names = [f"{n}: {found[n][1]} of {found[n][0]}" for n in least]
    head = ["| part | lines | run | % |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows, "", "Least of all: " + "; ".join(names), ""])


def share(found: dict[str, tuple[int, int]]) -> float:
    """Return the percentage of lines that ran."""
    return 100 * sum(some for _, some in found.values()) / sum(every for every, _ in found.values())


def main() -> int:
    """Run, put together, report."""
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument("--folder", type=Path, help="where a run that was stopped goes on")
    ask.add_argument("--out", type=Path, help="a file to which the table is added")
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="ldnsim-lines-") as own:
        folder = asked.folder or Path(own)
        folder.mkdir(exist_ok=True)
        failed = run(folder)
        found, least = counted(folder)
    text = table(found)
    print(text)
    if asked.out:
        with asked.out.open("a", encoding="utf-8") as file:
            file.write(text)
    if failed:
        print("tests failed in", ", ".join(failed))
    if share(found) < least:
        print(f"{share(found):.2f} % of lines ran, fewer than {least:g} %")
    return int(bool(failed) or share(found) < least)


if __name__ == "__main__":
    sys.exit(main())
