"""Values of a curve: its highest and lowest, when they come, and what it is at an instant; with their slopes.

A value has the shape ``value(t, v, d, spans, length, number)``: node times (h), values and slopes at the nodes,
the spans that are read (k, 2) in h, the length (h) that a rate per day is of, and the number a readout takes. A
slope, the derivative along a direction, has beside these the derivatives s of the values at fixed time with
their own slopes e, and the derivatives m of node times at doses that move:
``slope(t, v, d, s, e, m, spans, length, number)``.
"""

from __future__ import annotations

import numpy as np

from ..engine.compiled import part, scratch
from .areas import mean, mean_slope
from .curve import JUMP, clipped, cubic, piece_from, piece_until, rate, turning_points, value

POINTS = 5  # that give the slope at a kink
KINK = 3.0  # a change across a gap by no more than so many times its slope is no jump


@part
def extreme(t, v, d, spans, sign):
    """Return the largest sign * v in the spans, and when."""
    best, when = -np.inf, np.nan
    for k in range(len(spans)):
        for i in range(t.size - 1):
            low, high = clipped(t, i, spans[k, 0], spans[k, 1])
            if high <= low:
                continue
            c = cubic(t, v, d, i)
            first, second = turning_points(c, low, high)
            for x in (low, first, second, high):
                y = sign * value(c, x)
                if y > best:
                    best, when = y, t[i] + x
    return best, when


@part
def extreme_slope(t, v, d, s, e, m, spans, sign):
    """Differentiate the largest sign * v in the spans, as v, and when that is."""
    best, change, shift = -np.inf, np.nan, np.nan
    for k in range(len(spans)):
        for i in range(t.size - 1):
            low, high = clipped(t, i, spans[k, 0], spans[k, 1])
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
                    change, shift = value(g, x), -rate(g, x) / (2.0 * c[2] + 6.0 * c[3] * x)
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
    table = scratch(POINTS)
    for i in range(n):
        table[i] = v[node + i]
    total, factor = 0.0, 1.0
    for order in range(1, n):
        for i in range(n - order):
            table[i] = (table[i + 1] - table[i]) / (t[node + i + order] - t[node + i])
        total += factor * table[0]
        factor *= t[node] - t[node + order]
    return total


@part
def cmax(t, v, d, spans, length, number):
    """Highest value."""
    return extreme(t, v, d, spans, 1.0)[0]


@part
def cmax_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the highest value, and the same above a level."""
    return extreme_slope(t, v, d, s, e, m, spans, 1.0)[0]


@part
def peak_over(t, v, d, spans, length, number):
    """Highest value minus a level."""
    return extreme(t, v, d, spans, 1.0)[0] - number


@part
def cmin(t, v, d, spans, length, number):
    """Lowest value."""
    return -extreme(t, v, d, spans, -1.0)[0]


@part
def cmin_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the lowest value."""
    return extreme_slope(t, v, d, s, e, m, spans, -1.0)[0]


@part
def tmax(t, v, d, spans, length, number):
    """Hours from the first span's start to the highest value; NaN if nothing rises above a level."""
    best, when = extreme(t, v, d, spans, 1.0)
    return when - spans[0, 0] if best > number else np.nan


@part
def tmax_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the time of the highest value."""
    for y in v:
        if y > number:
            return extreme_slope(t, v, d, s, e, m, spans, 1.0)[1]
    return np.nan


@part
def at(t, v, d, spans, length, number):
    """Value at an instant, which the span is; after a dose of that instant."""
    i = piece_from(t, spans[0, 0])
    return value(cubic(t, v, d, i), spans[0, 0] - t[i])


@part
def at_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the value at an instant."""
    i = piece_from(t, spans[0, 0])
    return value(cubic(t, s, e, i), spans[0, 0] - t[i])


@part
def ctrough(t, v, d, spans, length, number):
    """Value at the end, before a dose of that instant."""
    i, end = piece_until(t, spans[-1, 1]), spans[-1, 1]
    return value(cubic(t, v, d, i), min(end, t[i + 1]) - t[i])


@part
def ctrough_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the value at the end."""
    i, end = piece_until(t, spans[-1, 1]), spans[-1, 1]
    return value(cubic(t, s, e, i), min(end, t[i + 1]) - t[i])


@part
def swing(t, v, d, spans, length, number):
    """Highest minus lowest over lowest value, percent; NaN where the lowest is not above 0."""
    low = -extreme(t, v, d, spans, -1.0)[0]
    return 100.0 * (extreme(t, v, d, spans, 1.0)[0] - low) / low if low > 0.0 else np.nan


@part
def swing_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the swing."""
    low, high = -extreme(t, v, d, spans, -1.0)[0], extreme(t, v, d, spans, 1.0)[0]
    if low <= 0.0:
        return np.nan
    change = extreme_slope(t, v, d, s, e, m, spans, 1.0)[0] / low
    return 100.0 * (change - extreme_slope(t, v, d, s, e, m, spans, -1.0)[0] * high / low**2)


@part
def fluctuation(t, v, d, spans, length, number):
    """Highest minus lowest over mean value, percent."""
    wide = extreme(t, v, d, spans, 1.0)[0] + extreme(t, v, d, spans, -1.0)[0]
    return 100.0 * wide / mean(t, v, d, spans, length, number)


@part
def fluctuation_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the fluctuation."""
    wide = extreme(t, v, d, spans, 1.0)[0] + extreme(t, v, d, spans, -1.0)[0]
    middle = mean(t, v, d, spans, length, number)
    high = extreme_slope(t, v, d, s, e, m, spans, 1.0)[0]
    low = extreme_slope(t, v, d, s, e, m, spans, -1.0)[0]
    moved = mean_slope(t, v, d, s, e, m, spans, length, number)
    return 100.0 * ((high - low) / middle - moved * wide / middle**2)
