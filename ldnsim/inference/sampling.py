"""Sample a posterior with many chains at once: elliptical slices, most of them along a cheap stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .surrogate import Surrogate

if TYPE_CHECKING:
    from .objective import Objective

MAX_SHRINKS = 60
ENOUGH = 10  # draws a parameter, before their covariance is trusted
STRIDE = 25  # slices along the stand-in between two states of a chain
SCOUT = 200  # slices along the stand-in that shape the moves
EXACT = 5  # every so many moves are a slice of the posterior itself, where the stand-in may be poor


class Chains(NamedTuple):
    """A sample.

    Attributes
    ----------
    z : array, shape (chain, iteration, k)
        After the warm-up.
    log_posterior : array, shape (chain, iteration)
    evaluations : int
        Of the posterior itself.
    accepted : float
        Share of the moves along the stand-in that the posterior accepted.
    """

    z: np.ndarray
    log_posterior: np.ndarray
    evaluations: int
    accepted: float


def sample(
    objective: Objective,
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
    objective : Objective
        Residuals and log posterior of standard normals.
    centre : array, shape (k,)
    covariance : array, shape (k, k)
        Of a Gaussian near the posterior; it shapes the moves, never the answer. In the warm-up it is replaced
        by mean and covariance of the chains so far.
    chains, warmup, iterations : int
        Chains of ``warmup + iterations`` moves each; the warm-up is thrown away.
    rng : numpy.random.Generator
    watch : callable
        Told of progress.

    Notes
    -----
    Murray, Adams & MacKay (2010), arXiv:1001.0175, with the posterior written as Gaussian x rest, as in
    Nishihara, Murray & Adams (2014), arXiv:1210.7477; nothing is to be tuned. All chains advance together, so
    each round is one batch of simulations.

    What the warm-up has simulated fits a stand-in (`Surrogate`). A move is then `STRIDE` slices along the
    stand-in and one test against the posterior, which keeps the answer exact however poor the stand-in is:
    surrogate transition, Liu (2001), Monte Carlo Strategies in Scientific Computing, section 9.4.3.
    """
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    count = 0

    def exact(z: np.ndarray) -> np.ndarray:
        nonlocal count
        count += len(z)
        residuals = objective.residuals(z)
        if seen is not None:
            seen.append((z, residuals))
        return objective.weigh(residuals, z)

    gaussian = Gaussian.of(centre, covariance)
    z, posterior = _start(exact, gaussian, chains, rng)
    kept: list[np.ndarray] = []
    for step in range(1, warmup + 1):
        _move(exact, z, posterior, gaussian, rng)
        kept.append(z.copy())
        if step in (warmup // 3, 2 * warmup // 3, warmup):
            gaussian = gaussian.moved(kept[len(kept) // 2 :])
        watch(f"warm-up {step} of {warmup}: {count} evaluations")
    cheap = Surrogate.of(objective, gaussian, *(np.concatenate(x) for x in zip(*seen, strict=True)))
    seen = None
    gaussian = gaussian.moved(_walk(cheap.log_posterior, z.copy(), gaussian, SCOUT, rng)[1])
    kept, levels, accepted, tested = [], [], 0, 0
    for step in range(1, iterations + 1):
        if step % EXACT == 0:
            _move(exact, z, posterior, gaussian, rng)
        else:
            accepted += _stride(exact, cheap.log_posterior, z, posterior, gaussian, rng)
            tested += chains
        kept.append(z.copy())
        levels.append(posterior.copy())
        watch(f"sample {step} of {iterations}: {accepted} of {tested} moves accepted, {count} evaluations")
    share = accepted / max(tested, 1)
    return Chains(np.stack(kept, axis=1), np.stack(levels, axis=1), count, share)


def _start(log_posterior, gaussian, chains, rng) -> tuple[np.ndarray, np.ndarray]:
    """Draw where chains start, nearer to the centre where the posterior would be 0."""
    d = gaussian.draw(chains, rng)
    posterior = log_posterior(gaussian.centre + d)
    for _ in range(MAX_SHRINKS):
        lost = ~np.isfinite(posterior)
        if not lost.any():
            break
        d[lost] *= 0.5
        posterior[lost] = log_posterior(gaussian.centre + d[lost])
    return gaussian.centre + d, posterior


def _stride(exact, cheap, z, posterior, gaussian, rng) -> int:
    """Walk along the stand-in, then keep of each chain the new or the old state, in place."""
    trial, _ = _walk(cheap, z.copy(), gaussian, STRIDE, rng)
    found = exact(trial)
    with np.errstate(invalid="ignore"):
        gain = (found - cheap(trial)) - (posterior - cheap(z))
    good = np.log(rng.random(len(z))) < gain
    z[good], posterior[good] = trial[good], found[good]
    return int(good.sum())


def _walk(log_posterior, z, gaussian, steps, rng) -> tuple[np.ndarray, list[np.ndarray]]:
    """Move all chains many times; returns where they end and where they were in the second half."""
    posterior, path = log_posterior(z), []
    for step in range(steps):
        _move(log_posterior, z, posterior, gaussian, rng)
        if step >= steps // 2:
            path.append(z.copy())
    return z, path


class Gaussian(NamedTuple):
    """Centre, Cholesky factor and inverse of a covariance."""

    centre: np.ndarray
    root: np.ndarray
    precision: np.ndarray

    @classmethod
    def of(cls, centre: np.ndarray, covariance: np.ndarray) -> Gaussian:
        """Factor a covariance."""
        return cls(centre, np.linalg.cholesky(covariance), np.linalg.inv(covariance))

    def moved(self, draws: list[np.ndarray]) -> Gaussian:
        """Return the Gaussian of draws, each of shape (n, k), or this one where they are too few."""
        flat = np.concatenate(draws)
        if len(flat) <= ENOUGH * flat.shape[1]:
            return self
        return Gaussian.of(flat.mean(axis=0), np.atleast_2d(np.cov(flat.T)))

    def whiten(self, z: np.ndarray) -> np.ndarray:
        """Return coordinates in which this Gaussian is standard, shape (n, k)."""
        return np.linalg.solve(self.root, (z - self.centre).T).T

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw deviations from the centre, shape (n, k)."""
        return rng.standard_normal((n, len(self.centre))) @ self.root.T

    def rest(self, d: np.ndarray, posterior: np.ndarray) -> np.ndarray:
        """Log of posterior / Gaussian at deviations, up to a constant."""
        return posterior + 0.5 * np.einsum("ni,ij,nj->n", d, self.precision, d)


def _move(log_posterior, z, posterior, gaussian, rng) -> None:
    """Move all chains once, in place."""
    n, start = len(z), z - gaussian.centre
    other = gaussian.draw(n, rng)
    level = gaussian.rest(start, posterior) + np.log(rng.random(n))
    angle = rng.uniform(0, 2 * np.pi, n)
    low, high = angle - 2 * np.pi, angle.copy()
    open_ = np.arange(n)
    for _ in range(MAX_SHRINKS):
        trial = np.cos(angle[open_, None]) * start[open_] + np.sin(angle[open_, None]) * other[open_]
        found = log_posterior(gaussian.centre + trial)
        good = gaussian.rest(trial, found) > level[open_]
        z[open_[good]], posterior[open_[good]] = gaussian.centre + trial[good], found[good]
        open_ = open_[~good]
        if not len(open_):
            break
        left = angle[open_] < 0
        low[open_[left]], high[open_[~left]] = angle[open_[left]], angle[open_[~left]]
        angle[open_] = rng.uniform(low[open_], high[open_])


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
