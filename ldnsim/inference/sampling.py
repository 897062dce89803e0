"""Sample a posterior with many chains at once: elliptical slices about its Gaussian approximation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

MAX_SHRINKS = 60
ENOUGH = 10  # draws a parameter, before their covariance is trusted


class Chains(NamedTuple):
    """A sample.

    Attributes
    ----------
    z : array, shape (chain, iteration, k)
        After the warm-up.
    log_posterior : array, shape (chain, iteration)
    evaluations : int
    """

    z: np.ndarray
    log_posterior: np.ndarray
    evaluations: int


def sample(
    log_posterior: Callable[[np.ndarray], np.ndarray],
    centre: np.ndarray,
    covariance: np.ndarray,
    *,
    chains: int,
    warmup: int,
    iterations: int,
    rng: np.random.Generator,
    watch: Callable[[str], None] = lambda _: None,
) -> Chains:
    """Sample by elliptical slices.

    Parameters
    ----------
    log_posterior : callable
        (n, k) standard normals -> (n,), -inf outside the bounds.
    centre : array, shape (k,)
    covariance : array, shape (k, k)
        Of a Gaussian near the posterior; it shapes the moves, never the answer. At a third and at two thirds
        of the warm-up it is replaced by mean and covariance of all chains so far.
    chains, warmup, iterations : int
        Chains of ``warmup + iterations`` moves each; the warm-up is thrown away.
    rng : numpy.random.Generator
    watch : callable
        Told of progress.

    Notes
    -----
    Murray, Adams & MacKay (2010), arXiv:1001.0175, with the posterior written as Gaussian x rest, as in
    Nishihara, Murray & Adams (2014), arXiv:1210.7477. Every move is accepted; nothing is to be tuned. All
    chains advance together, so each round is one batch of simulations.
    """
    gaussian = Gaussian.of(centre, covariance)
    d = gaussian.draw(chains, rng)
    posterior = log_posterior(centre + d)
    for _ in range(MAX_SHRINKS):  # a chain must start where the posterior is not 0
        lost = ~np.isfinite(posterior)
        if not lost.any():
            break
        d[lost] *= 0.5
        posterior[lost] = log_posterior(centre + d[lost])
    z, kept, levels, evaluations = centre + d, [], [], 0
    for step in range(warmup + iterations):
        if step and step in (warmup // 3, 2 * warmup // 3, warmup):
            recent = np.concatenate(kept[len(kept) // 2 :])
            if len(recent) > ENOUGH * recent.shape[1]:
                gaussian = Gaussian.of(recent.mean(axis=0), np.atleast_2d(np.cov(recent.T)))
        if step == warmup:
            kept, levels = [], []
        count = _move(log_posterior, z, posterior, gaussian, rng)
        evaluations += count
        kept.append(z.copy())
        levels.append(posterior.copy())
        watch(f"sample {step + 1} of {warmup + iterations}: {count / chains:.1f} evaluations a move")
    return Chains(np.stack(kept, axis=1), np.stack(levels, axis=1), evaluations)


class Gaussian(NamedTuple):
    """Centre, Cholesky factor and inverse of a covariance."""

    centre: np.ndarray
    root: np.ndarray
    precision: np.ndarray

    @classmethod
    def of(cls, centre: np.ndarray, covariance: np.ndarray) -> Gaussian:
        """Factor a covariance."""
        return cls(centre, np.linalg.cholesky(covariance), np.linalg.inv(covariance))

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw deviations from the centre, shape (n, k)."""
        return rng.standard_normal((n, len(self.centre))) @ self.root.T

    def rest(self, d: np.ndarray, posterior: np.ndarray) -> np.ndarray:
        """Log of posterior / Gaussian at deviations, up to a constant."""
        return posterior + 0.5 * np.einsum("ni,ij,nj->n", d, self.precision, d)


def _move(log_posterior, z, posterior, gaussian, rng) -> int:
    """Move all chains once, in place; returns the number of evaluations."""
    n, start = len(z), z - gaussian.centre
    other = gaussian.draw(n, rng)
    level = gaussian.rest(start, posterior) + np.log(rng.random(n))
    angle = rng.uniform(0, 2 * np.pi, n)
    low, high = angle - 2 * np.pi, angle.copy()
    open_, count = np.arange(n), 0
    for _ in range(MAX_SHRINKS):
        trial = np.cos(angle[open_, None]) * start[open_] + np.sin(angle[open_, None]) * other[open_]
        found = log_posterior(gaussian.centre + trial)
        count += len(open_)
        good = gaussian.rest(trial, found) > level[open_]
        z[open_[good]], posterior[open_[good]] = gaussian.centre + trial[good], found[good]
        open_ = open_[~good]
        if not len(open_):
            break
        left = angle[open_] < 0
        low[open_[left]], high[open_[~left]] = angle[open_[left]], angle[open_[~left]]
        angle[open_] = rng.uniform(low[open_], high[open_])
    return count


def rhat(x: np.ndarray) -> np.ndarray:
    """Split R-hat of each parameter from chains of shape (chain, iteration, k); 1 is perfect.

    Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 11.4.
    """
    half = x.shape[1] // 2
    parts = np.concatenate([x[:, :half], x[:, half : 2 * half]])
    within = parts.var(axis=1, ddof=1).mean(axis=0)
    between = parts.mean(axis=1).var(axis=0, ddof=1)
    return np.sqrt((half - 1) / half + between / within)


def effective_size(x: np.ndarray) -> np.ndarray:
    """Effective sample size of each parameter, shape (k,), by Geyer's initial monotone sequence.

    Geyer (1992), doi:10.1214/ss/1177011137, over chains pooled as in Vehtari et al. (2021).
    """
    chains, n, _ = x.shape
    centred = x - x.mean(axis=1, keepdims=True)
    within = (centred**2).sum(axis=1).mean(axis=0) / (n - 1)
    total = (n - 1) / n * within + x.mean(axis=1).var(axis=0, ddof=1)
    lags = [(centred[:, t:] * centred[:, : n - t]).sum(axis=1).mean(axis=0) / n for t in range(n)]
    rho = 1 - (within - np.array(lags)) / total
    rho[0] = 1
    pairs = rho[0 : 2 * (n // 2) : 2] + rho[1 : 2 * (n // 2) : 2]
    positive = np.minimum.accumulate(np.where(np.cumprod(pairs > 0, axis=0), pairs, 0), axis=0)
    tau = np.maximum(2 * positive.sum(axis=0) - 1, 1 / np.log10(chains * n))
    return chains * n / tau
