"""Find the most probable parameters from many starts at once: Levenberg-Marquardt, one batch an iteration."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .density import PosteriorDensity, weights

FIRST_DAMPING = 1e-2


class Mode(NamedTuple):
    """Where the starts ended.

    Attributes
    ----------
    z : array, shape (start, k)
        Standard normals, the best start first.
    log_posterior : array, shape (start,)
    iterations : int
    settled : array of bool, shape (start,)
        Whether the last step of a start gained less than asked for.
    """

    z: np.ndarray
    log_posterior: np.ndarray
    iterations: int
    settled: np.ndarray

    @property
    def agree(self) -> int:
        """How many starts end within 0.1 (log posterior) of the best."""
        return int((self.log_posterior > self.log_posterior[0] - 0.1).sum())


def fit(
    objective: PosteriorDensity,
    starts: np.ndarray,
    *,
    iterations: int = 25,
    gain: float = 1e-3,
    watch: Callable[[str], None] = lambda _: None,
) -> Mode:
    """Climb from several starts.

    Parameters
    ----------
    objective : PosteriorDensity
        What is maximised.
    starts : array, shape (start, k)
        Standard normals.
    iterations : int
        At most so many.
    gain : float
        A start is settled when a step gains less than this in log posterior.
    watch : callable
        Told of progress, one line an iteration.

    Notes
    -----
    Gauss-Newton on iteratively reweighted squares, damped as by Marquardt (1963), doi:10.1137/0111030; all
    starts and their derivatives share one batch of simulations.
    """
    z, (n, k) = starts.copy(), starts.shape
    damping, settled = np.full(n, FIRST_DAMPING), np.zeros(n, dtype=bool)
    value = objective.log_posterior(z)
    done = 0
    for done in range(1, iterations + 1):
        active = np.flatnonzero(~settled)
        residual, slope = objective.jacobian(z[active])
        weight = weights(residual)
        curvature = np.einsum("stk,st,stl->skl", slope, weight, slope) + np.eye(k)
        gradient = -np.einsum("stk,st,st->sk", slope, weight, np.nan_to_num(residual)) - z[active]
        diagonal = np.einsum("skk->sk", curvature)
        damped = curvature + damping[active, None, None] * np.eye(k) * diagonal[:, None, :]
        trial = z[active] + np.linalg.solve(damped, gradient[..., None])[..., 0]
        found = objective.log_posterior(trial)
        better = found > value[active]
        settled[active] = better & (found - value[active] < gain)
        z[active[better]], value[active[better]] = trial[better], found[better]
        damping[active] = np.where(better, damping[active] / 5, damping[active] * 8)
        settled |= damping > 1e6  # no step in any direction gains
        watch(f"fit {done}: log posterior {value.max():.3f}, {int(settled.sum())} of {n} starts settled")
        if settled.all():
            break
    order = np.argsort(-value, kind="stable")
    return Mode(z[order], value[order], done, settled[order])
