"""Advance a group of lanes through its events and outputs with one time and one step size."""

from __future__ import annotations

import numpy as np

from ..compiled import kernel, part
from ..control import EPSILON, FINISHED, NON_FINITE, STEP_UNDERFLOW, TOO_MANY_STEPS, landing
from .calls import call_derive, call_step
from .emit import emit_at, emit_inside, flush
from .group import Group, apply_events, fill, hopeless, near, next_event, retire, worst_lanes

CONTINUE, RESTART, RETRY = np.int32(0), np.int32(1), np.int32(2)  # how a step begins
SAFETY, SHRINK, GROW, ORDER = 0.9, 0.2, 6.0, 5.0
FIRST = 0.01  # the first step of all, as a share of its interval
EARLY = 5.0  # errors count so much more before the second event, where most starts from rest
BLIND = 12  # steps in a row whose error is not finite before lanes are given up


@kernel
def run_groups(first, last, calls, place, inputs, plan, results, work, stages, buffer, spare):
    """Integrate groups first..last-1 one after another.

    `work` is the block of this thread, `stages` the same memory in stage precision, `buffer` the outputs that
    wait to be stored, `spare` a row of values for lanes nobody asks for.
    """
    w = place.width
    base = work.ctypes.data + 8 * place.origin
    group = Group(
        np.zeros(w, np.int64), np.zeros(w, np.int64), np.zeros(w, np.int64), np.zeros(w, np.int8),
        np.zeros(w, np.int64),
    )  # fmt: skip
    for g in range(first, last):
        fill(place, inputs, group, g, work)
        for lane in range(w):
            real = lane < inputs.count[g]
            i = group.trajectory[lane]
            group.target[lane] = (
                results.values + i * plan.stride * plan.gather.size if real else spare.ctypes.data
            )
        for s in range(inputs.atol.size):
            work[place.atol + s] = inputs.atol[s]
        work[place.rtol] = inputs.rtol
        call_derive(calls.derive, base)
        steps, rejected, y, t = advance(calls, place, inputs, plan, results, group, work, stages, buffer)
        conclude(place, inputs, results, group, g, steps, rejected, y, t, work)


@part
def advance(calls, place, inputs, plan, results, group, work, stages, buffer):
    """Integrate one group; return steps, rejected steps, where its last state lies, and the time reached."""
    times = inputs.times[inputs.times_row[group.trajectory[0]]]
    base = work.ctypes.data + 8 * place.origin
    y, y_new, t = place.y0, place.y1, inputs.t0
    steps = rejected = intervals = np.intp(0)
    limit = inputs.max_steps
    h = h_first = error = 0.0
    begin, after_event, alive = RESTART, False, True
    while alive:
        if apply_events(calls, place, inputs, group, t, y, work):
            begin, after_event = RESTART, True
            intervals += 1
            h = h_first
        if not emit_at(calls, place, inputs, plan, group, t, y, work, buffer):
            break
        t_end = next_event(inputs, group, times[-1])
        if h <= 0.0:
            h = FIRST * (t_end - t)
        weight = EARLY if intervals <= 1 else 1.0
        blind = 0
        while alive and t_end - t > near(t_end):
            h = landing(h, t, t_end)
            error = weight * call_step(
                calls.step,
                base,
                base + 8 * (y - place.origin),
                base + 8 * (y_new - place.origin),
                t,
                h,
                begin,
            )
            if error <= 1.0:
                steps += 1
                blind = 0
                t_new = t_end if h >= t_end - t else t + h
                emit_inside(calls, place, inputs, plan, group, t, t_new, h, y, work, buffer)
                if after_event:
                    h_first, after_event = h, False
                grow = GROW if begin != RETRY else 1.0
                h *= min(grow, SAFETY * max(error, 1e-9) ** (-1.0 / ORDER))
                t, y, y_new, begin = t_new, y_new, y, CONTINUE
                continue
            rejected += 1
            begin = RETRY
            known = np.isfinite(error)
            blind = 0 if known else blind + 1
            h *= max(SHRINK, SAFETY * error ** (-1.0 / ORDER)) if known else 0.1
            status = FINISHED
            if not known and blind == 1:
                found, bad = hopeless(place, work, stages, y)
                if found:
                    status = NON_FINITE
            if status == FINISHED:
                bad = worst_lanes(place, stages, error / weight if known else np.inf)
                if blind >= BLIND:
                    status = NON_FINITE
                elif h <= 4.0 * EPSILON * abs(t) or h < 1e-300:
                    status = STEP_UNDERFLOW if known else NON_FINITE
                elif steps + rejected >= limit:
                    status = TOO_MANY_STEPS
            if status != FINISHED:
                alive = retire(calls, place, inputs, group, results, bad, status, t, y, work)
                begin, blind = RESTART, 0
                h = max(h, FIRST * (t_end - t)) if h_first <= 0.0 else h_first
                limit = max(limit, steps + rejected + inputs.max_steps // 10 + 1)
    flush(calls, place, plan, group, buffer)
    return steps, rejected, y, t


@part
def conclude(place, inputs, results, group, g, steps, rejected, y, t, work):
    """Note the group's last states; those of failed lanes are noted already."""
    for lane in range(inputs.count[g]):
        i = inputs.start[g] + lane
        results.steps[i] = steps
        results.rejected[i] = rejected
        if group.status[lane] == FINISHED:
            for s in range(results.last_state.shape[1]):
                results.last_state[i, s] = work[y + s * place.width + lane]


__all__ = ["TOO_MANY_STEPS"]
