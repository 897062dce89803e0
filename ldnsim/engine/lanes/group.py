"""A group of lanes in memory: filled from trajectories, changed by events, freed of lanes that failed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..compiled import part
from ..control import EPSILON, FINISHED, NON_FINITE, STEP_UNDERFLOW, TOO_MANY_STEPS
from ..events import Kind
from .calls import call_derive

ADD, RATE, SET, MULTIPLY = int(Kind.ADD), int(Kind.RATE), int(Kind.SET), int(Kind.MULTIPLY)
RESET, STATE, CONSTANTS = int(Kind.RESET), int(Kind.STATE), int(Kind.CONSTANTS)


class Place(NamedTuple):
    """Where things lie in the work block, in doubles from its beginning."""

    origin: int  # what kernels get a pointer to
    width: int  # lanes
    y0: int
    y1: int
    rates: int
    constants: int
    first: int  # increments of the first stage, in numbers of their precision
    first_step: int  # distance of two states' increments, likewise
    n_first: int
    error: int  # likewise
    rtol: int
    atol: int


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
    start: np.ndarray  # first trajectory of each group
    count: np.ndarray  # how many it has
    atol: np.ndarray
    rtol: float
    t0: float
    max_steps: int


class Results(NamedTuple):
    """The arrays of a `Solution`; of its values the address."""

    values: int
    status: np.ndarray
    fail_time: np.ndarray
    last_state: np.ndarray
    steps: np.ndarray
    rejected: np.ndarray


class Group(NamedTuple):
    """Bookkeeping of one group, an entry a lane."""

    trajectory: np.ndarray  # which trajectory the lane computes
    event: np.ndarray  # its next event
    output: np.ndarray  # its next output
    status: np.ndarray
    target: np.ndarray  # address of its values


@part
def fill(place, inputs, group, g, work):
    """Load the trajectories of group g; lanes too many repeat its last one."""
    w = place.width
    for lane in range(w):
        i = inputs.start[g] + min(lane, inputs.count[g] - 1)
        group.trajectory[lane] = i
        group.event[lane] = 0
        group.output[lane] = 0
        group.status[lane] = FINISHED
        for j in range(inputs.constants.shape[1]):
            work[place.constants + j * w + lane] = inputs.constants[i, j]
        for s in range(inputs.y0.shape[1]):
            work[place.y0 + s * w + lane] = inputs.y0[i, s]
            work[place.rates + s * w + lane] = 0.0


@part
def next_event(inputs, group, t_end):
    """Time of the group's next event, at most t_end."""
    for lane in range(group.event.size):
        k, row = group.event[lane], inputs.row[group.trajectory[lane]]
        if k < inputs.time.shape[1]:
            t_end = min(t_end, inputs.time[row, k])
    return t_end


@part
def near(t):
    """Distance (h) below which two times are one instant: sums of intervals differ by rounding."""
    return 8.0 * EPSILON * abs(t)


@part
def apply_events(calls, place, inputs, group, t, y, work):
    """Let all events up to t act on their lanes; say whether there was one."""
    soon, acted, changed = t + near(t), False, False
    for lane in range(place.width):
        row = inputs.row[group.trajectory[lane]]
        while group.event[lane] < inputs.time.shape[1] and inputs.time[row, group.event[lane]] <= soon:
            changed |= _apply(place, inputs, row, group.event[lane], lane, group.trajectory[lane], y, work)
            group.event[lane] += 1
            acted = True
    if changed:
        call_derive(calls.derive, work.ctypes.data + 8 * place.origin)
    return acted


@part
def _apply(place, inputs, row, event, lane, i, y, work):
    """Let one event act; say whether it changed constants."""
    w = place.width
    kind, value = inputs.kind[row, event], inputs.value[row, event]
    at = y + inputs.index[row, event] * w + lane
    if kind == ADD:
        work[at] += value
    elif kind == SET:
        work[at] = value
    elif kind == MULTIPLY:
        work[at] *= value
    elif kind == RATE:
        at = place.rates + inputs.index[row, event] * w + lane
        work[at] += value
        if abs(work[at]) <= 1e-13 * abs(value):
            work[at] = 0.0  # what is left when an infusion stops is rounding
    elif kind == RESET:
        for s in range(inputs.y0.shape[1]):
            work[y + s * w + lane] = inputs.y0[i, s]
            work[place.rates + s * w + lane] = 0.0
    elif kind == STATE:
        for s in range(inputs.y0.shape[1]):
            work[y + s * w + lane] = inputs.states_table[int(value), s]
    elif kind == CONSTANTS:
        for j in range(inputs.constants.shape[1]):
            work[place.constants + j * w + lane] = inputs.constants_table[int(value), j]
        return True
    return False


@part
def hopeless(place, work, stages, y):
    """Mark lanes whose state or first increment is not finite, whatever the step; return whether any is."""
    w, found = place.width, False
    bad = np.zeros(w, np.bool_)
    for lane in range(w):
        for s in range((place.y1 - place.y0) // w):
            bad[lane] |= not np.isfinite(work[y + s * w + lane])
        for s in range(place.n_first):
            bad[lane] |= not np.isfinite(stages[place.first + s * place.first_step + lane])
        found |= bad[lane]
    return found, bad


@part
def worst_lanes(place, stages, error):
    """Mark the lanes that have a tenth of the group's error or more, or none that is finite."""
    bad = np.zeros(place.width, np.bool_)
    for lane in range(place.width):
        bad[lane] = not stages[place.error + lane] < 0.1 * error
    return bad


@part
def retire(calls, place, inputs, group, results, bad, status, t, y, work):
    """Take failed lanes out: note how they ended and let a healthy lane's copy stand in; False if none is left."""
    w = place.width
    mate = -1
    for lane in range(w):
        if group.status[lane] == FINISHED and not bad[lane]:
            mate = lane
    for lane in range(w):
        if bad[lane] and group.status[lane] == FINISHED:
            group.status[lane] = status
            _note_failure(place, group, results, lane, t, y, work)
    if mate < 0:
        return False
    for lane in range(w):
        if group.status[lane] != FINISHED and (bad[lane] or group.trajectory[lane] != group.trajectory[mate]):
            _copy_lane(place, inputs, group, mate, lane, y, work)
    call_derive(calls.derive, work.ctypes.data + 8 * place.origin)
    return True


@part
def _note_failure(place, group, results, lane, t, y, work):
    i = group.trajectory[lane]
    if results.status[i] == FINISHED:
        results.status[i] = group.status[lane]
        results.fail_time[i] = t
        for s in range(results.last_state.shape[1]):
            results.last_state[i, s] = work[y + s * place.width + lane]


@part
def _copy_lane(place, inputs, group, mate, lane, y, work):
    w = place.width
    group.trajectory[lane] = group.trajectory[mate]
    group.event[lane] = group.event[mate]
    for j in range(inputs.constants.shape[1]):
        work[place.constants + j * w + lane] = work[place.constants + j * w + mate]
    for s in range(inputs.y0.shape[1]):
        work[y + s * w + lane] = work[y + s * w + mate]
        work[place.rates + s * w + lane] = work[place.rates + s * w + mate]


__all__ = ["NON_FINITE", "STEP_UNDERFLOW", "TOO_MANY_STEPS"]
