"""Judge candidate regimens: a whole generation under all draws in one call of the engine."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..errors import SolverWarning, bad
from ..model import Model
from ..numeric import as_number, quantiles
from ..readouts import CUT, Readout, the_one
from ..regimen import Regimen
from ..simulation import simulate
from ..simulation.pieces import GROUP
from ..sweeps.grid import regimen_from
from ..units import clock_of
from .optimise_space import Space

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SIGNS = {"max": -1.0, "min": 1.0}
ENDS = (0.05, 0.95)
SEARCH = ("fast", 1e-4)  # method and rtol while searching; a metric errs by some 1e-6 of its size then


@dataclass
class Judged:
    """All candidates so far.

    Attributes
    ----------
    x : array, shape (n, k)
        Points of the cube.
    judged : array, shape (n, metric)
        Metrics, as draws are judged.
    spread : array, shape (n, metric, 2)
        Their 5 % and 95 % quantile over the draws.
    losses : array, shape (n, goal)
        Goals, to be made small.
    violation : array, shape (n,)
        0 where all constraints hold; inf where a run failed.
    """

    x: np.ndarray
    judged: np.ndarray
    spread: np.ndarray
    losses: np.ndarray
    violation: np.ndarray

    def with_more(self, more: Judged) -> Judged:
        """Append candidates."""
        return Judged(
            *(np.concatenate([a, b]) for a, b in zip(vars(self).values(), vars(more).values(), strict=True))
        )


@dataclass(eq=False)
class Candidates:
    """A problem: what is varied, what is wanted, and all that was tried.

    Attributes
    ----------
    model, space, draws, rtol, threads
        As given to `optimize`.
    goals : dict
        Readout -> sign of its loss.
    limits : dict
        Readout -> (lowest, highest).
    share : float or None
        Share of draws that may miss; None judges by the mean.
    """

    model: Model
    space: Space
    goals: dict[Readout, float]
    limits: dict[Readout, tuple[float, float]]
    draws: pd.DataFrame | None
    share: float | None
    rtol: float
    threads: int | None
    found: Judged = field(init=False)  # once something was judged
    done: Callable[[int], Any] = lambda n: None
    known: dict[Regimen, np.ndarray] = field(default_factory=dict)
    regimens: list[Regimen] = field(default_factory=list)

    @classmethod
    def of(cls, model, space, goals, constraints, draws, robust, rtol, threads) -> Candidates:
        """Check goals and constraints."""
        if not isinstance(goals, Mapping) or not 1 <= len(goals) <= 2:
            raise bad("goals", goals, "must be a dict of one or two metrics", "{'change_il6': 'min'}")
        for name, way in goals.items():
            if not isinstance(way, str) or way not in SIGNS:
                raise bad(f"goals[{name!r}]", way, "must be 'max' or 'min'")
        limits = {name: _limits(name, pair) for name, pair in (constraints or {}).items()}
        goals = {the_one(name, model, "goals"): way for name, way in goals.items()}
        limits = {the_one(name, model, "constraints"): pair for name, pair in limits.items()}
        of_mean = isinstance(robust, str) and robust == "mean"
        if not of_mean and not 0 < as_number(robust) < 1:
            raise bad("robust", robust, "must be 'mean' or a share between 0 and 1")
        if not of_mean and draws is None:
            raise bad("robust", robust, "has no effect without draws", "draws=ldn.posterior(model, 100)")
        share = None if of_mean else float(robust)
        signs = {readout: SIGNS[way] for readout, way in goals.items()}
        return cls(model, space, signs, limits, draws, share, rtol, threads)

    @cached_property
    def crowd(self) -> pd.DataFrame | None:
        """The draws, the last one repeated until groups of lanes are full: so one call runs all regimens."""
        if self.draws is None:
            return None
        n = len(self.draws)
        return self.draws.iloc[np.minimum(np.arange(-(-n // GROUP) * GROUP), n - 1)].reset_index(drop=True)

    @property
    def metrics(self) -> tuple[Readout, ...]:
        """Goals, then constraints, each once."""
        return tuple(dict.fromkeys([*self.goals, *self.limits]))

    def regimen(self, x: np.ndarray) -> Regimen:
        """Regimen at a point of the cube."""
        return cast("Regimen", regimen_from(self.space.arguments(x)))  # there is something to vary

    def judge(self, x: np.ndarray) -> Judged:
        """Simulate candidates of shape (n, k), and keep them."""
        regimens = [self.regimen(row) for row in x]
        fresh = [r for r in dict.fromkeys(regimens) if r not in self.known]
        if fresh:
            self.known.update(zip(fresh, self._simulated(fresh, SEARCH), strict=True))
        values = np.stack([self.known[r] for r in regimens])  # (n, draw, metric)
        more = self._judged(x, values)
        self.found = self.found.with_more(more) if self.regimens else more
        self.regimens += regimens
        self.done(len(x))
        return more

    def settle(self, rows: np.ndarray) -> None:
        """Judge some of those found once more, at the accuracy that was asked for."""
        values = self._simulated([self.regimens[k] for k in rows], ("auto", self.rtol))
        exact = self._judged(self.found.x[rows], values)
        for array, again in zip(vars(self.found).values(), vars(exact).values(), strict=True):
            array[rows] = again

    def _simulated(self, regimens: list[Regimen], how: tuple[str, float]) -> np.ndarray:
        ds = self._run(regimens, how)
        columns = []
        n = 1 if self.draws is None else len(self.draws)
        for readout in self.metrics:
            columns.append(readout.picked(ds).values.reshape(len(regimens), -1)[:, :n])
        return np.stack(columns, axis=-1)

    def cut_off(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Tell, as columns of a table, where a number or a draw that it rests on was cut off: 1 there."""
        some = [r for r in self.metrics if CUT.removeprefix("_") in r.reducer.beside]
        if not some:
            return {}
        ds = self._run([self.regimens[k] for k in rows], ("auto", self.rtol))
        flags = {r: ds.coords[f"{r.place[0]}{CUT}"] for r in some}
        flags = {r: flag.sel(analyte=r.place[1]) if r.place[1] else flag for r, flag in flags.items()}
        return {f"{r.name}{CUT}": flag.values.reshape(len(rows), -1).max(axis=1) for r, flag in flags.items()}

    def _run(self, regimens: list[Regimen], how: tuple[str, float]) -> xr.Dataset:
        method, rtol = how
        numbered: dict[Any, Regimen] = dict(enumerate(regimens))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SolverWarning)  # a candidate that fails is out
            return simulate(
                self.model, numbered, subjects=self.crowd, metrics=self.metrics, method=method,
                rtol=max(rtol, self.rtol), threads=self.threads, progress=False,
            )  # fmt: skip

    def _judged(self, x: np.ndarray, values: np.ndarray) -> Judged:
        lost = ~np.isfinite(values).all(axis=(1, 2))
        values = np.where(np.isfinite(values), values, 0.0)
        low, high = self._ends(values)
        names = self.metrics
        signs = np.array(list(self.goals.values()))
        places = [names.index(name) for name in self.goals]
        losses = np.where(signs > 0, high[:, places], -low[:, places])
        violation = np.zeros(len(x))
        for name, (least, most) in self.limits.items():
            k = names.index(name)
            scale = max(1e-9, *(abs(b) for b in (least, most) if np.isfinite(b)))
            violation += np.maximum(0, least - low[:, k]) / scale + np.maximum(0, high[:, k] - most) / scale
        judged = values.mean(axis=1)
        if self.share is not None:
            worst = [self.goals[n] > 0 if n in self.goals else self.limits[n][1] < np.inf for n in names]
            judged = np.where(worst, high, low)  # of a constraint with a lower limit only, what is near it
        spread = np.moveaxis(quantiles(values, ENDS, axis=1), 0, -1)
        return Judged(np.array(x), judged, spread, losses, np.where(lost, np.inf, violation))

    def _ends(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what draws attain from below and from above, shape (n, metric)."""
        if self.share is None:
            mean = values.mean(axis=1)
            return mean, mean
        return np.quantile(values, self.share, axis=1), np.quantile(values, 1 - self.share, axis=1)

    def table(self, rows: np.ndarray) -> pd.DataFrame:
        """Say what some candidates are and do."""
        import pandas as pd

        columns = []
        for k in rows:
            told = self.space.varied(self.found.x[k])
            if isinstance(told.get("at"), float):
                told["at"] = clock_of(told["at"])
            if "steps" in told:
                told["steps"] = str(told["steps"])
            for j, name in enumerate(r.name for r in self.metrics):
                told[name] = self.found.judged[k, j]
                if self.draws is not None:
                    told[f"{name}_low"], told[f"{name}_high"] = self.found.spread[k, j]
            columns.append(told)
        return pd.DataFrame(columns)


def _limits(name: str, pair: Any) -> tuple[float, float]:
    try:
        low, high = pair
        found = -np.inf if low is None else as_number(low), np.inf if high is None else as_number(high)
    except (TypeError, ValueError):
        found = (np.nan, np.nan)
    if not found[0] <= found[1] or not np.isfinite(found).any():
        raise bad(f"constraints[{name!r}]", pair, "must be (lowest, highest), None for no limit")
    return found
