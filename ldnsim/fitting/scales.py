"""Scales on which parameters are estimated: logarithm, logit between two bounds, or the values themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..errors import bad, unknown

TRANSFORMS = ("log", "logit", "none")


class Scale(NamedTuple):
    """The scale of one parameter.

    Attributes
    ----------
    kind : str
        One of `TRANSFORMS`.
    lower, upper : float
        Bounds of a logit.
    """

    kind: str
    lower: float = 0.0
    upper: float = 1.0

    def of(self, p):
        """Bring values to the scale."""
        if self.kind == "log":
            return np.log(p)
        if self.kind == "logit":
            return np.log((p - self.lower) / (self.upper - p))
        return np.asarray(p, dtype=float) + 0.0

    def back(self, z):
        """Bring values back to their own unit."""
        if self.kind == "log":
            return np.exp(z)
        if self.kind == "logit":
            return self.lower + (self.upper - self.lower) / (1.0 + np.exp(-np.asarray(z)))
        return np.asarray(z, dtype=float) + 0.0

    def slope(self, z):
        """Differentiate `back`."""
        p = self.back(z)
        if self.kind == "log":
            return p
        if self.kind == "logit":
            return (p - self.lower) * (self.upper - p) / (self.upper - self.lower)
        return np.ones_like(p)

    @classmethod
    def chosen(cls, name: str, kind: str | None, value: float, lower: float, upper: float) -> Scale:
        """Choose the scale of a parameter: as asked for, else a logit for a share, else a logarithm if it is above 0.

        Raises
        ------
        InputError
            If its value does not lie on the scale.
        """
        if kind is not None and kind not in TRANSFORMS:
            raise unknown(f"transform[{name!r}]", kind, TRANSFORMS)
        share = lower >= 0.0 and upper <= 1.0
        if kind is None:
            kind = "logit" if share and lower < value < upper else "log" if value > 0 else "none"
        if kind == "log" and not value > 0:
            raise bad(f"model parameter {name}", value, "must be > 0 to start on the logarithmic scale",
                      f"model.with_parameters({name}=...)")  # fmt: skip
        found = cls(kind, lower if np.isfinite(lower) else 0.0, upper if np.isfinite(upper) else 1.0)
        if kind == "logit" and not found.lower < value < found.upper:
            raise bad(f"model parameter {name}", value,
                      f"must lie between {found.lower:g} and {found.upper:g} to start on the logit scale")  # fmt: skip
        return found


class Scales:
    """The scales of k parameters, for arrays whose last axis is k long or longer; further columns are left out.

    Parameters
    ----------
    each : sequence of Scale
    """

    def __init__(self, each: Sequence[Scale]) -> None:
        self.n = len(each)
        kinds = np.array([s.kind for s in each])
        self._log, self._logit = np.flatnonzero(kinds == "log"), np.flatnonzero(kinds == "logit")
        bounded = [s for s in each if s.kind == "logit"]
        self._lower, self._upper = (np.array([getattr(s, e) for s in bounded]) for e in ("lower", "upper"))

    def back(self, z: np.ndarray) -> np.ndarray:
        """Bring values back to their own units."""
        p = np.array(z[..., : self.n])
        if self._log.size:
            p[..., self._log] = np.exp(z[..., self._log])
        if self._logit.size:
            width = self._upper - self._lower
            p[..., self._logit] = self._lower + width / (1.0 + np.exp(-z[..., self._logit]))
        return p

    def slope(self, p: np.ndarray) -> np.ndarray:
        """Differentiate `back`, from its values."""
        found = np.ones_like(p)
        if self._log.size:
            found[..., self._log] = p[..., self._log]
        if self._logit.size:
            own = p[..., self._logit]
            found[..., self._logit] = (own - self._lower) * (self._upper - own) / (self._upper - self._lower)
        return found
