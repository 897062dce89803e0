"""What errors are measured against: LSODA at 1e-12, a solver that is not ours, checked by a second method."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from .solvers import numba_rhs, numbalsoda_lsoda, scipy_lsoda

TOLERANCE = 1e-12


def reference(case, values: np.ndarray) -> np.ndarray:
    """Return states of the subjects in the rows of ``values``, shape (subject, state, hour).

    numbalsoda's LSODA where it is installed (some 10-70 ms a subject), SciPy's elsewhere.
    """
    try:
        solver = numbalsoda_lsoda.lsoda(case)
    except ImportError:
        solver = scipy_lsoda.odeint(case)
    return solver.array(solver.run(TOLERANCE, values))


def second_opinion(case, values: np.ndarray, days: int = 2) -> float:
    """Return the error measure between the reference and SciPy's Radau at 1e-11, over the first ``days``."""
    from scipy.integrate import solve_ivp

    from .solvers import by_intervals

    short, rhs = replace(case, days=days), numba_rhs(case)

    def f(t, y, p):
        dy = np.empty_like(y)
        rhs(t, y, dy, p)
        return dy

    def advance(tol, hours, y, p):
        # Every output is a step's end, so the interpolant's lower order does not count.
        rows = [y]
        for a, b in itertools.pairwise(hours):
            done = solve_ivp(f, (a, b), rows[-1], method="Radau", args=(p,), rtol=tol, atol=1e-3 * tol)
            rows.append(done.y[:, -1])
        return np.array(rows)

    return short.error(by_intervals(short, advance)(1e-11, values), reference(short, values))
