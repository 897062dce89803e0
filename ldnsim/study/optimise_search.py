"""How candidates are bred: differential evolution for one goal, and its generalisation for two."""

from __future__ import annotations

import numpy as np

from .optimise_candidates import Candidates

BROKEN = 1e15  # a candidate that breaks a constraint loses to any that keeps it
TIE = 1e-6  # of their size: losses that differ by less are one, as the search sees no finer
STEP, CROSS = (0.4, 0.9), 0.9


def best(judge: Candidates, candidates: int, generations: int, seed: int) -> str:
    """Search for the smallest loss; returns how it ended."""
    from scipy.optimize import differential_evolution

    def loss(x: np.ndarray) -> np.ndarray:
        found = judge.judge(x.T)
        broken = np.where(np.isfinite(found.violation), found.violation, 1e6)
        return np.where(found.violation > 0, BROKEN * (1 + broken), found.losses[:, 0])

    found = differential_evolution(
        loss, [(0.0, 1.0)] * len(judge.space.variables), maxiter=generations - 1, vectorized=True,
        updating="deferred", polish=False, init=_spread(candidates, judge, seed), seed=seed, tol=1e-6,
    )  # fmt: skip
    losses = judge.found.losses[judge.found.violation == 0, 0]
    if len(judge.known) > 1 and losses.size and np.ptp(losses) <= TIE * np.abs(losses).max():
        return "all candidates tie: nothing that was varied moves the goal"
    return "converged" if found.success else f"stopped after {generations} generations, still improving"


def front(judge: Candidates, candidates: int, generations: int, seed: int) -> str:
    """Search for the Pareto front of two losses; returns how it ended."""
    rng = np.random.default_rng(seed)
    x = _spread(candidates, judge, seed)
    found = judge.judge(x)
    f, v = found.losses, found.violation
    for _ in range(generations - 1):
        trial = _bred(x, rng)
        found = judge.judge(trial)
        stays, comes = _duel(f, v, found.losses, found.violation)
        x = np.concatenate([x[stays], trial[comes]])
        f = np.concatenate([f[stays], found.losses[comes]])
        v = np.concatenate([v[stays], found.violation[comes]])
        kept = _fittest(f, v, candidates)
        x, f, v = x[kept], f[kept], v[kept]
    return f"front of {generations} generations"


def _spread(candidates: int, judge: Candidates, seed: int) -> np.ndarray:
    """First generation: a Latin hypercube."""
    from scipy.stats import qmc

    return qmc.LatinHypercube(len(judge.space.variables), rng=np.random.default_rng(seed)).random(candidates)


def _bred(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Make one trial for each parent, by DE/rand/1/bin; what leaves the cube comes back half way."""
    n, k = x.shape
    a, b, c = np.argsort(rng.random((n, n - 1)), axis=1)[:, :3].T
    a, b, c = (i + (i >= np.arange(n)) for i in (a, b, c))  # never the parent itself
    trial = x[a] + rng.uniform(*STEP, (n, 1)) * (x[b] - x[c])
    keep = rng.random((n, k)) > CROSS
    keep[np.arange(n), rng.integers(k, size=n)] = False
    trial = np.where(keep, x, trial)
    trial = np.where(trial < 0, x / 2, trial)
    return np.where(trial > 1, (1 + x) / 2, trial)


def _duel(f, v, g, w) -> tuple[np.ndarray, np.ndarray]:
    """Say which parents stay and which trials come in; both where neither beats the other."""
    trial_wins, parent_wins = _beats(g, w, f, v), _beats(f, v, g, w)
    same = (f == g).all(axis=1) & (v == w)
    return ~trial_wins, ~parent_wins & ~same


def _beats(f, v, g, w) -> np.ndarray:
    """Whether the first dominates: it breaks less, or it is no worse in both goals and better in one."""
    better = (f <= g).all(axis=-1) & (f < g).any(axis=-1)
    return np.where((v > 0) | (w > 0), v < w, better)


def _fittest(f: np.ndarray, v: np.ndarray, n: int) -> np.ndarray:
    """Choose n rows, front by front; of the last one those that lie apart (Deb et al. 2002)."""
    left, kept = np.arange(len(f)), list[int]()
    while len(kept) < n and len(left):
        beaten = _beats(f[left, None], v[left, None], f[None, left], v[None, left]).any(axis=0)
        layer = left[~beaten]
        room = n - len(kept)
        if len(layer) > room:
            layer = layer[np.argsort(-_apart(f[layer]), kind="stable")[:room]]
        kept.extend(layer)
        left = left[beaten]
    return np.array(kept)


def _apart(f: np.ndarray) -> np.ndarray:
    """Crowding distance: how far the neighbours along the front are."""
    distance = np.zeros(len(f))
    for values in f.T:
        order = np.argsort(values, kind="stable")
        span = values[order[-1]] - values[order[0]]
        if not span > 0:
            continue
        distance[order[[0, -1]]] = np.inf
        distance[order[1:-1]] += (values[order[2:]] - values[order[:-2]]) / span
    return distance
