"""The scalar engine: one trajectory after another, over threads whose number does not change a bit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .bends import bends_of
from .compiled import JIT, NO_CALL
from .control import ATOL, BUDGET, LIMIT, N_ROWS, N_SLOTS, PAUSED, PEAK, REJECTED, RTOL, STEPS, TIME, Y0, U, Y
from .delays import DOORS, History
from .explicit import tsit5
from .problem import Problem, Solution
from .rosenbrock import rodas5p
from .status import Status
from .system import System
from .threads import look, spread, steps_of_a_slice
from .trajectory import trajectory
from .triggers import lots_of, triggers_of


def run(problem: Problem) -> Solution:
    """Integrate a problem with a scalar method."""
    solution = Solution.before(problem)
    calls = calls_of(problem)
    events = problem.events
    every = np.stack([events.time, events.kind, events.index, events.value], axis=2)
    facts = [row[: np.isfinite(row[:, 0]).sum()] for row in every]

    def work_off(these: Iterable[int]) -> None:
        worker = _Worker(problem, calls, facts)
        for i in these:
            worker.integrate(i, solution)

    pieces = _pieces(problem.n_traj, problem.threads)
    if len(pieces) == 1 or not JIT:
        work_off(range(problem.n_traj))
    else:
        for _ in spread(work_off, pieces, problem.threads):
            pass
    return solution


def _pieces(n_traj: int, threads: int) -> list[range]:
    """Cut trajectories into runs, small enough that no thread waits long for another."""
    size = n_traj if threads == 1 else max(1, min(64, -(-n_traj // (4 * threads))))
    return [range(i, min(i + size, n_traj)) for i in range(0, n_traj, size)]


def calls_of(problem: Problem) -> tuple:
    """Collect what the method needs of the system; nothing else is compiled."""
    system, implicit = problem.system, problem.method.needs_jacobian

    def target(name: str, needed: bool = True):
        return kernel_target(system, name) if needed and name in system.calls else NO_CALL

    return (
        (rodas5p if implicit else tsit5).target,
        target("rhs"),
        target("jac", implicit),
        target("dfdt", implicit),
        target("observe", bool((system.output_states[problem.outputs] < 0).any())),
    )


def kernel_target(system: System, name: str) -> Any:
    """Say by which address a kernel is called: by a door, where it needs the past."""
    return DOORS[name].target if system.delays is not None and name in DOORS else system.calls[name].target


class _Worker:
    """One thread's memory, used for one trajectory after another."""

    def __init__(self, problem: Problem, calls: tuple, events: list[np.ndarray]) -> None:
        self.problem, self.calls, self.events = problem, calls, events
        system, n = problem.system, problem.system.n_states
        self.tables = problem.events.states, problem.events.constants
        self.wanted = np.stack([problem.outputs, system.output_states[problem.outputs]])
        self.c = np.zeros(system.n_constants)
        self.control, self.w = np.zeros(N_SLOTS), np.zeros((N_ROWS, n))
        self.m, self.pivot = np.zeros((2, n, n)), np.zeros(n, np.int64)
        self.seen = np.zeros((1, system.n_outputs))
        self.slice = steps_of_a_slice(system.work[problem.method.needs_jacobian])
        self.w[ATOL] = problem.atol
        self.bends = bends_of(
            system.bent, kernel_target(system, "sides") if system.bent.shape[1] else NO_CALL
        )
        self.past: History | None = None
        if system.delays is not None:
            self.past = History(system.delays, system.calls, n)
            constants = self.tables[1].copy()
            constants[:, :1] = self.past.address
            self.tables = self.tables[0], constants

    def integrate(self, i: int, solution: Solution) -> None:
        """Integrate trajectory i and note how it ended."""
        problem, control, w = self.problem, self.control, self.w
        control[:] = 0.0
        control[LIMIT], control[RTOL], control[TIME] = problem.max_steps, problem.rtol, problem.t0
        w[[PEAK, U]] = 0.0
        w[Y] = w[Y0] = problem.y0[i]
        self.c[:] = problem.constants[i]
        if self.past is not None:
            self.c[0] = self.past.address
        values = np.full(solution.values.shape[1:], np.nan)
        with np.errstate(all="ignore"):
            status = self._run(i, values)
            solution.values[i] = values
        solution.status[i] = status
        if status != Status.FINISHED:
            solution.fail_time[i] = control[TIME]
        solution.last_state[i], solution.peak[i] = w[Y], w[PEAK]
        solution.steps[i], solution.rejected[i] = control[STEPS], control[REJECTED]

    def _run(self, i: int, values: np.ndarray) -> int:
        problem, rules = self.problem, self.problem.system.events
        events, times = self.events[problem.events.row[i]], problem.times[problem.times_row[i]]
        work = self.c, self.control, self.w, self.m, self.pivot, self.seen
        triggers = None
        if rules is not None:
            stream = 0 if problem.streams is None else int(problem.streams[i])
            fires, acts = (kernel_target(problem.system, name) for name in ("triggers", "effects"))
            lots = lots_of(problem.seed, stream)  # lives while numbers are drawn
            triggers = triggers_of(rules, fires, acts, lots)
        past = self.past
        how = problem.method.needs_jacobian, problem.system.n_breaks > 0 or past is not None
        arguments = self.calls, *how, events, self.tables, times, self.wanted, *work, values, triggers
        delays = None if past is None else past.begin()
        status = PAUSED
        while status == PAUSED:
            look()
            self.control[BUDGET] = self.slice
            status = trajectory(*arguments, delays, self.bends)
            delays = None if past is None else past.view()
        if past is None or past.ahead == np.inf:
            return status
        self.control[TIME] = past.ahead
        values[:, times > past.ahead] = np.nan
        return Status.LOOKS_AHEAD
