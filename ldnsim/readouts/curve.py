"""A smooth curve through nodes: a cubic spline between jumps.

Compiled; every function takes the node times t (h), the values v and the slopes d at the nodes. Two nodes
closer than `JUMP` mark an instant at which the curve jumps or has a kink (a dose, the end of an infusion):
the curve is not interpolated across it, and slopes on its two sides are independent.
"""

from __future__ import annotations

import math

import numpy as np

from ..engine.compiled import part

JUMP = 1e-5  # h


@part
def _end_slope(h0, h1, s0, s1):
    """Slope at an end from the parabola through the three nearest nodes; h0, s0 belong to the end."""
    return ((2.0 * h0 + h1) * s0 - h0 * s1) / (h0 + h1)


@part
def slopes(t, v, d, work):
    """Write the slope at every node to d: a cubic spline between jumps.

    `work` is scratch, as long as d.
    """
    first = 0
    for last in range(t.size):
        if last + 1 < t.size and t[last + 1] - t[last] > JUMP:
            continue
        stretch = slice(first, last + 1)
        if last == first:
            d[first] = 0.0
        elif last == first + 1:
            d[first] = d[last] = (v[last] - v[first]) / (t[last] - t[first])
        else:
            _spline(t[stretch], v[stretch], d[stretch], work)
        first = last + 1


@part
def _spline(t, v, d, work):
    """Slopes that make the second derivative continuous (Thomas' algorithm); ends from a parabola."""
    n = t.size
    h0, h1 = t[1] - t[0], t[2] - t[1]
    d[0] = _end_slope(h0, h1, (v[1] - v[0]) / h0, (v[2] - v[1]) / h1)
    h0, h1 = t[n - 1] - t[n - 2], t[n - 2] - t[n - 3]
    d[n - 1] = _end_slope(h0, h1, (v[n - 1] - v[n - 2]) / h0, (v[n - 2] - v[n - 3]) / h1)
    work[0] = 0.0
    for i in range(1, n - 1):
        h0, h1 = t[i] - t[i - 1], t[i + 1] - t[i]
        pivot = 2.0 * (h0 + h1) - h1 * work[i - 1]
        work[i] = h0 / pivot
        right = 3.0 * (h1 * (v[i] - v[i - 1]) / h0 + h0 * (v[i + 1] - v[i]) / h1)
        d[i] = (right - h1 * d[i - 1]) / pivot
    for i in range(n - 2, 0, -1):
        d[i] -= work[i] * d[i + 1]


@part
def cubic(t, v, d, i):
    """Coefficients of piece i: v = c0 + x (c1 + x (c2 + x c3)), x = time since node i."""
    h = t[i + 1] - t[i]
    s = (v[i + 1] - v[i]) / h
    return v[i], d[i], (3.0 * s - 2.0 * d[i] - d[i + 1]) / h, (d[i] + d[i + 1] - 2.0 * s) / (h * h)


@part
def value(c, x):
    """Value of a piece at x."""
    return c[0] + x * (c[1] + x * (c[2] + x * c[3]))


@part
def primitive(c, x):
    """Integral of a piece from 0 to x."""
    return x * (c[0] + x * (c[1] / 2.0 + x * (c[2] / 3.0 + x * c[3] / 4.0)))


@part
def turning_points(c, low, high):
    """Where the slope of a piece is zero inside (low, high): two points in order, `high` for none."""
    a, b = 3.0 * c[3], c[2]  # slope = c1 + 2 b x + a x^2
    disc = b * b - a * c[1]
    if disc <= 0.0:
        return high, high
    q = -(b + math.copysign(math.sqrt(disc), b))
    p = c[1] / q if q != 0.0 else high
    r = q / a if a != 0.0 else high
    p = p if low < p < high else high
    r = r if low < r < high else high
    return min(p, r), max(p, r)


@part
def crossing(c, low, high, level):
    """Where a monotone stretch of a piece meets `level`, which lies between its ends: bisection."""
    rising = value(c, high) > level
    for _ in range(60):
        middle = 0.5 * (low + high)
        if (value(c, middle) > level) == rising:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


@part
def rate(c, x):
    """Slope of a piece at x."""
    return c[1] + x * (2.0 * c[2] + x * 3.0 * c[3])


@part
def clipped(t, i, start, end):
    """Part of piece i inside a span, as offsets from node i; (0, 0) outside and for a jump at its end."""
    h = t[i + 1] - t[i]
    low, high = max(start - t[i], 0.0), min(end - t[i], h)
    if high <= low or (h <= JUMP and t[i + 1] >= end):
        return 0.0, 0.0
    return low, high


@part
def piece_from(t, time):
    """Return the number of the piece that begins at a time or holds it."""
    i = min(np.searchsorted(t, time, side="right") - 1, t.size - 2)
    while i > 0 and t[i + 1] <= t[i]:  # the last node may stand several times
        i -= 1
    return max(i, 0)


@part
def piece_until(t, time):
    """Return the number of the piece that ends at a time or holds it; not a jump that lies at its end."""
    i = max(np.searchsorted(t, time, side="left") - 1, 0)
    if i > 0 and t[i + 1] - t[i] <= JUMP and t[i + 1] >= time:
        i -= 1
    return i
