"""One trajectory from its first to its last output: events hit exactly, outputs from the interpolant."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import invoke_rows, invoke_step, kernel, part
from .control import (
    ATOL,
    EPSILON,
    FINISHED,
    H_AGAIN,
    H_DONE,
    LIMIT,
    PEAK,
    POINT,
    REJECTED,
    RTOL,
    STEPS,
    Y_NEW,
    U,
    Y,
    restart,
)
from .dense import interpolant, interpolate
from .events import Kind

ADD, RATE, SET, MULTIPLY = int(Kind.ADD), int(Kind.RATE), int(Kind.SET), int(Kind.MULTIPLY)
RESET, STATE, CONSTANTS = int(Kind.RESET), int(Kind.STATE), int(Kind.CONSTANTS)


class Calls(NamedTuple):
    """Addresses of the method's step and of the system's kernels; see `ldnsim.engine.compiled`."""

    step: int
    rhs: int
    jac: int
    dfdt: int
    observe: int


class Inputs(NamedTuple):
    """The arrays of a problem; see `ldnsim.engine.problem.Problem` and `ldnsim.engine.events.Events`."""

    y0: np.ndarray
    constants: np.ndarray
    row: np.ndarray
    events: np.ndarray  # (n_rows, m, 4): time, kind, index, value
    states_table: np.ndarray
    constants_table: np.ndarray
    times: np.ndarray
    times_row: np.ndarray
    outputs: np.ndarray
    output_states: np.ndarray
    atol: np.ndarray
    rtol: float
    t0: float
    max_steps: int
    stiff: bool


class Results(NamedTuple):
    """The arrays of a `Solution`; `values` holds the trajectories of one piece only."""

    values: np.ndarray
    status: np.ndarray
    fail_time: np.ndarray
    last_state: np.ndarray
    steps: np.ndarray
    rejected: np.ndarray
    peak: np.ndarray


class Memory(NamedTuple):
    """What one thread works in."""

    control: np.ndarray  # see `ldnsim.engine.control`
    w: np.ndarray
    m: np.ndarray
    pivot: np.ndarray
    seen: np.ndarray  # (1, n_outputs)
    c: np.ndarray  # (n_constants,)


@kernel
def run_block(first, last, calls, inputs, memory, results):
    """Integrate trajectories first..last-1; `results.values` holds just these."""
    control, w, m, pivot = memory.control, memory.w, memory.m, memory.pivot
    seen, c = memory.seen, memory.c
    for i in range(first, last):
        begin(i, inputs, c, control, w)
        status, t = trajectory(i, calls, inputs, c, control, w, m, pivot, seen, results.values[i - first])
        end(i, status, t, control, w, results)


@part
def begin(i, inputs, c, control, w):
    """Set the work arrays for trajectory i."""
    control[H_AGAIN] = 0.0
    control[STEPS] = 0.0
    control[REJECTED] = 0.0
    control[LIMIT] = inputs.max_steps
    control[RTOL] = inputs.rtol
    for j in range(w.shape[1]):
        w[ATOL, j] = inputs.atol[j]
        w[Y, j] = inputs.y0[i, j]
        w[U, j] = 0.0
        w[PEAK, j] = 0.0
    for j in range(c.size):
        c[j] = inputs.constants[i, j]


@part
def end(i, status, t, control, w, results):
    """Note how trajectory i ended."""
    results.status[i] = status
    if status != FINISHED:
        results.fail_time[i] = t
    for j in range(w.shape[1]):
        results.last_state[i, j] = w[Y, j]
        results.peak[i, j] = w[PEAK, j]
    results.steps[i] = int(control[STEPS])
    results.rejected[i] = int(control[REJECTED])


@part
def trajectory(i, calls, inputs, c, control, w, m, pivot, seen, values):
    """Integrate trajectory i from w[Y]; return its status and the time reached."""
    events, times = inputs.events[inputs.row[i]], inputs.times[inputs.times_row[i]]
    outputs, states = inputs.outputs, inputs.output_states
    y0, tables = inputs.y0[i], (inputs.states_table, inputs.constants_table)
    stiff, n_events, n_times = inputs.stiff, events.shape[0], times.size
    event = output = np.intp(0)
    t = inputs.t0
    while True:
        soon = t + near(t)
        while event < n_events and events[event, 0] <= soon:
            apply(y0, tables, events, event, c, w)
            event += 1
        note_peak(w, Y)
        while output < n_times and times[output] <= soon:
            emit(calls.observe, t, Y, c, w, outputs, states, seen, values, output)
            output += 1
        if output == n_times:
            return FINISHED, t
        t_end = times[n_times - 1]
        if event < n_events:
            t_end = min(t_end, events[event, 0])
        status = restart(calls.rhs, t, t_end, c, control, w)
        while status == FINISHED and t_end - t > near(t_end):
            status = invoke_step(
                calls.step, t, t_end, calls.rhs, calls.jac, calls.dfdt, c, control, w, m, pivot
            )
            if status == FINISHED:
                h = control[H_DONE]
                t_new = t_end if h >= t_end - t else t + h
                last = t_end - near(t_end)  # outputs at the end wait for the events there
                ready = False
                while times[output] <= t_new and times[output] < last:
                    if not ready:
                        interpolant(stiff, control, w)
                        ready = True
                    interpolate((times[output] - t) / (t_new - t), w)
                    emit(calls.observe, times[output], POINT, c, w, outputs, states, seen, values, output)
                    output += 1
                t = t_new
                forward(w)
        if status != FINISHED:
            return status, t
        t = t_end


@part
def forward(w):
    """Make the new state the old one."""
    for i in range(w.shape[1]):
        w[Y, i] = w[Y_NEW, i]
    note_peak(w, Y)


@part
def near(t):
    """Distance (h) below which two times are one instant: sums of intervals differ by rounding."""
    return 8.0 * EPSILON * abs(t)


@part
def note_peak(w, y):
    """Keep the largest |y| of each state."""
    for i in range(w.shape[1]):
        w[PEAK, i] = max(w[PEAK, i], abs(w[y, i]))


@part
def apply(y0, tables, events, event, c, w):
    """Let one event act on the state, the running infusions or the constants."""
    kind, index, value = int(events[event, 1]), int(events[event, 2]), events[event, 3]
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
            w[Y, j] = y0[j]
            w[U, j] = 0.0
    elif kind == STATE:
        for j in range(w.shape[1]):
            w[Y, j] = tables[0][int(value), j]
    elif kind == CONSTANTS:
        for j in range(c.size):
            c[j] = tables[1][int(value), j]


@part
def emit(observe, t, y, c, w, outputs, states, seen, values, output):
    """Write the outputs at one time from the state in row y of w."""
    known = False
    for j in range(outputs.size):
        state = states[outputs[j]]
        if state >= 0:
            values[j, output] = w[y, state]
        else:
            if not known:
                invoke_rows(observe, t, w, y, c, seen, 0)
                known = True
            values[j, output] = seen[0, outputs[j]]
