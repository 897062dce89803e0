"""More nodes for courses that turn faster than nodes usually lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..readouts.curve import JUMP
from ..readouts.rough import COARSE, LOST, SMOOTH, filled, roughness, unfollowed
from .grid import evened, stretched
from .pieces import GROUP

Again = Callable[[np.ndarray, np.ndarray], np.ndarray]  # trajectories, their times -> values at these
_PASSES = 40  # a jump is narrowed from 0.6 h to 1e-5 h in five, and then others, smaller ones, come to light
_STEPS = 10  # steps of the solver to a node: where there are more, all gaps are looked into once
_EACH = 60_000  # numbers at nodes of a trajectory, at most, or
_MORE = 2  # times as many nodes as it has anyway: weeks of an opioid after the last dose have more than that


class Followed(NamedTuple):
    """Nodes that follow the courses.

    Attributes
    ----------
    times : array, shape (trajectory or 1, node)
        Node times (h); the last one is repeated where a trajectory has fewer.
    values : array, shape (trajectory, trace, node)
        Values at the nodes.
    lost : array of bool, shape (trajectory,)
        Whose courses are still not followed.
    """

    times: np.ndarray
    values: np.ndarray
    lost: np.ndarray


def followed(
    times: np.ndarray,
    values: np.ndarray,
    pace: np.ndarray,
    again: Again,
    per_block: int,
    smooth: float = SMOOTH,
) -> Followed:
    """Look at courses again, with more nodes where they are rough, until they are smooth between nodes.

    Parameters
    ----------
    times, values : array
        See `Followed`.
    pace : array, shape (trajectory,)
        Steps of the solver per hour, about.
    again : callable
        Solves some trajectories once more, given their numbers and node times, shape (some, node).
    per_block : int
        Trajectories among which steps may be shared: of a regimen, or all. Those that do share steps are solved
        together again, so that steps stay the same.
    smooth : float
        How far a node may be off its neighbours, see `readouts.rough`; farther where courses were lost otherwise.
    """
    found = _closer(times, values, pace, again, per_block, smooth, np.full(len(values), True))
    if smooth >= COARSE or not found.lost.any():
        return found
    other = _closer(times, values, pace, again, per_block, COARSE, found.lost)
    some = np.flatnonzero(found.lost & ~other.lost)
    return Followed(
        _replaced(_rows(found.times, np.arange(len(values))), some, _rows(other.times, some)),
        _replaced(found.values, some, other.values[some]),
        found.lost & other.lost,
    )


def _closer(
    times: np.ndarray,
    values: np.ndarray,
    pace: np.ndarray,
    again: Again,
    per_block: int,
    smooth: float,
    which: np.ndarray,
) -> Followed:
    """Follow those courses of which `which`, shape (trajectory,), is true; see `followed`."""
    n = len(values)
    idle = _unread(times)
    apart = np.where(idle, times, np.nan)  # nodes at the ends of what nobody reads
    off = np.where(idle, 0.0, roughness(times, values))
    room = np.broadcast_to(np.maximum(int(_EACH / values.shape[1]), _MORE * _counts(times)), n)
    # Where there are that many steps, a swing may be in step with the nodes: all gaps are looked into once.
    hours = np.where(idle[:, :-1] & idle[:, 1:], 0.0, np.diff(times, axis=1)).sum(axis=1)
    seen = off + np.where(pace * hours > _STEPS * times.shape[1], 1.01 * smooth, 0.0)[:, None]
    seen = np.where(idle, 0.0, seen)
    rough = unfollowed(times, seen, smooth) & which
    for _ in range(_PASSES):
        some = _with_mates(np.flatnonzero(rough), per_block, n)
        if not some.size:
            break
        rows = _rows(times, some)
        each = zip(some, rows, _counts(rows), seen[some], strict=True)
        finer = [filled(t[:k], o[:k], room[i], smooth) if rough[i] else t[:k] for i, t, k, o in each]
        new = evened(finer)
        new = stretched(new, max(new.shape[1], rows.shape[1]))
        if np.array_equal(new, rows):
            break
        block = some // per_block  # none shares steps with another
        blocks = [block == k for k in np.unique(block)]
        found = np.concatenate([again(some[own], new[own]) for own in blocks])
        times, values = _replaced(_rows(times, np.arange(n)), some, new), _replaced(values, some, found)
        still = roughness(new, found)
        for own, row, at in zip(still, new, _rows(apart, some), strict=True):
            own[np.isin(row, at)] = 0.0
        off = _replaced(np.zeros_like(times), some, still)
        seen = off
        rough[some] = unfollowed(new, off[some, : new.shape[1]], smooth) & which[some]
    return Followed(times, values, unfollowed(times, off, LOST))


def _unread(times: np.ndarray) -> np.ndarray:
    """Tell which nodes stand at the ends of a stretch that nobody reads: between two jumps there is no other node."""
    jump = np.pad(np.diff(times, axis=1) <= JUMP, ((0, 0), (1, 1)), constant_values=True)
    alone = jump[:, :-2] & ~jump[:, 1:-1] & jump[:, 2:]
    return np.pad(alone, ((0, 0), (0, 1))) | np.pad(alone, ((0, 0), (1, 0)))


def _counts(times: np.ndarray) -> np.ndarray:
    """Nodes of each row, the last one counted once, shape (row,)."""
    return 1 + (times < times[:, -1:]).sum(axis=1)


def _rows(times: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Node times of some trajectories, shape (some, node)."""
    return times[some] if len(times) > 1 else np.repeat(times, len(some), axis=0)


def _with_mates(some: np.ndarray, per_block: int, n: int) -> np.ndarray:
    """Add the trajectories of the same block that may share steps with some."""
    first = np.unique(some // per_block * per_block + some % per_block // GROUP * GROUP)
    every, heads = (first[:, None] + np.arange(GROUP)).ravel(), np.repeat(first, GROUP)
    return every[(every // per_block == heads // per_block) & (every < n)]


def _replaced(array: np.ndarray, some: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Put rows in the place of some; whichever are shorter repeat their last column."""
    width = max(array.shape[-1], new.shape[-1])
    array = np.array(stretched(array, width))
    array[some] = stretched(new, width)
    return array
