"""What a notebook shows of a result: what was asked for; what readouts and records need is folded away."""

from __future__ import annotations

import itertools
import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from .numeric import three_digits
from .readouts.carried import NODE_COORDS
from .units import unit_shown

if TYPE_CHECKING:
    import xarray as xr

FOLDED_ATTRS = ("decision", "readouts", "regimen", "model_hash", "why")
_OWN = ("model", "model_hash", "version")  # attributes that every result has
_NONE = "-"  # no number
_WIDEST, _PAIR = 12, 2  # columns of a table of readouts, and how many dims they may be made of
_watched: set[int] = set()


def folded(ds: xr.Dataset) -> xr.Dataset:
    """Leave out the coordinates and attributes that people do not read; others' datasets stay as they are."""
    if not set(_OWN) <= set(ds.attrs):
        return ds
    kept = ds.drop_vars(NODE_COORDS, errors="ignore").drop_dims("node", errors="ignore")
    kept.attrs = {k: v for k, v in ds.attrs.items() if k not in FOLDED_ATTRS and v not in ("", "{}")}
    return kept


def table(ds: xr.Dataset) -> str:
    """Write readouts as a table in HTML, a column a regimen or whatever they vary over; empty if they are courses.

    Where they vary over two things, as regimens on several models, a column is a pair of these.

    Of quantiles there is the middle one, and in brackets the outer two.
    """
    import pandas as pd

    across = [d for d in ds.dims if d not in ("quantile", "analyte")]
    if not set(_OWN) <= set(ds.attrs) or "time" in ds.dims or len(across) > _PAIR:
        return ""
    if math.prod(ds.sizes[d] for d in across) > _WIDEST or ds.sizes.get("quantile", 3) != 3:
        return ""
    labels = itertools.product(*(ds[d].values for d in across))
    columns = [dict(zip(across, one, strict=True)) for one in labels]
    rows = {}
    for name, values in ds.data_vars.items():
        for analyte in ds["analyte"].values if "analyte" in values.dims else [""]:
            one = values.sel(analyte=analyte) if analyte else values
            cells = [_cell(one.sel({d: x for d, x in c.items() if d in one.dims})) for c in columns]
            unit = values.attrs.get("units", "")
            rows[f"{name} {analyte}".strip()] = [*cells, unit_shown(unit)]
    heads = [", ".join(map(str, c.values())) for c in columns]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=[*heads, "unit"])
    return frame.to_html(escape=True, border=0) if rows else ""


def _cell(values: xr.DataArray) -> str:
    if "quantile" in values.dims:
        low, middle, high = (_digits(float(x)) for x in values.transpose("quantile").values)
        return middle if low == high == _NONE else f"{middle} ({low} to {high})"
    return _digits(float(values)) if values.dtype.kind in "fiub" else str(values.values)


def _digits(value: float) -> str:
    """Three significant digits."""
    if not np.isfinite(value):
        return _NONE
    return three_digits(value) if abs(value) > 1e-4 else "0"


def note(ds: xr.Dataset, shown: xr.Dataset) -> str:
    """Say in one line what is not shown; nothing where all is."""
    left = len(ds.coords) - len(shown.coords), len(ds.attrs) - len(shown.attrs)
    if left == (0, 0):
        return ""
    return f"Not shown: {left[0]} coordinates that summarize reads, {left[1]} attributes (all in .coords, .attrs)."


def as_html(ds: xr.Dataset) -> str:
    """Show a result as a notebook does."""
    shown = folded(ds)
    whole = shown._repr_html_() + (f"<small>{said}</small>" if (said := note(ds, shown)) else "")
    return (
        f"{readouts}<details><summary>Dataset</summary>{whole}</details>"
        if (readouts := table(ds))
        else whole
    )


def as_text(ds: xr.Dataset, printer: Any, cycle: bool) -> None:
    """Show a result where there is no HTML."""
    shown = folded(ds)
    printer.text(repr(shown) + (f"\n{said}" if (said := note(ds, shown)) else ""))


def watch() -> None:
    """Tell the running notebook, if there is one, how results are shown; `print` shows them whole."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or id(shell) in _watched:
        return
    import xarray as xr

    formatters = shell.display_formatter.formatters
    formatters["text/html"].for_type(xr.Dataset, as_html)
    formatters["text/plain"].for_type(xr.Dataset, as_text)
    _watched.add(id(shell))
