"""The shipped draws: enough of them, inside their bounds, at rest, and never against a choice."""

import csv

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.choices import BESIDE
from ldnsim.inference.draws import deciding, prior_draws
from ldnsim.inference.priors import Prior, fitted_priors
from ldnsim.library import models_folder


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def draws(model):
    return ldn.posterior(model)


@pytest.fixture(scope="module")
def numbers(draws):
    """The draws without their structure."""
    return draws.drop(columns=list(BESIDE))


def test_enough_draws_of_every_uncertain_parameter(model, draws, numbers):
    assert len(draws) >= 500
    switches = {name for one in model.structures for name in model.scenario_presets[one].values}
    assert set(numbers) == {*Prior.of(model).ids, *switches}
    assert np.isfinite(numbers.to_numpy()).all()


def test_every_draw_is_inside_its_bounds(model, numbers):
    table = model.parameters.loc[numbers.columns]
    assert (numbers >= table["lower"].fillna(-np.inf)).all(axis=None)
    assert (numbers <= table["upper"].fillna(np.inf)).all(axis=None)


def test_every_draw_starts_at_rest(model, draws):
    ds = ldn.simulate(model, None, subjects=draws, times=[0.0, 24.0, 240.0])
    assert (ds.status == "finished").all()
    for name in ("endorphin", "opioid_tone", "tnf_alpha", "il6", "il10", "microglia", "pain"):
        np.testing.assert_allclose(ds[name], 1, rtol=0, atol=1e-6, err_msg=name)


def test_the_fitted_values_lie_within_their_draws(model, numbers):
    low, high = numbers.quantile(0.01), numbers.quantile(0.99)
    for name in fitted_priors(model).index:
        assert low[name] < model.parameters["value"][name] < high[name], name


def test_uncertainty_of_a_fitted_value_is_that_of_its_draws(model, draws):
    for name in fitted_priors(model).index:
        told = model.parameters["uncertainty_gsd"][name]
        assert np.log(draws[name]).std() == pytest.approx(np.log(told), rel=0.25), name


def test_the_measurements_taught_something(model):
    """Half of what was unknown of clearance, occupancy and TLR4 potency is known now."""
    with (models_folder() / "ldn/calibration.csv").open(encoding="utf-8") as file:
        learnt = {row["id"]: row for row in csv.DictReader(file)}
    for name in ("F_oral", "V2_ntx", "V2_ntxol", "K_brain", "k_slow", "IC50_tlr4"):
        assert float(learnt[name]["shrinkage"]) > 0.3, name
    assert max(float(row["rhat"]) for row in learnt.values()) < 1.05
    assert min(float(row["ess"]) for row in learnt.values()) > 400


def test_a_choice_has_no_draws(model):
    assert "IC50_tlr4" not in ldn.posterior(model.with_scenario("in_vitro_tlr4"))
    assert "tnf_rest" not in ldn.posterior(model.with_condition("healthy"))
    assert "gain_release" not in ldn.posterior(model.with_parameters(gain_release=1.0))
    small = ldn.posterior(ldn.load_model("naltrexone_pk"))
    assert {"CL_ntx", "F_oral"} <= set(small)
    assert "K_brain" not in small


def test_some_draws(model, draws):
    pd.testing.assert_frame_equal(ldn.posterior(model, 7), draws.iloc[:7])
    some = ldn.posterior(model, 50, seed=4)
    pd.testing.assert_frame_equal(some, ldn.posterior(model, 50, seed=4))
    assert not some.equals(ldn.posterior(model, 50, seed=5))
    assert some.attrs["seed"] == 4
    ds = ldn.simulate(model, ldn.Regimen.daily(4.5, days=2), subjects=draws.iloc[:30])
    assert ds.sizes["subject"] == 30


@pytest.mark.parametrize("n", [0, -1, 2.5, 10**6, True])
def test_refused_numbers(model, n):
    with pytest.raises(ldn.InputError, match="n="):
        ldn.posterior(model, n)


def test_a_model_without_draws_says_how_to_make_them():
    with pytest.raises(ldn.InputError, match="calibrate"):
        ldn.posterior(ldn.load_model("rival_primer_mu"))


def test_prior_draws_have_their_medians(model):
    found = prior_draws(model, 2000, seed=3)
    pd.testing.assert_frame_equal(found, prior_draws(model, 2000, seed=3))
    told = fitted_priors(model)["median"]
    for name in ("K_brain", "g_ntx_slow", "tnf_rest"):
        assert found[name].median() == pytest.approx(told[name], rel=0.1), name
    assert (found["feedback_site"] <= 1).all()
    with pytest.raises(ldn.InputError):
        prior_draws(model, 0)


def test_deciding_names_what_moves_the_result():
    rng = np.random.default_rng(1)
    some = pd.DataFrame(rng.standard_normal((300, 4)), columns=list("abcd"))
    found = deciding(some, np.exp(3 * some["c"].to_numpy() - some["a"].to_numpy()), most=2)
    assert list(found.index) == ["c", "a"]
    assert found["c"] > 0.8
    assert found["a"] < -0.2
    assert deciding(some, np.ones(300)).empty


def test_what_only_goes_along_decides_nothing():
    """b follows a, and c is noise of the size that the largest of a hundred has."""
    rng = np.random.default_rng(2)
    some = pd.DataFrame(rng.standard_normal((400, 100))).rename(columns=str)
    some["b"] = some["0"] + 0.3 * rng.standard_normal(400)
    found = deciding(some, some["0"].to_numpy() + 0.1 * some["1"].to_numpy())
    assert list(found.index) == ["0", "1"]
    assert found["1"] > 0.8, "all that is left, once 0 is known"


def test_the_number_of_draws_is_checked_as_everywhere(model, draws):
    assert len(ldn.posterior(model, 3.0)) == 3
    for n in (0, -1, 2.5, True, "3"):
        with pytest.raises(ldn.InputError, match=rf"^n={n!r}: must be a whole number >= 1"):
            ldn.posterior(model, n)
    with pytest.raises(ldn.InputError, match=f"^n=100000: must be at most the {len(draws)} draws shipped"):
        ldn.posterior(model, 100_000)
