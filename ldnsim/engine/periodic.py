"""The periodic state of a system whose inputs repeat, found by Newton's method on the map over one period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import bad
from .events import Events
from .invariants import conserved_directions
from .period_map import LOOSE, TIGHT, PeriodMap
from .system import System
from .takeover import WIDTH

_NEAR = 1e-3  # of the scale: below it the loose map says no more
_JACOBIANS, _CHORDS, _HALVINGS = 6, 8, 5
_SLOW = 0.3  # a chord step that is not this much smaller than the last asks for a new Jacobian
_UNEXPLAINED = 30.0  # a drift this much larger than the tolerance is not the end, however small the step
_TRUSTED = 0.1  # share of a step that the change of the drift must explain
_FAR = 1e6  # of the scale: no step leads there, where a drift would drown in the rounding of the state
_SUSPECT = 100.0  # size of the inverse from which something may be conserved
_FIRST, _MORE, _ROUNDS = 6, 25, 4  # periods to follow the map itself: at first, and where Newton is lost


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
    scale : array, shape (n_states,)
        Size of each state.
    runs : int
        Periods integrated, each for one trajectory.
    gathers : array of bool, shape (n_states,)
        Which states only collect, see `.collecting`: they keep where they began.
    """

    state: np.ndarray
    converged: np.ndarray
    error: np.ndarray
    drift: np.ndarray
    scale: np.ndarray
    runs: int
    gathers: np.ndarray

    def why(self, states: Sequence[str]) -> str:
        """Say in a sentence why the worst trajectory did not converge; empty if all did."""
        lost = np.flatnonzero(~self.converged)
        if not lost.size:
            return ""
        worst = lost[int(np.argmax(np.nan_to_num(self.error[lost], nan=np.inf, posinf=np.inf)))]
        if not np.isfinite(self.drift[worst]).all():
            return "it could not be integrated over one period"
        k = int(np.argmax(np.abs(self.drift[worst]) / self.scale))
        return f"{states[k]} still changes by {self.drift[worst, k]:.3g} over a period"


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
    pilot: int = 0,
) -> Periodic:
    """Find y with F(y) = y, F the map over one period of the inputs.

    Newton's method solves (I - M) step = F(y) - y. All columns of M = dF/dy are run as one batch, at a loose
    tolerance; the inverse is kept and improved by Broyden's formula, and renewed only where that is slow. The
    last steps are taken with the map at a tight tolerance. Conserved sums keep their values. Where Newton's
    method is lost, the map itself is followed for some periods and it is tried again.

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
        See `ldnsim.engine.solve.prepare`.
    pilot : int
        The trajectory that scales and the method are found from.

    Returns
    -------
    Periodic
    """
    return _Search(PeriodMap(system, guess, constants, events, period, t0, method, threads, pilot), tol).run()


def recurrence(
    system: System, y: np.ndarray, constants: np.ndarray, t0: float, period: float, most: int = 60
) -> int | None:
    """Smallest number of periods after which the equations are the same again; None if there is none.

    Tried on the right-hand side itself, at times spread over more than a week, at `y` and away from it: what
    depends on time may do so only where something moves.
    """
    if system.unsteady:
        raise bad(
            "model", system.name, f"{system.unsteady}: no steady state is found", "simulate long enough"
        )
    times = t0 + max(period, 168.0) * np.modf(np.arange(1, 18) * 0.6180339887498949)[0]
    some = [-1, 0, 1, 2][: 1 + len(np.atleast_2d(y))]
    y, constants = np.atleast_2d(y)[some], np.atleast_2d(constants)[some]
    away = np.modf(np.arange(1, y.shape[1] + 1) * 0.7548776662466927)[0]
    y = np.concatenate([y, y * (0.6 + 0.8 * away) + 0.1 * away * (y == 0.0)])
    constants = np.concatenate([constants, constants])

    def rates(shift: float) -> np.ndarray:
        out = np.zeros((len(y), len(times), system.n_states))
        for i, k in np.ndindex(len(y), len(times)):
            system.rhs(times[k] + shift, y[i], constants[i], out[i, k])
        return out

    now = rates(0.0)
    real = np.isfinite(now)
    size = np.abs(np.where(real, now, 0.0)).max(axis=(0, 1)) + 1e-300
    for n in range(1, most + 1):
        if ((np.abs(rates(n * period) - now) <= 1e-8 * size) | ~real).all():
            return n
    return None


class _Search:
    """Newton's method for all trajectories at once; those that are done leave."""

    def __init__(self, on: PeriodMap, tol: float) -> None:
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
            self._follow(left, _MORE if trial else _FIRST)
            near = left
            for _ in range(_JACOBIANS):
                near = self._chords(self._linearise(near), LOOSE, _NEAR)
                if not near.size:
                    break
            self._chords(left, TIGHT, self.tol)
            if self.converged.all():
                break
        m = self.map
        return Periodic(self.y, self.converged, self.error, self.drift, m.scale, m.runs, m.gains > 0.0)

    def _follow(self, who: np.ndarray, periods: int) -> None:
        """Follow the map itself for some periods."""
        y = np.where(np.isfinite(self.error[who])[:, None], self.y[who], self.map.guess[who])
        for _ in range(periods):
            after = self.map(who, y, LOOSE)
            y = np.where(np.isfinite(after), after, y)
        self.y[who] = y

    def _linearise(self, who: np.ndarray) -> np.ndarray:
        """Set the inverse of I - M; return those for whom that worked."""
        after = self.map(who, self.y[who], LOOSE)
        still = (self.y[who] == 0.0) & (after == 0.0) | self.map.collecting
        groups, of = np.unique(who // WIDTH, return_inverse=True)
        at_rest = np.array([still[of == g].all(axis=0) for g in range(len(groups))])
        sets, which = np.unique(at_rest, axis=0, return_inverse=True)
        parts = [np.flatnonzero(which.ravel()[of] == k) for k in range(len(sets))]
        sound = [self._linearised(who[p], still[p], np.flatnonzero(~sets[k])) for k, p in enumerate(parts)]
        return np.sort(np.concatenate(sound))

    def _linearised(self, who: np.ndarray, still: np.ndarray, moving: np.ndarray) -> np.ndarray:
        """Set the inverse for some who have the same states at rest."""
        if not moving.size:
            self.inverse[who] = np.eye(self.n_states)
            return who
        after, slopes = self.map.jacobian(who, self.y[who], moving)
        sound = np.isfinite(after).all(axis=1) & np.isfinite(slopes).all(axis=(1, 2))
        matrix = np.broadcast_to(np.eye(self.n_states), (len(who), self.n_states, self.n_states)).copy()
        matrix[:, :, moving] -= slopes
        for i, j in np.argwhere(still):
            matrix[i, j, :] = matrix[i, :, j] = np.eye(self.n_states)[j]
        for i in np.flatnonzero(sound):
            self.inverse[who[i]] = self._inverted(matrix[i], who[i])
        return who[sound]

    def _chords(self, who: np.ndarray, rtol: float, enough: float) -> np.ndarray:
        """Take steps with the inverse that is there until they are small; return whom it does not serve."""
        before, slow = None, []
        for _ in range(_CHORDS):
            after = self.map(who, self.y[who], rtol)
            sound = np.isfinite(after).all(axis=1)
            who, after = who[sound], after[sound]
            if not who.size:
                break
            drift = after - self.y[who]
            if before is not None:
                taken, earlier, last = (b[sound] for b in before)
                changed = (earlier - drift) / self.map.scale
                self.inverse[who] = _broyden(self.inverse[who], taken / self.map.scale, changed)
            step = np.einsum("ijk,ik->ij", self.inverse[who], drift / self.map.scale) * self.map.scale
            size = self._size(step)
            step = self._moved(who, step, after, size)
            left = size > enough
            if rtol == TIGHT:  # a step in the least-squares sense may be small where the drift is not
                left |= self._size(drift) > _UNEXPLAINED * enough
                self.drift[who], self.error[who], self.converged[who] = drift, size, ~left
            if before is not None:
                crawling = left & (size > _SLOW * last)
                slow.append(who[crawling])
                left &= ~crawling
            before = step[left], drift[left], size[left]
            who = who[left]
            if not who.size:
                break
        return np.concatenate([*slow, who]) if slow else who

    def _moved(self, who: np.ndarray, step: np.ndarray, after: np.ndarray, size: np.ndarray) -> np.ndarray:
        """Take the step, or the largest half, quarter, ... of it from which the map can be run."""
        y = self.y[who]
        part, lost = np.ones(len(who)), size > 1.0  # small steps need no trial
        for _ in range(_HALVINGS):
            if not lost.any():
                break
            trial = _kept_positive(y[lost], part[lost, None] * step[lost], after[lost])
            failed = ~np.isfinite(self.map(who[lost], trial, LOOSE)).all(axis=1)
            failed |= part[lost] * size[lost] > _FAR
            part[np.flatnonzero(lost)[failed]] *= 0.5
            lost[lost] = failed
        new = np.where(lost[:, None], after, _kept_positive(y, part[:, None] * step, after))
        self.y[who] = new
        return new - y

    def _size(self, step: np.ndarray) -> np.ndarray:
        return (np.abs(step) / self.map.scale).max(axis=1, initial=0.0)

    def _inverted(self, matrix: np.ndarray, who: int) -> np.ndarray:
        """Turn drift into step, both in units of the scale; what is conserved is held fixed."""
        scale, problem = self.map.scale, self.map.problem
        scaled = matrix * scale[None, :] / scale[:, None]
        try:
            inverse = np.linalg.inv(scaled)
        except np.linalg.LinAlgError:
            inverse = np.full_like(scaled, np.inf)
        if not np.abs(inverse).max() < _SUSPECT:
            fixed = conserved_directions(problem.system, self.y[who], problem.constants[who], scale)
            if len(fixed) or not np.isfinite(inverse).all():
                held = np.vstack([scaled, fixed * scale[None, :]])
                inverse = np.linalg.pinv(held, rcond=1e-6)[:, : self.n_states]
        return inverse


def _kept_positive(y: np.ndarray, step: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Keep a state that the map keeps >= 0 from overshooting 0."""
    new = y + step
    return np.where((y >= 0) & (after >= 0) & (new < 0), 0.5 * np.minimum(y, after), new)


def _broyden(inverse: np.ndarray, taken: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Improve the inverse so that it maps the change of the drift to the step that made it.

    Broyden (1965), Math. Comp. 19:577; left alone where the drift did not answer to the step.
    """
    mapped = np.einsum("ijk,ik->ij", inverse, changed)
    row = np.einsum("ij,ijk->ik", taken, inverse)
    weight = np.einsum("ij,ij->i", taken, mapped)
    safe = weight > _TRUSTED * np.einsum("ij,ij->i", taken, taken)
    factor = np.where(safe, 1.0 / np.where(safe, weight, 1.0), 0.0)
    return inverse + (taken - mapped)[:, :, None] * (factor[:, None] * row)[:, None, :]
