"""One line on stderr before seconds are spent on compiling: what, and that it happens once."""

from __future__ import annotations

import sys
from typing import Any

import numba.core.event as events

PARTS = {
    "ldnsim.engine.lanes": "the solver of many runs at a time",
    "ldnsim.engine": "the solver",
    "ldnsim.metrics": "the metrics",
}  # by the module that is compiled; the first that fits counts


class Teller(events.Listener):
    """Tells of each part of the package once a process, when Numba begins to compile it; not when it loads."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def on_start(self, event: Any) -> None:
        """Look at what is compiled."""
        module = event.data["dispatcher"].py_func.__module__
        part = next((words for name, words in PARTS.items() if f"{module}.".startswith(f"{name}.")), None)
        if part is not None and part not in self.told:
            self.told.add(part)
            print(f"compiling {part}, once", file=sys.stderr, flush=True)

    def on_end(self, event: Any) -> None:
        """Say nothing."""


def tell_of_compiling() -> None:
    """Watch Numba from now on."""
    events.register("numba:compile", Teller())
