"""What metrics describe: the last complete cycle of a regimen, and how far hours per day look back."""

import numpy as np
import pytest

from ldnsim import Regimen
from ldnsim.regimen.window import interval_ends, whole_cycles, window_of

A = {"cmt": "A"}
EVENING = Regimen.every(1, ii=24, n=3, at="22:00", **A)
LDN = Regimen.daily(4.5, days=28, at="22:00")
ROWS = {"uneven": (6, 12, 36), "twice a day": (0, 12, 24, 36), "two": (0, 20), "a day of three": (0, 8, 16)}
SINGLE = {name: Regimen.from_records([{"time": t, "amt": 1, **A} for t in times]) for name, times in ROWS.items()}
WEEKDAYS = LDN.skip(days=[d for d in range(1, 29) if d % 7 in (6, 0)])

INTERVALS = {
    "equal doses": (EVENING, 94.0, (70.0, 94.0)),
    "the run goes on": (EVENING, 300.0, (70.0, 94.0)),
    "the last one is not complete": (EVENING, 93.0, (46.0, 70.0)),
    "not even the first is": (EVENING, 30.0, (22.0, 30.0)),
    "no dose yet": (EVENING, 10.0, (0.0, 10.0)),
    "every 12 h": (EVENING + EVENING.shift(12), 106.0, (82.0, 94.0)),
    "the last dose is missed": (EVENING.skip([3]), 94.0, (70.0, 94.0)),
    "a single dose": (Regimen.single(1, at=5, **A), 29.0, (5.0, 29.0)),
    "every other day": (Regimen.every(1, ii=48, n=2, **A), 96.0, (48.0, 96.0)),
    "another drug counts alike": (EVENING + Regimen.single(2, drug="lps", at=80), 104.0, (80.0, 94.0)),
    "another drug beside the package's": (
        Regimen.daily(4.5, days=2) + Regimen.single(2, drug="lps", at=30),
        54.0,
        (24.0, 48.0),
    ),
    "no dose": (Regimen(), 100.0, (76.0, 100.0)),
    "unequal doses in a day": (
        Regimen.daily(4.5, days=14, at="22:00") + Regimen.daily(1, days=14, at="08:00"),
        14 * 24 + 22.0,
        (13 * 24 + 8, 14 * 24 + 8),
    ),
    "unequal doses, one day": (
        Regimen.daily(10, days=1, at=8) + Regimen.daily(20, days=1, at=20),
        44.0,
        (8.0, 32.0),
    ),
    "equal doses, unevenly spaced": (
        Regimen.daily(10, days=4, at=8) + Regimen.daily(10, days=4, at=14),
        110.0,
        (80.0, 104.0),
    ),
    "five days on, two off": (WEEKDAYS, WEEKDAYS.end, (21 * 24 + 22.0, 28 * 24 + 22.0)),
    "a titration": (Regimen.titration([(1.5, 14), (4.5, 14)]), 672.0, (648.0, 672.0)),
    "a titration whose last step is a day": (Regimen.titration([(1.5, 7), (4.5, 1)]), 192.0, (168.0, 192.0)),
    "a titration, twice a day at the end": (
        Regimen.titration([(1.5, 7), (3, 7)]) + Regimen.daily(1, days=7, at=172),
        336.0,
        (312.0, 336.0),
    ),
    "a missed day": (LDN.skip([9]), LDN.end, (27 * 24 + 22.0, 28 * 24 + 22.0)),
    "a missed last day": (LDN.skip([28]), LDN.end, (27 * 24 + 22.0, 28 * 24 + 22.0)),
    "missed last days": (LDN.skip([27, 28]), LDN.end, (27 * 24 + 22.0, 28 * 24 + 22.0)),
    "rows of a table, the last one just begun": (SINGLE["uneven"], 53.5, (12.0, 36.0)),
    "rows of a table": (SINGLE["uneven"], 60.0, (36.0, 60.0)),
    "rows of a table, twice a day": (SINGLE["twice a day"], 48.0, (36.0, 48.0)),
    "two rows of a table": (SINGLE["two"], 44.0, (20.0, 44.0)),
    "a day of rows": (SINGLE["a day of three"], 40.0, (16.0, 40.0)),
    "a single dose before a train": (
        Regimen.single(9, **A) + Regimen.every(1, ii=12, n=4, **A).shift(6),
        40.0,
        (18.0, 30.0),
    ),
    "a cycle that is cut": (Regimen.every(9, ii=36, n=2) + Regimen.every(9, ii=24, n=3), 60.0, (36.0, 48.0)),
}


@pytest.mark.parametrize("case", INTERVALS)
def test_the_last_cycle(case):
    regimen, end, interval = INTERVALS[case]
    window = window_of(regimen, end)
    assert (window.start, window.end) == pytest.approx(interval)
    assert window.complete == (case != "not even the first is")
    assert window.day <= max(0.0, window.end - 24) or window.day == 0
    assert window.start <= window.last < window.end


def test_hours_a_day_are_counted_over_whole_cycles_and_days():
    assert window_of(Regimen.every(1, ii=6, n=9, at=2, **A), 56.0)[:4] == (50.0, 56.0, 50.0, 32.0)
    assert window_of(Regimen.every(1, ii=36, n=9, **A), 324.0)[:4] == (288.0, 324.0, 288.0, 252.0)
    assert window_of(Regimen.single(1, **A), 24.0).day == 0.0
    assert [whole_cycles(c, 1e9) for c in (5, 6, 24, 36, 48, 168)] == [120, 24, 24, 72, 48, 168]
    assert whole_cycles(5, 50.0) == 25  # no room for whole days
    assert whole_cycles(23.7, 1e9) == pytest.approx(47.4)  # nor would there ever be
    assert whole_cycles(36, 36.0) == 36


def test_hours_a_day_do_not_look_back_beyond_the_pattern():
    every_5_h = Regimen.every(1, ii=5, n=6, at=100, **A)  # whole days need 120 h of it
    assert window_of(every_5_h, 130.0).day == pytest.approx(105.0)


@pytest.mark.kind("after-the-last-dose")
def test_the_last_dose_is_followed_until_the_next():
    nights = Regimen.daily(4.5, days=5, at="22:00")
    assert window_of(nights, 142.0).until == 142.0
    cut = window_of(nights, 128.0)
    assert (cut.last, cut.until) == (94.0, 118.0)
    assert window_of(Regimen.single(4.5), 96.0).until == 96.0


@pytest.mark.parametrize(("beyond", "last"), [(0.0, 20.0), (1e-6, 20.0), (3e-6, np.nan)])
def test_an_interval_may_end_a_rounding_after_the_run(beyond, last):
    one = Regimen.single(1, **A).doses[0]
    ends = interval_ends([one, one._replace(time=20.0 + beyond)], (), 20.0)
    np.testing.assert_array_equal(ends, [last, np.nan])


@pytest.mark.kind("interval-of-a-row")
def test_an_interval_lasts_until_the_next_row_of_a_table():
    rows = Regimen.from_records([{"time": t, "amt": 1, **A} for t in (0, 20, 50)])
    np.testing.assert_array_equal(interval_ends(rows.doses, (), 100.0), [20.0, 50.0, 74.0])


@pytest.mark.kind("interval-of-a-row", sibling="a dose before a train of doses")
def test_a_dose_a_day_ago_ends_no_interval_of_a_train():
    both = Regimen.single(9, at=24, **A) + Regimen.every(1, ii=24, n=2, **A).shift(31.3)
    np.testing.assert_allclose(interval_ends(both.doses, (), 80.0), [31.3, 55.3, 79.3])
    assert window_of(both, 78.5)[:3] == pytest.approx((31.3, 55.3, 31.3))


@pytest.mark.kind("interval-of-a-row", sibling="an interval named in a row")
def test_a_row_may_name_its_own_interval():
    rows = Regimen.from_records([{"time": t, "amt": 1, "ii": 12, **A} for t in (0, 12, 36)])
    np.testing.assert_array_equal(interval_ends(rows.doses, (), 100.0), [12.0, 24.0, 48.0])
    loaded = Regimen.every(9, ii=24, n=1, **A) + Regimen.every(1, ii=12, n=3, **A).shift(6)
    np.testing.assert_array_equal(interval_ends(loaded.doses, (), 100.0), [6.0, 18.0, 30.0, 42.0])


def test_a_window_begins_at_a_dose_and_not_a_rounding_before_it():
    times = [31.3 + 24 * k for k in range(9)]
    window = window_of(Regimen.every(1, ii=24, n=9, **A).shift(31.3), times[-1] + 30)
    assert window.start == window.day == times[-1]
