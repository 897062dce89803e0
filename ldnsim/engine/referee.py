"""An independent second opinion: SciPy's solvers on the same compiled functions, restarted at every event."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from scipy import integrate as scipy_integrate

from ..errors import bad
from .control import EPSILON
from .events import Kind
from .problem import Problem, Solution
from .status import Status


def run(problem: Problem) -> Solution:
    """Integrate a problem with the SciPy solver its method is named after."""
    from .solve import empty_solution

    if problem.system.events is not None:
        raise bad("method", problem.method.name, "SciPy cannot follow state-dependent events", "use 'auto'")
    solution = empty_solution(problem)
    for i in range(problem.n_traj):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # what goes wrong becomes a status
            course = _Course(problem, i, solution.values[i], solution.peak[i])
            status = course.run()
        solution.status[i] = status
        if status != Status.FINISHED:
            solution.fail_time[i] = course.t
        solution.last_state[i], solution.steps[i] = course.y, course.steps
    return solution


class _Course:
    """One trajectory on its way."""

    def __init__(self, problem: Problem, i: int, values: np.ndarray, peak: np.ndarray) -> None:
        self.problem, self.values, self.peak = problem, values, peak
        self.t, self.y, self.c = problem.t0, problem.y0[i].copy(), problem.constants[i].copy()
        self.y0, self.u = self.y.copy(), np.zeros_like(self.y)
        self.times, self.output, self.steps = problem.times[problem.times_row[i]], 0, 0
        events, row = problem.events, problem.events.row[i]
        self.events = [
            e
            for e in zip(
                events.time[row], events.kind[row], events.index[row], events.value[row], strict=True
            )
            if np.isfinite(e[0])
        ]

    def run(self) -> Status:
        """Go from event to event until all outputs are written."""
        while True:
            soon = self.t + 8.0 * EPSILON * abs(self.t)
            while self.events and self.events[0][0] <= soon:
                self._apply(*self.events.pop(0)[1:])
            np.maximum(self.peak, np.abs(self.y), out=self.peak)
            self._emit(soon, lambda t: self.y, inclusive=True)
            if self.output == len(self.times):
                return Status.FINISHED
            t_end = min(self.times[-1], self.events[0][0] if self.events else np.inf)
            if t_end > soon:
                status = self._advance(t_end)
                if status != Status.FINISHED:
                    return status
            self.t = t_end

    def _advance(self, t_end: float) -> Status:
        """Let a new solver run to t_end, past no event."""
        if self.problem.system.n_breaks:  # no evaluation on the other side of a jump, as in the driver
            hair = 8.0 * EPSILON * max(abs(self.t), abs(t_end))
            self.t, t_end = self.t + hair, t_end - hair
        if not (np.isfinite(self.y).all() and np.isfinite(self._rate(self.t, self.y)).all()):
            return Status.NON_FINITE
        try:
            solver = self._solver(t_end)
            while solver.status == "running":
                if self.steps >= self.problem.max_steps:
                    return Status.TOO_MANY_STEPS
                solver.step()
                self.steps += 1
                if not np.isfinite(solver.y).all():
                    return Status.NON_FINITE
                stuck = solver.t < t_end and solver.t - self.t <= 4.0 * EPSILON * abs(self.t)
                if solver.status == "failed" or stuck:
                    return Status.STEP_UNDERFLOW
                self._emit(min(solver.t, t_end), solver.dense_output())
                self.t, self.y = solver.t, solver.y.copy()
                np.maximum(self.peak, np.abs(self.y), out=self.peak)
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            return Status.NON_FINITE  # SciPy refuses matrices that are not finite or singular
        return Status.FINISHED

    def _solver(self, t_end: float) -> scipy_integrate.OdeSolver:
        problem = self.problem
        options = {"rtol": problem.rtol, "atol": problem.atol}
        if problem.system.jac is not None and problem.method.name != "DOP853":
            options["jac"] = self._jacobian
        make = getattr(scipy_integrate, problem.method.name)
        return make(self._rate, self.t, self.y, t_end, **options)

    def _rate(self, t: float, y: np.ndarray) -> np.ndarray:
        out = np.empty_like(self.y)
        self.problem.system.rhs(t, y, self.c, out)
        return out + self.u

    def _jacobian(self, t: float, y: np.ndarray) -> np.ndarray:
        out = np.empty((self.y.size, self.y.size))
        self.problem.system.jac(t, y, self.c, out)
        return out

    def _apply(self, kind: int, index: int, value: float) -> None:
        """Let one event act; the same meaning as in the driver of `ldnsim.engine.trajectory`."""
        if kind == Kind.ADD:
            self.y[index] += value
        elif kind == Kind.RATE:
            self.u[index] += value
            if abs(self.u[index]) <= 1e-13 * abs(value):
                self.u[index] = 0.0
        elif kind == Kind.SET:
            self.y[index] = value
        elif kind == Kind.MULTIPLY:
            self.y[index] *= value
        elif kind == Kind.RESET:
            self.y[:], self.u[:] = self.y0, 0.0
        elif kind == Kind.STATE:
            self.y[:] = self.problem.events.states[int(value)]
        elif kind == Kind.CONSTANTS:
            self.c[:] = self.problem.events.constants[int(value)]

    def _emit(self, until: float, state: Callable[[float], np.ndarray], inclusive: bool = False) -> None:
        """Write the outputs due before `until`; those at the instant itself wait for its events."""
        limit = until if inclusive else until - 8.0 * EPSILON * abs(until)
        seen = np.empty(self.problem.system.n_outputs)
        while self.output < len(self.times) and (
            self.times[self.output] < limit or (inclusive and self.times[self.output] == limit)
        ):
            t = self.times[self.output]
            self.problem.system.observe(t, np.ascontiguousarray(state(t)), self.c, seen)
            self.values[:, self.output] = seen[self.problem.outputs]
            self.output += 1
