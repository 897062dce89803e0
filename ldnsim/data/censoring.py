"""What was measured: values, and those below the limit of quantification."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import InputError, bad
from ..regimen import cells
from ..regimen.record import in_row

BELOW = ("blq", "bloq", "bql", "lloq", "<lloq", "<loq", "<blq")  # words for a value below the limit
_BELOW_A_NUMBER = re.compile(r"<\s*(\S+)")


class Measured(NamedTuple):
    """One measurement.

    Attributes
    ----------
    value : float
        What was measured; NaN where nothing was, or it lies below the limit.
    mdv : int
        1 where nothing was measured.
    below : bool
        Whether it lies below the limit of quantification.
    limit : float
        That limit; NaN where it is not known.
    """

    value: float
    mdv: int
    below: bool
    limit: float


NOTHING = Measured(math.nan, 1, False, math.nan)


def measured(row: Mapping[str, Any], number: int) -> Measured:
    """Read the measurement of an observation record.

    ``cens`` 1 marks a value below the limit, which is ``lloq`` or, without such a column, ``dv`` itself unless 0; so do
    a ``dv`` such as "BLQ" or "<0.5", and one below ``lloq`` where ``cens`` is not given.

    Raises
    ------
    InputError
        If a cell is none of these, or two contradict each other.
    """
    try:
        return _measured(row)
    except InputError as error:
        raise in_row(error, number) from None


def _measured(row: Mapping[str, Any]) -> Measured:
    mdv, cens = _flag(row, "mdv"), _flag(row, "cens")
    limit = _number(row, "lloq")
    if limit < 0:
        raise bad("lloq", row["lloq"], "must be a number >= 0")
    if mdv == 1:
        return NOTHING._replace(limit=limit)
    text = str(row.get("dv")).strip().lower()
    less = _BELOW_A_NUMBER.fullmatch(text)
    if text in BELOW or (less and cells.is_number(less[1])):
        own = cells.number("dv", less[1]) if less and cells.is_number(less[1]) else math.nan
        return _below(row, own if math.isnan(limit) else limit, cens)
    if cells.missing(row.get("dv")):
        if cens == 1:
            return _below(row, limit, cens)
        if mdv == 0:
            raise bad("dv", row.get("dv"), "must be given where mdv=0")
        return NOTHING._replace(limit=limit)
    if not cells.is_number(row["dv"]) and not text[:1].isdigit():
        raise bad("dv", row["dv"], "must be a number", "a value below the limit reads BLQ or <0.5")
    value = cells.number("dv", row["dv"])
    if not math.isfinite(value):
        raise bad("dv", row["dv"], "must be a finite number")
    if cens == 1:
        if value > limit:
            raise bad("dv", value, f"lies above lloq={limit:g}, yet cens=1 says it is below")
        own = value or math.nan  # a 0 is what many tables write for such a value, and no limit
        return _below(row, own if math.isnan(limit) else limit, cens)
    if value < limit:
        if cens == 0:
            raise bad(
                "dv",
                value,
                f"lies below lloq={limit:g}, yet cens=0",
                "mark it by cens=1, or leave cens empty",
            )
        return _below(row, limit, cens)
    return Measured(value, 0, False, limit)


def _below(row: Mapping[str, Any], limit: float, cens: int | None) -> Measured:
    if cens == 0:
        raise bad("dv", row.get("dv"), "is below the limit, yet cens=0")
    return Measured(math.nan, 0, True, limit)


def _flag(row: Mapping[str, Any], name: str) -> int | None:
    if cells.missing(row.get(name)):
        return None
    number = cells.number(name, row[name])
    if number not in (0, 1):
        meaning = (
            "a value was measured, or 1, none was" if name == "mdv" else "measured, or 1, below the limit"
        )
        raise bad(name, row[name], f"must be 0, {meaning}")
    return int(number)


def _number(row: Mapping[str, Any], name: str) -> float:
    return math.nan if cells.missing(row.get(name)) else cells.number(name, row[name])
