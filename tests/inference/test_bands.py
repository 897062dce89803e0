"""Intervals over posterior draws: comparisons, doses, headlines with what decides them."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.inference import opioids
from ldnsim.inference.headline import HEADLINES, READINGS, UNMEASURED

REGIMENS = {"LDN": ldn.Regimen.daily(4.5, days=5, at="22:00"), "standard": ldn.Regimen.daily(50, days=5)}


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def heads(model):
    return ldn.headlines(model, REGIMENS, n=256)


def test_compare_gives_the_quantiles_of_the_draws(model):
    found = ldn.compare(model, REGIMENS, metrics=["cmax", "rebound_peak"], n=24)
    assert found.rebound_peak.dims == ("quantile", "regimen")
    assert set(found.cmax.dims) == {"quantile", "regimen", "analyte"}
    assert found.cmax.attrs["units"] == "ng/mL"
    ds = ldn.simulate(model, REGIMENS, subjects=ldn.posterior(model, 24), metrics=["cmax", "rebound_peak"])
    want = np.quantile(ds.rebound_peak.sel(regimen="LDN"), [0.05, 0.5, 0.95])
    np.testing.assert_allclose(found.rebound_peak.sel(regimen="LDN"), want, rtol=1e-12)


def test_a_difference_is_taken_draw_by_draw(model):
    kw = {"metrics": ["rebound_peak"], "n": 24}
    found = ldn.compare(model, REGIMENS, against="standard", **kw).rebound_peak
    ds = ldn.simulate(
        model, REGIMENS, subjects=ldn.posterior(model, 24), metrics=["rebound_peak"]
    ).rebound_peak
    paired = ds.sel(regimen="LDN") - ds.sel(regimen="standard")
    np.testing.assert_allclose(found.sel(regimen="LDN"), np.quantile(paired, [0.05, 0.5, 0.95]), rtol=1e-12)
    np.testing.assert_array_equal(found.sel(regimen="standard"), 0)
    assert "difference from standard" in found.attrs["long_name"]


def test_one_regimen_needs_no_name(model):
    found = ldn.compare(model, REGIMENS["LDN"], metrics=["rebound_peak"], n=16)
    assert found.rebound_peak.dims == ("quantile",)
    named = ldn.compare(model, REGIMENS, metrics=["rebound_peak"], n=16).sel(regimen="LDN")
    np.testing.assert_array_equal(found.rebound_peak, named.rebound_peak)


def test_models_stand_side_by_side_each_over_its_own_draws(model):
    models = {"A": model, "B": model.with_scenario("in_vitro_tlr4")}
    how = {"metrics": ["change_il6", "cmax", "blockade_window"], "n": 20}
    found = ldn.compare(models, REGIMENS, **how)
    assert found.change_il6.dims == ("quantile", "model", "regimen")
    for name, one in models.items():
        alone = ldn.compare(one, REGIMENS, **how)
        for metric in found.data_vars:
            np.testing.assert_array_equal(found[metric].sel(model=name), alone[metric])
        cut = found.blockade_window_censored.sel(model=name)
        np.testing.assert_array_equal(cut, alone.blockade_window_censored)
    assert float(abs(found.change_il6.sel(quantile=0.5).diff("model")).min()) > 1
    apart = ldn.compare(models, REGIMENS, against="LDN", **how)
    np.testing.assert_array_equal(apart.change_il6.sel(regimen="LDN"), 0)


def test_models_that_read_different_things_share_what_all_have(model):
    models = {"whole": model, "plasma": ldn.load_model("naltrexone_pk")}
    found = ldn.compare(models, ldn.Regimen.single(4.5), draws=ldn.posterior(model, 4)[["ka"]])
    assert "cmax" in found
    assert "change_il6" not in found


def test_what_is_left_of_an_opioid_is_held_against_the_same_alone(model):
    opioid = ldn.Regimen.every(50, ii=6, n=12, drug="tramadol")
    regimens = {"none": opioid, "little": opioid + ldn.Regimen.daily(0.01, days=3)}
    regimens |= {"LDN": opioid + ldn.Regimen.daily(4.5, days=3), "alone": ldn.Regimen.daily(4.5, days=3)}
    with pytest.warns(UserWarning, match="together") as told:
        found = ldn.compare(model, regimens, n=20)
    assert len(told) == 1
    left = found.opioid_effect_left
    assert left.attrs["units"] == "%"
    assert np.isnan(left.sel(regimen=["none", "alone"])).all()
    middle = left.sel(quantile=0.5)
    assert 0 < float(middle.sel(regimen="LDN")) < 40
    assert 90 < float(middle.sel(regimen="little")) <= 100
    assert "opioid_effect_left" not in ldn.compare(model, REGIMENS, n=4)
    with pytest.warns(UserWarning, match="together"):
        alone = ldn.compare(model, regimens["LDN"], metrics="opioid_effect_left", n=20)
    np.testing.assert_allclose(alone.opioid_effect_left, left.sel(regimen="LDN"), rtol=1e-4)


@pytest.mark.filterwarnings("ignore:naltrexone together with")
def test_only_the_opioid_alone_is_solved_beside_the_run_itself(model, monkeypatch):
    solved = []
    once = opioids.simulate

    def counted(model, regimens, **how):
        solved.append(list(regimens))
        return once(model, regimens, **how)

    monkeypatch.setattr(opioids, "simulate", counted)
    both = ldn.Regimen.every(50, ii=6, n=4, drug="tramadol") + ldn.Regimen.daily(4.5, days=1)
    metrics = ["opioid_effect_left", "mean(opioid_effect, last days)", "change_il6"]
    found = ldn.compare(model, {"both": both, "LDN": REGIMENS["LDN"]}, metrics=metrics, n=4)
    assert solved == [["both"]]
    assert set(found.data_vars) == set(metrics)
    assert cli.run(["simulate", "4.5 mg at 22:00 + tramadol 50 mg every 6 h from 08:00", "--days", "2"]) == 0
    assert len(solved) == 2


def test_dose_response_goes_into_its_figure(model):
    found = ldn.dose_response(
        model, [0.5, 4.5, 50], metric=["trough_mu_occupancy_brain", "cmax"], days=3, n=24
    )
    trough = found.trough_mu_occupancy_brain
    assert trough.dims == ("quantile", "dose")
    assert (trough.diff("dose") > 0).all()
    assert (trough.diff("quantile") > 0).all()
    assert found.dose.attrs["units"] == "mg"
    figure, _ = ldn.plots.dose_response(found, "trough_mu_occupancy_brain")
    assert hasattr(figure, "savefig")


def test_doses_that_differ_by_little_are_two(model):
    near = [4.5, 4.5000001]
    assert ldn.dose_response(model, near, days=1, n=2).dose.values.tolist() == near


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: ldn.compare(m, [ldn.Regimen.single(1)]), "regimens="),
        (lambda m: ldn.compare(m, "4.5 mg at 22:00"), "does not say for how long"),
        (lambda m: ldn.compare(m, {"LDN": "4.5 mg at 22:00"}), "does not say for how long"),
        (lambda m: ldn.compare(m, {}), "at least one"),
        (lambda m: ldn.compare({}, REGIMENS), "at least one"),
        (lambda m: ldn.compare(m, ldn.Regimen.single(1), against="LDN"), "by name"),
        (lambda m: ldn.compare(m, REGIMENS, metrics=["opioid_effect_left"]), "no regimen holds both"),
        (lambda m: ldn.compare(m, REGIMENS, against="LND"), "LDN"),
        (lambda m: ldn.compare(m, REGIMENS, metrics=["rebound"]), "rebound_peak"),
        (lambda m: ldn.compare(m, REGIMENS, n=0), "n=0"),
        (lambda m: ldn.dose_response(m, []), "doses"),
        (lambda m: ldn.dose_response(m, [1, 1.0]), "twice"),
        (lambda m: ldn.dose_response(m, [-1]), "-1"),
        (lambda m: ldn.dose_response(m, [1], metric="x"), "metric"),
    ],
)
def test_refusals(model, call, words):
    with pytest.raises((ldn.InputError, ldn.UnknownNameError), match=words):
        call(model)


def test_every_headline_has_a_band_and_the_parameters_that_decide_it(heads):
    assert len(heads) == len(HEADLINES) * len(REGIMENS)
    assert (heads["low"] <= heads["median"]).all()
    assert (heads["median"] <= heads["high"]).all()
    moving = heads["high"] - heads["low"] > 1e-6 * heads["median"].abs()
    named = heads["deciding"][moving].str.count(",") + 1
    assert (named <= 3).all(), named
    assert (named == 3).mean() > 0.6
    assert heads.loc[("LDN", "peak_mu_occupancy_brain")].deciding.startswith("K_brain")
    assert "K_ntxol_peripheral" in heads.loc[("LDN", "hours_blocked_peripheral")].deciding
    assert set(heads["rests_on"][moving]) <= {"measured", "fitted", "assumed", ""}


def test_brain_headlines_show_the_readings_and_where_nobody_measured(heads):
    brain = [name for name in heads.index.get_level_values(1).unique() if "brain" in name]
    assert len(brain) == 3
    for name in brain:
        row = heads.loc[("LDN", name)]
        assert row.readings_low <= row.readings_high
        assert row.note == UNMEASURED
        assert heads.loc[("standard", name)].note == ""
    assert heads.loc["LDN"].readings_low[["rebound_peak", "cmax naltrexone"]].isna().all()
    trough = heads.loc[("LDN", "trough_mu_occupancy_brain")]
    assert trough.readings_low < 0.1
    assert trough.readings_high > 0.4


def test_readings_are_scenarios(model):
    assert set(READINGS) <= set(model.scenarios)
    assert sorted(READINGS.values()) == list("ABCD")


@pytest.mark.kind("at-least")
def test_a_quantile_of_blockades_that_outlast_the_run_is_at_least_that(model):
    how = {"metrics": ["blockade_window"], "n": 24}
    found = ldn.compare(model, REGIMENS, **how)
    flag = found.blockade_window_censored.sel(regimen="standard").values
    hours = found.blockade_window.sel(regimen="standard").values
    assert hours[-1] == pytest.approx(24)
    assert flag.tolist() == [float(h >= 24 - 1e-6) for h in hours]
    assert not found.blockade_window_censored.sel(regimen="LDN").any()
    apart = ldn.compare(model, REGIMENS, against="LDN", **how)
    assert apart.blockade_window_censored.values.tolist() == [0, 1]


@pytest.mark.parametrize("nothing", [None, {"none": None}])
def test_a_comparison_without_any_dose_is_refused(nothing):
    with pytest.raises(ldn.InputError, match=r"regimens=.*must hold one with doses"):
        ldn.compare(ldn.load_model("ldn"), nothing, n=4)


def test_models_that_count_in_other_units_are_not_compared():
    one = ldn.Model.from_antimony("unit ug = 1e-6 gram; A' = -k*A; A = 0; k = 1; A has ug").with_dose_units(
        A="mg"
    )
    two = ldn.Model.from_antimony("unit mg = 1e-3 gram; A' = -k*A; A = 0; k = 1; A has mg")
    taken, draws = ldn.Regimen.daily(1, days=2, cmt="A"), pd.DataFrame({"k": [1.0, 1.0]})
    with pytest.raises(ldn.InputError, match=r"metrics=.*is in 'ug' under 'a' and in 'mg' under 'b'"):
        ldn.compare({"a": one, "b": two}, taken, metrics=["cmax(A)"], draws=draws)
    with pytest.raises(ldn.InputError, match=r"metrics=.*at least one"):
        ldn.compare(one, taken, metrics=[], draws=draws)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_several_models_tell_what_is_left_of_an_opioid():
    model = ldn.load_model("ldn")
    taken = ldn.Regimen.parse("4.5 mg at 22:00 + tramadol 50 mg every 6 h from 08:00", 3)
    found = ldn.compare({"a": model, "b": model.with_scenario("in_vitro_tlr4")}, {"with": taken}, n=2)
    assert found.opioid_effect_left.dims == ("quantile", "model", "regimen")
    assert "Mean" not in found.opioid_effect_left.attrs.get("description", "")
