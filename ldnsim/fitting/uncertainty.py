"""How well the data tell what was estimated: covariance, intervals, and what they cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .penalty import Penalised
from .prediction import Prediction
from .search import Objective, _units, curvature

if TYPE_CHECKING:
    from .result import Fit

LEVEL = 1.6448536269514722  # standard errors of an interval of 90 %
SHARE = 0.1  # of a unit, between the gradients that give the curvature
WIDE, ROUNDS = 3.0, 4  # times a tenth of a standard error: steps that are wider are taken anew
WEAK = 1e-7  # least eigenvalue of the curvature, each entry in its own unit: below, data do not tell
POOR = 1000.0  # condition number that is told of


class Certainty(NamedTuple):
    """What is known of the vector.

    Attributes
    ----------
    covariance : array, shape (parameter, parameter)
        NaN where the data do not tell.
    condition : float
        Largest over least eigenvalue of the correlations.
    untold : tuple of int
        Entries that the data do not tell.
    """

    covariance: np.ndarray
    condition: float
    untold: tuple[int, ...]

    @property
    def errors(self) -> np.ndarray:
        """Standard errors."""
        return np.sqrt(np.diag(self.covariance))


def level_of(prediction: Prediction) -> float:
    """Return the standard errors of an interval of 90 %: Student's, widened as variances of a regression are.

    Maximum likelihood takes what was estimated for known, so that its variances are too small by n / (n - p): n
    measurements tell of p fixed effects, or n subjects where people differ. Of these a half counts at least, as
    dense samples tell of each effect by itself; Student's t has n - 1 degrees of freedom then.
    """
    from scipy.special import stdtrit

    effects, samples = prediction.effects, prediction.samples
    if len(effects.spread):
        n = int(np.count_nonzero(samples.used.any(axis=1)))
        free, told = n - 1.0, max(n - effects.n_fixed, n / 2.0)
    else:
        n, free = samples.count, float(samples.count - effects.n_fixed)
        told = free
    return float(stdtrit(max(1.0, free), 0.95) * np.sqrt(n / max(1.0, told)))


def widened(fit: Fit) -> np.ndarray:
    """Return the covariance of the vector as wide as its intervals, shape (parameter, parameter).

    What the data tell is widened as `level_of` says; what priors tell was known before, and stays as it is.
    """
    p, covariance = fit.prediction, fit.known.covariance
    wider = (level_of(p) / LEVEL) ** 2
    if not fit.priors:
        return covariance * wider
    held = Penalised(fit.likelihood, fit.priors, p.cohort.model, p.residual)
    prior = held.precision(fit.best.x, fit.known.errors)
    found, told = np.full_like(covariance, np.nan), np.isfinite(np.diag(covariance))
    both, own = np.linalg.inv(covariance[np.ix_(told, told)]), np.diag(prior[told])
    found[np.ix_(told, told)] = np.linalg.inv((both - own) / wider + own)
    return found


def certainty(objective: Objective, x: np.ndarray, slopes: np.ndarray, at_edge: np.ndarray) -> Certainty:
    """Find it from the curvature of the objective.

    Parameters
    ----------
    objective : Objective
    x : array
        The estimate.
    slopes : array, shape (n, parameter)
        Of each subject there.
    at_edge : array of bool
        Entries at the edge of their range, which are taken as known.
    """
    covariance = np.full((len(x), len(x)), np.nan)
    free = np.flatnonzero(~at_edge)
    if not free.size:
        return Certainty(covariance, np.nan, ())
    r = _curvature(objective, x, slopes)[np.ix_(free, free)] / 2.0
    scale = np.sqrt(np.abs(np.diag(r)))
    scale = np.where((scale > 0) & np.isfinite(scale), scale, 1.0)
    scaled = r / np.outer(scale, scale)
    if not np.isfinite(scaled).all():
        return Certainty(covariance, np.nan, tuple(free.tolist()))
    values, vectors = np.linalg.eigh(scaled)
    flat = scale < 1e-4
    if values[0] < WEAK or flat.any():
        weak = np.abs(vectors[:, values < WEAK]).max(axis=1, initial=0.0) > 0.3
        return Certainty(covariance, np.inf, tuple(free[weak | flat].tolist()))
    own = np.linalg.inv(scaled) / np.outer(scale, scale)
    covariance[np.ix_(free, free)] = own
    sd = np.sqrt(np.diag(own))
    eigenvalues = np.linalg.eigvalsh(own / np.outer(sd, sd))
    return Certainty(covariance, float(eigenvalues[-1] / eigenvalues[0]), ())


def _curvature(objective: Objective, x: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Second derivative of the objective over steps of a tenth of a standard error.

    Slopes of subjects tell how long these are, but not where one or few subjects are at their best: theirs are as
    good as 0 then, and steps of many standard errors would see how the objective bends farther away.
    """
    step = SHARE * _units(slopes)
    for _ in range(ROUNDS):
        found = curvature(objective, x, step)
        bend = np.diag(found) / 2.0
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.where(bend > 0, SHARE / np.sqrt(bend), step)
        if not (step > WIDE * own).any():
            break
        step = np.minimum(step, own)
    return found
