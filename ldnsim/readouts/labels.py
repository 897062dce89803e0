"""From columns of numbers to a labelled Dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import arrays
from ..errors import warn_user
from .measuring import columns_of
from .readout import Readout
from .reducers import INTERVAL
from .windows import Marks, lies_apart, of_which_dose, words_in_hours

if TYPE_CHECKING:
    import xarray as xr

ANALYTE = "analyte"
GROWS = ("auc", "aumc")  # reducers whose number says nothing without the length of its window
_SLACK = 1e-3  # h; nodes lie just before the end of an interval
CUT = "_censored"  # ends the name of the coordinate that is 1 where a number may be larger than it is


def labelled(
    numbers: np.ndarray,
    readouts: Sequence[Readout],
    dims: Sequence[str],
    coords: Mapping[str, Any],
    attrs: Mapping[str, Any],
    variables: Mapping[str, Mapping[str, str]],
    marks: Marks | None = None,
) -> xr.Dataset:
    """Label numbers.

    Parameters
    ----------
    numbers : array, shape (*dims, column)
        As `ldnsim.readouts.measure` returns them.
    readouts : sequence of Readout
        What they are.
    dims : sequence of str
        Names of the leading dimensions.
    coords, attrs : mapping
        Of the result.
    variables : mapping of str to mapping
        Attributes of the variables that were read, as far as they are known.
    marks : Marks, optional
        What windows were laid from. Areas, which grow with their window, then have it in hours as the attribute
        ``window``; all readouts have where it ends days apart in different regimens.

    Returns
    -------
    xarray.Dataset
        One variable a readout; those that share a first word and have labels lie along "analyte". What is told
        beside a number is a coordinate, ``<name>_<what>``.
    """
    from ..labelled import Dataset

    labels = list(dict.fromkeys(r.place[1] for r in readouts if r.place[1]))
    found: dict[str, tuple] = {}
    beside: dict[str, tuple] = {}
    for k, (readout, part) in enumerate(columns_of(readouts)):
        name, label = readout.place
        told = readout.reducer.beside.get(part)
        into, key = (found, name) if told is None else (beside, f"{name}_{part}")
        if told is None:
            words = {k: v for k, v in readout.attrs(variables).items() if v}
            if marks is not None and (readout.reduce in GROWS or lies_apart(readout.window, marks)):
                words["window"] = words_in_hours(readout.window, marks)
            if marks is not None:
                words["description"] += of_which_dose(readout.window, marks)
        else:
            words = {"units": told.unit, "long_name": told.words}
        if not label:
            into[key] = (tuple(dims), numbers[..., k], words)
            continue
        if key not in into:
            into[key] = ((*dims, ANALYTE), np.full((*numbers.shape[:-1], len(labels)), np.nan), words)
        into[key][1][..., labels.index(label)] = numbers[..., k]
    if marks is not None:
        _tell_of_the_rising(numbers, readouts, marks)
    extra = {ANALYTE: (ANALYTE, labels)} if labels else {}
    named = {k: (k, np.asarray(v)) if k in dims and not hasattr(v, "dims") else v for k, v in coords.items()}
    return Dataset(arrays.variables(found), arrays.coordinates({**named, **extra, **beside}), dict(attrs))


def _tell_of_the_rising(numbers: np.ndarray, readouts: Sequence[Readout], marks: Marks) -> None:
    """Warn of a highest value at the end of the last interval where the course goes on without another dose."""
    goes_on = (np.minimum(marks.until, marks.run) > marks.end + _SLACK).all()
    hours = np.unique(np.round(marks.end - marks.start, 6))
    if not goes_on or hours.size != 1:  # no dose is meant, or each regimen has an interval of its own
        return
    rising: dict[str, None] = {}
    count = 0
    for k, (readout, part) in enumerate(columns_of(readouts)):
        if readout.reduce == "tmax" and readout.window == INTERVAL and part not in readout.reducer.beside:
            at_end = int((numbers[..., k] > hours[0] - _SLACK).sum())
            rising |= {readout.variable: None} if at_end else {}
            count = max(count, at_end)
    if rising:
        runs = numbers[..., 0].size
        share = f" in {count} of {runs} runs" if runs > 1 else ""
        warn_user(
            f"{', '.join(rising)} highest where the last dosing interval ends{share} ({hours[0]:g} h), which may rise "
            "on: window='after last dose' reads until the run ends"
        )


def meaning(attrs: Mapping[str, Any], name: str = "") -> str:
    """Say in one line what a number is, with its window where it says nothing without it."""
    words, window = attrs.get("long_name", name), attrs.get("window")
    return f"{words} {window}" if window else words


def exact_up_to(ds: xr.Dataset, name: str, dim: str | None = None) -> xr.DataArray:
    """Return up to where a number, or a quantile of it over a dimension, is exact: beyond, it is "at least".

    Infinite where nothing cut it off, minus infinite where all of it was.
    """
    import xarray as xr

    values, over = ds[name], [] if dim is None else [dim]
    if f"{name}{CUT}" not in ds.coords:
        return xr.full_like(values.max(over), np.inf)
    cut = ds.coords[f"{name}{CUT}"] == 1
    return xr.where(cut.any(over), values.where(~cut).max(over).fillna(-np.inf), np.inf)
