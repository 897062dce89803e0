"""From a `Document` to its `Structure`: every rule of SBML about what an id means and how it moves."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ..errors import ModelError
from .document import Document, Row
from .expressions import (
    Formula,
    as_number,
    as_truth,
    checked_size,
    ids,
    make,
    replace_calls,
    substitute,
    uses,
)
from .ordering import in_order
from .structure import EventData, Structure

DEFAULT_COMPARTMENT = (
    "default_compartment"  # Antimony's, of size 1: nobody declared it, so it is no parameter
)


def structure_of(document: Document, table: Iterable[str] = ()) -> Structure:
    """Reduce a document to equations.

    Parameters
    ----------
    document : Document
    table : iterable of str
        Ids whose values come from a parameter table, in its order; if any are given, the parameters follow
        that order and are no outputs.

    Raises
    ------
    ModelError
        Naming the element: circular rules, an id that is not defined, a reaction without a rate.
    """
    return _Reduction(document, tuple(table)).structure()


@dataclass(frozen=True)
class _Reduction:
    document: Document
    table: tuple[str, ...]

    # ---- who is who ------------------------------------------------------------------------------------

    @cached_property
    def compartments(self) -> dict[str, Row]:
        return {c["id"]: c for c in self.document.compartments}

    @cached_property
    def species(self) -> dict[str, Row]:
        return {s["id"]: s for s in self.document.species}

    @cached_property
    def parameters(self) -> dict[str, Row]:
        return {p["id"]: p for p in self.document.parameters}

    @cached_property
    def references(self) -> dict[str, Row]:
        sides = (s for r in self.document.reactions for s in (*r["reactants"], *r["products"]))
        return {s["id"]: s for s in sides if s["id"]}

    @cached_property
    def reactions(self) -> dict[str, Formula]:
        found = {}
        for r in self.document.reactions:
            if r["rate"] is None:
                raise ModelError(
                    f"reaction {r['id']!r}: has no rate, so the model cannot be simulated in time"
                )
            found[r["id"]] = r["rate"]
        return found

    @cached_property
    def rules(self) -> dict[str, Formula]:
        return self.document.rules["assignment"]

    @cached_property
    def rated(self) -> dict[str, Formula]:
        return self.document.rules["rate"]

    @cached_property
    def changes(self) -> dict[str, list[tuple[float, Row, str]]]:
        """Species to the (sign, species reference, reaction) that change it."""
        found: dict[str, list[tuple[float, Row, str]]] = {}
        for r in self.document.reactions:
            for sign, side in ((-1.0, r["reactants"]), (1.0, r["products"])):
                for reference in side:
                    s = self.species[reference["species"]]
                    if not (s["boundary"] or s["constant"]):
                        found.setdefault(s["id"], []).append((sign, reference, r["id"]))
        return found

    @cached_property
    def struck(self) -> set[str]:
        return {x for e in self.document.events for x in e["assignments"] if e["trigger"] is not None}

    @cached_property
    def states(self) -> tuple[str, ...]:
        quantities = (*self.species, *self.compartments, *self.parameters, *self.references)
        return tuple(x for x in quantities if self._moves(x))

    def _moves(self, x: str) -> bool:
        if x in self.rules:
            return False
        if x in self.rated or x in self.struck or x in self.changes:
            return True
        s = self.species.get(x)
        return s is not None and not self.amount_like(x) and not self.still(s["compartment"])

    def still(self, compartment: str) -> bool:
        """Tell whether a compartment keeps its size."""
        return not (compartment in self.rules or compartment in self.rated or compartment in self.struck)

    def amount_like(self, species: str) -> bool:
        """Tell whether a species' id means its amount in formulas."""
        s = self.species[species]
        point = self.compartments[s["compartment"]]["dimensions"] == 0 and not self._has_size(species)
        return s["substance_only"] or point

    def kept_as_concentration(self, species: str) -> bool:
        """Tell whether the state is a concentration: rated, in a compartment that follows a rule."""
        return (
            species in self.rated
            and not self.amount_like(species)
            and self.species[species]["compartment"] in self.rules
        )

    def size_of(self, species: str) -> Formula:
        compartment = self.species[species]["compartment"]
        row = self.compartments[compartment]
        plain = compartment == DEFAULT_COMPARTMENT and row["size"] == 1.0 and self.still(compartment)
        return 1.0 if plain and compartment not in self.document.initial else compartment

    # ---- formulas of time ------------------------------------------------------------------------------

    @cached_property
    def meaning(self) -> dict[str, Formula]:
        """What an id means in a formula, where that is not the symbol itself: amount / size."""
        return {
            s: make("divide", s, self.size_of(s))
            for s in self.species
            if s in self.states and not self.amount_like(s) and not self.kept_as_concentration(s)
        }

    @cached_property
    def known(self) -> set[str]:
        return {*self.species, *self.compartments, *self.parameters, *self.references, *self.reactions}

    def translate(self, formula: Formula, where: str) -> Formula:
        """Write a formula of the document, a number, in symbols of the equations."""
        return as_number(self._translated(formula, where))

    def _translated(self, formula: Formula, where: str) -> Formula:
        for name in ids(formula):
            if name not in self.known:
                raise ModelError(f"{where}: {name!r} is not defined")
        formula = self._without_rate_of(formula, where, ())
        return checked_size(substitute(formula, self.meaning), where)

    def _without_rate_of(self, formula: Formula, where: str, trail: tuple[str, ...]) -> Formula:
        if not uses(formula, "rateOf"):
            return formula
        return replace_calls(formula, "rateOf", lambda x: self._rate_of(x, where, trail))

    def _rate_of(self, x: str, where: str, trail: tuple[str, ...]) -> Formula:
        """Write d x / dt in the document's ids."""
        compartment = self.species[x]["compartment"] if x in self.species else None
        if x in self.rules or x in self.reactions or (compartment in self.rules and x not in self.rated):
            raise ModelError(f"{where}: rateOf({x}) is not defined, because {x!r} follows a rule")
        if x in trail:
            raise ModelError(f"{where}: rates form a circle: {' -> '.join((*trail, x))}")
        if x in self.rated:
            return self._without_rate_of(self.rated[x], where, (*trail, x))
        if compartment is None or x not in self.states:
            return 0.0
        change = self._change(x)
        if self.amount_like(x):
            return change
        growth = make("times", x, self._rate_of(compartment, where, (*trail, x)))
        return make("divide", make("plus", change, make("times", -1.0, growth)), compartment)

    def _change(self, species: str) -> Formula:
        """Sum what reactions do to the amount of a species, per unit of time."""
        factor = self.species[species]["conversion"] or 1.0
        terms = []
        for sign, reference, reaction in self.changes.get(species, ()):
            coefficient = reference["id"] or self._stoichiometry(reference)
            terms.append(make("times", make("times", sign, coefficient), reaction))
        return make("times", factor, make("plus", *terms))

    def _stoichiometry(self, reference: Row) -> float:
        if reference["stoichiometry"] is None:
            raise ModelError(f"species reference of {reference['species']!r}: has no stoichiometry")
        return reference["stoichiometry"]

    def rate(self, x: str) -> Formula:
        """Write d x / dt of a state, in symbols of the equations."""
        where = f"rate of {x!r}"
        if x not in self.rated:
            return self.translate(self._change(x), where) if x in self.species else 0.0
        rule = self.translate(self.rated[x], where)
        if x not in self.meaning:
            return rule
        size = self.size_of(x)
        growth = self.rate(size) if size in self.rated else 0.0
        if growth == 0.0:
            return make("times", rule, size)
        return make("plus", make("times", rule, size), make("times", self.meaning[x], growth))

    @cached_property
    def assigned(self) -> dict[str, Formula]:
        """Assignment rules and reaction rates."""
        rules = {x: self.translate(f, f"assignment rule of {x!r}") for x, f in self.rules.items()}
        return rules | {r: self.translate(f, f"reaction {r!r}") for r, f in self.reactions.items()}

    # ---- what never moves ------------------------------------------------------------------------------

    @cached_property
    def fixed(self) -> dict[str, Formula]:
        """Quantities that keep their first value, with that value; NaN where a needed one is not given."""
        quantities = (*self.compartments, *self.species, *self.parameters, *self.references)
        still = [x for x in quantities if x not in self.states and x not in self.rules]
        first = {x: self.first(x) for x in still}
        needed = {*self.table, *self._used(f for f in first.values() if f is not None)}
        return {x: math.nan if f is None else f for x, f in first.items() if f is not None or x in needed}

    def _used(self, firsts: Iterable[Formula]) -> set[str]:
        """Collect the ids that any formula needs."""
        formulas = [*firsts, *self.assigned.values(), *(self.rate(x) for x in self.states)]
        formulas += [self.first(x) for x in self.states]
        for e in self._events:
            formulas += [f for f in (e.trigger, e.delay, e.priority, *e.scales) if f is not None]
            formulas += [f for _, f in e.assignments]
        return {i for f in formulas for i in ids(f)}

    @cached_property
    def numbers(self) -> dict[str, float]:
        """Independent numbers: the parameters of the model; NaN waits for a value from elsewhere.

        A value that the document itself calls infinite or NaN is a constant, and so is a stoichiometry.
        """
        sizes = {self.species[s]["compartment"] for s in self.species if self.size_of(s) == 1.0}
        plain = {*self.references, *(c for c in sizes if c == DEFAULT_COMPARTMENT)}
        found = {x: f for x, f in self.fixed.items() if isinstance(f, float) and x not in plain}
        return {x: f for x, f in found.items() if math.isfinite(f) or self.first(x) is None}

    def first(self, x: str) -> Formula | None:
        """Write the value of a symbol at the start, in symbols of the equations; None where none is given."""
        if x in self.species:
            return self._first_of_species(x)
        if x in self.document.initial:
            return self.translate(self.document.initial[x], f"initial assignment of {x!r}")
        if x in self.references:
            return self.references[x]["stoichiometry"]
        return self.compartments[x]["size"] if x in self.compartments else self.parameters[x]["value"]

    def _first_of_species(self, x: str) -> Formula | None:
        s, size = self.species[x], self.size_of(x)
        wants_amount = self.amount_like(x) or x in self.meaning
        if x in self.document.initial:
            value = self.translate(self.document.initial[x], f"initial assignment of {x!r}")
            is_amount = self.amount_like(x)
        elif s["amount"] is not None:
            value, is_amount = s["amount"], True
        else:
            value, is_amount = s["concentration"], False
        if value is None or is_amount == wants_amount:
            return value
        return make("times" if wants_amount else "divide", value, size)

    # ---- put together ----------------------------------------------------------------------------------

    def structure(self) -> Structure:
        for name in self.table:
            if name not in self.numbers:
                raise ModelError(f"parameter {name!r}: the equations compute it, so a table must not give it")
        numbers = self.numbers
        parameters = tuple(dict.fromkeys((*self.table, *numbers)))
        free = self._time_free()
        moving = {x: f for x, f in self.assigned.items() if x not in free}
        start = self._start(moving, parameters)
        constants = {x: self.assigned[x] for x in free}
        constants |= {x: start[x] for x in self.fixed if x not in parameters}
        return Structure(
            states=self.states,
            parameters=parameters,
            constants=tuple((x, constants[x]) for x in in_order(constants, "constants")),
            assignments=tuple((x, moving[x]) for x in in_order(moving, "assignment rules")),
            rates=tuple(self.rate(x) for x in self.states),
            initial=tuple(start[x] for x in self.states),
            outputs=self._outputs(),
            events=self._events,
            values={p: numbers[p] for p in parameters},
            amounts={s: name for s, (name, _) in self._amounts.items()},
        )

    def _time_free(self) -> list[str]:
        """List assigned quantities that depend on parameters and constants only."""
        free: dict[str, None] = {}
        for x in in_order(self.assigned, "assignment rules"):
            formula = self.assigned[x]
            if not uses(formula, "time") and all(i in free or i in self.fixed for i in ids(formula)):
                free[x] = None
        return list(free)

    def _start(self, moving: dict[str, Formula], parameters: tuple[str, ...]) -> dict[str, Formula]:
        """Write the first value of states and fixed quantities in parameters and constants."""
        wanted = {x: self._first_of_state(x) for x in self.states}
        wanted |= {x: f for x, f in self.fixed.items() if x not in parameters}
        pending, needed = list(wanted), dict(wanted)
        while pending:
            for i in ids(needed[pending.pop()]):
                if i in moving and i not in needed:
                    needed[i] = moving[i]
                    pending.append(i)
        value: dict[str, Formula] = {}
        inlined = {*self.states, *moving}
        for x in in_order(needed, "initial values"):
            formula = replace_calls(needed[x], "time", lambda: 0.0)
            known = {i: value[i] for i in ids(formula) if i in inlined}
            value[x] = checked_size(substitute(formula, known), f"initial value of {x!r}")
        return value

    def _first_of_state(self, x: str) -> Formula:
        first = self.first(x)
        if first is None:
            raise ModelError(f"{x!r} changes in time but has no initial value")
        return first

    @cached_property
    def _concentrations(self) -> dict[str, Formula]:
        found = {}
        for s in self.species:
            if s not in self.fixed and s not in self.rules and s not in self.states:
                continue  # no value is given and nothing needs it
            formula = self.meaning.get(s, s)
            divided = self.amount_like(s) and self._has_size(s)
            found[s] = make("divide", s, self.size_of(s)) if divided else formula
        return found

    def _has_size(self, species: str) -> bool:
        c = self.species[species]["compartment"]
        row = self.compartments[c]
        return row["size"] is not None or c in self.document.initial or not self.still(c)

    @cached_property
    def _amounts(self) -> dict[str, tuple[str, Formula]]:
        """Species to the name and formula of the output that is its amount."""
        found = {}
        for s, concentration in self._concentrations.items():
            is_amount = self.amount_like(s) or s in self.meaning
            amount = s if is_amount else make("times", s, self.size_of(s))
            found[s] = (s if amount == concentration else f"{s}.amount", amount)
        return found

    def _outputs(self) -> tuple[tuple[str, Formula], ...]:
        names = [x for x in (*self.states, *self.species, *self.assigned) if x not in self.numbers]
        names += [x for x in self.fixed if not (self.table and x in self.numbers)]
        found = {x: self._concentrations.get(x, x) for x in dict.fromkeys(names)}
        return (*found.items(), *(pair for pair in self._amounts.values() if pair[0] not in found))

    @cached_property
    def _events(self) -> tuple[EventData, ...]:
        return tuple(self._each_event())

    def _each_event(self) -> Iterable[EventData]:
        for e in self.document.events:
            if e["trigger"] is None or not e["assignments"]:
                continue  # SBML L3V2: an event without a trigger never fires
            where = f"event {e['id']!r}"
            optional = {
                k: self.translate(e[k], where) if e[k] is not None else None for k in ("delay", "priority")
            }
            late = optional["delay"] is not None and e["values_from_trigger_time"]
            rows = [self._strike(x, e["assignments"], where, late) for x in e["assignments"]]
            yield EventData(
                id=e["id"],
                trigger=as_truth(self._translated(e["trigger"], where)),
                persistent=e["persistent"],
                initial_value=e["initial_value"],
                values_from_trigger_time=e["values_from_trigger_time"],
                assignments=tuple((x, f) for x, f, _ in rows),
                scales=tuple(scale for _, _, scale in rows),
                **optional,
            )

    def _strike(
        self, x: str, all_: dict[str, Formula], where: str, late: bool
    ) -> tuple[str, Formula, Formula]:
        """Write one event assignment to a state, and the factor that is read when it is carried out."""
        formula = self.translate(all_[x], where)
        if x not in self.meaning:
            return x, formula, 1.0
        size = self.size_of(x)
        if size in all_:
            return x, make("times", formula, self.translate(all_[size], where)), 1.0
        if late and isinstance(size, str) and not self.still(size):
            return x, formula, size
        return x, make("times", formula, size), 1.0
