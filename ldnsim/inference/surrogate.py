"""A stand-in for the posterior that costs no simulation: residuals as polynomials of the parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from .density import PosteriorDensity
    from .sampling import Gaussian

RIDGE = 1e-3  # of the mean square of a whitened coordinate: holds terms that no point speaks about near 0
ENOUGH = 4  # points a term, before terms of the third order are fitted
FLAT = 0.85  # power of the likelihood: where the stand-in is too low, chains that get there must get away
ROWS = 4  # at a time: so small a product is not split over threads, which costs more than it brings
REACH = 2.0  # points whose log posterior lies further below the best than this times k are left out


class Surrogate(NamedTuple):
    """Polynomial residuals in whitened coordinates, with the exact prior and bounds.

    Attributes
    ----------
    objective : PosteriorDensity
        What is imitated.
    gaussian : Gaussian
        Whitens the coordinates.
    cubic : bool
        Whether there are terms of the third order.
    coefficients : array, shape (term, target)
        Coefficients of 1, each coordinate, each product of two, and each square times a coordinate.
    """

    objective: PosteriorDensity
    gaussian: Gaussian
    cubic: bool
    coefficients: np.ndarray

    @classmethod
    def of(
        cls, objective: PosteriorDensity, gaussian: Gaussian, z: np.ndarray, residuals: np.ndarray
    ) -> Surrogate:
        """Fit it to points already simulated, z (n, k) with residuals (n, target), by least squares."""
        level = objective.weigh(residuals, z)
        near = level > level.max() - REACH * z.shape[1]
        k = z.shape[1]
        cubic = near.sum() >= ENOUGH * (terms(k) + k**2)
        design = _monomials(gaussian.whiten(z[near]), cubic)
        normal = design.T @ design + RIDGE * near.sum() * np.eye(design.shape[1])
        return cls(objective, gaussian, bool(cubic), np.linalg.solve(normal, design.T @ residuals[near]))

    def log_posterior(self, z: np.ndarray) -> np.ndarray:
        """Log density of draws, shape (n,): near `PosteriorDensity.log_posterior`, flatter, without a simulation."""
        found = _monomials(self.gaussian.whiten(z), self.cubic)
        residuals = np.concatenate([found[i : i + ROWS] @ self.coefficients for i in range(0, len(z), ROWS)])
        prior = -0.5 * (z**2).sum(axis=1)
        likelihood = self.objective.weigh(residuals, z) - prior
        return np.where(self.objective.inside(z), FLAT * likelihood + prior, -np.inf)


def terms(k: int) -> int:
    """Count the terms of the second order and below in `k` coordinates."""
    return 1 + k + k * (k + 1) // 2


def _monomials(w: np.ndarray, cubic: bool) -> np.ndarray:
    one, other = np.triu_indices(w.shape[1])
    found = [np.ones((len(w), 1)), w, w[:, one] * w[:, other]]
    if cubic:
        found.append((w[:, :, None] ** 2 * w[:, None, :]).reshape(len(w), -1))
    return np.concatenate(found, axis=1)
