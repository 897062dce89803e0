"""What is a number and what only looks like one: True, dates, spans of time, complex, masked; and how one is written."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def number_of(value: Any) -> float:
    """Return a number as a float, also one that is written in a text as tables write it; NaN for all else.

    What Python alone takes for a number (``"1_5"``, ``"\u0663"``) is none.
    """
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value.strip()) else math.nan
    return as_number(value)


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
