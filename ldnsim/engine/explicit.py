"""Explicit Runge-Kutta steps: Tsit5, for systems that are not stiff."""

from __future__ import annotations

from .compiled import part
from .control import (
    ERROR,
    FINISHED,
    FRESH,
    H,
    accept,
    copy,
    derivative,
    error_norm,
    fill,
    landing,
    smaller,
    trouble,
)
from .tableaux import TSIT5_A, TSIT5_C, TSIT5_E, TSIT5_P


@part
def tsit5_step(calls, t, t_end, c, work):
    """Take one accepted step from (t, work.y) towards t_end into work.y_new; return a status."""
    control, k = work.control, work.k
    if control[FRESH] == 0.0:
        copy(k[6], k[0])  # the last stage of one step is the first of the next
    else:
        copy(work.f, k[0])
        control[FRESH] = 0.0
    h = control[H]
    error, rejected = control[ERROR], False
    while True:
        h = landing(h, t, t_end)
        status = trouble(h, t, error, work)
        if status != FINISHED:
            return status
        _stages(calls, t, h, c, work)
        error = error_norm(work.g, work.y, work.y_new, work.atol, work.rtol)
        if error <= 1.0:
            accept(h, error, rejected, work)
            return FINISHED
        h = smaller(h, error, work)
        rejected = True


@part
def _stages(calls, t, h, c, work):
    """Fill the stages, the new state and, in work.g, the error."""
    k, y, y_new, g = work.k, work.y, work.y_new, work.g
    for s in range(1, 7):
        copy(y, y_new)
        for j in range(s):
            weight = h * TSIT5_A[s, j]
            for i in range(y.size):
                y_new[i] += weight * k[j, i]
        derivative(calls, t + TSIT5_C[s] * h, y_new, c, work.u, k[s])
    fill(g, 0.0)
    for j in range(7):
        weight = h * TSIT5_E[j]
        for i in range(y.size):
            g[i] += weight * k[j, i]


@part
def tsit5_interpolant(h, work):
    """Fill work.poly so that y(t + th) = sum_j poly[j] th^j with th in [0, 1]."""
    poly, k = work.poly, work.k
    copy(work.y, poly[0])
    for j in range(4):
        fill(poly[j + 1], 0.0)
        for s in range(7):
            weight = h * TSIT5_P[j, s]
            for i in range(work.y.size):
                poly[j + 1, i] += weight * k[s, i]
