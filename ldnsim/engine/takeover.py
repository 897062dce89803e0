"""What proves stiff on the way: trajectories that an explicit method cannot finish are run by the implicit one.

A pilot sees the beginning of one trajectory. What is stiff later, or for other parameters, shows in the number of
steps, for each trajectory by itself; so who takes over does not depend on which others are in the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .methods import METHODS
from .problem import Problem, Solution
from .status import Status

WIDTH = 8  # trajectories that share steps, see `ldnsim.engine.lanes`
RAISE = 10  # of the limit, from one trial to the next
STIFF = {"tsit5": "rodas5p", "tsit5-scalar": "rodas5p-scalar"}


def taken_over(problem: Problem, solve: Callable[[Problem], Solution]) -> Solution:
    """Run a problem by its explicit method, and by the implicit one where it needs more than `takeover` steps.

    Where that needs as many, both are tried again with ten times the steps, up to `max_steps`: so what proves to be
    long and not stiff costs little more than the explicit method alone.
    """
    plain = problem.deciding(takeover=0)
    stiff = plain.deciding(method=METHODS[STIFF[problem.method.name]])
    limit = min(problem.max_steps, problem.decision.takeover)
    solution = solve(replace(plain, max_steps=limit))
    while True:
        _again(solution, stiff, limit, solve)
        if limit >= problem.max_steps:
            return solution
        limit = min(problem.max_steps, RAISE * limit)
        _again(solution, plain, limit, solve)


def _again(solution: Solution, problem: Problem, limit: int, solve: Callable[[Problem], Solution]) -> None:
    """Run what ran out of steps by a problem's method, in whole groups of lanes, and put it into the solution."""
    lost = np.flatnonzero(solution.status == Status.TOO_MANY_STEPS)
    if not lost.size:
        return
    who, place, block = lost, np.arange(len(lost)), 1
    if problem.method.lanes:
        who, place = whole_groups(lost, problem.n_traj, problem.block)
        block = 1 if problem.block == 1 else WIDTH
    other = solve(problem.of(who, block=block, max_steps=limit))
    for name in ("values", "status", "fail_time", "last_state", "steps", "rejected"):
        getattr(solution, name)[lost] = getattr(other, name)[place]
    if solution.peak is not None and other.peak is not None:
        solution.peak[lost] = other.peak[place]


def whole_groups(some: np.ndarray, n: int, block: int) -> tuple[np.ndarray, np.ndarray]:
    """Lay out the groups of lanes that some of n trajectories belong to, each filled up with its last one.

    Returns
    -------
    tuple of array
        The trajectories, a multiple of `WIDTH`, and where those asked for stand among them.
    """
    block = n if block == 1 else block
    first = some // block * block + some % block // WIDTH * WIDTH
    heads, of = np.unique(first, return_inverse=True)
    last = np.minimum(heads // block * block + block, n) - 1
    members = np.minimum(heads[:, None] + np.arange(WIDTH), last[:, None])
    return members.ravel(), of * WIDTH + some - first
