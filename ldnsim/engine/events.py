"""Timed events: doses, infusions, resets and changes of constants, hit exactly and in order."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import numpy as np

from ..errors import bad


class EventKind(enum.IntEnum):
    """What an event does at its time to state i = `index` with v = `value`."""

    ADD = 1  # y[i] += v
    RATE = 2  # input rate u[i] += v (amount/h), negative to stop it
    SET = 3  # y[i] = v
    MULTIPLY = 4  # y[i] *= v
    RESET = 5  # y = the initial state, u = 0
    STATE = 6  # y = states[int(v)]
    CONSTANTS = 7  # c = constants[int(v)]
    BREAK = 8  # nothing: a step ends here because the equations jump


@dataclass(frozen=True, eq=False)
class Events:
    """Rows of timed events; each trajectory follows one row, usually all the same.

    Attributes
    ----------
    row : array of int, shape (n_traj,)
        The row of the arrays below that belongs to a trajectory.
    time : array, shape (n_rows, m)
        Times (h), ascending in a row, padded with +inf; equal times act in the order given.
    kind : array of int8, shape (n_rows, m)
        See `EventKind`.
    index : array of int32, shape (n_rows, m)
        The state that is changed.
    value : array, shape (n_rows, m)
        Amount, rate (amount/h), factor, or row of a table below.
    states : array, shape (k, n_states)
        Rows for `EventKind.STATE`.
    constants : array, shape (k, n_constants)
        Rows for `EventKind.CONSTANTS`.
    """

    row: np.ndarray
    time: np.ndarray
    kind: np.ndarray
    index: np.ndarray
    value: np.ndarray
    states: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    constants: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    def __post_init__(self) -> None:
        for name, dtype in _DTYPES.items():
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=dtype))
        shape = self.time.shape
        if len(shape) != 2 or any(getattr(self, n).shape != shape for n in ("kind", "index", "value")):
            raise bad("events", shape, "time, kind, index and value must share one shape (rows, events)")
        if np.isnan(self.time).any() or (self.time[:, 1:] < self.time[:, :-1]).any():
            raise bad("events.time", self.time, "must ascend in each row and hold no NaN")

    @classmethod
    def none(cls, n_traj: int) -> Events:
        """No events for any of `n_traj` trajectories."""
        empty = np.empty((1, 0))
        return cls(np.zeros(n_traj), empty, empty, empty, empty)

    @classmethod
    def of(
        cls, records: list[tuple[float, EventKind, int, float]], n_traj: int = 1, **tables: np.ndarray
    ) -> Events:
        """One row, shared by all trajectories, from (time, kind, index, value) records in any order."""
        if not records:
            return cls.none(n_traj)
        time, kind, index, value = zip(*sorted(records, key=lambda r: r[0]), strict=True)
        rows = [np.array([column]) for column in (time, kind, index, value)]
        return cls(np.zeros(n_traj), *rows, **tables)

    @property
    def infuse(self) -> bool:
        """Whether any of them starts or stops an infusion."""
        return bool((self.kind[np.isfinite(self.time)] == EventKind.RATE).any())

    def check(self, n_traj: int, n_states: int, n_constants: int, t0: float) -> None:
        """Refuse events that do not fit the system."""
        live = np.isfinite(self.time)
        if self.row.shape != (n_traj,):
            raise bad("events.row", self.row.shape, f"must have one entry a trajectory ({n_traj})")
        if self.row.size and not (self.row.min() >= 0 and self.row.max() < len(self.time)):
            raise bad("events.row", int(self.row.max()), f"must be a row of events, 0..{len(self.time) - 1}")
        if (self.time[live] < t0).any():
            raise bad("events.time", float(self.time[live].min()), f"must not lie before the start, {t0} h")
        if not np.isfinite(self.value[live]).all():
            raise bad("events.value", self.value, "must be finite")
        self._check_kinds(live, n_states, n_constants)

    def _check_kinds(self, live: np.ndarray, n_states: int, n_constants: int) -> None:
        kind, index, value = self.kind[live], self.index[live], self.value[live]
        if kind.size and not (kind.min() >= EventKind.ADD and kind.max() <= EventKind.BREAK):
            raise bad("events.kind", kind, "must be one of " + ", ".join(f"{k.name}={k}" for k in EventKind))
        target = index[kind <= EventKind.MULTIPLY]
        if target.size and not (target.min() >= 0 and target.max() < n_states):
            raise bad("events.index", target, f"must be a state, 0..{n_states - 1}")
        for table, which, width in (
            (self.states, EventKind.STATE, n_states),
            (self.constants, EventKind.CONSTANTS, n_constants),
        ):
            rows = value[kind == which]
            if rows.size and (rows.min() < 0 or rows.max() >= len(table) or table.shape[1] != width):
                raise bad("events.value", rows, f"must be a row of the {which.name.lower()} table")


_DTYPES = {
    "row": np.int64,
    "time": np.float64,
    "kind": np.int8,
    "index": np.int32,
    "value": np.float64,
    "states": np.float64,
    "constants": np.float64,
}
