"""The compiled kernels that a problem asks for, and how much their steps do."""

from __future__ import annotations

from typing import Any

from ..problem import Problem

FULL_BELOW = 1e-7  # below this tolerance functions are computed to the last digits


def kernels_of(problem: Problem) -> Any:
    """Return the compiled kernels for a problem; None without a compiler, or without vector code for a function."""
    return _asked(problem, "kernels")


def work_of(problem: Problem) -> float | None:
    """Return how much a step of a problem's method does; None where there are no kernels for it."""
    return _asked(problem, "work")


def _asked(problem: Problem, what: str) -> Any:
    from ..compiled import JIT  # loads LLVM, which nobody needs before something is solved

    if not (JIT and problem.system.in_lanes):
        return None
    answer = getattr(problem.system.lanes, what)
    return answer(problem.method.name, full=problem.rtol < FULL_BELOW, inputs=problem.decision.inputs)
