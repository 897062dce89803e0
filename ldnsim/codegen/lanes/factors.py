"""Factors of M = I/(h gamma) - J for a fixed sparsity, and solutions with them: no loop, no pivot search."""

from __future__ import annotations

from typing import Any

from ...engine.tableaux import RODAS5P_GAMMA
from .emitter import Emitter
from .module import Place


class Factors:
    """Factors read from the work block where they are used.

    Row and column numbers are positions within the free states; (i, i) is the inverse of a pivot.
    """

    def __init__(self, p: Place) -> None:
        self._place = p

    def __getitem__(self, key: tuple[int, int]) -> Any:
        return self._place.row(self._place.layout.factor(key))

    def solve(self, rhs: list[Any]) -> list[Any]:
        """Return the solution for one right-hand side."""
        c, e = self._place.code, self._place.layout.structure.elimination
        x = list(rhs)
        for q in e.order:
            for i in e.lower[q]:
                x[i] = c.fma(c.neg(self[i, q]), x[q], x[i])
        for q in reversed(e.order):
            for j in e.upper[q]:
                x[q] = c.fma(c.neg(self[q, j]), x[j], x[q])
            x[q] = c.mul(x[q], self[q, q])
        return x


def factorise(p: Place, constants: Emitter) -> None:
    """Turn the Jacobian into factors, in place.

    Entries that vary lie in their rows already; the others follow from `constants`.
    """
    c, s, at = p.code, p.layout.structure, p.layout.factor
    shift = c.mul(p.scalar("inverse"), 1.0 / RODAS5P_GAMMA)
    m: dict[tuple[int, int], Any] = {}

    def entry(i: int, j: int) -> Any:
        if (i, j) not in m:
            n = s.jacobian.get((i, j))
            x = None if n is None else c.load(p.work, at((i, j))) if s.graph.varies(n) else constants(n)
            if i == j:
                m[i, j] = shift if x is None else c.sub(shift, x)
            else:
                m[i, j] = None if x is None else c.neg(x)
        return m[i, j]

    updates: dict[int, list[tuple[int, int]]] = {}
    for i, j, q in s.elimination.updates:
        updates.setdefault(q, []).append((i, j))
    for q in s.elimination.order:
        m[q, q] = c.div(1.0, entry(q, q))
        c.store(m[q, q], p.work, at((q, q)))
        for j in s.elimination.upper[q]:
            c.store(entry(q, j), p.work, at((q, j)))
        for i in s.elimination.lower[q]:
            m[i, q] = c.mul(entry(i, q), m[q, q])
            c.store(m[i, q], p.work, at((i, q)))
        for i, j in updates.get(q, ()):
            product, old = c.neg(m[i, q]), entry(i, j)
            m[i, j] = c.mul(product, m[q, j]) if old is None else c.fma(product, m[q, j], old)
