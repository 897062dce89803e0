"""When a run is looked at: the user's output times, and nodes for what is read of the course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import bad, positive, reals
from ..numeric import multiples
from ..readouts.nodes import BEFORE, metric_nodes
from ..regimen import Regimen
from ..regimen.window import Window

if TYPE_CHECKING:
    from ..annotations import Numbers

_MOST = 10_000_000


def given_times(times: Numbers | str | None) -> np.ndarray | None:
    """Bring output times to an array (h); None stays None.

    Raises
    ------
    InputError
        If they are not finite numbers >= 0 that ascend.
    """
    if times is None:
        return None
    chosen = reals("times", times, "must be a list of finite numbers (h)")
    shown = _shown(chosen)
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


def metric_ends(
    duration: float | None, times: np.ndarray | None, regimens: Sequence[Regimen | None], end: float
) -> list[float]:
    """How long each regimen is followed for its metrics (h), whatever the others in a dict are.

    To the end of the run where `duration` or `times` say how long that is, else to the end of the regimen.
    """
    if duration is not None:
        return [end] * len(regimens)
    least = 0.0 if times is None else float(times[-1])
    return [end if r is None or not r.end else max(r.end, least) for r in regimens]


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
    return multiples(step, int(np.floor(end / step + 1e-9)) + 1)


def _shown(times: np.ndarray) -> object:
    return times.tolist() if times.size < 9 else f"array of {times.size}"


@dataclass(frozen=True, eq=False)
class Look:
    """When the runs of a chunk are looked at.

    Attributes
    ----------
    times : array, shape (row, k)
        All times of a row (h), the user's and the nodes, ascending.
    user, node : array of int, shape (row, n_t), (row, n_nodes)
        Where the user's times and the nodes are among them.
    """

    times: np.ndarray
    user: np.ndarray
    node: np.ndarray

    @property
    def node_times(self) -> np.ndarray:
        """Times of the nodes (h), shape (row, n_nodes)."""
        return np.take_along_axis(self.times, self.node, axis=1)

    @classmethod
    def of(cls, user: np.ndarray, nodes: np.ndarray) -> Look:
        """Join the user's times, shape (n_t,), and the nodes of each row, shape (row, n_nodes)."""
        joined = np.concatenate([np.broadcast_to(user, (len(nodes), user.size)), nodes], axis=1)
        order = np.argsort(joined, axis=1, kind="stable")
        place = np.argsort(order, axis=1, kind="stable")
        times = np.take_along_axis(joined, order, axis=1)
        return cls(times, place[:, : user.size], place[:, user.size :])

    def refined(self, more: int) -> Look:
        """Put `more` nodes between any two that do not mark a jump."""
        nodes = self.node_times
        if not (nodes.size and more):
            return self
        gaps = np.diff(nodes, axis=1)[:, :, None]
        inside = np.arange(1, more + 1) / (more + 1)
        between = nodes[:, :-1, None] + np.where(gaps > 2 * BEFORE, inside * gaps, 0.0)
        rows = [
            np.unique(np.concatenate([own, new.ravel()])) for own, new in zip(nodes, between, strict=True)
        ]
        return Look.of(np.take_along_axis(self.times, self.user, axis=1)[0], evened(rows))


def evened(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Make a table of rows of nodes, all stretched to the longest."""
    width = max(map(len, rows))
    return np.stack([stretched(r, width) for r in rows])


def stretched(array: np.ndarray, width: int) -> np.ndarray:
    """Repeat the last node until there are `width`; a repeated node changes no metric."""
    missing = width - array.shape[-1]
    return array if not missing else np.concatenate([array, np.repeat(array[..., -1:], missing, -1)], axis=-1)


def look(
    user: np.ndarray,
    events: np.ndarray,
    reads: Sequence[np.ndarray],
    windows: Sequence[Window],
    ends: Sequence[float],
) -> Look:
    """Join output times and nodes, one row for each row of events.

    Parameters
    ----------
    user : array, shape (n_t,)
        Output times (h).
    events : array, shape (row, m)
        Times of the events of each row (h), padded with inf.
    reads : sequence of array, shape (k, 2)
        What is read of each row (h); without any there are no nodes, and one row.
    windows : sequence of Window
        The last cycle of doses of each row.
    ends : sequence of float
        How far the nodes of each row go (h).
    """
    if not reads:
        return Look(user[None, :], np.arange(user.size)[None, :], np.zeros((1, 0), np.int64))
    rows = [
        metric_nodes(np.append(e[np.isfinite(e)], w.day), spans, w.end, end)
        for e, spans, w, end in zip(events, reads, windows, ends, strict=True)
    ]
    return Look.of(user, evened(rows))
