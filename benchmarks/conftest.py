"""What the timed tests share; also lets ``pytest benchmarks`` find this folder as a package."""

import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:
    sys.path.append(ROOT)


@pytest.fixture(scope="session")
def ldn():
    import ldnsim

    return ldnsim


@pytest.fixture(scope="session")
def bench19():
    from benchmarks.cases import CASES

    return CASES["bench19"]()


@pytest.fixture(scope="session")
def patients(ldn):
    """The shipped model, LDN at 22:00 for 28 days, 1000 virtual patients."""
    model = ldn.load_model("ldn")
    return model, ldn.Regimen.daily(4.5, days=28, at="22:00"), ldn.population(model, n=1000, seed=7)
