"""Values inside a step: both methods hand out a polynomial of degree 4."""

from __future__ import annotations

from .compiled import part
from .control import H_DONE, POLY, Y_NEW
from .explicit import tsit5_interpolant
from .rosenbrock import rodas5p_interpolant


@part
def interpolant(stiff, control, w):
    """Prepare the polynomial of the last accepted step."""
    if stiff:
        rodas5p_interpolant(w)
    else:
        tsit5_interpolant(control[H_DONE], w)


@part
def interpolate(s, w, row):
    """Write the state at the fraction s of the last step into a row of w."""
    for i in range(w.shape[1]):
        value = w[POLY + 4, i]
        for j in range(3, -1, -1):
            value = w[POLY + j, i] + s * value
        w[row, i] = w[Y_NEW, i] if s >= 1.0 else value
