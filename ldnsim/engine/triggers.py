"""State-dependent events, as SBML means them: what turns true, when, and what it then does.

An event fires when its trigger turns from false to true; it is carried out after its delay, with the values
of that moment or of the moment it fired. Among those due at one instant the greatest priority goes first, one
of several with the same priority by lot, and each one carried out may fire others (SBML Level 3 Version 2 Core,
section 4.11). Events without a priority come last, as they fired and as they stand in the model. A flip inside a step is
found by looking at points of the step's interpolant and by bisection down to neighbouring times.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .compiled import JIT, instruction, invoke_rows, part
from .control import FINISHED, POINT, TOO_MANY_STEPS, Y
from .dense import interpolate
from .instants import EPSILON

LOOKS = 8  # points of a step at which triggers are looked at
CASCADE = 10_000  # events carried out at one instant; more never end
WAITING = 256  # events under way at once
HAIR = 32.0 * EPSILON  # of a time: more than the edge by which an interval between jumps is shorter

# Columns of `rules`, one row an event.
PERSISTENT, EARLY_VALUES, FIRST, LAST = 0, 1, 2, 3
# Rows of `now`.
BEFORE, AFTER = 0, 1
# Columns of `queue`, one row an event under way; values of its assignments follow.
DUE, EVENT, VALUES = 0, 1, 2


@dataclass(frozen=True, eq=False)
class TriggerRules:
    """What a system's events are; the functions are in `System.calls`.

    ``triggers`` writes 1 or 0 an event; ``effects`` writes, one after another, delays (h) and priorities of
    all events, then values and scales of all assignments: a state becomes value x scale.

    Attributes
    ----------
    initial : array of float, shape (n,)
        What each trigger was before the start.
    persistent, early_values : array of bool, shape (n,)
        Whether an event is carried out though its trigger turned false; whether its values are those of the
        moment it fired.
    first : array of int, shape (n + 1,)
        Where each event's assignments begin.
    states : array of int
        The state each assignment sets.
    unsteady : str
        Why a period may differ from the next though the states are the same; empty if it cannot.
    """

    initial: np.ndarray
    persistent: np.ndarray
    early_values: np.ndarray
    first: np.ndarray
    states: np.ndarray
    unsteady: str = ""


class Triggers(NamedTuple):
    """What the driver reads and writes for the events of one trajectory."""

    triggers: int
    effects: int
    rules: np.ndarray  # (n, 4)
    states: np.ndarray  # (n_assignments,)
    now: np.ndarray  # (2, n): triggers at the last look that counted, and now
    seen: np.ndarray  # (1, 2 n + 2 n_assignments): effects
    queue: np.ndarray  # (WAITING, 2 + most assignments)
    lots: Any  # who goes first among equals: function and state that draw numbers, or without a JIT their generator


def triggers_of(rules: TriggerRules, triggers: Any, effects: Any, lots: np.random.Generator) -> Triggers:
    """Allocate the memory of one trajectory, which draws lots of its own; two kernels are called by address."""
    n, first = len(rules.initial), np.asarray(rules.first)
    table = np.column_stack([rules.persistent, rules.early_values, first[:-1], first[1:]]).astype(float)
    queue = np.full((WAITING, 2 + int(np.diff(first).max(initial=0))), np.inf)
    seen = np.zeros((1, 2 * n + 2 * len(rules.states)))
    now = np.stack([rules.initial, rules.initial]).astype(float)
    states = np.asarray(rules.states, dtype=np.int64)
    return Triggers(triggers, effects, table, states, now, seen, queue, _to_draw(lots) if JIT else lots)


def _to_draw(lots: np.random.Generator) -> tuple[int, int]:
    """Return the addresses of a function that draws and of its state, which are those of the generator."""
    made = lots.bit_generator.ctypes
    address = ctypes.cast(made.next_double, ctypes.c_void_p).value or 0
    return address, made.state_address


@instruction("ldnsim.engine.instructions")
def draw(lots):
    """Draw a number of [0, 1)."""
    return lots.random()


def lots_of(seed: int, stream: int) -> np.random.Generator:
    """Return the generator of one trajectory: it depends on the seed and the number of its stream alone."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(stream,))))


@part
def carry_out(self, t, soon, c, w):
    """Fire what turned true and carry out all that is due, until nothing more happens; return a status."""
    done = 0
    while True:
        invoke_rows(self.triggers, t, w, Y, c, self.now, AFTER)
        if not _fire(self, t, c, w):
            return TOO_MANY_STEPS
        place = _most_urgent(self, t, soon, c, w)
        if place < 0:
            return FINISHED
        _assign(self, place, t, c, w)
        done += 1
        if done > CASCADE:
            return TOO_MANY_STEPS


@part
def _fire(self, t, c, w):
    """Put events whose trigger turned true into the queue, drop those that do not persist; False if full."""
    n = self.now.shape[1]
    known = False
    for e in range(n):
        before, after = self.now[BEFORE, e], self.now[AFTER, e]
        self.now[BEFORE, e] = after
        if after == 0.0 and before != 0.0 and self.rules[e, PERSISTENT] == 0.0:
            for place in range(self.queue.shape[0]):
                if self.queue[place, EVENT] == e:
                    self.queue[place, DUE] = np.inf
        if after != 0.0 and before == 0.0:
            if not known:
                invoke_rows(self.effects, t, w, Y, c, self.seen, 0)
                known = True
            if not _enqueue(self, e, t):
                return False
    return True


@part
def _enqueue(self, e, t):
    n = self.now.shape[1]
    for place in range(self.queue.shape[0]):
        if self.queue[place, DUE] == np.inf:
            due = t + max(0.0, self.seen[0, e])
            # Where equations jump a trigger is seen a hair late: without the hair what is due at an output
            # time would be carried out after it.
            self.queue[place, DUE] = max(t, due - HAIR * abs(due))
            self.queue[place, EVENT] = e
            first = int(self.rules[e, FIRST])
            for k in range(first, int(self.rules[e, LAST])):
                self.queue[place, VALUES + k - first] = self.seen[0, 2 * n + k]
            return True
    return False


@part
def _most_urgent(self, t, soon, c, w):
    """Place in the queue of the next event to carry out now, -1 if none is due."""
    best, known, equal = -1, False, 1
    for place in range(self.queue.shape[0]):
        if self.queue[place, DUE] <= soon:
            if not known:
                invoke_rows(self.effects, t, w, Y, c, self.seen, 0)
                known = True
            if best < 0 or _goes_before(self, place, best):
                best, equal = place, 1
            elif _is_equal(self, place, best):
                equal += 1
                if draw(self.lots) * equal < 1.0:  # each of the equals is as likely
                    best = place
    return best


@part
def _is_equal(self, a, b):
    n = self.now.shape[1]
    priority = self.seen[0, n + int(self.queue[a, EVENT])]
    return priority > -np.inf and priority == self.seen[0, n + int(self.queue[b, EVENT])]


@part
def _goes_before(self, a, b):
    n = self.now.shape[1]
    first, second = int(self.queue[a, EVENT]), int(self.queue[b, EVENT])
    if self.seen[0, n + first] != self.seen[0, n + second]:
        return self.seen[0, n + first] > self.seen[0, n + second]
    if _is_equal(self, a, b):
        return False
    if self.queue[a, DUE] != self.queue[b, DUE]:
        return self.queue[a, DUE] < self.queue[b, DUE]
    return first < second


@part
def _assign(self, place, t, c, w):
    """Carry out one event of the queue; `seen` holds the effects of this moment."""
    n, n_assignments = self.now.shape[1], self.states.size
    e = int(self.queue[place, EVENT])
    first = int(self.rules[e, FIRST])
    for k in range(first, int(self.rules[e, LAST])):
        early = self.rules[e, EARLY_VALUES] != 0.0
        value = self.queue[place, VALUES + k - first] if early else self.seen[0, 2 * n + k]
        w[Y, self.states[k]] = value * self.seen[0, 2 * n + n_assignments + k]
    self.queue[place, DUE] = np.inf


@part
def due_next(self):
    """Time of the next event under way (h), infinity if there is none."""
    soonest = np.inf
    for place in range(self.queue.shape[0]):
        soonest = min(soonest, self.queue[place, DUE])
    return soonest


@part
def flip(self, t, t_new, c, w):
    """First time in (t, t_new] at which a trigger is not what it was, infinity if none flips."""
    low = t
    for look in range(1, LOOKS + 1):
        high = t_new if look == LOOKS else t + (t_new - t) * (look / LOOKS)
        if _differs(self, high, t, t_new, c, w):
            while True:
                middle = 0.5 * (low + high)
                if not low < middle < high:
                    return high
                if _differs(self, middle, t, t_new, c, w):
                    high = middle
                else:
                    low = middle
        low = high
    return np.inf


@part
def _differs(self, at, t, t_new, c, w):
    interpolate((at - t) / (t_new - t), w, POINT)
    invoke_rows(self.triggers, at, w, POINT, c, self.now, AFTER)
    different = False
    for e in range(self.now.shape[1]):
        different = different or self.now[AFTER, e] != self.now[BEFORE, e]
    return different
