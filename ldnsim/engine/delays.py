"""Equations that look into the past: what was is kept step by step and asked for wherever a kernel runs.

A system with delays has, among its constants c, first the address of the trajectory's history and then one
value of the past for each delay. Its kernels are called through doors that fill in those values: the lag, the
state so long ago from the interpolant of the step it fell into (before the start: the initial state of that
time), and the delayed quantity there. No step is longer than the shortest lag that the equations themselves
use, so that the past is always known (Bellen, Zennaro, Numerical Methods for Delay Differential Equations,
2003, section 3); steps end where a jump comes back after a lag.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import numpy as np

from . import instants
from .compiled import JIT, NO_CALL, entry, instruction, invoke_rows, part, view
from .control import POLY, Y

ROOM = 64  # steps of history to begin with
WAITING = 64  # jumps on their way back
RETURNS = 4  # times a jump comes back before it is smooth enough for the method

# Slots of `head`.
N_STATES, N_DELAYS, COUNT, ROWS, WIDTH, SCRATCH = range(6)
LAGS, PASTS, INITIAL, RHS, OBSERVE, TRIGGERS, EFFECTS, SIDES = range(6, 14)
AHEAD = 14  # when a lag first was one that cannot be (h), infinity if never
N_HEAD = 15

# Columns of `rows`, one row a step; the polynomials of its states follow.
BEGIN, LENGTH, FIRST = 0, 1, 2


@dataclass(frozen=True, eq=False)
class DelayRules:
    """What a system's delays are; the kernels ``lags`` and ``pasts`` are in `System.calls`.

    Attributes
    ----------
    fed : array of bool, shape (n,)
        Whether the equations themselves use the delay, not only outputs and events.
    """

    fed: np.ndarray


class Delays(NamedTuple):
    """What the driver reads and writes for the past of one trajectory."""

    lags: Any
    head: np.ndarray  # (N_HEAD,)
    rows: np.ndarray  # (room, FIRST + 5 n_states)
    fed: np.ndarray  # (n_delays,)
    ago: np.ndarray  # (1, n_delays)
    returns: np.ndarray  # (WAITING, 2): when a jump comes back, and how many times it has


class History:
    """The past of one trajectory after another.

    Parameters
    ----------
    rules : DelayRules
    calls : dict
        Kernels of the system.
    n_states : int
    """

    def __init__(self, rules: DelayRules, calls: Any, n_states: int) -> None:
        n = len(rules.fed)
        self.kernels: dict[str, Any] = {k: calls[k].target if k in calls else NO_CALL for k in _KERNELS}
        self.rows = np.zeros((ROOM, FIRST + 5 * n_states))
        self.scratch = np.zeros((2, max(n, n_states, 1)))
        self.head = np.zeros(N_HEAD)
        self.head[[N_STATES, N_DELAYS, WIDTH]] = n_states, n, self.rows.shape[1]
        self.head[SCRATCH] = self.scratch.ctypes.data
        if JIT:
            for name, slot in _KERNELS.items():
                self.head[slot] = self.kernels[name]
        self.fed, self.ago = np.array(rules.fed, dtype=np.bool_), np.zeros((1, n))
        self.returns = np.full((WAITING, 2), np.inf)
        _plain[self.address] = self

    @property
    def ahead(self) -> float:
        """When a lag first was below 0, or 0 in the equations (h); infinity if none was."""
        return float(self.head[AHEAD])

    @property
    def address(self) -> int:
        """Where it lies, which is the first constant of the trajectory."""
        return self.head.ctypes.data

    def begin(self) -> Delays:
        """Forget all."""
        self.head[COUNT], self.head[AHEAD] = 0.0, np.inf
        self.returns[:] = np.inf
        return self.view()

    def view(self) -> Delays:
        """Hand out what the driver works on, with room for another step."""
        if self.head[COUNT] >= len(self.rows):
            self.rows = np.concatenate([self.rows, np.zeros_like(self.rows)])
        self.head[ROWS] = self.rows.ctypes.data
        lags = self.kernels["lags"]
        return Delays(lags, self.head, self.rows, self.fed, self.ago, self.returns)


_KERNELS = {"lags": LAGS, "pasts": PASTS, "initial": INITIAL, "rhs": RHS, "observe": OBSERVE}
_KERNELS |= {"triggers": TRIGGERS, "effects": EFFECTS, "sides": SIDES}
_DOORS = ("rhs", "observe", "triggers", "effects", "sides")
_plain: WeakValueDictionary[int, History] = WeakValueDictionary()  # by address, for kernels without a JIT


# --- in the driver ----------------------------------------------------------------------------------------


@part
def is_full(self):
    """Whether the history has no room for another step."""
    return self.head[COUNT] >= self.rows.shape[0]


@part
def remember(self, t, h, w):
    """Keep the step from t of length h, whose interpolant is ready."""
    row, n = int(self.head[COUNT]), w.shape[1]
    self.rows[row, BEGIN], self.rows[row, LENGTH] = t, h
    for j in range(5):
        for i in range(n):
            self.rows[row, FIRST + j * n + i] = w[POLY + j, i]
    self.head[COUNT] += 1.0


@part
def farthest(self, t, c, w):
    """Where a step from t must end at the latest, so that what it needs of the past is known (h)."""
    shortest_lag = np.inf
    invoke_rows(self.lags, t, w, Y, c, self.ago, 0)
    for k in range(self.fed.size):
        if self.fed[k]:
            shortest_lag = min(shortest_lag, self.ago[0, k])
    if shortest_lag <= 0.0:
        self.head[AHEAD] = min(self.head[AHEAD], t)
    return t + shortest_lag


@part
def note_jump(self, t, c, w):
    """Let what happens at t come back after each lag, and count how often it has."""
    times = 0.0
    for place in range(self.returns.shape[0]):
        if self.returns[place, 0] <= t + instants.WIDTH * max(1.0, abs(t)):
            times = max(times, self.returns[place, 1]) if times > 0.0 else self.returns[place, 1]
            self.returns[place, 0] = np.inf
    invoke_rows(self.lags, t, w, Y, c, self.ago, 0)
    for k in range(self.fed.size):
        if times < RETURNS and self.ago[0, k] > 0.0:
            _await(self, t + self.ago[0, k], times + 1.0)


@part
def _await(self, due, times):
    for place in range(self.returns.shape[0]):
        if abs(self.returns[place, 0] - due) <= instants.WIDTH * max(1.0, abs(due)):
            self.returns[place, 1] = min(self.returns[place, 1], times)
            return
    for place in range(self.returns.shape[0]):
        if self.returns[place, 0] == np.inf:
            self.returns[place, 0], self.returns[place, 1] = due, times
            return


@part
def returns_next(self, t):
    """Time at which a jump comes back next (h), infinity if none does."""
    soonest = np.inf
    for place in range(self.returns.shape[0]):
        if self.returns[place, 0] > t:
            soonest = min(soonest, self.returns[place, 0])
    return soonest


# --- the doors of kernels ---------------------------------------------------------------------------------


@part
def _fill(t, y, c, lags, pasts, initial, head, rows, scratch):
    """Write the values of the past into c, for the state y at time t; scratch holds lags or values, and a state."""
    n, count = y.shape[1], int(head[COUNT])
    for k in range(int(head[N_DELAYS])):
        invoke_rows(lags, t, y, 0, c, scratch, 0)
        lag = scratch[0, k]
        if lag < 0.0 and lag > -instants.WIDTH * max(1.0, abs(t)):
            lag = 0.0  # rounding
        if lag < 0.0:
            head[AHEAD] = min(head[AHEAD], t)
        then = t - lag
        row = -1
        if lag > 0.0:
            row = _row_of(then, count, rows)
        if lag == 0.0:
            for i in range(n):
                scratch[1, i] = y[0, i]
        elif row >= 0:
            part_of_step = (then - rows[row, BEGIN]) / rows[row, LENGTH]
            for i in range(n):
                value = rows[row, FIRST + 4 * n + i]
                for j in range(3, -1, -1):
                    value = rows[row, FIRST + j * n + i] + part_of_step * value
                scratch[1, i] = value
        else:
            invoke_rows(initial, then, y, 0, c, scratch, 1)
        invoke_rows(pasts, then, scratch, 1, c, scratch, 0)
        c[1 + k] = scratch[0, k] if lag >= 0.0 else np.nan  # nobody knows the future


@part
def _row_of(t, count, rows):
    """Return the last step that had begun at t, -1 if none had."""
    if count == 0:
        return -1
    t = t + instants.WIDTH * max(1.0, abs(t))  # a jump is at its instant
    if rows[0, BEGIN] > t:
        return -1
    low, high = 0, count
    while high - low > 1:
        middle = (low + high) // 2
        if rows[middle, BEGIN] <= t:
            low = middle
        else:
            high = middle
    return low


def _through_the_past(slot: int, name: str) -> Any:
    """Make the door of a kernel."""

    def plain(t, y, c, out):
        past = _plain[int(c[0])]
        own = (past.kernels[k] for k in ("lags", "pasts", "initial"))
        _fill(t, y.reshape(1, -1), c, *own, past.head, past.rows, past.scratch)
        past.kernels[name](t, y, c, out)

    if not JIT:
        return entry(plain)(plain)

    def compiled(t, y, c, out):
        head = view(pointer_at(int(view(c, 1)[0])), N_HEAD)
        n, width = int(head[N_STATES]), int(head[WIDTH])
        states, constants = view(y, (1, n)), view(c, 1 + int(head[N_DELAYS]))
        rows = view(pointer_at(int(head[ROWS])), (max(1, int(head[COUNT])), width))
        scratch = view(pointer_at(int(head[SCRATCH])), (2, max(n, int(head[N_DELAYS]), 1)))
        _fill(
            t, states, constants, int(head[LAGS]), int(head[PASTS]), int(head[INITIAL]), head, rows, scratch
        )
        invoke_rows(int(head[slot]), t, states, 0, constants, view(out, (1, 1)), 0)

    compiled.__qualname__ = f"{name}_through_the_past"
    return entry(plain)(compiled)


@instruction("ldnsim.engine.instructions")
def pointer_at(address):
    """Take a whole number for the address of doubles."""


DOORS = {name: _through_the_past(_KERNELS[name], name) for name in _DOORS}
