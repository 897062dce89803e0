"""Units of the numbers of a measured profile, from those of its values and doses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import unknown
from ..units import DOSE, MASSES

if TYPE_CHECKING:
    import pandas as pd

_VOLUMES = {"mL": 1e-3, "L": 1.0}  # in L
_MEASURED = MASSES | {"pg": 1e-9}  # in mg
CONCENTRATIONS = {f"{m}/{v}": a / b for m, a in _MEASURED.items() for v, b in _VOLUMES.items()}  # in mg/L
_LIKE_VALUES = ("cmax", "cmin", "ctrough", "cavg", "c0", "clast")
_HOURS = ("time", "tau", "tmax", "tlast", "half_life", "points_from", "points_to", "mrt")


UNIT, DOSE_UNIT = "ng/mL", DOSE  # in which measurements and doses are, as for the shipped models


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
