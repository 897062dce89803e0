"""Run a request and bring the result to what the page draws: medians, bands, metrics, warnings."""

from __future__ import annotations

import threading
import time
import warnings
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .. import library
from ..errors import InputError
from ..inference import posterior
from ..inference.bands import quantiles
from ..inference.draws import QUANTILES
from ..plots import read
from ..readouts import exact_up_to, summarize
from ..simulation import simulate
from .request import RTOL

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model
    from .request import Request

NOW, PINNED = "B", "A"  # the side that the controls move, and the one that stays
KEPT = 16  # models with their draws that are kept at hand
_recording = threading.Lock()  # Python's record of warnings is one for the whole process


class Row(NamedTuple):
    """One metric: median and 90 % interval; NaN where there is no value, at least so much beyond `exact`."""

    name: str
    label: str
    about: str
    unit: str
    low: float
    middle: float
    high: float
    exact: float = np.inf


class Days(NamedTuple):
    """Range of the median within each 24 h: edges of the days (h), lowest and highest value."""

    edges: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Picture:
    """What one side of the page shows.

    Attributes
    ----------
    request : Request
        What was asked for.
    ds : xarray.Dataset
        The run of all draws.
    courses : mapping of str to Course
        Median and 5 to 95 % band of each variable, over the fine part of the times.
    days : mapping of str to Days
        The whole run, day by day.
    metrics : tuple of Row
        Of the last dosing interval.
    warnings : tuple of str
        What the package said.
    finished, asked : int
        Draws whose run reached the end, and all.
    seconds : float
        Time taken (s).
    """

    request: Request
    ds: xr.Dataset = field(repr=False)
    courses: dict[str, read.Course] = field(repr=False)
    days: dict[str, Days] = field(repr=False)
    metrics: tuple[Row, ...] = field(repr=False)
    warnings: tuple[str, ...]
    finished: int
    asked: int
    seconds: float


class Bench:
    """Models and posterior draws that were used lately, so that a slider need not wait for them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple, tuple[Model, pd.DataFrame | None]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, request: Request) -> tuple[Model, pd.DataFrame | None]:
        """Return the model of a request and its draws, None without a posterior."""
        key = (request.source, str(request.model), request.draws)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        model = library.load_model(request.source)
        for call in request.model:
            model = call.on(model)
        draws = None if request.draws is None else posterior(model, request.draws)
        with self._lock:
            self._kept[key] = model, draws
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return model, draws


def compute(request: Request, bench: Bench) -> Picture:
    """Run a request.

    Parameters
    ----------
    request : Request
        As `request_of` makes it.
    bench : Bench
        Where models and draws are kept.

    Returns
    -------
    Picture

    Raises
    ------
    InputError
        If the library refuses the request, or no draw's run reached the end.
    """
    started = time.perf_counter()
    with _recording, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        ds = run(request, bench)
        metrics = summarize(ds)
    kept = finished(ds)
    if not kept.sizes.get("subject", 1):
        reason = str(np.ravel(ds["status"])[0])
        raise InputError(f"no run reached the end ({reason}); change dose or person")
    bare = kept[list(request.outputs)].reset_coords(drop=True)  # coordinates are carried along slowly
    courses = {name: read.course(bare, name) for name in request.outputs}
    fine = ds["time"].values >= request.times[-1][0] - 1e-6
    return Picture(
        request,
        ds,
        {name: _part(course, fine) for name, course in courses.items()},
        {name: Days(*read.range_by_day(course)) for name, course in courses.items()},
        tuple(rows(metrics)),
        tuple(dict.fromkeys(" ".join(str(w.message).split()) for w in told)),
        kept.sizes.get("subject", 1),
        ds.sizes.get("subject", 1),
        time.perf_counter() - started,
    )


def run(
    request: Request, bench: Bench, times: np.ndarray | None = None, outputs: Iterable[str] = ()
) -> xr.Dataset:
    """Simulate a request, at its own times or at others (h), with more outputs if wanted."""
    model, draws = bench.of(request)
    return simulate(
        model,
        request.taken,
        subjects=draws,
        times=request.grid if times is None else times,
        outputs=list(dict.fromkeys([*request.outputs, *outputs])),
        rtol=RTOL,
        progress=False,
    )


def finished(ds: xr.Dataset) -> xr.Dataset:
    """Leave out draws whose run did not reach the end."""
    if "subject" not in ds.dims:
        return ds
    reached = (ds["status"] == "finished").values
    return ds if reached.all() else ds.isel(subject=reached)


def intervals(ds: xr.Dataset) -> xr.Dataset:
    """Quantiles over the draws, if there are several; nothing is said where no draw has a value."""
    if "subject" not in ds.dims:
        return ds
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN", RuntimeWarning)
        return quantiles(ds)


def rows(metrics: xr.Dataset) -> list[Row]:
    """Median and interval of each metric, all in one go; a metric of two analytes gives two rows."""
    about, columns, exact = [], [], []
    for name, values in metrics.reset_coords(drop=True).data_vars.items():
        if values.dtype.kind != "f":
            continue
        words = values.attrs
        for k, analyte in enumerate(metrics["analyte"].values if "analyte" in values.dims else [""]):
            label = f"{words['long_name']} ({analyte})" if analyte else words["long_name"]
            about.append((f"{name} {analyte}".strip(), label, words["description"], words["units"]))
            one = values.transpose("analyte", ...).values[k] if analyte else values.values
            columns.append(np.ravel(one))
            over = "subject" if "subject" in values.dims else None
            exact.append(np.inf if analyte else float(exact_up_to(metrics, str(name), over)))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN", RuntimeWarning)
        found = np.nanquantile(np.stack(columns, axis=1), QUANTILES, axis=0)
    return [
        Row(*words, low, middle, high, up_to)
        for words, (low, middle, high), up_to in zip(about, found.T.tolist(), exact, strict=True)
    ]


def _part(course: read.Course, keep: np.ndarray) -> read.Course:
    if course.low is None:
        return read.Course(course.time[keep], course.middle[keep])
    return read.Course(course.time[keep], course.middle[keep], course.low[keep], course.high[keep])
