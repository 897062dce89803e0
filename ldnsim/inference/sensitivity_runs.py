"""A metric of a model under a regimen, as a function of parameters: what every method of sensitivity asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from ..errors import bad
from ..readouts import the_one
from ..regimen import Regimen
from ..result import words_of
from ..simulation import simulate

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model
    from ..readouts import Readout

PIECE = 8192  # rows at a time where a metric is a function of the time course
Measure: TypeAlias = "str | Readout | Callable[[xr.Dataset], Any]"


@dataclass(frozen=True)
class SensitivityRuns:
    """A metric of a model under a regimen, as a function of parameters.

    Attributes
    ----------
    model, regimen, metric, outputs, duration, rtol, threads
        As given to `sensitivity`.
    """

    model: Model
    regimen: Regimen | None
    metric: Measure
    outputs: Sequence[str] | None
    duration: float | None
    rtol: float
    threads: int | None

    def __post_init__(self) -> None:
        if callable(self.metric):
            return
        if self.outputs is not None:
            raise bad(
                "outputs", list(self.outputs), "has no effect unless metric is a function", "leave it out"
            )
        _ = self.readout

    @property
    def label(self) -> str:
        """What axes call the metric."""
        return self.name if callable(self.metric) else self.readout.label or self.name

    @cached_property
    def readout(self) -> Readout:
        """The metric, if it is no function."""
        return the_one(self.metric, self.model, "metric")

    @property
    def name(self) -> str:
        """Name of the metric."""
        return getattr(self.metric, "__name__", "metric") if callable(self.metric) else self.readout.name

    @property
    def units(self) -> str:
        """Units of the metric, empty if unknown."""
        return self._words.get("units", "")

    @property
    def description(self) -> str:
        """What the metric is, and over which window; empty if unknown."""
        return self._words.get("description", "")

    @cached_property
    def _words(self) -> dict[str, str]:
        if callable(self.metric):
            return {}
        return self.readout.attrs(words_of(self.model, {self.readout.variable: self.readout.variable}))

    def with_rtol(self, rtol: float) -> SensitivityRuns:
        """Return the same at another tolerance."""
        return replace(self, rtol=rtol)

    def __call__(self, table: pd.DataFrame) -> np.ndarray:
        """Compute the metric for each row of parameters, shape (n,).

        Raises
        ------
        InputError
            If a run did not finish or the metric is missing.
        """
        how: dict[str, Any] = {
            "duration": self.duration, "rtol": self.rtol, "threads": self.threads, "progress": False,
        }  # fmt: skip
        if callable(self.metric):
            pieces = [table.iloc[k : k + PIECE] for k in range(0, len(table), PIECE)]
            how["outputs"] = self.outputs
            found = [self.numbers_of(simulate(self.model, self.regimen, subjects=p, **how)) for p in pieces]
            return self.refuse_missing(np.concatenate(found))
        ds = simulate(self.model, self.regimen, subjects=table, metrics=[self.readout], **how)
        return self.refuse_missing(self.readout.picked(ds).values)

    def numbers_of(self, ds: xr.Dataset) -> np.ndarray:
        """Apply a metric that is a function, shape (subject,)."""
        function = cast("Callable[[xr.Dataset], Any]", self.metric)
        n = ds.sizes["subject"]
        try:
            values = np.asarray(function(ds), dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise bad("metric", self.name, f"must give one number a subject, and ended in: {error}") from None
        if values.size != n:
            raise bad(
                "metric", self.name, f"must give one number a subject, not {values.size} for {n} subjects"
            )
        return values.reshape(n)

    def refuse_missing(self, values: np.ndarray) -> np.ndarray:
        """Return values, or raise if one is missing."""
        lost = int((~np.isfinite(values)).sum())
        if lost:
            rule = f"is missing in {lost} of {len(values)} runs, which did not finish or have no such value"
            raise bad("metric", self.name, rule, "narrow the ranges, or take another metric")
        return values
