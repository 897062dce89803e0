"""An independent second opinion: SciPy's solvers on the same compiled functions, restarted at every event."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from scipy import integrate as scipy_integrate

from ..errors import bad
from .events import EventKind
from .instants import jump_edge, width
from .problem import Problem, Solution
from .status import Status
from .threads import look


def run(problem: Problem) -> Solution:
    """Integrate a problem with the SciPy solver its method is named after."""
    if problem.system.delays is not None:
        raise bad("method", problem.method.name, "SciPy cannot look into the past", "use 'auto'")
    if problem.system.events is not None:
        raise bad("method", problem.method.name, "SciPy cannot follow state-dependent events", "use 'auto'")
    solution = Solution.before(problem)
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
        t_last = self.times[-1]
        while True:
            while self.events and self.events[0][0] <= self.t:
                self._apply(*self.events.pop(0)[1:])
            np.maximum(self.peak, np.abs(self.y), out=self.peak)
            t_end = self.events[0][0] if self.events else np.inf
            hold = t_end - width(t_end)  # outputs wait for all events of their instant
            if not t_end <= t_last + width(t_last):
                t_end, hold = max(self.t, t_last), np.inf
            self._emit(min(np.nextafter(self.t, np.inf), hold), lambda t: self.y)
            if self.output == len(self.times):
                return Status.FINISHED
            status = self._advance(t_end, hold)
            if status != Status.FINISHED:
                return status
            self.t = t_end

    def _advance(self, t_end: float, hold: float) -> Status:
        """Let a new solver run to t_end, past no event; outputs from `hold` on are left."""
        if self.problem.system.n_breaks:  # no evaluation on the other side of a jump, as in the driver
            edge = jump_edge(self.t, t_end)
            self.t, t_end = self.t + edge, t_end - edge
            self.y = self.y + 2.0 * edge * self.u  # what infusions bring in the meantime
        rate = self._rate(self.t, self.y)
        if not (np.isfinite(self.y).all() and np.isfinite(rate).all()):
            return Status.NON_FINITE
        if t_end - self.t <= width(t_end):  # too short for SciPy's solvers to begin
            self.y = self.y + (t_end - self.t) * rate
            return Status.FINISHED
        try:
            solver = self._solver(t_end)
            while solver.status == "running":
                look()
                if self.steps >= self.problem.max_steps:
                    return Status.TOO_MANY_STEPS
                solver.step()
                self.steps += 1
                if not np.isfinite(solver.y).all():
                    return Status.NON_FINITE
                if solver.status == "failed" or solver.t <= self.t:
                    return Status.STEP_UNDERFLOW
                self._emit(min(np.nextafter(solver.t, np.inf), hold), solver.dense_output())
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
        if kind == EventKind.ADD:
            self.y[index] += value
        elif kind == EventKind.RATE:
            self.u[index] += value
            if abs(self.u[index]) <= 1e-13 * abs(value):
                self.u[index] = 0.0
        elif kind == EventKind.SET:
            self.y[index] = value
        elif kind == EventKind.MULTIPLY:
            self.y[index] *= value
        elif kind == EventKind.RESET:
            self.y[:], self.u[:] = self.y0, 0.0
        elif kind == EventKind.STATE:
            self.y[:] = self.problem.events.states[int(value)]
        elif kind == EventKind.CONSTANTS:
            self.c[:] = self.problem.events.constants[int(value)]

    def _emit(self, until: float, state: Callable[[float], np.ndarray]) -> None:
        """Write the outputs due before `until`."""
        seen = np.empty(self.problem.system.n_outputs)
        while self.output < len(self.times) and self.times[self.output] < until:
            t = self.times[self.output]
            self.problem.system.observe(t, np.ascontiguousarray(state(t)), self.c, seen)
            self.values[:, self.output] = seen[self.problem.outputs]
            self.output += 1
