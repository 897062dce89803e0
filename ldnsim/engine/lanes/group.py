"""A group of lanes in memory: filled from trajectories, changed by events."""

from __future__ import annotations

from ..compiled import part
from ..events import EventKind
from .calls import call_derive, call_peak
from .facts import (
    CONSTANTS,
    DERIVE,
    EVENT,
    EVENT_ROW,
    INDEX,
    KIND,
    N_OUT,
    NOTE_PEAK,
    ORIGIN,
    OUTPUT,
    PEAK,
    PEAKS,
    RATES,
    SHARED,
    SPARE,
    STATE,
    STRIDE,
    TARGET,
    TIME,
    VALUE,
    VALUES,
    WHO,
    WIDTH,
    WORK,
    Y0,
)

ADD, RATE, SET, MULTIPLY = (
    int(EventKind.ADD),
    int(EventKind.RATE),
    int(EventKind.SET),
    int(EventKind.MULTIPLY),
)
RESET, OTHER_STATE, OTHER_CONSTANTS = int(EventKind.RESET), int(EventKind.STATE), int(EventKind.CONSTANTS)


@part
def derive(facts):
    """Compute what follows from the constants of the lanes."""
    call_derive(facts[DERIVE], facts[WORK] + 8 * facts[ORIGIN])


@part
def fill(facts, group, start, count, y0, constants, work):
    """Load `count` trajectories from `start` on; lanes too many repeat the last one."""
    w = facts[WIDTH]
    for lane in range(w):
        group[EVENT, lane] = group[STATE, lane] = group[OUTPUT, lane] = 0
        i = start + min(lane, count - 1)
        group[WHO, lane] = i
        group[TARGET, lane] = (
            facts[VALUES] + i * facts[N_OUT] * facts[STRIDE] if lane < count else facts[SPARE]
        )
        set_column(work, facts[CONSTANTS], w, lane, constants[i])
        set_column(work, facts[Y0], w, lane, y0[i])
        for s in range(y0.shape[1]):
            work[facts[PEAK] + s * w + lane] = 0.0
        clear_rates(facts, lane, y0.shape[1], work)
    derive(facts)


@part
def note_peak(facts, y):
    """Keep the largest size of each state, where it is asked for."""
    if facts[PEAKS]:
        call_peak(facts[NOTE_PEAK], facts[WORK] + 8 * facts[ORIGIN], facts[WORK] + 8 * y)


@part
def set_column(work, place, w, lane, values):
    """Write values into one lane of consecutive rows."""
    for s in range(values.size):
        work[place + s * w + lane] = values[s]


@part
def get_column(work, place, w, lane, values):
    """Read one lane of consecutive rows."""
    for s in range(values.size):
        values[s] = work[place + s * w + lane]


@part
def clear_rates(facts, lane, n, work):
    """Stop all infusions of a lane."""
    for s in range(n):
        work[facts[RATES] + s * facts[WIDTH] + lane] = 0.0


@part
def infuse(facts, duration, y, n, work):
    """Add what the running infusions bring in a moment that no step covers."""
    for k in range(n * facts[WIDTH]):
        work[y + k] += duration * work[facts[RATES] + k]


@part
def copy_lane(facts, group, mate, lane, n_states, n_constants, y, work):
    """Let a lane compute what its mate computes, and write none of it over what the lane has written."""
    w = facts[WIDTH]
    group[WHO, lane] = group[WHO, mate]
    group[EVENT, lane] = group[EVENT, mate]
    if not facts[SHARED]:  # else one lane counts for all, and outputs of before may wait to be stored
        group[OUTPUT, lane] = group[OUTPUT, mate]
        group[TARGET, lane] = facts[SPARE]
    for s in range(n_states):
        work[y + s * w + lane] = work[y + s * w + mate]
        work[facts[RATES] + s * w + lane] = work[facts[RATES] + s * w + mate]
    for s in range(n_constants):
        work[facts[CONSTANTS] + s * w + lane] = work[facts[CONSTANTS] + s * w + mate]


@part
def next_event(facts, group, table, events):
    """Time of the group's next event, infinite if there is none."""
    t_end = float("inf")
    for lane in range(facts[WIDTH]):
        k, row = group[EVENT, lane], table[group[WHO, lane], EVENT_ROW]
        if k < events.shape[1]:
            t_end = min(t_end, events[row, k, TIME])
    return t_end


@part
def apply_events(facts, group, table, events, t, y, y0, states, constants, work):
    """Let all events up to t act on their lanes; say whether there was one."""
    acted, changed = False, False
    for lane in range(facts[WIDTH]):
        i = group[WHO, lane]
        row = table[i, EVENT_ROW]
        while group[EVENT, lane] < events.shape[1] and events[row, group[EVENT, lane], TIME] <= t:
            event = events[row, group[EVENT, lane]]
            changed |= _apply(facts, event, lane, y, y0[i], states, constants, work)
            group[EVENT, lane] += 1
            acted = True
    if changed:
        derive(facts)
    return acted


@part
def _apply(facts, event, lane, y, y0, states, constants, work):
    """Let one event act; say whether it changed constants."""
    w, kind, index, value = facts[WIDTH], int(event[KIND]), int(event[INDEX]), event[VALUE]
    at = y + index * w + lane
    if kind == ADD:
        work[at] += value
    elif kind == SET:
        work[at] = value
    elif kind == MULTIPLY:
        work[at] *= value
    elif kind == RATE:
        at = facts[RATES] + index * w + lane
        work[at] += value
        if abs(work[at]) <= 1e-13 * abs(value):
            work[at] = 0.0  # what is left when an infusion stops is rounding
    elif kind == RESET:
        set_column(work, y, w, lane, y0)
        clear_rates(facts, lane, y0.size, work)
    elif kind == OTHER_STATE:
        set_column(work, y, w, lane, states[int(value)])
    elif kind == OTHER_CONSTANTS:
        set_column(work, facts[CONSTANTS], w, lane, constants[int(value)])
        return True
    return False
