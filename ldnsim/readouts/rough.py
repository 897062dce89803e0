"""Where courses turn faster than nodes lie, and which nodes are missing there.

The value at a node is held against the polynomial through every second node around it. Where a course is smooth,
the spline through all nodes is some sixteen times closer than that; at a bend it is about as far off. Between two
nodes closer than `JUMP` the course may jump, see `.curve`.
"""

from __future__ import annotations

import numpy as np

from ..engine.compiled import kernel, part
from .curve import JUMP

SMOOTH = 0.002  # of the range of a stretch: a node farther off the nodes around it asks for others
BENT = 0.0005  # the same where the equations jump by themselves, so that courses bend
COARSE = 0.02  # the same for courses that are lost otherwise, as fine nodes leave no room for others
LOST = 0.1  # the same, beyond which readouts are not to be trusted
_NO_RANGE = 1e-3  # of the largest value of the course: a stretch that moves less is as good as constant
_SHARE = 0.25  # of the worst gap nearby: what is less follows from that one
_BESIDE = 3  # gaps on both sides of a jump that are off because of it
_UNEVEN = 0.236  # of a part: nodes in step with a swing see nothing of it
_AT_ONCE = 64  # trajectories
_FAR = 3  # nodes to the farthest neighbour
_MOST = 16  # into how many parts a gap is cut at once


def roughness(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Tell how far each node is off its neighbours, as a share of its stretch's range, the largest over traces.

    Parameters
    ----------
    times : array, shape (trajectory or 1, node)
        Node times (h).
    values : array, shape (trajectory, trace, node)
        Values at the nodes.

    Returns
    -------
    array, shape (trajectory, node)
        The ends of stretches have the shares of the nodes beside them, courses with missing values 0.
    """
    n = times.shape[1]
    out = np.zeros((len(values), n))
    weights, ends = np.zeros((4, n)), np.zeros(n, np.int64)
    beside, off = np.zeros(n + 2 * _FAR), np.zeros(n)
    for k in range(0, len(values), _AT_ONCE):  # copies, since the kernel is compiled for one kind of array
        some = slice(k, k + _AT_ONCE)
        own = np.array(times[some] if len(times) > 1 else times, order="C")
        _roughness(own, np.array(values[some], order="C"), out[some], weights, ends, beside, off)
    return out


@kernel
def _roughness(times, values, out, weights, ends, beside, off):
    n = times.shape[1]
    for i in range(len(values)):
        if i < len(times):
            _weigh(times[i], weights, ends)
        for j in range(values.shape[1]):
            v = values[i, j]
            low, high = _range(v)
            if not high - low < np.inf:  # values are missing, or infinite
                continue
            _compare(v, weights, beside, off)
            least = _NO_RANGE * max(high, -low)
            first = 0
            while first < n:
                last = ends[first]
                if last > first + 1:
                    lowest, highest = _range(v[first : last + 1])
                    scale = max(highest - lowest, least)
                    if 0.0 < scale < np.inf:
                        _raise(out[i, first + 1 : last], off[first + 1 : last], scale)
                    out[i, first], out[i, last] = out[i, first + 1], out[i, last - 1]
                elif last > first and least < high - low < np.inf:  # nothing is between: is it a jump?
                    share = abs(v[last] - v[first]) / (high - low)
                    out[i, first], out[i, last] = max(out[i, first], share), max(out[i, last], share)
                first = last + 1


@part
def _compare(v, weights, beside, off):
    """Hold each value against its neighbours. What is read beyond a stretch has no weight: so no step branches."""
    for k in range(v.size):
        beside[k + _FAR] = v[k]
    for k in range(v.size):
        own = beside[k + _FAR]
        off[k] = abs(
            weights[0, k] * (beside[k] - own)
            + weights[1, k] * (beside[k + 2] - own)
            + weights[2, k] * (beside[k + 4] - own)
            + weights[3, k] * (beside[k + 2 * _FAR] - own)
        )


@part
def _raise(out, off, scale):
    """Raise shares to those of another trace."""
    for k in range(out.size):
        share = off[k] / scale
        out[k] = share if share > out[k] else out[k]


@part
def _range(v):
    """Lowest and highest value; NaN if one is missing."""
    low = high = v[0]
    for x in v:
        if np.isnan(x):
            return x, x
        low, high = min(low, x), max(high, x)
    return low, high


@part
def _weigh(t, weights, ends):
    """Find the weights of every second node around each in its stretch, 0 where none is, and where stretches end."""
    weights[:] = 0.0
    first = 0
    for last in range(t.size):
        if last + 1 < t.size and t[last + 1] - t[last] > JUMP:
            continue
        ends[first] = last
        for k in range(first + 1, last):
            for m in range(4):
                a = k + 2 * m - 3
                if first <= a <= last:
                    weights[m, k] = _share(t, k, a, first, last)
        first = last + 1


@part
def _share(t, k, a, first, last):
    """Weight of node a in the polynomial through the neighbours of node k, at that node."""
    share = 1.0
    for m in range(4):
        b = k + 2 * m - 3
        if first <= b <= last and b != a:
            share *= (t[k] - t[b]) / (t[a] - t[b])
    return share


def filled(times: np.ndarray, off: np.ndarray, room: int, smooth: float = SMOOTH) -> np.ndarray:
    """Put nodes into the gaps beside nodes that are off; the latest first, as far as there is room.

    A gap that is off all alone holds a jump or a bend, and is cut into as many parts as may be; others into as
    many as a smooth course needs.

    Parameters
    ----------
    times : array, shape (node,)
        Node times (h).
    off : array, shape (node,)
        See `roughness`.
    room : int
        How many nodes there may be in all.
    smooth : float
        `SMOOTH`, `BENT` or `COARSE`.

    Returns
    -------
    array
        Node times, the same if there is no room.
    """
    gap, worst, both = np.diff(times), np.maximum(off[:-1], off[1:]), np.minimum(off[:-1], off[1:])
    rough = (worst > smooth) & (gap > JUMP)
    sharp = rough & (both > smooth) & (both >= _SHARE * _around(both).max(axis=0))
    narrow = np.ceil(1.5 * gap / JUMP)  # parts that are jumps, if need be
    alone = sharp & (_around(rough, 2 * _BESIDE).sum(axis=0) <= 2 * _BESIDE + 1)
    parts = np.clip(np.where(alone, _MOST, np.ceil(1.2 * (worst / smooth) ** 0.25)), 2, _MOST)
    new = np.where(rough, np.where(narrow <= 2 * _MOST, narrow, parts) - 1, 0).astype(np.int64)
    new[np.cumsum(new[::-1])[::-1] > room - times.size] = 0
    which = np.repeat(np.arange(new.size), new)
    number = np.arange(which.size) - np.repeat(np.cumsum(new) - new, new) + 1
    between = times[which] + gap[which] * (number - _UNEVEN) / (new[which] + 1)
    return np.sort(np.concatenate([times, between]))


def _around(gaps: np.ndarray, beside: int = _BESIDE) -> np.ndarray:
    """Put each gap and so many on both sides of it into a column."""
    return np.stack([np.pad(gaps, beside)[k : k + gaps.size] for k in range(2 * beside + 1)])


def unfollowed(times: np.ndarray, off: np.ndarray, limit: float) -> np.ndarray:
    """Tell which trajectories are off by more than a limit where nodes could lie closer, shape (trajectory,).

    Parameters
    ----------
    times : array, shape (trajectory or 1, node)
        Node times (h).
    off : array, shape (trajectory, node)
        See `roughness`.
    limit : float
        `SMOOTH`, `BENT`, `COARSE` or `LOST`.
    """
    gap = np.diff(times, axis=1)
    return ((np.maximum(off[:, :-1], off[:, 1:]) > limit) & (gap > JUMP)).any(axis=1)
