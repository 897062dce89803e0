"""Which parameters can influence an output: the transitive closure over a model's formulas."""

from __future__ import annotations

from collections.abc import Iterable

from .expressions import ids
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
    shown = dict(structure.outputs)
    left = [i for name in outputs for i in (name, *ids(shown[name]))]
    found: set[str] = set()
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += structure.behind.get(name, ())
    return found
