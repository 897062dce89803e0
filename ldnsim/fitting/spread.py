"""How people differ: the covariance of random effects, block by block, as a vector of free numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

LEAST = np.log(1e-3)  # of the logarithm of a standard deviation
MOST = np.log(10.0)


@dataclass(frozen=True, eq=False)
class Spread:
    """The covariance of q random effects by the Cholesky roots of its blocks.

    Attributes
    ----------
    names : tuple of str
        Parameters that vary.
    start : array, shape (q, q)
        Covariance to start from; what is 0 in it outside `entries` stays 0.
    entries : sequence of (int, int)
        Entries of the lower root that are free: a diagonal one by its logarithm.
    ties : mapping
        Diagonal entry -> further effects with the same variance, those of other occasions.
    """

    names: tuple[str, ...]
    start: np.ndarray
    entries: Sequence[tuple[int, int]]
    ties: Mapping[tuple[int, int], Sequence[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(cls, blocks: Sequence[Sequence[str]], start: np.ndarray, fixed: Sequence[str] = ()) -> Spread:
        """Make the covariance of effects in blocks; a block with a fixed effect is fixed as a whole."""
        names = [name for block in blocks for name in block]
        entries = []
        for block in blocks:
            if set(block) & set(fixed):
                continue
            at = [names.index(name) for name in block]
            entries += [(i, j) for i in at for j in at if j <= i]
        return cls(tuple(names), start, entries)

    def with_occasions(
        self, names: Sequence[str], variances: Sequence[float], count: int, fixed: Sequence[str]
    ) -> Spread:
        """Add effects of `count` occasions of each name, all with one variance."""
        found, q = self, len(self)
        for name, variance in zip(names, variances, strict=True):
            own = list(range(q, q + count))
            start = np.zeros((q + count, q + count))
            start[:q, :q] = found.start
            start[own, own] = variance
            free = name not in fixed
            entries = [*found.entries, *([(q, q)] if free else [])]
            ties = {**found.ties, **({(q, q): own[1:]} if free else {})}
            found = replace(
                found, names=(*found.names, *[name] * count), start=start, entries=entries, ties=ties
            )
            q += count
        return found

    @property
    def x0(self) -> np.ndarray:
        """Free numbers of the start."""
        root = np.linalg.cholesky(self.start) if len(self) else self.start
        return np.array([np.log(root[i, i]) if i == j else root[i, j] for i, j in self.entries])

    def root(self, x: np.ndarray) -> np.ndarray:
        """Cholesky root of the covariance."""
        root = np.linalg.cholesky(self.start) if len(self) else self.start.copy()
        for (i, j), v in zip(self.entries, x, strict=True):
            root[i, j] = np.exp(v) if i == j else v
            for k in self.ties.get((i, j), ()):
                root[k, k] = root[i, j]
        return root

    def covariance(self, x: np.ndarray) -> np.ndarray:
        """Return the covariance, shape (q, q)."""
        root = self.root(x)
        return root @ root.T

    def slopes(self, x: np.ndarray) -> np.ndarray:
        """Differentiate the covariance by each free number, shape (free, q, q)."""
        root, found = self.root(x), np.zeros((len(self.entries), len(self), len(self)))
        for k, (i, j) in enumerate(self.entries):
            turn = np.zeros_like(root)
            turn[i, j] = root[i, i] if i == j else 1.0
            for other in self.ties.get((i, j), ()):
                turn[other, other] = turn[i, j]
            found[k] = turn @ root.T + root @ turn.T
        return found

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Least and largest of each free number."""
        return [(LEAST, MOST) if i == j else (-10.0, 10.0) for i, j in self.entries]
