"""Pilots remembered, for who runs the same regimens with other subjects, as a slider or a sampler does."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from ..engine.problem import Problem

_KEPT = 16
_known: OrderedDict[Hashable, tuple[Problem, tuple]] = OrderedDict()


def remembered(same: tuple[Any, ...], equal: tuple[Hashable, ...], make: Callable[[], Problem]) -> Problem:
    """Return what `make` gave when it was last asked for.

    Parameters
    ----------
    same : tuple
        What must be the very same objects; they are kept, so that no other object gets their ids.
    equal : tuple
        What must be equal.
    make : callable
        Makes the pilot.
    """
    key = (*map(id, same), *equal)
    found = _known.get(key)
    if found is None:
        found = _known[key] = make(), same
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return found[0]
