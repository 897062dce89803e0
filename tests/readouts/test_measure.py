"""Numbers from nodes against closed forms, and against a thousandfold denser look at the same curve."""

import numpy as np
import pytest

from ldnsim.readouts import REDUCERS, Marks, Readout, columns_of, measure, measure_slopes, metric_nodes
from ldnsim.readouts.nodes import BEFORE
from ldnsim.readouts.reducers import TREND


def bateman(t, doses, ka=1.3, ke=0.17, scale=10.0):
    """Concentration after first-order absorption of doses given at these times."""
    since = np.maximum(np.asarray(t)[..., None] - np.asarray(doses), 0.0)
    return scale * (np.exp(-ke * since) - np.exp(-ka * since)).sum(-1) * ka / (ka - ke)


def bolus(t, doses, fast=2.5, slow=0.17):
    """Concentration after intravenous doses, two exponentials: a jump at each dose."""
    since = np.asarray(t)[..., None] - np.asarray(doses)
    after = since >= 0
    since = np.where(after, since, 0.0)
    return (after * (6.0 * np.exp(-fast * since) + 3.0 * np.exp(-slow * since))).sum(-1)


def marks_of(doses, ii, run):
    """What a regimen of equal doses gives."""
    doses = np.asarray(doses, dtype=float)
    one = lambda x: np.array([float(x)])  # noqa: E731
    last, end = doses[-1], doses[-1] + ii
    day = end - max(ii, 24.0)
    return Marks(one(last), one(end), one(last), one(day), one(run), doses[None], (doses + ii)[None])


def look(curve, at, readouts, marks, threshold=0.8):
    return measure(curve(at)[None, None, :], at, marks, ["x"], readouts, threshold)[0]


CASES = {
    "capsule at 22:00": (lambda t: bateman(t, 22 + 24 * np.arange(7)), 22 + 24.0 * np.arange(7), 24.0),
    "twice a day": (lambda t: bateman(t, 8 + 12 * np.arange(14)), 8 + 12.0 * np.arange(14), 12.0),
    "every other day": (lambda t: bateman(t, 22 + 48 * np.arange(4)), 22 + 48.0 * np.arange(4), 48.0),
    "intravenous": (lambda t: bolus(t, 9 + 24 * np.arange(3)), 9 + 24.0 * np.arange(3), 24.0),
    "fast": (lambda t: bateman(t, 22 + 24 * np.arange(3), ka=6.0, ke=0.5), 22 + 24.0 * np.arange(3), 24.0),
}
NUMBERS = {"peak_over": 1.0, "percent_change": 4.0, "at": 5.0, "time_to": 0.9, "auc_inf": 0.0}
LEVEL = 4.0
WINDOWS = [
    "last interval",
    "last dose",
    "last days",
    "after last dose",
    "first dose",
    "whole course",
    "night",
]
ONE_PIECE = {"half_life", "decay_half_life", "auc_inf", "aumc_inf", "mrt", "time_to"}  # of a fall, or of all


UNFIT = {  # an instant of no day, peaks that are alike, and nothing before the first dose
    ("at", "night"), ("tmax", "whole course"), ("swing", "whole course"), ("swing", "after last dose"),
}  # fmt: skip


def readout(reduce, window=None):
    number = NUMBERS.get(
        reduce, LEVEL if REDUCERS[reduce].number and REDUCERS[reduce].usual is None else None
    )
    return Readout("x", reduce, window, number)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("reduce", REDUCERS)
def test_nodes_see_what_a_dense_look_sees(case, reduce):
    curve, doses, ii = CASES[case]
    run = doses[-1] + ii + 30.0
    marks = marks_of(doses, ii, run)
    nodes = metric_nodes(doses, np.array([[0.0, run]]), doses[-1] + ii, run)
    dense = np.unique(np.concatenate([np.linspace(0.0, run, 40_001), nodes]))
    windows = [None] if reduce in ONE_PIECE else WINDOWS
    readouts = [readout(reduce, w) for w in windows if (reduce, w) not in UNFIT]
    got, want = look(curve, nodes, readouts, marks), look(curve, dense, readouts, marks)
    told = [part != TREND for _, part in columns_of(readouts)]  # which multiplies what parts two looks
    got, want = got[told], want[told]
    kept = np.isfinite(want)
    assert kept.any()
    assert (np.isfinite(got) == kept).all()
    np.testing.assert_allclose(got[kept], want[kept], rtol=2e-3, atol=2e-3)


def test_nodes_are_few_and_do_not_depend_on_what_else_is_read():
    doses = 22 + 24.0 * np.arange(7)
    last = metric_nodes(doses, np.array([[166.0, 190.0]]), 190.0, 190.0)
    whole = metric_nodes(doses, np.array([[0.0, 190.0]]), 190.0, 190.0)
    assert len(last) < 100
    np.testing.assert_array_equal(whole[whole >= 166.0], last)
    both = metric_nodes(doses, np.array([[0.0, 10.0], [166.0, 190.0]]), 190.0, 190.0)
    np.testing.assert_array_equal(both[both >= 166.0], last)
    assert both[both < 22.0].tolist() == whole[whole < 22.0].tolist()
    between = both[(both >= 22.0) & (both < 166.0)]
    assert between.tolist() == [22.0, 166.0 - BEFORE]


@pytest.mark.parametrize("end", [1e-3, 0.05, 0.5, 7.0])
def test_short_runs_have_nodes_of_their_own_size(end):
    nodes = metric_nodes(np.empty(0), np.array([[0.0, end]]), end, end)
    assert len(nodes) >= 12
    assert (nodes[0], nodes[-1]) == (0.0, end)


def test_the_closed_form_of_a_single_dose():
    ka, ke, scale = 1.3, 0.17, 10.0
    marks = marks_of([0.0], 24.0, 24.0)
    nodes = metric_nodes(np.array([0.0]), np.array([[0.0, 24.0]]), 24.0, 24.0)
    names = ("cmax", "tmax", "auc", "half_life", "auc_inf", "aumc", "mrt", "at", "ctrough", "cavg")
    readouts = [Readout("x", r, level=6.0 if r == "at" else None) for r in names]
    found = look(lambda t: bateman(t, [0.0]), nodes, readouts, marks)
    columns = [k for r in readouts for k in (r.reduce, *(f"{r.reduce}_{p}" for p in r.reducer.beside))]
    got = dict(zip(columns, found, strict=True))
    peak_time = np.log(ka / ke) / (ka - ke)
    first, second = (
        (lambda k: (1 - np.exp(-24 * k)) / k),
        (lambda k: (1 - np.exp(-24 * k) * (1 + 24 * k)) / k**2),
    )
    area = scale * ka / (ka - ke) * (first(ke) - first(ka))
    moment = scale * ka / (ka - ke) * (second(ke) - second(ka))
    assert got["tmax"] == pytest.approx(peak_time, rel=2e-3)
    assert got["cmax"] == pytest.approx(bateman(peak_time, [0.0]), rel=2e-4)
    assert got["auc"] == pytest.approx(area, rel=2e-5)
    assert got["aumc"] == pytest.approx(moment, rel=2e-5)
    assert got["cavg"] == pytest.approx(area / 24, rel=2e-5)
    assert got["half_life"] == pytest.approx(np.log(2) / ke, rel=1e-4)
    assert got["auc_inf"] == pytest.approx(scale / ke, rel=1e-4)
    assert got["auc_inf_extrapolated"] == pytest.approx(100 * (1 - area / (scale / ke)), rel=1e-2)
    assert got["mrt"] == pytest.approx(1 / ka + 1 / ke, rel=2e-4)
    assert got["at"] == pytest.approx(bateman(6.0, [0.0]), rel=1e-5)
    assert got["ctrough"] == pytest.approx(bateman(24.0, [0.0]), rel=1e-5)
    assert got["half_life_points"] >= 3
    assert 0 < got["half_life_start"] < 24


def test_the_half_life_is_that_of_the_end_however_long_and_faint_the_tail():
    def curve(t):
        return np.exp(-t) + 1e-3 * np.exp(-t / 500.0)

    for run in (300.0, 4000.0, 40_000.0):  # the last is below what a solver tells from nothing
        nodes = metric_nodes(np.array([0.0]), np.array([[0.0, run]]), 12.0, run)
        got, points, start, trend = look(curve, nodes, [Readout("x", "half_life")], marks_of([0.0], 12.0, run))
        assert got == pytest.approx(500 * np.log(2), rel=1e-3), run
        assert trend == pytest.approx(500 * np.log(2), rel=1e-2), run
        assert points >= 3
        assert start > 7


@pytest.mark.parametrize("curve", [np.ones_like, lambda t: 1 + t, np.zeros_like, lambda t: -np.exp(-t)])
def test_what_does_not_fall_has_no_half_life(curve):
    nodes = metric_nodes(np.array([0.0]), np.array([[0.0, 24.0]]), 24.0, 24.0)
    assert np.isnan(look(curve, nodes, [Readout("x", "half_life")], marks_of([0.0], 24.0, 24.0))).all()


def test_what_stands_at_the_level_ends_the_terminal_phase():
    t = np.unique(np.concatenate([np.linspace(0.0, 20.0, 401), [17.5 - 1e-6]]))

    def curve(t, low=1.0):
        """Falls, stands at `low`, and is two points of the phase above the level at last."""
        return np.where(t < 10.0, 8.0 * np.exp(-t / 5.0), np.where(t < 17.5, low, 3.0 * np.exp(17.5 - t)))

    read, marks = [Readout("x", "half_life", level=1.0)], marks_of([0.0], 20.0, 20.0)
    assert np.isfinite(look(lambda t: curve(t, 1.001), t, read, marks)[0])
    assert np.isnan(look(lambda t: curve(t, 0.999), t, read, marks)[0])
    assert np.isnan(look(curve, t, read, marks)[0])


def test_a_constant_is_exact_and_counts_as_blocked_all_day():
    nodes = metric_nodes(np.array([22.0]), np.array([[22.0, 46.0]]), 46.0, 46.0)
    texts = ("hours_above(x, 1)", "stretch_above(x, 1)", "percent_change(x, 1)", "peak_over(x, 1)",
             "hours_above(x, 1, night)", "time_below(x, 1)", "swing(x)", "accumulation(x)")  # fmt: skip
    readouts = [Readout.of(t) for t in texts]
    numbers = look(np.ones_like, nodes, readouts, marks_of([22.0], 24.0, 46.0))
    assert numbers == pytest.approx([24.0, 24.0, 1.0, 0.0, 0.0, 8.0, 0.0, 0.0, 1.0], abs=1e-9)


@pytest.mark.kind("censored-stretch")
def test_a_stretch_that_lasts_as_long_as_was_looked_says_so():
    nodes = np.linspace(0.0, 24.0, 97)
    readouts = [Readout("x", "stretch_above", level=0.5)]
    marks = marks_of([0.0], 24.0, 24.0)
    assert look(np.ones_like, nodes, readouts, marks).tolist() == [24.0, 1.0]
    assert look(lambda t: np.exp(-t), nodes, readouts, marks)[1] == 0.0
    assert look(np.zeros_like, nodes, readouts, marks).tolist() == [0.0, 0.0]


def test_sleep_is_counted_by_the_clock():
    nodes = metric_nodes(np.array([20.0]), np.array([[20.0, 44.0]]), 44.0, 44.0)  # a dose at 20:00
    edges = np.array([21.0, 25.0])
    at = np.unique(np.concatenate([nodes, edges, edges - BEFORE, edges + BEFORE]))
    asleep, early = [Readout.of(t) for t in ("hours_above(x, 0.5, night)", "time_above(x, 0.5, 00:00-02:00)")]
    marks = marks_of([20.0], 24.0, 44.0)
    got = look(lambda t: ((t >= 21.0) & (t <= 25.0)).astype(float), at, [asleep, early], marks)
    assert got == pytest.approx([2.0, 1.0], abs=1e-4)


def test_the_last_night_counts_where_its_window_ends_inside_it():
    """From 23:30 to 23:30: all but the first half hour of one night, and the first half hour of the next."""
    at = np.linspace(23.5, 47.5, 49)
    readout = Readout.of("time_above(x, 0.5, night)")
    assert look(np.ones_like, at, [readout], marks_of([23.5], 24.0, 47.5)) == pytest.approx([8.0], abs=1e-9)


def test_the_terminal_phase_begins_at_one_of_the_shares_that_the_docs_name():
    nodes = metric_nodes(np.array([0.0]), np.array([[0.0, 24.0]]), 24.0, 24.0)
    found = look(lambda t: bolus(t, [0.0]), nodes, [Readout("x", "half_life")], marks_of([0.0], 24.0, 24.0))
    _, points, start = found[:3]
    assert start == pytest.approx(24.0 * 1.1 ** (1.0 - points), rel=1e-12)
    assert 2.0 < start < 8.0  # the fast phase is over


def test_the_stretch_of_the_last_dose_ends_where_it_first_falls_and_may_outlast_the_interval():
    at = np.linspace(0.0, 60.0, 601)

    def curve(t):
        return np.where(t < 30, 1.0, 0.0) + np.where((t > 40) & (t < 50), 1.0, 0.0)

    windows = ("last interval", "last dose", "last days", "after last dose")
    readouts = [Readout("x", "stretch_above", w, 0.5) for w in windows]
    found = look(curve, at, readouts, marks_of([0.0], 24.0, 60.0)).reshape(4, 2)
    assert found[3] == pytest.approx([30.0, 0.0], abs=0.1)
    assert found[:3, 0] == pytest.approx([24.0] * 3)
    assert found[:3, 1].tolist() == [1.0] * 3


def test_a_jump_has_two_sides():
    """The trough before an intravenous dose and the peak after it, although both lie at one instant."""
    curve, doses, ii = CASES["intravenous"]
    nodes = metric_nodes(doses, np.array([[0.0, doses[-1] + 5.0]]), doses[-1], doses[-1] + 5.0)
    marks = marks_of(doses[:-1], ii, doses[-1] + 5.0)
    texts = ("cmin(x)", "ctrough(x)", "cmax(x)", f"at(x, {doses[-1]})")
    trough, end, peak, after = look(curve, nodes, [Readout.of(t) for t in texts], marks)
    assert trough == pytest.approx(curve(doses[-1] - BEFORE), rel=1e-9)
    assert end == pytest.approx(curve(doses[-1] - BEFORE), rel=1e-9)
    assert peak == pytest.approx(curve(doses[-2]), rel=1e-9)
    assert after == pytest.approx(curve(doses[-1]), rel=1e-9)


def test_a_missing_value_makes_only_its_own_trace_missing():
    at = np.linspace(0.0, 24.0, 25)
    values = np.ones((2, 2, 25))
    values[1, 0, 20:] = np.nan
    found = measure(
        values, at, marks_of([0.0], 24.0, 24.0), ["x", "y"], [Readout("x", "cmax"), Readout("y", "cmax")]
    )
    assert np.isnan(found).tolist() == [[False, False], [True, False]]


@pytest.mark.slow  # the slope of each reducer is compiled
@pytest.mark.parametrize("case", ["capsule at 22:00", "intravenous"])
@pytest.mark.parametrize("reduce", REDUCERS)
def test_slopes_equal_central_differences(case, reduce):
    """Along a direction that changes the curve's shape: its rate."""
    _, doses, ii = CASES[case]
    run = doses[-1] + ii + 30.0
    curve = (
        (lambda t, k: bateman(t, doses, ke=k))
        if case != "intravenous"
        else (lambda t, k: bolus(t, doses, slow=k))
    )
    nodes = metric_nodes(doses, np.array([[0.0, run]]), doses[-1] + ii, run)
    one = readout(reduce, "last interval" if reduce == "at" else None)
    slope, differences, size = slopes(curve, nodes, marks_of(doses, ii, run), one)
    assert slope == pytest.approx(differences, abs=1e-6 * size)
    assert slope != 0 or (case == "intravenous" and reduce in ("tmax", "time_to"))


def slopes(curve, nodes, marks, one, k=0.17, h=1e-4):
    """Return the slope of a readout along the rate k of a curve, by itself and by central differences, and its size."""
    values = np.array([curve(nodes, k + s) for s in np.array([-2, -1, 1, 2]) * h])
    weights = np.array([1, -8, 8, -1]) / (12 * h)
    own = measure(values[:, None], nodes, marks, ["x"], [one])[:, 0]
    exact = np.array([curve(nodes, k)[None]]), (weights @ values)[None, None]
    moved = nodes[None], np.zeros((1, nodes.size))
    slope = measure_slopes(*exact, *moved, marks, ["x"], one)[0]
    return slope, weights @ own, max(abs(own).max() / k, abs(slope))


@pytest.mark.slow  # the slope of each reducer is compiled
@pytest.mark.parametrize("reduce", ["half_life", "auc_inf", "aumc_inf", "mrt"])
def test_slopes_of_a_terminal_phase_whose_last_points_lie_below_the_level(reduce):
    nodes = metric_nodes(np.array([0.0]), np.array([[0.0, 60.0]]), 60.0, 60.0)
    one, marks = Readout("x", reduce, level=0.01), marks_of([0.0], 60.0, 60.0)
    slope, differences, size = slopes(lambda t, k: bateman(t, [0.0], ke=k), nodes, marks, one)
    assert slope == pytest.approx(differences, abs=1e-6 * size)
    assert slope != 0
