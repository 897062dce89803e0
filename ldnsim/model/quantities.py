"""All a model can be asked for, with unit and name."""

from __future__ import annotations

from dataclasses import dataclass

from .document import Document
from .structure import Structure


@dataclass(frozen=True)
class Quantity:
    """One possible output.

    Attributes
    ----------
    id, unit, long_name : str
    kind : str
        ``observable`` (on a shipped model's list), ``state``, ``assigned`` (by a rule, or a species that does
        not move by itself), ``reaction``, ``amount`` (of a species), or ``constant``.
    """

    id: str
    unit: str
    long_name: str
    kind: str


def quantities_of(document: Document, structure: Structure) -> tuple[Quantity, ...]:
    """List the outputs of a structure with units and names from the document."""
    rows = {r["id"]: r for r in (*document.compartments, *document.parameters)}
    species = {s["id"]: s for s in document.species}
    reactions = {r["id"]: r for r in document.reactions}
    sizes = {c["id"]: c["unit"] for c in document.compartments}
    moving, states = dict(structure.assignments), set(structure.states)
    amount_of = {output: s for s, output in structure.amounts.items() if output not in species}
    found = []
    for name, _ in structure.outputs:
        row = species.get(amount_of.get(name, name)) or reactions.get(name) or rows.get(name) or {}
        unit = row.get("unit", "")
        if name in amount_of:
            kind = "amount"
        elif name in species:
            kind = "state" if name in states else "assigned"
            if structure.amounts[name] != name:
                unit = _per(unit, sizes[row["compartment"]])
        elif name in reactions:
            kind = "reaction"
        else:
            kind = "state" if name in states else "assigned" if name in moving else "constant"
        found.append(Quantity(name, unit, row.get("name") or name, kind))
    return tuple(found)


def _per(amount: str, size: str) -> str:
    if not amount or not size:
        return ""
    return amount if size == "1" else f"{amount}/{size}"
