"""How people differ: the covariance of random effects, block by block, as a vector of free numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    """

    names: tuple[str, ...]
    start: np.ndarray
    entries: Sequence[tuple[int, int]]

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
            found[k] = turn @ root.T + root @ turn.T
        return found

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Least and largest of each free number."""
        return [(LEAST, MOST) if i == j else (-10.0, 10.0) for i, j in self.entries]
