"""One line on stderr before seconds are spent on compiling: what, and that it happens once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba.core.event as events

PARTS = {
    "ldnsim.engine.lanes": "the solver of many runs at a time",
    "ldnsim.engine": "the solver",
    "ldnsim.readouts": "the metrics",
}  # by the module that is compiled; the first that fits counts


class Teller(events.Listener):
    """Tells of each part of the package when Numba begins to compile it; not when it loads.

    Parameters
    ----------
    marks : callable, optional
        Folder of sources -> folder of what is compiled of them. A file there says that a part was told of, so
        that of several processes one speaks; without it each speaks for itself.
    """

    def __init__(self, marks: Callable[[Path], Path] | None = None) -> None:
        self.marks = marks
        self.told: set[str] = set()

    def on_start(self, event: Any) -> None:
        """Look at what is compiled."""
        function = event.data["dispatcher"].py_func
        module = function.__module__
        part = next((words for name, words in PARTS.items() if f"{module}.".startswith(f"{name}.")), None)
        if part is not None and part not in self.told:
            self.told.add(part)
            if self.marks is None or self._is_first(part, Path(function.__code__.co_filename).parent):
                print(f"compiling {part}, once", file=sys.stderr, flush=True)

    def _is_first(self, part: str, sources: Path) -> bool:
        folder = self.marks(sources)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / f"{part.replace(' ', '-')}.told").touch(exist_ok=False)
        except FileExistsError:
            return False
        except OSError:  # a full disk: rather twice than never
            return True
        return True

    def on_end(self, event: Any) -> None:
        """Say nothing."""


def tell_of_compiling(marks: Callable[[Path], Path] | None) -> None:
    """Watch Numba from now on; see `Teller`."""
    events.register("numba:compile", Teller(marks))
