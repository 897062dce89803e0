"""From the course of a variable to the number that was measured: the peak, an area, a half-life."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from .target import Target

PLASMA = "plasma_"  # variables of a linear system: one dose serves all


class Measure(NamedTuple):
    """How a course becomes a number: (target, times (t,), values (draw, t)) -> (draw,)."""

    compute: Callable[[Target, np.ndarray, np.ndarray], np.ndarray]
    unit: str


def _window(target: Target, times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at = times - target.design.last
    inside = (at >= target.start - 1e-9) & (at <= target.end + 1e-9)
    return at[inside], values[:, inside]


def _peak(target: Target, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.max(_window(target, times, values)[1], axis=1) * target.scale


def _time_of_peak(target: Target, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    at, inside = _window(target, times, values)
    return _vertex(at, inside)


def _vertex(at: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Time of the parabola through the highest point and its neighbours (smooth in the parameters)."""
    k = np.clip(np.argmax(values, axis=1), 1, len(at) - 2)
    rows = np.arange(len(values))
    before, after = at[k] - at[k - 1], at[k + 1] - at[k]
    rise = (values[rows, k] - values[rows, k - 1]) / before
    fall = (values[rows, k + 1] - values[rows, k]) / after
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip(rise / (rise - fall), 0, 1)  # of the way between the middles of the two steps
    return at[k] - before / 2 + np.nan_to_num(share, nan=0.5) * (before + after) / 2


def _area(target: Target, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    at, inside = _window(target, times, values)
    return np.trapezoid(inside, at, axis=1) * target.scale * target.factor


def _half_life(target: Target, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    at, inside = _window(target, times, values)
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(inside)
    centred = at - at.mean()
    return -np.log(2) * (centred**2).sum() / (logs * centred).sum(axis=1)


def _at(target: Target, hour: float, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    return values[:, np.argmin(np.abs(times - target.design.last - hour))]


def _level(target: Target, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    share = 100.0 if "occupancy" in target.variable else 1.0
    return _at(target, target.start, times, values) * target.scale * share


def _relative(target: Target, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return 100 * _at(target, target.end, times, values) / _at(target, target.start, times, values)


def _trough(target: Target, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.min(_window(target, times, values)[1], axis=1)


def _mean(target: Target, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    at, inside = _window(target, times, values)
    return np.trapezoid(inside, at, axis=1) / (at[-1] - at[0])


def _mean_change(target: Target, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    at, inside = _window(target, times, values)
    return 100 * (np.trapezoid(inside, at, axis=1) / (at[-1] - at[0]) - 1)


def _difference(target: Target, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    return _at(target, target.start, times, values) - values[:, 0]


def _percent_fall(target: Target, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    return -100 * _difference(target, times, values) / values[:, 0]


QUANTITIES = {
    "peak": Measure(_peak, ""),
    "time_of_peak": Measure(_time_of_peak, "h"),
    "area": Measure(_area, "ng/mL*h"),
    "recovery": Measure(_area, "% of dose"),
    "half_life": Measure(_half_life, "h"),
    "level": Measure(_level, ""),
    "relative": Measure(_relative, "% of the first"),
    "trough": Measure(_trough, ""),
    "mean": Measure(_mean, ""),
    "mean_change": Measure(_mean_change, "%"),
    "difference": Measure(_difference, "points"),
    "percent_fall": Measure(_percent_fall, "%"),
}


def grid(target: Target) -> np.ndarray:
    """Return the times that a target's quantity needs (h), shape (t,)."""
    last, a, b = target.design.last, target.start, target.end
    if target.quantity in ("level", "relative"):
        return last + np.unique([a, b])
    if target.quantity in ("difference", "percent_fall"):
        return np.array([0.0, last + a])
    if target.quantity == "half_life":
        return last + np.linspace(a, b, 5)
    if target.variable.startswith(PLASMA) or target.quantity == "time_of_peak":
        near = np.arange(a, min(a + 6, b) + 1e-9, 0.05)
        return last + np.unique(np.r_[near, np.linspace(a, b, 97)])
    return last + np.linspace(a, b, 97)
