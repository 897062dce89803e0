"""Explicit Runge-Kutta steps: Tsit5, for systems that are not stiff."""

from __future__ import annotations

import numpy as np

from .compiled import STEP, entry, part, view
from .control import (
    ERROR,
    FINISHED,
    FRESH,
    N_ROWS,
    N_SLOTS,
    NON_FINITE,
    POLY,
    STEP_UNDERFLOW,
    TOO_MANY_STEPS,
    Y_NEW,
    F,
    G,
    H,
    K,
    Y,
    accept,
    derivative,
    error_norm,
    is_sliver,
    is_spent,
    is_too_short,
    landing,
    passes,
    smaller,
)
from .tableaux import TSIT5_A, TSIT5_C, TSIT5_E, TSIT5_P


@part
def tsit5_step(t, t_end, rhs, jac, dfdt, c, control, w, m, pivot):
    """Take one accepted step from (t, w[Y]) towards t_end into w[Y_NEW]; return a status."""
    source = F if control[FRESH] == 1.0 else K + 6  # the last stage of one step is the first of the next
    for i in range(w.shape[1]):
        w[K, i] = w[source, i]
    control[FRESH] = 0.0
    h = control[H]
    error, rejected = control[ERROR], False
    while not is_spent(control):
        taken = landing(h, t, t_end)
        if is_too_short(h, taken, t, t_end):
            return STEP_UNDERFLOW if np.isfinite(error) else NON_FINITE
        _stages(rhs, t, taken, c, w)
        error = error_norm(control, w, G, Y, Y_NEW)
        if passes(t, t_end, error):
            accept(taken, t_end - t, error, rejected, control)
            return FINISHED
        h = smaller(min(h, taken), error, control)
        if is_sliver(t, t_end):
            return NON_FINITE
        rejected = True
    return TOO_MANY_STEPS


@entry(tsit5_step, STEP)
def tsit5(t, t_end, rhs, jac, dfdt, n, c, control, w, m, pivot):
    """Take the step on bare memory, so that drivers can call it by address."""
    rows = view(w, (N_ROWS, n))
    return tsit5_step(t, t_end, rhs, jac, dfdt, view(c, 1), view(control, N_SLOTS), rows, m, pivot)


@part
def _stages(rhs, t, h, c, w):
    """Fill the stages, the new state and, in w[G], the error."""
    n = w.shape[1]
    for s in range(1, 7):
        for i in range(n):
            w[Y_NEW, i] = w[Y, i]
        for j in range(s):
            weight = h * TSIT5_A[s, j]
            for i in range(n):
                w[Y_NEW, i] += weight * w[K + j, i]
        derivative(rhs, t + TSIT5_C[s] * h, Y_NEW, c, w, K + s)
    for i in range(n):
        w[G, i] = 0.0
    for j in range(7):
        weight = h * TSIT5_E[j]
        for i in range(n):
            w[G, i] += weight * w[K + j, i]


@part
def tsit5_interpolant(h, w):
    """Fill w[POLY:] so that y(t + s h) = sum_j w[POLY + j] s^j with s in [0, 1]."""
    n = w.shape[1]
    for i in range(n):
        w[POLY, i] = w[Y, i]
    for j in range(4):
        for i in range(n):
            w[POLY + 1 + j, i] = 0.0
        for s in range(7):
            weight = h * TSIT5_P[j, s]
            for i in range(n):
                w[POLY + 1 + j, i] += weight * w[K + s, i]
