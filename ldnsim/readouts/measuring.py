"""From values at nodes to numbers and their slopes, for many trajectories at once; the same for every way in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ..units import BLOCKED
from .readout import THRESHOLD, Readout, windows_of
from .reducing import SLOPE, VALUE, add_slopes, reduced
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
        curves = np.empty((len(values[some]), VALUE, values.shape[-1]))
        curves[:, 0] = times[some]
        for trace, own in _by_trace(traces, readouts):
            curves[:, 1] = values[some, trace]
            add_slopes(curves, 1, 2)
            for k in own:
                r, (spans, length) = readouts[k], _laid(readouts[k], laid)
                first = names.index((r, ""))
                for j, value in enumerate([r.reducer.value, *(b.value for b in r.reducer.beside.values())]):
                    number = _number_of(r, threshold)
                    out[some, first + j] = reduced(value, curves, row[some], spans, length, number)
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
    curves = np.empty((len(values), SLOPE, values.shape[-1]))
    curves[:, 0], curves[:, 1], curves[:, 3], curves[:, 5] = times, values[:, k], slopes_[:, k], drift
    add_slopes(curves, 1, 2)
    add_slopes(curves, 3, 4)
    row = np.zeros(len(values), np.int64)
    return reduced(readout.reducer.slope, curves, row, spans, length, _number_of(readout, BLOCKED))


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
