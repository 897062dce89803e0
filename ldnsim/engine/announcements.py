"""One line on stderr before seconds are spent on compiling: what, and that it happens once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

PARTS = {
    "ldnsim.engine.lanes": "the solver of many runs at a time",
    "ldnsim.engine": "the solver",
    "ldnsim.readouts": "the metrics",
}  # by the module that is compiled; the first that fits counts
_told: set[str] = set()


def tell(function: Callable, marks: Path | None) -> None:
    """Tell of a part of the package before the first of its functions is compiled.

    Parameters
    ----------
    function : callable
        What is compiled.
    marks : Path, optional
        Folder where a file says that a part was told of, so that of several processes one speaks; without it each
        speaks for itself.
    """
    module = function.__module__
    part = next((words for name, words in PARTS.items() if f"{module}.".startswith(f"{name}.")), None)
    if part is not None and part not in _told:
        _told.add(part)
        if marks is None or _is_first(part, marks):
            print(f"compiling {part}, once", file=sys.stderr, flush=True)


def _is_first(part: str, folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / f"{part.replace(' ', '-')}.told").touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError:  # a full disk: rather twice than never
        return True
    return True
