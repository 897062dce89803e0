"""Residuals of a fit: of individuals, conditional, and by simulation."""

from __future__ import annotations

import numpy as np

from .effects import Point
from .modes import Modes
from .prediction import Prediction

SETS = 300  # simulated data sets of NPDE


def individual(prediction: Prediction, point: Point, m: Modes) -> np.ndarray:
    """Residuals about each subject's own predictions, in their standard deviations, shape (n, m)."""
    return (measured(prediction) - m.f) / prediction.residual.spread(m.f, point.log_sd)


def measured(prediction: Prediction) -> np.ndarray:
    """Measurements on the scale on which they are normal; NaN below the limit, and where there are none."""
    s = prediction.samples
    log = prediction.residual.is_log[s.output]
    y = np.where(log, np.log(np.where(log, s.y, 1.0)), s.y)
    return np.where(s.used & ~s.below, y, np.nan)


def conditional(prediction: Prediction, point: Point, m: Modes) -> np.ndarray:
    """Weighted residuals about the linearisation at the modes (Hooker, Staatz & Karlsson, Pharm Res 24, 2007)."""
    own = m.slopes[:, :, prediction.effects.varying]
    middle = m.f - np.einsum("nmq,nq->nm", own, m.eta)
    variance = np.einsum("nmi,ij,nlj->nml", own, point.omega, own)
    sd = prediction.residual.spread(m.f, point.log_sd)
    y, found = measured(prediction), np.full(m.f.shape, np.nan)
    for i in range(len(y)):
        live = np.flatnonzero(np.isfinite(y[i]))
        if live.size:
            total = variance[i][np.ix_(live, live)] + np.diag(sd[i, live] ** 2)
            found[i, live] = np.linalg.solve(np.linalg.cholesky(total), y[i, live] - middle[i, live])
    return found


def simulated(
    prediction: Prediction, point: Point, sets: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Simulate data sets of the same design: predictions, and measurements, shape (set, n, m), on their scale."""
    n, q = len(prediction.samples), len(prediction.effects.spread)
    root = np.linalg.cholesky(point.omega) if q else np.zeros((0, 0))
    eta = rng.standard_normal((sets, n, q)) @ root.T
    who = np.tile(np.arange(n), sets)
    z = prediction.effects.placed(eta.reshape(sets * n, q), point.centre[who])
    f = prediction.values(z, who)
    y = f + prediction.residual.spread(f, point.log_sd, who) * rng.standard_normal(f.shape)
    return f.reshape(sets, n, -1), y.reshape(sets, n, -1)


def by_simulation(prediction: Prediction, point: Point, seed: int) -> np.ndarray:
    """Normalised prediction distribution errors (Brendel et al., Pharm Res 23, 2006), shape (n, m)."""
    from scipy.special import ndtri

    y, found = measured(prediction), np.full(prediction.samples.y.shape, np.nan)
    _, drawn = simulated(prediction, point, SETS, np.random.default_rng(seed))
    for i in range(len(y)):
        live = np.flatnonzero(np.isfinite(y[i]))
        sets = drawn[:, i, live]
        sets = sets[np.isfinite(sets).all(axis=1)]
        if not live.size or len(sets) < 2 * live.size:
            continue
        middle = sets.mean(axis=0)
        spread = np.cov(sets.T).reshape(live.size, live.size)
        try:
            root = np.linalg.cholesky(spread)
        except np.linalg.LinAlgError:
            continue
        own = np.linalg.solve(root, y[i, live] - middle)
        others = np.linalg.solve(root, (sets - middle).T).T
        below = (others < own).mean(axis=0)
        found[i, live] = ndtri(np.clip(below, 0.5 / len(sets), 1.0 - 0.5 / len(sets)))
    return found
