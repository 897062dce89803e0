"""Sparse elimination on the diagonal: which pivot when, which entries fill in, which operations are left."""

from __future__ import annotations

from typing import NamedTuple


class Elimination(NamedTuple):
    """LU factors of a sparse matrix, as lists of positions.

    Attributes
    ----------
    order : tuple of int
        Pivots, first to last, all on the diagonal.
    lower, upper : dict
        Of each pivot: the rows below it, and the columns right of it, with a nonzero in the factors.
    updates : tuple of (int, int, int)
        Operations ``M[i, j] -= L[i, k] * U[k, j]`` as (i, j, k), in order.
    """

    order: tuple[int, ...]
    lower: dict[int, tuple[int, ...]]
    upper: dict[int, tuple[int, ...]]
    updates: tuple[tuple[int, int, int], ...]

    @property
    def entries(self) -> list[tuple[int, int]]:
        """Off-diagonal entries of both factors."""
        below = [(i, k) for k in self.order for i in self.lower[k]]
        return below + [(k, j) for k in self.order for j in self.upper[k]]


def eliminate(n: int, nonzeros: set[tuple[int, int]]) -> Elimination:
    """Choose pivots by Markowitz's rule: the least product of other entries in row and column, then least fill.

    The matrix is I/(h gamma) - J with a diagonal that dominates as h falls; the error estimate catches what a
    pivot on the diagonal might lose.
    """
    rows = {i: {j for a, j in nonzeros if a == i and j != i} for i in range(n)}
    columns = {j: {i for i, b in nonzeros if b == j and i != j} for j in range(n)}
    order, lower, upper, updates = [], {}, {}, []
    left = set(range(n))
    while left:
        k = _best(left, rows, columns)
        left.remove(k)
        order.append(k)
        lower[k], upper[k] = tuple(sorted(columns[k])), tuple(sorted(rows[k]))
        for i in lower[k]:
            rows[i].discard(k)
            for j in upper[k]:
                updates.append((i, j, k))
                if i != j:
                    rows[i].add(j)
                    columns[j].add(i)
        for j in upper[k]:
            columns[j].discard(k)
    return Elimination(tuple(order), lower, upper, tuple(updates))


def _best(left: set[int], rows: dict[int, set[int]], columns: dict[int, set[int]]) -> int:
    products = {p: len(rows[p]) * len(columns[p]) for p in left}
    least = min(products.values())

    def fill(p: int) -> int:
        return sum(j != i and j not in rows[i] for i in columns[p] for j in rows[p])

    return min((p for p in left if products[p] == least), key=lambda p: (fill(p), p))
