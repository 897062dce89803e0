"""method="auto": count the work of both methods on the nominal trajectory, and say why one was chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .lanes.choice import kernels_of
from .methods import METHODS, Method
from .problem import Problem, Solution

SAMPLE = 300  # steps of the stiff method on which both are compared
CAUTION = 1.5  # in lanes an explicit step counts so much more: some subject is stiffer than the nominal one


def choose(problem: Problem, pilot: Problem) -> tuple[Method, str]:
    """Choose a method and give the reason in one sentence; counts of steps decide, never the clock.

    The work to reach the same time is counted: where explicit steps are bound by stability, the explicit
    method needs many more of them. In lanes a linearly implicit step costs little more than an explicit one.
    """
    system = problem.system
    if system.jac is None:
        return METHODS["tsit5-scalar"], "tsit5: the system has no Jacobian"
    if system.n_states == 0:
        return METHODS["tsit5-scalar"], "tsit5: nothing is integrated"
    if problem.n_traj > 1 and system.lanes is not None and system.events is None:
        return _choose_in_lanes(pilot)
    each_explicit, each_implicit = system.work
    explicit, why = _count(pilot, ("tsit5-scalar", each_explicit), ("rodas5p-scalar", each_implicit))
    return METHODS["tsit5-scalar" if explicit else "rodas5p-scalar"], why


def _choose_in_lanes(pilot: Problem) -> tuple[Method, str]:
    explicit, implicit = (kernels_of(replace(pilot, method=METHODS[name])) for name in ("tsit5", "rodas5p"))
    if explicit is None or implicit is None:
        return METHODS["rodas5p"], "rodas5p: many trajectories"
    cheaper, why = _count(pilot, ("tsit5", CAUTION * explicit.work), ("rodas5p", implicit.work))
    return METHODS["tsit5" if cheaper else "rodas5p"], f"{why}; trajectories share steps in SIMD lanes"


def _count(pilot: Problem, explicit: tuple[str, float], implicit: tuple[str, float]) -> tuple[bool, str]:
    """Say whether the explicit method costs less, and why; each comes with the work of one of its steps."""
    (name, each), (other, each_implicit) = explicit, implicit
    sample = _attempt(pilot, other, SAMPLE)
    reached = float(sample.fail_time[0]) if sample.status[0] else float(pilot.times[pilot.times_row[0], -1])
    n_implicit = int(sample.steps[0] + sample.rejected[0])
    if reached <= pilot.t0:
        return False, "rodas5p: the pilot failed at its start"
    allowed = max(1, int(n_implicit * each_implicit / each))
    tried = _attempt(replace(pilot, times=np.full_like(pilot.times, reached)), name, allowed)
    n_explicit = int(tried.steps[0] + tried.rejected[0])
    if tried.status[0]:
        return False, (
            f"rodas5p: it needs {n_implicit} steps to time {reached:g}; tsit5, bound by stability or dearer for what "
            f"it does, would need more than {n_explicit}"
        )
    return True, f"tsit5: its {n_explicit} steps to time {reached:g} cost less than {n_implicit} of rodas5p"


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
