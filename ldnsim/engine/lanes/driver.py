"""Advance a group of lanes through its events and outputs with one time and one step size."""

from __future__ import annotations

import numpy as np

from ..control import EPSILON, FINISHED, NON_FINITE, landing, near
from .calls import call_step
from .emit import emit, flush
from .facts import (
    ATOL,
    JUMPS,
    MAX_STEPS,
    ORIGIN,
    PEAK,
    PEAKS,
    REJECTED,
    RTOL,
    STATE,
    STEP,
    STEPS,
    TIME_ROW,
    WHO,
    WIDTH,
    WORK,
    Y0,
    Y1,
)
from .failure import hopeless, mark_worst, retire, trouble
from .group import apply_events, fill, get_column, next_event, note_peak, set_column
from .jit import kernel, part

CONTINUE, RESTART, RETRY = np.int32(0), np.int32(1), np.int32(2)  # how a step begins
SAFETY, SHRINK = 0.9, 0.2
GROW = 4.0  # at most: a step that grew more, as after the short first one of an interval, is mostly rejected
FIRST_STEP = 0.01  # the first step of all, as a share of its interval
EARLY = 3.0**-0.2  # errors count five times before the second event, where most starts from rest


@kernel
def run_groups(
    first, last, facts, starts, counts, y0, constants, table, events, other_states, other_constants, times,
    t0, rtol, atol, report, last_state, peak,
    group, bad, work,
):  # fmt: skip
    """Integrate groups first..last-1 one after another.

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
    work : array
        The work block of this thread.
    """
    work[facts[RTOL]] = rtol
    set_column(work, facts[ATOL], 1, 0, atol)
    for g in range(first, last):
        fill(facts, group, starts[g], counts[g], y0, constants, work)
        steps, rejected, y = advance(
            facts, group, bad, y0, table, events, other_states, other_constants, times, t0, report, last_state,
            work,
        )  # fmt: skip
        for lane in range(counts[g]):
            i = starts[g] + lane
            report[i, STEPS] = steps
            report[i, REJECTED] = rejected
            if group[STATE, lane] == FINISHED:
                get_column(work, y, facts[WIDTH], lane, last_state[i])
            if facts[PEAKS]:
                get_column(work, facts[PEAK], facts[WIDTH], lane, peak[i])


@part
def advance(
    facts, group, bad, y0, table, events, other_states, other_constants, times, t0, report, last_state,
    work,
):  # fmt: skip
    """Integrate one group; return steps, rejected steps, and where its last state lies."""
    y, y_new, t = facts[Y0], facts[Y1], t0
    steps = rejected = intervals = blind = np.intp(0)
    limit = facts[MAX_STEPS]
    t_last = latest(facts, group, table, times)
    h = h_first = 0.0
    begin, after_event, alive = RESTART, False, True
    while alive:
        if apply_events(facts, group, table, events, t, y, y0, other_states, other_constants, work):
            begin, after_event, h = RESTART, True, h_first
            intervals += 1
        note_peak(facts, y)
        t_out = emit(facts, group, table, times, t, t + near(t), np.inf, y)
        if not np.isfinite(t_out):
            break
        t_end = next_event(facts, group, table, events, t_last)
        if h <= 0.0:
            h = FIRST_STEP * (t_end - t)
        weight = EARLY if intervals <= 1 else 1.0
        # Where the equations jump at events, no evaluation may fall on the other side of a jump.
        hair = near(max(abs(t), abs(t_end))) if facts[JUMPS] else 0.0
        t, stop = t + hair, t_end - hair
        while alive and stop - t > near(stop):
            h = landing(h, t, stop)
            larger = -1.0
            if h > 4.0 * EPSILON * abs(t) and steps + rejected < limit:
                larger = weight * call_step(
                    facts[STEP], facts[WORK] + 8 * facts[ORIGIN], facts[WORK] + 8 * y, facts[WORK] + 8 * y_new,
                    t, h, begin,
                )  # fmt: skip
            if larger >= 1.0:
                t_new = stop if h >= stop - t else t + h
                if t_out < t_new:
                    t_out = emit(facts, group, table, times, t, t_new - near(t_new), h, y)
                if after_event:
                    h_first, after_event = h, False
                h *= min(1.0 if begin == RETRY else GROW, SAFETY * larger)
                t, y, y_new, begin, blind = t_new, y_new, y, CONTINUE, 0
                note_peak(facts, y)
                steps += 1
                continue
            rejected += 1
            finite = larger != 0.0
            blind = 0 if finite else blind + 1
            h *= max(SHRINK, SAFETY * larger) if finite else 0.1
            begin = RETRY
            status = trouble(facts, h, t, finite, blind, steps + rejected, limit)
            if status != FINISHED:
                mark_worst(facts, work, bad)  # before the check, which writes over the errors
            elif blind == 1 and hopeless(facts, y, work, bad):
                status = NON_FINITE
            if status != FINISHED:
                alive = retire(
                    facts, group, bad, status, t, y, report, last_state, other_constants.shape[1], work
                )
                begin, blind, h = RESTART, 0, max(h_first, FIRST_STEP * (t_end - t))
                limit = max(limit, steps + rejected + facts[MAX_STEPS] // 10 + 1)
        t = t_end
    flush(facts, group)
    return steps, rejected, y


@part
def latest(facts, group, table, times):
    """Last output time of the group, whoever else is in the run."""
    t = -np.inf
    for lane in range(facts[WIDTH]):
        t = max(t, times[table[group[WHO, lane], TIME_ROW], -1])
    return t
