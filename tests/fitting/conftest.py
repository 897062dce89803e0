"""A one-compartment oral model and profiles of it."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

OWN = """model own
  A_gut' = -ka*A_gut; A' = ka*A_gut - CL/V*A; A_gut = 0; A = 0; ka = 1.5; CL = 2.7; V = 32
  Cp := A/V
end"""
TRUE = {"ka": 1.5, "CL": 2.7, "V": 32.0}
TIMES = (0.5, 1, 2, 4, 8, 12, 24)


def closed(t, dose, ka, CL, V):
    """Concentration after an oral dose."""
    k = CL / V
    return dose / V * ka / (ka - k) * (np.exp(-k * t) - np.exp(-ka * t)) * (t >= 0)


def simulated(n, seed, sd=None, sigma=0.1, times=TIMES, error="proportional"):
    """Profiles of people who differ: log-normal parameters, one error a measurement."""
    rng = np.random.default_rng(seed)
    sd = sd or {"ka": 0.4, "CL": 0.3, "V": 0.2}
    rows = []
    for i in range(n):
        own = {k: v * np.exp(sd.get(k, 0.0) * rng.standard_normal()) for k, v in TRUE.items()}
        t = np.array(times, dtype=float)
        f = closed(t, 300.0, **own)
        noise = rng.standard_normal(len(t))
        y = {
            "proportional": f * (1 + sigma * noise),
            "additive": f + sigma * noise,
            "lognormal": f * np.exp(sigma * noise),
        }[error]
        rows.append({"ID": f"s{i}", "TIME": 0.0, "AMT": 300.0, "DV": None, "WT": 70.0 + i})
        rows += [
            {"ID": f"s{i}", "TIME": a, "AMT": None, "DV": b, "WT": 70.0 + i}
            for a, b in zip(t, y, strict=True)
        ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="session")
def own():
    """Return the model."""
    return ldn.Model.from_antimony(OWN)


@pytest.fixture(scope="session")
def people():
    """Return the profiles of 12 people."""
    return ldn.read_data(simulated(12, seed=3))
