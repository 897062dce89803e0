"""The posterior of patients with a prior, sampled: NUTS of nutpie on the forward sensitivities of the engine.

The chains run in the units of the Laplace approximation: z = middle + root u, root the Cholesky root of each
patient's covariance there, so that u is nearly standard normal and few steps cross it. The logarithm of a residual
standard deviation is normal about its start with standard deviation 1 (a factor of 0.2 to 5 with 90 %), without
which one sample that is met exactly would have no posterior.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..errors import need
from ..simulation.watching import Bar
from .prediction import Prediction

CHAINS, TUNE, DRAWS = 4, 150, 500
# Share of steps accepted in each round: shorter ones than usual, and ever shorter, so that none leaves the posterior.
ACCEPTED = (0.9, 0.97, 0.99)
RHAT, ESS = 1.01, 400  # Vehtari et al., Bayesian Analysis 16, 2021
_APART = 1_000_003  # between the seeds of rounds
RESIDUAL_SD = 1.0  # prior of the logarithm of a residual standard deviation


class Sampled(NamedTuple):
    """Draws of the posterior.

    Attributes
    ----------
    z : array, shape (chain, draw, n, k)
        Parameters of each patient, on their scales.
    log_sd : array, shape (chain, draw, parameter)
        Logarithms of the residual standard deviations.
    diverging : array of bool, shape (chain, draw)
        Where the integrator of the sampler left the posterior.
    rhat, ess_bulk, ess_tail : array, shape (entry,)
        Of each patient's parameters, patient by patient, then of the free residual parameters.
    """

    z: np.ndarray
    log_sd: np.ndarray
    diverging: np.ndarray
    rhat: np.ndarray
    ess_bulk: np.ndarray
    ess_tail: np.ndarray

    @property
    def of_patients(self) -> np.ndarray:
        """Draws of all chains together, shape (draw, n, k)."""
        return self.z.reshape(-1, *self.z.shape[2:])

    @property
    def residual(self) -> np.ndarray:
        """Logarithms of residual standard deviations of all chains together, shape (draw, parameter)."""
        return self.log_sd.reshape(-1, self.log_sd.shape[2])

    @property
    def agree(self) -> bool:
        """Whether the chains tell the same, with enough effective draws."""
        enough = min(self.ess_bulk.min(), self.ess_tail.min()) >= ESS
        return bool(self.rhat.max() <= RHAT and enough and not self.diverging.any())

    @property
    def words(self) -> str:
        """How sampling went."""
        chains, draws = self.diverging.shape
        count = int(self.diverging.sum())
        found = (
            f"{chains} chains of {draws} draws: R-hat at most {self.rhat.max():.3f}, effective size at least "
        )
        found += f"{min(self.ess_bulk.min(), self.ess_tail.min()):.0f}, "
        return found + (f"{count} divergences" if count else "no divergence")


class Density:
    """Log posterior, with its gradient, of one vector: each patient's u, then the free residual parameters.

    Parameters
    ----------
    prediction : Prediction
        With patients whose parameters have a prior.
    middle : array, shape (n, q)
        Effects about which the vector is 0.
    roots : array, shape (n, q, q)
        Unit of each patient's effects.
    log_sd, unit : array, shape (parameter,)
        The same of the residual parameters.
    """

    def __init__(
        self,
        prediction: Prediction,
        middle: np.ndarray,
        roots: np.ndarray,
        log_sd: np.ndarray,
        unit: np.ndarray,
    ) -> None:
        self.prediction, self.middle, self.roots = prediction, middle, roots
        self.log_sd, self.unit = log_sd, unit
        e = prediction.effects
        point = e.at(e.x0)
        self.centre, self.precision = point.centre, point.precision
        self.free, self.start = np.flatnonzero(e.free_sd), e.log_sd
        self.who = np.arange(len(middle))

    @property
    def size(self) -> int:
        """Length of the vector."""
        return self.middle.size + len(self.free)

    def read(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Bring vectors, shape (..., size), to effects, shape (..., n, q), and residual parameters."""
        n, q = self.middle.shape
        u = x[..., : n * q].reshape(*x.shape[:-1], n, q)
        log_sd = np.array(np.broadcast_to(self.log_sd, (*x.shape[:-1], len(self.log_sd))))
        log_sd[..., self.free] += self.unit[self.free] * x[..., n * q :]
        return self.middle + (self.roots @ u[..., None])[..., 0], log_sd

    def __call__(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Evaluate; not finite where the model cannot be."""
        eta, log_sd = self.read(x)
        f, slopes = self.prediction.slopes(self.prediction.effects.placed(eta, self.centre), self.who)
        l, df, ds = self.prediction.residual.slopes(f, log_sd, self.who)
        pull, off = eta @ self.precision, (log_sd - self.start)[self.free] / RESIDUAL_SD**2
        log = -l.sum() - 0.5 * (pull * eta).sum() - 0.5 * (off**2).sum() * RESIDUAL_SD**2
        by_eta = -(df[:, None, :] @ slopes)[:, 0, self.prediction.effects.varying] - pull
        by_sd = -ds[:, :, self.free].sum(axis=(0, 1)) - off
        by_u = (by_eta[:, None, :] @ self.roots).ravel()
        slope = np.concatenate([by_u, by_sd * self.unit[self.free]])
        if not (np.isfinite(log) and np.isfinite(slope).all()):
            return -np.inf, np.zeros_like(x)
        return float(log), slope


def sample(density: Density, seed: int, threads: int | None, progress: bool | None) -> Sampled:
    """Sample until the chains agree, round after round; the same seed gives the same draws.

    A further round takes shorter steps. What was drawn before counts too, unless steps left the posterior then.

    Parameters
    ----------
    density : Density
    seed : int
    threads : int, optional
        Chains at a time; by default one a core.
    progress : bool, optional
        As of `fit`.
    """
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    for k, accepted in enumerate(ACCEPTED):
        last = k == len(ACCEPTED) - 1
        with Bar(CHAINS * (TUNE + DRAWS), progress, " draws") as bar:
            part = _chains(density, accepted, seed + _APART * k, threads, bar.done)
        if last or not part[1].any():
            kept.append(part)
            found = _sampled(density, *(np.concatenate(p, axis=1) for p in zip(*kept, strict=True)))
            if found.agree:
                break
    return found


def _sampled(density: Density, x: np.ndarray, diverging: np.ndarray) -> Sampled:
    eta, log_sd = density.read(x)
    z = density.prediction.effects.placed(eta, density.centre)
    return Sampled(z, log_sd, diverging, *_agreement(x))


def _chains(
    density: Density, accepted: float, seed: int, threads: int | None, done: Callable[[int], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Run the chains: vectors, shape (chain, draw, size), and where the sampler diverged."""
    nutpie = _nutpie()

    def expand(x: np.ndarray) -> dict[str, np.ndarray]:
        done(1)
        return {"x": np.asarray(x)}

    model = nutpie.compiled_pyfunc.from_pyfunc(
        density.size, lambda: density, lambda *_: expand, [np.dtype("float64")], [(density.size,)], ["x"],
        make_initial_point_fn=lambda own: np.random.default_rng(own).standard_normal(density.size),
    )  # fmt: skip
    density(np.zeros(density.size))  # what is worked out once is not worked out by two chains
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ArviZ, about its next release
        trace = nutpie.sample(
            model, draws=DRAWS, tune=TUNE, chains=CHAINS, cores=threads, seed=seed, progress_bar=False,
            save_warmup=False, target_accept=accepted,
        )  # fmt: skip
    return trace["posterior"]["x"].values, trace["sample_stats"]["diverging"].values


def _nutpie():
    need("nutpie", "fit", "method", "posterior")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import nutpie
        import nutpie.compiled_pyfunc
    return nutpie


def _agreement(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """R-hat, and effective sizes of the middle and of the tails, of each entry."""
    import arviz
    import xarray as xr

    seen = xr.Dataset({"x": (("chain", "draw", "entry"), x)})
    return (
        arviz.rhat(seen)["x"].values,
        arviz.ess(seen, method="bulk")["x"].values,
        arviz.ess(seen, method="tail")["x"].values,
    )
