"""numbalsoda's LSODA: C++ solver, C right-hand side, the whole loop over doses and subjects compiled."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from . import Solver, numba_rhs


def _compiled_loop(case):
    import numba
    from numbalsoda import lsoda, lsoda_sig

    rhs = numba_rhs(case)
    address = numba.cfunc(lsoda_sig)(lambda t, y, dy, p: rhs(t, y, dy, p))
    start, dosed, dose, step, days = case.start, case.dosed, case.dose, case.interval, case.days
    pointer = address.address

    @numba.njit(nogil=True)
    def loop(tol, values, out):
        for k in range(len(values)):
            y = start.copy()
            for day in range(days):
                y[dosed] += dose
                hours = day * step + np.arange(step + 1.0)
                part, fine = lsoda(pointer, y, hours, values[k], tol, 1e-3 * tol, 1_000_000)
                out[k, :, day * step : (day + 1) * step + 1] = part.T
                if not fine:
                    out[k] = np.nan
                y = part[-1].copy()

    return loop, address


def lsoda(case, threads: int = 1) -> Solver:
    loop, keep_alive = _compiled_loop(case)

    def run(tol, values):
        out = np.empty((len(values), len(case.states), len(case.hours)))
        if threads == 1:
            loop(tol, values, out)
            return out
        edges = np.linspace(0, len(values), 4 * threads + 1).astype(int)
        with ThreadPoolExecutor(threads) as pool:
            parts = [pool.submit(loop, tol, values[a:b], out[a:b]) for a, b in itertools.pairwise(edges)]
        for part in parts:
            part.result()
        return out

    run.keep_alive = keep_alive
    return Solver(run)
