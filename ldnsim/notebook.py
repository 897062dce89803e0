"""What a notebook shows of a result: what was asked for; what readouts and records need is folded away."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .readouts.carried import NODE_COORDS

if TYPE_CHECKING:
    import xarray as xr

FOLDED_ATTRS = ("decision", "readouts", "regimen", "model_hash", "why")
_OWN = ("model", "model_hash", "version")  # attributes that every result has
_watched: set[int] = set()


def folded(ds: xr.Dataset) -> xr.Dataset:
    """Leave out the coordinates and attributes that people do not read; others' datasets stay as they are."""
    if not set(_OWN) <= set(ds.attrs):
        return ds
    kept = ds.drop_vars(NODE_COORDS, errors="ignore").drop_dims("node", errors="ignore")
    kept.attrs = {k: v for k, v in ds.attrs.items() if k not in FOLDED_ATTRS and v not in ("", "{}")}
    return kept


def note(ds: xr.Dataset, shown: xr.Dataset) -> str:
    """Say in one line what is not shown; nothing where all is."""
    left = len(ds.coords) - len(shown.coords), len(ds.attrs) - len(shown.attrs)
    if left == (0, 0):
        return ""
    return f"Not shown: {left[0]} coordinates that summarize reads, {left[1]} attributes (all in .coords, .attrs)."


def as_html(ds: xr.Dataset) -> str:
    """Show a result as a notebook does."""
    shown = folded(ds)
    return shown._repr_html_() + (f"<small>{said}</small>" if (said := note(ds, shown)) else "")


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
