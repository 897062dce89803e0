"""When a run is looked at: the user's output times, and nodes in the last dosing interval for metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import bad, positive
from ..metrics.nodes import metric_nodes
from ..regimen import DRUG, Dose, Regimen
from ..units import HOURS_PER_DAY

_SAME = 1e-9  # h
_MOST = 10_000_000


def given_times(times: Sequence[float] | None) -> np.ndarray | None:
    """Bring output times to an array (h); None stays None.

    Raises
    ------
    InputError
        If they are not finite numbers >= 0 that ascend.
    """
    if times is None:
        return None
    try:
        chosen = np.array(times, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError):
        raise bad("times", times, "must be a list of finite numbers (h)") from None
    shown = _shown(chosen)
    if chosen.ndim != 1 or chosen.size == 0 or not np.isfinite(chosen).all():
        raise bad("times", shown, "must be a list of finite numbers (h)")
    if (np.diff(chosen) <= 0).any():
        k = int(np.argmax(np.diff(chosen) <= 0))
        raise bad("times", shown, f"must ascend, but {chosen[k]:g} comes before {chosen[k + 1]:g}")
    if chosen[0] < 0:
        raise bad("times", shown, "must not lie before 0 h, the first midnight")
    return chosen


def run_end(duration: float | None, times: np.ndarray | None, regimens: Sequence[Regimen | None]) -> float:
    """Hours that must be simulated: `duration`, or the longest regimen to the end of its last interval.

    Raises
    ------
    InputError
        If nothing says how long, `duration` is not a positive number, or `times` go beyond it.
    """
    if duration is not None:
        end = positive("duration", duration, "h")
        if times is not None and times[-1] > end:
            raise bad("times", _shown(times), f"must not go beyond duration={end:g}")
        return end
    end = max((r.end for r in regimens if r is not None), default=0.0)
    if times is not None:
        return max(end, float(times[-1]))
    if end <= 0.0:
        raise bad("duration", duration, "must be given in h where no regimen tells how long to run")
    return end


def output_times(end: float, every: float) -> np.ndarray:
    """Output times each `every` hours from 0 to `end` (h).

    Raises
    ------
    InputError
        If `every` is not positive, or very small.
    """
    step = positive("every", every, "h")
    if end / step > _MOST:
        raise bad("every", every, f"would give {end / step:.0f} output times", "choose a larger step")
    return np.arange(int(np.floor(end / step + 1e-9)) + 1) * step


def _shown(times: np.ndarray) -> object:
    return times.tolist() if times.size < 9 else f"array of {times.size}"


def last_interval(doses: Sequence[Dose], end: float) -> tuple[float, float]:
    """Start and end (h) of the last dosing interval that is complete by the end of the run.

    An interval lasts from a dose to the next one, taken or due. Without doses it is the last day; if no
    interval is complete, the one that was begun.
    """
    doses = [d for d in deciding(doses) if d.time < end - _SAME]
    if not doses:
        return max(0.0, end - HOURS_PER_DAY), end
    for last in sorted({d.time for d in doses}, reverse=True):
        due = min(
            [d.time for d in doses if d.time > last + _SAME]
            + [d.time + d.ii for d in doses if d.time <= last + _SAME < d.time + d.ii - _SAME]
        )
        if due <= end + _SAME:
            return last, min(due, end)
    return max(d.time for d in doses), end


def deciding(doses: Sequence[Dose]) -> Sequence[Dose]:
    """Doses whose intervals count: those of the package's drug where there are any, else all."""
    taken = [d for d in doses if d.amt > 0]
    return [d for d in taken if d.drug == DRUG] or taken or doses


@dataclass(frozen=True, eq=False)
class Look:
    """When the runs of a chunk are looked at.

    Attributes
    ----------
    times : array, shape (row, k)
        All times of a row (h), the user's and the nodes, ascending.
    user, node : array of int, shape (row, n_t), (row, n_nodes)
        Where the user's times and the nodes are among them.
    intervals : array, shape (row, 2)
        Start and end of the last dosing interval (h).
    """

    times: np.ndarray
    user: np.ndarray
    node: np.ndarray
    intervals: np.ndarray

    @property
    def node_times(self) -> np.ndarray:
        """Times of the nodes (h), shape (row, n_nodes)."""
        return np.take_along_axis(self.times, self.node, axis=1)


def look(
    user: np.ndarray, events: np.ndarray, intervals: Sequence[tuple[float, float]], end: float, nodes: bool
) -> Look:
    """Join output times and nodes, one row for each row of events.

    Parameters
    ----------
    user : array, shape (n_t,)
        Output times (h).
    events : array, shape (row, m)
        Times of the events of each row (h), padded with inf.
    intervals : sequence of (float, float)
        Last dosing interval of each row (h).
    end : float
        End of the run (h).
    nodes : bool
        Whether nodes are wanted; without them there is one row.
    """
    bounds = np.array(intervals, dtype=np.float64).reshape(-1, 2)
    if not nodes:
        return Look(user[None, :], np.arange(user.size)[None, :], np.zeros((1, 0), np.int64), bounds)
    rows = [
        metric_nodes(e[np.isfinite(e)], max(0.0, min(a, b - HOURS_PER_DAY)), b, end)
        for e, (a, b) in zip(events, bounds, strict=True)
    ]
    width = max(map(len, rows))
    padded = np.stack([np.concatenate([r, np.full(width - len(r), r[-1])]) for r in rows])
    joined = np.concatenate([np.broadcast_to(user, (len(rows), user.size)), padded], axis=1)
    order = np.argsort(joined, axis=1, kind="stable")
    place = np.argsort(order, axis=1, kind="stable")
    times = np.take_along_axis(joined, order, axis=1)
    return Look(times, place[:, : user.size], place[:, user.size :], bounds)
