"""From values at nodes to numbers and their slopes, for many trajectories at once; the same for every way in."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType

import numpy as np

from ..engine.compiled import kernel, part
from ..units import BLOCKED
from .curve import slopes
from .readout import THRESHOLD, Readout, windows_of
from .windows import Marks, spans_of

BLOCK = 4096  # trajectories at a time, for the memory that slopes take


def measure(
    values: np.ndarray,
    times: np.ndarray,
    marks: Marks,
    traces: Sequence[str],
    readouts: Sequence[Readout],
    threshold: float = BLOCKED,
    row: np.ndarray | None = None,
) -> np.ndarray:
    """Compute readouts of many trajectories.

    Parameters
    ----------
    values : array, shape (trajectory, trace, node)
        Values at the nodes.
    times : array, shape (trajectory, node) or (node,)
        Node times (h), ascending.
    marks : Marks
        What windows are laid from.
    traces : sequence of str
        The variables.
    readouts : sequence of Readout
        What is computed.
    threshold : float
        The level of those that leave it open.
    row : array of int, shape (trajectory,), optional
        The row of `marks` of each trajectory; by default its own, or the only one.

    Returns
    -------
    array, shape (trajectory, column)
        As `columns_of` lists them; NaN where a value in the trace is missing, or a regimen has no such window.
    """
    n = len(values)
    row = np.arange(n) % len(marks.run) if row is None else row
    times = np.broadcast_to(times, (n, values.shape[-1]))
    laid = {key: spans_of(key[0], marks, key[1]) for key in windows_of(readouts)}
    names = columns_of(readouts)
    out = np.full((n, len(names)), np.nan)
    for some in _blocks(n):
        t = np.ascontiguousarray(times[some], dtype=np.float64)
        for trace, own in _by_trace(traces, readouts):
            v = np.ascontiguousarray(values[some, trace], dtype=np.float64)
            d = np.empty_like(v)
            _slopes_of_all(t, v, d)
            for k in own:
                r, (spans, length) = readouts[k], _laid(readouts[k], laid)
                arrays = t, v, d, row[some], spans, length, _number_of(r, threshold)
                first = names.index((r, ""))
                for j, value in enumerate([r.reducer.value, *(b.value for b in r.reducer.beside.values())]):
                    _loop(value)(*arrays, out[some, first + j])
    return out


def measure_slopes(
    values: np.ndarray,
    slopes_: np.ndarray,
    times: np.ndarray,
    drift: np.ndarray,
    marks: Marks,
    traces: Sequence[str],
    readout: Readout,
) -> np.ndarray:
    """Differentiate a readout of many trajectories, each along its own direction.

    A readout is a number of the spline through the nodes, and the spline of the derivatives is the derivative of
    the spline. So an integral is differentiated under the integral sign, an extreme where it lies, hours above
    a level at the crossings. Where the curve jumps at a dose whose own time moves, that motion is added.

    Parameters
    ----------
    values, slopes_ : array, shape (trajectory, trace, node)
        Values at the nodes and their derivatives at fixed time.
    times, drift : array, shape (trajectory, node)
        Node times (h), and the derivatives of those at doses whose time moves, else 0.
    marks : Marks
        What windows are laid from: one row, for all.
    traces : sequence of str
        The variables.
    readout : Readout
        What is differentiated.

    Returns
    -------
    array, shape (trajectory,)
        0 where nothing crosses a level; NaN where the number is missing.
    """
    k = traces.index(readout.variable)
    laid = {key: spans_of(key[0], marks, key[1]) for key in windows_of([readout])}
    spans, length = _laid(readout, laid)
    t, v, s, m = (np.ascontiguousarray(a, dtype=float) for a in (times, values[:, k], slopes_[:, k], drift))
    d, e, out = np.empty_like(v), np.empty_like(v), np.full(len(v), np.nan)
    _slopes_of_all(t, v, d)
    _slopes_of_all(t, s, e)
    row = np.zeros(len(v), np.int64)
    number = _number_of(readout, BLOCKED)
    _slope_loop(readout.reducer.slope)(t, v, d, s, e, m, row, spans, length, number, out)
    return out


def columns_of(readouts: Sequence[Readout]) -> list[tuple[Readout, str]]:
    """Columns of numbers: for each readout itself, "", and the names of what is told beside it."""
    return [(r, part) for r in readouts for part in ("", *r.reducer.beside)]


def _number_of(readout: Readout, threshold: float) -> float:
    return float(threshold if readout.level == THRESHOLD else readout.level or 0.0)


def _laid(readout: Readout, laid: Mapping[tuple, tuple]) -> tuple[np.ndarray, np.ndarray]:
    """Spans of a readout's window, behind those that it is held against, and the length."""
    spans, length = laid[readout.window, readout.hour]
    before = laid.get((readout.reducer.against, None))
    return (spans, length) if before is None else (np.concatenate([before[0], spans], axis=1), length)


def _blocks(n: int) -> Iterator[slice]:
    return (slice(k, min(k + BLOCK, n)) for k in range(0, n, BLOCK))


def _by_trace(traces: Sequence[str], readouts: Sequence[Readout]) -> Iterator[tuple[int, list[int]]]:
    """Readouts of each trace, which share its slopes."""
    for name in dict.fromkeys(r.variable for r in readouts):
        yield list(traces).index(name), [k for k, r in enumerate(readouts) if r.variable == name]


@part
def is_known(row):
    """Whether all is finite; compiled once, and not in the loop of each reducer as an expression of arrays is."""
    known = True
    for x in row:
        known = known and np.isfinite(x)
    return known


@part
def are_known(rows):
    """Whether all of some rows is finite."""
    known = True
    for row in rows:
        known = known and is_known(row)
    return known


@kernel
def _slopes_of_all(t, v, d):
    work = np.empty(t.shape[1])
    for k in range(len(v)):
        if is_known(v[k]):
            slopes(t[k], v[k], d[k], work)
        else:
            d[k] = np.nan


def _each(t, v, d, row, spans, length, number, out):
    for k in range(len(v)):
        own = spans[row[k]]
        if is_known(d[k]) and are_known(own):
            out[k] = reduce(t[k], v[k], d[k], own, length[row[k]], number)  # noqa: F821


def _each_slope(t, v, d, s, e, m, row, spans, length, number, out):
    for k in range(len(v)):
        own = spans[row[k]]
        if is_known(d[k]) and is_known(e[k]) and are_known(own):
            out[k] = reduce(t[k], v[k], d[k], s[k], e[k], m[k], own, length[row[k]], number)  # noqa: F821


@functools.cache
def _loop(value: Callable) -> Callable:
    """Loop over trajectories for one reducer, compiled when it is first asked for."""
    return _compiled(_each, value)


@functools.cache
def _slope_loop(slope: Callable) -> Callable:
    return _compiled(_each_slope, slope)


def _compiled(loop: Callable, reduce: Callable) -> Callable:
    """Put a reducer into a loop. A copy under a name of its own: so Numba's disk cache tells them apart."""
    copy = FunctionType(loop.__code__, {**loop.__globals__, "reduce": reduce})
    copy.__name__ = copy.__qualname__ = f"{loop.__name__}_{reduce.__name__}"
    return kernel(copy)
