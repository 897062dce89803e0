"""Linearly implicit steps: Rodas5P, for stiff systems, with a dense LU that pivots."""

from __future__ import annotations

from .compiled import invoke, part
from .control import (
    ERROR,
    FINISHED,
    FRESH,
    H,
    accept,
    copy,
    derivative,
    error_norm,
    landing,
    smaller,
    trouble,
)
from .tableaux import RODAS5P_A, RODAS5P_C, RODAS5P_D, RODAS5P_GAMMA, RODAS5P_H, RODAS5P_K


@part
def rodas5p_step(calls, t, t_end, c, work):
    """Take one accepted step from (t, work.y) towards t_end into work.y_new; return a status."""
    control = work.control
    if control[FRESH] == 0.0:
        derivative(calls, t, work.y, c, work.u, work.f)
    control[FRESH] = 0.0
    invoke(calls.jac, t, work.y, c, work.jac)
    if not calls.autonomous:
        invoke(calls.dfdt, t, work.y, c, work.dfdt)
    h = control[H]
    error, rejected = control[ERROR], False
    while True:
        h = landing(h, t, t_end)
        status = trouble(h, t, error, work)
        if status != FINISHED:
            return status
        error = float("inf")
        if factorise(work.jac, 1.0 / (h * RODAS5P_GAMMA), work.lu, work.pivot):
            _stages(calls, t, h, c, work)
            error = error_norm(work.k[7], work.y, work.y_new, work.atol, work.rtol)
        if error <= 1.0:
            accept(h, error, rejected, work)
            return FINISHED
        h = smaller(h, error, work)
        rejected = True


@part
def _stages(calls, t, h, c, work):
    """Fill the stages and the new state; the last stage is the error."""
    k, y, y_new, g = work.k, work.y, work.y_new, work.g
    for s in range(8):
        copy(y, y_new)
        for j in range(s):
            for i in range(y.size):
                y_new[i] += RODAS5P_A[s, j] * k[j, i]
        if s == 0:
            copy(work.f, g)
        else:
            derivative(calls, t + RODAS5P_C[s] * h, y_new, c, work.u, g)
        for j in range(s):
            weight = RODAS5P_K[s, j] / h
            for i in range(y.size):
                g[i] += weight * k[j, i]
        if not calls.autonomous:
            for i in range(y.size):
                g[i] += h * RODAS5P_D[s] * work.dfdt[i]
        solve(work.lu, work.pivot, g, k[s])
    for i in range(y.size):
        y_new[i] += k[7, i]


@part
def rodas5p_interpolant(h, work):
    """Fill work.poly so that y(t + th) = sum_j poly[j] th^j with th in [0, 1]."""
    poly, k = work.poly, work.k
    for i in range(work.y.size):
        h0 = h1 = h2 = 0.0
        for s in range(8):
            h0 += RODAS5P_H[0, s] * k[s, i]
            h1 += RODAS5P_H[1, s] * k[s, i]
            h2 += RODAS5P_H[2, s] * k[s, i]
        poly[0, i] = work.y[i]
        poly[1, i] = work.y_new[i] - work.y[i] + h0
        poly[2, i] = h1 - h0
        poly[3, i] = h2 - h1
        poly[4, i] = -h2


@part
def factorise(jac, diagonal, lu, pivot):
    """Factorise diagonal * I - jac = P L U in `lu`, rows exchanged by `pivot`; False if it is singular."""
    n = pivot.size
    for i in range(n):
        for j in range(n):
            lu[i, j] = -jac[i, j]
        lu[i, i] += diagonal
    for j in range(n):
        best = j
        for i in range(j + 1, n):
            if abs(lu[i, j]) > abs(lu[best, j]):
                best = i
        pivot[j] = best
        if not abs(lu[best, j]) > 0.0:
            return False
        if best != j:
            for m in range(n):
                lu[j, m], lu[best, m] = lu[best, m], lu[j, m]
        inverse = 1.0 / lu[j, j]
        for i in range(j + 1, n):
            if lu[i, j] != 0.0:
                factor = lu[i, j] * inverse
                lu[i, j] = factor
                for m in range(j + 1, n):
                    lu[i, m] -= factor * lu[j, m]
        lu[j, j] = inverse
    return True


@part
def solve(lu, pivot, right, x):
    """Solve with the factors of `factorise`; the diagonal of U is stored inverted."""
    n = x.size
    copy(right, x)
    for j in range(n):
        best = pivot[j]
        x[j], x[best] = x[best], x[j]
    for i in range(n):
        total = x[i]
        for j in range(i):
            total -= lu[i, j] * x[j]
        x[i] = total
    for i in range(n - 1, -1, -1):
        total = x[i]
        for j in range(i + 1, n):
            total -= lu[i, j] * x[j]
        x[i] = total * lu[i, i]
