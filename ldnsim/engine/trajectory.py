"""One trajectory from its first to its last output: events hit exactly, outputs from the interpolant."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import invoke, kernel, part
from .control import EPSILON, FINISHED, H_DONE, H_FIRST, REJECTED, STEPS, copy, fill, new_work, restart
from .dense import interpolant, interpolate
from .events import Kind
from .explicit import tsit5_step
from .rosenbrock import rodas5p_step

ADD, RATE, SET, MULTIPLY = int(Kind.ADD), int(Kind.RATE), int(Kind.SET), int(Kind.MULTIPLY)
RESET, STATE, CONSTANTS = int(Kind.RESET), int(Kind.STATE), int(Kind.CONSTANTS)


class Inputs(NamedTuple):
    """The arrays of a problem; see `ldnsim.engine.problem.Problem` and `ldnsim.engine.events.Events`."""

    y0: np.ndarray
    constants: np.ndarray
    row: np.ndarray
    time: np.ndarray
    kind: np.ndarray
    index: np.ndarray
    value: np.ndarray
    states_table: np.ndarray
    constants_table: np.ndarray
    times: np.ndarray
    times_row: np.ndarray
    outputs: np.ndarray
    output_states: np.ndarray
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


@kernel
def run_block(first, last, calls, inputs, atol, rtol, results):
    """Integrate trajectories first..last-1; `results.values` holds just these."""
    n = inputs.y0.shape[1]
    work = new_work(n, inputs.output_states.size, atol, rtol, inputs.max_steps)
    c = np.empty(inputs.constants.shape[1])
    for i in range(first, last):
        work.control[H_FIRST] = 0.0
        work.control[STEPS] = 0.0
        work.control[REJECTED] = 0.0
        copy(inputs.y0[i], work.y)
        fill(work.u, 0.0)
        copy(inputs.constants[i], c)
        peak = results.peak[i]
        note_peak(work.y, peak)
        status, t = trajectory(i, calls, inputs, c, work, results.values[i - first], peak)
        results.status[i] = status
        if status != FINISHED:
            results.fail_time[i] = t
        copy(work.y, results.last_state[i])
        results.steps[i] = int(work.control[STEPS])
        results.rejected[i] = int(work.control[REJECTED])


@part
def trajectory(i, calls, inputs, c, work, values, peak):
    """Integrate trajectory i from work.y; return its status and the time reached."""
    row, times = inputs.row[i], inputs.times[inputs.times_row[i]]
    n_events, n_times = inputs.time.shape[1], times.size
    event = output = np.intp(0)  # not literals, whose type would change in the loop
    t = inputs.t0
    while True:
        soon = t + near(t)
        while event < n_events and inputs.time[row, event] <= soon:
            apply(inputs, row, event, i, c, work)
            event += 1
        note_peak(work.y, peak)
        while output < n_times and times[output] <= soon:
            emit(calls, t, work.y, c, inputs, work, values, output)
            output += 1
        if output == n_times:
            return FINISHED, t
        t_end = times[n_times - 1]
        if event < n_events:
            t_end = min(t_end, inputs.time[row, event])
        status = restart(calls, t, t_end, c, work)
        while status == FINISHED and t_end - t > near(t_end):
            status = step(inputs.stiff, calls, t, t_end, c, work)
            if status == FINISHED:
                h = work.control[H_DONE]
                t_new = t_end if h >= t_end - t else t + h
                output = emit_inside(calls, t, t_new, t_end, c, inputs, work, values, times, output)
                t = t_new
                copy(work.y_new, work.y)
                note_peak(work.y, peak)
        if status != FINISHED:
            return status, t
        t = t_end


@part
def step(stiff, calls, t, t_end, c, work):
    """Take one accepted step with the method chosen."""
    if stiff:
        return rodas5p_step(calls, t, t_end, c, work)
    return tsit5_step(calls, t, t_end, c, work)


@part
def near(t):
    """Distance (h) below which two times are one instant: sums of intervals differ by rounding."""
    return 8.0 * EPSILON * abs(t)


@part
def note_peak(y, peak):
    """Keep the largest |y| of each state."""
    for i in range(y.size):
        peak[i] = max(peak[i], abs(y[i]))


@part
def apply(inputs, row, event, i, c, work):
    """Let one event act on the state, the running infusions or the constants."""
    kind = inputs.kind[row, event]
    index, value = inputs.index[row, event], inputs.value[row, event]
    y, u = work.y, work.u
    if kind == ADD:
        y[index] += value
    elif kind == RATE:
        u[index] += value
        if abs(u[index]) <= 1e-13 * abs(value):
            u[index] = 0.0  # what is left when an infusion stops is rounding
    elif kind == SET:
        y[index] = value
    elif kind == MULTIPLY:
        y[index] *= value
    elif kind == RESET:
        copy(inputs.y0[i], y)
        fill(u, 0.0)
    elif kind == STATE:
        copy(inputs.states_table[int(value)], y)
    elif kind == CONSTANTS:
        copy(inputs.constants_table[int(value)], c)


@part
def emit_inside(calls, t, t_new, stop, c, inputs, work, values, times, output):
    """Write the outputs due inside a step; those at its stop wait for the events there."""
    last = stop - near(stop)
    ready = False
    while output < times.size and times[output] <= t_new and times[output] < last:
        if not ready:
            interpolant(inputs.stiff, work.control[H_DONE], work)
            ready = True
        interpolate((times[output] - t) / (t_new - t), work)
        emit(calls, times[output], work.point, c, inputs, work, values, output)
        output += 1
    return output


@part
def emit(calls, t, y, c, inputs, work, values, output):
    """Write the outputs at one time from the state y."""
    wanted, states = inputs.outputs, inputs.output_states
    seen = False
    for j in range(wanted.size):
        state = states[wanted[j]]
        if state >= 0:
            values[j, output] = y[state]
        else:
            if not seen:
                invoke(calls.observe, t, y, c, work.seen)
                seen = True
            values[j, output] = work.seen[wanted[j]]
