"""How an SBML model moves: rates, rules, reactions and events in symbols of the equations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ..errors import ModelError
from .document import Row
from .expressions import (
    TIME,
    Formula,
    as_number,
    as_truth,
    ids,
    make,
    replace_calls,
    substitute,
    uses,
    within_limits,
)
from .roles import Roles
from .structure import EventData


@dataclass(frozen=True)
class Motion:
    """The formulas of a document, translated."""

    roles: Roles

    def translate(self, formula: Formula, where: str) -> Formula:
        """Write a formula of the document, a number, in symbols of the equations."""
        return as_number(self.translate_any(formula, where))

    def translate_any(self, formula: Formula, where: str) -> Formula:
        """Write a formula of the document, a number or a truth value, in symbols of the equations."""
        for name in ids(formula):
            if name not in self.roles.known:
                raise ModelError(f"{where}: {name!r} is not defined")
        formula = replace_calls(formula, "delay", lambda f, lag: self._delay(f, lag, where))
        formula = self._without_rate_of(formula, where, ())
        return within_limits(substitute(formula, self.roles.meaning), where)

    def _delay(self, formula: Formula, lag: Formula, where: str) -> Formula:
        """Write a delay: before the start nothing had a rate."""
        if uses(formula, "rateOf"):
            started = make("geq", TIME, 0.0)
            rate = lambda x: make("piecewise", self._rate_of(x, where, ()), started, 0.0)  # noqa: E731
            formula = replace_calls(formula, "rateOf", rate)
        return make("delay", formula, lag)

    def _without_rate_of(self, formula: Formula, where: str, trail: tuple[str, ...]) -> Formula:
        if not uses(formula, "rateOf"):
            return formula
        return replace_calls(formula, "rateOf", lambda x: self._rate_of(x, where, trail))

    def _rate_of(self, x: str, where: str, trail: tuple[str, ...]) -> Formula:
        """Write d x / dt in the document's ids."""
        compartment = self.roles.species[x]["compartment"] if x in self.roles.species else None
        if (
            x in self.roles.rules
            or x in self.roles.reactions
            or (compartment in self.roles.rules and x not in self.roles.rated)
        ):
            raise ModelError(f"{where}: rateOf({x}) is not defined, because {x!r} follows a rule")
        if x in trail:
            raise ModelError(f"{where}: rates form a circle: {' -> '.join((*trail, x))}")
        if x in self.roles.rated:
            if x not in self._rates_of:
                rate = self._without_rate_of(self.roles.rated[x], where, (*trail, x))
                self._rates_of[x] = within_limits(rate, where)
            return self._rates_of[x]
        if compartment is None or x not in self.roles.moving:
            return 0.0
        change = self._change(x)
        if self.roles.amount_like(x):
            return change
        growth = make("times", x, self._rate_of(compartment, where, (*trail, x)))
        return make("divide", make("plus", change, make("times", -1.0, growth)), compartment)

    def _change(self, species: str) -> Formula:
        """Sum what reactions do to the amount of a species, per unit of time."""
        factor = self.roles.species[species]["conversion"] or 1.0
        terms = []
        for sign, reference, reaction in self.roles.changes.get(species, ()):
            coefficient = reference["id"] or self._stoichiometry(reference)
            terms.append(make("times", make("times", sign, coefficient), reaction))
        return make("times", factor, make("plus", *terms))

    def _stoichiometry(self, reference: Row) -> float:
        if reference["stoichiometry"] is None:
            raise ModelError(f"species reference of {reference['species']!r}: has no stoichiometry")
        return reference["stoichiometry"]

    @cached_property
    def _rates_of(self) -> dict[str, Formula]:
        """Rates that rateOf stands for, as far as they were asked for."""
        return {}

    @cached_property
    def rates(self) -> dict[str, Formula]:
        """Rates of change, one a state."""
        return {x: self._rate(x) for x in self.roles.states}

    def _rate(self, x: str) -> Formula:
        where = f"rate of {x!r}"
        if x not in self.roles.rated:
            return self.translate(self._change(x), where) if x in self.roles.species else 0.0
        rule = self.translate(self.roles.rated[x], where)
        if x not in self.roles.meaning:
            return rule
        size = self.roles.size_of(x)  # d(concentration x size)/dt
        growth = self._rate(size) if size in self.roles.rated else 0.0
        return make("plus", make("times", rule, size), make("times", self.roles.meaning[x], growth))

    @cached_property
    def assigned(self) -> dict[str, Formula]:
        """Assignment rules and reaction rates."""
        rules = {x: self.translate(f, f"assignment rule of {x!r}") for x, f in self.roles.rules.items()}
        return rules | {r: self.translate(f, f"reaction {r!r}") for r, f in self.roles.reactions.items()}

    @cached_property
    def events(self) -> tuple[EventData, ...]:
        """Events that can fire and assign something."""
        return tuple(self._each_event())

    def _each_event(self) -> Iterable[EventData]:
        for e in self.roles.document.events:
            if e["trigger"] is None or not e["assignments"]:
                continue  # SBML L3V2: an event without a trigger never fires
            where = f"event {e['id']!r}"
            optional = {
                k: self.translate(e[k], where) if e[k] is not None else None for k in ("delay", "priority")
            }
            rows = [self._strike(x, e, where) for x in e["assignments"]]
            yield EventData(
                id=e["id"],
                trigger=as_truth(self.translate_any(e["trigger"], where)),
                persistent=e["persistent"],
                initial_value=e["initial_value"],
                values_from_trigger_time=e["values_from_trigger_time"],
                assignments=tuple((x, f) for x, f, _ in rows),
                scales=tuple(scale for _, _, scale in rows),
                **optional,
            )

    def _strike(self, x: str, e: Row, where: str) -> tuple[str, Formula, Formula]:
        """Write one event assignment to a state, and the factor that is read when it is carried out."""
        formula = self.translate(e["assignments"][x], where)
        if x not in self.roles.meaning:
            return x, formula, 1.0
        size = self.roles.size_of(x)  # before the event, also where the same event sets the size
        if e["values_from_trigger_time"] and isinstance(size, str) and not self.roles.still(size):
            return x, formula, size  # another event may change the size between trigger and execution
        return x, make("times", formula, size), 1.0
