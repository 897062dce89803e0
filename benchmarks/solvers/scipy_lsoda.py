"""SciPy's LSODA with a Numba right-hand side, restarted at each dose, by both of its doors."""

from __future__ import annotations

import numpy as np

from . import Solver, by_intervals, numba_rhs


def _allocating_rhs(case):
    import numba

    rhs = numba_rhs(case)

    @numba.njit
    def f(t, y, p):
        dy = np.empty_like(y)
        rhs(t, y, dy, p)
        return dy

    f(0.0, case.start, case.nominal)
    return f


def solve_ivp(case) -> Solver:
    from scipy.integrate import solve_ivp

    f = _allocating_rhs(case)

    def advance(tol, hours, y, p):
        span = (hours[0], hours[-1])
        done = solve_ivp(f, span, y, method="LSODA", t_eval=hours, args=(p,), rtol=tol, atol=1e-3 * tol)
        return done.y.T if done.success else np.full((len(hours), len(y)), np.nan)

    return Solver(by_intervals(case, advance))


def odeint(case) -> Solver:
    from scipy.integrate import odeint

    f = _allocating_rhs(case)

    def advance(tol, hours, y, p):
        return odeint(f, y, hours, args=(p,), rtol=tol, atol=1e-3 * tol, tfirst=True, mxstep=100_000)

    return Solver(by_intervals(case, advance))
