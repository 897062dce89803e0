"""One variable of one regimen over all draws, and the ways to bring it to one number a draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..units import HOURS_PER_DAY, hours_of


@dataclass(frozen=True, eq=False)
class Course:
    """Values over time.

    Attributes
    ----------
    values : array, shape (draw, time)
    hours : array, shape (time,)
        Since the start of the interval that is read (h).
    clock : array, shape (time,)
        Hour of day.
    interval : float
        Length of that interval (h).
    """

    values: np.ndarray
    hours: np.ndarray
    clock: np.ndarray
    interval: float

    def within(self, window) -> Course:
        """Keep a window: "interval", "after", "whole", [from, to] in h, or a clock window of two texts."""
        h = self.hours
        if window == "whole":
            return self
        if window == "interval":
            keep = (h >= 0) & (h <= self.interval)
        elif window == "after":
            keep = h >= self.interval
        elif isinstance(window[0], str):
            keep = (h >= 0) & (h <= self.interval) & _between(self.clock, *map(hours_of, window))
        else:
            keep = (h >= window[0]) & (h <= window[1])
        return Course(self.values[:, keep], h[keep], self.clock[keep], self.interval)

    @property
    def days(self) -> float:
        """Length of the interval in days."""
        return self.interval / HOURS_PER_DAY


def _between(clock: np.ndarray, start: float, end: float) -> np.ndarray:
    return (clock >= start) & (clock <= end) if start <= end else (clock >= start) | (clock <= end)


def _mean(c: Course, _) -> np.ndarray:
    return np.trapezoid(c.values, c.hours, axis=1) / np.ptp(c.hours)


def _hours_above(c: Course, level: float) -> np.ndarray:
    """Hours a day above a level, with straight lines between points; gaps in a clock window are left out."""
    a, b = c.values[:, :-1] - level, c.values[:, 1:] - level
    step = np.diff(c.hours)
    step = np.where(step > 2 * np.median(step), 0.0, step)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(a * b < 0, np.maximum(a, b) / np.abs(a - b), (a + b > 0).astype(float))
    return (part * step).sum(axis=1) / c.days


def _at(c: Course, hour: float) -> np.ndarray:
    return c.values[:, int(np.argmin(np.abs(c.hours - hour)))]


def _time_of_max(c: Course, _) -> np.ndarray:
    return c.hours[np.argmax(c.values, axis=1)]


def _share_of_max(c: Course, hour: float) -> np.ndarray:
    return _at(c, hour) / c.values.max(axis=1)


def _day_mean(c: Course, end: float) -> np.ndarray:
    keep = (c.hours >= end - HOURS_PER_DAY) & (c.hours <= end)
    return np.trapezoid(c.values[:, keep], c.hours[keep], axis=1) / HOURS_PER_DAY


def _last_day(c: Course, _) -> np.ndarray:
    return _day_mean(c, c.hours[-1])


def _drift(c: Course, day: float) -> np.ndarray:
    """Mean of the last day against that of an earlier day, both from dose to dose."""
    return _last_day(c, None) / _day_mean(c, c.hours[-1] - HOURS_PER_DAY * (c.days - day))


def _time_to(c: Course, share: float) -> np.ndarray:
    """First hour at which a variable that starts at 1 has made this share of its final change."""
    final = _last_day(c, None) - 1
    done = (c.values - 1) / np.where(final == 0, np.nan, final)[:, None] >= share
    return np.where(done.any(axis=1), c.hours[np.argmax(done, axis=1)], np.nan)


TAKES: dict[str, Callable[[Course, float], np.ndarray]] = {
    "mean": _mean,
    "max": lambda c, _: c.values.max(axis=1),
    "min": lambda c, _: c.values.min(axis=1),
    "hours_above": _hours_above,
    "at": _at,
    "time_of_max": _time_of_max,
    "share_of_max": _share_of_max,
    "last_day": _last_day,
    "drift": _drift,
    "time_to": _time_to,
}
