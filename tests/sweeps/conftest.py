"""A small model with a closed form, and a grid over it."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

TOY = """
model toy()
  A' = -ka*A
  C' = ka*A - ke*C
  A = 0; C = 0
  ka = 1.2; ke = 0.2; V = 10; K = 20
  plasma_naltrexone := 1000*C/V
  mu_occupancy_peripheral := plasma_naltrexone/(plasma_naltrexone + K)
end
"""


@pytest.fixture(scope="session")
def toy():
    model = ldn.Model.from_antimony(TOY)
    table = ldn.load_model("ldn").readouts
    return model.with_readouts(table[table.variable.isin(model.observables)])


@pytest.fixture(scope="session")
def people():
    rng = np.random.default_rng(3)
    return pd.DataFrame(rng.lognormal(0, 0.3, (12, 2)) * [1.2, 0.2], columns=["ka", "ke"])


@pytest.fixture
def plan(people):
    """Keyword arguments of a sweep of 3 x 2 x 2 points and 12 people, in several chunks."""
    over = {"V": [8.0, 12.0], "dose": [1.5, 4.5, 50.0], "at": ["08:00", "22:00"]}
    return {
        "over": over, "days": 3, "cmt": "A", "subjects": people, "metrics": ["cmax", "auc"], "chunk": 16,
        "progress": False,
    }  # fmt: skip
