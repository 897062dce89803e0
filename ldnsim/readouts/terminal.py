"""The end of a curve as one exponential: half-life, areas to infinity, mean residence; with their slopes.

For the shapes see `.extremes`. The line through log v is fitted to the last points of a window, three or more.
Points lie at shares 1, 1/1.1, 1/1.1^2, ... of the window's length from its start, so that hours and weeks are seen
alike; those count that come after the highest value and before the curve falls to nothing. How many are taken is
decided by adjusted r2: as many as leave it within `TIE` of the best.
"""

from __future__ import annotations

import math

import numpy as np

from ..engine.compiled import part, scratch
from .areas import area, area_slope, moment, moment_slope
from .curve import cubic, piece_from, piece_until, value
from .extremes import extreme

RATIO, MOST, LEAST = 1.1, 110, 3  # of the points
TIE = 1e-8
APART = 0.1  # of the hours up to the last point: the stretches whose rates are compared
FADING = 0.75  # of their difference may be left from one to the next, where the last one can be told:
SLOWEST, NEAR = 0.9, 0.1  # or this much of it, where what is to come is less than such a share of the rate
STEADY = 5e-3  # so little may two of them differ where the curve has come to its terminal phase
NOTHING = 1e-5  # of the highest value: below, a curve is as wrong as its solver


@part
def _point(t, v, d, start, length, k):
    """Time and value of point k, counted from the end."""
    time = start + length * RATIO**-k
    i = piece_until(t, time)
    return time, value(cubic(t, v, d, i), time - t[i])


@part
def _line(t, v, d, spans, level):
    """Fit the line; return its slope (NaN: there is none) and the numbers of its first and last point."""
    start, length = spans[0, 0], spans[-1, 1] - spans[0, 0]
    best, when = extreme(t, v, d, spans, 1.0)
    floor = max(level, NOTHING * best)
    slopes, fits = scratch(MOST), scratch(MOST)
    first, last, n, top = -1, -1, 0, -np.inf
    mean_t, mean_y, tt, ty, yy = 0.0, 0.0, 0.0, 0.0, 0.0  # of the points so far (Welford)
    for k in range(MOST):
        slopes[k], fits[k] = np.nan, -np.inf
        time, y = _point(t, v, d, start, length, k)
        if time <= when or (y <= floor and n > 0):  # what lies behind nothing says nothing of the end
            break
        if y <= floor:
            continue
        last = k if n == 0 else last
        n += 1
        x, y = time - start - mean_t, math.log(y) - mean_y
        mean_t, mean_y = mean_t + x / n, mean_y + y / n
        tt, ty, yy = tt + x * x * (n - 1) / n, ty + x * y * (n - 1) / n, yy + y * y * (n - 1) / n
        if n >= LEAST and ty < 0.0:
            slopes[k], fits[k] = ty / tt, 1.0 - (1.0 - ty * ty / (tt * yy)) * (n - 1) / (n - 2)
            top = max(top, fits[k])
    for j in range(k + 1):
        if np.isfinite(slopes[j]) and fits[j] >= top - TIE:
            first = j
    return slopes[first] if first >= 0 else np.nan, first, last


@part
def half_life(t, v, d, spans, length, number):
    """Terminal half-life; NaN where the curve does not fall or is nothing."""
    return math.log(2.0) / -_line(t, v, d, spans, number)[0]


@part
def half_life_points(t, v, d, spans, length, number):
    """Return the number of points that the half-life is read from."""
    slope, first, last = _line(t, v, d, spans, number)
    return first - last + 1.0 if np.isfinite(slope) else np.nan


@part
def half_life_start(t, v, d, spans, length, number):
    """Hours from the window's start to the first point that the half-life is read from."""
    slope, first, _ = _line(t, v, d, spans, number)
    return (spans[-1, 1] - spans[0, 0]) * RATIO**-first if np.isfinite(slope) else np.nan


@part
def half_life_trend(t, v, d, spans, length, number):
    """Half-life that those of the last three stretches lead to, by Aitken's process; NaN where they do not settle.

    An exponential that is to die out shifts the rate of decay by what fades as an exponential itself, so that the
    rates of three stretches alike in length tell the last one.
    """
    slope, _, last = _line(t, v, d, spans, number)
    if not np.isfinite(slope):
        return np.nan
    hours = (spans[-1, 1] - spans[0, 0]) * RATIO**-last
    end, step = spans[0, 0] + hours, APART * hours
    one, two = _fall(t, v, d, end - 2.0 * step, step), _fall(t, v, d, end - step, step)
    three = _fall(t, v, d, end, step)
    if abs(three - two) > STEADY * abs(three):
        ratio = (three - two) / (two - one) if two != one else np.nan
        more = (three - two) * ratio / (1.0 - ratio) if 0.0 <= ratio < SLOWEST else np.nan
        three = three + more if ratio < FADING or abs(more) < NEAR * three else np.nan
    return math.log(2.0) / three if three > 0.0 else np.nan


@part
def _fall(t, v, d, time, step):
    """Rate of decay (1/h) over a stretch that ends at a time; NaN where there is nothing."""
    i, j = piece_until(t, time - step), piece_until(t, time)
    before, after = value(cubic(t, v, d, i), time - step - t[i]), value(cubic(t, v, d, j), time - t[j])
    return math.log(before / after) / step if before > 0.0 and after > 0.0 else np.nan


@part
def _rate_slope(t, v, d, s, e, spans, first, last):
    """Differentiate the slope of the line through some points; 0 where there is no line."""
    start, length = spans[0, 0], spans[-1, 1] - spans[0, 0]
    if first < 0:
        return 0.0
    middle = 0.0
    for j in range(last, first + 1):
        middle += length * RATIO**-j
    middle /= first - last + 1
    change, weight = 0.0, 0.0
    for j in range(last, first + 1):
        x = length * RATIO**-j - middle
        own, moved = _point(t, v, d, start, length, j)[1], _point(t, s, e, start, length, j)[1]
        change += x * moved / own
        weight += x * x
    return change / weight


@part
def half_life_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the half-life, its points held."""
    slope, first, last = _line(t, v, d, spans, number)
    return math.log(2.0) * _rate_slope(t, v, d, s, e, spans, first, last) / slope**2


@part
def decay_half_life(t, v, d, spans, length, number):
    """Half-life of the straight line through log v over all of the window, at even times."""
    slope, weight = 0.0, 0.0
    for k in range(EVEN):
        y, x = _even(t, v, d, spans, k)
        if y <= number:
            return np.nan
        slope += x * math.log(y)
        weight += x * x
    return math.log(2.0) * weight / -slope if slope < 0.0 else np.nan


EVEN = 25  # points of a line over a whole window


@part
def _even(t, v, d, spans, k):
    """Value at one of the even times, and that time from the middle."""
    start, step = spans[0, 0], (spans[-1, 1] - spans[0, 0]) / (EVEN - 1)
    i = piece_until(t, start + k * step) if k > 0 else piece_from(t, start)  # behind a jump at the start
    return value(cubic(t, v, d, i), start + k * step - t[i]), (k - 0.5 * (EVEN - 1)) * step


@part
def decay_half_life_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the half-life of the line over all of the window."""
    slope, change, weight = 0.0, 0.0, 0.0
    for k in range(EVEN):
        y, x = _even(t, v, d, spans, k)
        if y <= number:
            return np.nan
        slope += x * math.log(y)
        change += x * _even(t, s, e, spans, k)[0] / y
        weight += x * x
    return math.log(2.0) * change * weight / slope**2 if slope < 0.0 else np.nan


@part
def _tail(t, v, d, spans, number):
    """Return the rate of the terminal phase and the value at the end; a value of 0 needs no rate."""
    i = piece_until(t, spans[-1, 1])
    end = max(value(cubic(t, v, d, i), spans[-1, 1] - t[i]), 0.0)
    return -_line(t, v, d, spans, number)[0], end


@part
def auc_inf(t, v, d, spans, length, number):
    """Area from the start to infinity: to the end, and the last value over the terminal rate."""
    lz, end = _tail(t, v, d, spans, number)
    return area(t, v, d, spans[0, 0], spans[-1, 1]) + end / lz


@part
def extrapolated(t, v, d, spans, length, number):
    """Percent of the area to infinity that lies beyond the end."""
    lz, end = _tail(t, v, d, spans, number)
    return 100.0 * end / lz / auc_inf(t, v, d, spans, length, number)


@part
def _tail_slopes(t, v, d, s, e, spans, number):
    """Differentiate the rate of the terminal phase and the value at the end."""
    i = piece_until(t, spans[-1, 1])
    end = value(cubic(t, s, e, i), spans[-1, 1] - t[i])
    _, first, last = _line(t, v, d, spans, number)
    return -_rate_slope(t, v, d, s, e, spans, first, last), end


@part
def auc_inf_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the area to infinity."""
    lz, end = _tail(t, v, d, spans, number)
    lz_dot, end_dot = _tail_slopes(t, v, d, s, e, spans, number)
    own = area_slope(t, v, s, e, m, spans[0, 0], spans[-1, 1])
    return own + end_dot / lz - end * lz_dot / lz**2


@part
def aumc_inf(t, v, d, spans, length, number):
    """Area under the first moment curve to infinity, hours counted from the start."""
    lz, end = _tail(t, v, d, spans, number)
    hours = spans[-1, 1] - spans[0, 0]
    return moment(t, v, d, spans[0, 0], spans[-1, 1]) + end * (hours / lz + 1.0 / lz**2)


@part
def aumc_inf_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the area under the first moment curve to infinity."""
    lz, end = _tail(t, v, d, spans, number)
    lz_dot, end_dot = _tail_slopes(t, v, d, s, e, spans, number)
    hours = spans[-1, 1] - spans[0, 0]
    own = moment_slope(t, v, s, e, m, spans[0, 0], spans[-1, 1])
    return own + end_dot * (hours / lz + 1.0 / lz**2) - end * lz_dot * (hours / lz**2 + 2.0 / lz**3)


@part
def mrt(t, v, d, spans, length, number):
    """Mean residence time: first moment over area, both to infinity."""
    return aumc_inf(t, v, d, spans, length, number) / auc_inf(t, v, d, spans, length, number)


@part
def mrt_slope(t, v, d, s, e, m, spans, length, number):
    """Differentiate the mean residence time."""
    total = auc_inf(t, v, d, spans, length, number)
    change = aumc_inf_slope(t, v, d, s, e, m, spans, length, number)
    own = auc_inf_slope(t, v, d, s, e, m, spans, length, number)
    return (change - own * mrt(t, v, d, spans, length, number)) / total
