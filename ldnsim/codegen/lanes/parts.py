"""Cut a linear block into parts whose series fit into registers, each needing only earlier ones."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any, NamedTuple

import numpy as np

from .elimination import Elimination, eliminate

STATES, COEFFICIENTS = 5, 10  # of a part: with its sums they fill the registers


class BlockPart(NamedTuple):
    """Some states of a block, as positions within it.

    Attributes
    ----------
    states : tuple of int
    inside, outside : tuple of (int, int)
        Coefficients by row and column: of its own states, and of states of earlier parts.
    elimination : Elimination
        Of I - gamma h A within the part.
    """

    states: tuple[int, ...]
    inside: tuple[tuple[int, int], ...]
    outside: tuple[tuple[int, int], ...]
    elimination: Elimination

    @property
    def numbers(self) -> list[tuple[int, int]]:
        """What a solution needs: inverse pivots (i, i), factors, and coefficients of earlier parts."""
        return [*((i, i) for i in self.states), *self.elimination.entries, *self.outside]


def parts(n: int, matrix: Any) -> tuple[BlockPart, ...]:
    """Return the parts of n states with coefficients at the keys (row, column) of `matrix`."""
    found: list[list[int]] = []
    weight = 0
    for component in _components(n, matrix):
        more = sum(1 for i, _ in matrix if i in component)
        full = found and (len(found[-1]) + len(component) > STATES or weight + more > COEFFICIENTS)
        if full or not found:
            found.append([])
            weight = 0
        found[-1] += component
        weight += more
    return tuple(_part(tuple(states), matrix) for states in found)


def _part(states: tuple[int, ...], matrix: Any) -> BlockPart:
    rows = [key for key in matrix if key[0] in states]
    inside = tuple(key for key in rows if key[1] in states)
    outside = tuple(key for key in rows if key[1] not in states)
    place = {state: k for k, state in enumerate(states)}
    e = eliminate(len(states), {(place[i], place[j]) for i, j in inside})
    many = lambda numbers: tuple(states[k] for k in numbers)  # noqa: E731
    lower, upper = ({states[k]: many(of[k]) for k in of} for of in (e.lower, e.upper))
    return BlockPart(
        states, inside, outside, Elimination(many(e.order), lower, upper, tuple(map(many, e.updates)))
    )


def _components(n: int, matrix: Any) -> list[list[int]]:
    """Return sets of states that depend on each other, each after what it depends on."""
    from scipy.sparse import coo_array  # which kernels from disk do without
    from scipy.sparse.csgraph import connected_components

    if not n:
        return []
    rows, columns = np.array([*matrix, (0, 0)]).T  # one entry at least
    graph = coo_array((np.ones(rows.size), (rows, columns)), shape=(n, n))
    labels = connected_components(graph, connection="strong")[1]
    order: TopologicalSorter[int] = TopologicalSorter({label: set() for label in labels.tolist()})
    for i, j in matrix:
        if labels[i] != labels[j]:
            order.add(int(labels[i]), int(labels[j]))
    return [np.flatnonzero(labels == label).tolist() for label in order.static_order()]
