"""The contestants. Each module has functions ``case -> Solver`` and imports its package inside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Solver:
    """One contestant, ready to run a case.

    ``run(tol, values)`` integrates the subjects in the rows of ``values``; that call is what is timed.
    ``array(result)`` turns what came back into an array (subject, state, hour).
    """

    run: Callable[[float, np.ndarray], Any]
    array: Callable[[Any], np.ndarray] = np.asarray
    note: str = ""
    tightest: float = 0.0  # smallest tolerance it takes


def numba_rhs(case):
    """Return the case's right-hand side ``f(t, y, dy, p)``, compiled by Numba."""
    import numba

    return numba.njit(case.function("{unpack}\n    {store}", "t, y, dy, p"))


def by_intervals(case, advance):
    """Return ``run`` for a solver that is restarted at each dose.

    ``advance(tol, hours, y, p)`` starts at ``hours[0]`` and returns the states there, shape (hour, state).
    """
    step = case.interval

    def run(tol, values):
        out = np.empty((len(values), len(case.states), len(case.hours)))
        for k, p in enumerate(values):
            y = case.start
            for day in range(case.days):
                y[case.dosed] += case.dose
                hours = np.arange(day * step, (day + 1) * step + 1.0)
                part = advance(tol, hours, y, p)
                out[k, :, day * step : (day + 1) * step + 1] = part.T
                y = part[-1].copy()
        return out

    return run
