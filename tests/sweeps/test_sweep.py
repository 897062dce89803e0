"""Grids: their labels, their numbers, what is refused."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn


def test_dimensions_come_in_the_order_given(toy, plan):
    ds = ldn.sweep(toy, **plan)
    assert ds.cmax.dims == ("V", "dose", "at", "subject", "analyte")
    assert ds["dose"].values.tolist() == [1.5, 4.5, 50.0]
    assert ds["at"].values.tolist() == ["08:00", "22:00"]
    assert set(np.unique(ds.status)) == {"finished"}


def test_every_point_is_what_simulate_gives(toy, plan, people):
    ds = ldn.sweep(toy, **plan)
    for v in (8.0, 12.0):
        for dose in (1.5, 50.0):
            r = ldn.Regimen.daily(dose, days=3, at="22:00", cmt="A")
            table = people.assign(V=v)
            one = ldn.simulate(toy, r, subjects=table, metrics=["cmax", "auc"], duration=94.0)
            ours = ds.sel(V=v, dose=dose, at="22:00")
            for name in ("cmax", "auc"):
                np.testing.assert_allclose(ours[name], one[name], rtol=2e-5)


def test_names_in_a_tuple_are_varied_together(toy):
    pairs = [(4.5, "22:00"), (50, "08:00")]
    ds = ldn.sweep(toy, {("dose", "at"): pairs, "ke": [0.1, 0.2]}, days=2, cmt="A", metrics=["cmax"])
    assert ds.cmax.dims == ("dose_at", "ke", "analyte")
    assert list(zip(ds["dose"].values, ds["at"].values, strict=True)) == pairs
    grid = ldn.sweep(
        toy, {"dose": [4.5], "at": ["22:00"], "ke": [0.1, 0.2]}, days=2, cmt="A", metrics=["cmax"]
    )
    np.testing.assert_allclose(ds.cmax.isel(dose_at=0), grid.cmax.isel(dose=0, at=0), rtol=1e-5)


def test_a_parameter_may_move_with_the_dose(toy, people):
    pairs = [(1.0, 5.0), (2.0, 10.0), (4.0, 20.0)]  # the same concentration
    ds = ldn.sweep(toy, {("dose", "V"): pairs}, days=2, cmt="A", metrics=["cmax"], subjects=people)
    assert ds.cmax.dims == ("dose_V", "subject", "analyte")
    np.testing.assert_allclose(ds.cmax, ds.cmax.isel(dose_V=[0, 0, 0]).values, rtol=1e-5)


def test_time_courses_are_kept_and_can_be_summarized(toy, people):
    kw = {"days": 2, "cmt": "A", "subjects": people, "chunk": 8}
    ds = ldn.sweep(toy, {"dose": [1.0, 3.0]}, outputs=["plasma_naltrexone"], every=0.5, **kw)
    assert ds.plasma_naltrexone.dims == ("dose", "subject", "time")
    assert ds.plasma_naltrexone.attrs["long_name"]
    named = ldn.sweep(toy, {"dose": [1.0, 3.0]}, metrics=["cmax"], **kw)
    np.testing.assert_allclose(ldn.summarize(ds).cmax, named.cmax, rtol=1e-5)


def test_regimens_scenarios_and_fixed_regimens():
    model = ldn.load_model("ldn")
    week = {"night": ldn.Regimen.daily(4.5, days=2, at="22:00"), "none": None}
    ds = ldn.sweep(model, {"scenario": [None, "in_vitro_tlr4"], "regimen": week}, metrics=["change_il6"])
    assert ds.change_il6.dims == ("scenario", "regimen")
    assert ds["scenario"].values.tolist() == ["none", "in_vitro_tlr4"]
    assert abs(float(ds.change_il6.sel(scenario="in_vitro_tlr4", regimen="night"))) < 0.1
    assert float(ds.change_il6.sel(scenario="none", regimen="night")) < -1
    assert abs(float(ds.change_il6.sel(scenario="none", regimen="none"))) < 1e-6


def test_steps_make_a_titration(toy):
    steps = [[(1.0, 2), (2.0, 2)], [(2.0, 4)]]
    ds = ldn.sweep(toy, {"steps": steps}, cmt="A", metrics=["cmax"])
    assert ds.sizes["steps"] == 2
    assert float(ds.cmax[0, 0]) < float(ds.cmax[1, 0])


@pytest.mark.parametrize(
    ("over", "more", "words"),
    [
        ({"dos": [1]}, {}, ["dos", "dose"]),
        ({"dose": []}, {}, ["dose", "at least one"]),
        ({"dose": [1, 1.0]}, {}, ["dose", "twice"]),
        ({"dose": 4.5}, {}, ["dose", "4.5", "list"]),
        ({"dose": [-1]}, {}, ["dose", "-1"]),
        ({"ke": [float("nan")]}, {}, ["ke", "nan"]),
        ({("dose", "at"): [(1, "08:00"), (2,)]}, {}, ["dose", "one value for each"]),
        ({"dose": [1], ("dose", "at"): [(1, "08:00")]}, {}, ["dose", "twice"]),
        ({"dose": [1]}, {"dose": 2}, ["dose", "varied"]),
        ({"dose": [1]}, {"day": 2}, ["day", "days"]),
        ({"scenario": ["x"]}, {"dose": 1}, ["scenario", "x"]),
        ({"dose": [1]}, {"metrics": ["cmaxx"]}, ["cmaxx", "cmax"]),
        ({"dose": [1]}, {"outputs": ["CC"]}, ["CC"]),
        ({"dose": [1]}, {"metrics": ["cmax"], "outputs": ["C"]}, ["outputs", "metrics"]),
        ({"ke": [1]}, {"dose": 1, "subjects": pd.DataFrame({"ke": [1.0]})}, ["ke", "subjects", "drop"]),
        ({"dose": [1]}, {"resume": True}, ["resume", "store"]),
        ({"dose": [1]}, {"executor": "slurm"}, ["executor", "slurm", "dask"]),
        ({"dose": [1]}, {"workers": 2}, ["workers", "dask"]),
        ({"dose": [1]}, {"chunk": 0}, ["chunk", "0"]),
        ({"dose": [1]}, {"chunk": "big"}, ["chunk='big'"]),
        ({"dose": [1]}, {"executor": "dask", "workers": "2"}, ["workers='2'"]),
        ({"dose": [1]}, {"draws": 5}, ["draws=5"]),
        ({"dose": [1]}, {"store": 5}, ["store=5"]),
        ({"dose": [1]}, {"resume": "yes"}, ["resume='yes'"]),
        ({"dose": [1]}, {"days": None}, ["days"]),
        ({"at": ["08:00"]}, {}, ["dose"]),
    ],
)
def test_refusals_name_the_argument(toy, over, more, words):
    with pytest.raises((ValueError, KeyError)) as refused:
        ldn.sweep(toy, over, **{"days": 2, "cmt": "A", **more})
    for word in words:
        assert word in str(refused.value)


def test_days_that_would_lengthen_some_of_the_regimens_are_refused():
    model = ldn.load_model("naltrexone_pk")
    made = ldn.Regimen.daily(4.5, days=2)
    mixed = {"words": "4.5 mg nightly", "made": made, "none": None}
    with pytest.raises(ldn.InputError, match="days=14: has no effect on over\\['regimen'\\]\\['made'\\]"):
        ldn.sweep(model, {"regimen": mixed}, days=14, metrics=["auc naltrexone"])
    without = ldn.sweep(model, {"regimen": mixed}, duration=48, metrics=["auc naltrexone"])
    assert without.sizes["regimen"] == 3
    words = {"words": "4.5 mg nightly", "none": None}
    assert ldn.sweep(model, {"regimen": words}, days=2, metrics=["auc naltrexone"]).sizes["regimen"] == 2


@pytest.mark.parametrize("name", ["run", "mark", "marks"])
def test_a_parameter_that_is_called_as_a_dimension_is_no_axis(name):
    model = ldn.Model.from_antimony(f"{name} = 1; A' = -{name}*A; A = 1")
    with pytest.raises(ldn.InputError, match=f"over='{name}': is the name of a dimension"):
        ldn.sweep(model, {name: [1.0, 2.0]}, duration=2)


def test_people_keep_their_factor_under_every_draw(toy):
    people = pd.DataFrame({"ke": [0.1, 0.4]})
    draws = pd.DataFrame({"ke": [0.2, 0.3], "V": [10.0, 5.0]})
    kw = {"dose": 1.0, "days": 1, "cmt": "A", "metrics": ["auc"], "duration": 24}
    ds = ldn.sweep(toy, {}, subjects=people, draws=draws, **kw)
    assert ds.auc.dims == ("draw", "subject", "analyte")
    by_hand = pd.DataFrame({"ke": [0.1, 0.4, 0.15, 0.6], "V": [10.0, 10.0, 5.0, 5.0]})
    same = ldn.sweep(toy, {}, subjects=by_hand, **kw)
    np.testing.assert_allclose(ds.auc.values.reshape(4, -1), same.auc, rtol=1e-5)


def test_what_a_scenario_sets_is_not_drawn():
    model = ldn.load_model("ldn")
    row = next(iter(model.scenario_presets["in_vitro_tlr4"].values))
    draws = pd.DataFrame({row: [model.parameters.value[row]] * 2})
    ds = ldn.sweep(
        model, {"scenario": ["in_vitro_tlr4"]}, draws=draws, dose=4.5, days=2, metrics=["change_il6"]
    )
    assert float(abs(ds.change_il6).max()) < 0.1


def test_variance_is_split_as_it_was_made():
    import xarray as xr

    rng = np.random.default_rng(1)
    u, p = rng.normal(0, 2, (300, 1)), rng.normal(0, 1, (1, 300))
    made = xr.Dataset({"y": (("draw", "subject"), 5 + u + p + rng.normal(0, 0.5, (300, 300)))})
    split = ldn.variance_split(made).loc["y"]
    truth = np.array([4, 1, 0.25]) / 5.25
    np.testing.assert_allclose(split[["uncertainty", "people", "both"]].astype(float), truth, atol=0.06)
    assert split["sd"] == pytest.approx(np.sqrt(5.25), rel=0.1)
    with pytest.raises(ValueError, match="draw"):
        ldn.variance_split(made.isel(draw=0))


@pytest.mark.parametrize(
    ("n", "most", "unit", "lengths"),
    [
        (100, 48, 8, [32, 32, 36]),
        (1000, 4096, 8, [1000]),
        (10, 4, 1, [3, 3, 4]),
        (1, 8, 8, [1]),
        (9, 3, 8, [8, 1]),
    ],
)
def test_parts_are_whole_groups_and_alike(n, most, unit, lengths):
    from ldnsim.sweeps.work import _even

    assert [part.stop - part.start for part in _even(n, most, unit)] == lengths


@pytest.mark.kind("swept-under-a-drug")
@pytest.mark.parametrize(
    "over", [{"opioid_efficacy": [0.4, 0.8]}, {"opioid_efficacy": [0.4, 0.8], "scenario": ["ogf"]}]
)
def test_a_swept_value_is_that_of_the_run_under_a_drug_whose_row_sets_it(over):
    model = ldn.load_model("ldn")
    taken, how = (
        ldn.Regimen.daily(16, days=2, drug="buprenorphine"),
        {"times": [40.0], "outputs": ["opioid_effect"]},
    )
    swept = ldn.sweep(model, over, regimen=taken, draws=ldn.posterior(model, n=2), **how).opioid_effect
    for value in (0.4, 0.8):
        under = model.with_scenario("ogf" if "scenario" in over else None).with_parameters(
            opioid_efficacy=value
        )
        alone = ldn.simulate(under, taken, subjects=ldn.posterior(model, n=2), **how).opioid_effect
        np.testing.assert_allclose(
            swept.sel(opioid_efficacy=value).values.ravel(), alone.values.ravel(), rtol=1e-9
        )


@pytest.mark.kind(
    "swept-under-a-drug", sibling="names varied together, and a drug among the points of the sweep"
)
def test_values_varied_together_hold_under_each_drug():
    model = ldn.load_model("ldn")
    how = {"times": [30.0], "outputs": ["opioid_pressure"]}
    taken = {drug: ldn.Regimen.every(20, 6, 4, drug=drug) for drug in ("morphine", "oxycodone")}
    points = [(5.0, 10.0), (8.0, 4.0)]
    swept = ldn.sweep(
        model, {"regimen": taken, ("t_half_opioid", "opioid_use_rate"): points}, **how
    ).opioid_pressure
    alone = [
        [float(ldn.simulate(model.with_parameters(t_half_opioid=t, opioid_use_rate=u), one, **how).opioid_pressure[0])
         for t, u in points]
        for one in taken.values()
    ]  # fmt: skip
    np.testing.assert_allclose(swept.values.squeeze(), alone, rtol=1e-9)
