"""What was computed before, for who asks the same again, as a slider or a sampler does.

By hand, as `functools.lru_cache` asks whether arguments are equal, and here some must be the very same objects.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any


class Memo:
    """Results of the last few questions; threads may ask.

    Parameters
    ----------
    kept : int
        How many are remembered.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, tuple[Any, tuple]] = OrderedDict()

    def __call__(self, same: tuple[Any, ...], equal: tuple[Hashable, ...], make: Callable[[], Any]) -> Any:
        """Return what `make` gave when it was last asked for.

        Parameters
        ----------
        same : tuple
            What must be the very same objects; they are kept, so that no other object gets their ids.
        equal : tuple
            What must be equal.
        make : callable
            Makes the result, which nobody may change.
        """
        key = (*map(id, same), *equal)
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
                return found[0]
        found = make(), same  # two threads may both make it, which costs less than one waiting for another
        with self._lock:
            self._known[key] = found
            while len(self._known) > self._kept:
                self._known.popitem(last=False)
        return found[0]
