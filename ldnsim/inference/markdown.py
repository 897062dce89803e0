"""Tables in Markdown with numbers of three digits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np


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
    return np.format_float_positional(value, precision=3, fractional=False, trim="-") if value else "0"
