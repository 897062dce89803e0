"""Cells of a CSV file: what is text there and comes back as text, and what is no formula.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@``. As people do there, an apostrophe is
put before such a text, and before one that would be read as a number or as True; it is taken off again.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence

import numpy as np

_MARKED = tuple("=+-@\t\r\n'")  # what a text begins with that is marked; so is what bears a mark of its own
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,18})", re.ASCII)


def marked(text: str) -> str:
    """Put an apostrophe before a text that is not to be taken for a formula."""
    return f"'{text}" if text.startswith(_MARKED) else text


def unmarked(text: str) -> str:
    """Take off the apostrophe."""
    return text.removeprefix("'")


def written(values: np.ndarray) -> list[str]:
    """Return values as the texts of their cells."""
    if values.dtype.kind in "biuf":
        return [repr(value) for value in values.tolist()]
    texts = [marked(str(value)) for value in values]
    is_text = read(texts).dtype.kind == "U"
    return texts if is_text else [text if text.startswith("'") else f"'{text}" for text in texts]


def read(texts: Sequence[str]) -> np.ndarray:
    """Return what cells hold: True and False, whole numbers, numbers (a missing one is empty), else text."""
    distinct = set(texts)
    if distinct <= {"True", "False"}:
        return np.array([text == "True" for text in texts])
    if all(map(_WHOLE.fullmatch, distinct)) and max(map(abs, map(int, distinct))) < 2**63:
        return np.array([int(text) for text in texts])
    if distinct != {""}:
        with contextlib.suppress(ValueError):
            return np.array([float(text or "nan") for text in texts])
    return np.array([unmarked(text) for text in texts])
