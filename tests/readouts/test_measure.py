"""Metrics from nodes against closed forms and against a thousandfold denser look at the same curve."""

import inspect
import re
import sys

import numpy as np
import pytest

from ldnsim.readouts import METRICS, chosen_metrics, measure, metric_nodes
from ldnsim.readouts.measure import REDUCERS, WINDOWS
from ldnsim.readouts.nodes import BEFORE
from ldnsim.readouts.table import Metric


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


def look(curve, at, metrics, interval, threshold=0.8):
    numbers = measure(curve(at)[None, None, :], at, np.array(interval), ["x"], metrics, threshold)
    return numbers[0]


def rows(reducer, level=0.0):
    return [Metric("m", {"": "x"}, reducer, w, "1", "", "", level) for w in WINDOWS]


CASES = {
    "capsule at 22:00": (lambda t: bateman(t, 22 + 24 * np.arange(7)), 22 + 24.0 * np.arange(7), 24.0),
    "twice a day": (lambda t: bateman(t, 8 + 12 * np.arange(14)), 8 + 12.0 * np.arange(14), 12.0),
    "every other day": (lambda t: bateman(t, 22 + 48 * np.arange(4)), 22 + 48.0 * np.arange(4), 48.0),
    "intravenous": (lambda t: bolus(t, 9 + 24 * np.arange(3)), 9 + 24.0 * np.arange(3), 24.0),
    "fast": (lambda t: bateman(t, 22 + 24 * np.arange(3), ka=6.0, ke=0.9), 22 + 24.0 * np.arange(3), 24.0),
}
LEVELS = {"peak_over": 1.0, "percent_change": 4.0, "hours_above": 4.0, "hours_above_asleep": 2.0,
          "area_above": 4.0, "stretch_above": 4.0}  # fmt: skip


def test_the_table_runs_the_reducers_it_names_in_their_order():
    source = inspect.getsource(sys.modules["ldnsim.readouts.measure"])
    assert tuple(re.findall(r"return r\.(\w+)\(", source)) == REDUCERS


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("reducer", REDUCERS)
def test_nodes_see_what_a_dense_look_sees(case, reducer):
    curve, doses, ii = CASES[case]
    last = doses[-1]
    interval = (last, last + ii)
    start, run_end = min(last, last + ii - 24.0), last + ii + 30.0
    nodes = metric_nodes(doses, start, last + ii, run_end)
    dense = np.unique(np.concatenate([np.linspace(start, run_end, 12_001), nodes]))
    metrics = rows(reducer, LEVELS.get(reducer, 0.0))
    got, want = look(curve, nodes, metrics, interval), look(curve, dense, metrics, interval)
    assert np.isfinite(want).all()
    np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-3)
    assert len(nodes) < 150


def test_the_closed_form_of_a_single_dose():
    ka, ke, scale = 1.3, 0.17, 10.0
    nodes = metric_nodes(np.array([0.0]), 0.0, 24.0, 24.0)
    metrics = [
        Metric("m", {"": "x"}, r, "interval", "1", "", "")
        for r in ("peak", "time_of_peak", "integral", "half_life")
    ]
    cmax, tmax, auc, half = look(lambda t: bateman(t, [0.0]), nodes, metrics, (0.0, 24.0))
    peak_time = np.log(ka / ke) / (ka - ke)
    area = scale * ka / (ka - ke) * ((1 - np.exp(-24 * ke)) / ke - (1 - np.exp(-24 * ka)) / ka)
    assert tmax == pytest.approx(peak_time, rel=2e-3)
    assert cmax == pytest.approx(bateman(peak_time, [0.0]), rel=2e-4)
    assert auc == pytest.approx(area, rel=2e-4)
    assert half == pytest.approx(np.log(2) / ke, rel=1e-3)


def test_a_constant_is_exact_and_counts_as_blocked_all_day():
    nodes = metric_nodes(np.array([22.0]), 22.0, 46.0, 46.0)
    wanted = ("hours_above", "stretch_above", "percent_change", "peak_over", "hours_above_asleep")
    metrics = [m for r in wanted for m in rows(r, 1.0)[:1]]
    numbers = look(np.ones_like, nodes, metrics, (22.0, 46.0))
    assert numbers == pytest.approx([24.0, 24.0, 0.0, 0.0, 8.0], abs=1e-9)


def test_sleep_is_counted_by_the_clock():
    nodes = metric_nodes(np.array([20.0]), 20.0, 44.0, 44.0)  # a dose at 20:00
    metric = rows("hours_above_asleep", 0.5)[:1]
    edges = np.array([21.0, 25.0])
    at = np.unique(np.concatenate([nodes, edges, edges - BEFORE, edges + BEFORE]))
    assert look(lambda t: ((t >= 21.0) & (t <= 25.0)).astype(float), at, metric, (20.0, 44.0))[
        0
    ] == pytest.approx(2.0, abs=1e-4)


def test_the_stretch_of_the_last_dose_ends_where_it_first_falls_and_may_outlast_the_interval():
    at = np.linspace(0.0, 60.0, 601)

    def curve(t):
        return np.where(t < 30, 1.0, 0.0) + np.where((t > 40) & (t < 50), 1.0, 0.0)

    interval, dose, day, after = look(curve, at, rows("stretch_above", 0.5), (0.0, 24.0))
    assert interval == pytest.approx(24.0)
    assert after == pytest.approx(30.0, abs=0.1)
    assert dose == day == interval


def test_a_jump_has_two_sides():
    """The trough before an intravenous dose and the peak after it, although both lie at one instant."""
    curve, doses, ii = CASES["intravenous"]
    nodes = metric_nodes(doses, doses[-1] - ii, doses[-1], doses[-1] + 5.0)
    metrics = [Metric("m", {"": "x"}, r, "interval", "1", "", "") for r in ("trough", "peak")]
    trough, peak = look(curve, nodes, metrics, (doses[-2], doses[-1]))
    assert trough == pytest.approx(curve(doses[-1] - BEFORE), rel=1e-9)
    assert peak == pytest.approx(curve(doses[-2]), rel=1e-9)


def test_a_missing_value_makes_only_its_own_trace_missing():
    at = np.linspace(0.0, 24.0, 25)
    values = np.ones((2, 2, 25))
    values[1, 0, 20:] = np.nan
    metrics = [
        Metric("a", {"": "x"}, "peak", "interval", "1", "", ""),
        Metric("b", {"": "y"}, "peak", "interval", "1", "", ""),
    ]
    found = measure(values, at, np.array([0.0, 24.0]), ["x", "y"], metrics)
    assert np.isnan(found).tolist() == [[False, False], [True, False]]


def test_the_table_is_complete_and_in_words():
    for name, metric in METRICS.items():
        assert metric.name == name
        assert metric.reducer in REDUCERS
        assert metric.window in WINDOWS
        assert all(metric.attrs.values()), name
        assert metric.description.endswith("."), name


def test_metrics_are_chosen_by_what_is_at_hand():
    names = [m.name for m in chosen_metrics(["plasma_naltrexone", "il6"])]
    assert names == ["cmax", "tmax", "auc", "half_life", "change_il6"]
    assert chosen_metrics(["plasma_naltrexone"])[0].reads == {"naltrexone": "plasma_naltrexone"}
    with pytest.raises(ValueError, match=r"rebound_peak.*reads opioid_tone"):
        chosen_metrics(["il6"], ["rebound_peak"])
    with pytest.raises(KeyError, match="rebound_peak"):
        chosen_metrics(["il6"], ["rebound_peek"])
