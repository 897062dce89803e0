"""The most probable random effects of each subject, by Gauss-Newton steps of all subjects together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .effects import Point
from .prediction import Prediction
from .residual import Scatter

ENOUGH = 1e-12  # of the decrement: twice the drop of the objective that a further step promises
MOST = 60
HALVINGS = 12
NOISE, TRIES = 1e-6, 2  # of a decrement: below, a step that does not help is the noise of the solver


class Modes(NamedTuple):
    """Where the random effects of n subjects are most probable.

    Attributes
    ----------
    eta : array, shape (n, q)
    joint : array, shape (n,)
        Minus log density there, of measurements and effects, without the constants of the effects.
    f, slopes : array, shape (n, m) and (n, m, k)
        Predictions, and their derivatives by all parameters.
    scatter : Scatter
    found : array of bool, shape (n,)
        Whose search came to an end.
    """

    eta: np.ndarray
    joint: np.ndarray
    f: np.ndarray
    slopes: np.ndarray
    scatter: Scatter
    found: np.ndarray


def modes(prediction: Prediction, point: Point, eta: np.ndarray, bend: np.ndarray | None = None) -> Modes:
    """Find them.

    Parameters
    ----------
    prediction : Prediction
    point : Point
        Of the statistical model.
    eta : array, shape (n, q)
        Where to start.
    bend : array, shape (n, q, q), optional
        What the exact second derivative has beyond the expected information, from a point nearby.
    """
    state = _State(prediction, point, eta.copy())
    q = eta.shape[1]
    if not q:
        return state.modes(np.isfinite(state.joint))
    active, found = np.isfinite(state.joint), np.isfinite(state.joint)
    for _ in range(MOST):
        who = np.flatnonzero(active)
        if not who.size:
            break
        gradient, hessian = state.gradient[who], state.hessian(who, bend)
        step = -np.linalg.solve(hessian, gradient[..., None])[..., 0]
        decrement = -(gradient * step).sum(axis=1)
        there = decrement <= ENOUGH * (1.0 + 1e-3 * np.abs(state.joint[who]))
        active[who[there]] = False
        tries = TRIES if decrement[~there].max(initial=0.0) < NOISE else HALVINGS
        stuck = state.move(who[~there], step[~there], tries)
        active[stuck] = False
        found[stuck] = decrement[np.isin(who, stuck)] < 1e-4  # noise of the solver, not a failure
    found &= ~active
    return state.modes(found)


def modes_at(prediction: Prediction, point: Point, eta: np.ndarray) -> Modes:
    """Return what `modes` does, at random effects that are given, shape (n, q)."""
    state = _State(prediction, point, eta.copy())
    return state.modes(np.isfinite(state.joint))


class _State:
    """Subjects on their way."""

    def __init__(self, prediction: Prediction, point: Point, eta: np.ndarray) -> None:
        self.prediction, self.point, self.eta = prediction, point, eta
        n, k = len(eta), len(prediction.effects.base)
        m = prediction.samples.y.shape[1]
        r = len(point.log_sd)
        self.f, self.slopes = np.empty((n, m)), np.empty((n, m, k))
        shapes = [(n, m)] * 5 + [(n, m, r)] * 4
        self.scatter = Scatter(*(np.empty(s) for s in shapes))
        self.joint, self.gradient = np.empty(n), np.empty(eta.shape)
        everyone = np.arange(n)
        self._keep(everyone, *self._look(everyone, eta))

    def _look(self, who: np.ndarray, eta: np.ndarray):
        z = self.prediction.effects.placed(eta, self.point.centre[who])
        f, slopes = self.prediction.slopes(z, who)
        scatter = self.prediction.residual.scatter(f, self.point.log_sd, who)
        pull = eta @ self.point.precision
        joint = scatter.l.sum(axis=1) + 0.5 * (pull * eta).sum(axis=1)
        own = slopes[:, :, self.prediction.effects.varying]
        gradient = np.einsum("nm,nmq->nq", scatter.df, own) + pull
        lost = ~np.isfinite(gradient).all(axis=1)
        return eta, f, slopes, scatter, np.where(lost | np.isnan(joint), np.inf, joint), gradient

    def _keep(self, who, eta, f, slopes, scatter, joint, gradient) -> None:
        self.eta[who], self.f[who], self.slopes[who] = eta, f, slopes
        for kept, new in zip(self.scatter, scatter, strict=True):
            kept[who] = new
        self.joint[who], self.gradient[who] = joint, gradient

    def hessian(self, who: np.ndarray, bend: np.ndarray | None) -> np.ndarray:
        """Return the expected information about the effects, bent where that keeps it positive."""
        own = self.slopes[who][:, :, self.prediction.effects.varying]
        hessian = np.einsum("nm,nmi,nmj->nij", self.scatter.info[who], own, own) + self.point.precision
        if bend is None:
            return hessian
        bent = hessian + bend[who]
        least = _least(hessian, bent)
        return np.where((least > 0.2)[:, None, None], bent, hessian)

    def move(self, who: np.ndarray, step: np.ndarray, tries: int) -> np.ndarray:
        """Let subjects go a step, or a part of it; return those who cannot."""
        share = 1.0
        for _ in range(tries):
            if not who.size:
                return who
            seen = self._look(who, self.eta[who] + share * step)
            joint = seen[4]
            better = joint <= self.joint[who] + 1e-12 * np.abs(self.joint[who])
            kept = (seen[0], seen[1], seen[2], Scatter(*(x[better] for x in seen[3])), joint, seen[5])
            self._keep(who[better], *(x if isinstance(x, Scatter) else x[better] for x in kept))
            who, step, share = who[~better], step[~better], share / 2.0
        return who

    def modes(self, found: np.ndarray) -> Modes:
        """Return where they are."""
        return Modes(self.eta, self.joint, self.f, self.slopes, self.scatter, found)


def _least(hessian: np.ndarray, bent: np.ndarray) -> np.ndarray:
    """Least eigenvalue of one matrix in units of another."""
    root = np.linalg.inv(np.linalg.cholesky(hessian))
    return np.linalg.eigvalsh(root @ bent @ root.transpose(0, 2, 1))[:, 0]
