"""When two times are one instant: the one definition for regimens, events, solvers and metrics.

Times are sums and differences of numbers that double precision rounds, so that 240 x 0.1 h and one day may
differ in their last digits. Two times are one instant where they are no farther apart than `width`. Whoever
puts things in order (records of a table, what an output shows: all events up to a `width` after it) asks here;
whoever integrates goes exactly to the times as they are given, however close they lie.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

EPSILON = 2.220446049250313e-16
WIDTH = 2.0**-40  # of the time, or of 1 h before: 4096 to 8192 units in the last place, 2e-11 h at one day


def width(time: np.ndarray | float) -> np.ndarray | float:
    """Return how far apart two times near `time` may be and still are one instant (h)."""
    return WIDTH * np.maximum(1.0, np.abs(time))


def numbered(times: Iterable[float]) -> dict[float, int]:
    """Give each time the number of its instant, in order."""
    number, before, found = -1, -np.inf, {}
    for time in sorted(set(times)):
        number += bool(time - before > width(time))
        found[time], before = number, time
    return found


def shortest(t: float) -> float:
    """Shortest step from t that time can tell (h)."""
    return max(4.0 * EPSILON * abs(t), 1e-300)


def is_sliver(t: float, t_end: float) -> bool:
    """Whether an interval is so short that no step control has a say: it is crossed as it is."""
    return t_end - t <= 16.0 * EPSILON * abs(t_end)


def jump_edge(t: float, t_end: float) -> float:
    """How much later than t and earlier than t_end the steps between two jumps of the equations lie (h).

    A hair, so that no evaluation falls on the other side of a jump; nothing where there is no room for it.
    """
    edge = 8.0 * EPSILON * max(abs(t), abs(t_end))
    return edge if t_end - t > 4.0 * edge else 0.0
