"""Derivatives of metrics from the derivatives of the courses they read, at the same nodes.

A metric is a number of the spline through the nodes, and the spline of the derivatives is the derivative of
the spline. So an integral is differentiated under the integral sign, a peak where it lies, hours above a
level at the crossings (the slope there says how far a crossing moves), a half-life by its formula. Where the
curve jumps at a dose whose own time moves, that motion is added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..engine.compiled import kernel, part
from ..units import ASLEEP
from .curve import JUMP, crossing, cubic, primitive, slopes, turning_points, value
from .measure import REDUCERS, WINDOWS, window_ends
from .reducers import TERMINAL_POINTS, TERMINAL_SHARE, clipped
from .table import BLOCKED, THRESHOLD, Metric

HOURS, AREA = 0, 1
POINTS = 5  # that give the slope at a kink
KINK = 3.0  # a change across a gap by no more than so many times its slope is no jump


def measure_slopes(
    values: np.ndarray,
    slopes_: np.ndarray,
    times: np.ndarray,
    drift: np.ndarray,
    interval: Sequence[float],
    last_dose: float,
    traces: Sequence[str],
    metric: Metric,
    variable: str,
) -> np.ndarray:
    """Differentiate a metric of many trajectories, each along its own direction.

    Parameters
    ----------
    values, slopes_ : array, shape (trajectory, trace, node)
        Values at the nodes and their derivatives at fixed time.
    times, drift : array, shape (trajectory, node)
        Node times (h), and the derivatives of those at doses whose time moves, else 0.
    interval : (float, float)
        Start and end of the window "interval" (h).
    last_dose : float
        Last dose of the interval (h).
    traces : sequence of str
        The variables.
    metric : Metric
        Row of the table.
    variable : str
        Which of the variables it reads.

    Returns
    -------
    array, shape (trajectory,)
        0 where nothing crosses a level; NaN where the metric is missing.
    """
    k = traces.index(variable)
    level = BLOCKED if metric.level == THRESHOLD else float(metric.level)
    out = np.empty(len(values))
    arrays = (values[:, k], slopes_[:, k], times, drift)
    _measure_slopes(
        *(np.ascontiguousarray(a, dtype=np.float64) for a in arrays),
        (float(interval[0]), float(interval[1])),
        float(last_dose),
        REDUCERS.index(metric.reducer),
        list(WINDOWS).index(metric.window),
        level,
        out,
    )
    return out


@kernel
def _measure_slopes(values, tangents, times, drift, interval, last_dose, reducer, window, level, out):
    nodes = values.shape[1]
    d, e, work = np.empty(nodes), np.empty(nodes), np.empty(nodes)
    for k in range(len(values)):
        t, v, s, m = times[k], values[k], tangents[k], drift[k]
        if not (np.isfinite(v).all() and np.isfinite(s).all()):
            out[k] = np.nan
            continue
        slopes(t, v, d, work)
        slopes(t, s, e, work)
        start, end = window_ends(window, t, interval[0], interval[1], last_dose)
        out[k] = _slope(reducer, t, v, d, s, e, m, start, end, level)


@part
def _slope(which, t, v, d, s, e, m, start, end, level):
    """Differentiate by the reducer of this number in `REDUCERS`."""
    if which == 0 or which == 1:
        return _at_extreme(t, v, d, s, e, m, start, end, 1.0)[0]
    if which == 2:
        return _at_extreme(t, v, d, s, e, m, start, end, -1.0)[0]
    if which == 3:
        return _at_extreme(t, v, d, s, e, m, start, end, 1.0)[1] if v.max() > level else np.nan
    if which == 4:
        return _area(t, v, s, e, m, start, end)
    if which == 5:
        return 100.0 * _area(t, v, s, e, m, start, end) / (end - start) / level
    if which == 6:
        return _beyond(t, v, d, s, e, m, start, end, level, HOURS) * 24.0 / (end - start)
    if which == 7:
        return _asleep(t, v, d, s, e, m, start, end, level) * 24.0 / (end - start)
    if which == 8:
        return _beyond(t, v, d, s, e, m, start, end, level, AREA) * 24.0 / (end - start)
    if which == 9:
        return _stretch(t, v, d, s, e, m, start, end, level)
    return _half_life(t, v, s, start, end, level)


@part
def _rate(c, x):
    """Slope of a piece at x."""
    return c[1] + x * (2.0 * c[2] + x * 3.0 * c[3])


@part
def _at_extreme(t, v, d, s, e, m, start, end, sign):
    """Differentiate the largest sign * v in the window, as v, and when that is."""
    best, change, shift = -np.inf, np.nan, np.nan
    for i in range(t.size - 1):
        low, high = clipped(t, i, start, end)
        if high <= low:
            continue
        c, g = cubic(t, v, d, i), cubic(t, s, e, i)
        first, second = turning_points(c, low, high) if t[i + 1] - t[i] > JUMP else (high, high)
        for x in (low, first, second, high):
            y = sign * value(c, x)
            if y <= best:
                continue
            best = y
            if low < x < high:
                change, shift = value(g, x), -_rate(g, x) / (2.0 * c[2] + 6.0 * c[3] * x)
                continue
            node = i if x == 0.0 else i + 1
            at_node = x == 0.0 or x == t[i + 1] - t[i]
            if at_node and m[node] != 0.0:
                change, shift = _at_dose(t, v, d, s, m, node), m[node]
            else:
                change, shift = value(g, x), 0.0
    return change, shift


@part
def _at_dose(t, v, d, s, m, node):
    """Differentiate the value at a node that moves with a dose; at a mere kink from its dense side, the right."""
    gap = t[min(node + 1, t.size - 1)] - t[node]
    if 0.0 < gap <= JUMP:
        steepest = max(abs(d[node]), abs(d[node + 1]))
        if abs(v[node + 1] - v[node]) > KINK * steepest * gap:
            return s[node] + d[node] * m[node]
        node += 1
    return s[node] + _rate_after(t, v, node) * m[node]


@part
def _rate_after(t, v, node):
    """Slope just after a node, from Newton's divided differences of the dense nodes that follow."""
    n = min(POINTS, t.size - node)
    table = v[node : node + n].copy()
    total, factor = 0.0, 1.0
    for order in range(1, n):
        for i in range(n - order):
            table[i] = (table[i + 1] - table[i]) / (t[node + i + order] - t[node + i])
        total += factor * table[0]
        factor *= t[node] - t[node + order]
    return total


@part
def _area(t, v, s, e, m, start, end):
    """Differentiate the area under the curve."""
    total = 0.0
    for i in range(t.size - 1):
        low, high = clipped(t, i, start, end)
        if high > low:
            g = cubic(t, s, e, i)
            total += primitive(g, high) - primitive(g, low)
            if t[i + 1] - t[i] <= JUMP:
                total += (v[i] - v[i + 1]) * m[i]
    return total


@part
def _beyond(t, v, d, s, e, m, start, end, level, what):
    """Differentiate the hours above the level, or the area between curve and level there."""
    total = 0.0
    for i in range(t.size - 1):
        low, high = clipped(t, i, start, end)
        if high <= low:
            continue
        if t[i + 1] - t[i] <= JUMP:
            total += _of_jump(v[i] - level, v[i + 1] - level, m[i], what)
            continue
        c, g = cubic(t, v, d, i), cubic(t, s, e, i)
        first, second = turning_points(c, low, high)
        for a, b in ((low, first), (first, second), (second, high)):
            if b > a:
                total += _of_stretch(c, g, a, b, level, what)
    return total


@part
def _of_jump(before, after, moves, what):
    """Return what a jump adds that moves in time."""
    if what == AREA:
        return (max(before, 0.0) - max(after, 0.0)) * moves
    return ((1.0 if before >= 0.0 else 0.0) - (1.0 if after >= 0.0 else 0.0)) * moves


@part
def _of_stretch(c, g, a, b, level, what):
    """Return what a monotone stretch of a piece adds."""
    begins, ends = value(c, a) >= level, value(c, b) >= level
    if not (begins or ends):
        return 0.0
    x = crossing(c, a, b, level) if begins != ends else a
    if what == AREA:
        low, high = (x, b) if ends else (a, x)
        return primitive(g, high) - primitive(g, low)
    return value(g, x) / abs(_rate(c, x)) if begins != ends else 0.0


@part
def _asleep(t, v, d, s, e, m, start, end, level):
    total = 0.0
    for night in range(math.floor(start / 24.0), math.floor(end / 24.0) + 2):
        low, high = max(start, 24.0 * night + ASLEEP[0]), min(end, 24.0 * night + ASLEEP[1])
        if high > low:
            total += _beyond(t, v, d, s, e, m, low, high, level, HOURS)
    return total


@part
def _stretch(t, v, d, s, e, m, start, end, level):
    """Differentiate the length of the first unbroken stretch above the level."""
    total, inside = 0.0, False
    for i in range(t.size - 1):
        low, high = clipped(t, i, start, end)
        if high <= low:
            continue
        jumps = t[i + 1] - t[i] <= JUMP
        c, g = cubic(t, v, d, i), cubic(t, s, e, i)
        first, second = turning_points(c, low, high)
        for a, b in ((low, first), (first, second), (second, high)):
            if b <= a:
                continue
            begins, ends = value(c, a) >= level, value(c, b) >= level
            inside = inside or begins
            if begins != ends:
                total += (
                    _of_jump(v[i] - level, v[i + 1] - level, m[i], HOURS)
                    if jumps
                    else _of_stretch(c, g, a, b, level, HOURS)
                )
            inside = inside or ends
            if inside and not ends:
                return total
    return total


@part
def _half_life(t, v, s, start, end, level):
    """Differentiate ln 2 over the slope of log v; see `ldnsim.readouts.reducers.half_life`."""
    begin = end - TERMINAL_SHARE * (end - start)
    step = (end - begin) / (TERMINAL_POINTS - 1)
    slope, change, weight, i = 0.0, 0.0, 0.0, 0
    for k in range(TERMINAL_POINTS):
        time = begin + k * step
        while i < t.size - 2 and (t[i + 1] < time or t[i + 1] - t[i] <= JUMP):
            i += 1
        if min(v[i], v[i + 1]) <= level:
            return np.nan
        share = (time - t[i]) / (t[i + 1] - t[i])
        centred = (k - 0.5 * (TERMINAL_POINTS - 1)) * step
        slope += centred * ((1.0 - share) * math.log(v[i]) + share * math.log(v[i + 1]))
        change += centred * ((1.0 - share) * s[i] / v[i] + share * s[i + 1] / v[i + 1])
        weight += centred * centred
    slope, change = slope / weight, change / weight
    return math.log(2.0) * change / slope**2 if slope < 0.0 else np.nan
