"""Who solves a problem: lanes, one trajectory after another, or SciPy."""

from __future__ import annotations

import numpy as np

from ..errors import bad
from .lanes.kernels import kernels_of
from .methods import METHODS
from .problem import Problem, Solution
from .status import Status
from .takeover import STIFF, taken_over


def run(problem: Problem) -> Solution:
    """Solve a problem for which all is decided."""
    watched = problem.decision.takeover and problem.method.name in STIFF
    solution = taken_over(problem, by_method) if watched else by_method(problem)
    return without_overflow(solution, problem)


def by_method(problem: Problem) -> Solution:
    """Hand a problem to the engine of its method; what lanes cannot do the scalar engine does."""
    if problem.n_traj == 0:
        return Solution.before(problem)
    kernels = kernels_of(problem) if problem.method.lanes else None
    if problem.method.lanes and kernels is None:
        problem = problem.deciding(method=METHODS[problem.method.scalar])
    method, system = problem.method, problem.system
    if method.needs_jacobian and system.delays is not None:
        rule = f"{system.name} looks into the past, which tsit5 alone can"
        raise bad("method", method.name, rule, "use 'auto'")
    if method.needs_jacobian and system.jac is None:
        raise bad("method", method.name, f"{system.name} has no Jacobian", "use method='tsit5' or 'LSODA'")
    if kernels is not None:
        from .lanes.run import run as in_lanes

        return in_lanes(problem, kernels)
    if method.scipy:
        from .referee import run as by_scipy

        return by_scipy(problem)
    from .scalar import run as one_by_one

    return one_by_one(problem)


def without_overflow(solution: Solution, problem: Problem) -> Solution:
    """End trajectories where a value is larger than single precision holds."""
    if problem.dtype == np.float32:
        beyond = np.isinf(solution.values).any(axis=1)
        for i in np.flatnonzero(beyond.any(axis=1)):
            first = int(np.argmax(beyond[i]))
            solution.values[i, :, first:] = np.nan
            solution.status[i] = Status.OVERFLOW
            solution.fail_time[i] = problem.times[problem.times_row[i], first]
    return solution
