"""What happens to n subjects at which times, collected train by train and laid out for the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..engine.events import EventKind, Events


class Train(NamedTuple):
    """Events of one kind: k of every subject, shape (n, k); times may differ (h), inf where there is none."""

    time: np.ndarray
    kind: EventKind
    index: int
    value: np.ndarray


class Timeline:
    """Events of `n` subjects. At equal times those recorded first act first.

    Parameters
    ----------
    n : int
        Number of subjects, 1 where all share their events.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self.states: list[np.ndarray] = []
        self.constants: list[np.ndarray] = []
        self._trains: list[Train] = []
        self._pending: list[tuple[Train, Train | None]] = []  # starts and ends of what a reset cancels

    def _add(self, time: np.ndarray | float, kind: EventKind, index: int, value: np.ndarray | float) -> Train:
        time, value = _column(time), _column(value)
        shape = (self.n, time.shape[1])
        wide = np.empty(shape), np.empty(shape)
        wide[0][...], wide[1][...] = time, value
        self._trains.append(Train(wide[0], kind, index, wide[1]))
        return self._trains[-1]

    def bolus(self, time: np.ndarray, state: int, amount: np.ndarray) -> None:
        """Add an amount, shape (n,), to a state at times of shape (n,) or (n, k)."""
        self._pending.append((self._add(time, EventKind.ADD, state, amount), None))

    def infusion(self, start: np.ndarray, end: np.ndarray, state: int, rate: np.ndarray) -> None:
        """Feed a state at a rate (amount/h) from `start` to `end`; nothing where `end` is not later."""
        start, end = _column(start), _column(end)
        live = end > start
        begin = self._add(np.where(live, start, np.inf), EventKind.RATE, state, rate)
        finish = self._add(np.where(live, end, np.inf), EventKind.RATE, state, -np.asarray(rate))
        self._pending.append((begin, finish))

    def cancel(self, time: float) -> None:
        """End the infusions that run at `time` and drop whatever would have come from then on."""
        for begin, finish in self._pending:
            late = begin.time >= time
            begin.time[late] = np.inf
            if finish is not None:
                finish.time[late] = np.inf
                finish.time[~late & (finish.time > time)] = time
        self._pending = []

    def reset(self, time: float) -> None:
        """Put every state back to the start of the run."""
        self._add(time, EventKind.RESET, 0, 0.0)

    def put(self, time: np.ndarray | float, states: np.ndarray) -> None:
        """Set all states, shape (n, n_states), at a time of each."""
        self._add(time, EventKind.STATE, 0, self._row_of(self.states, states))

    def change(self, time: float, constants: np.ndarray) -> None:
        """Exchange the constants, shape (n, n_constants)."""
        self._add(time, EventKind.CONSTANTS, 0, self._row_of(self.constants, constants))

    def increase(self, time: float, amounts: np.ndarray) -> None:
        """Add to all states, shape (n, n_states)."""
        for state in np.flatnonzero(amounts.any(axis=0)):
            self._add(time, EventKind.ADD, int(state), amounts[:, state])

    def _row_of(self, table: list[np.ndarray], rows: np.ndarray) -> np.ndarray:
        first = sum(map(len, table))
        table.append(np.array(np.broadcast_to(rows, (self.n, rows.shape[-1]))))
        return first + np.arange(self.n)

    def events(self, n_traj: int) -> Events:
        """Lay out for `n_traj` trajectories: row by row, times ascending."""
        rows = _laid_out(self._trains, self.n)
        row = np.arange(self.n) if self.n > 1 else np.zeros(n_traj, np.int64)
        return Events(row, *rows, **_tables(states=self.states, constants=self.constants))


def _column(x: np.ndarray | float) -> np.ndarray:
    x = np.asarray(x, dtype=np.float64)
    return x if x.ndim == 2 else x.reshape(-1, 1)


def _laid_out(trains: Sequence[Train], n: int) -> tuple[np.ndarray, ...]:
    if not trains:
        return tuple(np.empty((n, 0)) for _ in range(4))
    time = np.concatenate([t.time for t in trains], axis=1)
    order = np.argsort(time, axis=1, kind="stable")
    used = int(np.isfinite(time).sum(axis=1).max())
    order = order[:, :used]
    lengths = [t.time.shape[1] for t in trains]
    kind = np.repeat([t.kind for t in trains], lengths)[order]
    index = np.repeat([t.index for t in trains], lengths)[order]
    value = np.take_along_axis(np.concatenate([t.value for t in trains], axis=1), order, axis=1)
    return np.take_along_axis(time, order, axis=1), kind, index, value


def _tables(**blocks: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Join the rows of each table; a table without rows is left out."""
    live = {name: [b for b in parts if len(b)] for name, parts in blocks.items()}
    return {name: np.concatenate(parts) for name, parts in live.items() if parts}


def stacked(parts: Sequence[Events]) -> Events:
    """Put the trajectories of several regimens one after another."""
    if len(parts) == 1:
        return parts[0]
    shape = sum(len(p.time) for p in parts), max(p.time.shape[1] for p in parts)
    time, value = np.full(shape, np.inf), np.zeros(shape)
    kind, index = np.zeros(shape, np.int8), np.zeros(shape, np.int32)
    row, at, states, constants = [], 0, 0, 0
    for p in parts:
        here = slice(at, at + len(p.time)), slice(p.time.shape[1])
        time[here], kind[here], index[here] = p.time, p.kind, p.index
        value[here] = (
            p.value + states * (p.kind == EventKind.STATE) + constants * (p.kind == EventKind.CONSTANTS)
        )
        row.append(p.row + at)
        at, states, constants = at + len(p.time), states + len(p.states), constants + len(p.constants)
    tables = _tables(states=[p.states for p in parts], constants=[p.constants for p in parts])
    return Events(np.concatenate(row), time, kind, index, value, **tables)
