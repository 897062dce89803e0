"""Heads of columns with their unit, ``plasma_naltrexone [ng/mL]``, as tables and spreadsheets bear them."""

from __future__ import annotations

import re

from ..units import is_pure

_HEAD = re.compile(r"(.*) \[([^\[\]]*)\]", re.DOTALL)


def headed(name: str, unit: str) -> str:
    """Write a name with its unit; what has none, or is a mere number, goes by its name."""
    if "[" in unit or "]" in unit:
        unit = ""
    if is_pure(unit) and not _HEAD.fullmatch(name):
        return name
    return f"{name} [{unit}]"


def unheaded(head: str) -> tuple[str, str]:
    """Take a head apart into name and unit, which is empty where none is told."""
    found = _HEAD.fullmatch(head)
    return (found[1], found[2]) if found else (head, "")
