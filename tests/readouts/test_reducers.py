"""Every reducer and its slope, as plain Python, held against a dense look at the same pieces and at moved courses."""

import itertools
from typing import NamedTuple

import numpy as np
import pytest
from scipy.interpolate import CubicHermiteSpline

from ldnsim.readouts import REDUCERS, curve, extremes, terminal

HALF = curve.JUMP / 2
DAY = 24.0


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """Where a reducer is not compiled its scratch is an array."""
    for module in (extremes, terminal):
        monkeypatch.setattr(module, "scratch", np.empty)


def with_slopes(t, v):
    d = np.empty_like(t)
    curve.slopes(t, v, d, np.empty_like(t))
    return d


# ---- numbers of few pieces: two jumps, levels that are met twice in one piece, a window in two parts -------
T = np.array([0.0, 0.7, 1.5, 2.6, 4.0 - HALF, 4.0, 4.3, 5.1, 6.4, 8.0 - HALF, 8.0, 8.2, 9.0, 10.0])
V = np.array([1.0, 3.0, 2.1, 4.0, 1.5, 5.0, 2.0, 2.6, 2.2, 0.4, 0.9, 2.7, 3.3, 1.2])
D = with_slopes(T, V)
SPANS = {
    "whole": [(0.0, 10.0)],
    "inside pieces": [(0.3, 9.1)],
    "from a jump to a jump": [(4.0, 8.0)],
    "up to a jump": [(2.0, 4.0)],
    "in one piece": [(4.4, 4.9)],
    "in two parts": [(0.5, 3.0), (4.5, 9.0)],
    "one part of no length": [(0.5, 3.0), (3.0, 3.0)],
}
LENGTH, LEVEL, SHARE = 7.7, 2.4, 0.6


def looked(spans):
    """Times and values of each span, closely; a jump at its end is not of it."""
    spline = CubicHermiteSpline(T, V, D)
    for start, end in spans:
        for k in range(T.size - 1):
            low, high = max(start, T[k]), min(end, T[k + 1])
            if high > low and not (T[k + 1] - T[k] <= curve.JUMP and T[k + 1] >= end):
                at = np.linspace(low, high, 2001)
                yield at, spline(at)


def dense(reduce, spans):
    """Return what a reducer should find."""
    pieces = list(looked(spans))
    t, v = (np.concatenate(x) for x in zip(*pieces, strict=True))
    start, hours = spans[0][0], sum(b - a for a, b in spans)

    def total(of):
        return sum(np.trapezoid(of(at, x), at) for at, x in pieces)

    auc, above = total(lambda at, x: x), total(lambda at, x: (x >= LEVEL).astype(float))
    mean = auc / hours
    late = [(at, x) for at, x in pieces if at[-1] > spans[-1][1] - DAY]
    target = v[0] + SHARE * (sum(np.trapezoid(x, at) for at, x in late) / (spans[-1][1] - start) - v[0])
    whole = [x for _, x in looked([(start, spans[-1][1])])]
    times = np.concatenate([at for at, _ in looked([(start, spans[-1][1])])])
    is_above = np.concatenate(whole) >= LEVEL
    first = np.argmax(is_above)
    falls = np.flatnonzero(~is_above[first:])
    return {
        "cmax": v.max(), "tmax": t[np.argmax(v)] - start, "cmin": v.min(), "ctrough": v[-1], "cavg": mean, "mean": mean,
        "auc": auc, "aumc": total(lambda at, x: x * (at - start)), "swing": 100 * (v.max() - v.min()) / v.min(),
        "fluctuation": 100 * (v.max() - v.min()) / mean, "peak_over": v.max() - LEVEL,
        "percent_change": 100 * (mean / LEVEL - 1), "time_above": above, "time_below": hours - above,
        "hours_above": above * DAY / LENGTH,
        "area_above": total(lambda at, x: np.maximum(x - LEVEL, 0.0)) * DAY / LENGTH,
        "stretch_above": (times[first + falls[0]] if falls.size else times[-1]) - times[first] if is_above.any() else 0,
        "time_to": times[np.argmax((np.concatenate(whole) - target) * np.sign(target - v[0]) >= 0)] - start,
    }[reduce]  # fmt: skip


FOUND = (
    "cmax", "tmax", "cmin", "ctrough", "cavg", "mean", "auc", "aumc", "swing", "fluctuation", "peak_over",
    "percent_change", "time_above", "time_below", "hours_above", "area_above", "stretch_above", "time_to",
)  # fmt: skip
OF_ALL = ("aumc", "time_to")  # from the first start to the last end, whatever lies between


PAIRS = [(r, name) for r in FOUND for name, spans in SPANS.items() if len(spans) == 1 or r not in OF_ALL]


@pytest.mark.parametrize(("reduce", "spans"), PAIRS)
def test_a_number_is_what_a_dense_look_finds(reduce, spans):
    number = {"time_to": SHARE, "tmax": 0.0}.get(reduce, LEVEL)
    found = REDUCERS[reduce].value(T, V, D, np.array(SPANS[spans]), LENGTH, number)
    assert found == pytest.approx(dense(reduce, SPANS[spans]), rel=1e-3, abs=2e-3)


def test_means_of_two_windows_are_held_against_each_other():
    first, last = (2.0, 4.0), (4.5, 9.0)
    found = REDUCERS["accumulation"].value(T, V, D, np.array([first, last]), LENGTH, 0.0)
    assert found == pytest.approx(dense("mean", [last]) / dense("mean", [first]), rel=1e-4)
    nothing = np.where(T < 4.0, 0.0, V)
    assert np.isnan(
        REDUCERS["accumulation"].value(T, nothing, D * (nothing == V), np.array([first, last]), LENGTH, 0.0)
    )


@pytest.mark.parametrize("time", [0.0, 0.7, 3.3, 4.0, 4.6, 8.0, 10.0])
def test_the_value_at_an_instant_is_the_one_after_a_jump(time):
    found = REDUCERS["at"].value(T, V, D, np.array([[time, time]]), LENGTH, 0.0)
    assert found == pytest.approx(float(CubicHermiteSpline(T, V, D)(time)), abs=1e-12)


def test_numbers_that_are_not_there():
    """A peak that only reaches its level has no time, a swing from nothing no size."""
    at, v = np.array([(0.0, 2.0)]), np.array([0.0, 1.0, 0.5])
    t = np.array([0.0, 1.0, 2.0])
    d = np.zeros(3)
    assert np.isnan(REDUCERS["tmax"].value(t, v, d, at, 2.0, 1.0))
    assert REDUCERS["tmax"].value(t, v, d, at, 2.0, 0.99) == 1.0
    assert np.isnan(REDUCERS["tmax"].slope(t, v, d, d, d, d, at, 2.0, 1.0))
    assert np.isnan(REDUCERS["swing"].value(t, v, d, at, 2.0, 0.0))
    assert REDUCERS["swing"].value(t, v + 1.0, d, at, 2.0, 0.0) == pytest.approx(100.0)


def test_two_nodes_between_jumps_make_a_line():
    t = np.array([0.0, 1.0, 1.0 + HALF, 3.0, 3.0 + HALF, 4.0])
    assert with_slopes(t, np.array([1.0, 3.0, 7.0, 1.0, 2.0, 2.5]))[2] == pytest.approx(-3.0, rel=1e-4)


# ---- slopes: of a course that changes its shape, and jumps or bends at a dose that moves ---------------------
AT, H = 4.0, 1e-5


class How(NamedTuple):
    """How a course changes: how far its dose moves, whether that acts at once, by how much, and what is beside it."""

    moves: float
    jumps: bool
    size: float = 3.0
    falls: bool = False


def course(change, how):
    """Nodes of a course after a change of its shape, and how each moves with that."""
    dose = AT + how.moves * change
    t = np.unique(np.concatenate([np.arange(0.0, 12.0, 0.07), [AT - HALF, AT]]))
    moved = np.where(abs(t - AT) < 3 * HALF, how.moves, 0.0)
    t = t + moved * change
    return t, value_of(t, t >= dose - HALF / 2, change, dose, how), moved


def value_of(t, after, change, dose, how):
    rate, since = 0.5 + change, np.where(after, t - dose, 0.0)
    up = np.exp(-rate * since) if how.jumps else 4.0 * (np.exp(-0.3 * since) - np.exp(-rate * since))
    early = (2.0 + change) * np.exp(-0.3 * t) if how.falls else 1.2 + 0.4 * np.sin(1.1 * t + change)
    return early + how.size * after * up


def by_differences(reduce, how, spans, number):
    ends = []
    for change in (-H, H):
        t, v, _ = course(change, how)
        ends.append(REDUCERS[reduce].value(t, v, with_slopes(t, v), spans, LENGTH, number))
    return (ends[1] - ends[0]) / (2 * H)


def by_slope(reduce, how, spans, number):
    t, v, m = course(0.0, how)
    after = t >= AT - HALF / 2
    s = sum(sign * value_of(t, after, sign * H, AT + sign * H * how.moves, how) for sign in (-1, 1)) / (2 * H)
    return REDUCERS[reduce].slope(t, v, with_slopes(t, v), s, with_slopes(t, s), m, spans, LENGTH, number)


WIDE = {
    "over the dose": (0.5, 11.3),
    "from the dose on": (AT, 11.3),
    "up to the dose": (0.5, AT),
    "before it": (0.2, 3.1),
}
CHANGES = {
    "in place": How(0.0, True), "a rise moves": How(0.7, True), "a bend moves": How(0.7, False),
    "a fall moves": How(0.7, True, -1.0),
}  # fmt: skip
LEVELS = (0.5, 1.3, 2.0)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("reduce", [r for r in REDUCERS if r not in ("accumulation", "at")])
def test_a_slope_is_how_the_number_moves(reduce, change):
    seen = 0
    takes_level = REDUCERS[reduce].number == "level" and REDUCERS[reduce].usual is None
    numbers = LEVELS if takes_level else (SHARE if reduce == "time_to" else 0.0,)
    for span, falls, number in itertools.product(WIDE.values(), (False, True), numbers):
        spans, how = np.array([span]), CHANGES[change]._replace(falls=falls)
        if how.moves and AT in span:
            continue  # a window whose edge the dose crosses
        want, got = by_differences(reduce, how, spans, number), by_slope(reduce, how, spans, number)
        assert np.isnan(want) == np.isnan(got)
        assert got == pytest.approx(want, rel=2e-3, abs=2e-3, nan_ok=True), (span, falls)
        seen += np.isfinite(want)
    assert seen


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("reduce", "spans"),
    [("accumulation", [(0.2, 3.1), (4.5, 11.3)]), *(("at", [(x, x)]) for x in (0.0, 3.3, 4.4, 11.0))],
)
def test_a_slope_of_two_windows_or_of_an_instant(reduce, spans, change):
    found = [of(reduce, CHANGES[change], np.array(spans), 0.0) for of in (by_slope, by_differences)]
    assert found[0] == pytest.approx(found[1], rel=2e-3, abs=2e-3)
    assert found[0] != 0.0
