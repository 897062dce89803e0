"""Run the tests, from nothing but Python 3.11 or newer.

    python3 check.py
    python3 check.py --slow

makes a virtual environment beside this file (.venv-check) and installs the checkout into it with what the
tests need. Tests run side by side, one on each core; those marked slow (endurance, whole pages and notebooks,
compilers of others) only where they are asked for, and CI asks for both. Other words go to pytest as they are:
`python3 check.py tests/plots -q`. A complete environment is used as it is; see quickstart.py.
"""

import subprocess
import sys

from quickstart import ROOT, environment, program

BESIDE = ["-n", "auto", "--dist", "worksteal"]
CHOSEN = {
    (): [["-m", "not slow and not alone", *BESIDE], ["-m", "not slow and alone"]],
    ("--slow",): [["-m", "slow and not alone", *BESIDE]],
}


def main(words):
    """Install, then run pytest; return its first exit code that is not 0."""
    python = environment(".venv-check", "--editable", str(ROOT) + "[test]") / program("python")
    for chosen in CHOSEN.get(tuple(words), [words]):
        code = subprocess.call([str(python), "-m", "pytest", *chosen], cwd=ROOT)
        if code:
            return code
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
