"""Measurements that belong under a curve: each with its source and the state it was taken in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .. import library
from ..inference.target import Target, targets
from ..regimen import DRUG
from ..units import HOURS_PER_DAY
from .form import CHALLENGE, NEVER, ONCE

if TYPE_CHECKING:
    from ..model import Model
    from .form import Form

PERCENT = 100.0
SHOWN = {"C_tnf_alpha": "tnf_alpha", "C_il6": "il6", "C_il10": "il10"}  # a peak has the same hour in both
AT_HOUR, AT_PEAK, MEAN, OF_FIRST, HOUR = "level", "peak", "mean", "relative", "hour"


def measured(model: Model, form: Form) -> list[dict[str, Any]]:
    """Return the rows of evidence that a page of this model can show under its curves.

    What was measured under a challenge, or told against another group, is no point of a curve and is left out.

    Returns
    -------
    list of dict
        ``variable``, ``kind`` ("level" at an hour, "peak", "mean" over a span, "relative" to the curve at an
        earlier hour, "hour" of a peak), ``hour`` and ``until`` (h after the last dose), ``value``, ``low``,
        ``high`` (unit of the curve; None where unknown), ``state`` (what the controls must stand at), words.
    """
    if not library.has_table(model, "targets"):
        return []
    told = library.evidence().set_index("id")
    shown = set(model.observables)
    seen = [t for t in targets(model) if not (t.contrast or t.design.challenge or t.design.in_trial)]
    rows = (_row(target, told.loc[target.id.removesuffix(" (hour)")], form) for target in seen)
    return [row for row in rows if row is not None and row["variable"] in shown]


def _row(target: Target, told: Any, form: Form) -> dict[str, Any] | None:
    variable = SHOWN.get(target.readout.variable, target.readout.variable)
    kind = {"at": AT_HOUR, "cmax": AT_PEAK, "percent_change": MEAN, "tmax": HOUR}.get(target.readout.reduce)
    if target.since is not None:
        kind = OF_FIRST if target.change == "left" else None
    state = _state(target, form)
    if kind is None or state is None or (variable != target.readout.variable and kind != HOUR):
        return None
    hour: float | None = target.observed if kind == HOUR else target.start
    if kind == AT_PEAK:
        hour = _number(told["time_h"])
    if target.since is not None:
        hour = (target.since.hour or 0.0) - target.design.last
    value, low, high = _values(target, told, kind)
    return {
        "id": target.id,
        "variable": variable,
        "kind": kind,
        "hour": hour,
        "until": target.end,
        "value": value,
        "low": low,
        "high": high,
        "state": state,
        "what": target.endpoint,
        "source": str(told["source"]),
        "people": _people(told),
        "use": target.use,
        "note": target.note,
    }


def _values(target: Target, told: Any, kind: str) -> tuple[float | None, float | None, float | None]:
    """Value with one standard deviation to either side, where the source tells one."""
    if kind == HOUR:
        return None, None, None
    if kind == MEAN:
        return 1 + target.observed / PERCENT, None, None
    scale = PERCENT if "occupancy" in target.readout.variable or kind == OF_FIRST else 1.0
    value = target.observed / scale
    spread = _number(told["spread"]) if told["spread_kind"] == "SD" else None
    if spread is None:
        return value, None, None
    spread *= target.observed / float(told["value"]) / scale
    return value, max(value - spread, 0.0), value + spread


def _state(target: Target, form: Form) -> dict[str, Any] | None:
    """Say what the controls stand at in the state of a measurement; None where they cannot."""
    design = target.design
    days = max(design.n * design.ii, target.end) / HOURS_PER_DAY
    state: dict[str, Any] = {"days": max(1, math.ceil(days))}
    if design.condition:
        state["condition"] = design.condition
    if design.drug == CHALLENGE:
        state |= {"interval": NEVER, "endotoxin": design.dose}
    elif design.drug == DRUG:
        once = design.n == 1
        dose = float(f"{design.dose * target.scale:.6g}")
        state |= {"dose": dose, "formulation": design.formulation, "interval": ONCE if once else design.ii}
    else:
        return None
    try:
        return {name: form[name].read(value) for name, value in state.items()}
    except (KeyError, ValueError):
        return None


def _people(told: Any) -> str:
    n = _number(told["n"])
    words = str(told["population"] or "")
    return f"{words}, n = {n:g}" if n is not None and words else words


def _number(cell: Any) -> float | None:
    try:
        number = float(cell)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
