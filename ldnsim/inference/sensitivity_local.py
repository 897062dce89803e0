"""Slopes of a metric at the present values, and its values at the ends of what is uncertain."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from ..choices import noted, unchosen
from ..errors import SolverWarning
from ..numeric import quantiles
from ..readouts import measure_slopes
from ..simulation import simulate
from ..simulation.grid import output_times, run_end
from ..simulation.reading import Read, read_of
from ..simulation.request import Subjects, named, outputs_of
from ..simulation.tangent import TangentModel, Tangents, tangents
from .sensitivity_ranges import Ranges
from .sensitivity_runs import SensitivityRuns

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ENDS = (0.05, 0.95)
LOOSER = 100.0  # a second run with so many times the tolerance shows the error of the slopes
ROWS = 4096  # runs of one call, for the memory that courses take
FINER = 3  # nodes between two of the metrics' own, so that the derivative of a peak is as exact as the peak
STEP = 0.005  # along the courses' derivatives, for a metric that is a function: nothing is simulated again
OFFSETS, WEIGHTS = np.array([-2, -1, 1, 2]), np.array([1, -8, 8, -1]) / 12  # Fornberg, Math. Comp. 51, 1988


def local(run: SensitivityRuns, space: Ranges, draws: pd.DataFrame | None) -> pd.DataFrame:
    """Differentiate; see `sensitivity`."""
    import pandas as pd

    nominal = space.nominal
    here = noted(pd.DataFrame([nominal], columns=list(space.ids)), run.model)
    baseline = float(run(here)[0])
    slope = slopes(run, space, here)
    error = np.abs(slope - slopes(run.with_rtol(LOOSER * run.rtol), space, here))
    with np.errstate(divide="ignore", invalid="ignore"):
        elasticity = np.where(baseline != 0, slope[0] * nominal / baseline, np.nan)
    low, high = ends(run, space)
    table = pd.DataFrame(
        {
            "value": nominal,
            "slope": slope[0],
            "error": error[0],
            "elasticity": elasticity,
            "low": low,
            "high": high,
        },
        index=list(space.ids),
    )
    if draws is not None:
        Subjects(draws, [run.model], "draws")  # checks it
        draws = unchosen(draws, run.model)
        table["slope_low"], table["slope_high"] = quantiles(slopes(run, space, draws), ENDS)
    table.attrs["baseline"] = baseline
    reach = (table.high - table.low).abs()
    order = reach if reach.notna().any() else (table.slope * table.value).abs()
    return table.loc[order.sort_values(ascending=False, kind="stable", na_position="last").index]


def slopes(run: SensitivityRuns, space: Ranges, draws: pd.DataFrame) -> np.ndarray:
    """Slopes at draws, shape (draw, k): each run carries the derivatives along one parameter.

    A direction is as long as its parameter, so that derivatives are of the size of what is differentiated.
    """
    import pandas as pd

    model = TangentModel.around(run.model)
    base = draws.reset_index(drop=True)[[c for c in draws.columns if c in run.model.parameter_ids]]
    most = max(1, ROWS // len(space.ids))
    found = []
    for k in range(0, len(base), most):
        some = base.iloc[k : k + most]
        at = np.stack([some[n] if n in some else np.full(len(some), v) for n, v in _nominal(space)], axis=1)
        direction = np.where(at != 0, at, 1.0)
        rows = some.loc[some.index.repeat(len(space.ids))].reset_index(drop=True)
        along_one = direction[:, :, None] * np.eye(len(space.ids))
        companions = {model.companion[n]: along_one[:, :, j].ravel() for j, n in enumerate(space.ids)}
        rows = pd.concat([rows, pd.DataFrame(companions)], axis=1)
        along = _of_function if callable(run.metric) else _of_metric
        found.append(along(run, model, rows, some).reshape(at.shape) / direction)
    return np.concatenate(found)


def _nominal(space: Ranges) -> list[tuple[str, float]]:
    return list(zip(space.ids, space.nominal, strict=True))


def _tangents(
    run: SensitivityRuns, model: TangentModel, rows: pd.DataFrame, outputs, times, read: Read, finer: int = 0
) -> Tangents:
    end = run_end(run.duration, None, [run.regimen])
    look = read.traces, read.wanted, end, run.rtol, run.threads, finer, read.alone
    found = tangents(model, run.regimen, rows, outputs, times, *look)
    run.refuse_missing(np.where(found.finished, 0.0, np.nan))
    return found


def _of_metric(
    run: SensitivityRuns, model: TangentModel, rows: pd.DataFrame, draws: pd.DataFrame
) -> np.ndarray:
    """Differentiate a metric of the table, shape (row,)."""
    read = read_of(run.model, {}, [run.readout])
    t = _tangents(run, model, rows, [], np.empty(0), read, FINER)
    arrays = t.nodes, t.node_slopes, t.node_times, t.node_drift
    return run.refuse_missing(measure_slopes(*arrays, t.marks, read.traces, run.readout))


def _of_function(
    run: SensitivityRuns, model: TangentModel, rows: pd.DataFrame, draws: pd.DataFrame
) -> np.ndarray:
    """Differentiate a function of the time course along the exact derivatives of the course, shape (row,)."""
    end = run_end(run.duration, None, [run.regimen])
    chosen = None if run.outputs is None else named("outputs", run.outputs)
    shown = outputs_of(chosen, (), run.model)
    read = read_of(run.model, shown)
    read = read._replace(traces=tuple(shown[name] for name in read.traces))
    t = _tangents(run, model, rows, list(shown.values()), output_times(end, 1.0), read)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SolverWarning)  # those that fail are refused above
        ds = simulate(
            run.model, run.regimen, subjects=draws, outputs=list(shown), duration=run.duration, rtol=run.rtol,
            threads=run.threads, progress=False,
        )  # fmt: skip
    n, k = len(rows), len(rows) // len(draws)
    total = np.zeros(n)
    for offset, weight in zip(OFFSETS, WEIGHTS, strict=True):
        moved = ds.isel(subject=np.repeat(np.arange(len(draws)), k)).assign_coords(subject=np.arange(n))
        courses = t.courses + STEP * offset * t.course_slopes
        moved = moved.assign({name: moved[name].copy(data=courses[:, j]) for j, name in enumerate(shown)})
        nodes = t.nodes + STEP * offset * t.node_slopes
        moved = _with_nodes(moved, nodes, t.node_times)
        total += weight * run.numbers_of(moved)
    return run.refuse_missing(total / STEP)


def _with_nodes(ds: xr.Dataset, nodes: np.ndarray, times: np.ndarray) -> xr.Dataset:
    """Put other nodes beside courses: values, shape (subject, trace, node), and times (h), shape (subject, node)."""
    values, at = ds.last_interval.attrs, ds.node_time.attrs
    return ds.drop_vars(["last_interval", "node_time", "node"]).assign_coords(
        node=np.arange(times.shape[1]),
        last_interval=(("subject", "trace", "node"), nodes, values),
        node_time=(("subject", "node"), times, at),
    )


def ends(run: SensitivityRuns, space: Ranges) -> tuple[np.ndarray, np.ndarray]:
    """Return the metric where one parameter is at its 5 % and 95 % quantile; NaN where none is known."""
    import pandas as pd

    known = [k for k, name in enumerate(space.ids) if space.known(name)]
    found = np.full((2, len(space.ids)), np.nan)
    if known:
        rows = np.repeat(space.nominal[None, :], 2 * len(known), axis=0)
        for j, k in enumerate(known):
            rows[2 * j : 2 * j + 2, k] = space.quantiles(space.ids[k], np.array(ENDS))
        table = noted(pd.DataFrame(rows, columns=list(space.ids)), run.model)
        found[:, known] = run(table).reshape(-1, 2).T
    return found[0], found[1]
