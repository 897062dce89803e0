"""Outputs of a group: evaluated at the times asked for, gathered by eight, stored lane by lane."""

from __future__ import annotations

from ..compiled import part
from .calls import call_evaluate, call_some, call_store
from .facts import EVALUATE, OUTPUT, SELF, SHARED, SIZE, SOME, STORE, TIME_ROW, TIMES, WHO, WIDTH, WORK


@part
def emit(facts, group, table, times, t, last, h, y):
    """Evaluate the outputs before `last` in the step of size h from t; return the time of the next one.

    An infinite h gives the state at t itself; with no output left the next time is infinite.
    """
    following = float("inf")
    for lane in range(1 if facts[SHARED] else facts[WIDTH]):
        row = table[group[WHO, lane], TIME_ROW]
        k = group[OUTPUT, lane]
        while k < times.shape[1] and times[row, k] < last:
            now = times[row, k]
            call_evaluate(
                facts[EVALUATE], facts[SELF], facts[WORK] + 8 * y, now, (now - t) / h, k % TIMES
            )  # fmt: skip
            k += 1
            if not facts[SHARED]:
                store(facts, lane, lane + 1, k, 1)
            elif k % TIMES == 0:
                store(facts, 0, facts[WIDTH], k, TIMES)
        group[OUTPUT, lane] = k
        if k < times.shape[1]:
            following = min(following, times[row, k])
    return following


@part
def store(facts, first, last, k, count):
    """Store the `count` times before the k-th for lanes first..last-1."""
    offset = facts[SIZE] * (k - count)
    if count == TIMES:
        call_store(facts[STORE], facts[SELF], offset)
    else:
        call_some(facts[SOME], facts[SELF], (k - count) % TIMES, offset, first, last, count)


@part
def flush(facts, group):
    """Store the outputs that still wait for their eight."""
    k = group[OUTPUT, 0]
    if facts[SHARED] and k % TIMES:
        store(facts, 0, facts[WIDTH], k, k % TIMES)
