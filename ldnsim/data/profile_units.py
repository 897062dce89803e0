"""Units of the numbers of a measured profile, from those of its values and doses."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import bad, unknown
from ..units import DOSE, MASSES

if TYPE_CHECKING:
    import pandas as pd

_VOLUMES = {"mL": 1e-3, "L": 1.0}  # in L
CONCENTRATIONS = {f"{m}/{v}": a / b for m, a in MASSES.items() for v, b in _VOLUMES.items()}  # in mg/L
_LIKE_VALUES = ("cmax", "cmin", "ctrough", "cavg", "c0", "clast")
_HOURS = ("time", "tau", "tmax", "tlast", "half_life", "points_from", "points_to", "mrt")


UNIT, DOSE_UNIT = "ng/mL", DOSE  # in which measurements and doses are, as for the shipped models
_STATED = "units"  # attribute of a table that `read_data` read: column -> unit that the source says


def in_units(
    table: pd.DataFrame, concentration: str | None, dose: str | None
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Bring clearances to L/h and volumes to L, and say the unit of each column that has one.

    Parameters
    ----------
    table : DataFrame
        In the units of its values.
    concentration, dose : str or None
        Units of values and doses: ng/mL, mg/L, ...; mg, ug, ... None where they are not known: then nothing is
        brought to L.

    Raises
    ------
    UnknownNameError
        If one is no such unit.
    """
    if concentration is not None and concentration not in CONCENTRATIONS:
        raise unknown("unit", concentration, [*CONCENTRATIONS, "None"], limit=len(CONCENTRATIONS) + 1)
    if dose is not None and dose not in MASSES:
        raise unknown("dose_unit", dose, [*MASSES, "None"])
    dv, amt = concentration or "DV", dose or "AMT"
    units = dict.fromkeys(_LIKE_VALUES, dv) | dict.fromkeys(_HOURS, "h") | {"dose": amt}
    volume = f"{amt}/({dv})" if "/" in dv else f"{amt}/{dv}"
    units |= {"lambda_z": "1/h", "cl": f"{amt}/({dv}*h)", "vz": volume, "vss": volume}
    units |= dict.fromkeys(("extrapolated", "swing", "fluctuation"), "%")
    for name in map(str, table.columns):
        if name.startswith("auc"):
            units[name] = f"{dv}*h"
        elif name.startswith("aumc"):
            units[name] = f"{dv}*h^2"
    if concentration is not None and dose is not None:
        scale = MASSES[dose] / CONCENTRATIONS[concentration]
        table = table.assign(**{name: table[name] * scale for name in ("cl", "vz", "vss") if name in table})
        units |= {"cl": "L/h", "vz": "L", "vss": "L"}
    return table, {name: unit for name, unit in units.items() if name in table}


def stated(table: pd.DataFrame) -> dict[str, str]:
    """Units that the source of a table says, by column: DV, AMT."""
    return table.attrs.get(_STATED, {})


def state(table: pd.DataFrame, units: dict[str, str]) -> None:
    """Keep the units that the source of a table says."""
    if units:
        table.attrs[_STATED] = units


def check_stated(table: pd.DataFrame, concentration: str | None, dose: str | None) -> None:
    """Refuse units that are not those which the source of a table says.

    Raises
    ------
    InputError
        If two contradict each other.
    """
    for argument, unit, column, known in (
        ("unit", concentration, "DV", CONCENTRATIONS), ("dose_unit", dose, "AMT", MASSES)
    ):  # fmt: skip
        said = stated(table).get(column)
        if unit is None or said is None or _is_same(unit, said, known):
            continue
        meant = next((u for u in known if _is_same(u, said, known)), None)
        rule = f"contradicts the table, which says {said!r} of {column}"
        raise bad(argument, unit, rule, f"give {argument}={meant!r}" + ("" if meant else ": as in the table"))


def check_values(table: pd.DataFrame, variable: str, unit: str) -> None:
    """Refuse measurements in another unit of mass in a volume than that of their variable.

    Raises
    ------
    InputError
        If the source of the table says such a unit.
    """
    said = stated(table).get("DV", "")
    sizes = _sizes(CONCENTRATIONS)
    one, two = sizes.get(_plain(said)), sizes.get(_plain(unit))
    if one and two and not math.isclose(one, two):
        scale = one / two
        raise bad(
            "observe",
            variable,
            f"is in {unit}, and the table says {said!r} of DV",
            f"give DV times {scale:g}",
        )


def _sizes(known: Mapping[str, float]) -> dict[str, float]:
    return {_plain(unit): size for unit, size in known.items()}


def _is_same(one: str, two: str, known: Mapping[str, float]) -> bool:
    a, b = (_plain(u) for u in (one, two))
    sizes = _sizes(known)
    return a == b or (a in sizes and b in sizes and math.isclose(sizes[a], sizes[b]))


def _plain(unit: str) -> str:
    """Write a unit in one way: ``ng.mL``, ``ng / mL`` and ``ng/ml`` are one."""
    text = re.sub(r"[\s._]+(?:per[\s._]+)?|\s*/\s*", "/", unit.strip().lower())
    return re.sub("/+", "/", text).replace("µ", "u").replace("μ", "u").replace("mcg", "ug")
