"""From chunks to one Dataset with the grid as its dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import result
from ..errors import SolverWarning, warn_user
from ..regimen.kept import as_text
from ..simulation.counted import unit_of_all
from ..simulation.grid import stretched
from ..simulation.request import Axis
from ..units import DOSE
from .grid import Dim
from .work import Chunk, ChunkResult, Work

if TYPE_CHECKING:
    import xarray as xr

PENDING = "not yet computed"
DAMAGED = "damaged"  # was computed, but its file is not as it was written
_EACH = ["regimen", "subject"]


def assembled(
    shape: tuple[int, int, int],
    dims: Sequence[Dim],
    axes: Mapping[str, Axis],
    parts: Iterable[tuple[Chunk, ChunkResult]],
    attrs: Mapping[str, Any],
    damaged: Iterable[Chunk] = (),
) -> xr.Dataset:
    """Put chunks in their places.

    Parameters
    ----------
    shape : (int, int, int)
        Outer points, regimens, rows.
    dims : sequence of Dim
        The grid in the user's order.
    axes : mapping of str to Axis
        Dimensions beside the grid, from the slowest to the fastest.
    parts : iterable of (Chunk, ChunkResult)
        In the order of their numbers; those that are missing stay NaN, their status says so.
    attrs : mapping
        Further attributes of the Dataset.
    damaged : iterable of Chunk, optional
        Of those that are missing: their status says so.
    """
    from ..labelled import Dataset

    whole: dict[str, np.ndarray] = {}
    common: dict[str, np.ndarray] = {}
    first: ChunkResult | None = None
    told = []
    for chunk, answer in parts:
        first = first or answer
        told.append(answer.attrs[""])
        for name, array in answer.arrays.items():
            if answer.dims[name][:2] != _EACH:
                common.setdefault(name, array)
                continue
            _place(whole, name, array, shape, chunk)
    if first is None:
        return Dataset(coords=_coords(dims, axes), attrs=dict(attrs))
    for chunk in damaged:
        whole["status"][chunk.outer, chunk.regimens, chunk.rows] = DAMAGED
    outer, dosing, values = sorted_dims(dims)
    order = [d.name for d in (*outer, *dosing, *values)] + list(axes)
    sizes = [len(d) for d in (*outer, *dosing, *values)] + [len(a) for a in axes.values()]
    final = [d.name for d in dims] + list(axes)
    variables = {}
    for name in first.arrays:
        if name in whole:
            rest = first.dims[name][2:]
            array = whole.pop(name)
            array = array.reshape(*sizes, *array.shape[3:])
            moved = array.transpose(
                [order.index(d) for d in final] + [len(order) + k for k in range(len(rest))]
            )
            variables[name] = ([*final, *rest], np.ascontiguousarray(moved), first.attrs[name])
        else:
            variables[name] = (first.dims[name], common[name], first.attrs[name])
    beside = {"status", *first.coords}  # chunks of earlier versions hold the status among their variables
    data = {k: v for k, v in variables.items() if k not in beside}
    coords = {k: v for k, v in variables.items() if k in beside} | _coords(dims, axes)
    unique = [dict(t) for t in dict.fromkeys(tuple(one.items()) for one in told)]
    for name in {key for dim in dims for key in dim.keys} & {"scenario", "condition"}:
        unique = [{k: v for k, v in one.items() if k != name} for one in unique]
    ds = Dataset(data, coords, {**result.merged(unique), **attrs})
    return ds.assign_coords(node=np.arange(ds.sizes["node"])) if "node" in ds.dims else ds


def _place(whole: dict, name: str, array: np.ndarray, shape: tuple, chunk: Chunk) -> None:
    """Copy a chunk's array to where it belongs; the last dimension grows if a chunk's is wider (nodes)."""
    if name not in whole:
        blank = PENDING if array.dtype.kind == "U" else np.nan
        whole[name] = np.full((*shape, *array.shape[2:]), blank, array.dtype)
    full = whole[name]
    if array.ndim > 2 and array.shape[-1] != full.shape[-1]:
        width = max(array.shape[-1], full.shape[-1])
        whole[name] = full = stretched(full, width)
        array = stretched(array, width)
    full[chunk.outer, chunk.regimens, chunk.rows] = array


def sorted_dims(dims: Sequence[Dim]) -> tuple[list[Dim], list[Dim], list[Dim]]:
    """Sort dimensions by where they act: model (or several), dosing, values."""
    models, dosing, values = (
        [d for d in dims if d.kind in kind] for kind in (("model", "mixed"), ("dosing",), ("values",))
    )
    return models, dosing, values


def _coords(dims: Sequence[Dim], axes: Mapping[str, Axis]) -> dict[str, Any]:
    coords: dict[str, Any] = {}
    for dim in dims:
        coords |= dim.coords()
    return coords | {name: (name, axis.array) for name, axis in axes.items()}


def of_work(work: Work, parts: Iterable[tuple[Chunk, ChunkResult]], attrs: Mapping[str, Any]) -> xr.Dataset:
    """Put the chunks of a sweep in their places."""
    units = {p.id: p for p in work.model.table}
    ds = assembled(work.shape, work.dims, work.rows.axes, parts, {**attrs, "regimen": as_text(work.taken())})
    counted = unit_of_all(work.model, work.taken().values()) if "dose" in ds.coords else DOSE
    if counted != DOSE:  # which a dose is in where nothing is said
        ds["dose"].attrs = {"units": counted, "long_name": "dose"}
    for name in ds.coords:
        if name in units:
            ds[name].attrs = {"units": units[name].unit, "long_name": units[name].description or name}
    return ds


def warn_of_failures(ds: xr.Dataset) -> None:
    """Warn once of trajectories that did not finish."""
    words, counts = np.unique(ds["status"].values, return_counts=True)
    failed = {
        str(w): int(n) for w, n in zip(words, counts, strict=True) if w not in ("finished", PENDING, DAMAGED)
    }
    if failed:
        reasons = ", ".join(f"{n} {word}" for word, n in failed.items())
        warn_user(
            f"{sum(failed.values())} of {ds['status'].size} trajectories did not finish ({reasons}) and are "
            "missing from then on. See ds.status.",
            SolverWarning,
        )
