"""Units that a table says of its measurements and doses, held against those in which they are taken."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import bad
from ..unit_sizes import UnitSize, size_of
from ..units import MASSES
from .profile_units import CONCENTRATIONS

if TYPE_CHECKING:
    import pandas as pd

_STATED = "units"  # attribute of a table that `read_data` read: column -> unit that the source says


def stated(table: pd.DataFrame) -> dict[str, str]:
    """Units that the source of a table says, by column: DV, AMT."""
    return table.attrs.get(_STATED, {})


def state(table: pd.DataFrame, units: dict[str, str]) -> None:
    """Keep the units that the source of a table says."""
    if units:
        table.attrs[_STATED] = units


def distinct(units: Sequence[str]) -> list[str]:
    """List units, of those that are one in several spellings the first."""
    return [unit for k, unit in enumerate(units) if not any(_is_same(unit, other) for other in units[:k])]


def measures(text: str) -> bool:
    """Tell whether a text is a unit whose size is known."""
    return _size(text) is not None


def check_stated(table: pd.DataFrame, concentration: str | None, dose: str | None) -> None:
    """Refuse units that are not those which the source of a table says.

    Raises
    ------
    InputError
        If two contradict each other.
    """
    for argument, unit, column, known in (
        ("unit", concentration, "DV", tuple(CONCENTRATIONS)),
        ("dose_unit", dose, "AMT", tuple(MASSES)),
    ):
        said = stated(table).get(column)
        if unit is None or said is None or _is_same(unit, said):
            continue
        meant = next((u for u in known if _is_same(u, said)), None)
        remedy = f"give {argument}={meant!r}" + ("" if meant else ", which leaves the units of the table")
        raise bad(argument, unit, f"contradicts the table, which says {said!r} of {column}", remedy)


def check_values(table: pd.DataFrame, variable: str, unit: str) -> None:
    """Refuse measurements in another unit than that of their variable, where both are known.

    Raises
    ------
    InputError
        If the source of the table says such a unit.
    """
    said = stated(table).get("DV", "")
    one, two = _size(said), _size(unit)
    if one is None or two is None or (one.of == two.of and math.isclose(one.value, two.value)):
        return
    molar = all(("volume", -1) in size.of for size in (one, two))
    how = f"give DV in {unit}" + (", by the molar mass" if molar else "")
    if one.of == two.of:
        how = f"give DV times {one.value / two.value:g}"
    raise bad("observe", variable, f"is in {unit}, and the table says {said!r} of DV", how)


def check_doses(table: pd.DataFrame, given: object, unit: str) -> None:
    """Refuse doses in another unit than that in which the model counts them.

    Raises
    ------
    InputError
        If the source of the table says such a unit.
    """
    said = stated(table).get("AMT")
    if said and not _is_same(said, unit):
        rule = f"is given in {unit}, as the model counts doses, and the table says {said!r} of AMT"
        raise bad("data", given, rule, f"give AMT in {unit}, or model.with_dose_units in {said}")


def _is_same(one: str, two: str) -> bool:
    a, b = _plain(one), _plain(two)
    x, y = _size(one), _size(two)
    return a == b or (x is not None and y is not None and x.of == y.of and math.isclose(x.value, y.value))


def _size(unit: str) -> UnitSize | None:
    """Read a unit in any of its spellings; what is M, molar, among capitals only is so among all letters."""
    return size_of(re.sub(r"\b([munp]?)m\b", r"\1M", _plain(unit)))


def _plain(unit: str) -> str:
    """Write a unit in one way: ``ng.mL``, ``ng / mL`` and ``ng/ml`` are one."""
    text = re.sub(r"[\s._]+(?:per[\s._]+)?|\s*/\s*", "/", unit.strip().lower())
    return re.sub("/+", "/", text).replace("µ", "u").replace("μ", "u").replace("mcg", "ug")
