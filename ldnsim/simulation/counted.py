"""In what a dose is counted, for tables and axes that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..library import rows_of
from ..model.dose_units import Counting, written
from ..regimen import names
from ..units import DOSE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Model
    from ..regimen import Regimen


def counted_in(model: Model, drug: str | None, cmt: str | int | None) -> str:
    """Return the unit of a dose of a drug, or into a state: mg unless a table or the model says other."""
    if cmt:
        cmt = list(model.states)[cmt - 1] if isinstance(cmt, int) else cmt
        return model.counting.get(cmt, Counting()).unit or DOSE
    of = {row.drug: str(getattr(row, "unit", "")) for row in rows_of(model, "drugs")}
    drug = drug or names.DRUG
    return written(of.get(drug) or names.unit_of(drug)) or DOSE


def unit_of_all(model: Model, regimens: Iterable[Regimen | None]) -> str:
    """Return the unit that all doses share, mg of none; empty where they share none."""
    given = {(r.drug, r.cmt) for one in regimens if one is not None for r in one.records if r.amt}
    units = {counted_in(model, *one) for one in given} or {DOSE}
    return units.pop() if len(units) == 1 else ""
