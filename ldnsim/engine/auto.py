"""method="auto": count the work of both methods on the nominal trajectory, and say why one was chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .dispatch import run
from .lanes.kernels import work_of
from .methods import METHODS
from .problem import Problem, Solution

SAMPLE = 300  # steps of the stiff method on which both are compared
# What is stiff later, or for some subjects, shows in the count: the implicit method takes over from an explicit one
# that needs so many times the steps expected of it.
PATIENCE = 10
LEAST = 10_000  # steps, before that
TELLS = 1e-3  # share of the time: a pilot that saw less, as of a short transient, says nothing of the rest
Candidate = tuple[str, float]  # a method, and the work of one of its steps
# In lanes an explicit step counts so much more: some subject is stiffer than the nominal one, and the first steps are
# held to more than those of one trajectory, which are counted.
CAUTION = 1.75


def choose(problem: Problem, pilot: Problem) -> Problem:
    """Choose a method and give the reason in one sentence; counts of steps decide, never the clock.

    The work to reach the same time is counted: where explicit steps are bound by stability, the explicit
    method needs many more of them. In lanes a linearly implicit step costs little more than an explicit one.
    """
    system = problem.system
    if system.delays is not None:
        why = "tsit5: the equations look into the past"
        return problem.deciding(method=METHODS["tsit5-scalar"], why=why)
    if system.jac is None:
        return problem.deciding(method=METHODS["tsit5-scalar"], why="tsit5: the system has no Jacobian")
    if system.n_states == 0:
        return problem.deciding(method=METHODS["tsit5-scalar"], why="tsit5: nothing is integrated")
    if problem.n_traj > 1 and system.in_lanes:
        return _choose_in_lanes(problem, pilot)
    each_explicit, each_implicit = system.work
    return _cheaper(problem, pilot, ("tsit5-scalar", each_explicit), ("rodas5p-scalar", each_implicit))


def _choose_in_lanes(problem: Problem, pilot: Problem) -> Problem:
    explicit, implicit = (work_of(pilot.deciding(method=METHODS[name])) for name in ("tsit5", "rodas5p"))
    if explicit is None or implicit is None:
        return problem.deciding(method=METHODS["rodas5p"], why="rodas5p: many trajectories")
    found = _cheaper(problem, pilot, ("tsit5", CAUTION * explicit), ("rodas5p", implicit))
    return found.deciding(why=f"{found.decision.why}; trajectories share steps in SIMD lanes")


def _cheaper(problem: Problem, pilot: Problem, explicit: Candidate, implicit: Candidate) -> Problem:
    """Take the explicit method if it costs less to where `SAMPLE` steps of the implicit one lead."""
    (name, each), (other, each_implicit) = explicit, implicit
    sample = _attempt(pilot, other, SAMPLE)
    end = float(pilot.times[pilot.times_row[0], -1])
    reached = float(sample.fail_time[0]) if sample.status[0] else end
    n_implicit = int(sample.steps[0] + sample.rejected[0])
    if reached <= pilot.t0:
        return problem.deciding(method=METHODS[other], why="rodas5p: the pilot failed at its start")
    allowed = max(1, int(n_implicit * each_implicit / each))
    # Counted one trajectory at a time, so that lanes of a method which is not taken need not be compiled.
    alone = METHODS[name].scalar or name
    tried = _attempt(replace(pilot, times=np.full_like(pilot.times, reached)), alone, allowed)
    n_explicit = int(tried.steps[0] + tried.rejected[0])
    if tried.status[0]:
        why = (
            f"rodas5p: it needs {n_implicit} steps to {reached:g} h; tsit5, bound by stability or dearer for what "
            f"it does, would need more than {n_explicit}"
        )
        return problem.deciding(method=METHODS[other], why=why)
    seen = (reached - pilot.t0) / (end - pilot.t0)
    expected = n_explicit / seen if seen > TELLS else LEAST
    takeover = int(max(LEAST, PATIENCE * expected))
    why = f"tsit5: its {n_explicit} steps to {reached:g} h cost less than {n_implicit} of rodas5p"
    if takeover < problem.max_steps:
        why += f"; rodas5p takes over after {takeover} steps"
    return problem.deciding(method=METHODS[name], why=why, takeover=takeover)


def _attempt(pilot: Problem, method: str, max_steps: int) -> Solution:
    one = pilot.of(np.array([0]), outputs=np.empty(0, np.int64), max_steps=max_steps)
    return run(one.deciding(method=METHODS[method]))
