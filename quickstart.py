"""Compare 4.5 mg of naltrexone nightly with 50 mg daily for 28 days, from nothing but Python 3.11 or newer.

    python3 quickstart.py

makes a virtual environment beside this file (.venv-quickstart), installs the checkout into it, prints a table
of metrics, and writes results/compare.png and results/compare.nc. Further words go to `ldnsim compare`.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
RESULTS = ROOT / "results"
REGIMENS = ["4.5 mg at 22:00", "50 mg at 08:00"]
OLDEST = (3, 11)


def main(words):
    """Install, then run the comparison; return its exit code."""
    tool = environment(".venv-quickstart", str(ROOT)) / program("ldnsim")
    RESULTS.mkdir(exist_ok=True)
    files = ["--figure", str(RESULTS / "compare.png"), "--out", str(RESULTS / "compare.nc")]
    return subprocess.call([str(tool), "compare", *REGIMENS, "--days", "28", *files, *words], cwd=RESULTS)


def environment(name, *packages):
    """Make a virtual environment where there is none, install into it, and return its folder of programs."""
    if sys.version_info < OLDEST:
        sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0])
    folder = ROOT / name
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(programs / program("python"))
    if not (programs / program("python")).exists():
        say("making " + name)
        step([sys.executable, "-m", "venv", str(folder)], "on Debian and Ubuntu: apt install python3-venv")
    say("installing into " + name + ", a few minutes the first time")
    step([python, "-m", "pip", "install", "--quiet", *packages], "is the package index in reach?")
    return programs


def step(arguments, hint):
    """Run one command; leave with one line where it fails."""
    if subprocess.call(arguments):
        sys.exit("this failed: " + " ".join(arguments) + " (" + hint + ")")


def program(name):
    """File name of a program on this system."""
    return name + ".exe" if sys.platform == "win32" else name


def say(words):
    """Tell on stderr what takes time."""
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
