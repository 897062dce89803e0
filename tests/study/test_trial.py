"""Virtual trials: tests against SciPy, known answers where arms do not differ, published trials."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import ldnsim as ldn
from ldnsim.errors import InputError, UnknownNameError
from ldnsim.study import analysis, pages
from ldnsim.study.patients import worlds_of
from ldnsim.study.trial import _Plan

SMALL = {"worlds": 8, "patients": 8, "trials": 400, "weeks": 2}


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


def arms():
    return {"placebo": None, "LDN": ldn.Regimen.daily(4.5, days=84, at="22:00")}


def test_welch_is_scipys():
    rng = np.random.default_rng(5)
    a, b = rng.normal(0, 1, (6, 20)), rng.normal(0.5, 2, (6, 31))
    a[:, 3] = np.nan
    means, difference, p = analysis.welch([a, b], 0, [1])
    expected = stats.ttest_ind(b, a, axis=1, equal_var=False, nan_policy="omit")
    np.testing.assert_allclose(p[0], expected.pvalue, rtol=1e-10)
    np.testing.assert_allclose(difference[0], np.nanmean(b, axis=1) - np.nanmean(a, axis=1), rtol=1e-12)
    np.testing.assert_allclose(means[0], np.nanmean(a, axis=1), rtol=1e-12)


def test_paired_is_scipys():
    rng = np.random.default_rng(6)
    a, b = rng.normal(0, 1, (6, 20)), rng.normal(0.5, 2, (6, 20))
    p = analysis.paired([a, b], 0, [1])[2]
    np.testing.assert_allclose(p[0], stats.ttest_rel(b, a, axis=1).pvalue, rtol=1e-10)


def test_a_trial_of_nothing_errs_at_its_level(model):
    """Two placebo arms: p is uniform, so the share that favours the second at 20 % is 10 %."""
    ds = ldn.virtual_trial(model, {"a": None, "b": None}, n=60, alpha=0.2, **(SMALL | {"trials": 4000}))
    assert float(ds.power[0]) == pytest.approx(0.1, abs=4 * np.sqrt(0.1 * 0.9 / 4000))
    assert float(ds.difference.mean()) == pytest.approx(0, abs=0.05)


def test_power_grows_with_subjects_and_effect(model):
    how = SMALL | {"weeks": 12}
    small, large = (
        ldn.virtual_trial(model.with_parameters(pain_gain=1.5), arms(), n=n, **how) for n in (40, 400)
    )
    assert float(large.power[0]) > float(small.power[0]) + 0.2
    assert float(large.difference.std()) < float(small.difference.std())


def test_the_same_seed_gives_the_same_trial(model):
    one, two = (ldn.virtual_trial(model, arms(), n=30, seed=4, dropout=0.2, **SMALL) for _ in range(2))
    other = ldn.virtual_trial(model, arms(), n=30, seed=5, dropout=0.2, **SMALL)
    assert one.equals(two)
    assert not one.difference.equals(other.difference)


def test_placebo_improves_in_every_arm(model):
    ds = ldn.virtual_trial(model, arms(), n=60, **(SMALL | {"weeks": 12}))
    assert float(ds.change.sel(all_arms="placebo").mean()) == pytest.approx(-0.85, abs=0.3)
    assert ds.attrs["reference"] == "placebo"


def test_carried_baseline_dilutes(model):
    strong = model.with_parameters(pain_gain=4.0)
    how = {"n": 100, "dropout": 0.4, "sd": 0.5} | SMALL | {"weeks": 12}
    whole, carried = (
        float(ldn.virtual_trial(strong, arms(), analysis=a, **how).difference.mean())
        for a in ("completers", "carried")
    )
    assert carried == pytest.approx(0.6 * whole, rel=0.1)


def test_a_fixed_order_mistakes_time_for_drug(model):
    """Without any effect of the drug, a short placebo phase first makes the drug look good."""
    inert = model.with_parameters(pain_gain=0.0)
    how = {"design": "crossover", "n": 24, "sd": 0.5, "trials": 400, "worlds": 6, "patients": 8}
    weeks = {"placebo": 2, "LDN": 8}
    fixed = ldn.virtual_trial(inert, arms(), order="placebo first", **how, weeks=weeks)
    fair = ldn.virtual_trial(inert, arms(), order="random", **how, weeks=8)
    assert float(fixed.difference.mean()) < -0.3
    assert abs(float(fair.difference.mean())) < 0.15
    assert float(fixed.power[0]) > float(fair.power[0]) + 0.2


def test_published_trials(model):
    """Inside the 90 % interval, but for the first: 10 subjects in fixed order, just below it."""
    table = ldn.published_trials(model, worlds=20, patients=8)
    assert table["positive"].sum() == 2
    assert table["inside"][["Younger 2013", "FINAL", "INNOVA", "Bested 2023"]].all(), table
    assert table["high"]["Younger 2009"] < 0.2
    assert table["low"]["Younger 2009"] - table["reported"]["Younger 2009"] < 0.4
    assert (table.power[["FINAL", "INNOVA"]] < 0.2).all()
    assert (table["inside"] == (table["beyond"] >= 0.05)).all()
    told = {"inside": [False, *[True] * 4], "beyond": [0.045, 0.2, 0.3, 0.1, 0.4]}
    page = pages.trials_page(table.assign(**told))
    assert "Outside what is foreseen: Younger 2009. Younger 2009: so near to the edge" in page
    assert "All lie inside" in pages.trials_page(table.assign(inside=True, beyond=0.3))


def test_worlds_hold_patients_about_their_draw(model):
    people = worlds_of(model, 5, 200, seed=1)
    table = model.parameters
    draws = ldn.posterior(model, 5, 1)
    spread = people["CL_ntx"].to_numpy().reshape(5, 200)
    np.testing.assert_allclose(np.median(spread, axis=1), draws["CL_ntx"], rtol=0.15)
    assert people["F_oral"].between(0, 1).all()
    assert float(np.std(np.log(spread[0]))) == pytest.approx(table["iiv_cv"]["CL_ntx"], rel=0.3)


@pytest.mark.parametrize("design", ["parallel", "crossover"])
def test_an_arm_that_hardly_anybody_completes_is_told_of(model, design):
    """An arm of at most one person has no spread: no test of that trial, and the warning says which arm."""
    with pytest.warns(ldn.DropoutWarning) as told:
        ds = ldn.virtual_trial(model, arms(), n=8, dropout=0.6, design=design, **SMALL)
    (words,) = [str(w.message) for w in told]
    assert "arm 'placebo': 0 of " in words
    assert "arm 'LDN': 0 of " in words
    lost = int(ds.p_value.isnull().sum())
    assert 0 < lost < ds.sizes["trial"]
    assert f"in {lost} of 400 trials" in words
    assert np.isfinite(ds.power).all()


def test_dropout_that_leaves_enough_is_not_told_of(model):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ds = ldn.virtual_trial(model, arms(), n=60, dropout=0.5, **SMALL)
    assert np.isfinite(ds.p_value).all()


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"n": 3}, InputError, "n=3"),
        ({"design": "cross"}, UnknownNameError, "crossover"),
        ({"order": "abba"}, UnknownNameError, "random"),
        ({"dropout": 1.0}, InputError, "dropout"),
        ({"endpoint": "il6"}, InputError, "sd"),
        ({"endpoint": "mood"}, UnknownNameError, "mood"),
        ({"analysis": "last"}, UnknownNameError, "completers"),
        ({"alpha": 0}, InputError, "alpha"),
        ({"weeks": 0.1}, InputError, "weeks"),
        ({"trials": 1}, InputError, "trials"),
        ({"arms": {"one": None}}, InputError, "two arms"),
        ({"sd": -1}, InputError, "sd=-1"),
    ],
)
def test_refusals(model, how, error, words):
    with pytest.raises(error, match=words):
        ldn.virtual_trial(model, **how)


def test_people_of_a_trial_are_of_its_own_world_and_anybody_of_it():
    plan = SimpleNamespace(sd=0.0, dropout=0.0, analysis="drop")
    response = np.arange(12.0)[None]  # of four people in each of three worlds
    world = np.repeat([0, 1, 2], 200)
    seen = _Plan._sample(plan, response, world, 3, 5, np.random.default_rng(1))[0]
    for w in range(3):
        assert set(seen[world == w].ravel()) == set(4.0 * w + np.arange(4))


@pytest.mark.parametrize("placebo", ["0 mg nightly", ldn.Regimen.daily(0, days=14), None])
def test_an_arm_of_doses_of_nothing_is_the_placebo(model, placebo):
    found = ldn.virtual_trial(
        model, {"LDN": "4.5 mg nightly", "none": placebo}, n=20, seed=1, **(SMALL | {"trials": 20})
    )
    assert found.arm.values.tolist() == ["LDN"]
    assert found.attrs["reference"] == "none"


def test_who_leaves_is_carried_at_the_baseline_or_not_counted():
    def sampled(analysis):
        plan = _Plan({}, 4, {}, "parallel", "random", 0.0, 1.0, "pain", 0.5, analysis)
        return plan._sample(np.full((2, 6), -3.0), np.array([0, 1]), 2, 5, np.random.default_rng(1))

    assert (sampled("carried") == 0.0).all()
    assert np.isnan(sampled("completers")).all()


@pytest.mark.kind("treatment-ends-early", sibling="the arms that a trial has by default, at any length")
def test_the_default_arm_takes_its_dose_until_it_is_read(model):
    how = {"n": 8, "weeks": 20, "sd": 0, "worlds": 2, "patients": 4, "trials": 20}
    nightly = ldn.Regimen.daily(4.5, days=140, at="22:00")
    own = ldn.virtual_trial(model, {"placebo": None, "4.5 mg": nightly}, **how)
    np.testing.assert_array_equal(ldn.virtual_trial(model, **how).difference, own.difference)


@pytest.mark.kind("treatment-ends-early")
def test_an_arm_that_ends_before_it_is_read_is_told_of(model):
    how = {"n": 8, "weeks": 12, "sd": 0, "worlds": 2, "patients": 4, "trials": 20}
    words = r"arms\['LDN'\] takes its last dose on day 28, and its phase of 12 weeks"
    with pytest.warns(UserWarning, match=words):
        ldn.virtual_trial(model, {"placebo": None, "LDN": ldn.Regimen.daily(4.5, days=28)}, **how)
    monthly = ldn.Regimen.every(380, 672, 3, drug="naltrexone", formulation="injection_xr")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ldn.virtual_trial(model, {"placebo": None, "depot": monthly}, **how)
