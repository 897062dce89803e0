"""Whether the story is a region: shares of draws, and the animals it was first told of."""

import numpy as np
import pytest

import ldnsim as ldn

WEIGHT = 0.025  # kg


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def shares(model):
    return ldn.robustness(model, n=100)


def test_what_is_robust_and_what_is_a_knifes_edge(shares):
    both = shares[["prior", "posterior"]]
    assert ((both >= 0) & (both <= 1)).all(axis=None)
    for sentence, dose in (
        ("endorphin above baseline all day", 4.5),
        ("tone below baseline all day", 50.0),
        ("tone above that of 50 mg at every hour", 4.5),
        ("mean tone of the day below baseline", 4.5),
    ):
        assert (both.loc[(sentence, dose)] > 0.9).all(), sentence
    # Weaker than before release was fitted to ACTH: the slow synthesis that outlasts the drug is smaller.
    assert (both.loc[("tone above baseline within 4 days of the last dose", 4.5)] > 0.8).all()
    within = both.xs("tone above baseline within the day")
    assert within["posterior"].is_monotonic_decreasing, "the rebound within the day favours lower doses"
    assert within["posterior"][4.5] < 0.7


def test_each_sentence_names_what_decides_it(shares):
    within = shares.loc[("tone above baseline within the day", 4.5), "deciding"]
    assert "gain_synthesis" in within or "K_ntxol_peripheral" in within


def test_refusals(model):
    with pytest.raises(ldn.InputError, match="n=3"):
        ldn.robustness(model, n=3)


@pytest.fixture(scope="module")
def mice(model):
    doses = {
        f"{mg_per_kg:g} mg/kg": ldn.Regimen.daily(mg_per_kg * WEIGHT, days=10, formulation="iv")
        for mg_per_kg in (0.1, 10)
    }
    return ldn.simulate(model.with_scenario("mouse"), doses, times=24 * 9 + np.arange(0, 24.01, 0.05))


def test_mice_at_a_low_dose_are_blocked_for_hours_at_a_high_one_all_day(mice):
    """As measured by morphine analgesia: 4 to 6 h a day at 0.1 mg/kg, 24 h at 10 mg/kg."""
    hours = 24 * (mice.mu_occupancy_peripheral >= 0.8).mean("time")
    assert 4 <= float(hours.sel(regimen="0.1 mg/kg")) <= 6
    assert float(hours.sel(regimen="10 mg/kg")) == pytest.approx(24, abs=0.1)


def test_intermittent_blockade_leaves_room_for_a_rebound_continuous_does_not(mice):
    low, high = (mice.sel(regimen=name) for name in ("0.1 mg/kg", "10 mg/kg"))
    assert float(low.opioid_tone.min()) < 0.3 < 1.1 < float(low.opioid_tone.max())
    assert float(high.opioid_tone.max()) < 1
    assert (low.opioid_tone >= high.opioid_tone).all()
    assert 1 < float(low.endorphin.mean()) < float(high.endorphin.mean())
