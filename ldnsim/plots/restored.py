"""Doses and their marks of a result that has lost them.

``ds[["il6"]]`` keeps of the coordinates only those along the dimensions of IL-6, which doses and marks do not lie
along. The attributes still tell what was taken.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..readouts import marks
from ..regimen import Regimen
from ..regimen.kept import from_text
from ..regimen.window import window_of

if TYPE_CHECKING:
    import xarray as xr


def restored(ds: xr.Dataset) -> xr.Dataset:
    """Give a Dataset the doses and marks that its attributes tell of, where it has none."""
    if "dose_time" in ds.coords or marks.mark(ds, "interval_end") is not None:
        return ds
    taken = _taken(ds)
    if not any(r.doses for r in taken):
        return ds
    stop, dims = float(ds["time"][-1]), tuple(d for d in ("regimen",) if d in ds.dims)
    width = max(len(r.doses) for r in taken)
    times, drugs = np.full((len(taken), width), np.nan), np.full((len(taken), width), "", dtype=object)
    for k, regimen in enumerate(taken):
        times[k, : len(regimen.doses)] = [d.time for d in regimen.doses]
        drugs[k, : len(regimen.doses)] = [d.given for d in regimen.doses]
    rows = slice(None) if dims else 0
    windows = [window_of(r, min(r.end, stop) if r.end else stop) for r in taken]
    doses = {
        "dose_time": ((*dims, "dose_number"), times[rows]),
        "dose_drug": ((*dims, "dose_number"), drugs[rows].astype(str)),
    }
    return ds.assign_coords(doses | marks.coordinates(windows, dims))


def _taken(ds: xr.Dataset) -> list[Regimen]:
    """Regimens by their labels in the Dataset; none where the attributes do not tell of all."""
    made: Mapping[str, Regimen | None] = {}
    if "model_hash" in ds.attrs:  # it is a result
        with contextlib.suppress(ValueError):
            made = from_text(ds.attrs.get("regimen", "")) or {}
    if "regimen" in ds.coords:
        labels = [str(label) for label in np.atleast_1d(ds["regimen"].values)]
    else:
        labels = list(made) if len(made) == 1 and "regimen" not in ds.dims else []
    return [made[label] or Regimen() for label in labels] if set(labels) <= set(made) else []
