"""When a run must be looked at so that its metrics do not depend on the output grid."""

from __future__ import annotations

import numpy as np

from ..engine.compiled import kernel, part

BEFORE = 1e-6  # h: the node just before an event; with the one at the event it marks a jump
TOGETHER = (
    2 * BEFORE
)  # h: events closer than this are one jump, seen before the first and at the last of them
_FINEST = 0.02  # h, the first spacing after an event
_GROWTH = 0.10  # spacing as a share of the time since the event
_COARSEST = 0.6  # h, or a share of a long interval
_COARSEST_SHARE = 1.0 / 120.0


def metric_nodes(events: np.ndarray, start: float, end: float, run_end: float) -> np.ndarray:
    """Return times that are dense after each event and sparse later.

    Parameters
    ----------
    events : array
        Times at which the course may jump or have a kink (h); those outside the window are ignored.
    start, end : float
        The window (h): start of the last cycle of doses (or of the days it is looked back) and its end.
    run_end : float
        End of the run (h), >= `end`; after `end` the spacing keeps growing.

    Returns
    -------
    array
        Ascending, from `start` to `run_end`, both included. Each event inside has two nodes, one just
        before and one at it; events closer than `TOGETHER` share them.
    """
    coarsest = max(_COARSEST, _COARSEST_SHARE * (end - start))
    times = np.sort(np.asarray(events, dtype=np.float64))
    return _nodes(times, float(start), float(end), float(run_end), coarsest)


@kernel
def _nodes(events, start, end, run_end, coarsest):
    """Lay nodes from cut to cut: the start and the events inside."""
    found = [start]
    low, k = start, 0
    while True:
        while k < events.size and events[k] <= min(low + TOGETHER, run_end):
            low = max(low, events[k])
            k += 1
        high = events[k] if k < events.size and events[k] <= run_end else np.inf
        top = min(high - BEFORE, run_end)
        _graded(found, low, top - low, min(end, top) - low, coarsest)
        if low < end < top:
            found.append(end)
        found.append(top)
        if not np.isfinite(high):
            return np.unique(np.array(found))
        low = high


@part
def _graded(found, low, length, bounded, coarsest):
    """Add nodes in [low, low + length): the spacing grows with the offset, up to `coarsest` before `bounded`."""
    x = 0.0
    while x < length - 0.5 * _FINEST or x == 0.0:
        found.append(low + x)
        step = max(_FINEST, _GROWTH * x)
        x += min(step, coarsest) if x < bounded else step
