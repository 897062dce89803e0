"""Units of the numbers of a measured profile, from those of its values and doses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import unknown
from ..units import MASSES

if TYPE_CHECKING:
    import pandas as pd

_VOLUMES = {"mL": 1e-3, "L": 1.0}  # in L
CONCENTRATIONS = {f"{m}/{v}": a / b for m, a in MASSES.items() for v, b in _VOLUMES.items()}  # in mg/L
_LIKE_VALUES = ("cmax", "cmin", "ctrough", "cavg", "c0", "clast")
_HOURS = ("time", "tau", "tmax", "tlast", "half_life", "points_from", "points_to", "mrt")


def in_units(table: pd.DataFrame, concentration: str, dose: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """Bring clearances to L/h and volumes to L, and say the unit of each column that has one.

    Parameters
    ----------
    table : DataFrame
        As `nca` gives it, in the units of its values.
    concentration, dose : str
        Units of values and doses: ng/mL, mg/L, ...; mg, ug, ...

    Raises
    ------
    UnknownNameError
        If one is no such unit.
    """
    if concentration not in CONCENTRATIONS:
        raise unknown("unit", concentration, CONCENTRATIONS, limit=len(CONCENTRATIONS))
    if dose not in MASSES:
        raise unknown("dose_unit", dose, MASSES)
    units = dict.fromkeys(_LIKE_VALUES, concentration) | dict.fromkeys(_HOURS, "h") | {"dose": dose}
    units |= {"lambda_z": "1/h", "cl": "L/h", "vz": "L", "vss": "L", "extrapolated": "%"}
    for name in map(str, table.columns):
        if name.startswith("auc"):
            units[name] = f"{concentration}*h"
        elif name.startswith("aumc"):
            units[name] = f"{concentration}*h^2"
    scale = MASSES[dose] / CONCENTRATIONS[concentration]
    scaled = {name: table[name] * scale for name in ("cl", "vz", "vss") if name in table}
    return table.assign(**scaled), {name: unit for name, unit in units.items() if name in table}
