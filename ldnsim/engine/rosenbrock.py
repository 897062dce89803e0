"""Linearly implicit steps: Rodas5P, for stiff systems, with a dense LU that pivots."""

from __future__ import annotations

import numpy as np

from .compiled import NO_CALL, STEP, entry, invoke_rows, part, view
from .control import (
    DFDT,
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
from .tableaux import RODAS5P_A, RODAS5P_C, RODAS5P_D, RODAS5P_GAMMA, RODAS5P_H, RODAS5P_K

# Layers of the matrices `m`, shape (2, n, n).
JAC, LU = 0, 1


@part
def rodas5p_step(t, t_end, rhs, jac, dfdt, c, control, w, m, pivot):
    """Take one accepted step from (t, w[Y]) towards t_end into w[Y_NEW]; return a status."""
    if control[FRESH] == 0.0:
        derivative(rhs, t, Y, c, w, F)
    control[FRESH] = 0.0
    invoke_rows(jac, t, w, Y, c, m, JAC)
    autonomous = dfdt == NO_CALL
    if not autonomous:
        invoke_rows(dfdt, t, w, Y, c, w, DFDT)
    h = control[H]
    error, rejected = control[ERROR], False
    while not is_spent(control):
        taken = landing(h, t, t_end)
        if is_too_short(h, taken, t, t_end):
            return STEP_UNDERFLOW if np.isfinite(error) else NON_FINITE
        error = np.inf
        if factorise(m, 1.0 / (taken * RODAS5P_GAMMA), pivot):
            _stages(rhs, autonomous, t, taken, c, w, m, pivot)
            error = error_norm(control, w, K + 7, Y, Y_NEW)
        if passes(t, t_end, error):
            accept(taken, t_end - t, error, rejected, control)
            return FINISHED
        h = smaller(min(h, taken), error, control)
        if is_sliver(t, t_end):
            return NON_FINITE
        rejected = True
    return TOO_MANY_STEPS


@entry(rodas5p_step, STEP)
def rodas5p(t, t_end, rhs, jac, dfdt, n, c, control, w, m, pivot):
    """Take the step on bare memory, so that drivers can call it by address."""
    rows, matrices = view(w, (N_ROWS, n)), view(m, (2, n, n))
    slots, rows_moved = view(control, N_SLOTS), view(pivot, n)
    return rodas5p_step(t, t_end, rhs, jac, dfdt, view(c, 1), slots, rows, matrices, rows_moved)


@part
def _stages(rhs, autonomous, t, h, c, w, m, pivot):
    """Fill the stages and the new state; the last stage is the error."""
    n = w.shape[1]
    for s in range(8):
        if s == 0:
            for i in range(n):
                w[G, i] = w[F, i]
        else:
            for i in range(n):
                w[Y_NEW, i] = w[Y, i]
            for j in range(s):
                for i in range(n):
                    w[Y_NEW, i] += RODAS5P_A[s, j] * w[K + j, i]
            derivative(rhs, t + RODAS5P_C[s] * h, Y_NEW, c, w, G)
        for j in range(s):
            weight = RODAS5P_K[s, j] / h
            for i in range(n):
                w[G, i] += weight * w[K + j, i]
        if not autonomous:
            for i in range(n):
                w[G, i] += h * RODAS5P_D[s] * w[DFDT, i]
        solve(m, pivot, w, G, K + s)
    for i in range(n):
        w[Y_NEW, i] += w[K + 7, i]


@part
def rodas5p_interpolant(w):
    """Fill w[POLY:] so that y(t + s h) = sum_j w[POLY + j] s^j with s in [0, 1]."""
    for i in range(w.shape[1]):
        v0 = v1 = v2 = 0.0
        for s in range(8):
            v0 += RODAS5P_H[0, s] * w[K + s, i]
            v1 += RODAS5P_H[1, s] * w[K + s, i]
            v2 += RODAS5P_H[2, s] * w[K + s, i]
        w[POLY, i] = w[Y, i]
        w[POLY + 1, i] = w[Y_NEW, i] - w[Y, i] + v0
        w[POLY + 2, i] = v1 - v0
        w[POLY + 3, i] = v2 - v1
        w[POLY + 4, i] = -v2


@part
def factorise(m, diagonal, pivot):
    """Factorise diagonal * I - m[JAC] = P L U into m[LU], rows exchanged by `pivot`; False if singular."""
    n = pivot.size
    for i in range(n):
        for j in range(n):
            m[LU, i, j] = -m[JAC, i, j]
        m[LU, i, i] += diagonal
    for j in range(n):
        best = j
        for i in range(j + 1, n):
            if abs(m[LU, i, j]) > abs(m[LU, best, j]):
                best = i
        pivot[j] = best
        if not abs(m[LU, best, j]) > 0.0:
            return False
        if best != j:
            for k in range(n):
                m[LU, j, k], m[LU, best, k] = m[LU, best, k], m[LU, j, k]
        inverse = 1.0 / m[LU, j, j]
        for i in range(j + 1, n):
            if m[LU, i, j] != 0.0:
                factor = m[LU, i, j] * inverse
                m[LU, i, j] = factor
                for k in range(j + 1, n):
                    m[LU, i, k] -= factor * m[LU, j, k]
        m[LU, j, j] = inverse
    return True


@part
def solve(m, pivot, w, right, x):
    """Solve with the factors of `factorise` for row `right` of w into row x; U has its diagonal inverted."""
    n = pivot.size
    for i in range(n):
        w[x, i] = w[right, i]
    for j in range(n):
        best = pivot[j]
        w[x, j], w[x, best] = w[x, best], w[x, j]
    for i in range(n):
        total = w[x, i]
        for j in range(i):
            total -= m[LU, i, j] * w[x, j]
        w[x, i] = total
    for i in range(n - 1, -1, -1):
        total = w[x, i]
        for j in range(i + 1, n):
            total -= m[LU, i, j] * w[x, j]
        w[x, i] = total * m[LU, i, i]
