"""Run one reducer over many curves.

A reducer is compiled for bare memory, and one loop calls any of them by its address: arguments of Python are
taken apart in one place, which would else be most of what there is to compile.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from types import FunctionType

import numpy as np

from ..engine.compiled import Entry, instruction, kernel, part, view
from .curve import slopes

VALUE, SLOPE = 3, 6  # rows of curves: t, v, d of a value; t, v, d, s, e, m of its slope
_FORM = "d", "pqpqdd"  # curves, nodes, spans, n, length, number; see `ldnsim.engine.compiled`
_ASKING = threading.Lock()  # threads that ask for a reducer at once get the same: its code lives as long as it
_plain = functools.partial(np.require, dtype=np.float64, requirements="CW")  # compiled for one kind of array


def reduced(
    reduce: Callable,
    curves: np.ndarray,
    row: np.ndarray,
    spans: np.ndarray,
    length: np.ndarray,
    number: float,
) -> np.ndarray:
    """Compute one number a curve.

    Parameters
    ----------
    reduce : callable
        A part of `.areas`, `.extremes`, `.levels` or `.terminal`.
    curves : array, shape (trajectory, VALUE or SLOPE, node)
        What it reads.
    row : array of int, shape (trajectory,)
        The row of `spans` and `length` of each.
    spans : array, shape (row, span, 2)
    length : array, shape (row,)
    number : float
        A level, if it asks for one.

    Returns
    -------
    array, shape (trajectory,)
        NaN where anything is missing.
    """
    out = np.full(len(curves), np.nan)
    target = entry_of(reduce, curves.shape[1]).target
    _each(target, curves, np.array(row), _plain(spans), _plain(length), number, out)
    return out


def add_slopes(curves: np.ndarray, of: int, to: int) -> None:
    """Write the slopes of one row of the curves into another; NaN where a value is missing."""
    _slopes_of_all(curves, of, to, np.empty(curves.shape[2]))


@part
def are_known(rows):
    """Whether all of some rows is finite."""
    known = True
    for row in rows:
        for x in row:
            known = known and np.isfinite(x)
    return known


@kernel
def _slopes_of_all(curves, of, to, work):
    for curve in curves:
        if are_known(curve[of : of + 1]):
            slopes(curve[0], curve[of], curve[to], work)
        else:
            curve[to] = np.nan


@kernel
def _each(target, curves, row, spans, length, number, out):
    for k in range(len(curves)):
        own = row[k]
        if are_known(curves[k]) and are_known(spans[own]):
            out[k] = invoke_reducer(
                target, curves, k, curves.shape[2], spans, own, spans.shape[1], length[own], number
            )


def _of_value(curves, nodes, spans, n, length, number):  # pragma: no cover - runs compiled
    c = view(curves, (VALUE, nodes))
    return reduce(c[0], c[1], c[2], view(spans, (n, 2)), length, number)  # type: ignore[name-defined]  # noqa: F821


def _of_slope(curves, nodes, spans, n, length, number):  # pragma: no cover - runs compiled
    c = view(curves, (SLOPE, nodes))
    return reduce(c[0], c[1], c[2], c[3], c[4], c[5], view(spans, (n, 2)), length, number)  # type: ignore[name-defined]  # noqa: F821


def entry_of(reduce: Callable, rows: int) -> Entry:
    """Pointer form of a reducer."""
    with _ASKING:
        return _entry_of(reduce, rows)


@functools.cache
def _entry_of(reduce: Callable, rows: int) -> Entry:
    pointers = _of_value if rows == VALUE else _of_slope
    copy = FunctionType(pointers.__code__, {**pointers.__globals__, "reduce": reduce})
    plain = lambda curve, spans, length, number: reduce(*curve, spans, length, number)  # noqa: E731
    return Entry(copy, plain, _FORM, reads=(reduce,))


@instruction("ldnsim.engine.instructions")
def invoke_reducer(target, curves, k, nodes, spans, i, n, length, number):
    """Call the reducer at `target` with (curves[k], nodes, spans[i], n, length, number)."""
    return target(curves[k], spans[i], length, number)
