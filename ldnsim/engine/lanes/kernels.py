"""The compiled kernels that a problem asks for."""

from __future__ import annotations

from typing import Any

from ..problem import Problem

FULL_BELOW = 1e-7  # below this tolerance functions are computed to the last digits


def kernels_of(problem: Problem) -> Any:
    """Return the compiled kernels for a problem; None without a compiler, or without vector code for a function."""
    from ..compiled import JIT  # loads LLVM, which nobody needs before something is solved

    if not (JIT and problem.system.in_lanes):
        return None
    return problem.system.lanes.kernels(
        problem.method.name,
        full=problem.rtol < FULL_BELOW,
        inputs=problem.decision.inputs,
    )
