"""When a run must be looked at so that its metrics do not depend on the output grid."""

from __future__ import annotations

import numpy as np

BEFORE = 1e-6  # h: the node just before an event; with the one at the event it marks a jump
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
        before and one at it.
    """
    inside = np.unique(np.asarray(events, dtype=np.float64))
    inside = inside[(inside > start + 2 * BEFORE) & (inside <= run_end)]
    cuts = [start]
    for time in inside:
        if time - cuts[-1] > 2 * BEFORE:
            cuts.append(float(time))
    coarsest = max(_COARSEST, _COARSEST_SHARE * (end - start))
    parts = []
    for low, high in zip(cuts, [*cuts[1:], np.inf], strict=True):
        top = min(high - BEFORE, run_end)
        graded = low + _graded(top - low, min(end, top) - low, coarsest)
        parts += [graded, [top]]
        if low < end < top:
            parts.append([end])
    return np.unique(np.concatenate(parts))


def _graded(length: float, bounded: float, coarsest: float) -> np.ndarray:
    """Offsets in [0, length): the spacing grows with the offset, up to `coarsest` before `bounded`."""
    offsets, x = [0.0], 0.0
    while True:
        step = max(_FINEST, _GROWTH * x)
        x += min(step, coarsest) if x < bounded else step
        if x >= length - 0.5 * _FINEST:
            return np.array(offsets)
        offsets.append(x)
