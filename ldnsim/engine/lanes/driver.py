"""Advance a group of lanes through its events and outputs with one time and one step size."""

from __future__ import annotations

import numpy as np

from ..compiled import kernel, part
from ..control import (
    FINISHED,
    NON_FINITE,
    STEP_UNDERFLOW,
    is_sliver,
    is_too_short,
    jump_edge,
    landing,
    near,
    shortest,
)
from . import facts as f
from . import way as at
from .calls import call_step
from .emit import emit, flush
from .facts import STATE
from .failure import BLIND, give_up, hopeless, mark_worst, retire
from .group import apply_events, fill, get_column, infuse, next_event, note_peak, set_column

CONTINUE, RESTART, RETRY = np.int32(0), np.int32(1), np.int32(2)  # how a step begins
SAFETY, SHRINK = 0.9, 0.2
GROW = 4.0  # at most: a step that grew more, as after the short first one of an interval, is mostly rejected
FIRST_STEP = 0.01  # the first step of all, as a share of its interval
EARLY = 3.0**-0.2  # errors count five times before the second event, where most starts from rest
CROSSED, PAUSED, DEAD = 0, 1, 2  # how an interval ended


@kernel
def run_groups(
    first, last, facts, starts, counts, y0, constants, table, events, other_states, other_constants, times,
    t0, rtol, atol, report, last_state, peak,
    group, bad, way, work,
):  # fmt: skip
    """Integrate groups first..last-1 one after another; return the one to go on with, `last` at the end.

    Parameters
    ----------
    facts, table, events, report : array
        See `ldnsim.engine.lanes.facts`.
    starts, counts : array of int
        First trajectory of each group, and how many it has.
    peak : array
        Filled with the largest |y| of each trajectory's states, where facts ask for it.
    group, bad : array
        Bookkeeping of the lanes; marks on those that fail.
    way : array
        See `ldnsim.engine.lanes.way`; zeros at the first call.
    work : array
        The work block of this thread.
    """
    work[facts[f.RTOL]] = rtol
    set_column(work, facts[f.ATOL], 1, 0, atol)
    way[at.LEFT] = facts[f.SLICE]
    g = first
    while g < last and way[at.LEFT] > 0.0:
        if way[at.UNDER_WAY] == 0.0:
            fill(facts, group, starts[g], counts[g], y0, constants, work)
            set_out(facts, group, table, times, t0, way)
        advance(
            facts, group, bad, y0, table, events, other_states, other_constants, report, last_state, times,
            way, work,
        )  # fmt: skip
        if way[at.UNDER_WAY] == 0.0:
            for lane in range(counts[g]):
                i = starts[g] + lane
                report[i, f.STEPS] = way[at.STEPS]
                report[i, f.REJECTED] = way[at.REJECTED]
                if group[STATE, lane] == FINISHED:
                    get_column(work, np.intp(way[at.AT]), facts[f.WIDTH], lane, last_state[i])
                if facts[f.PEAKS]:
                    get_column(work, facts[f.PEAK], facts[f.WIDTH], lane, peak[i])
            g += 1
    return g


@part
def set_out(facts, group, table, times, t0, way):
    """Put a group at its start."""
    left = way[at.LEFT]
    way[:] = 0.0
    way[at.LEFT], way[at.UNDER_WAY] = left, 1.0
    way[at.T] = way[at.T_OUT] = t0
    way[at.AT], way[at.BEGIN] = facts[f.Y0], RESTART
    way[at.T_ACTED] = way[at.T_LAST] = -np.inf
    for lane in range(facts[f.WIDTH]):
        way[at.T_LAST] = max(way[at.T_LAST], times[table[group[f.WHO, lane], f.TIME_ROW], -1])


@part
def advance(
    facts, group, bad, y0, table, events, other_states, other_constants, report, last_state, times,
    way, work,
):  # fmt: skip
    """Integrate one group to its end, or until it is time for a pause."""
    while True:
        if way[at.INSIDE] == 0.0:
            see_to_events(facts, group, table, events, y0, other_states, other_constants, way, work)
            if not open_interval(facts, group, table, events, times, y0.shape[1], way, work):
                break
        outcome = cross(
            facts, group, bad, table, report, last_state, times, other_constants.shape[1], way, work
        )
        if outcome == PAUSED:
            return
        if outcome == DEAD:
            break
        way[at.T], way[at.INSIDE] = way[at.T_END], 0.0
    flush(facts, group)
    way[at.UNDER_WAY] = way[at.INSIDE] = 0.0


@part
def see_to_events(facts, group, table, events, y0, other_states, other_constants, way, work):
    """Let the events of this time act on their lanes."""
    t, y = way[at.T], np.intp(way[at.AT])
    if apply_events(facts, group, table, events, t, y, y0, other_states, other_constants, work):
        way[at.BEGIN], way[at.AFTER_EVENT], way[at.H] = RESTART, 1.0, way[at.H_FIRST]
        if t - way[at.T_ACTED] > near(t):
            way[at.INTERVALS] += 1.0
        way[at.T_ACTED] = t
    note_peak(facts, y)


@part
def open_interval(facts, group, table, events, times, n_states, way, work):
    """Write the outputs of this time and find the next end of an interval; False where nothing is left to do.

    Outputs wait for all events of their instant, but no event waits for another.
    """
    t, t_last = way[at.T], way[at.T_LAST]
    t_end = next_event(facts, group, table, events)
    hold = t_end - near(t_end)
    if t_end > t_last + near(t_last):
        t_end, hold = max(t, t_last), np.inf
    due = min(np.nextafter(t, np.inf), hold)
    way[at.T_OUT] = emit(facts, group, table, times, t, due, np.inf, np.intp(way[at.AT]))
    if not np.isfinite(way[at.T_OUT]):
        return False
    if way[at.H] <= 0.0:
        way[at.H] = FIRST_STEP * (t_end - t)
    way[at.H] = max(way[at.H], 2.0 * shortest(t))
    edge = 0.0
    if facts[f.JUMPS]:
        edge = jump_edge(t, t_end)
        infuse(facts, 2.0 * edge, np.intp(way[at.AT]), n_states, work)
    way[at.T], way[at.T_END], way[at.STOP], way[at.HOLD] = t + edge, t_end, t_end - edge, hold
    way[at.H_DUE], way[at.INSIDE] = way[at.H], 1.0
    return True


@part
def cross(facts, group, bad, table, report, last_state, times, n_constants, way, work):
    """Take steps to the end of an interval; say how it ended."""
    t, stop, h, t_out = way[at.T], way[at.STOP], way[at.H], way[at.T_OUT]
    y = np.intp(way[at.AT])
    y_new = facts[f.Y0] + facts[f.Y1] - y
    begin, blind = np.int32(way[at.BEGIN]), np.intp(way[at.BLIND])
    weight = EARLY if way[at.INTERVALS] <= 1.0 else 1.0
    tried, left = np.intp(way[at.STEPS] + way[at.REJECTED]), np.intp(way[at.LEFT])
    outcome = CROSSED
    while t < stop:
        if left <= 0:
            outcome = PAUSED
            break
        if tried >= facts[f.MAX_STEPS]:
            give_up(facts, group, bad, t, y, report, last_state, work)
            outcome = DEAD
            break
        taken = landing(h, t, stop)
        too_short = is_too_short(h, taken, t, stop)
        h, larger = min(h, taken), 0.0
        if not too_short:
            larger = weight * call_step(
                facts[f.STEP], facts[f.WORK] + 8 * facts[f.ORIGIN], facts[f.WORK] + 8 * y,
                facts[f.WORK] + 8 * y_new, t, taken, begin,
            )  # fmt: skip
            tried, left = tried + 1, left - 1
        if larger >= 1.0 or (larger > 0.0 and is_sliver(t, stop)):
            t_new = stop if h >= stop - t else t + h
            if t_out < t_new:
                t_out = emit(facts, group, table, times, t, min(t_new, way[at.HOLD]), h, y)
            if way[at.AFTER_EVENT] != 0.0:
                if (
                    t_new < stop or h > way[at.H_FIRST] > 0.0
                ):  # one cut short says little of the next interval
                    way[at.H_FIRST] = h
                way[at.AFTER_EVENT] = 0.0
            h *= min(1.0 if begin == RETRY else GROW, max(SHRINK, SAFETY * larger))
            t, y, y_new, begin, blind = t_new, y_new, y, CONTINUE, 0
            note_peak(facts, y)
            way[at.H_DUE] = h
            way[at.STEPS] += 1.0
            continue
        status = FINISHED
        if not too_short:
            way[at.REJECTED] += 1.0
            blind = blind + 1 if larger == 0.0 else 0
            h *= max(SHRINK, SAFETY * larger) if larger > 0.0 else 0.1
            begin = RETRY
        if too_short or blind >= BLIND:
            status = STEP_UNDERFLOW if blind == 0 else NON_FINITE
            mark_worst(facts, work, bad)
        elif blind == 1 and hopeless(facts, y, work, bad):
            status = NON_FINITE
        if status != FINISHED:
            if not retire(facts, group, bad, status, t, y, report, last_state, n_constants, work):
                outcome = DEAD
                break
            begin, blind, h = RESTART, 0, max(way[at.H_DUE], 2.0 * shortest(t))
    way[at.T], way[at.AT], way[at.H], way[at.T_OUT] = t, y, h, t_out
    way[at.BEGIN], way[at.BLIND], way[at.LEFT] = begin, blind, left
    return outcome
