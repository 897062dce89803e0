"""Whether something fits into memory, asked before it is computed: systems promise more than they have."""

from __future__ import annotations

import math
from pathlib import Path

from .errors import bad

_GROUP = Path("/sys/fs/cgroup")  # limits of a container
ASKED_FROM = 64e6  # bytes; for less the question would take longer than many a run
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def check_room(argument: str, size: float, made_of: str, remedy: str) -> None:
    """Refuse what would not fit into the memory that is free; less than `ASKED_FROM` always does.

    Parameters
    ----------
    argument : str
        What is too large.
    size : float
        Of it (bytes).
    made_of : str
        What that comes from, such as ``"1000 subjects x 40 outputs x 673 times"``.
    remedy : str
        What to do instead.

    Raises
    ------
    InputError
        Naming the size, the memory that is free, and the remedy.
    """
    room = free_bytes() if size >= ASKED_FROM else math.inf
    if size > room:
        raise bad(
            argument, in_words(size), f"does not fit into {in_words(room)} of free memory ({made_of})", remedy
        )


def in_words(size: float) -> str:
    """Write a size (bytes) with two digits.

    Examples
    --------
    >>> in_words(1_234_567_890)
    '1.2 GB'
    """
    k = min(int(math.log10(max(size, 1.0)) // 3), len(_UNITS) - 1)
    return (
        f"{size / 1000**k:.2g} {_UNITS[k]}"
        if size < 1000 ** (k + 1) / 10
        else f"{size / 1000**k:.0f} {_UNITS[k]}"
    )


def free_bytes() -> float:
    """Memory (bytes) that can still be taken."""
    import psutil

    return min(float(psutil.virtual_memory().available), _of_container())


def _of_container() -> float:
    """Memory that the limit of a container leaves, by hand as psutil sees the machine around it; inf without one."""
    try:
        limit, used = (
            float((_GROUP / f"memory.{x}").read_text(encoding="ascii")) for x in ("max", "current")
        )
        return max(limit - used, 0.0)
    except (OSError, ValueError):  # no such file, or "max" for no limit
        return math.inf
