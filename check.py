"""Run the tests, from nothing but Python 3.11 or newer.

    python3 check.py

makes a virtual environment beside this file (.venv-check) and installs the checkout into it with what the
tests need. Files of tests run side by side, one on each core. Further words go to pytest as they are:
`python3 check.py tests/plots -q`. A complete environment is used as it is; see quickstart.py.
"""

import subprocess
import sys

from quickstart import ROOT, environment, program


def main(words):
    """Install, then run pytest; return its exit code."""
    python = environment(".venv-check", "--editable", str(ROOT) + "[test]") / program("python")
    test = [str(python), "-m", "pytest"]
    if words:
        return subprocess.call([*test, *words], cwd=ROOT)
    beside = subprocess.call([*test, "-m", "not alone", "-n", "auto", "--dist", "loadfile"], cwd=ROOT)
    return beside or subprocess.call([*test, "-m", "alone"], cwd=ROOT)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
