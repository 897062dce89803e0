"""Compare 4.5 mg of naltrexone nightly with 50 mg daily for 28 days, from nothing but Python 3.11 or newer.

    python3 quickstart.py

makes a virtual environment beside this file (.venv-quickstart), installs the checkout into it, prints a table
of metrics, and writes results/compare.png and results/compare.nc. Further words go to `ldnsim compare`.
Once the environment is complete nothing is downloaded any more: it is installed again only where the place
of the checkout, pyproject.toml or Python changed.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
RESULTS = ROOT / "results"
REGIMENS = ["4.5 mg at 22:00", "50 mg at 08:00"]
PANELS = ["mu_occupancy_peripheral", "mu_occupancy_brain", "opioid_tone"]  # of the figure, as in the README
OLDEST = (3, 11)
TESTS = r"site-packages.*[\\/]tests?[\\/]"


def main(words):
    """Install, then run the comparison; return its exit code."""
    tool = environment(".venv-quickstart", "--editable", str(ROOT)) / program("ldnsim")
    RESULTS.mkdir(exist_ok=True)
    files = ["--figure", str(RESULTS / "compare.png"), "--out", str(RESULTS / "compare.nc")]
    files += [word for name in PANELS for word in ("--panel", name)]
    return subprocess.call([str(tool), "compare", *REGIMENS, "--days", "28", *files, *words], cwd=RESULTS)


def environment(name, *packages):
    """Make a virtual environment and install into it, unless that is done; return its folder of programs."""
    if sys.version_info < OLDEST:
        sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0])
    folder = ROOT / name
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python, done = programs / program("python"), folder / "complete"
    wanted = fingerprint(packages)
    if python.exists() and done.exists() and done.read_text() == wanted:
        return programs
    done.unlink(missing_ok=True)
    if not python.exists():
        say("making " + name)
        step([sys.executable, "-m", "venv", str(folder)], "on Debian and Ubuntu: apt install python3-venv")
    say("installing into " + name + ", a few minutes the first time")
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-compile", *packages]
    step(install, "is the package index in reach?")
    # pip compiles on one core, tests of the packages too; what is not compiled here is when first imported
    compiled = [str(python), "-W", "ignore", "-m", "compileall", "-qq", "-j", "0", "-x", TESTS]
    subprocess.call([*compiled, str(folder / "lib")])
    done.write_text(wanted)
    return programs


def fingerprint(packages):
    """Say what an environment is made from: its packages, what they need, and Python."""
    needs = (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(repr((packages, sys.version, needs)).encode()).hexdigest()


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
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
