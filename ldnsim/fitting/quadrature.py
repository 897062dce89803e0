"""-2 log likelihood in the limit exactly: Gauss-Hermite nodes about each subject's mode, or weighted draws.

With u standard normal numbers, the random effects of a node are eta = mode + root u, root the Cholesky root of
the inverse information at the mode (adaptive quadrature: Pinheiro & Bates, J Comput Graph Stat 4, 1995). Weights
are posterior probabilities of the nodes, so gradients follow from Fisher's identity: means of the derivative of
the joint density. A parameter with a random effect of its own needs no sensitivity for that: it moves the middle
of the effects.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .effects import Effects, Point
from .likelihood import Answer, Approximation
from .prediction import Prediction

NODES = {1: 21, 2: 15, 3: 11}  # a dimension
DRAWS = 2048
WIDER = 1.1  # of the draws, so that their tails are heavier than the posterior's


@dataclass(eq=False)
class Exact:
    """Quadrature, or importance sampling where there are more than three random effects.

    Attributes
    ----------
    prediction : Prediction
    nodes : int, optional
        Nodes a dimension, or draws.
    seed : int
        Of the draws; they are the same at every point.
    """

    prediction: Prediction
    nodes: int | None = None
    seed: int = 0
    inner: Approximation = field(init=False)

    def __post_init__(self) -> None:
        self.inner = Approximation(self.prediction)
        q = len(self.prediction.effects.spread)
        self.u, self.log_weight = (
            _grid(q, self.nodes or NODES[q]) if 0 < q < 4 else _draws(q, self.nodes, self.seed)
        )

    @property
    def effects(self) -> Effects:
        """The statistical model."""
        return self.prediction.effects

    @property
    def eta(self) -> np.ndarray:
        """Modes of the random effects."""
        return self.inner.eta

    def restart(self) -> None:
        """Forget where the random effects were."""
        self.inner.restart()

    def value(self, x: np.ndarray) -> np.ndarray:
        """-2 log likelihood of each subject."""
        return self.answer(x, False).each

    def answer(self, x: np.ndarray, slopes: bool = True) -> Answer:
        """-2 log likelihood with its derivatives."""
        if not len(self.effects.spread):
            return self.inner.answer(x)
        point = self.effects.at(x)
        m = self.inner.at_modes(point)
        n, p = len(m.joint), len(x)
        if not np.isfinite(m.joint).all():
            return Answer(np.where(np.isfinite(m.joint), 0.0, np.inf), np.full((n, p), np.nan))
        h = self.inner._h(point, m, None)
        root = np.linalg.inv(np.linalg.cholesky(h)).transpose(0, 2, 1)
        eta = m.eta[:, None, :] + np.einsum("nij,kj->nki", root, self.u)
        log, who, z = self._joint(point, eta)
        log = log + self.log_weight + np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)[:, None]
        log += -0.5 * np.linalg.slogdet(point.omega)[1]
        top = log.max(axis=1, keepdims=True)
        total = np.exp(log - top).sum(axis=1)
        each = -2.0 * (top[:, 0] + np.log(total))
        if not slopes:
            return Answer(each, np.zeros((n, p)))
        weight = np.exp(log - top) / total[:, None]
        return Answer(each, self._slopes(x, point, eta, weight, who, z))

    def _joint(self, point: Point, eta: np.ndarray):
        """Log density of measurements and effects at the nodes, without the constants of the effects."""
        n, k, q = eta.shape
        who = np.repeat(np.arange(n), k)
        flat = eta.reshape(n * k, q)
        z = self.effects.placed(flat, point.centre[who])
        self._f = self.prediction.values(z, who)
        l = self.prediction.residual.scatter(self._f, point.log_sd, who).l.sum(axis=1)
        log = -l - 0.5 * ((flat @ point.precision) * flat).sum(axis=1)
        return np.where(np.isfinite(log), log, -np.inf).reshape(n, k), who, z

    def _slopes(self, x, point: Point, eta, weight, who, z) -> np.ndarray:
        e, (n, k, _) = self.effects, eta.shape
        a, b = e.sizes
        found = np.zeros((n, len(x)))
        scatter = self.prediction.residual.scatter(self._f, point.log_sd, who)
        by_z = np.zeros((n, len(e.base)))
        mean = np.einsum("nk,nki->ni", weight, eta)
        by_z[:, e.varying] = -2.0 * mean @ point.precision
        alone = np.setdiff1d(np.arange(len(e.base)), e.varying)
        if alone.size:
            live = np.flatnonzero(weight.ravel() > 1e-12)
            rows, some = np.repeat(live, alone.size), np.tile(alone, live.size)
            _, s = self.prediction._along(z[rows], who[rows], some)
            part = 2.0 * weight.ravel()[rows] * (scatter.df[rows] * s).sum(axis=1)
            np.add.at(by_z, (who[rows], some), part)
        found[:, :a] = np.einsum("nk,nkp->np", by_z, e.turn)
        domega, p = e.spread.slopes(x[a:b]), point.precision
        second = np.einsum("nk,nki,nkj->nij", weight, eta, eta)
        found[:, a:b] = np.trace(p @ domega, axis1=1, axis2=2) - np.einsum(
            "pij,nji->np", p @ domega @ p, second
        )
        ds = scatter.ds[:, :, np.flatnonzero(e.free_sd)].sum(axis=1).reshape(n, k, -1)
        found[:, b:] = 2.0 * np.einsum("nk,nkr->nr", weight, np.where(weight[..., None] > 0, ds, 0.0))
        return found


def _grid(q: int, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes in q dimensions, and their weights against the standard normal density's exponent."""
    t, w = np.polynomial.hermite_e.hermegauss(nodes)
    log = np.log(w) + 0.5 * t**2
    axes = np.meshgrid(*[t] * q, indexing="ij")
    weights = np.meshgrid(*[log] * q, indexing="ij")
    u = np.stack([axis.ravel() for axis in axes], axis=1)
    return u, sum(w.ravel() for w in weights) - 0.5 * q * np.log(2.0 * np.pi)


def _draws(q: int, count: int | None, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scrambled Sobol numbers made normal, a little wider than the information says."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    count = count or DRAWS
    if not q:
        return np.zeros((1, 0)), np.zeros(1)
    free = qmc.Sobol(q, seed=np.random.default_rng(seed)).random_base2(int(np.ceil(np.log2(count))))
    base = ndtri(np.clip(free, 1e-12, 1.0 - 1e-12))
    log = 0.5 * (base**2).sum(axis=1) + q * np.log(WIDER) - np.log(len(base))
    return WIDER * base, log
