"""`dose_for` and `level_at`: questions asked from the answer's end, and of one moment."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.study.moments import _since


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def found(model):
    return ldn.dose_for(model, "hours_blocked_peripheral", (4, 6), at="22:00", days=5, draws=20)


def test_a_dose_found_gives_the_number_asked_for(model, found):
    assert list(found.index) == [4.0, 6.0]
    assert (found.low <= found.dose).all()
    assert (found.dose <= found.high).all()
    assert found.dose[4.0] < found.dose[6.0]
    draws = ldn.posterior(model, 20, seed=0)
    for hours, dose in found.dose.items():
        ds = ldn.simulate(
            model,
            ldn.Regimen.daily(dose, days=5, at="22:00"),
            subjects=draws,
            metrics=["hours_blocked_peripheral"],
        )
        of_draws = ds.hours_blocked_peripheral.values
        assert np.abs(of_draws - hours).min() < 0.02 * hours  # the draw in the middle has it at this dose


def test_the_interval_is_that_of_the_doses_of_the_draws(model, found):
    draws = ldn.posterior(model, 20, seed=0)
    low, high = found.low[4.0], found.high[4.0]
    for dose, wanted in ((low * 0.97, 1), (high * 1.03, 19)):
        ds = ldn.simulate(
            model,
            ldn.Regimen.daily(dose, days=5, at="22:00"),
            subjects=draws,
            metrics=["hours_blocked_peripheral"],
        )
        reached = int((ds.hours_blocked_peripheral >= 4).sum())
        assert reached < wanted if wanted == 1 else reached >= wanted


def test_the_share_of_draws_within_the_target_is_told(found):
    assert found.attrs["units"] == "h"
    assert 0.3 <= found.attrs["best_share"] <= 1
    assert found.low[4.0] < found.attrs["best_dose"] < found.high[6.0]


STEEP = """
model steep
  A' = -k * A; E := A^4 / (30^4 + A^4); A = 0; k = 0.2
end
"""


@pytest.mark.kind("dose-between-those-tried")
@pytest.mark.parametrize("target", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("between", [(0.1, 100), (5, 500)])
def test_a_steep_curve_gives_the_dose_of_its_formula(target, between):
    steep = ldn.Model.from_antimony(STEEP)
    found = ldn.dose_for(steep, "cmax(E)", target, days=1, cmt="A", draws=None, between=between)
    exact = 30 * (target / (1 - target)) ** 0.25
    assert found.dose[target] == pytest.approx(exact, rel=5e-4)


def test_the_dose_for_all_of_a_day_is_the_least_that_gives_it(model):
    dose = ldn.dose_for(model, "hours_blocked_peripheral", 24, days=2, draws=20).dose[24]
    regimens = {name: ldn.Regimen.daily(d, days=2) for name, d in (("less", 0.998 * dose), ("this", 1.001 * dose))}
    people = ldn.posterior(model, 20, seed=0)
    ds = ldn.simulate(model, regimens, subjects=people, metrics=["hours_blocked_peripheral"])
    reached = (ds.hours_blocked_peripheral == 24).sum("subject")
    assert int(reached.sel(regimen="less")) < int(reached.sel(regimen="this"))


@pytest.mark.parametrize(("metric", "exact"), [("cmax(U)", 5.0), ("cmin(D)", 7.0)])
@pytest.mark.parametrize("between", [(0.1, 100), (0.2, 70), (0.3, 50), (1, 8)])
def test_the_dose_at_which_a_curve_is_full_is_found_where_the_target_is_all_of_it(metric, exact, between):
    level = "  U := piecewise(x, x < 5, 5); D := piecewise(5, x < 7, 12 - x)\nend"
    model = ldn.Model.from_antimony(BEGINS.replace("end", level))
    found = ldn.dose_for(model, metric, 5, days=1, cmt="A", draws=None, between=between)
    assert found.dose[5] == pytest.approx(exact, rel=1e-3)


BEGINS = """
model begins
  A' = -k * A; x := A; H := piecewise((x - 3)^0.25, x > 3, 0); A = 0; k = 0.2
end
"""


@pytest.mark.kind("dose-between-those-tried", sibling="a curve that begins, or is full, between two doses")
@pytest.mark.parametrize(("metric", "target"), [("cmax(H)", 0.05), ("cmax(H)", 0.3), ("cmax(F)", 0.999)])
@pytest.mark.parametrize("between", [(0.1, 100), (0.001, 10_000)])
def test_a_curve_that_begins_or_is_full_between_doses_gives_the_dose(metric, target, between):
    full = BEGINS.replace("end", "  F := x^40 / (5^40 + x^40)\nend")
    found = ldn.dose_for(ldn.Model.from_antimony(full), metric, target, days=1, cmt="A", draws=None, between=between)
    exact = 3 + target**4 if metric == "cmax(H)" else 5 * (target / (1 - target)) ** (1 / 40)
    assert found.dose[target] == pytest.approx(exact, rel=5e-4)


@pytest.mark.kind("dose-between-those-tried", sibling="the median of draws and the ends of its interval")
def test_linear_plasma_gives_the_dose_by_proportion(model):
    one = ldn.simulate(
        model, ldn.Regimen.daily(1.0, days=1), subjects=ldn.posterior(model, 20, seed=0), metrics=["cmax"]
    ).cmax.sel(analyte="naltrexone")
    found = ldn.dose_for(model, "cmax naltrexone", 2.0, at=0, days=1, draws=20)
    exact = np.sort(2.0 / one.values)
    assert found.dose[2.0] == pytest.approx(exact[9], rel=2e-4)
    assert found.low[2.0] == pytest.approx(exact[0], rel=2e-4)
    assert found.high[2.0] == pytest.approx(exact[18], rel=2e-4)


def test_what_no_dose_reaches_is_infinite_and_what_the_smallest_passes_is_nought(model):
    kw = {"at": "22:00", "days": 2, "draws": 4}
    with pytest.warns(UserWarning, match=r"no dose between 0.1 and 1 mg brings hours_blocked_.* between="):
        beyond = ldn.dose_for(model, "hours_blocked_peripheral", 23.9, between=(0.1, 1), **kw)
    assert np.isinf(beyond.dose[23.9])
    assert beyond.within[23.9] == 0
    with pytest.warns(UserWarning, match="no dose between 20 and 50 mg"):
        below = ldn.dose_for(model, "hours_blocked_peripheral", 0.5, between=(20, 50), **kw)
    assert below.dose[0.5] == 0


def test_a_number_that_more_than_one_dose_gives_is_warned_of():
    hump = ldn.Model.from_antimony("A' = -A; A = 0; R := A*exp(-A); k = 1")  # rises with the dose, then falls
    with pytest.warns(UserWarning, match="more than one dose"):
        found = ldn.dose_for(hump, "at(R, 0)", 0.2, days=1, at=0, cmt="A", draws=None)
    assert found.dose[0.2] == pytest.approx(0.2592, rel=1e-2)


def test_a_level_at_one_moment_has_an_interval(model):
    found = ldn.level_at(model, "3 mg sublingual", after=2, draws=20)
    ds = ldn.simulate(
        model,
        ldn.Regimen.single(3, formulation="sublingual"),
        subjects=ldn.posterior(model, 20, seed=0),
        times=[2.0],
    )
    row = found.loc["plasma_naltrexone"]
    assert row["unit"] == "ng/mL"
    of_draws = np.sort(ds.plasma_naltrexone.values.ravel())
    assert row["median"] == pytest.approx(of_draws[9])
    assert (row["low"], row["high"]) == pytest.approx((of_draws[0], of_draws[-2]))


def test_what_is_printed_of_a_level_and_of_a_dose_shows_every_column(model, found):
    level = ldn.level_at(model, "3 mg sublingual", after=2, outputs="il6", draws=4)
    for table in (level, found):
        assert all(column in repr(table) for column in table.columns)
        assert max(map(len, repr(table).splitlines())) <= 80
        assert type(table.head(1)) is pd.DataFrame


def test_a_clock_time_is_the_next_one_after_the_last_dose(model):
    clock = ldn.level_at(model, "4.5 mg at 22:00", clock="02:00", draws=4)
    after = ldn.level_at(model, ldn.Regimen.single(4.5, at="22:00"), after=4, draws=4)
    assert clock.attrs["after"] == 4
    assert clock.attrs["time"] == 26
    np.testing.assert_allclose(clock["median"], after["median"])


@pytest.mark.kind("words-of-a-run", sibling="level_at: a single dose has no length, what is repeated must tell it")
def test_a_level_of_what_is_repeated_asks_for_how_long(model):
    how = {"clock": "08:00", "outputs": "plasma_naltrexone", "draws": None}
    for words in ("4.5 mg nightly", "4.5 mg every 48 h at 22:00"):
        lacks = f"does not say for how long '{words}' is taken; days=28, or '{words} for 28 days'"
        with pytest.raises(ldn.InputError, match=lacks):
            ldn.level_at(model, words, **how)
    long = ldn.level_at(model, "4.5 mg nightly for 28 days", **how)
    assert long.equals(ldn.level_at(model, "4.5 mg nightly", days=28, **how))
    assert ldn.level_at(model, "4.5 mg at 22:00", **how)["since"].iloc[0].endswith("day 1, 22:00")
    assert ldn.level_at(model, "4.5 mg once at 22:00", **how)["since"].iloc[0].endswith("day 1, 22:00")


BESIDE = "4.5 mg at bedtime + tramadol 50 mg every 6 h from 08:00"


@pytest.mark.kind("last-dose-of-what")
@pytest.mark.filterwarnings("ignore:naltrexone together with")
def test_a_level_is_that_after_the_drug_that_counts(model):
    how = {"outputs": "plasma_naltrexone", "days": 3, "draws": 4}
    beside, alone = (ldn.level_at(model, words, after=2, **how) for words in (BESIDE, "4.5 mg at bedtime"))
    np.testing.assert_allclose(beside["median"], alone["median"], rtol=1e-4)
    assert beside["since"].tolist() == ["4.5 mg naltrexone capsule, day 3, 22:00"] == [beside.attrs["since"]]
    clock = ldn.level_at(model, BESIDE, clock="02:00", **how)
    assert clock.attrs["after"] == pytest.approx(4)


@pytest.mark.kind("last-dose-of-what", sibling="a drug that is named, and no naltrexone at all")
@pytest.mark.filterwarnings("ignore:naltrexone together with")
def test_a_level_is_that_after_the_drug_named_or_the_last_of_all(model):
    how = {"outputs": "opioid_effect", "draws": None}
    named = ldn.level_at(model, BESIDE, after=2, drug="tramadol", days=3, **how)
    assert named["since"].iloc[0] == "50 mg tramadol oral, day 4, 02:00"
    alone = "tramadol 100 mg at 08:00 + tramadol 50 mg at 20:00"
    assert ldn.level_at(model, alone, after=1, **how)["since"].iloc[0] == "50 mg tramadol oral, day 1, 20:00"
    with pytest.raises(ldn.UnknownNameError, match=r"drug='tramadl'.*did you mean 'tramadol'"):
        ldn.level_at(model, BESIDE, after=2, drug="tramadl", days=3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: ldn.dose_for(m, "hours_blocked_peripheral", (6, 4)), "target=.*low.*high"),
        (lambda m: ldn.dose_for(m, "hours_blocked_peripheral", "4"), "target='4'"),
        (lambda m: ldn.dose_for(m, "hours_blocked", 4), "metric='hours_blocked'"),
        (lambda m: ldn.dose_for(m, "cmax", 4), "metric='cmax'.*one number"),
        (lambda m: ldn.dose_for(m, "rebound_peak", 4, between=(0, 3)), "between="),
        (lambda m: ldn.dose_for(m, "hours_blocked_peripheral", (20, 30)), "counts hours of a day, 0 to 24"),
        (lambda m: ldn.dose_for(m, "hours_above(mu_occupancy_brain, 0.5)", -1), "hours of a day, 0 to 24"),
        (lambda m: ldn.level_at(m, "3 mg", after=2, clock="04:00"), "after, clock: both are given; give one of the two"),
        (lambda m: ldn.level_at(m, "3 mg"), "after, clock: neither is given; give one of the two"),
        (lambda m: ldn.level_at(m, "3 mg", after="2 h"), "after='2 h': .*; write 2, without quotes"),
        (lambda m: ldn.level_at(m, "3 mg", after=-1), "after=-1"),
        (lambda m: ldn.level_at(m, "3 mg", clock="25:00"), "25:00"),
        (lambda m: ldn.level_at(m, 3, after=1), "regimen=3"),
    ],
)
def test_what_cannot_be_asked_is_refused(model, call, words):
    with pytest.raises(ValueError, match=words):
        call(model)


def test_the_clock_time_of_a_dose_is_the_dose():
    assert _since(22.0, None, "22:00") == pytest.approx(0.0, abs=1e-12)
    assert _since(46.0, None, "21:59") == pytest.approx(24.0 - 1 / 60, abs=1e-12)
    assert _since(22.0, 0.0, None) == 0.0


@pytest.mark.kind("doses-not-in-mg")
def test_a_dose_of_endotoxin_is_told_in_its_own_unit(model):
    found = ldn.dose_for(model, "cmax(il6)", 20, drug="lps", days=1, draws=None)
    assert found.attrs["dose_units"] == "ng/kg"
    low, high = (
        ldn.simulate(model, ldn.Regimen.single(d, drug="lps"), metrics=["cmax(il6)"])["cmax(il6)"].item()
        for d in (0.99 * found.dose[20], 1.01 * found.dose[20])
    )
    assert low < 20 < high
    assert ldn.dose_for(model, "cmax naltrexone", 2, days=1, draws=None).attrs["dose_units"] == "mg"


@pytest.mark.kind("doses-not-in-mg", sibling="a state whose doses the model counts in ug, and the axis of a sweep")
def test_doses_that_a_model_counts_in_ug_are_told_in_ug():
    steep = ldn.Model.from_antimony(
        "model u; unit ug = 1e-6 gram; unit per_h = 1/3600 second; const k has per_h; var A has ug;"
        "A' = -k * A; A = 0 ug; k = 0.1 per_h; unit time_unit = 3600 second; end"
    )
    counted = steep.with_dose_units(A="ug")
    found = ldn.dose_for(counted, "cmax(A)", 20, days=1, cmt="A", draws=None)
    assert found.dose[20] == pytest.approx(20, rel=1e-3)
    assert found.attrs["dose_units"] == "ug"
    how = {"cmt": "A", "days": 1, "metrics": ["cmax(A)"]}
    assert ldn.sweep(counted, {"dose": [1.0, 2.0]}, **how).dose.attrs["units"] == "ug"
    numbered = ldn.sweep(counted, {"dose": [1.0, 2.0]}, **how | {"cmt": 1})
    assert numbered.dose.attrs["units"] == "ug"
    mg = ldn.Model.from_antimony("model own; A' = -0.1 * A; A = 0; end")
    assert "units" not in ldn.sweep(mg, {"dose": [1.0, 2.0]}, **how).dose.attrs
    both = ldn.sweep(ldn.load_model("ldn"), {"dose": [1.0], "drug": ["lps", "naltrexone"]}, days=1, metrics=["cmax(il6)"])
    assert both.dose.attrs["units"] == ""
