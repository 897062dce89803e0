"""Reducers: from a curve (nodes, values, slopes) and a window to one number. Compiled.

All have one shape, ``reducer(t, v, d, start, end, level)``: node times (h), values, slopes, window (h),
level. What they need of the curve between the nodes is in `ldnsim.readouts.curve`.
"""

from __future__ import annotations

import math

import numpy as np

from ..engine.compiled import part
from ..units import ASLEEP
from .curve import JUMP, crossing, cubic, primitive, turning_points, value

TERMINAL_SHARE = 1.0 / 3.0  # of the window: the part at its end that a half-life is read from
TERMINAL_POINTS = 25  # of the regression there


@part
def clipped(t, i, start, end):
    """Part of piece i inside the window, as offsets from node i; (0, 0) outside and for a jump at its end."""
    h = t[i + 1] - t[i]
    low, high = max(start - t[i], 0.0), min(end - t[i], h)
    if high <= low or (h <= JUMP and t[i + 1] >= end):
        return 0.0, 0.0
    return low, high


@part
def _extreme(t, v, d, start, end, sign):
    """Return the largest sign * v in the window, and when."""
    best, when = -np.inf, np.nan
    for i in range(t.size - 1):
        low, high = clipped(t, i, start, end)
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
def peak(t, v, d, start, end, level):
    """Highest value."""
    return _extreme(t, v, d, start, end, 1.0)[0]


@part
def peak_over(t, v, d, start, end, level):
    """Highest value minus the level."""
    return _extreme(t, v, d, start, end, 1.0)[0] - level


@part
def trough(t, v, d, start, end, level):
    """Lowest value."""
    return -_extreme(t, v, d, start, end, -1.0)[0]


@part
def time_of_peak(t, v, d, start, end, level):
    """Hours from the window's start to the highest value; NaN if nothing rises above the level."""
    best, when = _extreme(t, v, d, start, end, 1.0)
    return when - start if best > level else np.nan


@part
def integral(t, v, d, start, end, level):
    """Area under the curve."""
    total = 0.0
    for i in range(t.size - 1):
        low, high = clipped(t, i, start, end)
        if high > low:
            c = cubic(t, v, d, i)
            total += primitive(c, high) - primitive(c, low)
    return total


@part
def percent_change(t, v, d, start, end, level):
    """Mean against the level, percent."""
    return 100.0 * (integral(t, v, d, start, end, level) / (end - start) / level - 1.0)


@part
def _monotone_above(c, low, high, level):
    """Part of a monotone stretch at or above the level, as offsets; empty where there is none."""
    begins, ends = value(c, low) >= level, value(c, high) >= level
    if begins and ends:
        return low, high
    if not (begins or ends):
        return high, high
    x = crossing(c, low, high, level)
    return (low, x) if begins else (x, high)


@part
def _above(t, v, d, start, end, level):
    """Return the hours above the level, and the area between curve and level there."""
    hours, area = 0.0, 0.0
    for i in range(t.size - 1):
        low, high = clipped(t, i, start, end)
        if high <= low:
            continue
        c = cubic(t, v, d, i)
        first, second = turning_points(c, low, high)
        for a, b in ((low, first), (first, second), (second, high)):
            if b <= a:
                continue
            x0, x1 = _monotone_above(c, a, b, level)
            if x1 > x0:
                hours += x1 - x0
                area += primitive(c, x1) - primitive(c, x0) - level * (x1 - x0)
    return hours, area


@part
def hours_above(t, v, d, start, end, level):
    """Hours at or above the level, per 24 h."""
    return _above(t, v, d, start, end, level)[0] * 24.0 / (end - start)


@part
def area_above(t, v, d, start, end, level):
    """Area between curve and level where the curve is above it, per 24 h."""
    return _above(t, v, d, start, end, level)[1] * 24.0 / (end - start)


@part
def hours_above_asleep(t, v, d, start, end, level):
    """Hours at or above the level between 23:00 and 07:00, per 24 h; times count from a midnight."""
    hours = 0.0
    for night in range(math.floor(start / 24.0), math.floor(end / 24.0) + 2):
        low, high = max(start, 24.0 * night + ASLEEP[0]), min(end, 24.0 * night + ASLEEP[1])
        if high > low:
            hours += _above(t, v, d, low, high, level)[0]
    return hours * 24.0 / (end - start)


@part
def stretch_above(t, v, d, start, end, level):
    """Hours of the first unbroken stretch at or above the level."""
    hours = 0.0
    for i in range(t.size - 1):
        low, high = clipped(t, i, start, end)
        if high <= low:
            continue
        c = cubic(t, v, d, i)
        first, second = turning_points(c, low, high)
        for a, b in ((low, first), (first, second), (second, high)):
            if b <= a:
                continue
            x0, x1 = _monotone_above(c, a, b, level)
            hours += x1 - x0
            if hours > 0.0 and x1 < b:
                return hours
            if x1 <= x0 and hours > 0.0:
                return hours
    return hours


@part
def half_life(t, v, d, start, end, level):
    """Half-life by least squares of log v over the last third; NaN where v does not fall or is nothing."""
    begin = end - TERMINAL_SHARE * (end - start)
    step = (end - begin) / (TERMINAL_POINTS - 1)
    slope, weight, i = 0.0, 0.0, 0
    for k in range(TERMINAL_POINTS):
        time = begin + k * step
        while i < t.size - 2 and (t[i + 1] < time or t[i + 1] - t[i] <= JUMP):
            i += 1
        if min(v[i], v[i + 1]) <= level:
            return np.nan
        share = (time - t[i]) / (t[i + 1] - t[i])
        centred = (k - 0.5 * (TERMINAL_POINTS - 1)) * step
        slope += centred * ((1.0 - share) * math.log(v[i]) + share * math.log(v[i + 1]))
        weight += centred * centred
    slope /= weight
    return math.log(2.0) / -slope if slope < 0.0 else np.nan
