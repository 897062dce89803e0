"""When a run must be looked at so that its readouts do not depend on the output grid."""

from __future__ import annotations

import numpy as np

from ..engine.compiled import kernel, part

BEFORE = 1e-6  # h: the node just before an event; with the one at the event it marks a jump
TOGETHER = (
    2 * BEFORE
)  # h: events closer than this are one jump, seen before the first and at the last of them
_FINEST = 0.001  # h, the first spacing after an event
_FINEST_SHARE = 1.0 / 16.0  # or a share of a short stretch
_GROWTH = 0.10  # spacing as a share of the time since the event
_SOON, _SOON_GROWTH = 0.2, 0.15  # h, and that share until then: what is fast is over soon
_COARSEST = 0.6  # h, or a share of a long stretch
_COARSEST_SHARE = 1.0 / 120.0
_ROOM = 2**13  # nodes, before more room is made


def metric_nodes(events: np.ndarray, spans: np.ndarray, end: float, run_end: float) -> np.ndarray:
    """Return times that are dense after each event and sparse later, as far as spans need them.

    Parameters
    ----------
    events : array
        Times at which the course may jump or have a kink (h), or at which the look begins again.
    spans : array, shape (k, 2)
        What is read (h); nodes are laid over whole stretches between events, so that numbers do not depend on
        what else is read.
    end : float
        End of the last cycle of doses (h); after it the spacing keeps growing.
    run_end : float
        End of the run (h), >= `end`.

    Returns
    -------
    array
        Ascending. Each event inside has two nodes, one just before and one at it; events closer than `TOGETHER`
        share them. What nobody reads between stretches has two nodes as well.
    """
    times = np.sort(np.asarray(events, dtype=np.float64))
    spans = np.require(spans, np.float64, ["C", "W"])
    found = np.empty(_ROOM)
    while True:
        n = _lay(times, spans, float(end), float(run_end), found)
        if n <= found.size:
            return np.unique(found[:n])
        found = np.empty(n)


@kernel
def _lay(events, spans, end, run_end, found):
    """Lay nodes from cut to cut, the start and the events, as many as there is room for; return how many there are."""
    n = 0
    low, k = 0.0, 0
    gap = True  # whether the stretch before is left out
    first = True
    while True:
        edge = low
        while k < events.size and events[k] <= min(low + TOGETHER, run_end):
            low = max(low, events[k])
            k += 1
        high = events[k] if k < events.size and events[k] <= run_end else np.inf
        top = min(high - BEFORE, run_end)
        if _is_read(spans, edge, high):
            if gap and not first:
                n = _put(found, n, edge - BEFORE)
            length, bounded = top - low, min(end, top) - low
            n = _graded(found, n, low, length, bounded, max(_COARSEST, _COARSEST_SHARE * bounded))
            if low < end < top:
                n = _put(found, n, end)
            n = _put(found, n, top)
            gap = first = False
        elif not gap:
            n = _put(found, n, low)
            gap = True
        if not np.isfinite(high):
            return n
        low = high


@part
def _put(found, n, time):
    """Write a node, if there is room, and count it."""
    if n < found.size:
        found[n] = time
    return n + 1


@part
def _is_read(spans, low, high):
    """Tell whether a span touches the stretch [low, high); one that ends at `low` does not.

    One that begins at the node just before `high` does: what stands there is not yet what `high` makes of it.
    """
    for i in range(len(spans)):
        start, stop = spans[i, 0], spans[i, 1]
        if start < high - 0.5 * BEFORE and (stop > low + BEFORE or start >= low - BEFORE):
            return True
    return False


@part
def _graded(found, n, low, length, bounded, coarsest):
    """Put nodes into [low, low + length): the spacing grows with the offset, up to `coarsest` before `bounded`."""
    x, finest = 0.0, max(BEFORE, min(_FINEST, _FINEST_SHARE * length))
    while x < length - 0.5 * finest or x == 0.0:
        n = _put(found, n, low + x)
        step = max(finest, (_GROWTH if x >= _SOON else _SOON_GROWTH) * x)
        x += min(step, coarsest) if x < bounded else step
    return n
