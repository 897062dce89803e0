"""From a `Document` to its `Structure`: first values, constants and outputs put together with the motion."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ..errors import ModelError
from .delays import settled
from .document import Document
from .expressions import Formula, ids, make, replace_calls, size, substitute, uses, within_limits
from .levels import cut
from .motion import Motion
from .ordering import in_order
from .roles import Roles
from .structure import Structure

INLINED = 100  # nodes of a first value; a longer one becomes a constant that others use by name


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
    roles = Roles(document)
    return cut(_Reduction(roles, Motion(roles), tuple(table)).structure())


@dataclass(frozen=True)
class _Reduction:
    roles: Roles
    motion: Motion
    table: tuple[str, ...]

    def structure(self) -> Structure:
        numbers = self.numbers
        for name in self.table:
            if name not in numbers:
                raise ModelError(f"parameter {name!r}: the equations compute it, so a table must not give it")
        parameters = tuple(dict.fromkeys((*self.table, *numbers)))
        constants = {x: self.motion.assigned[x] for x in self.time_free}
        constants |= {x: self.start[x] for x in self.fixed if x not in numbers} | self.shared
        structure = Structure(
            states=self.roles.states,
            parameters=parameters,
            constants=tuple((x, constants[x]) for x in in_order(constants, "constants")),
            assignments=tuple((x, self.moving[x]) for x in in_order(self.moving, "assignment rules")),
            rates=tuple(self.motion.rates.values()),
            initial=tuple(self.start[x] for x in self.roles.states),
            outputs=self._outputs(),
            events=self.motion.events,
            values={p: numbers[p] for p in parameters},
            amounts={s: name for s, (name, _) in self.amounts.items()},
        )
        return settled(structure, self._early) if self._looks_back else structure

    @cached_property
    def _looks_back(self) -> bool:
        """Whether any formula looks into the past."""
        return any(uses(f, "delay") for f in self._formulas())

    @property
    def _early(self) -> dict[str, Formula]:
        """Constants whose first value depends on time."""
        return {x: f for x, f in self.fixed.items() if uses(f, "time")}

    # ---- values at the start ---------------------------------------------------------------------------

    @cached_property
    def first(self) -> dict[str, Formula | None]:
        """Give the first value of each quantity that no rule assigns; None where the document has none."""
        r = self.roles
        quantities = (*r.compartments, *r.species, *r.parameters, *r.references)
        return {x: self._first(x) for x in quantities if x not in r.rules}

    def _first(self, x: str) -> Formula | None:
        r = self.roles
        if x in r.species:
            return self._first_of_species(x)
        if x in r.document.initial:
            return self.motion.translate(r.document.initial[x], f"initial assignment of {x!r}")
        if x in r.references:
            return r.references[x]["stoichiometry"]
        return r.compartments[x]["size"] if x in r.compartments else r.parameters[x]["value"]

    def _first_of_species(self, x: str) -> Formula | None:
        """Write the first value of a species' symbol, be it amount or concentration."""
        r = self.roles
        row = r.species[x]
        wants_amount = r.amount_like(x) or x in r.meaning
        if x in r.document.initial:
            value = self.motion.translate(r.document.initial[x], f"initial assignment of {x!r}")
            is_amount = r.amount_like(x)
        else:
            is_amount = row["amount"] is not None
            value = row["amount"] if is_amount else row["concentration"]
        if value is None or is_amount == wants_amount:
            return value
        return make("times" if wants_amount else "divide", value, r.size_of(x))

    @cached_property
    def fixed(self) -> dict[str, Formula]:
        """Quantities that keep their first value; NaN where one is needed but not given."""
        still = {x: f for x, f in self.first.items() if x not in self.roles.moving}
        needed = {*self.table, *self._needed()}
        for x in self.roles.references:
            if x in needed and x in still and still[x] is None:
                raise ModelError(f"species reference {x!r}: has no stoichiometry")
        return {x: math.nan if f is None else f for x, f in still.items() if f is not None or x in needed}

    def _needed(self) -> set[str]:
        """Collect the ids that any formula uses."""
        return {i for f in self._formulas() for i in ids(f)}

    def _formulas(self) -> list[Formula]:
        formulas = [f for f in self.first.values() if f is not None]
        formulas += [*self.motion.assigned.values(), *self.motion.rates.values()]
        for e in self.motion.events:
            formulas += [f for f in (e.trigger, e.delay, e.priority, *e.scales) if f is not None]
            formulas += [f for _, f in e.assignments]
        return formulas

    @cached_property
    def numbers(self) -> dict[str, float]:
        """Independent numbers: the parameters of the model; NaN waits for a value from elsewhere.

        A value that the document itself calls infinite or NaN is a constant, and so are a stoichiometry and
        the size of Antimony's default compartment.
        """
        found = {x: f for x, f in self.fixed.items() if isinstance(f, float)}
        for x in (*self.roles.references, *(x for x in found if self.roles.is_default(x))):
            found.pop(x, None)
        return {x: f for x, f in found.items() if math.isfinite(f) or self.first[x] is None}

    @cached_property
    def time_free(self) -> dict[str, None]:
        """Assigned quantities that depend on parameters and constants only."""
        free: dict[str, None] = {}
        for x in in_order(self.motion.assigned, "assignment rules"):
            formula = self.motion.assigned[x]
            moves = uses(formula, "time") or uses(formula, "delay")
            if not moves and all(i in free or i in self.fixed for i in ids(formula)):
                free[x] = None
        return free

    @cached_property
    def moving(self) -> dict[str, Formula]:
        """Assigned quantities that change in time."""
        return {x: f for x, f in self.motion.assigned.items() if x not in self.time_free}

    @cached_property
    def start(self) -> dict[str, Formula]:
        """First values of states and of fixed quantities, in parameters and constants."""
        return self._starts[0]

    @property
    def shared(self) -> dict[str, Formula]:
        """Constants that first values have in common."""
        return self._starts[1]

    @cached_property
    def _starts(self) -> tuple[dict[str, Formula], dict[str, Formula]]:
        wanted = {x: self._first_of_state(x) for x in self.roles.states}
        wanted |= {x: f for x, f in self.fixed.items() if x not in self.numbers}
        pending, needed = list(wanted), dict(wanted)
        while pending:
            for i in ids(needed[pending.pop()]):
                if i in self.moving and i not in needed:
                    needed[i] = self.moving[i]
                    pending.append(i)
        value: dict[str, Formula] = {}
        shared: dict[str, Formula] = {}
        inlined = {*self.roles.states, *self.moving}
        for x in in_order(needed, "initial values"):
            formula = needed[x]
            if not self._looks_back:  # a delay asks for first values before the start, too
                formula = replace_calls(formula, "time", lambda: 0.0)
            known = {i: value[i] for i in ids(formula) if i in inlined}
            value[x] = within_limits(substitute(formula, known), f"initial value of {x!r}")
            if x in inlined and size(value[x]) > INLINED and not uses(value[x], "time"):
                shared[name := self._new_id(f"{x}_at_start")] = value[x]
                value[x] = name
        return value, shared

    def _new_id(self, name: str) -> str:
        while name in self.roles.known:
            name += "_"
        return name

    def _first_of_state(self, x: str) -> Formula:
        if self.first[x] is None:
            raise ModelError(f"{x!r} changes in time but has no initial value")
        return self.first[x]

    # ---- outputs ---------------------------------------------------------------------------------------

    @cached_property
    def concentrations(self) -> dict[str, Formula]:
        """Give each species' concentration, or its amount where its compartment has no size."""
        r = self.roles
        found = {}
        for s in r.species:
            if s not in self.fixed and s not in r.rules and s not in r.moving:
                continue  # no value is given and nothing needs it
            is_amount = r.amount_like(s) or s in r.meaning
            found[s] = make("divide", s, r.size_of(s)) if is_amount and r.has_size(s) else s
        return found

    @cached_property
    def amounts(self) -> dict[str, tuple[str, Formula]]:
        """Give each species the name and formula of the output that is its amount."""
        r = self.roles
        found = {}
        for s, concentration in self.concentrations.items():
            is_amount = r.amount_like(s) or s in r.meaning
            amount = s if is_amount else make("times", s, r.size_of(s))
            found[s] = (s if amount == concentration else f"{s}.amount", amount)
        return found

    def _outputs(self) -> tuple[tuple[str, Formula], ...]:
        shown = [*self.roles.states, *self.concentrations, *self.motion.assigned, *self.fixed]
        hidden = self.numbers if self.table else ()
        found = {x: self.concentrations.get(x, x) for x in shown if x not in hidden}
        return (*found.items(), *(pair for pair in self.amounts.values() if pair[0] not in found))
