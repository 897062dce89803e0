"""The whole of a sweep, cut into chunks that can be computed anywhere, in any order, to the same bits."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import SolverWarning
from ..memory import check_room
from ..model import Model
from ..readouts import columns_of
from ..regimen import Regimen
from ..simulation import simulate
from ..simulation.drugs import settings_of
from ..simulation.grid import output_times
from ..simulation.pieces import GROUP
from ..simulation.plan import decide
from .grid import Dim, kind_of, regimen_from, variant
from .rows import GridRows

if TYPE_CHECKING:
    import xarray as xr

    from ..engine.problem import Decision

STATUS = "U20"
STATUS_BYTES = np.dtype(STATUS).itemsize
NODES = 120  # of the last interval, kept beside a time course, about
NOT_KEPT = (
    "dose_number", "dose_time", "dose_drug", "dose_end", "node", "state", "last_state", "fail_time", "regimen",
    "subject",
)  # fmt: skip


class Chunk(NamedTuple):
    """A part of the sweep: an outer point, some of its regimens, some of its rows."""

    number: int
    outer: int
    regimens: slice
    rows: slice

    @property
    def size(self) -> int:
        """Number of trajectories."""
        return (self.regimens.stop - self.regimens.start) * (self.rows.stop - self.rows.start)


@dataclass(frozen=True, eq=False)
class ChunkResult:
    """What a chunk gives: plain arrays and what they are called, so that it can be sent and stored.

    Attributes
    ----------
    arrays : dict of str to array
        Those that differ between trajectories start with the dimensions (regimen, subject).
    dims : dict of str to list of str
    attrs : dict of str to dict
        Of each array; those of the Dataset under "".
    coords : list of str
        Which arrays are coordinates.
    """

    arrays: dict[str, np.ndarray]
    dims: dict[str, list[str]]
    attrs: dict[str, dict[str, Any]]
    coords: list[str]


@dataclass(frozen=True, eq=False)
class Work:
    """A sweep.

    Attributes
    ----------
    model : Model
    dims : tuple of Dim
        The grid, in the user's order.
    fixed : dict
        Arguments of the regimen that are the same everywhere.
    rows : GridRows
        Parameter values of the trajectories of one regimen.
    how : dict
        What `ldnsim.simulate` is told beside.
    size : int
        Most trajectories of a chunk, about.
    decisions : dict of int to Decision
        How to solve each outer point, see `decided`.
    """

    model: Model
    dims: tuple[Dim, ...]
    fixed: dict[str, Any]
    rows: GridRows
    how: dict[str, Any]
    size: int
    decisions: dict[int, Decision] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def outer(self) -> tuple[Dim, ...]:
        """Dimensions that change the model, or several things at once: one call a point."""
        return tuple(d for d in self.dims if d.kind in ("model", "mixed"))

    @cached_property
    def dosing(self) -> tuple[Dim, ...]:
        """Dimensions that change the regimen alone."""
        return tuple(d for d in self.dims if d.kind == "dosing")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Outer points, regimens of each, rows of each."""
        return int(np.prod([*map(len, self.outer)])), int(np.prod([*map(len, self.dosing)])), len(self.rows)

    def check_fits(self) -> None:
        """Refuse a result that would not fit into memory, before anything is computed."""
        if "metrics" in self.how:
            numbers = len(columns_of(self.how["metrics"]))
            counts = {"metrics": len(self.how["metrics"])}
        else:
            times = self.how.get("times")
            n = len(output_times(self.how["duration"], self.how["every"]) if times is None else times)
            shown = len(self.how["outputs"])
            numbers, counts = shown * (n + NODES), {"outputs": shown, "times": n}
        axes = {d.name: len(d) for d in self.dims} | {k: len(a) for k, a in self.rows.axes.items()}
        made_of = " x ".join(f"{n} {name}" for name, n in {**axes, **counts}.items() if n > 1)
        size = 2.0 * math.prod(self.shape) * (8 * numbers + STATUS_BYTES)  # the chunks, then the grid of them
        remedy = "fewer points, metrics=[...] or outputs=[...], or parts of the grid one after another"
        check_room("result", size, made_of, remedy)

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """The parts, in order."""
        outer, regimens, rows = self.shape
        tall = _even(rows, self.size, GROUP)
        wide = _even(regimens, max(1, self.size // _longest(tall)), GROUP if rows == 1 else 1)
        parts = ((o, i, k) for o in range(outer) for i in wide for k in tall)
        return tuple(Chunk(number, *part) for number, part in enumerate(parts))

    def settings(self, outer: int) -> dict[str, Any]:
        """Say what an outer point sets."""
        return _settings(self.outer, outer)

    @property
    def outer_of_regimens(self) -> range:
        """Outer points between which regimens may differ."""
        return range(self.shape[0] if any(d.kind == "mixed" for d in self.outer) else 1)

    def regimens(self, outer: int) -> Iterator[Regimen | None]:
        """Regimens of an outer point, in order."""
        beside = {k: v for k, v in self.settings(outer).items() if kind_of(k) == "dosing"}
        for k in range(self.shape[1]):
            yield regimen_from({**self.fixed, **beside, **_settings(self.dosing, k)})

    def taken(self) -> dict[str, Regimen | None]:
        """Return the regimens of the grid by what is varied of them."""
        found = {}
        for outer in self.outer_of_regimens:
            beside = [d.labels[k] for d, k in _places(self.outer, outer) if len(self.outer_of_regimens) > 1]
            for k, regimen in enumerate(self.regimens(outer)):
                labels = [*beside, *(d.labels[j] for d, j in _places(self.dosing, k))]
                found[", ".join(str(part) for label in labels for part in label)] = regimen
        return found

    def where(self, chunk: Chunk) -> str:
        """Say in words where a chunk starts."""
        return place_of(chunk, self.outer, self.dosing)

    def decided(self, numbers: Iterable[int]) -> Work:
        """Decide how some chunks are solved, so that each is as it would be among all others of its outer point."""
        found = {}
        for outer in dict.fromkeys(self.chunks[number].outer for number in numbers):
            model, fixed = self._model(outer)
            some = self.rows.table(model, slice(0, min(2, len(self.rows))), fixed)
            how = self.how["duration"], self.how["method"], self.how["rtol"]
            found[outer] = decide(model, self._own(outer), some, *how)
        return replace(self, decisions=found)

    def _model(self, outer: int) -> tuple[Model, dict[str, Any]]:
        """Return the model of an outer point, and the parameters that the point sets for all rows."""
        settings = self.settings(outer)
        fixed = {k: v for k, v in settings.items() if kind_of(k) == "values"}
        model = variant(self.model, settings)
        varied = {*fixed, *(key for dim in self.rows.dims for key in dim.keys)}
        rows = varied & {name for row in settings_of(model).values() for name in row}
        # The point of an axis is the value of the run: what is chosen, no row of a drug takes for a factor on its own.
        own = {name: float(model.values[model.parameter_ids.index(name)]) for name in rows}
        return (model.with_parameters(**own) if own else model), fixed

    def _own(self, outer: int) -> tuple[Regimen | None, ...]:
        """Return the regimens of an outer point, kept until another one has others."""
        key = outer if any(kind_of(k) == "dosing" for k in self.settings(outer)) else -1
        if key not in self.seen:
            self.seen.clear()
            self.seen[key] = tuple(self.regimens(outer))
        return self.seen[key]

    def compute(self, number: int, threads: int | None = None) -> ChunkResult:
        """Run one chunk: all its points in one call of the engine."""
        chunk = self.chunks[number]
        model, fixed = self._model(chunk.outer)
        own = self._own(chunk.outer)[chunk.regimens]
        table = self.rows.table(model, chunk.rows, fixed)
        how = self.how | {"method": self.decisions[chunk.outer]}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SolverWarning)  # counted at the end
            ds = simulate(model, dict(enumerate(own)), subjects=table, threads=threads, progress=False, **how)
        return _answer(ds)


def _even(n: int, most: int, unit: int) -> list[slice]:
    """Cut n into as few parts of at most about `most` as there can be, each whole units, alike in length."""
    units = -(-n // unit)
    parts = -(-units // max(1, most // unit))
    cuts = [min(n, units * k // parts * unit) for k in range(parts + 1)]
    return [slice(*pair) for pair in pairwise(cuts)]


def _longest(parts: list[slice]) -> int:
    return max(part.stop - part.start for part in parts)


def place_of(chunk: Chunk, outer: tuple[Dim, ...], dosing: tuple[Dim, ...]) -> str:
    """Say in words where a chunk starts."""
    starts = (*_places(outer, chunk.outer), *_places(dosing, chunk.regimens.start))
    words = [f"{dim.name} {', '.join(map(str, dim.labels[k]))}" for dim, k in starts]
    return ", ".join([*words, f"rows {chunk.rows.start}-{chunk.rows.stop - 1}"])


def _places(dims: tuple[Dim, ...], k: int) -> Iterator[tuple[Dim, int]]:
    index = np.unravel_index(k, [len(d) for d in dims]) if dims else ()
    return zip(dims, map(int, index), strict=True)


def _settings(dims: tuple[Dim, ...], k: int) -> dict[str, Any]:
    return {name: value for dim, j in _places(dims, k) for name, value in dim.settings(j).items()}


def _answer(ds: xr.Dataset) -> ChunkResult:
    """Take a Dataset apart."""
    arrays, dims = {}, {}
    both = {"regimen": ds.sizes["regimen"], "subject": ds.sizes["subject"]}
    for name, variable in ds.variables.items():
        if name in NOT_KEPT:
            continue
        if set(variable.dims) & set(both):  # also what is common to all subjects: chunks must look alike
            rest = {d: ds.sizes[d] for d in variable.dims if d not in both}
            variable = variable.set_dims(both | rest).transpose(*both, *rest)
        array = np.ascontiguousarray(variable.values)
        arrays[name] = array.astype(STATUS) if name == "status" else array
        dims[name] = list(map(str, variable.dims))
    attrs = {name: {k: v for k, v in ds[name].attrs.items() if k != "window"} for name in arrays}
    attrs[""] = {k: v for k, v in ds.attrs.items() if k not in ("why", "seed", "regimen")}  # of chunks alone
    return ChunkResult(arrays, dims, attrs, [name for name in ds.coords if name in arrays])
