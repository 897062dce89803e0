"""CPU seconds until the first results, in new processes: of a new installation, and of one that has run before.

    python -m benchmarks.start [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile

STEPS = """
import time
import ldnsim as ldn
model, daily = ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=1)
def now(): print(time.process_time())
ds = ldn.simulate(model, daily); now()
ldn.summarize(ds); now()
ldn.simulate(model, daily, subjects=ldn.population(model, n=100, seed=7)); now()
"""
NAMES = "a course", "metrics", "a population"


def seconds(cache: str) -> list[float]:
    """Run the steps in a process of its own; return its CPU seconds after each.

    Python may keep the bytecode of modules, as pip and a first process do: the least of some rounds has it.
    """
    own = os.environ | {"LDNSIM_CACHE_DIR": cache}
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run([sys.executable, "-c", STEPS], env=own, check=True, text=True, capture_output=True)
    return [float(line) for line in done.stdout.split()]


def main() -> None:
    """Print the least of some rounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    new, again = [], []
    for _ in range(parser.parse_args().rounds):
        with tempfile.TemporaryDirectory() as cache:
            new.append(seconds(cache))
            again.append(seconds(cache))
    for name, rounds in (("a new installation", new), ("a second process", again)):
        told = ", ".join(f"{what} after {min(r[k] for r in rounds):.2f}" for k, what in enumerate(NAMES))
        print(f"{name}: {told} CPU s")


if __name__ == "__main__":
    main()
