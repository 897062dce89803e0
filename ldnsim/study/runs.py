"""All simulations that a set of claims needs, few large ensembles instead of many small ones."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..choices import under
from ..simulation import simulate
from .course import Course
from .draws import draws_of
from .statement import Claim, Statements
from .waits import washout

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model

FINE, COARSE = 0.25, 1.0  # h between points, within the interval and after it or over a whole run


class Variant(NamedTuple):
    """A model with a scenario and changed parameters."""

    scenario: str = ""
    changes: tuple[tuple[str, float], ...] = ()


class Key(NamedTuple):
    """One course."""

    variant: Variant
    regimen: str
    variable: str


def keys_of(claim: Claim, scenario: str) -> list[Key]:
    """Name the courses that a claim needs under a scenario: its own, and the one it is compared with."""
    if not claim.regimen:
        return []
    own = Key(Variant(scenario, tuple(sorted(claim.set.items()))), claim.regimen, claim.of)
    return [own, Key(Variant(scenario), claim.against, claim.of)] if claim.against else [own]


class Runs:
    """Courses by key.

    Parameters
    ----------
    model : Model
    statements : Statements
    keys : iterable of Key
        What is needed.
    n, seed : int
        Draws.
    threads : int or None
    main : set of str
        Scenarios in which something is said; all others are contrasts and get a quarter of the draws.
    """

    def __init__(
        self,
        model: Model,
        statements: Statements,
        keys: Iterable[Key],
        n: int,
        seed: int,
        threads: int | None,
        main: set[str],
    ) -> None:
        self.model, self.named, self.n, self.seed, self.threads = model, statements.regimens, n, seed, threads
        self._draws: dict[Variant, pd.DataFrame] = {}
        self._courses: dict[Key, Course] = {}
        self._waits: dict[tuple, xr.Dataset] = {}
        self.main = main
        groups: dict[tuple, list[Key]] = {}
        for key in dict.fromkeys(keys):
            groups.setdefault((key.variant, self._grid(key.regimen)), []).append(key)
        for (variant, grid), some in groups.items():
            self._run(variant, grid, some)

    def __getitem__(self, key: Key) -> Course:
        return self._courses[key]

    def draws(self, variant: Variant) -> pd.DataFrame:
        """Draws of what a variant leaves uncertain."""
        if variant not in self._draws:
            self._draws[variant] = draws_of(self.variant(variant), self._n(variant), self.seed)
        return self._draws[variant]

    def _n(self, variant: Variant) -> int:
        return self.n if variant.scenario in self.main else max(1, self.n // 4)

    def washout(self, variant: Variant, how: Mapping[str, Any]) -> xr.Dataset:
        """Compute waits on the same draws, once for the same arguments."""
        key = variant, *sorted(how.items())
        if key not in self._waits:
            rest: dict[str, Any] = {"draws": self._n(variant), "seed": self.seed, "threads": self.threads}
            self._waits[key] = washout(self.variant(variant), **how, **rest)
        return self._waits[key]

    def variant(self, variant: Variant) -> Model:
        """Make the model of a variant."""
        model = under(self.model, variant.scenario) if variant.scenario else self.model
        return model.with_parameters(**dict(variant.changes)) if variant.changes else model

    def _grid(self, regimen: str) -> tuple[float, ...]:
        """When a regimen is looked at: start, length and aftermath of its interval (h), and how finely."""
        named = self.named[regimen]
        end = named.regimen.end
        if named.whole:
            return 0.0, end, 0.0, COARSE
        return end - named.interval, named.interval, named.after, FINE

    def _run(self, variant: Variant, grid: tuple[float, ...], keys: list[Key]) -> None:
        start, length, after, step = grid
        hours = np.concatenate(
            [np.arange(0, length + step / 2, step), np.arange(length, length + after, COARSE)[1:]]
        )
        with warnings.catch_warnings():  # that naltrexone and an opioid do not go together is the claim
            warnings.filterwarnings("ignore", "naltrexone together with", UserWarning)
            ds = simulate(
                self.variant(variant), {k.regimen: self.named[k.regimen].regimen for k in keys},
                subjects=self.draws(variant), times=start + hours, threads=self.threads,
                outputs=list(dict.fromkeys(k.variable for k in keys)),
            )  # fmt: skip
        for k in keys:
            values = ds[k.variable].sel(regimen=k.regimen).values
            self._courses[k] = Course(values, hours, ds["clock"].values, length)
