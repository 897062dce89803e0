"""Areas under a measured curve: linear where it rises, logarithmic where it falls, exponential beyond the end.

Definitions as in PKNCA (Denney, Duvvuri & Buckeridge, J Pharmacokinet Pharmacodyn 42, S65, 2015), method "lin
up/log down": the logarithmic rule for c1 > c2 > 0, the linear one else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

_FLAT = 1e-3  # of a logarithm: below, its quotients are taken from their series


def _is_log(c1: float, c2: float) -> bool:
    return 0.0 < c2 < c1


def piece_area(dt: float, c1: float, c2: float) -> float:
    """Area of one piece."""
    if not _is_log(c1, c2):
        return dt * (c1 + c2) / 2.0
    fall = math.log(c2 / c1)
    return dt * c1 * math.expm1(fall) / fall


def piece_moment(t1: float, dt: float, c1: float, c2: float) -> float:
    """Area of one piece times its hours."""
    if not _is_log(c1, c2):
        return dt * (c1 * t1 + c2 * (t1 + dt)) / 2.0
    x = math.log(c2 / c1)
    series = 0.5 + x * (1.0 / 3.0 + x * (1.0 / 8.0 + x / 30.0))
    own = series if abs(x) < _FLAT else (math.exp(x) * (x - 1.0) + 1.0) / x**2
    return t1 * piece_area(dt, c1, c2) + dt**2 * c1 * own


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve from 0 to its last quantified point, and one exponential beyond.

    Attributes
    ----------
    t, c : array, shape (n,)
        Hours since the dose, ascending from 0, and values; the last one is above 0.
    rate : float
        Of the exponential (1/h); NaN where none is known.
    """

    t: np.ndarray
    c: np.ndarray
    rate: float

    def value(self, at: float) -> float:
        """Value at a time (h) before the last point."""
        k = int(np.searchsorted(self.t, at, side="right")) - 1
        share = (at - self.t[k]) / (self.t[k + 1] - self.t[k])
        c1, c2 = float(self.c[k]), float(self.c[k + 1])
        return c1 * (c2 / c1) ** share if _is_log(c1, c2) else c1 + share * (c2 - c1)

    def area(self, end: float = math.inf) -> float:
        """Area from 0 to a time (h); NaN where the end lies beyond the last point and no rate is known."""
        inside = sum(piece_area(dt, c1, c2) for _, dt, c1, c2 in self._pieces(end))
        if end <= self.t[-1]:
            return inside
        return inside - self.c[-1] * math.expm1(-self.rate * (end - self.t[-1])) / self.rate

    def moment(self, end: float = math.inf) -> float:
        """Area under value times hours, from 0 to a time (h)."""
        inside = sum(piece_moment(*piece) for piece in self._pieces(end))
        last, rate = float(self.t[-1]), self.rate
        if end <= last:
            return inside
        left = math.exp(-rate * (end - last)) if math.isfinite(end) else 0.0
        beyond = 0.0 if left == 0.0 else left * (end / rate + 1.0 / rate**2)
        return inside + self.c[-1] * (last / rate + 1.0 / rate**2 - beyond)

    def _pieces(self, end: float) -> list[tuple[float, float, float, float]]:
        """Start, length and values of each piece up to a time."""
        found = []
        for t1, t2, c1, c2 in zip(self.t[:-1], self.t[1:], self.c[:-1], self.c[1:], strict=True):
            if t1 >= end:
                break
            top = min(float(t2), end)
            found.append((float(t1), top - float(t1), float(c1), float(c2) if top == t2 else self.value(end)))
        return found
