"""Numbers that stand for "missing" in many tables: -99, -999, -99.9."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..errors import bad
from ..numeric import number_of
from .record import in_row

_CODE = re.compile(r"-99+(?:\.9+)?")


def refuse_codes(name: str, column: Sequence[Any], which: Sequence[int], remedy: str) -> None:
    """Refuse a column in which nothing is below 0 but such codes.

    Parameters
    ----------
    name : str
        Of the column.
    column : sequence
        Its cells.
    which : sequence of int
        Records that count.
    remedy : str
        What to write.

    Raises
    ------
    InputError
        Naming the first such record.
    """
    below = [k for k in which if number_of(column[k]) < 0]
    if below and all(_CODE.fullmatch(f"{number_of(column[k]):.12g}") for k in below):
        rule = "stands for a missing value in many tables, and nothing else in this column is below 0"
        raise in_row(bad(name, column[below[0]], rule, remedy), below[0])
