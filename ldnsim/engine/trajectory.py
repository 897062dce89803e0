"""One trajectory from its first to its last output: events hit exactly, outputs from the interpolant."""

from __future__ import annotations

import numpy as np

from .bends import retreat
from .compiled import invoke_rows, invoke_step, kernel, part
from .control import (
    BUDGET,
    EVENT,
    FINISHED,
    H_DONE,
    HOLD,
    OUTPUT,
    PAUSED,
    PEAK,
    POINT,
    STEP_UNDERFLOW,
    STOP,
    T_END,
    TIME,
    UNDER_WAY,
    Y0,
    Y_NEW,
    U,
    Y,
    jump_edge,
    near,
    restart,
)
from .delays import farthest, is_full, note_jump, remember, returns_next
from .dense import interpolant, interpolate
from .events import EventKind
from .triggers import carry_out, due_next, flip

ADD, RATE, SET, MULTIPLY = (
    int(EventKind.ADD),
    int(EventKind.RATE),
    int(EventKind.SET),
    int(EventKind.MULTIPLY),
)
RESET, STATE, CONSTANTS = int(EventKind.RESET), int(EventKind.STATE), int(EventKind.CONSTANTS)


@kernel
def trajectory(
    calls, stiff, jumps, events, tables, times, wanted, c, control, w, m, pivot, seen, values, triggers, delays, bends
):  # fmt: skip
    """Integrate from w[Y] at control[TIME] to the last of `times`; return a status.

    After control[BUDGET] steps it returns `PAUSED` and goes on from there when it is called again.

    Parameters
    ----------
    calls : tuple of int
        Addresses: step of the method; rhs, jac, dfdt, observe of the system.
    stiff : bool
        Whether the interpolant is that of the stiff method.
    jumps : bool
        Whether the equations jump at events; the interval between two is then a hair shorter than it is, so
        that no evaluation falls on the other side of a jump.
    events : array, shape (m, 4)
        Time, kind, index and value of each event.
    tables : tuple of array
        Rows of states and of constants that events may set.
    times : array, shape (n_t,)
    wanted : array of int, shape (2, n_out)
        The output, and the state it is equal to or -1.
    c, control, w, m, pivot, seen : array
        Constants and work memory, see `ldnsim.engine.control`.
    values : array, shape (n_out, n_t)
        The answer.
    triggers, delays : tuple or None
        See the modules of their names; Numba compiles the driver once without them and once with.
    bends : tuple
        See `ldnsim.engine.bends`.
    """
    step, rhs, jac, dfdt, observe = calls
    n_times = times.size
    t_last = times[n_times - 1]
    event, output = int(control[EVENT]), int(control[OUTPUT])
    t, t_end, stop, hold = control[TIME], control[T_END], control[STOP], control[HOLD]
    status = FINISHED
    while True:
        if control[UNDER_WAY] == 0.0:
            event = act(tables, events, event, t, c, w)
            if triggers is not None:
                status = carry_out(triggers, t, t + near(t), c, w)
                if status != FINISHED:
                    return status
            note_peak(w)
            if delays is not None:
                note_jump(delays, t, c, w)
            t_end = next_instant(events, event, triggers, delays, t)
            hold = t_end - near(t_end)  # outputs wait for all events of their instant
            if t_end > t_last + near(t_last):
                t_end, hold = max(t, t_last), np.inf
            while output < n_times and times[output] <= t and times[output] < hold:
                emit(observe, t, Y, c, w, wanted, seen, values, output)
                output += 1
            if output == n_times:
                return FINISHED
            edge = jump_edge(t, t_end) if jumps else 0.0
            t, stop = t + edge, t_end - edge
            bring_in(2.0 * edge, w)
            status = restart(rhs, t, stop, c, control, w)
            control[UNDER_WAY] = 1.0
        while status == FINISHED and t < stop:
            if control[BUDGET] <= 0.0 or (delays is not None and is_full(delays)):
                pause(event, output, t_end, stop, hold, control)
                return PAUSED
            control[BUDGET] -= 1.0
            reach = stop if delays is None else min(stop, farthest(delays, t, c, w))
            if not reach > t:
                return STEP_UNDERFLOW
            status = invoke_step(step, t, reach, rhs, jac, dfdt, c, control, w, m, pivot)
            if status == FINISHED:
                h = control[H_DONE]
                t_new = reach if h >= reach - t else t + h
                if retreat(bends, stiff, t, t_new, stop, c, control, w):
                    continue
                asked = output < n_times and times[output] <= t_new
                if asked or triggers is not None or delays is not None:
                    interpolant(stiff, control, w)
                if delays is not None:
                    remember(delays, t, t_new - t, w)
                t_flip = flip(triggers, t, t_new, c, w) if triggers is not None else np.inf
                if t_flip <= t_new:
                    t_end = stop = t_flip
                    hold = t_end - near(t_end)
                if asked:
                    output = emit_within(observe, t, t_new, hold, c, w, wanted, seen, values, times, output)
                if stop < t_new:
                    interpolate((stop - t) / (t_new - t), w, Y_NEW)
                    t_new = stop
                t = control[TIME] = t_new
                forward(w)
        if status != FINISHED:
            return status
        t = control[TIME] = t_end
        control[UNDER_WAY] = 0.0


@part
def next_instant(events, event, triggers, delays, t):
    """Time of what happens next after t (h), infinity if nothing does."""
    t_next = events[event, 0] if event < events.shape[0] else np.inf
    if triggers is not None:
        t_next = min(t_next, due_next(triggers))
    if delays is not None:
        t_next = min(t_next, returns_next(delays, t))
    return t_next


@part
def bring_in(time, w):
    """Add what infusions bring in a short time (h)."""
    for i in range(w.shape[1]):
        w[Y, i] += time * w[U, i]


@part
def pause(event, output, t_end, stop, hold, control):
    """Note where to go on."""
    control[EVENT], control[OUTPUT] = event, output
    control[T_END], control[STOP], control[HOLD] = t_end, stop, hold


@part
def forward(w):
    """Make the new state the old one."""
    for i in range(w.shape[1]):
        w[Y, i] = w[Y_NEW, i]
    note_peak(w)


@part
def note_peak(w):
    """Keep the largest |y| of each state."""
    for i in range(w.shape[1]):
        w[PEAK, i] = max(w[PEAK, i], abs(w[Y, i]))


@part
def act(tables, events, event, t, c, w):
    """Let all events up to t act; return the next one."""
    while event < events.shape[0] and events[event, 0] <= t:
        apply(tables, events, event, c, w)
        event += 1
    return event


@part
def apply(tables, events, event, c, w):
    """Let one event act on the state, the running infusions or the constants."""
    kind, index, value = int(events[event, 1]), int(events[event, 2]), events[event, 3]
    states, constants = tables
    if kind == ADD:
        w[Y, index] += value
    elif kind == RATE:
        w[U, index] += value
        if abs(w[U, index]) <= 1e-13 * abs(value):
            w[U, index] = 0.0  # what is left when an infusion stops is rounding
    elif kind == SET:
        w[Y, index] = value
    elif kind == MULTIPLY:
        w[Y, index] *= value
    elif kind == RESET:
        for j in range(w.shape[1]):
            w[Y, j] = w[Y0, j]
            w[U, j] = 0.0
    elif kind == STATE:
        for j in range(w.shape[1]):
            w[Y, j] = states[int(value), j]
    elif kind == CONSTANTS:
        for j in range(c.size):
            c[j] = constants[int(value), j]


@part
def emit(observe, t, y, c, w, wanted, seen, values, output):
    """Write the outputs at one time from the state in row y of w."""
    known = False
    for j in range(wanted.shape[1]):
        state = wanted[1, j]
        if state >= 0:
            values[j, output] = w[y, state]
        else:
            if not known:
                invoke_rows(observe, t, w, y, c, seen, 0)
                known = True
            values[j, output] = seen[0, wanted[0, j]]


@part
def emit_within(observe, t, t_new, hold, c, w, wanted, seen, values, times, output):
    """Write the outputs of a step whose interpolant is ready, those before `hold`; return the next one."""
    while output < times.size and times[output] <= t_new and times[output] < hold:
        interpolate((times[output] - t) / (t_new - t), w, POINT)
        emit(observe, times[output], POINT, c, w, wanted, seen, values, output)
        output += 1
    return output
