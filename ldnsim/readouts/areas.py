"""Areas under a curve and what is made of them, with their slopes; for the shapes see `.extremes`."""

from __future__ import annotations

import numpy as np

from ..engine.compiled import part
from .curve import JUMP, clipped, cubic, primitive


@part
def area(t, v, d, start, end):
    """Area under the curve."""
    total = 0.0
    for i in range(t.size - 1):
        low, high = clipped(t, i, start, end)
        if high > low:
            c = cubic(t, v, d, i)
            total += primitive(c, high) - primitive(c, low)
    return total


@part
def area_slope(t, v, s, e, m, start, end):
    """Differentiate an area; where the curve jumps at a dose that moves, that adds to it."""
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
def _moment_of(c, x):
    """Integral of x times a piece from 0 to x."""
    return x * x * (c[0] / 2.0 + x * (c[1] / 3.0 + x * (c[2] / 4.0 + x * c[3] / 5.0)))


@part
def moment(t, v, d, start, end):
    """Area under the curve times the hours since the start."""
    total = 0.0
    for i in range(t.size - 1):
        low, high = clipped(t, i, start, end)
        if high > low:
            c = cubic(t, v, d, i)
            total += _moment_of(c, high) - _moment_of(c, low)
            total += (t[i] - start) * (primitive(c, high) - primitive(c, low))
    return total


@part
def moment_slope(t, v, s, e, m, start, end):
    """Differentiate the area under the curve times the hours since the start."""
    total = moment(t, s, e, start, end)
    for i in range(t.size - 1):
        low, high = clipped(t, i, start, end)
        if high > low and t[i + 1] - t[i] <= JUMP:
            total += (v[i] - v[i + 1]) * m[i] * (t[i] - start)
    return total


@part
def auc(t, v, d, spans, length, number):
    """Area under the curve."""
    total = 0.0
    for k in range(len(spans)):
        total += area(t, v, d, spans[k, 0], spans[k, 1])
    return total


@part
def auc_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the area under the curve."""
    total = 0.0
    for k in range(len(spans)):
        total += area_slope(t, v, s, e, m, spans[k, 0], spans[k, 1])
    return total


@part
def aumc(t, v, d, spans, length, number):
    """Area under the first moment curve, hours counted from the start."""
    return moment(t, v, d, spans[0, 0], spans[-1, 1])


@part
def aumc_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the area under the first moment curve."""
    return moment_slope(t, v, s, e, m, spans[0, 0], spans[-1, 1])


@part
def hours_in(spans):
    """Hours that the spans make together."""
    total = 0.0
    for k in range(len(spans)):
        total += spans[k, 1] - spans[k, 0]
    return total


@part
def mean(t, v, d, spans, length, number):
    """Mean over time."""
    return auc(t, v, d, spans, length, number) / hours_in(spans)


@part
def mean_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the mean over time."""
    return auc_slope(t, v, d, s, e, m, spans, length, number) / hours_in(spans)


@part
def percent_change(t, v, d, spans, length, number):
    """Mean against a level, percent."""
    return 100.0 * (mean(t, v, d, spans, length, number) / number - 1.0)


@part
def percent_change_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the mean against a level."""
    return 100.0 * mean_slope(t, v, d, s, e, m, spans, length, number) / number


@part
def accumulation(t, v, d, spans, length, number):
    """Mean over the last span against that over the first; NaN where the first is nothing."""
    first = mean(t, v, d, spans[:1], length, number)
    return mean(t, v, d, spans[1:], length, number) / first if first != 0.0 else np.nan


@part
def accumulation_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the mean over the last span against that over the first."""
    first, last = mean(t, v, d, spans[:1], length, number), mean(t, v, d, spans[1:], length, number)
    change = mean_slope(t, v, d, s, e, m, spans[1:], length, number)
    return (change - mean_slope(t, v, d, s, e, m, spans[:1], length, number) * last / first) / first
