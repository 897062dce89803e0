"""The statistical model: what is estimated, how people differ, what covariates do, and how measurements scatter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from .scales import Scale, Scales
from .spread import Spread


class Point(NamedTuple):
    """A point of the statistical model.

    Attributes
    ----------
    centre : array, shape (n, k)
        Parameters of each subject without random effects, on their scales.
    omega, precision : array, shape (q, q)
        Covariance of the random effects, and its inverse.
    log_sd : array, shape (parameter,)
        Logarithms of the residual standard deviations.
    theta : array, shape (k,)
        Parameters of the typical subject, on their scales.
    """

    centre: np.ndarray
    omega: np.ndarray
    precision: np.ndarray
    log_sd: np.ndarray
    theta: np.ndarray


@dataclass(frozen=True, eq=False)
class Effects:
    """What is free, as one vector: fixed effects, covariate effects, spread, residual.

    Attributes
    ----------
    moving : tuple of str
        Parameters that are estimated or vary between people, k of them.
    scales : tuple of Scale
        On which they are.
    base : array, shape (k + kappa,)
        Their values to start from, on their scales; then 0 for each of `kappas`.
    estimate : tuple of int
        Which of them are estimated.
    bounds : array, shape (k, 2)
        Of the estimated ones, on their scales; infinite where there are none.
    covariates : sequence of (int, str)
        Which of them a covariate moves, and its name.
    design : array, shape (n, covariate)
        Value of each covariate for each subject, 0 for the middle one.
    coefficients : array, shape (covariate,)
        To start from.
    spread : Spread
        Of the random effects.
    varying : array of int, shape (q,)
        Which of `moving` vary.
    log_sd : array, shape (parameter,)
        Residual standard deviations to start from, as logarithms.
    free_sd : array of bool
        Which of them are estimated.
    kappas : array of int, shape (kappa, 2)
        Which of `moving`, and in which occasion of a subject, a deviation of an occasion moves.
    """

    moving: tuple[str, ...]
    scales: tuple[Scale, ...]
    base: np.ndarray
    estimate: tuple[int, ...]
    bounds: np.ndarray
    covariates: Sequence[tuple[int, str]]
    design: np.ndarray
    coefficients: np.ndarray
    spread: Spread
    varying: np.ndarray
    log_sd: np.ndarray
    free_sd: np.ndarray
    kappas: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))

    @property
    def n_fixed(self) -> int:
        """Fixed effects and covariate effects."""
        return len(self.estimate) + len(self.coefficients)

    @property
    def sizes(self) -> tuple[int, int]:
        """Where the spread and the residual begin in the vector."""
        return self.n_fixed, self.n_fixed + len(self.spread.entries)

    @property
    def x0(self) -> np.ndarray:
        """The vector to start from."""
        fixed = self.base[list(self.estimate)]
        return np.concatenate([fixed, self.coefficients, self.spread.x0, self.log_sd[self.free_sd]])

    @property
    def box(self) -> list[tuple[float, float]]:
        """Least and largest of each entry of the vector."""
        fixed = [tuple(self.bounds[k]) for k in self.estimate]
        free = [(-np.inf, np.inf)] * len(self.coefficients)
        sd = [(v - 12.0, v + 12.0) for v in self.log_sd[self.free_sd]]
        return [*fixed, *free, *self.spread.bounds, *sd]

    def frozen(self) -> Effects:
        """Return the same with nothing to estimate."""
        return replace(
            self, estimate=(), covariates=(), design=self.design[:, :0], coefficients=np.zeros(0),
            spread=replace(self.spread, entries=(), ties={}), free_sd=np.zeros_like(self.free_sd),
        )  # fmt: skip

    def at(self, x: np.ndarray) -> Point:
        """Read a vector."""
        a, b = self.sizes
        theta = self.base.copy()
        theta[list(self.estimate)] = x[: len(self.estimate)]
        centre = np.repeat(theta[None, :], len(self.design), axis=0)
        for c, (k, _) in enumerate(self.covariates):
            centre[:, k] += self.design[:, c] * x[len(self.estimate) + c]
        omega = self.spread.covariance(x[a:b])
        log_sd = self.log_sd.copy()
        log_sd[self.free_sd] = x[b:]
        return Point(centre, omega, np.linalg.inv(omega) if len(omega) else omega, log_sd, theta)

    @property
    def turn(self) -> np.ndarray:
        """Differentiate each subject's parameters by the fixed part of the vector, shape (n, k, fixed)."""
        n = len(self.design)
        found = np.zeros((n, len(self.base), self.n_fixed))
        for j, k in enumerate(self.estimate):
            found[:, k, j] = 1.0
        for c, (k, _) in enumerate(self.covariates):
            found[:, k, len(self.estimate) + c] = self.design[:, c]
        return found

    def placed(self, eta: np.ndarray, centre: np.ndarray) -> np.ndarray:
        """Add random effects, shape (..., q), to the parameters of their subjects, shape (..., k)."""
        found = np.array(np.broadcast_to(centre, (*eta.shape[:-1], len(self.base))))
        found[..., self.varying] += eta
        return found

    def in_occasions(self, z: np.ndarray) -> np.ndarray:
        """Add the deviations of occasions: shape (row, k), or (row, occasion, k) where there are such."""
        own = z[:, : len(self.moving)]
        if not len(self.kappas):
            return own
        found = np.repeat(own[:, None, :], 1 + self.kappas[:, 1].max(), axis=1)
        for j, (k, occasion) in enumerate(self.kappas):
            found[:, occasion, k] += z[:, len(self.moving) + j]
        return found

    def directions(self, p: np.ndarray, along: np.ndarray) -> np.ndarray:
        """Tell how parameters move with entry `along` of each row of their vector, shaped as `p`.

        Parameters
        ----------
        p : array, shape (row, k), or (row, occasion, k)
            What `natural` made of `in_occasions`.
        along : array of int, shape (row,)
        """
        lengths, rows = self._grid.slope(p), np.arange(len(p))
        found, own = np.zeros_like(lengths), along < len(self.moving)
        some, which = rows[own], along[own]
        found[some, ..., which] = lengths[some, ..., which]
        if not own.all():
            some, (which, occasion) = rows[~own], self.kappas[along[~own] - len(self.moving)].T
            found[some, occasion, which] = lengths[some, occasion, which]
        return found

    @cached_property
    def _grid(self) -> Scales:
        return Scales(self.scales)

    def natural(self, z: np.ndarray) -> np.ndarray:
        """Bring parameters, shape (..., k), back from their scales; further columns are left out."""
        return self._grid.back(z)
