"""method="auto": count the work of both methods on the nominal trajectory, and say why one was chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .methods import METHODS, Method
from .problem import Problem, Solution

SAMPLE = 300  # steps of the stiff method on which both are compared


def choose(problem: Problem, pilot: Problem) -> tuple[Method, str]:
    """Choose a method and give the reason in one sentence; counts of steps decide, never the clock.

    Many trajectories of a system that has lanes share each step, where a linearly implicit step is nearly
    free. Elsewhere the work to reach the same time is counted: where explicit steps are bound by stability,
    the explicit method needs many more of them.
    """
    system = problem.system
    if system.jac is None:
        return METHODS["tsit5-scalar"], "tsit5: the system has no Jacobian"
    if system.n_states == 0:
        return METHODS["tsit5-scalar"], "tsit5: nothing is integrated"
    if problem.n_traj > 1 and system.lanes is not None and system.events is None:
        return METHODS["rodas5p"], "rodas5p: many trajectories share its steps in SIMD lanes"
    implicit = _attempt(pilot, "rodas5p-scalar", SAMPLE)
    reached = (
        float(implicit.fail_time[0]) if implicit.status[0] else float(pilot.times[pilot.times_row[0], -1])
    )
    n_implicit = int(implicit.steps[0] + implicit.rejected[0])
    if reached <= pilot.t0:
        return METHODS["rodas5p-scalar"], "rodas5p: the pilot failed at its start"
    each_explicit, each_implicit = system.work
    allowed = max(1, int(n_implicit * each_implicit / each_explicit))
    explicit = _attempt(replace(pilot, times=np.full_like(pilot.times, reached)), "tsit5-scalar", allowed)
    n_explicit = int(explicit.steps[0] + explicit.rejected[0])
    if explicit.status[0]:
        return METHODS["rodas5p-scalar"], (
            f"rodas5p: it needs {n_implicit} steps to {reached:g} h, where tsit5 would need more than "
            f"{n_explicit}, bound by stability"
        )
    return METHODS["tsit5-scalar"], (
        f"tsit5: its {n_explicit} steps to {reached:g} h cost less than {n_implicit} of rodas5p"
    )


def _attempt(pilot: Problem, method: str, max_steps: int) -> Solution:
    from .solve import run

    one = replace(
        pilot,
        y0=pilot.y0[:1],
        constants=pilot.constants[:1],
        events=replace(pilot.events, row=pilot.events.row[:1]),
        times_row=pilot.times_row[:1],
        outputs=np.empty(0, np.int64),
        method=METHODS[method],
        max_steps=max_steps,
    )
    return run(one)
