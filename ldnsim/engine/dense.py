"""Values inside a step: both methods hand out a polynomial of degree 4."""

from __future__ import annotations

from .compiled import part
from .control import copy
from .explicit import tsit5_interpolant
from .rosenbrock import rodas5p_interpolant


@part
def interpolant(stiff, h, work):
    """Prepare the polynomial of the last accepted step of size h."""
    if stiff:
        rodas5p_interpolant(h, work)
    else:
        tsit5_interpolant(h, work)


@part
def interpolate(theta, work):
    """Write the state at the fraction theta of the last step into work.point."""
    poly, point = work.poly, work.point
    if theta >= 1.0:
        copy(work.y_new, point)
        return
    for i in range(point.size):
        point[i] = poly[0, i] + theta * (
            poly[1, i] + theta * (poly[2, i] + theta * (poly[3, i] + theta * poly[4, i]))
        )
