"""Outputs of a group: evaluated at the times asked for, gathered by eight, stored lane by lane."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..compiled import part
from .calls import call_dense, call_observe, call_some, call_store
from .group import near

TIMES = 8  # output times that are stored at once


class Plan(NamedTuple):
    """What is evaluated at an output time, and where it goes; see the kernels "dense" and "observe".

    `free` and `block` hold three byte offsets for each state that is evaluated. Where all outputs are states
    (`direct`) they are evaluated into the buffer; else into `point`, computed outputs into `computed`, and
    `gather` lists where in `scratch` (doubles) each chosen output then lies.
    """

    free: np.ndarray
    block: np.ndarray
    direct: bool
    gather: np.ndarray
    scratch: np.ndarray
    computed: int
    stride: int  # bytes between two outputs of a trajectory
    size: int  # bytes of a stored number
    shared: bool  # whether the trajectories of a group share their output times


@part
def emit_at(calls, place, inputs, plan, group, t, y, work, buffer):
    """Evaluate the outputs at the time t itself, from the state; return whether any is left."""
    emit(calls, place, inputs, plan, group, t, t + near(t), np.inf, y, work, buffer)
    for lane in range(place.width):
        if group.output[lane] < inputs.times.shape[1]:
            return True
        if plan.shared:
            return False
    return False


@part
def emit_inside(calls, place, inputs, plan, group, t, t_new, h, y, work, buffer):
    """Evaluate the outputs that lie inside the step of size h from t to t_new."""
    emit(calls, place, inputs, plan, group, t, t_new - near(t_new), h, y, work, buffer)


@part
def emit(calls, place, inputs, plan, group, t, last, h, y, work, buffer):
    """Evaluate the outputs up to `last` inside a step of size h, infinite for the state at t."""
    for lane in range(1 if plan.shared else place.width):
        times = inputs.times[inputs.times_row[group.trajectory[lane]]]
        k = group.output[lane]
        while k < times.size and times[k] <= last:
            evaluate(calls, place, plan, times[k], (times[k] - t) / h, y, k % TIMES, work, buffer)
            k += 1
            if plan.shared:
                if k % TIMES == 0:
                    store_full(calls, plan, group, k, buffer)
            else:
                store_some(calls, place, plan, group, lane, lane + 1, k, 1, buffer)
        group.output[lane] = k


@part
def evaluate(calls, place, plan, t, theta, y, k, work, buffer):
    """Write the outputs at one time into row k of the buffer."""
    base = work.ctypes.data + 8 * place.origin
    row = 8 * place.width
    out = buffer.ctypes.data + k * row if plan.direct else plan.scratch.ctypes.data
    call_dense(
        calls.dense, base, base + 8 * (y - place.origin), theta, len(plan.free), plan.free.ctypes.data,
        len(plan.block), plan.block.ctypes.data, out,
    )  # fmt: skip
    if plan.direct:
        return
    call_observe(calls.observe, base, out, t, out + 8 * plan.computed, row)
    for i in range(plan.gather.size):
        for lane in range(place.width):
            buffer[(i * TIMES + k) * place.width + lane] = plan.scratch[plan.gather[i] + lane]


@part
def store_full(calls, plan, group, k, buffer):
    """Store the eight rows of the buffer, whose times end before the k-th."""
    call_store(
        calls.store, buffer.ctypes.data, plan.gather.size, group.target.ctypes.data, plan.stride,
        plan.size * (k - TIMES),
    )  # fmt: skip


@part
def store_some(calls, place, plan, group, first, last, k, count, buffer):
    """Store `count` times before the k-th for lanes first..last-1."""
    row = (k - count) % TIMES
    call_some(
        calls.some, buffer.ctypes.data + 8 * place.width * row, plan.gather.size, group.target.ctypes.data,
        plan.stride, plan.size * (k - count), first, last, count,
    )  # fmt: skip


@part
def flush(calls, place, plan, group, buffer):
    """Store the outputs that still wait for their eight."""
    waiting = group.output[0] % TIMES
    if plan.shared and waiting:
        store_some(calls, place, plan, group, 0, place.width, group.output[0], waiting, buffer)
