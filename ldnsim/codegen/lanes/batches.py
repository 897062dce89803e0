"""Long lists of expressions as several functions: compilers take more than their share of time over long ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from .emitter import Emitter
from .module import LaneModule, Place

BATCH = 800  # nodes of the graph in one function


def write_batches(
    k: LaneModule, name: str, argument: ir.Type, items: list[Any], emitter: Callable[[Place], Emitter]
) -> list[str]:
    """Write functions ``<name><i>(work, argument)`` that compute and store all items; return their names.

    Parameters
    ----------
    name : str
        First part of the functions' names.
    argument : Type
        Of the functions' second argument.
    items : list of (int or None, callable)
        A node, and what stores it: ``store(place, value)``.
    emitter : callable
        Returns how a function finds what its expressions need.
    """
    s, names, start = k.layout.structure, [], 0
    while start < len(items):
        end, seen = start, set()
        while end < len(items) and len(seen) < BATCH:
            if items[end][0] is not None:
                seen.update(s.walk([items[end][0]], 0))
            end += 1
        names.append(f"{name}{len(names)}")
        with k.function(names[-1], argument, public=False) as p:
            emit = emitter(p)
            for n, store in items[start:end]:
                store(p, None if n is None else p.code.value(emit(n)))
        start = end
    return names


def store_rate(i: int) -> Callable[[Place, Any], None]:
    """Return what stores the rate of the i-th free state, with what doses feed into it."""

    def store(p: Place, rate: Any) -> None:
        p.code.store(p.with_input(i, rate), p.work, p.layout.stage_row("rhs", i))

    return store
