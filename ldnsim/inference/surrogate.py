"""A stand-in for the posterior that costs no simulation: residuals as quadratic forms of the parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from .objective import Objective
    from .sampling import Gaussian

RIDGE = 1e-3  # of the mean square of a whitened coordinate: holds terms that no point speaks about near 0
REACH = 2.0  # points whose log posterior lies further below the best than this times k are left out


class Surrogate(NamedTuple):
    """Quadratic residuals in whitened coordinates, with the exact prior and bounds.

    Attributes
    ----------
    objective : Objective
        What is imitated.
    gaussian : Gaussian
        Whitens the coordinates.
    terms : array, shape (1 + k + k (k + 1) / 2, target)
        Coefficients of 1, each coordinate, and each product of two.
    """

    objective: Objective
    gaussian: Gaussian
    terms: np.ndarray

    @classmethod
    def of(cls, objective: Objective, gaussian: Gaussian, z: np.ndarray, residuals: np.ndarray) -> Surrogate:
        """Fit it to points already simulated, z (n, k) with residuals (n, target), by least squares."""
        level = objective.weigh(residuals, z)
        near = level > level.max() - REACH * z.shape[1]
        design = _products(gaussian.whiten(z[near]))
        normal = design.T @ design + RIDGE * near.sum() * np.eye(design.shape[1])
        return cls(objective, gaussian, np.linalg.solve(normal, design.T @ residuals[near]))

    def log_posterior(self, z: np.ndarray) -> np.ndarray:
        """Log posterior of draws, shape (n,), as `Objective.log_posterior` but without a simulation."""
        residuals = _products(self.gaussian.whiten(z)) @ self.terms
        return np.where(self.objective.inside(z), self.objective.weigh(residuals, z), -np.inf)


def _products(w: np.ndarray) -> np.ndarray:
    one, other = np.triu_indices(w.shape[1])
    return np.concatenate([np.ones((len(w), 1)), w, w[:, one] * w[:, other]], axis=1)
