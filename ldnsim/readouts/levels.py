"""Hours above and below a level, areas above it, and when a change is made; with their slopes.

For the shapes see `.extremes`. A slope looks at the crossings: how fast the curve passes the level there says how
far a crossing moves; it is 0 where nothing crosses.
"""

from __future__ import annotations

import numpy as np

from ..engine.compiled import part
from ..units import HOURS_PER_DAY
from .areas import area, area_slope, hours_in
from .curve import JUMP, clipped, crossing, cubic, piece_from, primitive, rate, turning_points, value

HOURS, AREA = 0, 1


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
def _above(t, v, d, spans, level):
    """Return the hours above the level, and the area between curve and level there."""
    hours, over = 0.0, 0.0
    for k in range(len(spans)):
        for i in range(t.size - 1):
            low, high = clipped(t, i, spans[k, 0], spans[k, 1])
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
                    over += primitive(c, x1) - primitive(c, x0) - level * (x1 - x0)
    return hours, over


@part
def _beyond(t, v, d, s, e, m, spans, level, what):
    """Differentiate the hours above the level, or the area between curve and level there."""
    total = 0.0
    for k in range(len(spans)):
        for i in range(t.size - 1):
            low, high = clipped(t, i, spans[k, 0], spans[k, 1])
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
    return value(g, x) / abs(rate(c, x)) if begins != ends else 0.0


@part
def time_above(t, v, d, spans, length, number):
    """Hours at or above a level."""
    return _above(t, v, d, spans, number)[0]


@part
def time_above_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the hours at or above a level."""
    return _beyond(t, v, d, s, e, m, spans, number, HOURS)


@part
def time_below(t, v, d, spans, length, number):
    """Hours below a level."""
    return hours_in(spans) - _above(t, v, d, spans, number)[0]


@part
def time_below_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the hours below a level."""
    return -_beyond(t, v, d, s, e, m, spans, number, HOURS)


@part
def hours_above(t, v, d, spans, length, number):
    """Hours at or above a level, per 24 h."""
    return _above(t, v, d, spans, number)[0] * HOURS_PER_DAY / length


@part
def hours_above_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the hours at or above a level, per 24 h."""
    return _beyond(t, v, d, s, e, m, spans, number, HOURS) * HOURS_PER_DAY / length


@part
def area_above(t, v, d, spans, length, number):
    """Area between curve and level where the curve is above it, per 24 h."""
    return _above(t, v, d, spans, number)[1] * HOURS_PER_DAY / length


@part
def area_above_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the area between curve and level, per 24 h."""
    return _beyond(t, v, d, s, e, m, spans, number, AREA) * HOURS_PER_DAY / length


@part
def _stretch(t, v, d, spans, level):
    """Return the hours of the first unbroken stretch at or above the level, and whether the end cuts it off."""
    hours = 0.0
    for i in range(t.size - 1):
        low, high = clipped(t, i, spans[0, 0], spans[-1, 1])
        if high <= low:
            continue
        c = cubic(t, v, d, i)
        first, second = turning_points(c, low, high)
        for a, b in ((low, first), (first, second), (second, high)):
            if b <= a:
                continue
            x0, x1 = _monotone_above(c, a, b, level)
            hours += x1 - x0
            if hours > 0.0 and (x1 < b or x1 <= x0):
                return hours, False
    return hours, hours > 0.0


@part
def stretch_above(t, v, d, spans, length, number):
    """Hours of the first unbroken stretch at or above a level."""
    return _stretch(t, v, d, spans, number)[0]


@part
def stretch_is_cut(t, v, d, spans, length, number):
    """1 where the first unbroken stretch above a level lasts until the end, so that it may be longer."""
    return 1.0 if _stretch(t, v, d, spans, number)[1] else 0.0


@part
def stretch_above_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the length of the first unbroken stretch at or above a level."""
    total, inside = 0.0, False
    for i in range(t.size - 1):
        low, high = clipped(t, i, spans[0, 0], spans[-1, 1])
        if high <= low:
            continue
        jumps = t[i + 1] - t[i] <= JUMP
        c, g = cubic(t, v, d, i), cubic(t, s, e, i)
        first, second = turning_points(c, low, high)
        for a, b in ((low, first), (first, second), (second, high)):
            if b <= a:
                continue
            begins, ends = value(c, a) >= number, value(c, b) >= number
            inside = inside or begins
            if begins != ends:
                if jumps:
                    total += _of_jump(v[i] - number, v[i + 1] - number, m[i], HOURS)
                else:
                    total += _of_stretch(c, g, a, b, number, HOURS)
            inside = inside or ends
            if inside and not ends:
                return total
    return total


@part
def _change(t, v, d, spans):
    """Return the value at the start, and the mean of the last 24 h, or of all if it is less, minus that."""
    start, end = spans[0, 0], spans[-1, 1]
    i = piece_from(t, start)
    first = value(cubic(t, v, d, i), start - t[i])
    late = max(start, end - HOURS_PER_DAY)
    return first, area(t, v, d, late, end) / (end - late) - first


@part
def time_to(t, v, d, spans, length, number):
    """Hours from the start until a share of the change is made; NaN where nothing changes."""
    first, change = _change(t, v, d, spans)
    target, sign = first + number * change, 1.0 if change > 0.0 else -1.0
    if change == 0.0:
        return np.nan
    for i in range(t.size - 1):
        low, high = clipped(t, i, spans[0, 0], spans[-1, 1])
        if high <= low:
            continue
        c = cubic(t, v, d, i)
        one, two = turning_points(c, low, high)
        for a, b in ((low, one), (one, two), (two, high)):
            if b > a and sign * (value(c, b) - target) >= 0.0:
                reached = sign * (value(c, a) - target) >= 0.0
                return t[i] + (a if reached else crossing(c, a, b, target)) - spans[0, 0]
    return np.nan


@part
def time_to_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the hours until a share of the change is made."""
    start, end = spans[0, 0], spans[-1, 1]
    hours = time_to(t, v, d, spans, length, number)
    if not np.isfinite(hours):
        return np.nan
    i, late = piece_from(t, start), max(start, end - HOURS_PER_DAY)
    first = value(cubic(t, s, e, i), start - t[i])
    change = area_slope(t, v, s, e, m, late, end) / (end - late) - first
    i = piece_from(t, start + hours)
    if t[i + 1] - t[i] <= JUMP:
        return m[i]
    x = start + hours - t[i]
    steep = rate(cubic(t, v, d, i), x)
    return (first + number * change - value(cubic(t, s, e, i), x)) / steep if steep != 0.0 else 0.0
