"""Scales on which parameters are estimated: logarithm, logit between two bounds, or the values themselves."""

from __future__ import annotations

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
