"""What a Dataset carries for readouts: values at nodes, read back and held against the courses beside them.

xarray keeps coordinates as they are while it calculates with variables, so that ``2 * ds`` still carries the
nodes of ``ds``. Metrics of such a Dataset would be those of the run it came from, so it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..arrays import at, over
from ..errors import InputError, bad
from .marks import FIELDS, MARK, MARKS, SHOWN, as_now
from .nodes import BEFORE
from .windows import Marks, compressed

if TYPE_CHECKING:
    import xarray as xr

NODES = "last_interval"
DOSES = {"dose_time": "dose", "dose_end": "due"}
NODE_COORDS = (NODES, "trace", "node_time", MARK, MARKS)
OFFERED = "readouts"  # attribute of results: what their model offers

_ROUNDING = 1e-9  # h; a node closer to an output time than this stands at it
_AT_ONCE = 2 * BEFORE  # h; so does one on the other side of a jump
_LOOKS = 16  # output times that are held against the nodes, at most
_SAME = 1e-6  # of the largest value of a trace: a course stored in single precision still is the same


@dataclass(frozen=True)
class Carried:
    """Nodes of the courses of a Dataset, one row a trajectory.

    Attributes
    ----------
    ds : Dataset
    dims : tuple of str
        Dimensions of the trajectories.
    """

    ds: xr.Dataset
    dims: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Labels of each dimension."""
        return tuple(self.ds.sizes[d] for d in self.dims)

    @cached_property
    def traces(self) -> list[str]:
        """Names of the variables that have nodes."""
        return [str(t) for t in np.atleast_1d(self.ds["trace"].values)]

    @cached_property
    def times(self) -> np.ndarray:
        """Node times (h), shape (trajectory, node); the last one is repeated in rows that are shorter."""
        times = self._rows("node_time", "node")
        return np.take_along_axis(times, _filled(times), axis=1)

    @cached_property
    def values(self) -> np.ndarray:
        """Values at the nodes, shape (trajectory, trace, node)."""
        k = _filled(self._rows("node_time", "node"))
        return np.take_along_axis(self._rows(NODES, "trace", "node"), k[:, None, :], axis=2)

    @property
    def complete(self) -> bool:
        """Whether all intervals ended before the run did."""
        return bool((self._marked["interval_complete"] == 1).all())

    @cached_property
    def _marked(self) -> dict[str, np.ndarray]:
        """Each mark, a value for each point of `lead`."""
        told = self._rows(MARKS, MARK, dims=self.lead)
        return dict(zip(self.ds[MARK].values.tolist(), told.T, strict=True))

    @property
    def offered(self) -> list[dict[str, str]]:
        """Rows of what the models offer; results of several models hold several lists."""
        lists = json.loads(f"[{self.ds.attrs.get(OFFERED, '')}]")
        return list({row["name"]: row for rows in lists for row in rows}.values())

    @cached_property
    def marks(self) -> Marks:
        """What windows are laid from, a row for each point of `lead`."""
        doses = DOSES if all(name in self.ds.coords for name in DOSES) else {}
        found = {field: self._marked[name] for name, field in FIELDS.items() if field in Marks._fields}
        found["until"] = np.where(np.isnan(found["until"]), np.inf, found["until"])
        found |= {field: self._rows(name, "dose_number", dims=self.lead) for name, field in doses.items()}
        none = np.empty((len(found["start"]), 0))
        found |= dict(
            zip(("dose", "due"), compressed(found.get("dose", none), found.get("due", none)), strict=True)
        )
        return Marks(**found, run=self._ends(np.nanmax))

    @property
    def first(self) -> np.ndarray:
        """When the nodes begin (h), for each row of `marks`."""
        return self._ends(np.nanmin)

    @property
    def cut(self) -> tuple[float, float]:
        """From when to when (h) courses are left that were cut after the run, a step around; infinite where not cut."""
        times = np.sort(np.atleast_1d(self.ds["time"].values)) if "time" in self.ds.coords else np.empty(0)
        first, last = (self.ds["node_time"].attrs.get(name, np.nan) for name in SHOWN)
        if times.size < 2:
            return -np.inf, np.inf
        start, end, step = times[0], times[-1], np.diff(times).max()
        return (start - step if start > first + step else -np.inf), (end + step if end < last - step else np.inf)

    @cached_property
    def lead(self) -> tuple[str, ...]:
        """Dimensions along which windows differ."""
        own = [self.ds.variables[name] for name in (MARKS, *DOSES) if name in self.ds.coords]
        return tuple(d for d in self.dims if any(d in c.dims for c in own))

    @property
    def row(self) -> np.ndarray:
        """Row of `marks` of each trajectory."""
        shape = [self.ds.sizes[d] if d in self.lead else 1 for d in self.dims]
        rows = np.arange(int(np.prod(shape))).reshape(shape)
        return np.broadcast_to(rows, self.shape).ravel()

    def _ends(self, which: Callable) -> np.ndarray:
        """Bring the ends of the nodes of trajectories to rows of `marks`."""
        times = self.ds.variables["node_time"]
        return self._full(over(times, which, {*times.dims} - {*self.lead}), self.lead).ravel()

    def _rows(self, name: str, *last: str, dims: Sequence[str] | None = None) -> np.ndarray:
        lead = self.dims if dims is None else dims
        full = self._full(self.ds.variables[name], (*lead, *last))
        return full.reshape(-1, *full.shape[len(lead) :])

    def _full(self, variable: xr.Variable, dims: Sequence[str]) -> np.ndarray:
        return np.asarray(variable.set_dims({d: self.ds.sizes[d] for d in dims}).transpose(*dims))


def carried(ds: xr.Dataset) -> Carried:
    """Read what a Dataset carries for readouts.

    Parameters
    ----------
    ds : Dataset
        Result of `ldnsim.simulate`, or a selection of it.

    Raises
    ------
    InputError
        If it carries none, or its courses are no longer those from which they were taken.
    """
    if NODES not in ds.coords and not any("time" in v.dims for v in ds.data_vars.values()):
        rule = "holds readouts, not courses"
        raise bad("ds", sorted(map(str, ds.data_vars)), rule, "it is what summarize gives; simulate without metrics=[...]")
    ds = as_now(ds)
    missing = [name for name in NODE_COORDS if name not in ds.coords]
    missing += [] if missing else [name for name in FIELDS if name not in ds[MARK].values]
    if missing:
        raise bad(
            "ds",
            sorted(map(str, ds.data_vars)),
            f"has no coordinate {missing[0]!r}, with which readouts are computed",
            "summarize the result of simulate() before choosing variables, averaging, calculating or saving as a table",
        )
    check_hours(ds)
    nodes = Carried(ds, tuple(str(d) for d in ds[NODES].dims if d not in ("trace", "node")))
    _check_courses(nodes)
    return nodes


def check_hours(ds: xr.Dataset) -> None:
    """Refuse a result whose time was made dates or spans of time."""
    if "time" in ds.coords and ds["time"].dtype.kind not in "iuf":
        rule = "must be hours, as simulate() counts them"
        remedy = "keep dates beside them, ds.assign_coords(date=('time', dates))"
        raise bad("ds['time']", str(ds["time"].dtype), rule, remedy)


def _filled(times: np.ndarray) -> np.ndarray:
    """Index of each node, of the last one where a row has no more (as `xarray.concat` leaves it)."""
    place = np.where(np.isnan(times), 0, np.arange(times.shape[-1]))
    return np.maximum.accumulate(place, axis=-1)


def _check_courses(nodes: Carried) -> None:
    """Refuse courses that do not run through their nodes."""
    ds, beside = nodes.ds, [(k, name) for k, name in enumerate(nodes.traces) if name in nodes.ds.data_vars]
    for _, name in beside:
        if "time" not in ds.coords or not set(ds.variables[name].dims) <= {*nodes.dims, "time"}:
            raise _strange(name, ds.variables[name].dims, f"is no course over {(*nodes.dims, 'time')}")
    if not beside:
        return
    times = np.atleast_1d(ds["time"].values)
    start, end = nodes.times.min(), nodes.times.max()
    found = np.flatnonzero((times > start - _AT_ONCE) & (times < end + _AT_ONCE))
    if not found.size:
        rule = f"holds no time from {start:g} to {end:g} h, which the metrics describe"
        raise bad(
            "ds['time']", times[[0, -1]].tolist() if times.size else [], rule, "summarize before selecting"
        )
    found = found[np.unique(np.linspace(0, found.size - 1, _LOOKS).round().astype(int))]
    around = _Around.of(times[found], nodes.times)
    sizes = {**dict(zip(nodes.dims, nodes.shape, strict=True)), "time": found.size}
    for k, name in beside:
        seen = ds.variables[name]
        seen = at(seen, "time", found) if "time" in seen.dims else seen
        course = np.asarray(seen.set_dims(sizes).transpose(*nodes.dims, "time")).reshape(-1, found.size)
        _compare(name, course, around, nodes.values[:, k])


@dataclass(frozen=True)
class _Around:
    """Nodes around output times, for each trajectory.

    Attributes
    ----------
    at : array, shape (at,)
        Output times (h).
    places : array of int, shape (row, at, 4)
        The nodes there, on both sides of a jump; the four nearest where there is none.
    exact, unseen : array of bool, shape (row, at)
        Whether a node stands there, and whether the nodes do not reach that far.
    """

    at: np.ndarray
    places: np.ndarray
    exact: np.ndarray
    unseen: np.ndarray

    @classmethod
    def of(cls, at: np.ndarray, times: np.ndarray) -> _Around:
        """Find nodes, at times of shape (row, node), around each output time."""
        n, rows = times.shape[1], np.arange(len(times))
        places, exact, unseen = [], [], []
        for t in at:
            after = (times < t - _ROUNDING).sum(axis=1)
            here = np.abs(times[rows, np.minimum(after, n - 1)] - t) <= _ROUNDING
            start = np.where(here, (times < t - _AT_ONCE).sum(axis=1), after - 2)
            stop = np.where(here, (times <= t + _AT_ONCE).sum(axis=1) - 1, after + 1)
            places.append(np.minimum(start[:, None] + np.arange(4), stop[:, None]).clip(0, n - 1))
            exact.append(here)
            unseen.append(~here & ((after == 0) | (after == n)))
        return cls(at, *(np.stack(part, axis=1) for part in (places, exact, unseen)))


def _compare(name: str, course: np.ndarray, around: _Around, values: np.ndarray) -> None:
    """Hold courses, shape (row, at), against nodes, shape (row, node).

    A value at a node must be that of the node, and may not be masked. Between nodes a course may leave the range of
    the nearest by as much as that is wide; where that is true of few values only, it has peaks that no node saw.
    """
    near = np.take_along_axis(values[:, None, :], around.places, axis=2)
    low, high = near.min(axis=2), near.max(axis=2)
    more = np.where(around.exact, 0.0, high - low)
    more += _SAME * np.nanmax(np.abs(values), axis=1, initial=0.0)[:, None]
    outside = ((course < low - more) | (course > high + more)) & ~around.unseen
    outside |= np.isnan(course) & np.isfinite(low) & around.exact  # left out by ds.where(...)
    lost = np.isnan(course).all(axis=1) & np.isfinite(values).all(axis=1)
    wrong = (outside & around.exact).any(axis=1) | (2 * outside.sum(axis=1) > around.at.size) | lost
    if wrong.any():
        row = int(np.argmax(wrong))
        k = int(np.argmax(outside[row]))
        was = (low[row, k] + high[row, k]) / 2
        raise _strange(
            name, float(course[row, k]), f"is not what the run was at {around.at[k]:g} h ({was:.6g})"
        )


def _strange(name: str, found: object, rule: str) -> InputError:
    remedy = "summarize what simulate() returned, then calculate with the metrics"
    return bad(f"ds[{name!r}]", found, f"{rule}, so the nodes beside it are of another course", remedy)
