"""A regimen as functions take it: a `Regimen`, its words, or None for no dose."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ..errors import instance, positive, renamed
from ..units import HOURS_PER_DAY
from .regimen import Regimen

if TYPE_CHECKING:
    from ..model import Model

_USUAL = "Regimen.daily(4.5, days=28, at='22:00'), or '4.5 mg nightly for 28 days'"
_SLACK = 1e-9  # of a day


def days_of(duration: float | None) -> int | None:
    """Days that a run (h) takes, the last one begun; None where nothing says how long it is."""
    if duration is None:
        return None
    return max(1, math.ceil(positive("duration", duration, "h") / HOURS_PER_DAY - _SLACK))


def usual(value: Any) -> str:
    """Say how that which is no regimen is given: a table by its records."""
    rows = isinstance(value, list | tuple) and value and isinstance(value[0], Mapping)
    return "Regimen.from_records(table) reads a table" if rows or hasattr(value, "columns") else _USUAL


def regimen_of(
    argument: str,
    value: Any,
    model: Model | None = None,
    days: int | None = None,
    *,
    lengthened: str = "",
    kind: str = "a Regimen, its words, or None",
) -> Regimen | None:
    """Bring what was given to a regimen.

    Parameters
    ----------
    argument : str
        What it is called, for messages.
    value : Regimen, str or None
        Words are read by `Regimen.parse`.
    model : Model, optional
        Drugs and formulations of its folder may be named in words.
    days : int, optional
        For how long doses are taken of which words do not say so.
    lengthened : str
        What else could say so, ``"duration=672"``.
    kind : str
        What the value may be, for messages; None is refused where it is not named.
    """
    if isinstance(value, str):
        from . import language

        with renamed({"regimen": argument}):
            return language.parse(Regimen, value, days, model, lengthened)
    kinds = (Regimen, type(None)) if kind.endswith("None") else Regimen
    return instance(argument, value, kinds, kind, usual(value))


def once_or_repeated(
    argument: str, value: Any, model: Model, days: int | None, *, lengthened: str = "days=28"
) -> Regimen:
    """Bring what was given to a regimen; words without an interval are a single dose where no length is told."""
    if days is None and isinstance(value, str):
        from . import language

        repeated = any(part.lacks_length for part in language.parts_of(value, model))
        days = None if repeated else 1
    kind = "a Regimen or its words"
    return cast("Regimen", regimen_of(argument, value, model, days, lengthened=lengthened, kind=kind))


def regimens_by_name(
    argument: str, values: Mapping[Any, Any], *how: Any, **more: Any
) -> dict[Any, Regimen | None]:
    """Bring each regimen of a dict to one, as `regimen_of` does."""
    return {name: regimen_of(f"{argument}[{name!r}]", value, *how, **more) for name, value in values.items()}
