"""Delays, durations and rates of doses that parameters give: their units are held against what is counted in.

Lags and durations of a formulation, and parameters D and R, are read in the model's own unit of time. One that
the equations declare in another would be another number, and nothing converts it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..errors import bad
from ..formulation import Share
from ..model import Model
from ..unit_sizes import size_of
from ..units import DOSE


def check_times(model: Model, shares: Iterable[Share], drug: str, formulation: str) -> None:
    """Refuse a formulation whose lag or duration is made of parameters in another unit than the model's of time."""
    units = {p.id: p.unit for p in model.table}
    for share in shares:
        for name, product in (("lag", share.lag), ("duration", share.duration)):
            factors = [f for f, _ in product.factors]
            unit = "*".join(units[f] for f in factors if units.get(f, "1") not in ("", "1"))
            if factors and _is_other(unit, "h", model.structure.hours):
                where = f"{name} of {drug} {formulation}".rstrip()
                raise bad(where, " * ".join(factors), *_rule(unit, model.time_unit))


def check_modelled(model: Model, letter: str, parameter: str, state_unit: str) -> None:
    """Refuse a parameter that gives a rate ("R") or a duration ("D") of doses in another unit than it is read in."""
    unit = next((p.unit for p in model.table if p.id == parameter), "")
    if letter == "D" and _is_other(unit, "h", model.structure.hours):
        raise bad(parameter, unit, *_rule(unit, model.time_unit))
    if letter == "R" and state_unit == DOSE and _is_other(unit, f"{DOSE}/h", 1 / model.structure.hours):
        raise bad(parameter, unit, *_rule(unit, f"{DOSE}/{model.time_unit}"))


def _is_other(unit: str, measure: str, times: float) -> bool:
    """Whether a unit is known, and is not the measure so many times."""
    said, wanted = size_of(unit) if unit not in ("", "1") else None, size_of(measure)
    if said is None or wanted is None:
        return False
    return said.of != wanted.of or not math.isclose(said.value, wanted.value * times, rel_tol=1e-9)


def _rule(unit: str, wanted: str) -> tuple[str, str]:
    return f"is in {unit}, and is read in {wanted}", f"give it in {wanted} in the model and its table of parameters"
