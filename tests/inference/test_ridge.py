"""Slope, reserve and challenge trade against each other; occupancy stays what the scans make it."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.inference.ridge import ridge


@pytest.fixture(scope="module")
def found():
    return ridge(ldn.load_model("ldn"), slopes=(1, 4))


def test_a_plain_receptor_misses_what_a_steep_one_meets(found):
    hours = ["24", "48", "72"]
    miss = (found.loc[["slope 1", "slope 4"], hours] - found.loc["measured", hours]).abs().max(axis=1)
    assert miss["slope 4"] < 5 < 10 < miss["slope 1"]


def test_the_model_stands_beside_its_own_occupancies(found):
    held = found.loc["the model", ["occupancy_24", "occupancy_48", "occupancy_72"]].to_numpy(float)
    assert (np.diff(held) < 0).all()
    assert 80 < held[-1] < held[0] < 100


def test_a_model_without_a_challenge_is_refused():
    with pytest.raises(ldn.InputError):
        ridge(ldn.load_model("rival_primer_mu"))
