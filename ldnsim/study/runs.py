"""All simulations that a set of claims needs, few large ensembles instead of many small ones."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..choices import under
from ..readouts import Readout
from ..simulation import simulate
from ..units import HOURS_PER_DAY
from .draws import draws_of
from .statement import Claim, Statements
from .waits import washout

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model

STEP = 0.25  # h between points at which courses are set against one another


class ModelVariant(NamedTuple):
    """A model with a scenario and changed parameters."""

    scenario: str = ""
    changes: tuple[tuple[str, float], ...] = ()


class Key(NamedTuple):
    """One number of one regimen, over all draws."""

    variant: ModelVariant
    regimen: str
    readout: Readout


def keys_of(claim: Claim, scenario: str) -> list[Key]:
    """Name what a claim reads under a scenario: its own regimen, and the one that it is compared with."""
    if claim.readout is None:
        return []
    own = Key(ModelVariant(scenario, tuple(sorted(claim.set.items()))), claim.regimen, claim.readout)
    return [own, Key(ModelVariant(scenario), claim.against, claim.readout)] if claim.against else [own]


class ClaimRuns:
    """Numbers by key.

    Parameters
    ----------
    model : Model
    statements : Statements
    asked : iterable of (Claim, str)
        What is asked under which scenario. Scenarios in which something is said have all draws; all others are
        contrasts and get a quarter of them.
    n, seed : int
        Draws.
    threads : int or None
    """

    def __init__(
        self,
        model: Model,
        statements: Statements,
        asked: Iterable[tuple[Claim, str]],
        n: int,
        seed: int,
        threads: int | None,
    ) -> None:
        self.model, self.named, self.n, self.seed, self.threads = model, statements.regimens, n, seed, threads
        self.main = {c.scenario for c in statements.claims}
        self._draws: dict[ModelVariant, pd.DataFrame] = {}
        self._numbers: dict[Key, np.ndarray] = {}
        self._waits: dict[tuple, xr.Dataset] = {}
        groups: dict[tuple[ModelVariant, str], list[Readout]] = {}
        for claim, scenario in asked:
            for key in keys_of(claim, scenario) if claim.how != "pointwise" else ():
                wanted = groups.setdefault((key.variant, key.regimen), [])
                wanted += [r for r in (claim.readout, claim.over) if r is not None and r not in wanted]
        for (variant, regimen), wanted in groups.items():
            found = self._run(variant, regimen, metrics=wanted)
            self._numbers |= {Key(variant, regimen, r): r.picked(found).values for r in wanted}

    def __getitem__(self, key: Key) -> np.ndarray:
        return self._numbers[key]

    def apart(self, own: Key, other: Key) -> np.ndarray:
        """Give the lowest distance of two courses over the last day, hour by hour, one a draw."""
        day = np.arange(0, HOURS_PER_DAY + STEP / 2, STEP) - HOURS_PER_DAY
        one, two = (
            self._run(k.variant, k.regimen, outputs=[k.readout.variable], times=day + self._end(k.regimen))
            for k in (own, other)
        )
        return (one - two)[own.readout.variable].values.min(axis=-1)

    def draws(self, variant: ModelVariant) -> pd.DataFrame:
        """Draws of what a variant leaves uncertain."""
        if variant not in self._draws:
            self._draws[variant] = draws_of(self.variant(variant), self._n(variant), self.seed)
        return self._draws[variant]

    def _n(self, variant: ModelVariant) -> int:
        return self.n if variant.scenario in self.main else max(1, self.n // 4)

    def washout(self, variant: ModelVariant, how: Mapping[str, Any]) -> xr.Dataset:
        """Compute waits on the same draws, once for the same arguments."""
        key = variant, *sorted(how.items())
        if key not in self._waits:
            rest: dict[str, Any] = {"draws": self._n(variant), "seed": self.seed, "threads": self.threads}
            self._waits[key] = washout(self.variant(variant), **how, **rest)
        return self._waits[key]

    def variant(self, variant: ModelVariant) -> Model:
        """Make the model of a variant."""
        model = under(self.model, variant.scenario) if variant.scenario else self.model
        return model.with_parameters(**dict(variant.changes)) if variant.changes else model

    def _run(self, variant: ModelVariant, regimen: str, **what: Any) -> xr.Dataset:
        """Simulate a regimen over the draws of a variant."""
        if "times" not in what:
            what["duration"] = self._end(regimen) + self.named[regimen].after
        with warnings.catch_warnings():  # that naltrexone and an opioid do not go together is the claim
            warnings.filterwarnings("ignore", "naltrexone together with", UserWarning)
            return simulate(
                self.variant(variant), self.named[regimen].regimen, subjects=self.draws(variant),
                threads=self.threads, **what,
            )  # fmt: skip

    def _end(self, regimen: str) -> float:
        return self.named[regimen].regimen.end
