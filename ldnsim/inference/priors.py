"""What was known of each parameter before the calibration, as one standard normal a parameter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .. import library
from ..errors import bad
from ..subjects import MAX_REDRAWS

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model


@dataclass(frozen=True)
class Prior:
    """Independent priors of some parameters; a value is a smooth function of a standard normal z.

    Attributes
    ----------
    ids : tuple of str
        The parameters, k of them.
    median, gsd, lower, upper : array, shape (k,)
        Median, geometric standard deviation and bounds.

    Notes
    -----
    A parameter is lognormal about its median. A share (bounds within 0 and 1) is normal on the logit scale
    with the same relative spread near its median; one whose median is the bound 1 keeps below it, as
    ``exp(-|z| ln gsd)``. Bounds cut the distributions off.
    """

    ids: tuple[str, ...]
    median: np.ndarray
    gsd: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, model: Model) -> Prior:
        """Read the priors of all uncertain parameters of a model.

        A fitted parameter has its prior in ``priors.csv``; any other is uncertain by ``uncertainty_gsd``
        about its value. What a scenario, a condition or `Model.with_parameters` sets is not uncertain.
        """
        told, table = fitted_priors(model), _unchosen(model)
        return cls._within(table, told, told.index)

    @classmethod
    def stated(cls, model: Model) -> Prior:
        """Read what the table of parameters states today: of a fitted one what the calibration left.

        A fitted one of which it states nothing, as before a calibration, has its prior.
        """
        told, table = fitted_priors(model), _unchosen(model)
        return cls._within(table, told, [n for n in told.index if not table["uncertainty_gsd"].get(n, 0.0) > 1])

    @classmethod
    def _within(cls, table: pd.DataFrame, told: pd.DataFrame, by_prior: Iterable[str]) -> Prior:
        """Take the priors of some, of the others what the table states."""
        told = told.loc[[*by_prior]]
        own = [name for name in table.index if name in told.index or table["uncertainty_gsd"][name] > 1]
        median = [told["median"].get(name, table["value"][name]) for name in own]
        gsd = [told["gsd"].get(name, table["uncertainty_gsd"][name]) for name in own]
        return cls(
            tuple(own),
            np.array(median, dtype=float),
            np.array(gsd, dtype=float),
            table["lower"][own].fillna(-np.inf).to_numpy(float),
            table["upper"][own].fillna(np.inf).to_numpy(float),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, ids: Sequence[str]) -> Prior:
        """Return the priors of some of the parameters, in this order."""
        k = [self.ids.index(name) for name in ids]
        return Prior(tuple(ids), self.median[k], self.gsd[k], self.lower[k], self.upper[k])

    @property
    def _share(self) -> np.ndarray:
        return (self.lower >= 0) & (self.upper <= 1)

    def values(self, z: np.ndarray) -> np.ndarray:
        """Parameter values at standard normals, shape (n, k)."""
        spread, share, full = np.log(self.gsd), self._share, self._share & (self.median >= 1)
        inner = np.where(share & ~full, self.median, 0.5)
        odds = inner / (1 - inner) * np.exp(spread / (1 - inner) * z)
        value = self.median * np.exp(spread * np.where(full, -np.abs(z), z))
        return np.where(share & ~full, odds / (1 + odds), value)

    def z_of(self, values: np.ndarray) -> np.ndarray:
        """Return the standard normals of parameter values, the inverse of `values`."""
        spread, share, full = np.log(self.gsd), self._share, self._share & (self.median >= 1)
        inner = np.where(share & ~full, self.median, 0.5)
        x = np.where(share & ~full, values, 0.5)
        logit = np.log(x / (1 - x) / inner * (1 - inner)) * (1 - inner) / spread
        return np.where(share & ~full, logit, np.log(values / self.median) / spread)

    def inside(self, values: np.ndarray) -> np.ndarray:
        """Whether each draw lies within all bounds, shape (n,)."""
        return ((values >= self.lower) & (values <= self.upper)).all(axis=-1)

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw standard normals whose values lie within the bounds, shape (n, k)."""
        z = rng.standard_normal((n, len(self)))
        for _ in range(MAX_REDRAWS):
            values = self.values(z)
            out = ~((values >= self.lower) & (values <= self.upper))
            if not out.any():
                return z
            z[out] = rng.standard_normal(int(out.sum()))
        name = self.ids[int(np.argmax(out.any(axis=0)))]
        raise bad(f"parameters[{name!r}]", "uncertainty_gsd", "puts almost every draw outside its bounds")

    def frame(self, z: np.ndarray) -> pd.DataFrame:
        """Parameter values at standard normals, one row a draw."""
        import pandas as pd

        return pd.DataFrame(self.values(z), columns=list(self.ids))


def _unchosen(model: Model) -> pd.DataFrame:
    return model.parameters.drop(index=list(model.chosen & set(model.parameter_ids)))


def fitted_priors(model: Model) -> pd.DataFrame:
    """Priors of the parameters that `calibrate` fits, indexed by id; none where the model has no table."""
    import pandas as pd

    if not library.has_table(model, "priors"):
        return pd.DataFrame({"median": [], "gsd": []}, dtype=float)
    return library.table(model, "priors")
