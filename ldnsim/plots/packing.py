"""Things of some width on a line, kept apart and within its ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def apart(at: Sequence[float], widths: Sequence[float], ends: tuple[float, float], gap: float) -> np.ndarray:
    """Move things as little as their order and widths ask for.

    Parameters
    ----------
    at : sequence of float
        Where the middles would like to be, in the order that they keep.
    widths : sequence of float
        Widths, in the same unit.
    ends : tuple of float
        Ends of the line.
    gap : float
        Least distance between neighbours.

    Returns
    -------
    array
        Middles. Where the line is too short, all share the excess evenly.
    """
    wide = np.asarray(widths, dtype=float)
    n = len(wide)
    if not n:
        return np.zeros(0)
    need = wide.sum() + gap * (n - 1)
    if need >= ends[1] - ends[0]:
        edges = np.cumsum(wide + gap) - gap
        return (ends[0] + ends[1] - need) / 2 + edges - wide / 2
    step = (wide[1:] + wide[:-1]) / 2 + gap
    right, left = np.array(at, dtype=float), np.array(at, dtype=float)
    right[0] = max(right[0], ends[0] + wide[0] / 2)
    for i in range(1, n):
        right[i] = max(right[i], right[i - 1] + step[i - 1])
    left[-1] = min(left[-1], ends[1] - wide[-1] / 2)
    for i in reversed(range(n - 1)):
        left[i] = min(left[i], left[i + 1] - step[i])
    middle = (right + left) / 2  # both keep the order; so does what lies between
    offset = np.r_[0.0, np.cumsum(step)]
    low = ends[0] + widths[0] / 2 + offset
    high = ends[1] - widths[-1] / 2 - (offset[-1] - offset)
    return np.clip(middle, low, high)
