"""`summarize` of simulated results: independent of the output grid, equal to metrics=[...], and in words."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim.readouts import REDUCERS

TOY = """
model toy()
  A' = -ka*A
  C' = ka*A - ke*C
  T' = 0.5*(1 - mu_occupancy_peripheral + 0.1 - T)
  A = 0; C = 0; T = 1.1
  ka = 1.2; ke = 0.2; V = 10; K = 20
  plasma_naltrexone := 1000*C/V
  mu_occupancy_peripheral := plasma_naltrexone/(plasma_naltrexone + K)
  opioid_tone := T
  il6 := T
end
"""


def interval(ds):
    """Start and end of the last interval (h)."""
    return ds.marks.sel(mark=["interval_start", "interval_end"]).values.tolist()


@pytest.fixture(scope="module")
def toy():
    model = ldn.Model.from_antimony(TOY)
    table = ldn.load_model("ldn").readouts
    return model.with_readouts(table[table.variable.isin(model.observables)])


@pytest.fixture(scope="module")
def regimens():
    evening = ldn.Regimen.every(4.5, ii=24, n=4, cmt="A", at="22:00")
    return {
        "evening": evening,
        "twice": evening + evening.shift(12),
        "every other day": ldn.Regimen.every(4.5, ii=48, n=2, cmt="A", at="08:00"),
        "infusion": ldn.Regimen.every(4.5, ii=24, n=3, cmt="C", duration=1.7),
        "none": None,
    }


@pytest.fixture(scope="module")
def summary(toy, regimens):
    return ldn.summarize(ldn.simulate(toy, regimens))


def test_the_output_grid_does_not_matter(toy, regimens, summary):
    fine = ldn.simulate(toy, regimens, every=0.05)
    for name, metric in ldn.summarize(fine).items():
        np.testing.assert_allclose(summary[name], metric, rtol=1e-4, atol=1e-4, err_msg=name)


def test_they_are_what_a_dense_look_at_the_course_gives(toy, regimens, summary):
    ds = ldn.simulate(toy, regimens, every=0.002, rtol=1e-8)
    for name in regimens:
        one, got = ds.sel(regimen=name), summary.sel(regimen=name)
        start, end = interval(one)
        last, day = one.sel(time=slice(start, end)), one.sel(time=slice(min(start, end - 24), end))
        per_day = 24 / float(day.time[-1] - day.time[0])
        blocked = (day.mu_occupancy_peripheral >= 0.8).mean() * 24
        asleep = ((day.mu_occupancy_peripheral >= 0.8) & ((day.clock >= 23) | (day.clock <= 7))).mean() * 24
        c = last.plasma_naltrexone
        want = {
            "cmax": c.max(),
            "tmax": c.time[int(np.argmax(c.values))] - start if c.max() > 0 else np.nan,
            "auc": c.integrate("time"),
            "peak_mu_occupancy_peripheral": last.mu_occupancy_peripheral.max(),
            "trough_mu_occupancy_peripheral": last.mu_occupancy_peripheral.min(),
            "hours_blocked_peripheral": blocked,
            "hours_blocked_asleep": asleep,
            "rebound_peak": last.opioid_tone.max() - 1,
            "rebound_auc": (day.opioid_tone - 1).clip(min=0).integrate("time") * per_day,
            "change_il6": 100 * (last.il6.mean() - 1),
        }
        for metric, value in want.items():
            np.testing.assert_allclose(
                got[metric].values.ravel()[0], float(value), rtol=2e-3, atol=5e-3, err_msg=f"{name} {metric}"
            )


def test_metrics_alone_are_the_same_numbers(toy, regimens, summary):
    names = list(summary.data_vars)
    alone = ldn.simulate(toy, regimens, metrics=names)
    assert "time" not in alone.dims
    xr.testing.assert_allclose(alone, summary, rtol=1e-6)
    assert list(alone.data_vars) == names


def test_each_metric_says_what_it_is(summary):
    assert len(summary.data_vars) >= 10
    for name, metric in summary.items():
        assert all(metric.attrs[k] for k in ("units", "long_name", "description")), name
    assert summary.cmax.dims == ("regimen", "analyte")
    assert summary.hours_blocked_peripheral.dims == ("regimen",)
    assert "hours_blocked_brain" not in summary  # the toy has no brain


def test_nobody_untreated_is_blocked(summary):
    none = summary.sel(regimen="none")
    assert float(none.hours_blocked_peripheral) == 0
    assert float(none.cmax[0]) == 0
    assert np.isnan(none.tmax[0])
    assert np.isnan(none.half_life[0])


def test_the_threshold_matters_and_is_checked(toy, regimens):
    ds = ldn.simulate(toy, regimens)
    low, high = ldn.summarize(ds, threshold=0.3), ldn.summarize(ds, threshold=0.9)
    assert (low.hours_blocked_peripheral >= high.hours_blocked_peripheral).all()
    assert float(low.hours_blocked_peripheral[0]) > float(high.hours_blocked_peripheral[0])
    assert low.attrs["threshold"] == 0.3
    for wrong in (0, 1.5, "high", float("nan")):
        with pytest.raises(ValueError, match="threshold"):
            ldn.summarize(ds, threshold=wrong)


def test_the_half_life_is_that_of_the_slower_process(summary):
    np.testing.assert_allclose(summary.half_life.sel(regimen="every other day"), np.log(2) / 0.2, rtol=1e-3)


@pytest.mark.kind("censored-stretch", sibling="the blockade of a single dose, seen for a day and for three")
def test_a_blockade_that_outlasts_the_interval_is_followed_to_the_end(toy):
    once = ldn.Regimen.single(5000, cmt="A")
    short, long = (ldn.summarize(ldn.simulate(toy, once, duration=d)).blockade_window for d in (24, 72))
    assert float(short) == pytest.approx(24, abs=0.1)
    assert 24 < float(long) < 72
    assert (float(short.blockade_window_censored), float(long.blockade_window_censored)) == (1, 0)


def test_a_run_that_breaks_off_uses_the_last_complete_interval(toy, regimens):
    whole = ldn.simulate(toy, regimens["evening"], duration=22 + 48)
    cut = ldn.simulate(toy, regimens["evening"], duration=22 + 48 + 10)
    assert interval(cut)[0] == interval(whole)[0] == 22 + 24
    np.testing.assert_allclose(ldn.summarize(cut).cmax, ldn.summarize(whole).cmax, rtol=1e-6)
    first = ldn.simulate(toy, regimens["evening"], duration=30)
    assert interval(first) == [22, 30]


def test_one_regimen_of_many(toy, regimens, summary):
    ds = ldn.simulate(toy, regimens)
    one = ldn.summarize(ds.sel(regimen="twice"))
    np.testing.assert_array_equal(one.rebound_auc, summary.rebound_auc.sel(regimen="twice"))


def test_a_model_without_a_table_offers_the_usual_of_each_observable(regimens):
    other = ldn.Model.from_antimony("model other()\n A' = -k*A; A = 0; k = 0.5\nend")
    got = ldn.summarize(ldn.simulate(other, regimens["evening"]))
    assert list(got) == ["cmax(A)", "tmax(A)", "cmin(A)", "auc(A)"] == other.readouts.index.tolist()
    assert float(got["auc(A)"]) == pytest.approx(4.5 / 0.5, rel=1e-4)


def test_a_result_without_nodes_is_refused(toy, regimens):
    with pytest.raises(ValueError, match="before choosing variables, averaging"):
        ldn.summarize(ldn.simulate(toy, regimens).mean("regimen"))


def test_unequal_doses_are_described_over_the_whole_cycle(toy):
    evening = ldn.Regimen.every(4.5, ii=24, n=9, cmt="A", at="22:00")
    more = evening + ldn.Regimen.every(1, ii=24, n=9, cmt="A", at="08:00")
    got = ldn.summarize(ldn.simulate(toy, {"evening": evening, "more": more}))
    area = 1000 / 10 / 0.2  # ng/mL*h of each mg
    np.testing.assert_allclose(got.auc[:, 0], [4.5 * area, 5.5 * area], rtol=1e-3)
    np.testing.assert_allclose(got.half_life[1, 0], got.half_life[0, 0], rtol=1e-2)


def test_the_blockade_does_not_depend_on_the_company(toy):
    once, week = ldn.Regimen.single(5000, cmt="A"), ldn.Regimen.every(1, ii=24, n=7, cmt="A")
    alone = ldn.summarize(ldn.simulate(toy, once))
    beside = ldn.summarize(ldn.simulate(toy, {"once": once, "week": week})).sel(regimen="once")
    assert float(beside.blockade_window) == pytest.approx(float(alone.blockade_window), rel=1e-6)
    assert float(alone.blockade_window) == pytest.approx(24, abs=0.1)


def test_a_part_of_an_interval_is_told_of(toy, regimens):
    part = ldn.simulate(toy, regimens["evening"], duration=30)
    with pytest.warns(UserWarning, match="describe a part of it"):
        ldn.summarize(part)
    with pytest.warns(UserWarning, match="describe a part of it"):
        ldn.simulate(toy, regimens["evening"], duration=30, metrics=["cmax"])


def test_a_missed_last_day_is_seen(toy):
    week = ldn.Regimen.every(4.5, ii=24, n=7, cmt="A")
    got = ldn.summarize(ldn.simulate(toy, {"all": week, "missed": week.skip([7])}))
    assert week.skip([7]).end == week.end == 168
    assert float(got.cmax[1, 0]) < 0.2 * float(got.cmax[0, 0])


BOX = """
model box()
  compartment v = 4; species S in v; S = 3; k = 0.1
  J: S -> ; v*k*S
  C := 2*S
end
"""


@pytest.mark.kind("amounts")
def test_an_amount_is_summarized_as_an_amount():
    box = ldn.Model.from_antimony(BOX)
    plain, amount = (
        ldn.summarize(ldn.simulate(box, None, duration=24, **how)) for how in ({}, {"amounts": ["S"]})
    )
    assert set(plain) == set(amount)
    for name, factor in {
        "cmax(S)": 4,
        "cmin(S)": 4,
        "auc(S)": 4,
        "tmax(S)": 1,
        "cmax(C)": 1,
        "auc(C)": 1,
    }.items():
        np.testing.assert_allclose(amount[name], factor * plain[name], rtol=1e-6, err_msg=name)
    alone = ldn.simulate(box, None, duration=24, outputs=["C"], amounts=["S"])
    assert ldn.summarize(alone, ["cmax(S)"])["cmax(S)"].item() == 12.0


@pytest.mark.kind("amounts", sibling="of a model with readouts of its own")
def test_what_a_model_offers_of_a_concentration_is_not_taken_of_the_amount():
    box = ldn.Model.from_antimony(BOX).with_readouts(
        [ldn.Readout("S", "cmax", name="peak"), ldn.Readout("C", "auc")]
    )
    assert ldn.summarize(ldn.simulate(box, None, duration=24)).peak == 3.0
    ds = ldn.simulate(box, None, duration=24, amounts=["S"])
    assert list(ldn.summarize(ds)) == ["auc(C)"]
    assert ldn.summarize(ds, ["cmax(S)"])["cmax(S)"].item() == 12.0
    with pytest.raises(ldn.UnknownNameError, match="'peak': no such name"):
        ldn.summarize(ds, ["peak"])


@pytest.mark.kind("amounts", sibling="a quantity that the result calls by another name")
def test_a_quantity_that_bears_the_name_of_a_coordinate_is_summarized():
    model = ldn.Model.from_sbml(
        ldn.Model.from_antimony("model m()\n tame' = 2; tame = 1\nend").to_sbml().replace("tame", "time")
    )
    ds = ldn.simulate(model, None, duration=3, outputs=["time"])
    np.testing.assert_allclose(ldn.summarize(ds, ["cmax(time_)"])["cmax(time_)"], 7.0)


@pytest.mark.kind("one-readout-many-paths")
@pytest.mark.parametrize("window", ["after last dose", "dose 2", "last interval"])
def test_a_readout_is_the_same_alone_beside_others_and_from_a_course(window):
    text = "model bolus(); A' = -k*A; A = 0; k = 0.1; V = 10; Cp := A/V; end"
    model, regimen = ldn.Model.from_antimony(text), ldn.Regimen.every(100, ii=24, n=3, cmt="A")
    names = [
        f"{reduce}(Cp, {extra}{window})"
        for reduce, row in REDUCERS.items()
        for extra in (
            [""]
            if not row.number or row.usual is not None
            else ["0.5, " if row.number == "share" else "3.0, "]
        )
    ]
    kept = ldn.simulate(model, regimen, every=7.0, rtol=1e-9)
    for name in names:
        alone = ldn.simulate(model, regimen, metrics=[name], rtol=1e-9)
        (title,) = alone.data_vars
        beside = ldn.simulate(model, regimen, metrics=[name, "auc(Cp, whole course)", "at(Cp, 1)"], rtol=1e-9)
        for other in (beside, ldn.summarize(kept, [name])):
            assert float(other[title]) == pytest.approx(float(alone[title]), rel=1e-7, nan_ok=True), name


@pytest.mark.kind("one-readout-many-paths", sibling="a fall of one exponential, whose half-life is known")
@pytest.mark.parametrize("window", ["after last dose", "dose 2", "22-34 h"])
def test_the_half_life_of_a_bolus_is_known_though_a_trough_stands_before_it(window):
    text = "model bolus(); A' = -k*A; A = 0; k = 0.1; V = 10; Cp := A/V; end"
    ds = ldn.simulate(
        ldn.Model.from_antimony(text), ldn.Regimen.every(100, ii=12, n=6, cmt="A", at="10:00"), rtol=1e-9
    )
    for reduce in ("decay_half_life", "half_life"):
        found = ldn.summarize(ds, [ldn.Readout("Cp", reduce, window=window)])
        assert float(next(iter(found.data_vars.values()))) == pytest.approx(np.log(2) / 0.1, rel=1e-6)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.kind("after-the-last-dose", sibling="another drug goes on")
@pytest.mark.parametrize("run", ["cut short", "an opioid goes on"])
def test_what_follows_the_last_dose_ends_with_the_next(run):
    model, nights = ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=5, at="22:00")
    names = ["half_life naltrexol", "half_life naltrexone", "blockade_window"]
    whole = ldn.summarize(ldn.simulate(model, nights), names)
    if run == "cut short":  # 10 h after the last dose, which begins no whole interval
        ds = ldn.simulate(model, nights, duration=128)
    else:
        ds = ldn.simulate(model, nights + ldn.Regimen.every(50, ii=6, n=20, at="08:00", drug="tramadol"))
    for found in (ldn.summarize(ds, names), ldn.summarize(ldn.simulate(model, nights, duration=128), names)):
        np.testing.assert_allclose(found.half_life, whole.half_life, rtol=2e-2)
        np.testing.assert_allclose(found.blockade_window, whole.blockade_window, rtol=2e-2)
    alone = ldn.simulate(model, nights, duration=128, metrics=names)
    np.testing.assert_allclose(alone.half_life, whole.half_life, rtol=2e-2)


def test_a_number_says_of_which_dose_it_is_where_another_follows(toy, regimens):
    named = "cmax(C, 0-8 h after last dose)"
    cut, whole = (ldn.simulate(toy, regimens["evening"], duration=d, metrics=[named]) for d in (110, 118))
    assert "at 70 h: the last one whose interval ends within the run" in cut[named].description
    assert "at 70 h" not in whole[named].description


@pytest.mark.parametrize("text", ["time_above(C,0.1)", "auc(C, 0,24)", " cmax(C, dose 1) ", "auc(plasma_naltrexone)"])
def test_a_readout_goes_by_the_text_that_was_asked_for(toy, regimens, text):
    both = ldn.simulate(toy, regimens["evening"], metrics=[text]), ldn.simulate(toy, regimens["evening"])
    alone, course = both[0], ldn.summarize(both[1], text)
    assert list(alone) == list(course) == [text.strip()]


def test_results_from_before_the_next_dose_was_kept_are_read(earlier):
    ds = ldn.simulate(ldn.load_model("naltrexone_pk"), ldn.Regimen.daily(4.5, days=2, at="22:00"))
    older = earlier(ds).drop_vars("last_dose_until")
    assert float(ldn.summarize(older, ["half_life naltrexone"]).half_life[0]) > 1


def test_runs_that_were_stacked_can_be_taken_apart_again(toy, regimens):
    ds = ldn.simulate(toy, regimens, subjects=pd.DataFrame({"ka": [1.0, 2.0]}))
    stacked = ldn.summarize(ds.stack(run=("regimen", "subject")), ["cmin(C)"])["cmin(C)"]
    whole = ldn.summarize(ds, ["cmin(C)"])["cmin(C)"]
    for regimen in ds["regimen"].values:
        np.testing.assert_array_equal(stacked.sel(regimen=regimen), whole.sel(regimen=regimen))
    assert stacked.unstack("run").sizes == whole.sizes


def test_a_table_of_readouts_may_be_one_that_pandas_read(tmp_path):
    path = tmp_path / "readouts.csv"
    path.write_text("name,variable,reduce,window,level,unit,words,group,label\nx,A,cmax,,,,,,\ny,A,time_above,,0.5,,,,\n")
    model = ldn.Model.from_antimony("A' = -A; A = 1").with_readouts(pd.read_csv(path))
    found = ldn.summarize(ldn.simulate(model, None, duration=3.0))
    assert [float(found.x), float(found.y)] == pytest.approx([1.0, np.log(2)], rel=1e-5)
