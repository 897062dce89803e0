"""Files of what is on the page, made when they are asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import io, plots
from ..readouts import CUT, summarize
from .compute import finished, intervals, run
from .labels import labels_of
from .script import script_of

if TYPE_CHECKING:
    import xarray as xr

    from .compute import Bench, Picture

FILES = {
    "Figure, PNG": "explorer.png",
    "Figure, SVG": "explorer.svg",
    "Figure, PDF": "explorer.pdf",
    "Curves, CSV": "curves.csv",
    "Curves, NetCDF": "curves.nc",
    "Metrics, CSV": "metrics.csv",
    "Python code": "explorer.py",
}
DPI = 300


def content(name: str, pictures: Mapping[str, Picture], bench: Bench) -> bytes:
    """Make a file.

    Parameters
    ----------
    name : str
        A value of `FILES`.
    pictures : mapping of str to Picture
        What is on the page: name of each side -> its picture.
    bench : Bench
        Where models and draws are kept.

    Returns
    -------
    bytes
    """
    if name.endswith(".py"):
        return script_of({side: p.request for side, p in pictures.items()}).encode()
    if name.startswith("explorer"):
        return _figure(pictures, bench, Path(name).suffix[1:])
    parts = {side: _curves(p) if name.startswith("curves") else _metrics(p) for side, p in pictures.items()}
    with tempfile.TemporaryDirectory() as folder:
        return io.save(_joined(parts), Path(folder) / name).read_bytes()


def _curves(picture: Picture) -> xr.Dataset:
    return intervals(finished(picture.ds)[list(picture.request.outputs)])


def _metrics(picture: Picture) -> xr.Dataset:
    return intervals(summarize(picture.ds))


def _joined(parts: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Put the sides side by side along `regimen`; each has its own times, empty where the other has none."""
    import xarray as xr

    if len(parts) == 1:
        return next(iter(parts.values()))
    flags = [[c for c in ds.coords if str(c).endswith(CUT)] for ds in parts.values()]
    bare = [ds.reset_coords(own) for ds, own in zip(parts.values(), flags, strict=True)]
    joined = xr.concat(
        [ds.drop_vars([c for c in ds.coords if c not in ds.dims]) for ds in bare],
        xr.DataArray(list(parts), dims="regimen", name="regimen"),
        join="outer",
        combine_attrs="drop_conflicts",
    )
    differing = {name for ds in parts.values() for name in ds.attrs} - set(joined.attrs)
    own = {
        f"{name}_{side}": ds.attrs[name] for side, ds in parts.items() for name in differing & set(ds.attrs)
    }
    return joined.assign_attrs(own)


def _figure(pictures: Mapping[str, Picture], bench: Bench, kind: str) -> bytes:
    import matplotlib.pyplot as plt

    if len(pictures) == 1:
        picture = next(iter(pictures.values()))
        fig, _ = plots.timecourse(finished(picture.ds).sel(time=slice(picture.request.late - 1e-6, None)))
    else:
        fig, _ = plots.compare(_side_by_side(pictures, bench))
    try:
        data = BytesIO()
        fig.savefig(data, format=kind, dpi=DPI)
    finally:
        plt.close(fig)
    return data.getvalue()


def _side_by_side(pictures: Mapping[str, Picture], bench: Bench) -> xr.Dataset:
    """Run both sides on the times of both, as `ldnsim.plots.compare` needs them."""
    import xarray as xr

    times = np.unique(np.concatenate([p.request.grid for p in pictures.values()]).round(9))
    runs, needed = [], ("time", "clock", "subject", "dose_number", "dose_time", "dose_drug", "interval_end")
    outputs = [name for p in pictures.values() for name in p.request.outputs]
    for picture in pictures.values():
        ds = finished(run(picture.request, bench, times, outputs))
        runs.append(ds.drop_vars([c for c in ds.coords if c not in needed]))
    names = [
        f"{side}: {label}" for side, label in labels_of({s: p.request for s, p in pictures.items()}).items()
    ]
    return xr.concat(
        runs,
        xr.DataArray(names, dims="regimen", name="regimen"),
        join="outer",
        coords="different",
        compat="equals",
        combine_attrs="drop_conflicts",
    )
