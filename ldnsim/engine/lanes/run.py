"""Run a problem in lanes: groups are shared out to threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from ..problem import Problem, Solution
from ..threads import look, spread
from .driver import run_groups
from .plan import LanePlan


def run(problem: Problem, kernels: Any) -> Solution:
    """Integrate a problem with a lane method."""
    plan = LanePlan(problem, kernels)

    def work_off(queue: deque) -> None:
        arguments = plan.arguments()
        while queue:
            try:
                first, last = queue.popleft()
            except IndexError:  # another thread took the last one
                return
            while first < last:
                look()
                first = run_groups(first, last, *arguments)

    _share_out(work_off, len(plan.starts), problem.threads)
    if plan.leave_the_held_up():
        _share_out(work_off, len(plan.starts), problem.threads)
    return plan.solution()


def _share_out(work_off: Callable[[deque], None], n_groups: int, threads: int) -> None:
    """Let threads take groups as they come free; a group's bits do not depend on who computes it."""
    threads = min(threads, n_groups)
    if threads == 1:
        work_off(deque([(0, n_groups)]))
        return
    size = max(1, n_groups // (8 * threads))
    queue = deque((i, min(i + size, n_groups)) for i in range(0, n_groups, size))
    for _ in spread(work_off, [queue] * threads, threads):
        pass
