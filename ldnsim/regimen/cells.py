"""One cell of a table: missing, a number, or the label of a subject."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

from ..errors import bad
from ..numeric import number_of, with_point
from ..units import clock_meant

MISSING = ("", ".", "na", "nan", "none", "n/a", "<na>")
_NO_LABEL = ("inf", "-inf", "+inf", "infinity")  # a computation gone wrong
_WHOLE = re.compile(r"0|-?[1-9]\d{0,14}", re.ASCII)
_DECIMALS = re.compile(r"(0|-?[1-9]\d{0,14})\.0*", re.ASCII)
_CERTAIN = 2**53  # from here on neighbouring whole numbers are one float


def missing(value: Any) -> bool:
    """Tell whether a cell is empty: "", ".", "NA", None, NaN and their like."""
    if isinstance(value, str):
        return value.strip().lower() in MISSING
    if value is None:
        return True
    import pandas as pd

    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def number(name: str, value: Any) -> float:
    """Read a number, or raise the `InputError` that names the cell."""
    found = number_of(value)
    if math.isnan(found):
        of_hours = " of hours since the first midnight" if name == "time" else ""
        raise bad(name, value, f"must be a number{of_hours}", _meant(name, str(value).strip()))
    return found


def _meant(name: str, text: str) -> str:
    """Say what was meant, if that can be guessed."""
    if meant := with_point(text):
        return f"with a point, {meant}"
    clock = clock_meant(text) if name == "time" and ":" in text else None
    if clock is None:
        return ""
    return f"{int(clock[:2]) + int(clock[3:]) / 60:g} for {clock}; ldnsim.read_data reads clock times"


def is_number(value: Any) -> bool:
    """Tell whether a cell holds a number."""
    return not math.isnan(number_of(value))


def distinct(column: Sequence[Any], rows: Sequence[int]) -> list[str]:
    """List what some rows of a column say, each once; numbers as numbers, however they are written."""
    given = (column[k] for k in rows if not missing(column[k]))
    return list(dict.fromkeys(f"{number_of(x):g}" if is_number(x) else str(x).strip() for x in given))


def labels(column: Sequence[Any], name: str = "id", rows: Sequence[int] | None = None) -> list[Any]:
    """Bring the cells of an ID column, or of another one of labels, to the labels of subjects.

    Whole numbers where all cells are such (``7`` or ``"7"``, so that a file and a DataFrame agree), else every
    cell as it is written: ``"007"``, ``"1_01"`` and ``"1E1"`` are no numbers. `rows` numbers the cells in messages.

    Raises
    ------
    InputError
        If a cell is empty or no finite number, or a float too large to tell its neighbours apart; or if one
        number stands as ``1`` and as ``1.0``, which would be two labels.
    """
    rows = range(len(column)) if rows is None else rows
    for k, value in zip(rows, column, strict=True):
        _check_label(name, value, k)
    whole = [_whole(value) for value in column]
    if None not in whole:
        return whole
    _check_decimals(name, column, whole, rows)
    if all(isinstance(value, Real) and not _is_bool(value) for value in column):
        return [float(value) if n is None else n for value, n in zip(column, whole, strict=True)]
    return [str(value).strip() if n is None else str(n) for value, n in zip(column, whole, strict=True)]


def _check_decimals(
    name: str, column: Sequence[Any], whole: Sequence[int | None], rows: Sequence[int]
) -> None:
    """Refuse a whole number that is written with decimals in some records and otherwise in others."""
    first: dict[int, int] = {}
    for k, (value, n) in enumerate(zip(column, whole, strict=True)):
        text = str(value).strip()
        found = _DECIMALS.fullmatch(text)
        number = n if n is not None else int(found[1]) if found else None
        other = k if number is None else first.setdefault(number, k)
        if whole[other] != n or (n is None and str(column[other]).strip() != text):
            rule = f"is the number that record {rows[other]} writes '{column[other]}', and would be another label"
            raise bad(name, value, f"{rule} (record {rows[k]})", "write it in one way in all records")


def _check_label(name: str, value: Any, row: int) -> None:
    endless = isinstance(value, str) and value.strip().lower() in _NO_LABEL
    if missing(value) or endless or (isinstance(value, Real) and not math.isfinite(value)):
        raise bad(name, value, f"must name a subject in every record (record {row})")
    if isinstance(value, Real) and not isinstance(value, Integral) and abs(value) >= _CERTAIN:
        remedy = "give such ids as text"
        raise bad(name, value, f"is a float too large to tell subjects apart (record {row})", remedy)


def _whole(value: Any) -> int | None:
    """Whole number that a cell is, None where it is another label."""
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value.strip()) else None
    if not isinstance(value, Real) or _is_bool(value) or not float(value).is_integer():
        return None
    return int(value) if abs(value) < 10**15 or isinstance(value, Integral) else None


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or getattr(getattr(value, "dtype", None), "kind", "") == "b"
