"""The posterior density: how well draws agree with the measurements, and with what was known before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .prediction import predict
from .priors import Prior
from .target import Target

if TYPE_CHECKING:
    from ..model import Model

TAIL = 4.0  # degrees of freedom of Student's t: one stray measurement cannot pull the fit to itself
RTOL = 1e-4  # far below what any measurement can tell
STEP = 0.02  # of a prior standard deviation, for central differences


@dataclass(frozen=True)
class PosteriorDensity:
    """Log posterior of standard normals z, up to a constant.

    Residuals are Student t with `TAIL` degrees of freedom, in units of the measurement's standard deviation;
    z is standard normal by definition, cut off where a value leaves its bounds.
    """

    model: Model
    targets: Sequence[Target]
    prior: Prior
    threads: int | None = None

    def inside(self, z: np.ndarray) -> np.ndarray:
        """Whether each draw lies within all bounds, shape (n,)."""
        return self.prior.inside(self.prior.values(z))

    def residuals(self, z: np.ndarray) -> np.ndarray:
        """Residuals of shape (n, target); NaN for a draw outside the bounds or a run that failed."""
        inside = self.inside(z)
        found = np.full((len(z), len(self.targets)), np.nan)
        if inside.any():
            draws = self.prior.frame(z[inside])
            predicted = predict(self.model, self.targets, draws, threads=self.threads, rtol=RTOL)
            columns = [t.residual(predicted[:, k]) for k, t in enumerate(self.targets)]
            found[inside] = np.stack(columns, axis=1)
        return found

    @staticmethod
    def log_likelihood(residuals: np.ndarray) -> np.ndarray:
        """Sum of the log densities of Student's t, up to a constant; -inf where there is a NaN."""
        total = -0.5 * (TAIL + 1) * np.log1p(residuals**2 / TAIL).sum(axis=-1)
        return np.where(np.isnan(total), -np.inf, total)

    def weigh(self, residuals: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Log posterior of draws z (n, k) whose residuals (n, target) are known, shape (n,)."""
        return self.log_likelihood(residuals) - 0.5 * (z**2).sum(axis=-1)

    def log_posterior(self, z: np.ndarray) -> np.ndarray:
        """Log posterior of draws, shape (n,)."""
        return self.weigh(self.residuals(z), z)

    def jacobian(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Residuals (n, target) and their derivatives (n, target, k), by central differences in one batch."""
        n, k = z.shape
        steps = np.concatenate([np.zeros((1, k)), STEP * np.eye(k), -STEP * np.eye(k)])
        batch = (z[:, None, :] + steps[None, :, :]).reshape(-1, k)
        r = self.residuals(batch).reshape(n, 2 * k + 1, -1)
        slope = (r[:, 1 : k + 1] - r[:, k + 1 :]) / (2 * STEP)
        return r[:, 0], np.nan_to_num(slope.transpose(0, 2, 1))


def weights(residuals: np.ndarray) -> np.ndarray:
    """Weight that Student's t gives each squared residual (iteratively reweighted least squares)."""
    return (TAIL + 1) / (TAIL + residuals**2)
