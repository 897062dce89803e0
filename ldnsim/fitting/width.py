"""The standard deviation of measurements about a prediction f, with the derivatives of its logarithm.

It is sqrt(a^2 + b^2 f^2) ("combined"; a = 0 is "proportional", b = 0 "additive"), or a + b f ("combined1"; the
names are those of Monolix, whose combined2 is the former).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Width(NamedTuple):
    """A standard deviation, and u, its logarithm.

    Attributes
    ----------
    f : array
        Predictions; all else has their shape.
    a2, b2 : array
        Squares of the additive and of the proportional part.
    summed : array of bool
        Whether it is a + b f.
    sd, v : array
        The standard deviation, 0 where a + b f is below, and its square.
    up, upp : array
        First and second derivative of u by f.
    """

    f: np.ndarray
    a2: np.ndarray
    b2: np.ndarray
    summed: np.ndarray
    sd: np.ndarray
    v: np.ndarray
    up: np.ndarray
    upp: np.ndarray

    @classmethod
    def of(cls, f: np.ndarray, a2: np.ndarray, b2: np.ndarray, summed: np.ndarray) -> Width:
        """Compute it."""
        v = a2 + b2 * f**2
        sd, up = np.sqrt(v), b2 * f / v
        upp = b2 / v - 2.0 * up**2
        if summed.any():
            sd = np.where(summed, np.maximum(np.sqrt(a2) + np.sqrt(b2) * f, 0.0), sd)
            v = np.where(summed, sd**2, v)
            up = np.where(summed, np.sqrt(b2) / sd, up)
            upp = np.where(summed, -(up**2), upp)
        return cls(f, a2, b2, summed, sd, v, up, upp)

    def share(self, part: str) -> np.ndarray:
        """Differentiate u by the logarithm of a part."""
        own = self.b2 * self.f**2 if part == "proportional" else self.a2
        found = own / self.v
        if self.summed.any():
            linear = np.sqrt(self.b2) * self.f if part == "proportional" else np.sqrt(self.a2)
            found = np.where(self.summed, linear / self.sd, found)
        return found

    def bend(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """Differentiate `up` and `upp` by the logarithm of a part."""
        f, b2, v, up = self.f, self.b2, self.v, self.up
        sign, own = (1.0, 2.0 * b2) if part == "proportional" else (-1.0, 0.0)
        ups = sign * 2.0 * b2 * f * self.a2 / v**2
        upps = own / v - b2 * (2.0 * self.share(part) * v) / v**2 - 4.0 * up * ups
        if self.summed.any():
            ups = np.where(self.summed, sign * np.sqrt(self.a2 * b2) / v, ups)
            upps = np.where(self.summed, -2.0 * up * ups, upps)
        return ups, upps
