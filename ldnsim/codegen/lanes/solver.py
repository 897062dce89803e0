"""Solutions of (1 - gamma h A) x = r for a part of the linear block, by factors without a loop or a pivot search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .parts import BlockPart
from .vector import Code

Key = tuple[int, int]


def factorised(c: Code, part: BlockPart, scaled: dict[Key, Any]) -> dict[Key, Any]:
    """Return the numbers of `BlockPart.numbers`, given gamma h A: of other entries than pivots with the sign turned."""
    q = {key: scaled[key] for key in (*part.inside, *part.outside)}
    pivots = {i: c.sub(1.0, q.pop((i, i))) if (i, i) in q else c.const(1.0) for i in part.states}
    e = part.elimination
    updates: dict[int, list[Key]] = {}
    for i, j, k in e.updates:
        updates.setdefault(k, []).append((i, j))
    for k in e.order:
        q[k, k] = c.div(1.0, pivots[k])
        for i in e.lower[k]:
            q[i, k] = c.mul(q[i, k], q[k, k])
        for i, j in updates.get(k, ()):
            if i == j:
                pivots[i] = c.fma(c.neg(q[i, k]), q[k, i], pivots[i])
            else:
                q[i, j] = c.fma(q[i, k], q[k, j], q[i, j]) if (i, j) in q else c.mul(q[i, k], q[k, j])
    return q


def solved(
    c: Code, part: BlockPart, number: Callable[[Key], Any], right: dict[int, Any], known: Callable[[int], Any]
) -> dict[int, Any]:
    """Return the solution for one right-hand side; `known` has that of earlier parts."""
    x, e = {i: right[i] for i in part.states}, part.elimination
    for i, b in part.outside:
        x[i] = c.fma(number((i, b)), known(b), x[i])
    for k in e.order:
        for i in e.lower[k]:
            x[i] = c.fma(number((i, k)), x[k], x[i])
    for k in reversed(e.order):
        for j in e.upper[k]:
            x[k] = c.fma(number((k, j)), x[j], x[k])
        x[k] = c.mul(x[k], number((k, k)))
    return x
