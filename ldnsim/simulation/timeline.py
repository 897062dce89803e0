"""What happens to n subjects at which times, collected column by column and laid out for the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..engine.events import Events, Kind


class Column(NamedTuple):
    """One event of every subject; `time` may differ (h), inf where a subject does not have it."""

    time: np.ndarray
    kind: Kind
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
        self._columns: list[Column] = []
        self._pending: list[tuple[Column, Column | None]] = []  # start and end of what a reset cancels

    def _add(self, time: np.ndarray | float, kind: Kind, index: int, value: np.ndarray | float) -> Column:
        wide = (np.array(np.broadcast_to(x, (self.n,)), dtype=np.float64) for x in (time, value))
        column = Column(next(wide), kind, index, next(wide))
        self._columns.append(column)
        return column

    def bolus(self, time: np.ndarray, state: int, amount: np.ndarray) -> None:
        """Add an amount to a state."""
        self._pending.append((self._add(time, Kind.ADD, state, amount), None))

    def infusion(self, start: np.ndarray, end: np.ndarray, state: int, rate: np.ndarray) -> None:
        """Feed a state at a rate (amount/h) from `start` to `end`; nothing where `end` is not later."""
        live = end > start
        begin = self._add(np.where(live, start, np.inf), Kind.RATE, state, rate)
        finish = self._add(np.where(live, end, np.inf), Kind.RATE, state, -np.asarray(rate))
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
        self._add(time, Kind.RESET, 0, 0.0)

    def put(self, time: float, states: np.ndarray) -> None:
        """Set all states, shape (n, n_states)."""
        self._add(time, Kind.STATE, 0, self._row_of(self.states, states))

    def change(self, time: float, constants: np.ndarray) -> None:
        """Exchange the constants, shape (n, n_constants)."""
        self._add(time, Kind.CONSTANTS, 0, self._row_of(self.constants, constants))

    def increase(self, time: float, amounts: np.ndarray) -> None:
        """Add to all states, shape (n, n_states)."""
        for state in np.flatnonzero(amounts.any(axis=0)):
            self._add(time, Kind.ADD, int(state), amounts[:, state])

    def _row_of(self, table: list[np.ndarray], rows: np.ndarray) -> np.ndarray:
        first = sum(map(len, table))
        table.append(np.array(np.broadcast_to(rows, (self.n, rows.shape[-1]))))
        return first + np.arange(self.n)

    def events(self, n_traj: int) -> Events:
        """Lay out for `n_traj` trajectories: row by row, times ascending."""
        rows = _laid_out(self._columns, self.n)
        row = np.arange(self.n) if self.n > 1 else np.zeros(n_traj, np.int64)
        return Events(row, *rows, **_tables(states=self.states, constants=self.constants))


def _laid_out(columns: Sequence[Column], n: int) -> tuple[np.ndarray, ...]:
    if not columns:
        return tuple(np.empty((n, 0)) for _ in range(4))
    time = np.stack([c.time for c in columns], axis=1)
    order = np.argsort(time, axis=1, kind="stable")
    used = int(np.isfinite(time).sum(axis=1).max())
    order = order[:, :used]
    kind = np.array([c.kind for c in columns])[order]
    index = np.array([c.index for c in columns])[order]
    value = np.take_along_axis(np.stack([c.value for c in columns], axis=1), order, axis=1)
    return np.take_along_axis(time, order, axis=1), kind, index, value


def _tables(**blocks: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Join the rows of each table; a table without rows is left out."""
    live = {name: [b for b in parts if len(b)] for name, parts in blocks.items()}
    return {name: np.concatenate(parts) for name, parts in live.items() if parts}


def stacked(parts: Sequence[Events]) -> Events:
    """Put the trajectories of several regimens one after another."""
    if len(parts) == 1:
        return parts[0]
    width = max(p.time.shape[1] for p in parts)
    first_row = np.cumsum([0, *(len(p.time) for p in parts)])
    first = {"states": 0, "constants": 0}
    blocks: dict[str, list[np.ndarray]] = {n: [] for n in ("time", "kind", "index", "value")}
    for p in parts:
        value = p.value.copy()
        for name, kind in (("states", Kind.STATE), ("constants", Kind.CONSTANTS)):
            value[p.kind == kind] += first[name]
            first[name] += len(getattr(p, name))
        padding = ((0, 0), (0, width - p.time.shape[1]))
        blocks["time"].append(np.pad(p.time, padding, constant_values=np.inf))
        blocks["value"].append(np.pad(value, padding))
        for name in ("kind", "index"):
            blocks[name].append(np.pad(getattr(p, name), padding))
    row = np.concatenate([p.row + k for p, k in zip(parts, first_row, strict=False)])
    whole = (np.concatenate(blocks[n]) for n in ("time", "kind", "index", "value"))
    tables = _tables(states=[p.states for p in parts], constants=[p.constants for p in parts])
    return Events(row, *whole, **tables)
