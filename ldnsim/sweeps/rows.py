"""Who is simulated at each point: parameter values x draws of what is uncertain x people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..choices import noted
from ..model import Model
from ..simulation.request import Axis, Subjects
from .grid import Dim

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class GridRows:
    """Parameter values of all trajectories of one regimen, made slice by slice.

    A row is a point of the parameter dimensions, a draw and a person, the person changing fastest.

    Attributes
    ----------
    model : Model
        Without the scenarios and conditions that are varied.
    dims : tuple of Dim
        Parameter dimensions.
    draws, people : DataFrame or None
        As given to `ldnsim.sweep`.

    Notes
    -----
    A person differs from the typical one by the same factor under every draw (for a share, bounds within 0
    and 1, by the same odds ratio): value = centre x person / nominal, with the centre from the draw. What a
    scenario or condition sets is not uncertain: its value is the centre. A value from a parameter dimension
    holds for everybody.
    """

    model: Model
    dims: tuple[Dim, ...]
    draws: pd.DataFrame | None
    people: pd.DataFrame | None

    @cached_property
    def drawn(self) -> Subjects:
        """The draws, checked."""
        return Subjects(self.draws, [self.model], "draws")

    @cached_property
    def persons(self) -> Subjects:
        """The people, checked."""
        return Subjects(self.people, [self.model])

    @property
    def axes(self) -> dict[str, Axis]:
        """Dimensions that were asked for beside the grid: "draw", "subject"."""
        named = {"draw": self.drawn.axis, "subject": self.persons.axis}
        return {name: Axis(name, axis.labels, True) for name, axis in named.items() if axis.asked}

    @property
    def shape(self) -> tuple[int, ...]:
        """Points of each parameter dimension, draws, people."""
        return (*map(len, self.dims), len(self.drawn), len(self.persons))

    def __len__(self) -> int:
        return int(np.prod(self.shape))

    def table(self, variant: Model, some: slice, fixed: dict[str, float]) -> pd.DataFrame:
        """Rows of a slice as subjects of `ldnsim.simulate`.

        Parameters
        ----------
        variant : Model
            The model under its scenario and condition.
        some : slice
            Which rows.
        fixed : dict
            Parameters that the other dimensions set.
        """
        import pandas as pd

        index = np.unravel_index(np.arange(some.start, some.stop), self.shape)
        *points, draw, person = index
        columns = self._centres(variant, draw)
        self._spread(variant, columns, person)
        for dim, k in zip(self.dims, points, strict=True):
            for j, key in enumerate(dim.keys):
                columns[key] = np.array([p[j] for p in dim.points], dtype=float)[k]
        columns |= {name: np.full(len(draw), value, dtype=float) for name, value in fixed.items()}
        table = pd.DataFrame(columns, index=pd.RangeIndex(len(draw)))
        table.attrs = {"first": some.start, "seed": self.persons.seed}
        return noted(table, variant)

    def _centres(self, variant: Model, draw: np.ndarray) -> dict[str, np.ndarray]:
        return {
            name: _column(self.drawn, self.model, name)[draw]
            for name in self.drawn.columns
            if name not in variant.chosen
        }

    def _spread(self, variant: Model, columns: dict[str, np.ndarray], person: np.ndarray) -> None:
        for name in self.persons.columns:
            own = _column(self.persons, self.model, name)[person]
            k = self.model.parameter_ids.index(name)
            nominal = self.model.values[k]
            centre = columns.get(name, np.float64(variant.values[k]))
            moved = centre != nominal
            row = self.model.table[k]
            columns[name] = np.where(moved, _about(centre, own, nominal, row.lower, row.upper), own)


def _about(centre, own, nominal: float, lower: float, upper: float):
    """Move a person's value from the nominal centre to another one."""
    if lower >= 0 and upper <= 1 and 0 < nominal < 1:
        with np.errstate(divide="ignore", invalid="ignore"):
            odds = centre / (1 - centre) * own / (1 - own) * (1 - nominal) / nominal
            return np.where(np.isfinite(odds), odds / (1 + odds), centre)
    return centre * own / nominal if nominal else own + 0.0 * centre


def _column(table: Subjects, model: Model, name: str) -> np.ndarray:
    return table.values(model, slice(None))[:, model.parameter_ids.index(name)]
