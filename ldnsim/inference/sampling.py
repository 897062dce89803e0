"""Sample a posterior with many chains at once: offers from a cheap stand-in, and a few slices of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .surrogate import Surrogate, terms

if TYPE_CHECKING:
    from .density import PosteriorDensity

MAX_SHRINKS = 60
ENOUGH = 10  # draws a parameter, before their covariance is trusted
FIRST, MORE = (
    2,
    1,
)  # points a term of the stand-in that are simulated at first, and in each round of the warm-up
SCOUT = 240  # slices along the stand-in that shape the moves
STRIDE = 5  # slices along the stand-in between two offers
WALKERS = 64  # that walk along the stand-in at once, which costs little more than a few
EXACT = 80  # every so many moves are a slice of the posterior itself, where the stand-in may be poor
BATCH = 1024  # simulated at a time


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
        Share of the offers of the stand-in that the posterior accepted.
    """

    z: np.ndarray
    log_posterior: np.ndarray
    evaluations: int
    accepted: float


def sample(
    objective: PosteriorDensity,
    centre: np.ndarray,
    covariance: np.ndarray,
    *,
    chains: int,
    warmup: int,
    iterations: int,
    rng: np.random.Generator,
    watch: Callable[[str], None] = lambda _: None,
) -> Chains:
    """Sample with the offers of a stand-in.

    Parameters
    ----------
    objective : PosteriorDensity
        Residuals and log posterior of standard normals.
    centre : array, shape (k,)
    covariance : array, shape (k, k)
        Of a Gaussian near the posterior; it says where to begin, never the answer.
    chains, iterations : int
        Chains of so many moves each.
    warmup : int
        Rounds in which the stand-in is fitted again, to what is simulated where it says that the posterior lies.
    rng : numpy.random.Generator
    watch : callable
        Told of progress.

    Notes
    -----
    Simulations are dear one by one and cheap in large batches. A stand-in (`Surrogate`) is fitted to simulated
    points and sampled by elliptical slices (Murray, Adams & MacKay 2010, arXiv:1001.0175, with the density
    written as Gaussian x rest, as in Nishihara, Murray & Adams 2014, arXiv:1210.7477). Its draws, in random
    order, are what the chains are offered; one test of each against the posterior keeps the answer exact however
    poor the stand-in is (independence sampler: Tierney 1994, Ann Stat 22:1701; Liu 2001, Monte Carlo Strategies
    in Scientific Computing, section 5.4.2). Now and then a chain moves along a slice of the posterior itself, so
    that it does not wait long where the stand-in is too low.
    """
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    count, learning = 0, True

    def exact(z: np.ndarray) -> np.ndarray:
        nonlocal count
        count += len(z)
        residuals = np.concatenate([objective.residuals(z[i : i + BATCH]) for i in range(0, len(z), BATCH)])
        if learning:
            seen.append((z, residuals))
        return objective.weigh(residuals, z)

    gaussian = Gaussian.of(centre, covariance)
    size = max(terms(len(centre)), chains)
    _start(exact, gaussian, FIRST * size, rng)
    for step in range(1, warmup + 1):
        cheap = Surrogate.of(objective, gaussian, *(np.concatenate(x) for x in zip(*seen, strict=True)))
        z, _ = _start(cheap.log_posterior, gaussian, chains, rng)
        path = _walk(cheap.log_posterior, z, gaussian, SCOUT, rng)[SCOUT // 2 :]
        exact(rng.permutation(np.concatenate(path))[: MORE * size])
        gaussian = gaussian.moved(path)
        watch(f"stand-in {step} of {warmup}: {count} evaluations")
    cheap = Surrogate.of(objective, gaussian, *(np.concatenate(x) for x in zip(*seen, strict=True)))
    learning = False
    copies = max(1, WALKERS // chains)
    z, steps = np.repeat(path[-1], copies, axis=0), STRIDE * -(-iterations // copies)
    path = _walk(cheap.log_posterior, z, gaussian, steps, rng)[STRIDE - 1 :: STRIDE]
    offers = rng.permutation(np.concatenate(path))[: chains * iterations].reshape(iterations, chains, -1)
    found, told = (
        f(offers.reshape(-1, len(centre))).reshape(iterations, chains) for f in (exact, cheap.log_posterior)
    )
    watch(f"{iterations} offers simulated for each of {chains} chains: {count} evaluations")
    return _chains(exact, cheap.log_posterior, gaussian, offers, found, found - told, rng, lambda: count)


def _chains(exact, cheap, gaussian, offers, found, gain, rng, count) -> Chains:
    """Take or leave the offers (iteration, chain, k), whose posterior and gain over the stand-in are known."""
    _, chains, k = offers.shape
    weight = np.exp(gain - gain.max()).ravel()
    first = rng.choice(len(weight), chains, p=weight / weight.sum())
    z, posterior, own = offers.reshape(-1, k)[first], found.ravel()[first], gain.ravel()[first]
    kept, levels, accepted, tested = [], [], 0, 0
    for step, (trial, level, better) in enumerate(zip(offers, found, gain, strict=True), 1):
        if step % EXACT == 0:
            _move(exact, z, posterior, gaussian, rng)
            own = posterior - cheap(z)
        else:
            good = np.log(rng.random(chains)) < better - own
            z[good], posterior[good], own[good] = trial[good], level[good], better[good]
            accepted, tested = accepted + int(good.sum()), tested + chains
        kept.append(z.copy())
        levels.append(posterior.copy())
    return Chains(np.stack(kept, axis=1), np.stack(levels, axis=1), count(), accepted / max(tested, 1))


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


def _walk(log_posterior, z, gaussian, steps, rng) -> list[np.ndarray]:
    """Move all chains many times; returns where they were after each."""
    z, path = z.copy(), []
    posterior = log_posterior(z)
    for _ in range(steps):
        _move(log_posterior, z, posterior, gaussian, rng)
        path.append(z.copy())
    return path


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
