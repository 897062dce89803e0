"""The periodic state of a system whose inputs repeat, found by Newton's method on the map over one period."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .events import Events
from .invariants import conserved_directions
from .methods import METHODS
from .problem import Problem
from .scales import RELATIVE
from .solve import prepare, run
from .system import System

LOOSE, TIGHT = 1e-5, 1e-10  # rtol on the way, where 3 digits are enough, and at the end
_NEAR = 1e-3  # of the scale: below it the loose map says no more
_PERTURBATION = 1e-3  # of the scale, for the columns of the map's Jacobian
_LOOSE_STEPS, _TIGHT_STEPS, _HALVINGS = 8, 6, 5
_ROUNDS, _PERIODS = 4, 25  # of following the map itself where Newton's method is lost
_GROUP = 8  # trajectories that share steps, see ldnsim.engine.lanes


@dataclass(frozen=True, eq=False)
class Periodic:
    """States that come back after one period.

    Attributes
    ----------
    state : array, shape (n, n_states)
        State at the start of the period; the best one found where `converged` is False.
    converged : array of bool, shape (n,)
        Whether the state is known to the tolerance asked for.
    error : array, shape (n,)
        Last Newton step, relative to each state's scale, the largest: an estimate of the error before it.
    drift : array, shape (n, n_states)
        Change over one period at the last look.
    runs : int
        Periods integrated, each for one trajectory.
    why : str
        One sentence if some did not converge.
    """

    state: np.ndarray
    converged: np.ndarray
    error: np.ndarray
    drift: np.ndarray
    runs: int
    why: str = ""


def periodic_state(
    system: System,
    guess: np.ndarray,
    constants: np.ndarray,
    events: Events,
    period: float,
    *,
    t0: float = 0.0,
    tol: float = 1e-8,
    method: str = "auto",
    threads: int | None = None,
) -> Periodic:
    """Find y with F(y) = y, F the map over one period of the inputs.

    Newton's method solves (I - M) step = F(y) - y. M = dF/dy comes from all columns run as one batch beside
    the base trajectory; first at a loose tolerance, then, M kept and improved by Broyden's formula, at a
    tight one. Conserved sums keep their values. Where Newton's method is lost, the map itself is followed for
    some periods and it is tried again.

    Parameters
    ----------
    system : System
        Its equations must be the same one period later, see `recurrence`.
    guess : array, shape (n, n_states)
        Where to start: the state at rest.
    constants : array, shape (n, n_constants)
        Constants of each trajectory.
    events : Events
        Inputs from `t0` to ``t0 + period``.
    period : float
        In h.

    Other Parameters
    ----------------
    t0 : float
        Start (h).
    tol : float
        Error allowed, relative to each state's scale.
    method, threads
        See `ldnsim.engine.solve.integrate`.

    Returns
    -------
    Periodic
    """
    return _Search(_Map(system, guess, constants, events, period, t0, method, threads), tol).run()


def recurrence(
    system: System, y: np.ndarray, constants: np.ndarray, t0: float, period: float, most: int = 60
) -> int | None:
    """Smallest number of periods after which the equations are the same again; None if there is none.

    Tried on the right-hand side itself, at times spread over more than a week.
    """
    times = t0 + max(period, 168.0) * np.modf(np.arange(1, 18) * 0.6180339887498949)[0]
    y, constants = np.atleast_2d(y)[:3], np.atleast_2d(constants)[:3]

    def rates(shift: float) -> np.ndarray:
        out = np.zeros((len(y), len(times), system.n_states))
        for i, k in np.ndindex(len(y), len(times)):
            system.rhs(times[k] + shift, y[i], constants[i], out[i, k])
        return out

    now = rates(0.0)
    size = np.abs(now).max(axis=(0, 1)) + 1e-300
    for n in range(1, most + 1):
        if (np.abs(rates(n * period) - now) <= 1e-8 * size).all():
            return n
    return None


class _Map:
    """F for any of the trajectories, at any tolerance."""

    def __init__(self, system, guess, constants, events, period, t0, method, threads):
        method = "rodas5p" if method == "fast" else method  # single precision cannot give 8 digits
        outputs = np.empty(0, np.int64)
        self.problem: Problem = prepare(
            system, guess, constants, events, [t0 + period], t0=t0,
            method=method, rtol=TIGHT, threads=threads, outputs=outputs,
        )  # fmt: skip
        self.guess, self.runs = self.problem.y0, 0
        self.scale = self.problem.atol / (RELATIVE * TIGHT)
        together = system.lanes is not None and system.events is None and not self.problem.method.scipy
        self.batch_method = METHODS["rodas5p"] if together else self.problem.method
        self.per_group = _GROUP - 1 if self.batch_method.lanes else system.n_states

    def __call__(self, who: np.ndarray, y: np.ndarray, rtol: float) -> np.ndarray:
        """Run the map for trajectories `who` from `y`, shape (len(who), n_states); NaN where it failed."""
        return self._run(who, y, rtol, self.problem.method, None)

    def _run(self, who, y, rtol, method, block):
        p = self.problem
        self.runs += len(who)
        solution = run(
            replace(
                p,
                y0=np.ascontiguousarray(y),
                constants=p.constants[who],
                events=replace(p.events, row=p.events.row[who]),
                times_row=p.times_row[who],
                rtol=rtol,
                atol=RELATIVE * rtol * self.scale,
                method=method,
                block=block or self._block(who),
            )
        )
        return np.where(solution.finished[:, None], solution.last_state, np.nan)

    def _block(self, who: np.ndarray) -> int:
        rows = self.problem.events.row[who]
        return len(who) if (rows == rows[0]).all() else 1

    def jacobian(self, who: np.ndarray, y: np.ndarray, rtol: float) -> tuple[np.ndarray, np.ndarray]:
        """F and M = dF/dy, shape (len(who), n_states, n_states): base and perturbed runs in one batch.

        Each group of lanes holds a base trajectory, so that the differences share all its steps.
        """
        n, n_states = y.shape
        per = self.per_group
        groups = -(-n_states // per)
        step = _PERTURBATION * np.maximum(self.scale, np.abs(y))
        batch = np.repeat(y[:, None, :], groups * (per + 1), axis=1)
        place = np.arange(n_states) // per * (per + 1) + 1 + np.arange(n_states) % per
        batch[:, place, np.arange(n_states)] += step
        many = np.repeat(who, groups * (per + 1))
        ends = self._run(many, batch.reshape(-1, n_states), rtol, self.batch_method, groups * (per + 1))
        ends = ends.reshape(n, -1, n_states)
        base = ends[:, place // (per + 1) * (per + 1)]
        columns = (ends[:, place] - base) / step[:, :, None]
        return ends[:, 0], np.swapaxes(columns, 1, 2)


class _Search:
    """Newton's method for all trajectories at once; those that are done leave."""

    def __init__(self, on: _Map, tol: float) -> None:
        self.map, self.tol = on, tol
        n, self.n_states = on.guess.shape
        self.y = on.guess.copy()
        self.converged = np.zeros(n, bool)
        self.error = np.full(n, np.inf)
        self.drift = np.full(on.guess.shape, np.nan)
        self.inverse = np.zeros((n, self.n_states, self.n_states))

    def run(self) -> Periodic:
        for trial in range(_ROUNDS + 1):
            left = np.flatnonzero(~self.converged)
            if trial:
                self._follow(left)
            self._come_near(left)
            self._close_in(left)
            if self.converged.all():
                break
        return Periodic(self.y, self.converged, self.error, self.drift, self.map.runs, self._why())

    def _follow(self, who: np.ndarray) -> None:
        """Follow the map from rest, a little longer each time it is needed."""
        y = np.where(np.isfinite(self.error[who])[:, None], self.y[who], self.map.guess[who])
        for _ in range(_PERIODS):
            after = self.map(who, y, LOOSE)
            y = np.where(np.isfinite(after), after, y)
        self.y[who] = y

    def _come_near(self, who: np.ndarray) -> None:
        """Take Newton steps with the loose map, a chord step after each, until it says no more."""
        for _ in range(_LOOSE_STEPS):
            after, jacobian = self.map.jacobian(who, self.y[who], LOOSE)
            sound = np.isfinite(after).all(axis=1) & np.isfinite(jacobian).all(axis=(1, 2))
            who, after, jacobian = who[sound], after[sound], jacobian[sound]
            self.inverse[who] = self._inverted(who, jacobian, after)
            for chord in (False, True):
                if chord:
                    after = self.map(who, self.y[who], LOOSE)
                    sound = np.isfinite(after).all(axis=1)
                    who, after = who[sound], after[sound]
                step = self._step(who, after - self.y[who])
                self._move(who, step, after)
                who = who[self._size(step) > _NEAR]
                if not who.size:
                    return

    def _close_in(self, who: np.ndarray) -> None:
        """Take chord steps with the tight map; Broyden's formula improves the inverse on the way."""
        before: tuple[np.ndarray, np.ndarray] | None = None
        for _ in range(_TIGHT_STEPS):
            after = self.map(who, self.y[who], TIGHT)
            sound = np.isfinite(after).all(axis=1)
            who, after = who[sound], after[sound]
            if not who.size:
                return
            drift = after - self.y[who]
            if before is not None:
                taken, earlier = (b[sound] for b in before)
                self.inverse[who] = _broyden(self.inverse[who], taken, earlier - drift)
            step = self._step(who, drift)
            self.drift[who], self.error[who] = drift, self._size(step)
            self.y[who] = self._kept_positive(self.y[who], step, after)
            self.converged[who] = self.error[who] <= self.tol
            left = ~self.converged[who]
            before = step[left], drift[left]
            who = who[left]
            if not who.size:
                return

    def _move(self, who: np.ndarray, step: np.ndarray, after: np.ndarray) -> None:
        """Take the step, or the largest half, quarter, ... of it from which the map can be run."""
        y = self.y[who]
        size, lost = np.ones(len(who)), self._size(step) > 1.0  # small steps need no trial
        for _ in range(_HALVINGS):
            if not lost.any():
                break
            trial = self._kept_positive(y[lost], size[lost, None] * step[lost], after[lost])
            bad = ~np.isfinite(self.map(who[lost], trial, LOOSE)).all(axis=1)
            size[np.flatnonzero(lost)[bad]] *= 0.5
            lost[lost] = bad
        self.y[who] = np.where(lost[:, None], after, self._kept_positive(y, size[:, None] * step, after))

    @staticmethod
    def _kept_positive(y: np.ndarray, step: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Keep a state that the map keeps >= 0 from overshooting 0."""
        new = y + step
        return np.where((y >= 0) & (after >= 0) & (new < 0), 0.5 * np.minimum(y, after), new)

    def _step(self, who: np.ndarray, drift: np.ndarray) -> np.ndarray:
        return np.einsum("ijk,ik->ij", self.inverse[who], drift)

    def _size(self, step: np.ndarray) -> np.ndarray:
        return (np.abs(step) / self.map.scale).max(axis=1)

    def _inverted(self, who: np.ndarray, jacobian: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Inverse of I - M on the states that move, conserved sums held fixed."""
        eye = np.eye(self.n_states)
        matrix = eye - jacobian
        still = (self.y[who] == after) & (self.y[who] == 0.0)
        for i, j in np.argwhere(still):
            matrix[i, j, :] = matrix[i, :, j] = eye[j]
        inverse = np.empty_like(matrix)
        conserved = self._conserved(who[0]) if who.size else np.empty((0, self.n_states))
        for i, w in enumerate(who):
            if len(conserved):  # what one subject does not conserve, none does
                conserved = self._conserved(w)
            inverse[i] = _constrained_inverse(matrix[i], conserved, self.map.scale)
        return inverse

    def _conserved(self, w: int) -> np.ndarray:
        problem = self.map.problem
        return conserved_directions(problem.system, self.y[w], problem.constants[w], self.map.scale)

    def _why(self) -> str:
        lost = np.flatnonzero(~self.converged)
        if not lost.size:
            return ""
        worst = lost[int(np.argmax(np.nan_to_num(self.error[lost], nan=np.inf, posinf=np.inf)))]
        if not np.isfinite(self.drift[worst]).all():
            return "the trajectory could not be integrated over one period"
        state = int(np.argmax(np.abs(self.drift[worst]) / self.map.scale))
        return f"state {state + 1} still changes by {self.drift[worst, state]:.3g} over a period"


def _constrained_inverse(matrix: np.ndarray, directions: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Matrix that turns a drift into a step, none along what is conserved; least squares if it must be."""
    scaled = matrix * scale[None, :] / scale[:, None]
    if len(directions):
        rows = np.vstack([scaled, directions * scale[None, :]])
        inverse = np.linalg.pinv(rows)[:, : len(matrix)]
    else:
        try:
            inverse = np.linalg.inv(scaled)
        except np.linalg.LinAlgError:
            inverse = np.linalg.pinv(scaled, rcond=1e-6)
    return inverse * scale[:, None] / scale[None, :]


def _broyden(inverse: np.ndarray, taken: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Improve the inverse so that it maps the change of the drift to the step that made it.

    Broyden (1965), Math. Comp. 19:577.
    """
    mapped = np.einsum("ijk,ik->ij", inverse, changed)
    row = np.einsum("ij,ijk->ik", taken, inverse)
    weight = np.einsum("ij,ij->i", taken, mapped)
    safe = np.abs(weight) > 1e-300
    factor = np.where(safe, 1.0 / np.where(safe, weight, 1.0), 0.0)
    return inverse + (taken - mapped)[:, :, None] * (factor[:, None] * row)[:, None, :]
