"""Outputs of a group: evaluated at the times asked for, gathered by eight, stored lane by lane."""

from __future__ import annotations

from ..compiled import part
from .calls import call_dense, call_observe, call_some, call_store
from .facts import (
    BLOCK,
    COMPUTED,
    DENSE,
    DIRECT,
    FREE,
    N_BLOCK,
    N_FREE,
    N_OUT,
    OBSERVE,
    ORIGIN,
    OUTPUT,
    SHARED,
    SIZE,
    SOME,
    STORE,
    STRIDE,
    TARGET,
    TIME_ROW,
    WHO,
    WIDTH,
)

TIMES = 8  # output times that are stored at once


@part
def emit(facts, group, table, times, t, last, h, y, work, buffer, chosen, scratch):
    """Evaluate the outputs up to `last` in the step of size h from t; return the time of the next one.

    An infinite h gives the state at t itself; with no output left the next time is infinite.
    """
    following = float("inf")
    for lane in range(1 if facts[SHARED] else facts[WIDTH]):
        row = table[group[WHO, lane], TIME_ROW]
        k = group[OUTPUT, lane]
        while k < times.shape[1] and times[row, k] <= last:
            now = times[row, k]
            evaluate(facts, now, (now - t) / h, y, k % TIMES, work, buffer, chosen, scratch)
            k += 1
            if not facts[SHARED]:
                store(facts, group, lane, lane + 1, k, 1, buffer)
            elif k % TIMES == 0:
                store(facts, group, 0, facts[WIDTH], k, TIMES, buffer)
        group[OUTPUT, lane] = k
        if k < times.shape[1]:
            following = min(following, times[row, k])
    return following


@part
def evaluate(facts, t, theta, y, k, work, buffer, chosen, scratch):
    """Write the outputs at one time into row k of the buffer."""
    base, row = work.ctypes.data, 8 * facts[WIDTH]
    out = buffer.ctypes.data + k * row if facts[DIRECT] else scratch.ctypes.data
    call_dense(
        facts[DENSE], base + 8 * facts[ORIGIN], base + 8 * y, theta, facts[N_FREE], facts[FREE],
        facts[N_BLOCK], facts[BLOCK], out,
    )  # fmt: skip
    if facts[DIRECT]:
        return
    call_observe(facts[OBSERVE], base + 8 * facts[ORIGIN], out, t, out + 8 * facts[COMPUTED], row)
    w = facts[WIDTH]
    for i in range(chosen.size):
        for lane in range(w):
            buffer[(i * TIMES + k) * w + lane] = scratch[chosen[i] + lane]


@part
def store(facts, group, first, last, k, count, buffer):
    """Store the `count` times before the k-th for lanes first..last-1."""
    lanes = group[TARGET].ctypes.data
    offset = facts[SIZE] * (k - count)
    if count == TIMES:
        call_store(facts[STORE], buffer.ctypes.data, facts[N_OUT], lanes, facts[STRIDE], offset)
        return
    begin = buffer.ctypes.data + 8 * facts[WIDTH] * ((k - count) % TIMES)
    call_some(facts[SOME], begin, facts[N_OUT], lanes, facts[STRIDE], offset, first, last, count)


@part
def flush(facts, group, buffer):
    """Store the outputs that still wait for their eight."""
    k = group[OUTPUT, 0]
    if facts[SHARED] and k % TIMES:
        store(facts, group, 0, facts[WIDTH], k, k % TIMES, buffer)
