"""Each form of a window, laid by hand: three doses that are not evenly spaced, and one alone."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.readouts.windows import Marks, spans_of, window_named

NAN = np.nan
# Doses at 8, 30 and 56 h, the next one due at 80 h, run to 100 h; and one dose at 20 h, run to 50 h.
MARKS = Marks(
    start=np.array([30.0, 20.0]),
    end=np.array([80.0, 50.0]),
    last=np.array([56.0, 20.0]),
    day=np.array([32.0, 26.0]),
    run=np.array([100.0, 50.0]),
    dose=np.array([[8.0, 30.0, 56.0], [20.0, NAN, NAN]]),
    due=np.array([[30.0, 56.0, 80.0], [50.0, NAN, NAN]]),
    until=np.array([80.0, np.inf]),
)
WINDOWS = {
    "last interval": [(30, 80), (20, 50)],
    "last dose": [(56, 80), (20, 50)],
    "last days": [(32, 80), (26, 50)],
    "after last dose": [(56, 80), (20, 50)],
    "whole course": [(0, 100), (0, 50)],
    "dose 1": [(8, 30), (20, 50)],
    "first dose": [(8, 30), (20, 50)],
    "dose 2": [(30, 56), (NAN, NAN)],
    "dose 3": [(56, 80), (NAN, NAN)],
    "dose 4": [(NAN, NAN), (NAN, NAN)],
    "day 1": [(0, 24), (0, 24)],
    "day 3": [(48, 72), (48, 72)],
    "days 2-4": [(24, 96), (24, 96)],
    "3-7.5 h": [(3, 7.5), (3, 7.5)],
    "1-5 h after last dose": [(57, 61), (21, 25)],
}


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_of_one_piece(window):
    spans, length = spans_of(window_named(window), MARKS)
    np.testing.assert_array_equal(spans, np.array(WINDOWS[window], float)[:, None])
    np.testing.assert_array_equal(length, np.diff(spans[:, 0])[:, 0])


@pytest.mark.parametrize(
    ("window", "pieces"),
    [
        ("02:00-04:00", [[(50, 52), (74, 76)], [(26, 28), (50, 50)]]),  # 26 to 28 h of the first has begun before 32
        ("23:00-07:00", [[(47, 55), (71, 79)], [(26, 31), (47, 50)]]),  # across midnight, cut where days begin
        ("12:00-13:00", [[(36, 37), (60, 61)], [(36, 37)]]),
    ],
)
def test_the_same_hours_of_each_of_the_last_days(window, pieces):
    spans, length = spans_of(window_named(window), MARKS)
    for found, wanted in zip(spans, pieces, strict=True):
        seen = [tuple(piece) for piece in found if piece[1] > piece[0]]
        assert seen == [piece for piece in wanted if piece[1] > piece[0]]
    np.testing.assert_array_equal(length, [48.0, 24.0])


def test_an_instant_is_counted_from_where_the_window_begins():
    spans, _ = spans_of("last dose", MARKS, hour=3.0)
    np.testing.assert_array_equal(spans[:, 0], [[59.0, 59.0], [23.0, 23.0]])


@pytest.mark.parametrize("window", ["dose 0", "day 0", "days 3-2", "7-3 h", "3-3 h", "02:00-02:00", "Night", ["dose 2"]])
def test_what_is_no_window_is_refused(window):
    with pytest.raises(ValueError, match="is no window of time"):
        window_named(window)


def test_windows_that_lie_apart_are_told_with_each_number():
    """An opioid that ended days before its mate's last dose is not of the same time."""
    model = ldn.Model.from_antimony("model a\n C' = -0.1*C\n C = 0\nend")
    short, long = (ldn.Regimen.every(1, ii=ii, n=n, cmt="C") for ii, n in ((24, 2), (48, 3)))
    names = ["auc(C)", "mean(C)"]

    def windows(**regimens):
        found = ldn.summarize(ldn.simulate(model, regimens, duration=144), names)
        return [found[name].attrs.get("window") for name in names]

    apart = "over the last dosing interval (24 to 48 h; 96 to 144 h)"
    assert windows(a=short, b=long) == [apart, apart]
    assert windows(a=long) == ["from 0 to 48 h after the last dose", None]
    many = {f"{n}": ldn.Regimen.every(1, ii=24, n=n, cmt="C") for n in (1, 2, 3, 4)}
    assert windows(**many)[1] == "over the last dosing interval (that ends between 24 and 96 h)"
    fourth = ldn.Regimen.every(1, ii=36, n=4, cmt="C")
    assert windows(a=long, b=fourth) == ["over the last dosing interval (96 to 144 h; 108 to 144 h)", None]


@pytest.mark.kind("doses-end-early", sibling="an interval whose dose is missed")
def test_an_interval_whose_dose_is_missed_follows_no_dose():
    model = ldn.Model.from_antimony("model a\n C' = -0.1*C\n C = 0\nend")
    daily = ldn.Regimen.every(1, ii=24, n=3, cmt="C")

    def window(**regimens):
        return ldn.summarize(ldn.simulate(model, regimens), ["auc(C)"])["auc(C)"].attrs["window"]

    assert window(a=daily.skip([3])) == "over the last dosing interval (24 h; its dose is missed)"
    assert window(a=daily, b=daily.skip([3])) == "over the last dosing interval (24 h; its dose is missed in some)"
    assert window(a=daily.skip([2])) == "from 0 to 24 h after the last dose"


RISING = "A' = -A/15; A = 0; Cp := A/30"


def peak(regimen, duration, **more):
    model = ldn.Model.from_antimony(RISING)
    return ldn.simulate(model, regimen, duration=duration, metrics=["cmax(Cp)", "tmax(Cp)"], **more)


@pytest.mark.kind("peak-beyond-the-interval")
def test_a_peak_after_the_day_of_a_single_dose_is_told_of():
    long = ldn.Regimen.single(100, cmt="A", duration=30)
    words = r"Cp highest where the last dosing interval ends \(24 h\), which may rise on: window='after last dose'"
    with pytest.warns(UserWarning, match=words):
        peak(long, 48)
    model = ldn.Model.from_antimony(RISING)
    ds = ldn.simulate(model, long, duration=48)
    with pytest.warns(UserWarning, match="A, " + words):
        ldn.summarize(ds)
    found = ldn.summarize(ds, ["cmax(Cp, after last dose)", "tmax(Cp, after last dose)"])
    truth = 100 / 30 * 15 * (1 - np.exp(-2)) / 30
    assert float(found["cmax(Cp, after last dose)"]) == pytest.approx(truth, rel=1e-5)
    assert float(found["tmax(Cp, after last dose)"]) == pytest.approx(30, abs=1e-3)


@pytest.mark.kind("peak-beyond-the-interval", sibling="some of several people; a peak within the day, or doses that go on")
def test_only_who_rises_on_is_counted():
    slow = ldn.Model.from_antimony("G' = -k*G; A' = k*G - A/15; G = 0; A = 0; k = 1; Cp := A/30")
    people = pd.DataFrame({"k": [1.0, 0.5, 0.01]})
    how = {"subjects": people, "metrics": ["tmax(Cp)"]}
    with pytest.warns(UserWarning, match=r"ends in 1 of 3 runs \(24 h\)"):
        ldn.simulate(slow, ldn.Regimen.single(100, cmt="G"), duration=48, **how)
    ldn.simulate(slow, ldn.Regimen.daily(100, days=3, cmt="G"), duration=60, **how)  # the last interval ends with a dose
    peak(ldn.Regimen.single(100, cmt="A", duration=6), 48)
    peak(ldn.Regimen.single(100, cmt="A", duration=30), 24)  # nobody looks further
