"""The outer search: from a start to the least objective, in units of what the data tell of each parameter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..simulation.watching import Bar
from .effects import Effects
from .likelihood import Answer

MOST = 300  # evaluations
FLAT = 2e-3  # slope in units of a standard error: the objective is within FLAT^2 / 2 of its least value
FALL = 1e-4  # of the objective that is still to be had, by the slopes that were seen: more goes on in other units
SHARE = 0.7  # largest first unit, on the scale of a parameter
FAR = 1e8
APART = 0.5  # spread of further starts, on the scale of each parameter


class Objective(Protocol):
    """What is minimised."""

    @property
    def effects(self) -> Effects:
        """The statistical model."""

    def answer(self, x: np.ndarray) -> Answer:
        """-2 log likelihood, and log density of priors, with derivatives."""

    def value(self, x: np.ndarray) -> np.ndarray:
        """-2 log likelihood of each subject; a last entry is that of priors."""

    def restart(self) -> None:
        """Forget where the random effects were."""


class Found(NamedTuple):
    """Where a search ended.

    Attributes
    ----------
    x : array, shape (parameter,)
    answer : Answer
        There.
    converged : bool
    words : str
        How it ended.
    evaluations : int
    """

    x: np.ndarray
    answer: Answer
    converged: bool
    words: str
    evaluations: int


@dataclass
class _Watch:
    objective: Objective
    start: np.ndarray
    unit: np.ndarray
    told: Any = None
    n: int = 0
    best: float = np.inf
    kept: dict[str, Any] = field(default_factory=dict)

    def __call__(self, u: np.ndarray) -> tuple[float, np.ndarray]:
        self.n += 1
        x = self.start + self.unit * u
        answer = self.objective.answer(x)
        total, gradient = answer.total, answer.gradient * self.unit
        if not (np.isfinite(total) and np.isfinite(gradient).all()):
            return min(self.best, FAR) + 1e3 * (1.0 + float(u @ u)), 2e3 * u
        if total < self.best:
            self.best, self.kept = total, {"x": x.copy(), "answer": answer, "gradient": gradient}
        if self.told is not None:
            self.told(self.n, self.best)
        return total, gradient


def search(objective: Objective, x: np.ndarray, told: Any = None, most: int = MOST) -> Found:
    """Search from a start.

    Parameters
    ----------
    objective : Objective
    x : array
        Where to start.
    told : callable, optional
        Called with the number of evaluations and the least objective.
    most : int
        Evaluations allowed.
    """
    from scipy.optimize import minimize

    first = objective.answer(x)
    if not len(x):
        return Found(x, first, True, "nothing was estimated: evaluated at the values given", 1)
    if not np.isfinite(first.total):
        return Found(x, first, False, "the model cannot be evaluated at the start", 1)
    box = np.array(objective.effects.box)
    n, words, flat = 1, "", False
    unit = _units(first.slopes)
    for _ in range(3):  # units are found again where the search came to rest
        watch = _Watch(objective, x, unit, told)
        bounds = [((a - c) / w, (b - c) / w) for (a, b), c, w in zip(box, x, unit, strict=True)]
        done = minimize(
            watch, np.zeros(len(x)), jac=True, method="L-BFGS-B", bounds=bounds,
            options={"maxfun": most - n, "maxiter": most, "ftol": 1e-12, "gtol": FLAT / 4.0, "maxcor": 30},
        )  # fmt: skip
        n += watch.n
        before, x, first = first.total, watch.kept["x"], watch.kept["answer"]
        inside = (x > box[:, 0] + 1e-9) & (x < box[:, 1] - 1e-9)
        slope = np.abs(watch.kept["gradient"][inside]).max(initial=0.0)
        flat = bool(slope < FLAT) or before - first.total < 1e-5
        words = str(done.message).strip().rstrip(".").lower()
        wider = _wider(unit, np.where(inside, watch.kept["gradient"], 0.0), done) if slope < FLAT else None
        if (flat and wider is None) or n >= most:
            break
        unit = _units(first.slopes) if wider is None else wider
    if not flat:
        return Found(x, first, False, f"did not converge within {n} evaluations ({words})", n)
    edge = "" if inside.all() else f"; at the edge of its range: {int((~inside).sum())}"
    return Found(x, first, True, f"converged after {n} evaluations{edge}", n)


def searched(objective: Objective, effects: Effects, starts: int, seed: int, bar: Bar) -> list[Found]:
    """Search from each start: the first from the values given, further ones from about them."""
    found, rng, x0, box = [], np.random.default_rng(seed), effects.x0, np.array(effects.box)

    def told(n: int, best: float) -> None:
        bar.done(1)
        bar.say(f"objective {best:.3f}")

    free = len(effects.estimate) + len(effects.coefficients) + len(effects.spread.entries)
    for k in range(starts if free else 1):
        x = x0.copy()
        if k:
            n = len(effects.estimate)
            x[:n] += APART * rng.standard_normal(n)
            x = np.clip(x, box[:, 0] + 1e-6, box[:, 1] - 1e-6)
            objective.restart()
        found.append(search(objective, x, told))
    return found


def _units(slopes: np.ndarray) -> np.ndarray:
    """Tell how far an entry may move before the objective does by about one, from the slopes of the subjects."""
    information = 0.5 * (slopes**2).sum(axis=0)
    with np.errstate(divide="ignore"):
        return np.minimum(1.0 / np.sqrt(information), SHARE)


def _wider(unit: np.ndarray, slopes: np.ndarray, done: Any) -> np.ndarray | None:
    """Return units of a standard error, by the slopes that a search saw, where it stopped short; else None.

    Far from where it ends slopes are steep, and units that come from them so small that it ends too early.
    """
    inverse = done.hess_inv.todense()
    if float(slopes @ inverse @ slopes) <= FALL:
        return None
    return np.clip(unit * np.sqrt(2.0 * np.diag(inverse)), unit, SHARE)


def curvature(objective: Objective, x: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Second derivative of the objective, from gradients at both sides of each entry."""
    found = np.zeros((len(x), len(x)))
    for k in range(len(x)):
        step = np.zeros(len(x))
        step[k] = unit[k]
        up, down = (objective.answer(x + s * step).gradient for s in (1.0, -1.0))
        found[k] = (up - down) / (2.0 * unit[k])
    return (found + found.T) / 2.0
