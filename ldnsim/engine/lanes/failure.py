"""Lanes that fail: found, noted, and replaced by a copy of a healthy mate that costs and spoils nothing."""

from __future__ import annotations

import numpy as np

from ..compiled import part
from ..control import FINISHED, TOO_MANY_STEPS
from .calls import call_check
from .facts import CHECK, ERROR, FAIL_TIME, ORIGIN, STATE, STATUS, WHO, WIDTH, WORK
from .group import copy_lane, derive, get_column

BLIND = 12  # rejected steps in a row whose error is not finite before lanes are given up
HELD_UP = -1  # state of a lane whose group ran out of steps for the sake of others: it is run again, alone


@part
def hopeless(facts, y, work, bad):
    """Mark lanes that fail however small the step; say whether there is one.

    Where there is none, the errors still tell which lanes had one that is not finite.
    """
    for lane in range(facts[WIDTH]):
        bad[lane] = not np.isfinite(work[facts[ERROR] + lane])
    call_check(facts[CHECK], facts[WORK] + 8 * facts[ORIGIN], facts[WORK] + 8 * y)
    found = False
    for lane in range(facts[WIDTH]):
        found |= np.isnan(work[facts[ERROR] + lane])
    for lane in range(facts[WIDTH]):
        if found:
            bad[lane] = np.isnan(work[facts[ERROR] + lane])
        else:
            work[facts[ERROR] + lane] = np.inf if bad[lane] else 0.0
    return found


@part
def mark_worst(facts, work, bad):
    """Mark the lanes that have a tenth of the group's error or more, or none that is finite."""
    worst = 0.0
    for lane in range(facts[WIDTH]):
        error = work[facts[ERROR] + lane]
        worst = max(worst, error) if np.isfinite(error) else np.inf
    for lane in range(facts[WIDTH]):
        bad[lane] = not work[facts[ERROR] + lane] < 0.1 * worst


@part
def retire(facts, group, bad, status, t, y, report, last_state, n_constants, work):
    """Note how the marked lanes ended and let a healthy lane stand in for each; say whether there is one.

    At least one lane that was well is not from then on, so that no group retires lanes for ever.
    """
    mate, found = -1, False
    for lane in range(facts[WIDTH]):
        if group[STATE, lane] == FINISHED:
            found |= bad[lane]
            if not bad[lane]:
                mate = lane
    for lane in range(facts[WIDTH]):
        if not (bad[lane] or not found):
            continue
        if group[STATE, lane] == FINISHED:
            note_end(facts, group, lane, status, t, y, report, last_state, work)
        if mate >= 0:
            copy_lane(facts, group, mate, lane, last_state.shape[1], n_constants, y, work)
    derive(facts)
    return mate >= 0 and found


@part
def give_up(facts, group, bad, t, y, report, last_state, work):
    """Note that the group ran out of steps: by the lanes whose errors made them, the others were held up."""
    mark_worst(facts, work, bad)
    for lane in range(facts[WIDTH]):
        if group[STATE, lane] == FINISHED:
            status = TOO_MANY_STEPS if bad[lane] else HELD_UP
            note_end(facts, group, lane, status, t, y, report, last_state, work)


@part
def note_end(facts, group, lane, status, t, y, report, last_state, work):
    """Note how and where a lane ended that was well so far."""
    i = group[WHO, lane]
    group[STATE, lane] = status
    report[i, STATUS] = status
    report[i, FAIL_TIME] = t
    get_column(work, y, facts[WIDTH], lane, last_state[i])
