"""Who is who in an SBML model: what moves, what follows a rule, and what an id means in a formula."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..errors import ModelError
from .algebraic import solved
from .document import Document, Row
from .expressions import Formula, make

DEFAULT_COMPARTMENT = "default_compartment"  # Antimony's, of size 1: nobody declared it


@dataclass(frozen=True)
class Roles:
    """The quantities of a document by id, and the part each plays."""

    document: Document

    @cached_property
    def compartments(self) -> dict[str, Row]:
        """Compartments by id."""
        return {c["id"]: c for c in self.document.compartments}

    @cached_property
    def species(self) -> dict[str, Row]:
        """Species by id."""
        return {s["id"]: s for s in self.document.species}

    @cached_property
    def parameters(self) -> dict[str, Row]:
        """Parameters by id, those of reactions included."""
        return {p["id"]: p for p in self.document.parameters}

    @cached_property
    def references(self) -> dict[str, Row]:
        """Species references that have an id."""
        sides = (s for r in self.document.reactions for s in (*r["reactants"], *r["products"]))
        return {s["id"]: s for s in sides if s["id"]}

    @cached_property
    def reactions(self) -> dict[str, Formula]:
        """Reaction rates by id."""
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
        """Assignment rules by id, and what algebraic rules come to."""
        assigned, algebraic = self.document.rules["assignment"], self.document.rules["algebraic"]
        return {**assigned, **solved(algebraic, self._free, assigned)} if algebraic else assigned

    @cached_property
    def _free(self) -> dict[str, int]:
        """Quantities that may change and that no rule, reaction or event changes.

        The rank is 0 for one without a first value, 1 with one, 2 for a boundary species, set from outside.
        """
        rows = {**self.species, **self.compartments, **self.parameters, **self.references}
        bound = {*self.document.rules["assignment"], *self.rated, *self.changes, *self.struck}
        values = ("size", "value", "amount", "concentration", "stoichiometry")
        return {
            x: 2 * row.get("boundary", False)
            or int(x in self.document.initial or any(row.get(v) is not None for v in values))
            for x, row in rows.items()
            if not row["constant"] and x not in bound
        }

    @cached_property
    def rated(self) -> dict[str, Formula]:
        """Rate rules by id."""
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
        """Quantities that an event assigns."""
        return {x for e in self.document.events for x in e["assignments"] if e["trigger"] is not None}

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Quantities that move by themselves: species first, then as they stand in the document."""
        quantities = (*self.species, *self.compartments, *self.parameters, *self.references)
        return tuple(x for x in quantities if self._moves(x))

    @cached_property
    def moving(self) -> frozenset[str]:
        """The states as a set."""
        return frozenset(self.states)

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
        point = self.compartments[s["compartment"]]["dimensions"] == 0 and not self.has_size(species)
        return s["substance_only"] or point

    def kept_as_concentration(self, species: str) -> bool:
        """Tell whether the state is a concentration: rated, in a compartment that follows a rule."""
        return (
            species in self.rated
            and not self.amount_like(species)
            and self.species[species]["compartment"] in self.rules
        )

    def is_default(self, compartment: str) -> bool:
        """Tell whether a compartment is the one of size 1 that Antimony adds."""
        return (
            compartment == DEFAULT_COMPARTMENT
            and self.compartments[compartment]["size"] == 1.0
            and compartment not in self.document.initial
            and self.still(compartment)
        )

    def size_of(self, species: str) -> Formula:
        """Write the size of a species' compartment: its id, or 1 for Antimony's default."""
        compartment = self.species[species]["compartment"]
        return 1.0 if self.is_default(compartment) else compartment

    def has_size(self, species: str) -> bool:
        """Tell whether the size of a species' compartment is known."""
        c = self.species[species]["compartment"]
        row = self.compartments[c]
        return row["size"] is not None or c in self.document.initial or not self.still(c)

    @cached_property
    def meaning(self) -> dict[str, Formula]:
        """What a species' id means in a formula, where its symbol is the amount: amount / size."""
        return {
            s: make("divide", s, self.size_of(s))
            for s in self.species
            if s in self.moving and not self.amount_like(s) and not self.kept_as_concentration(s)
        }

    @cached_property
    def known(self) -> set[str]:
        """All ids a formula may use."""
        return {*self.species, *self.compartments, *self.parameters, *self.references, *self.reactions}
