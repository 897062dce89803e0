"""Delays, the value of a formula some time ago: brought to a form in which none stands inside another.

With D a shift into the past by a lag b, D f(x, y) = f(D x, D y), and a delay inside is longer by what lies
outside: D delay(u, a) = delay(u, b + D a).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ..errors import ModelError
from .expressions import TIME, Formula, ids, make, substitute, uses, within_limits
from .structure import EventData, Structure


def settled(structure: Structure, early: Mapping[str, Formula]) -> Structure:
    """Let no delay stand inside another.

    Parameters
    ----------
    structure : Structure
    early : mapping of id to formula
        Constants whose first value depends on time, and how: before the start it is the value of that time.

    Raises
    ------
    ModelError
        For a first value that looks into the past.
    """
    for name, formula in (*structure.constants, *zip(structure.states, structure.initial, strict=True)):
        if uses(formula, "delay"):
            raise ModelError(
                f"initial value of {name!r}: uses 'delay', and there is nothing before the start"
            )
    settle = _Settler(structure, early).plain

    def event(e: EventData) -> EventData:
        optional: dict[str, Any] = {
            k: None if getattr(e, k) is None else settle(getattr(e, k)) for k in ("delay", "priority")
        }
        values = tuple((x, settle(f)) for x, f in e.assignments)
        scales = tuple(map(settle, e.scales))
        return dataclasses.replace(
            e, trigger=settle(e.trigger), assignments=values, scales=scales, **optional
        )

    return dataclasses.replace(
        structure,
        assignments=tuple((x, settle(f)) for x, f in structure.assignments),
        rates=tuple(map(settle, structure.rates)),
        outputs=tuple((x, settle(f)) for x, f in structure.outputs),
        events=tuple(map(event, structure.events)),
    )


@dataclass(frozen=True)
class _Settler:
    structure: Structure
    early: Mapping[str, Formula]

    def plain(self, formula: Formula) -> Formula:
        """Settle the delays in a formula of the present."""
        if not uses(formula, "delay"):
            return formula
        head, *arguments = cast("list", formula)
        settled = [self.plain(a) for a in arguments]
        return self._past(*settled) if head == "delay" else make(head, *settled)

    def _past(self, formula: Formula, lag: Formula) -> Formula:
        """Write the value of a settled formula `lag` ago."""
        if lag == 0.0 or not self._moves(formula):
            return formula
        if self._looks_back(formula):
            return within_limits(self._shifted(formula, lag), "delays inside delays")
        then = {x: make("piecewise", f, make("lt", TIME, 0.0), x) for x, f in self.early.items()}
        return make("delay", substitute(formula, then), lag)

    def _shifted(self, formula: Formula, lag: Formula) -> Formula:
        if formula == TIME:
            return make("plus", TIME, make("times", -1.0, lag))
        if isinstance(formula, str):
            own = dict(self.structure.assignments).get(formula)
            if own is None or not self._looks_back(formula):
                return self._past(formula, lag)
            return self._shifted(self.plain(own), lag)
        if not isinstance(formula, list):
            return formula
        head, *arguments = formula
        if head == "delay":
            value, before = arguments
            return self._past(value, make("plus", lag, self._past(before, lag)))
        if not self._looks_back(formula):
            return self._past(formula, lag)
        return make(head, *[self._shifted(a, lag) for a in arguments])

    def _looks_back(self, formula: Formula) -> bool:
        """Tell whether a formula holds a delay, itself or by way of assignment rules."""
        assigned = dict(self.structure.assignments)
        return uses(formula, "delay") or any(
            self._looks_back(assigned[i]) for i in ids(formula) if i in assigned
        )

    def _moves(self, formula: Formula) -> bool:
        """Tell whether a formula may have had another value."""
        still = {*self.structure.parameters, *(x for x, _ in self.structure.constants)} - {*self.early}
        return uses(formula, "time") or any(i not in still for i in ids(formula))
