"""Which parameters can influence an output: the transitive closure over a model's formulas."""

from __future__ import annotations

from collections.abc import Iterable

from .expressions import Formula, ids
from .structure import Structure


def influences(structure: Structure, outputs: Iterable[str]) -> set[str]:
    """All ids that outputs depend on, directly or by way of others: states, assignments and parameters.

    Parameters
    ----------
    structure : Structure
        The equations.
    outputs : iterable of str
        Ids of ``structure.outputs``.
    """
    behind = _formulas(structure)
    shown = dict(structure.outputs)
    left = [i for name in outputs for i in (name, *ids(shown[name]))]
    found: set[str] = set()
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += [i for formula in behind.get(name, ()) for i in ids(formula)]
    return found


def _formulas(structure: Structure) -> dict[str, list[Formula]]:
    """Formulas that say what an id is, or what happens to it."""
    behind = {name: [formula] for name, formula in (*structure.constants, *structure.assignments)}
    for name, *formulas in zip(structure.states, structure.rates, structure.initial, strict=True):
        behind[name] = formulas
    for event in structure.events:
        when = [f for f in (event.trigger, event.delay, event.priority) if f is not None]
        for (name, formula), scale in zip(event.assignments, event.scales, strict=True):
            behind.setdefault(name, []).extend([*when, formula, scale])
    return behind
