"""What figures of a fit show: simulated quantiles beside the measured ones, and curves between the samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..engine.instants import width
from ..errors import instance, whole
from ..regimen import Record, Regimen
from ..regimen.record import OBSERVATION, OTHER
from ..regimen.schedule import trimmed
from . import draws, residuals
from .tables import units_of

if TYPE_CHECKING:
    import pandas as pd

    from .result import Fit

QUANTILES = (0.05, 0.5, 0.95)
BAND = 200  # draws of a patient's curve
SETS = 300
LEAST = 8  # measurements of a bin
_LOWEST, _BELOW = -1e300, -1e200  # stands for a value below the limit; what is as low holds one
MOST, FEW = 14, 4  # times of a design that are bins of their own, and the measurements of each


def visual_check(fit: Fit, bins: int | None, corrected: bool, sets: int, seed: int) -> pd.DataFrame:
    """Quantiles of what was measured and of simulated data sets, bin by bin; see `Fit.visual_check`."""
    import pandas as pd

    p, s = fit.prediction, fit.prediction.samples
    sets, seed = whole("sets", sets, 10), whole("seed", seed)
    instance("corrected", corrected, bool, "True or False")
    bins = None if bins is None else whole("bins", bins, 1)
    _, drawn = residuals.simulated(p, fit.point, sets, np.random.default_rng(seed))
    log = p.residual.is_log[s.output]
    after = np.zeros(s.time.shape)
    for i, regimen in enumerate(s.data.regimens.values()):
        places = np.array([k for k, r in enumerate(regimen.records) if r.evid == OBSERVATION], np.int64)
        used = s.used[i]
        after[i, used] = _after_dose(regimen.records, places[s.record[i, used]], s.time[i, used])
    y = np.where(s.below, -np.inf, s.y)
    drawn = np.where(log, np.exp(drawn), drawn)
    drawn = np.where(drawn < _limits(fit), -np.inf, drawn)
    typical = p.values(fit.point.centre, np.arange(len(s)))
    typical = np.where(log, np.exp(typical), typical)
    rows = []
    for o, name in enumerate(s.outputs):
        here = s.used & (s.output == o)
        edges = _edges(after[here], bins)
        place = np.clip(np.searchsorted(edges, after, side="right") - 1, 0, len(edges) - 2)
        for b in range(len(edges) - 1):
            some = here & (place == b)
            if not some.any():
                continue
            factor = _correction(typical[some]) if corrected else 1.0
            seen = _quantiles((y[some] * factor)[None, :])[0]
            sets_here = drawn[:, some] * factor
            ends = _quantiles(_raw(sets_here[~np.isnan(sets_here).any(axis=1)]).T).T
            for k, q in enumerate(QUANTILES):
                rows.append(
                    (
                        name,
                        np.median(after[some]),
                        edges[b],
                        edges[b + 1],
                        int(some.sum()),
                        q,
                        seen[k],
                        *ends[:, k],
                    )
                )
    columns = ["variable", "time", "from", "to", "count", "quantile", "observed", "low", "median", "high"]
    found = pd.DataFrame(rows, columns=columns)
    found.attrs["units"] = units_of(fit)
    return found


def _quantiles(values: np.ndarray) -> np.ndarray:
    """Quantiles of each row; NaN where one lies below the limit of quantification."""
    found = _raw(values) if values.size else np.full((len(values), len(QUANTILES)), np.nan)
    return np.where(found < _BELOW, np.nan, found)


def _raw(values: np.ndarray) -> np.ndarray:
    """Quantiles of each row, in which what lies below the limit comes first."""
    return np.quantile(np.where(values < _BELOW, _LOWEST, values), QUANTILES, axis=1).T


def _correction(typical: np.ndarray) -> np.ndarray:
    """Bring measurements of a bin to its middle prediction (Bergstrand et al., AAPS J 13, 2011)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.median(typical) / typical
    return np.where(np.isfinite(factor) & (factor > 0), factor, 1.0)


def _edges(times: np.ndarray, bins: int | None) -> np.ndarray:
    """Edges of bins: one for each time of the design, joined until each holds enough."""
    sorted_times = np.sort(times)
    design, counts = np.unique(np.round(sorted_times, 6), return_counts=True)
    if bins is None and len(design) <= MOST and counts.min() >= FEW:
        middle = (design[1:] + design[:-1]) / 2.0
        return np.array([design[0] - 1.0, *middle, design[-1] + 1.0])
    count = bins or max(1, min(12, len(times) // LEAST))
    marks = np.unique(np.round(np.quantile(sorted_times, np.linspace(0, 1, count + 1)), 9))
    if len(marks) < 2:
        return np.array([marks[0] - 0.5, marks[0] + 0.5])
    marks[-1] = np.nextafter(marks[-1], np.inf)
    return marks


def _after_dose(records: Sequence[Record], places: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Hours since the last dose of samples at `places` among the records; the time itself where there is none.

    A sample that is listed before a dose of its time is the trough of the dose before.
    """
    doses = [
        (d.time, -1 if k else place)
        for place, r in enumerate(trimmed(records))
        for k, d in enumerate(r.doses)
    ]
    if not doses:
        return times
    begun, found = min(time for time, _ in doses), np.empty(times.shape)
    for j, (at, own) in enumerate(zip(times.tolist(), places.tolist(), strict=True)):
        near = width(at)
        last = [t for t, place in doses if t < at - near or (t <= at + near and place < own)]
        found[j] = at - max(last, default=begun)
    return found


def _limits(fit: Fit) -> np.ndarray:
    """Limit of quantification of each measurement: its own, else that below which others of its variable lie."""
    s = fit.prediction.samples
    found = fit.data.table["LLOQ"].to_numpy(dtype=float)[s.row]
    found = np.where(s.below, s.limit, found)
    for o in range(len(s.outputs)):
        below = s.below & (s.output == o)
        usual = s.limit[below].max() if below.any() else -np.inf
        open_ = np.isnan(found) & (s.output == o)
        found[open_] = np.minimum(usual, s.y[open_])  # what was measured lies above the limit of its own
    return found


def curves(fit: Fit, most: int, points: int) -> pd.DataFrame:
    """Predictions between the samples of the first subjects; see `Fit.curves`."""
    import pandas as pd

    most, points = whole("most", most, 1), whole("points", points, 2)
    subjects = [i for i, used in enumerate(fit.prediction.samples.used[:most]) if used.any()]
    found = pd.concat([table for i in subjects for table in _curves_of(fit, i, points)], ignore_index=True)
    found.attrs["units"] = units_of(fit)
    return found


def _curves_of(fit: Fit, i: int, points: int) -> list[pd.DataFrame]:
    """Curves of one subject, a table a variable."""
    import pandas as pd

    p, e = fit.prediction, fit.prediction.effects
    subject, who = fit.data.subjects[i], np.arange(1) + i
    regimen = p.cohort.regimens[i]
    time = p.samples.time[i, p.samples.used[i]]
    start = min([time.min(), *[d.time for d in regimen.doses if d.time <= time.max()][:1]])
    grid = np.linspace(max(0.0, start), max(time.max(), start + 1e-3), points)
    z = np.concatenate([fit.point.centre[who], e.placed(fit.modes.eta, fit.point.centre)[who]])
    if fit.of_one:
        z = np.concatenate([z, draws.of_patient(fit, i, BAND, np.random.default_rng([fit.seed, i]))])
    cohort = replace(p.cohort, regimens=[_looked_at(regimen, grid)])
    values = cohort.values(e.natural(e.in_occasions(z)), np.zeros(len(z), np.int64))
    found = []
    for name, of_one in zip(p.samples.outputs, values.transpose(1, 0, 2), strict=True):
        table = {"ID": subject, "variable": name, "TIME": grid, "PRED": of_one[0], "IPRED": of_one[1]}
        if fit.of_one:
            table["LOW"], table["HIGH"] = np.nanquantile(of_one[2:], (0.05, 0.95), axis=0)
        found.append(pd.DataFrame(table))
    return found


def _looked_at(regimen: Regimen, grid: np.ndarray) -> Regimen:
    """Put observations at the times of a grid in place of its own; what holds there is what the next record says."""
    own = list(regimen.records)
    ends = np.searchsorted([r.time for r in own], grid, side="left").tolist()
    seen = [
        Record(time=t, evid=OBSERVATION, extra=own[min(k, len(own) - 1)].extra)
        for t, k in zip(grid.tolist(), ends, strict=True)
    ]
    others = [replace(r, evid=OTHER) if r.evid == OBSERVATION else r for r in own]
    looks = [*others, *seen]  # looks follow the doses of their instant
    return Regimen(sorted(looks, key=lambda r: r.time))
