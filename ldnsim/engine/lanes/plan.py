"""Lay a problem out as the compiled driver reads it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..problem import Problem, Solution
from .calls import Calls
from .emit import TIMES, Plan
from .group import Inputs, Results

LINE = 64  # bytes of a cache line, where memory begins


def groups(n_traj: int, block: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first trajectory of each group and how many it has; no group crosses a block's end."""
    block = n_traj if block == 1 else block
    first = np.arange(0, n_traj, block)[:, None] + np.arange(0, block, width)
    end = np.minimum(first + width, np.minimum(np.arange(block, n_traj + block, block), n_traj)[:, None])
    count = (end - first).ravel()
    return first.ravel()[count > 0], count[count > 0]


def calls_of(problem: Problem, kernels: Any) -> Calls:
    """Return the addresses of the kernels."""
    suffix = "32" if problem.dtype == np.float32 else ""
    names = ("derive", "step", "dense", "observe", "store" + suffix, "some" + suffix)
    return Calls(*(kernels.address(n) for n in names))


def inputs_of(problem: Problem, start: np.ndarray, count: np.ndarray) -> Inputs:
    """Collect the arrays of a problem."""
    e = problem.events
    return Inputs(
        problem.y0, problem.constants, e.row, e.time, e.kind, e.index, e.value, e.states, e.constants,
        problem.times, problem.times_row, start, count, problem.atol, problem.rtol, problem.t0,
        problem.max_steps,
    )  # fmt: skip


def results_of(solution: Solution) -> Results:
    """Collect the arrays that are filled."""
    s = solution
    return Results(s.values.ctypes.data, s.status, s.fail_time, s.last_state, s.steps, s.rejected)


def plan_of(problem: Problem, kernels: Any) -> Plan:
    """Lay out which states are evaluated at an output time, and where they go."""
    width, outputs, n = kernels.place["width"], problem.outputs, kernels.n_states
    row = 8 * width
    states = kernels.output_states[outputs]
    direct = bool((states >= 0).all())
    if direct:
        wanted = [(s, i * TIMES * row) for i, s in enumerate(states)]
    else:
        wanted = [(s, s * row) for s in range(n)]
    tables: dict[str, list] = {"free": [], "block": []}
    for s, place in wanted:
        kind, offset = kernels.inside[s]
        tables[kind].append((s * row, offset, place))
    size = np.dtype(problem.dtype).itemsize
    return Plan(
        *(np.array(t, np.int64).reshape(-1, 3) for t in tables.values()),
        direct,
        np.where(states >= 0, states, n + outputs) * width,
        np.empty(0),
        n * width,
        size * problem.times.shape[1],
        size,
        problem.block > 1 or len(problem.times) == 1,
    )


def memory_of(plan: Plan, kernels: Any) -> tuple[Plan, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Allocate what one thread works in: plan with scratch, work block, the same as stages, buffer, spare."""
    row, n_out = 8 * kernels.place["width"], plan.gather.size
    scratch = aligned(0 if plan.direct else (kernels.n_states + kernels.n_outputs) * row)
    work = aligned(kernels.size)
    stages = work.view(np.float32 if kernels.single else np.float64)
    return (
        plan._replace(scratch=scratch),
        work,
        stages,
        aligned(n_out * TIMES * row),
        aligned(n_out * plan.stride),
    )


def aligned(size: int) -> np.ndarray:
    """Return zeroed doubles, `size` bytes or a few more, that begin on a cache line."""
    size = -(-size // LINE) * LINE
    memory = np.zeros(size + LINE, np.uint8)
    first = -memory.ctypes.data % LINE
    return memory[first : first + size].view(np.float64)
