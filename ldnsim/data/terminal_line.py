"""The terminal phase of a measured profile: the line through the logarithms of its last points."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

LEAST = 3
TIE = 1e-4  # of adjusted r2: within it of the best, more points win (PKNCA's adj.r.squared.factor)


class Line(NamedTuple):
    """A terminal phase.

    Attributes
    ----------
    rate : float
        Its rate, lambda_z (1/h); NaN where there is none.
    r2 : float
        Adjusted coefficient of determination.
    points : int
        How many it is read from.
    start, end : float
        Times of the first and the last of them (h).
    """

    rate: float
    r2: float
    points: int
    start: float
    end: float


NONE = Line(math.nan, math.nan, 0, math.nan, math.nan)


def terminal(t: np.ndarray, c: np.ndarray, least: int = LEAST) -> Line:
    """Fit the terminal phase.

    Of all runs of points that end with the last one, those that fall and whose adjusted r2 is within `TIE` of the
    best; of these the longest (as PKNCA has it).

    Parameters
    ----------
    t, c : array, shape (n,)
        Points after the peak, all above 0.
    least : int
        Take at least so many.
    """
    lines = [_fitted(t[k:], np.log(c[k:])) for k in range(len(t) - least, -1, -1)]
    if not lines:
        return NONE
    best = max(line.r2 for line in lines)
    good = [line for line in lines if line.rate > 0 and line.r2 > best - TIE]
    return max(good, key=lambda line: line.points, default=NONE)


def _fitted(t: np.ndarray, y: np.ndarray) -> Line:
    """Fit a line by least squares."""
    n, x, d = len(t), t - t.mean(), y - y.mean()
    slope = float(x @ d / (x @ x))
    total = float(d @ d)
    r2 = 1.0 - float(((d - slope * x) ** 2).sum()) / total if total > 0 else 0.0
    adjusted = 1.0 - (1.0 - r2) * (n - 1) / (n - 2) if n > 2 else r2
    return Line(-slope, adjusted, n, float(t[0]), float(t[-1]))
