"""Threads for long work that can be broken off: whoever waits hears Ctrl-C, and those who work ask now and then.

Compiled loops are deaf: they return every so many steps, and then `look` asks whether to go on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

A, B = TypeVar("A"), TypeVar("B")
EAR = 0.1  # s between two moments in which a waiting thread hears Ctrl-C: Windows wakes none that waits for ever
SLICE = 1e8  # multiply-adds, about, that compiled code does between two looks

_mine = threading.local()


class BrokenOff(Exception):
    """A failure elsewhere, or Ctrl-C, makes the rest of a run useless."""


def look() -> None:
    """Leave by an exception if the run that this thread works for was broken off."""
    if any(over.is_set() for over in getattr(_mine, "over", ())):
        raise BrokenOff


def steps_of_a_slice(work: float) -> int:
    """How many steps of so many multiply-adds compiled code takes before it returns for a look."""
    return max(16, int(SLICE / max(work, 1.0)))


def spread(function: Callable[[A], B], items: Iterable[A], threads: int) -> Iterator[B]:
    """Yield ``function(item)`` for each item in order, worked out by some threads.

    An exception in one of them, in the thread that waits (Ctrl-C), or in whoever takes the results ends the
    others at their next `look`, and is raised when they are through.
    """
    over = threading.Event()
    all_over = (*getattr(_mine, "over", ()), over)

    def attended(item: A) -> B:
        _mine.over = all_over
        look()
        return function(item)

    pool = ThreadPoolExecutor(threads)
    try:
        for future in [pool.submit(attended, item) for item in items]:
            while not wait([future], timeout=EAR).done:
                look()
            yield future.result()
    finally:
        over.set()
        pool.shutdown(cancel_futures=True)
