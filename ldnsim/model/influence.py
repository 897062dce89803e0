"""What can influence an output: the transitive closure over a model's formulas, and the model of it alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from .expressions import ids
from .structure import Named, Structure


def influences(structure: Structure, outputs: Iterable[str]) -> set[str]:
    """All ids that outputs depend on, directly or by way of others: states, assignments and parameters.

    Parameters
    ----------
    structure : Structure
        The equations.
    outputs : iterable of str
        Ids of ``structure.outputs``.
    """
    shown = dict(structure.outputs)
    return _behind(structure, [i for name in outputs for i in (name, *ids(shown[name]))])


def reduced(structure: Structure, outputs: Iterable[str], states: Iterable[str] = ()) -> Structure:
    """Leave out the states and formulas that nothing asked for depends on; parameters all stay.

    Parameters
    ----------
    structure : Structure
        The equations.
    outputs : iterable of str
        Ids of ``structure.outputs`` that are asked for.
    states : iterable of str
        States that stay anyway, such as those that doses enter.

    Returns
    -------
    Structure
        Itself where nothing can go, or where chance decides between events: fewer would be other draws.
    """
    outputs = tuple(outputs)
    needed = influences(structure, outputs) | _behind(structure, states)
    if structure.draws_lots or needed.issuperset(structure.states):
        return structure
    kept = [k for k, name in enumerate(structure.states) if name in needed]

    def some(named: Named) -> Named:
        return tuple((name, formula) for name, formula in named if name in needed)

    events = []
    for event in structure.events:
        own = [k for k, (name, _) in enumerate(event.assignments) if name in needed]
        if own:
            assignments = tuple(event.assignments[k] for k in own)
            scales = tuple(event.scales[k] for k in own)
            events.append(dataclasses.replace(event, assignments=assignments, scales=scales))
    return dataclasses.replace(
        structure,
        states=tuple(structure.states[k] for k in kept),
        rates=tuple(structure.rates[k] for k in kept),
        initial=tuple(structure.initial[k] for k in kept),
        constants=some(structure.constants),
        assignments=some(structure.assignments),
        outputs=tuple((name, formula) for name, formula in structure.outputs if name in outputs),
        events=tuple(events),
    )


def _behind(structure: Structure, names: Iterable[str]) -> set[str]:
    """All that names depend on, and these."""
    left, found = list(names), set[str]()
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += structure.behind.get(name, ())
    return found
