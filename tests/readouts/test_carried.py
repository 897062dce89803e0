"""A result carries values at nodes for its metrics; they are read back whole, and only beside their own courses."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn

TOY = """
model toy()
  A' = -ka*A; C' = ka*A/V - ke*C; A = 0; C = 0; ka = 0.8; ke = 0.2; V = 20
  plasma_naltrexone := C; opioid_tone := 1 - 0.5*C/(C + 0.05)
end
"""

JOINED = {"join": "outer", "coords": "different", "compat": "equals"}  # as is xarray's default until 2025


@pytest.fixture(scope="module")
def toy():
    model = ldn.Model.from_antimony(TOY)
    table = ldn.load_model("ldn").readouts
    return model.with_readouts(table[table.variable.isin(model.observables)])


@pytest.fixture(scope="module")
def ds(toy):
    people = pd.DataFrame({"ke": [0.1, 0.2, 0.3]}, index=["c", "a", "b"])
    both = {
        "few": ldn.Regimen.every(4.5, ii=24, n=2, cmt="A"),
        "many": ldn.Regimen.every(4.5, 12, 6, cmt="A"),
    }
    return ldn.simulate(toy, both, subjects=people)


SAME = {
    "a selection": lambda ds: ds.isel(regimen=1, subject=[2, 0]),
    "every sixth time": lambda ds: ds.isel(time=slice(None, None, 6)),
    "one time": lambda ds: ds.isel(time=-1),
    "single precision": lambda ds: ds.astype("float32"),
    "times before the last interval blanked": lambda ds: ds.where(ds.time >= 24),
    "parts side by side": lambda ds: xr.concat(
        [ds.isel(subject=[0]), ds.isel(subject=[1, 2])], "subject", **JOINED
    ),
    "other variables": lambda ds: ds.drop_vars("opioid_tone").assign(twice=2 * ds.C),
    "another order": lambda ds: ds.transpose("time", "subject", "regimen", ...),
}


@pytest.mark.kind(
    "nodes-of-another-course", sibling="Selections and copies of the run are summarized as ever"
)
@pytest.mark.parametrize("name", SAME)
def test_what_is_still_the_run_is_summarized(ds, name):
    found, want = ldn.summarize(SAME[name](ds)), ldn.summarize(ds)
    want = want.sel({d: found[d] for d in ("regimen", "subject") if d in found.coords})
    xr.testing.assert_allclose(found.rebound_peak.transpose(*want.rebound_peak.dims), want.rebound_peak)
    xr.testing.assert_allclose(found.cmax.transpose(*want.cmax.dims), want.cmax)


OTHER = {
    "twice": lambda ds: 2 * ds,
    "a thousandth more": lambda ds: 1.001 * ds,
    "nothing": lambda ds: ds - ds,
    "change from the start": lambda ds: ds - ds.isel(time=0),
    "a logarithm": lambda ds: np.log(ds + 1.0),
    "a cumulated course": lambda ds: ds.cumsum("time"),
    "a smoothed course": lambda ds: ds.rolling(time=5, center=True).mean(),
    "a later course": lambda ds: ds.shift(time=1),
    "a cut course": lambda ds: ds.clip(max=0.05),
    "one variable replaced": lambda ds: ds.assign(opioid_tone=ds.opioid_tone + 0.1),
    "one subject blanked": lambda ds: ds.where(ds.subject != "a"),
    "times of the last interval masked": lambda ds: ds.where(ds.time > 50),
    "low values masked": lambda ds: ds.where(ds.opioid_tone > ds.opioid_tone.mean()),
    "the mean over time": lambda ds: ds.mean("time"),
    "weights": lambda ds: ds * xr.DataArray([1.0, 1.0], dims="weight"),
}


@pytest.mark.kind("nodes-of-another-course")
@pytest.mark.parametrize("name", OTHER)
def test_metrics_of_another_course_are_refused(ds, name):
    with pytest.raises(ldn.InputError, match=r"ds\['.*'\]=.*: is no.*summarize what simulate\(\) returned"):
        ldn.summarize(OTHER[name](ds))


@pytest.mark.parametrize(
    "dates", [lambda h: np.datetime64("2024-01-01") + h, lambda h: h], ids=["dates", "spans"]
)
def test_dates_in_place_of_hours_are_refused(ds, dates):
    dated = ds.assign_coords(time=dates(ds.time.values.astype("timedelta64[h]")))
    for read in (ldn.summarize, ldn.plots.timecourse):
        with pytest.raises(ldn.InputError, match=r"ds\['time'\]='\w+64.*must be hours.*beside them"):
            read(dated)
    beside = ds.assign_coords(date=("time", dated.time.values))
    assert ldn.summarize(beside).cmax.equals(ldn.summarize(ds).cmax)


@pytest.mark.parametrize(
    "made", [lambda ds: ds.isel(regimen=1) - ds.isel(regimen=0), lambda ds: ds.mean("subject")]
)
def test_what_has_lost_its_nodes_is_refused(ds, made):
    with pytest.raises(ldn.InputError, match="has no coordinate 'last_interval'"):
        ldn.summarize(made(ds))


def test_intervals_of_doses_are_read_back(toy):
    areas = [ldn.Readout("C", "auc", f"dose {k}") for k in (1, 2)]
    regimen = ldn.Regimen.every(4.5, 24, 2, cmt="A", at=5)
    run, alone = (ldn.simulate(toy, regimen, **more) for more in ({}, {"metrics": areas}))
    found = ldn.summarize(run, areas[1:])[areas[1].name]
    assert found == alone[areas[1].name]
    assert alone[areas[0].name] < 0.99 * found


def test_readouts_are_not_summarised_again(toy):
    with pytest.raises(ldn.InputError, match=r"ds=\['cmax'\]: holds readouts, not courses"):
        ldn.summarize(ldn.simulate(toy, ldn.Regimen.single(4.5, cmt="A"), metrics=["cmax"]))


def test_what_compares_two_runs_is_refused_by_one(toy):
    with pytest.raises(ldn.InputError, match=r"read of two runs.*ldnsim\.compare\("):
        ldn.simulate(toy, ldn.Regimen.single(4.5, cmt="A"), metrics=["opioid_effect_left"])


def test_an_excerpt_that_ends_before_the_metrics_begin_is_refused(ds):
    with pytest.raises(ldn.InputError, match=r"ds\['time'\]=\[0.0, 9.0\]: holds no time from 24 to 72 h"):
        ldn.summarize(ds.sel(time=slice(0, 9)))


@pytest.mark.kind("times-cut-away")
@pytest.mark.parametrize("part", [slice(0, 30), slice(0, 60), slice(30, 66), slice(66, None)])
def test_a_window_that_was_cut_from_a_course_is_refused(toy, part, tmp_path):
    regimen = ldn.Regimen.every(4.5, 24, 3, cmt="A")
    run = ldn.simulate(toy, regimen)  # its nodes lie over the whole course
    back = ldn.open_result(ldn.save(run, tmp_path / "run.nc"))
    for one in (run, back):
        with pytest.raises(ldn.InputError, match="reads from 48 to 72 h, and these times were cut from ds"):
            ldn.summarize(one.sel(time=part), ["cmax(C)"])


@pytest.mark.kind("times-cut-away", sibling="a selection that covers the window")
@pytest.mark.parametrize("part", [slice(48, None), slice(47.5, 72.1), slice(1, 71), slice(None, None, 5)])
def test_a_window_that_is_left_is_read(toy, part):
    run = ldn.simulate(toy, ldn.Regimen.every(4.5, 24, 3, cmt="A"))
    some = run.isel(time=part) if part.step else run.sel(time=part)
    assert ldn.summarize(some, ["cmax(C)"])["cmax(C)"] == ldn.summarize(run, ["cmax(C)"])["cmax(C)"]


def test_twice_a_course_seen_at_odd_times_is_refused(toy):
    seen = ldn.simulate(toy, ldn.Regimen.every(4.5, 24, 1, cmt="A"), times=[0, 0.37, 1.41, 3.3, 7.7, 12.2])
    ldn.summarize(seen)
    with pytest.raises(ldn.InputError, match="is not what the run was at"):
        ldn.summarize(2 * seen)


@pytest.mark.kind("results-are-numbers")
def test_a_result_is_calculated_with(ds):
    assert all(v.dtype.kind == "f" for v in ds.data_vars.values())
    assert ds.status.dims == ("regimen", "subject")
    twice = (ds.isel(regimen=1) - ds.isel(regimen=0)) * 2
    np.testing.assert_array_equal(twice.C, 2 * (ds.C.values[1] - ds.C.values[0]))
    assert ds.astype("float32").C.dtype == "float32"


@pytest.mark.kind("results-are-numbers", sibling="Runs of different lengths are put side by side")
def test_runs_of_any_length_are_joined(toy, ds):
    runs = [
        ldn.simulate(toy, {n: ldn.Regimen.every(4.5, 24, n, cmt="A")}, every=every)
        for n, every in ((2, 1.0), (4, 0.5))
    ]
    both = xr.concat(runs, "regimen", **JOINED)
    want = xr.concat([ldn.summarize(one) for one in runs], "regimen", **JOINED)
    found = ldn.summarize(both)
    assert found.cmax.attrs.pop("window") == "over the last dosing interval (24 to 48 h; 72 to 96 h)"
    for summary in (found, want):
        for values in summary.values():
            values.attrs.pop("window", None)
    xr.testing.assert_identical(found, want)
