"""A small model with a closed form: one dose is absorbed and eliminated, and some of it blocks receptors."""

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
  endorphin := 1 + mu_occupancy_peripheral
end
"""


@pytest.fixture(scope="session")
def toy():
    model = ldn.Model.from_antimony(TOY)
    table = ldn.load_model("ldn").readouts
    return model.with_readouts(table[table.variable.isin(model.observables)])


@pytest.fixture
def week():
    return ldn.Regimen.every(4.5, ii=24, n=7, cmt="A", at="22:00")


@pytest.fixture(scope="session")
def people():
    rng = np.random.default_rng(3)
    draws = rng.lognormal(0, 0.3, (21, 2)) * [1.2, 0.2]
    return pd.DataFrame(draws, columns=["ka", "ke"], index=[f"p{k}" for k in range(21)])


def closed_form(t, ka, ke, doses, amount=4.5):
    """C of the toy."""
    since = np.maximum(np.asarray(t)[:, None] - doses, 0.0)
    return (amount * ka / (ka - ke) * (np.exp(-ke * since) - np.exp(-ka * since))).sum(axis=1)


@pytest.fixture(scope="session")
def exact():
    return closed_form
