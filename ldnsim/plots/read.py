"""What a figure needs from a Dataset: checked variables, labels with units, curves by regimen and subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..errors import bad, unknown
from ..numeric import FEW
from ..readouts.carried import check_hours
from ..readouts.marks import mark, told_once
from ..units import HOURS, HOURS_PER_DAY, is_pure
from .restored import restored

BAND = (0.05, 0.95)  # quantiles of the subjects' band

# Short names for legends and axes; a variable that is not here goes by its long_name, then its id.
SHORT = {
    "plasma_naltrexone": "naltrexone",
    "plasma_naltrexol": "6β-naltrexol",
    "mu_occupancy_peripheral": "peripheral μ",
    "mu_occupancy_brain": "brain μ",
    "kappa_occupancy_brain": "brain κ",
    "delta_occupancy_brain": "brain δ",
    "mu_density": "μ density",
    "opioid_tone": "opioid tone",
    "opioid_tone_peripheral": "tone, peripheral",
    "opioid_tone_brain": "tone, brain",
    "endorphin": "β-endorphin",
    "enkephalin": "enkephalin",
    "tlr4_activity": "TLR4",
    "microglia": "microglia",
    "tnf_alpha": "TNF-α",
    "il6": "IL-6",
    "il1b": "IL-1β",
    "il10": "IL-10",
    "pain": "pain",
    "opioid_effect": "opioid effect",
    "withdrawal": "withdrawal",
}
_INDEXES = ("opioid_effect", "withdrawal")
_OCCUPANCIES = tuple(n for n in SHORT if "occupancy" in n)


@dataclass(frozen=True)
class Course:
    """One curve: median over subjects, shape (time,), and how they spread where there are several.

    Attributes
    ----------
    low, high : array, shape (time,), optional
        The subjects' band.
    each : array, shape (subject, time), optional
        The subjects themselves, where they are too few for a band.
    spread : str
        What band or lines are, in words; empty where there are none.
    """

    time: np.ndarray
    middle: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    each: np.ndarray | None = None
    spread: str = ""


def timed(ds: object, argument: str = "ds") -> xr.Dataset:
    """Check that this is a Dataset of time courses and return it with a dim `regimen`.

    Several models are curves beside each other, as regimens are.
    """
    ds = in_hours(dataset(ds, argument))
    if "time" not in ds.dims:
        kept = "ldnsim.simulate of the same models and regimens, without metrics=[...], keeps the courses"
        read = "holds numbers that were read of the courses, as ldnsim.compare does, and " if "quantile" in ds.dims else ""
        raise bad(argument, dict(ds.sizes), f"{read}has no dim 'time'", kept)
    if ds.sizes["time"] < 2:
        raise bad("ds", dict(ds.sizes), "needs at least two times to draw a curve")
    check_hours(ds)
    ds = restored(ds)
    extra = [
        d
        for d in ds.dims
        if d not in {"time", "model", "regimen", "subject"} and any(d in ds[v].dims for v in curves(ds))
    ]
    if extra:
        raise bad("ds", dict(ds.sizes), f"has a dim {extra[0]!r}", f"choose one, as in ds.isel({extra[0]}=0)")
    if "model" in ds.dims:
        return _beside_each_other(ds)
    return ds if "regimen" in ds.dims else ds.expand_dims("regimen")


def _beside_each_other(ds: xr.Dataset) -> xr.Dataset:
    """Lay models along the dim `regimen`, each called by its name, and by its regimen where there are several."""
    several = "regimen" in ds.dims
    labels = [label for label, _ in regimens(ds)] if several else []
    parts, names = [], []
    for k, model in enumerate(ds["model"].values):
        one = ds.isel(model=k, drop=True)
        one = one if several else one.expand_dims("regimen")
        names += [f"{model}, {label}" for label in labels] if len(labels) > 1 else [str(model)]
        parts.append(one.drop_vars("regimen", errors="ignore"))
    joined = xr.concat(
        parts, "regimen", coords="different", compat="equals", join="outer", combine_attrs="override"
    )
    return joined.assign_coords(regimen=names)


def in_hours(ds: xr.Dataset) -> xr.Dataset:
    """Return a Dataset whose time is in h, as figures show it."""
    unit = ds["time"].attrs.get("units", "h") if "time" in ds.coords else "h"
    if unit == "h":
        return ds
    if unit not in HOURS:
        raise bad(
            "ds", f"time in {unit!r}", "has no unit of time that figures know", "simulate model.in_hours()"
        )
    time = ds["time"] * HOURS[unit]
    return ds.assign_coords(time=time.assign_attrs(ds["time"].attrs | {"units": "h"}))


def dataset(ds: object, argument: str = "ds") -> xr.Dataset:
    """Return `ds` without the dimension of a single run, or refuse what is no xarray.Dataset."""
    if not isinstance(ds, xr.Dataset):
        remedy = "pass the result of simulate(), or open its file with ldn.open_result"
        raise bad(argument, type(ds).__name__, "must be an xarray.Dataset", remedy)
    return told_once(ds)


def curves(ds: xr.Dataset) -> list[str]:
    """Names of the numeric variables that have a time course."""
    return [str(n) for n, v in ds.data_vars.items() if "time" in v.dims and v.dtype.kind in "fiu"]


def need(ds: xr.Dataset, names: Iterable[str], argument: str = "variables") -> tuple[str, ...]:
    """Return the names, or refuse the first that is no time course of `ds`."""
    names = (names,) if isinstance(names, str) else tuple(names)
    if not names:
        raise bad(argument, names, "must name at least one variable")
    for name in names:
        if name not in curves(ds):
            raise unknown(argument, name, curves(ds), listing="list(ds)")
    return names


def regimens(ds: xr.Dataset) -> Iterator[tuple[str, xr.Dataset]]:
    """Label and Dataset of each regimen."""
    labels = ds["regimen"].values if "regimen" in ds.coords else [""] * ds.sizes["regimen"]
    for i, label in enumerate(labels):
        yield str(label), ds.isel(regimen=i)


_BEFORE = 2.0  # h shown before the first dose


def begin(ds: xr.Dataset) -> float:
    """Return where a figure begins (h): shortly before the first dose, as before it nothing happens."""
    start = float(ds["time"][0])
    firsts = [float(times.min()) for times, _ in doses(ds) if times.size]
    if not firsts or min(firsts) - _BEFORE < start or min(firsts) >= float(ds["time"][-1]) - HOURS_PER_DAY:
        return start
    return min(firsts) - _BEFORE


def common_end(ds: xr.Dataset) -> float:
    """Return when (h) the first regimen runs out: after that a dose would be held against a missed one."""
    end = float(ds["time"][-1])
    ends = marked(ds, "interval_end")
    return min([end, *(float(e) for e in ends if e > float(ds["time"][0]))])


def marked(ds: xr.Dataset, name: str) -> np.ndarray:
    """Return a mark of all runs (h), none where the Dataset does not tell."""
    found = mark(ds, name)
    return np.empty(0) if found is None else np.ravel(found.values)


def until_its_end(run: xr.Dataset) -> xr.Dataset:
    """Cut a regimen where its own last dosing interval ends; others in the Dataset may go on."""
    end = marked(run, "interval_end").max(initial=-np.inf)
    return run.sel(time=slice(None, end)) if end > float(run["time"][0]) else run


def course(ds: xr.Dataset, name: str) -> Course:
    """Return the curve of one variable in one regimen: median and 5-95 % band where there are subjects."""
    values, time = ds[name], np.asarray(ds["time"].values, dtype=float)
    if "subject" not in values.dims:
        array = np.asarray(values.transpose("time").values, dtype=float)
        if not np.isfinite(array).any():
            raise bad("ds", name, "has no finite value", "see ds.status for the reason")
        return Course(time, array)
    array = np.asarray(values.transpose("subject", "time").values, dtype=float)
    array = array[np.isfinite(array).all(axis=1)]  # a subject that failed is marked in ds.status, not drawn
    if not len(array):
        raise bad("ds", name, "is finite for no subject", "see ds.status for the reason")
    told = spread(ds, len(array))
    if len(array) < FEW:
        return Course(time, np.median(array, axis=0), each=array if told else None, spread=told)
    low, middle, high = np.quantile(array, (BAND[0], 0.5, BAND[1]), axis=0)
    return Course(time, middle, low, high, spread=told)


def days_of(
    course: Course, first: float = -np.inf
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Edges of the days (h), counted back from the end, and the lowest, highest and mean value within each.

    A day that begins less than 24 h after `first`, the first dose (h), is left out: it holds what was there before
    it. The last day never is.
    """
    stop = course.time[-1]
    back = np.floor((stop - course.time) / HOURS_PER_DAY - 1e-9).clip(0)
    firsts = np.flatnonzero(np.r_[True, back[1:] != back[:-1]])
    edges = np.r_[course.time[0], stop - HOURS_PER_DAY * back[firsts[1:] - 1], stop]
    values = course.middle
    low, high = np.minimum.reduceat(values, firsts), np.maximum.reduceat(values, firsts)
    mean = np.add.reduceat(values, firsts) / np.diff(np.r_[firsts, values.size])
    kept = min(int(np.searchsorted(edges, first + HOURS_PER_DAY - 1e-6)), low.size - 1)
    return edges[kept:], low[kept:], high[kept:], mean[kept:]


def doses(ds: xr.Dataset) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return times (h) and drugs of the doses of each regimen, empty where the Dataset does not tell."""
    if "dose_time" not in ds.coords:
        return []
    times = np.atleast_2d(np.asarray(ds["dose_time"].values, dtype=float))
    drugs = np.atleast_2d(ds["dose_drug"].values.astype(str)) if "dose_drug" in ds.coords else None
    drugs = np.full(times.shape, "") if drugs is None else drugs
    if ds["dose_time"].ndim == 1:  # the same for all
        times, drugs = (np.tile(rows, (ds.sizes["regimen"], 1)) for rows in (times, drugs))
    if len(times) != ds.sizes["regimen"]:
        return []
    there = np.isfinite(times)
    return [(row[known], names[known]) for row, names, known in zip(times, drugs, there, strict=True)]


def spread(ds: xr.Dataset, n: int) -> str:
    """Say in a legend how `n` draws of what is not known, or people, are shown: by a band, of few each by a line."""
    who = "draws" if ds.attrs.get("draws") else "subjects"
    if n < FEW:
        return f"each of {n} {who}" if n > 1 else ""
    return f"5 to 95 % of {who}"


def short(ds: xr.Dataset, name: str) -> str:
    """Name of a variable for a legend."""
    return SHORT.get(name) or str(ds[name].attrs.get("long_name", name))


def unit(ds: xr.Dataset, name: str) -> str:
    """Name the unit as an axis shows it; a dimensionless value says what it is a share or a fold of."""
    text = str(ds[name].attrs.get("units", "")).strip()
    if not is_pure(text) and text not in {"dimensionless", "none"}:
        return text
    if name in _OCCUPANCIES:
        return "fraction"
    if name in _INDEXES:
        return "0 to 1"
    fold = "fold of" in f"{ds[name].attrs.get('long_name', '')} {text}"
    return "fold of baseline" if fold else "dimensionless"


def common_unit(ds: xr.Dataset, names: Iterable[str]) -> str:
    """Name the unit that the variables of one panel share."""
    units = {n: unit(ds, n) for n in names}
    if len(set(units.values())) > 1:
        raise bad("variables", units, "cannot share one axis", "draw variables of one unit together")
    return next(iter(units.values()))
