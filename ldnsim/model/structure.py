"""Ordinary differential equations as plain data, without numbers: what is left when SBML is understood.

A species changed by reactions is integrated as an amount, so that a dose adds to it and a compartment may
change its size; where a formula means the concentration, amount / size is written out.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from functools import cached_property

from .expressions import Formula, ids

Named = tuple[tuple[str, Formula], ...]


@dataclass(frozen=True)
class EventData:
    """One SBML event; formulas speak of states, parameters, constants, assignments and time."""

    id: str
    trigger: Formula
    delay: Formula | None
    priority: Formula | None
    persistent: bool
    initial_value: bool
    values_from_trigger_time: bool
    assignments: Named
    scales: tuple[Formula, ...]


@dataclass(frozen=True)
class Structure:
    """The equations of a model without its numbers; see `ldnsim.model.equations.Equations` for the fields.

    All formulas are in the model's own unit of time, of which one has `hours` units of the run's: 1 where the
    run counts as the model does.
    """

    states: tuple[str, ...]
    parameters: tuple[str, ...]
    constants: Named
    assignments: Named
    rates: tuple[Formula, ...]
    initial: tuple[Formula, ...]
    outputs: Named
    events: tuple[EventData, ...]
    values: dict[str, float] = field(default_factory=dict)
    amounts: dict[str, str] = field(default_factory=dict)
    hours: float = 1.0

    @cached_property
    def hash(self) -> str:
        """Hash of the equations, without values, names or units."""
        left = {"values", "hours"} if self.hours == 1.0 else {"values"}
        data = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left}
        text = json.dumps(data, sort_keys=True, default=vars)  # events are objects
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def draws_lots(self) -> bool:
        """Whether chance may decide which of several events goes first: those that have a priority, if equal."""
        return sum(event.priority is not None for event in self.events) > 1

    @cached_property
    def behind(self) -> dict[str, tuple[str, ...]]:
        """Ids used by the formulas that say what an id is, or what happens to it."""
        formulas = {name: [formula] for name, formula in (*self.constants, *self.assignments)}
        for name, *two in zip(self.states, self.rates, self.initial, strict=True):
            formulas[name] = two
        for event in self.events:
            when = [f for f in (event.trigger, event.delay, event.priority) if f is not None]
            for (name, formula), scale in zip(event.assignments, event.scales, strict=True):
                formulas.setdefault(name, []).extend([*when, formula, scale])
        return {name: tuple({i for f in used for i in ids(f)}) for name, used in formulas.items()}
