"""Draws over the whole uncertainty of the shipped model, and the regimens whose pattern it must show."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn


@pytest.fixture(scope="session")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="session")
def draws(model):
    """64 subjects: every number with a spread is drawn from it, inside its bounds."""
    table = model.parameters
    spread = np.log(table["uncertainty_gsd"].fillna(1)) + table["iiv_cv"].fillna(0)
    table = table[spread > 0]
    z = np.random.default_rng(11).standard_normal((64, len(table)))
    values = table["value"].to_numpy() * np.exp(z * spread[table.index].to_numpy())
    lower, upper = table["lower"].fillna(-np.inf).to_numpy(), table["upper"].fillna(np.inf).to_numpy()
    return pd.DataFrame(np.clip(values, lower, upper), columns=table.index)


@pytest.fixture(scope="session")
def doses():
    """Four weeks at bedtime, and four more days without, from rest."""
    return {f"{dose:g} mg": ldn.Regimen.daily(dose, days=28, at="22:00") for dose in (0.5, 1.5, 3, 4.5, 50)}
