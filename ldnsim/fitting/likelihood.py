"""-2 log likelihood by the Laplace and the FOCEI approximation, with gradients by implicit differentiation.

With g the joint minus log density of a subject's measurements and random effects, and H its second derivative
at its least point (Laplace) or the expected information there (FOCEI), a subject adds

    2 sum(l) + eta' Omega^-1 eta + log|Omega| + log|H|.

Its gradient needs how the least point moves: d eta = -G^-1 d(dg/d eta), G the exact second derivative (Almquist,
Leander & Jirstrand, J Pharmacokinet Pharmacodyn 42, 2015). Second derivatives of the predictions are differences
of forward sensitivities; for Laplace, so is the slope of log|H|.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .effects import Effects, Point
from .modes import Modes, modes
from .prediction import STEP, Prediction


class Answer(NamedTuple):
    """The objective at a point.

    Attributes
    ----------
    each : array, shape (n,)
        -2 log likelihood of each subject.
    slopes : array, shape (n, parameter)
        Their derivatives.
    """

    each: np.ndarray
    slopes: np.ndarray

    @property
    def total(self) -> float:
        """-2 log likelihood."""
        return float(self.each.sum())

    @property
    def gradient(self) -> np.ndarray:
        """Its derivative."""
        return self.slopes.sum(axis=0)


@dataclass(eq=False)
class Approximation:
    """FOCEI or Laplace; remembers where the random effects were, to start there again.

    Attributes
    ----------
    prediction : Prediction
    laplace : bool
        Whether to take the exact second derivative.
    """

    prediction: Prediction
    laplace: bool = False
    eta: np.ndarray = field(init=False)
    bend: np.ndarray | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.eta = np.zeros((len(self.prediction.samples), len(self.effects.spread)))

    @property
    def effects(self) -> Effects:
        """The statistical model."""
        return self.prediction.effects

    def restart(self) -> None:
        """Forget where the random effects were."""
        self.eta, self.bend = np.zeros_like(self.eta), None

    def at_modes(self, point: Point) -> Modes:
        """Find the random effects, and remember them."""
        found = modes(self.prediction, point, self.eta, self.bend)
        if np.isfinite(found.joint).all():
            self.eta = found.eta.copy()
        return found

    def value(self, x: np.ndarray) -> np.ndarray:
        """-2 log likelihood of each subject, shape (n,)."""
        point = self.effects.at(x)
        m = self.at_modes(point)
        if not np.isfinite(m.joint).all():
            return np.where(np.isfinite(m.joint), 0.0, np.inf)
        exact = self._exact(point, m) if self.laplace else None
        return self._each(point, m, self._h(point, m, exact))

    def answer(self, x: np.ndarray) -> Answer:
        """-2 log likelihood with its derivatives."""
        point = self.effects.at(x)
        m = self.at_modes(point)
        n, p = len(m.joint), len(x)
        if not np.isfinite(m.joint).all():
            return Answer(np.where(np.isfinite(m.joint), 0.0, np.inf), np.full((n, p), np.nan))
        part = _Part(self, point, m, x)
        return Answer(self._each(point, m, part.h), part.slopes())

    def _each(self, point: Point, m: Modes, h: np.ndarray) -> np.ndarray:
        if not h.shape[-1]:
            return 2.0 * m.joint
        sign, log_h = np.linalg.slogdet(h)
        log_h = np.where(sign > 0, log_h, np.inf)
        return 2.0 * m.joint + np.linalg.slogdet(point.omega)[1] + log_h

    def _exact(self, point: Point, m: Modes) -> np.ndarray:
        """Second derivatives of the predictions at the modes, shape (n, m, k, k)."""
        z = self.effects.placed(m.eta, point.centre)
        return self.prediction.curvature(z, np.arange(len(z)))

    def _h(self, point: Point, m: Modes, exact: np.ndarray | None) -> np.ndarray:
        """Return the expected information about the effects, or the exact second derivative."""
        v = self.effects.varying
        own, s = m.slopes[:, :, v], m.scatter
        weight = s.info if exact is None else s.ddf
        h = np.einsum("nm,nmi,nmj->nij", weight, own, own) + point.precision
        return h if exact is None else h + np.einsum("nm,nmij->nij", s.df, exact[:, :, v][:, :, :, v])


class _Part:
    """One evaluation with derivatives."""

    def __init__(self, owner: Approximation, point: Point, m: Modes, x: np.ndarray) -> None:
        self.owner, self.point, self.m, self.x = owner, point, m, x
        self.effects, self.v = owner.effects, owner.effects.varying
        self.own = m.slopes[:, :, self.v]
        q, n = len(self.v), len(m.joint)
        if not q:
            self.h = self.g = np.zeros((n, 0, 0))
            return
        self.t = owner._exact(point, m)
        expected = owner._h(point, m, None)
        self.g = owner._h(point, m, self.t)
        self.h = self.g if owner.laplace else expected
        owner.bend = self.g - expected

    def slopes(self) -> np.ndarray:
        """Differentiate the objective of each subject by the vector, shape (n, parameter)."""
        m, s, e = self.m, self.m.scatter, self.effects
        a, b = e.sizes
        turn, free = e.turn, np.flatnonzero(e.free_sd)
        found = np.zeros((len(m.joint), len(self.x)))
        found[:, :a] = 2.0 * np.einsum("nm,nmk,nkp->np", s.df, m.slopes, turn)
        found[:, b:] = 2.0 * s.ds[:, :, free].sum(axis=1)
        if not len(self.v):
            return found
        domega = e.spread.slopes(self.x[a:b])
        p = self.point.precision
        turned = p @ domega @ p  # minus the derivative of the precision
        found[:, a:b] = np.trace(p @ domega, axis1=1, axis2=2) - np.einsum(
            "ni,pij,nj->np", m.eta, turned, m.eta
        )
        # how the gradient by the effects moves with the vector, at fixed effects
        cross = np.zeros((len(m.joint), len(self.v), len(self.x)))
        mixed = np.einsum("nm,nmi,nmk->nik", s.ddf, self.own, m.slopes)
        mixed += np.einsum("nm,nmik->nik", s.df, self.t[:, :, self.v])
        cross[:, :, :a] = mixed @ turn
        cross[:, :, a:b] = -np.einsum("pij,nj->nip", turned, m.eta)
        cross[:, :, b:] = np.einsum("nmr,nmi->nir", s.dfs[:, :, free], self.own)
        moved = -np.linalg.solve(self.g, cross)
        by_z, by_spread, by_sd = self._log_h(turned, free)
        found[:, :a] += np.einsum("nk,nkp->np", by_z, turn)
        found[:, a:b] += by_spread
        found[:, b:] += by_sd
        return found + np.einsum("ni,nip->np", by_z[:, self.v], moved)

    def _log_h(self, turned: np.ndarray, free: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Differentiate log|H| by the parameters, the spread and the residual, each at fixed effects."""
        s, inverse = self.m.scatter, np.linalg.inv(self.h)
        lifted = np.einsum("nij,nmj->nmi", inverse, self.own)
        height = (lifted * self.own).sum(axis=2)
        by_spread = -np.einsum("nij,pji->np", inverse, turned)
        if not self.owner.laplace:
            by_sd = np.einsum("nmr,nm->nr", s.infos[:, :, free], height)
            by_z = np.einsum("nm,nmk,nm->nk", s.dinfo, self.m.slopes, height)
            by_z += 2.0 * np.einsum("nm,nmik,nmi->nk", s.info, self.t[:, :, self.v], lifted)
            return by_z, by_spread, by_sd
        own_t = self.t[:, :, self.v][:, :, :, self.v]
        bent = np.einsum("nij,nmji->nm", inverse, own_t)
        by_sd = np.einsum("nmr,nm->nr", s.ddfs[:, :, free], height)
        by_sd += np.einsum("nmr,nm->nr", s.dfs[:, :, free], bent)
        return self._log_g(), by_spread, by_sd

    def _log_g(self) -> np.ndarray:
        """Differentiate log|G| by the parameters, from its values at both sides, shape (n, k)."""
        owner, point = self.owner, self.point
        z = self.effects.placed(self.m.eta, point.centre)
        n, k = z.shape
        moved = np.repeat(z[:, None, None, :], 2 * k, axis=1).reshape(n, k, 2, k)
        moved[:, np.arange(k), 0, np.arange(k)] += STEP
        moved[:, np.arange(k), 1, np.arange(k)] -= STEP
        who, z = np.repeat(np.arange(n), 2 * k), moved.reshape(-1, k)
        f, slopes = owner.prediction.slopes(z, who)
        scatter = owner.prediction.residual.scatter(f, point.log_sd, who)
        there = self.m._replace(slopes=slopes, scatter=scatter)
        h = owner._h(point, there, owner.prediction.curvature(z, who))
        log = np.linalg.slogdet(h)[1].reshape(n, k, 2)
        return (log[:, :, 0] - log[:, :, 1]) / (2.0 * STEP)
