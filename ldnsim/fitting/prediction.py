"""Predictions of all measurements of all subjects, with their slopes and curvature: one engine call each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..simulation.cohort import Cohort
from .effects import Effects
from .residual import Residual
from .samples import Samples

STEP = 4e-3  # on the scale of a parameter: slopes at both sides give the curvature
MOST_ROWS = 60_000  # trajectories of one call, for memory


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the model says of the measurements, on the scale on which these are normal."""

    cohort: Cohort
    effects: Effects
    residual: Residual
    samples: Samples

    def values(self, z: np.ndarray, who: np.ndarray) -> np.ndarray:
        """Predict, shape (row, m), from parameters on their scales, shape (row, k)."""
        parts = []
        for k in range(0, len(z), MOST_ROWS):
            some = slice(k, k + MOST_ROWS)
            found = self.cohort.values(self.effects.natural(self.effects.in_occasions(z[some])), who[some])
            parts.append(self.residual_scale(self.samples.seen(found, who[some]), who[some]))
        return np.concatenate(parts)

    def residual_scale(self, f: np.ndarray, who: np.ndarray) -> np.ndarray:
        """Take logarithms where measurements are lognormal; 1 where there is no measurement."""
        if self.residual.is_log.any():
            log = self.residual.is_log[self.samples.output[who]]
            with np.errstate(invalid="ignore", divide="ignore"):
                f = np.where(log, np.log(np.where(log, f, 1.0)), f)
        return np.where(self.samples.used[who], f, 1.0)

    def slopes(self, z: np.ndarray, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict with slopes by all parameters, shapes (row, m) and (row, m, k)."""
        n, k = z.shape
        if not k:
            f = self.values(z, who)
            return f, np.zeros((*f.shape, 0))
        rows, along = np.divmod(np.arange(n * k), k)
        f, s = self._along(z[rows], who[rows], along)
        m = f.shape[1]
        return f.reshape(n, k, m)[:, 0], s.reshape(n, k, m).transpose(0, 2, 1)

    def curvature(self, z: np.ndarray, who: np.ndarray) -> np.ndarray:
        """Differentiate the slopes by all parameters, shape (row, m, k, k)."""
        n, k = z.shape
        pairs = np.array([(i, j) for i in range(k) for j in range(i + 1)]).reshape(-1, 2)
        moved = np.zeros((len(pairs), 2, k))
        moved[np.arange(len(pairs)), :, pairs[:, 0]] = (STEP, -STEP)
        rows = z[:, None, None, :] + moved
        along = np.broadcast_to(pairs[:, 1][None, :, None], rows.shape[:-1])
        whose = np.broadcast_to(who[:, None, None], rows.shape[:-1])
        _, s = self._along(rows.reshape(-1, k), whose.ravel(), along.ravel())
        s = s.reshape(n, len(pairs), 2, s.shape[-1])
        bend = (s[:, :, 0] - s[:, :, 1]) / (2.0 * STEP)
        found = np.zeros((n, s.shape[-1], k, k))
        found[:, :, pairs[:, 0], pairs[:, 1]] = found[:, :, pairs[:, 1], pairs[:, 0]] = bend.transpose(
            0, 2, 1
        )
        return found

    def _along(self, z: np.ndarray, who: np.ndarray, along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values = self.effects.natural(self.effects.in_occasions(z))
        direction = self.effects.directions(values, along)
        parts = []
        for k in range(0, len(z), MOST_ROWS):
            some = slice(k, k + MOST_ROWS)
            both = self.cohort.slopes(values[some], who[some], direction[some])
            f, s = (self.samples.seen(x, who[some]) for x in both)
            used = self.samples.used[who[some]]
            if self.residual.is_log.any():
                log = self.residual.is_log[self.samples.output[who[some]]]
                with np.errstate(invalid="ignore", divide="ignore"):
                    s = np.where(log, s / np.where(log, f, 1.0), s)
            parts.append((self.residual_scale(f, who[some]), np.where(used, s, 0.0)))
        if len(parts) == 1:
            return parts[0]
        predicted, slopes = zip(*parts, strict=True)
        return np.concatenate(predicted), np.concatenate(slopes)
