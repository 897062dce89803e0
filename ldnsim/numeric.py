"""What is a number and what only looks like one: True, dates, spans of time, complex, masked; and how one is written."""

from __future__ import annotations

import math
import numbers
import re
import warnings
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

FEW = 20  # draws; of fewer the interval that holds 90 % is their whole range, and none is given
NOTHING = 1e-9  # a readout below this is a rounding of the solver about 0
MIDDLE = 0.5
_SAME, _WRITTEN = 1e-12, 9  # relative difference of a float to what it stands for; decimals that somebody wrote
QUANTILES = (0.05, MIDDLE, 0.95)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA, _THOUSANDS = re.compile(r"([+-]?\d*),(\d+)", re.ASCII), 3
_MEASURED = re.compile(r"([+-]?[\d.,]+)\s*([a-z/%]+)", re.ASCII | re.IGNORECASE)
_HOURS = {
    name: hours
    for names, hours in {"h hr hrs hour hours": 1.0, "d day days": 24.0, "w week weeks": 168.0}.items()
    for name in names.split()
}


def number_of(value: Any) -> float:
    """Return a number as a float, also one that is written in a text as tables write it; NaN for all else.

    What Python alone takes for a number (``"1_5"``, ``"\u0663"``) is none.
    """
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value.strip()) else math.nan
    return as_number(value)


def with_point(text: str) -> str:
    """Return the number that a text means, its decimals behind a point; empty where that is not certain.

    ``"4,5"`` means 4.5; ``"1,000"`` may be a thousand or one.
    """
    meant = text.strip()
    found = _COMMA.fullmatch(meant)
    if found:
        meant = "" if len(found[2]) == _THOUSANDS else f"{found[1] or 0}.{found[2]}"
    return meant if not math.isnan(number_of(meant)) else ""


def in_unit(text: str, unit: str) -> str:
    """Return the number that a text means in a unit: "28 days" are 672 h; empty where that is not certain."""
    found = _MEASURED.fullmatch(text.strip())
    word = found[2].lower() if found else ""
    up = _HOURS.get(word, math.nan) if unit == "h" else 1.0 if word == unit.lower() else math.nan
    meant = number_of(with_point(found[1])) * up if found else math.nan
    return "" if math.isnan(meant) else f"{meant:.9g}"


def as_number(value: Any) -> float:
    """Return a real number as a float; NaN for text, True, a span of time, a masked value and all else."""
    if isinstance(getattr(value, "dtype", None), np.dtype):
        single = value.ndim == 0 and value.dtype.kind in "iuf" and not np.ma.is_masked(value)
        return float(value) if single else math.nan
    if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]


def as_numbers(values: Any) -> np.ndarray | None:
    """Return numbers as an array of floats, NaN where one is none; None if all are of another kind."""
    listed = isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping)
    if not listed or getattr(values, "ndim", 1) != 1 or np.ma.is_masked(values):
        return None
    found = np.asarray(values if hasattr(values, "dtype") else np.fromiter(values, object))
    if found.dtype.kind == "O":
        each = np.array([as_number(value) for value in found])
        return None if np.isnan(each).all() else each
    return found.astype(np.float64) if found.dtype.kind in "iuf" else None


def three_digits(value: float) -> str:
    """Write a finite number with three significant digits, never as a power of ten."""
    return np.format_float_positional(float(f"{value:.3g}"), trim="-")


def multiples(step: float, n: int) -> np.ndarray:
    """Return 0, step, 2 step, ..., shape (n,), each as near as a float is: 3 x 0.1 is 0.3, and 6 x 1/6 is 1."""
    parts, decimals = round(1.0 / step) if step <= 1.0 else 0, -int(Decimal(repr(step)).as_tuple().exponent)
    if parts and abs(parts * step - 1.0) < _SAME:
        return np.arange(n) / parts
    found = np.arange(n) * step
    return np.round(found, decimals) if 0 < decimals <= _WRITTEN else found


def quantiles(
    values: Any, shares: Iterable[float] = QUANTILES, axis: int = 0, method: str = "linear"
) -> np.ndarray:
    """Return the median of draws and the ends of an interval, stacked first; of fewer than FEW there are no ends.

    Parameters
    ----------
    values : array
        NaN for a draw that has no number.
    shares : sequence of float
        Which quantiles; the median is given of any number of draws, all others are NaN of few.
    axis : int
        That of the draws.
    method : str
        As in `numpy.quantile`.
    """
    values, shares = np.asarray(values, dtype=float), np.array(tuple(shares))
    is_number = ~np.isnan(values)
    count = np.count_nonzero(is_number, axis=axis)
    reduce: Any = np.quantile if is_number.all() else np.nanquantile  # which takes a hundred times as long
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        found = reduce(values, shares, axis=axis, method=method)
    is_end = (shares != MIDDLE).reshape(-1, *[1] * np.ndim(count))
    return np.where(is_end & (count < FEW), np.nan, found)
