"""Marks of the doses that a result carries, such as the ends of its last cycle: what windows are laid from.

They lie along a dimension of their own, which no variable has, and so does the word that says how a run without
other axes ended. Else ``ds["il6"]`` would carry them, and xarray writes what a curve carries into its title.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import at

if TYPE_CHECKING:
    import xarray as xr

MARK, MARKS = "mark", "marks"  # the dimension, and the coordinate along it
SHOWN = ("first_output_time", "last_output_time")  # attributes of the nodes (h), as the run was
FINISHED = "finished"  # status of a run to its end
RUN = "run"  # dimension, of length 1, of what is told of a run that has no other axes
FIELDS = {
    "interval_start": "start", "interval_end": "end", "last_dose": "last", "last_dose_until": "until",
    "days_start": "day", "interval_complete": "complete",
}  # fmt: skip
_LATER = ("last_dose_until",)  # which files of the first versions lack
_WORDS = {"units": "h", "long_name": "marks of the doses; interval_complete is 1 or 0"}
_MEANING = {
    "interval_start": "start of the last cycle of doses",
    "interval_end": "end of the last cycle of doses",
    "last_dose": "last dose of the cycle",
    "last_dose_until": "next dose after it, or the end of the run",
    "days_start": "start of the whole days that end with the cycle",
    "interval_complete": "1 if the last dosing interval ended before the run, else 0",
}


def coordinates(windows: Sequence[Any], dims: Sequence[str]) -> dict[str, tuple]:
    """Make the coordinates from windows, one a regimen; without `dims` from the one there is."""
    table = np.array([[float(getattr(w, field)) for field in FIELDS.values()] for w in windows])
    return _laid(FIELDS, (*dims, MARK), table if dims else table[0])


def _laid(names: Iterable[str], dims: Sequence[Hashable], values: np.ndarray) -> dict[str, tuple]:
    """Make the two coordinates: the dimension with its names, and the marks along it."""
    return {MARK: (MARK, np.array(list(names)), _MEANING), MARKS: (tuple(dims), values, _WORDS)}


def mark(ds: xr.Dataset, name: str) -> xr.Variable | None:
    """Return a mark (h) over the dimensions in which it differs, or None where a result does not tell."""
    ds = as_now(ds)
    if MARKS not in ds.coords or MARK not in ds.coords or name not in ds[MARK].values:
        return None
    return ds[MARKS].sel({MARK: name}).variable


def as_now(ds: xr.Dataset) -> xr.Dataset:
    """Bring marks of earlier versions, where each is a coordinate of its own, to the form of today."""
    old = {name: ds.coords[name].variable for name in FIELDS if name in ds.coords and ds.coords[name].dtype.kind in "fb"}
    if MARKS in ds.coords or not set(FIELDS) - set(_LATER) <= set(old):
        return ds
    import xarray as xr

    like = old["interval_end"]
    columns = [old[n].astype(float) if n in old else xr.full_like(like, np.nan, float) for n in FIELDS]
    dims = tuple(dict.fromkeys(d for c in columns for d in c.dims))
    sizes = {d: ds.sizes[d] for d in dims}
    values = np.stack([c.set_dims(sizes).transpose(*dims).values for c in columns], axis=-1)
    found = ds.drop_vars(list(old)).assign_coords(_laid(FIELDS, (*dims, MARK), values))
    return found if dims else of_one_run(found)


def beside_a_table(ds: xr.Dataset) -> dict[str, Any]:
    """Return the marks as plain lists, which a table keeps beside its rows; empty where a result does not tell."""
    ds = as_now(ds)
    if MARKS not in ds.coords or MARK not in ds.coords or MARK not in ds[MARKS].dims:
        return {}
    own = ds[MARKS].transpose(..., MARK)
    return {"names": ds[MARK].values.tolist(), "dims": list(own.dims), "values": own.values.tolist()}


def from_a_table(ds: xr.Dataset, told: Mapping[str, Any]) -> xr.Dataset:
    """Give a Dataset the marks that `beside_a_table` returned, or that a table of an earlier version has as columns."""
    if not told:
        return as_now(ds)
    if not set(told["dims"]) <= {*ds.dims, MARK}:
        return ds
    return ds.assign_coords(_laid(told["names"], told["dims"], np.array(told["values"], float)))


def told_once(ds: xr.Dataset) -> xr.Dataset:
    """Drop the dimension of a run without other axes, also from curves that got it from a calculation with its status."""
    if ds.sizes.get(RUN) != 1 or RUN in ds.coords:
        return ds
    own = {name: at(v, RUN, 0) for name, v in ds.variables.items() if RUN in v.dims}
    beside = {name: own.pop(name) for name in ds.coords if name in own}
    return ds.assign_coords(beside).assign(own)


def of_one_run(ds: xr.Dataset) -> xr.Dataset:
    """Lay the word that says how a run without other axes ended along a dimension of its own."""
    if "status" not in ds.coords or ds["status"].ndim:
        return ds
    return ds.assign_coords(status=ds["status"].variable.set_dims({RUN: 1}))
