"""Units that a table says of its measurements and doses, held against those in which they are taken."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import bad
from ..unit_sizes import UnitSize, size_of
from ..units import MASSES
from .profile_units import CONCENTRATIONS, DOSE_UNIT, UNIT

if TYPE_CHECKING:
    import pandas as pd

STATED = "stated"  # in the place of a unit
_KEPT_AS = "units"  # attribute of a table that `read_data` read: column -> unit that the source says


def stated(table: pd.DataFrame) -> dict[str, str]:
    """Units that the source of a table says, by column: DV, AMT."""
    return table.attrs.get(_KEPT_AS, {})


def state(table: pd.DataFrame, units: dict[str, str]) -> None:
    """Keep the units that the source of a table says."""
    if units:
        table.attrs[_KEPT_AS] = units


def distinct(units: Sequence[str]) -> list[str]:
    """List units, of those that are one in several spellings the first."""
    return [unit for k, unit in enumerate(units) if not any(_is_same(unit, other) for other in units[:k])]


def measures(text: str) -> bool:
    """Tell whether a text is a unit whose size is known."""
    return _size(text) is not None


def agreed(table: pd.DataFrame, concentration: str | None, dose: str | None) -> tuple[str | None, str | None]:
    """Return the units of measurements and doses: those given, or for `STATED` what the table says, else the usual.

    Raises
    ------
    InputError
        If the source of the table says another unit than is given, or one that is not known.
    """
    said = stated(table)
    return (
        _agreed("unit", concentration, "DV", said.get("DV"), (UNIT, *CONCENTRATIONS)),
        _agreed("dose_unit", dose, "AMT", said.get("AMT"), (DOSE_UNIT, *MASSES)),
    )


def _agreed(argument: str, given: str | None, column: str, said: str | None, known: Sequence[str]) -> str | None:
    if given is None or said is None or _is_same(given, said):
        return known[0] if given == STATED else given
    meant = said if said in known else next((u for u in known if _is_same(u, said)), None)
    remedy = f"give {argument}={meant!r}" + ("" if meant else ", which leaves the units of the table")
    if given != STATED:
        raise bad(argument, given, f"contradicts the table, which says {said!r} of {column}", remedy)
    if meant is None:
        raise bad("data", said, f"is the unit of {column}, and none that is known here", remedy)
    return meant


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
        rule = f"is not {unit}, in which the model counts doses of {given!r}"
        raise bad("data", f"AMT in {said}", rule, f"give AMT in {unit}, or model.with_dose_units(<state>={said!r})")


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
