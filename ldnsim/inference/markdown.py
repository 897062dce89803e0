"""Tables in Markdown with numbers of three digits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..numeric import three_digits


def table_of(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    return str(value).replace("|", "/") if isinstance(value, str) else number(float(value))


def span(low: float, high: float) -> str:
    """Two ends, or nothing where there are none."""
    return "" if np.isnan(low) else f"{number(low)} - {number(high)}"


def number(value: float) -> str:
    """Three digits; a dash for what is not finite."""
    if not np.isfinite(value):
        return "-"
    return three_digits(value)
