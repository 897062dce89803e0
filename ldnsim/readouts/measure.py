"""From values at metric nodes to numbers, for many trajectories at once; the same for every way in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.compiled import kernel, part
from . import reducers as r
from .curve import slopes
from .table import BLOCKED, THRESHOLD, Metric

REDUCERS = (
    "peak", "peak_over", "trough", "time_of_peak", "integral", "percent_change",
    "hours_above", "hours_above_asleep", "area_above", "stretch_above", "half_life",
)  # fmt: skip
WINDOWS = {
    "interval": "the last complete cycle of the doses; the last dosing interval where all are alike",
    "dose": "from the last dose of that cycle to its end",
    "day": "whole cycles and, where they allow it, whole days before the end of that cycle; at least a day",
    "after": "from the last dose to the end of what was asked for",
}


def measure(
    values: np.ndarray,
    times: np.ndarray,
    interval: np.ndarray,
    traces: Sequence[str],
    metrics: Sequence[Metric],
    threshold: float = BLOCKED,
    last_dose: np.ndarray | None = None,
) -> np.ndarray:
    """Compute metrics of many trajectories.

    Parameters
    ----------
    values : array, shape (trajectory, trace, node)
        Values at the nodes.
    times : array, shape (trajectory, node) or (node,)
        Node times (h), ascending: from the start of the window "day" to the end of the run.
    interval : array, shape (trajectory, 2) or (2,)
        Start and end of the window "interval" (h).
    traces : sequence of str
        The variables.
    metrics : sequence of Metric
        Rows of the table; a row with labels takes one column a label.
    threshold : float
        The level of `THRESHOLD` rows.
    last_dose : array, shape (trajectory,), optional
        Last dose of the interval (h), by default its start.

    Returns
    -------
    array, shape (trajectory, column)
        One column for each (metric, label), NaN where a value in the trace is missing.
    """
    n, nodes = len(values), values.shape[-1]
    columns = [(m, variable) for m in metrics for variable in m.reads.values()]
    plan = np.array(
        [(traces.index(v), REDUCERS.index(m.reducer), list(WINDOWS).index(m.window)) for m, v in columns],
        dtype=np.int64,
    ).reshape(-1, 3)
    levels = np.array([threshold if m.level == THRESHOLD else m.level for m, _ in columns], dtype=np.float64)
    out = np.empty((n, len(columns)))
    dosed = np.asarray(interval)[..., 0] if last_dose is None else last_dose
    _measure(
        np.ascontiguousarray(values, dtype=np.float64),
        np.ascontiguousarray(np.broadcast_to(times, (n, nodes)), dtype=np.float64),
        np.ascontiguousarray(np.broadcast_to(interval, (n, 2)), dtype=np.float64),
        np.ascontiguousarray(np.broadcast_to(dosed, n), dtype=np.float64),
        plan,
        levels,
        out,
    )
    return out


@kernel
def _measure(values, times, interval, last_dose, plan, levels, out):
    n, n_traces, nodes = values.shape
    d, work = np.empty(nodes), np.empty(nodes)
    for k in range(n):
        t, dosed, (begin, end) = times[k], last_dose[k], interval[k]
        for j in range(n_traces):
            v = values[k, j]
            whole = np.isfinite(v).all()
            if whole:
                slopes(t, v, d, work)
            for m in range(len(plan)):
                if plan[m, 0] != j:
                    continue
                start, stop = window_ends(plan[m, 2], t, begin, end, dosed)
                out[k, m] = _reduce(plan[m, 1], t, v, d, start, stop, levels[m]) if whole else np.nan


@part
def window_ends(which, t, begin, end, dosed):
    """Start and end (h) of a window, by its number in `WINDOWS`."""
    if which == 1:
        return dosed, end
    if which == 2:
        return t[0], end
    if which == 3:
        return dosed, t[-1]
    return begin, end


@part
def _reduce(which, t, v, d, start, stop, level):
    if which == 0:
        return r.peak(t, v, d, start, stop, level)
    if which == 1:
        return r.peak_over(t, v, d, start, stop, level)
    if which == 2:
        return r.trough(t, v, d, start, stop, level)
    if which == 3:
        return r.time_of_peak(t, v, d, start, stop, level)
    if which == 4:
        return r.integral(t, v, d, start, stop, level)
    if which == 5:
        return r.percent_change(t, v, d, start, stop, level)
    if which == 6:
        return r.hours_above(t, v, d, start, stop, level)
    if which == 7:
        return r.hours_above_asleep(t, v, d, start, stop, level)
    if which == 8:
        return r.area_above(t, v, d, start, stop, level)
    if which == 9:
        return r.stretch_above(t, v, d, start, stop, level)
    return r.half_life(t, v, d, start, stop, level)
