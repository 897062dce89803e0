"""Run the tests, from nothing but Python 3.11 or newer.

    python3 check.py
    python3 check.py --slow

makes a virtual environment beside this file (.venv-check) and installs the checkout into it with what the
tests need. Files of tests run side by side, one more than there are cores. Tests marked slow (endurance,
whole pages and notebooks, compilers of others) run only where they are asked for; CI asks for both. Other
words go to pytest: `python3 check.py tests/plots -q`. A complete environment is used as it is; see quickstart.py.
"""

import os
import subprocess
import sys

from quickstart import ROOT, environment, program

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
BESIDE = ["-n", str(CORES + 1), "--dist"]  # some tests wait: for a browser, or for a process that they start


def main(words):
    """Install, then run pytest; return its first exit code that is not 0."""
    python = environment(".venv-check", "--editable", str(ROOT) + "[test]") / program("python")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each process that tests start would compile the package anew
    for chosen in runs(words):
        code = subprocess.call([str(python), "-m", "pytest", *chosen], cwd=ROOT)
        if code:
            return code
    return 0


def runs(words):
    """Words for pytest, for each of its runs; together the first two forms run every test once."""
    if not words:
        return [["-m", "not slow and not alone", *BESIDE, "loadfile"], ["-m", "alone", *files("alone")]]
    if words == ["--slow"]:
        return [["-m", "slow and not alone", *BESIDE, "worksteal", *files("slow")]]
    return [words]


def files(mark):
    """Files with tests that bear a mark: only these are loaded."""
    every = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(p.relative_to(ROOT)) for p in every if "mark." + mark in p.read_text(encoding="utf-8")]


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
