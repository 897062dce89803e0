"""Over what a parameter varies: quantile functions, from the model's own uncertainty or given ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..choices import noted
from ..errors import bad, unknown
from .priors import Prior

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model


@dataclass(frozen=True, eq=False)
class Ranges:
    """Independent distributions of some parameters.

    Attributes
    ----------
    ids : tuple of str
        The parameters.
    model : Model
    prior : Prior
        Distributions of those that have no range of their own.
    given : dict
        Parameter -> (low, high), uniform.
    """

    ids: tuple[str, ...]
    model: Model
    prior: Prior
    given: Mapping[str, tuple[float, float]]

    @classmethod
    def of(
        cls, model: Model, ids: Sequence[str] | None, ranges: Mapping[str, tuple[float, float]] | None
    ) -> Ranges:
        """Check names and ranges."""
        given = {name: _pair(name, pair) for name, pair in (ranges or {}).items()}
        prior = Prior.stated(model)
        names = ids if ids is not None else list(given) or prior.ids or model.parameter_ids
        names = tuple([names] if isinstance(names, str) else names)
        for argument, some in (("parameters", names), ("ranges", given)):
            for name in some:
                if name not in model.parameter_ids:
                    raise unknown(argument, name, model.parameter_ids, listing="model.parameters")
        if not names or len(set(names)) < len(names):
            raise bad("parameters", list(names), "must name at least one parameter, each once")
        return cls(names, model, prior, given)

    @property
    def nominal(self) -> np.ndarray:
        """Present values, shape (k,)."""
        place = {name: k for k, name in enumerate(self.model.parameter_ids)}
        return self.model.values[[place[name] for name in self.ids]]

    def known(self, name: str) -> bool:
        """Whether there is anything to say how a parameter varies."""
        return name in self.given or name in self.prior.ids

    def check_all_known(self) -> None:
        """Refuse a parameter of which no uncertainty is known."""
        for name in self.ids:
            if not self.known(name):
                raise bad(
                    "parameters", name, "has no uncertainty in the model", f"ranges={{{name!r}: (low, high)}}"
                )

    def quantiles(self, name: str, u: np.ndarray) -> np.ndarray:
        """Values of one parameter at probabilities in (0, 1); the bounds cut its distribution off."""
        from scipy.special import ndtr, ndtri

        if name in self.given:
            low, high = self.given[name]
            return low + (high - low) * u
        one = self.prior.only([name])
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.array([one.z_of(bound[None, :])[0, 0] for bound in (one.lower, one.upper)])
        if one.median[0] >= one.upper[0] >= 1 >= one.lower[0] >= 0:  # a share below its bound: |z| counts, from large
            within = 2 * ndtr(abs(z[0])) - 1 if np.isfinite(z[0]) else 1.0
            p = (1 + within * (1 - u)) / 2
            return one.values(ndtri(np.clip(p, 0.5, 1 - 1e-12))[:, None])[:, 0]
        low, high = np.where(np.isnan(z), [-np.inf, np.inf], z)
        p = ndtr(low) + (ndtr(high) - ndtr(low)) * u
        return one.values(ndtri(np.clip(p, 1e-12, 1 - 1e-12))[:, None])[:, 0]

    def table(self, u: np.ndarray) -> pd.DataFrame:
        """Parameters at probabilities, shape (n, k), one row each."""
        import pandas as pd

        values = {name: self.quantiles(name, u[:, k]) for k, name in enumerate(self.ids)}
        return noted(pd.DataFrame(values), self.model)


def _pair(name: str, pair: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = map(float, pair)
    except (TypeError, ValueError):
        low = high = np.nan
    if not (np.isfinite([low, high]).all() and low < high):
        raise bad(f"ranges[{name!r}]", pair, "must be two finite numbers, the lower first")
    return low, high
