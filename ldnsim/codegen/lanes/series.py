"""The series of a linear block inside a step: it keeps its order near 0 and fades where rates are fast.

Of a block y' = A y + b with constant A, let g = gamma h (A y + b), S = (1 - gamma h A)^-1, u_1 = S g and
u_(j+1) = u_j - S u_j. The generating function of Laguerre's polynomials (Abramowitz and Stegun, 22.9.15) says

    y(t + theta h) = y - sum_j L_j^(-1)(theta / gamma) u_j.

Cut after n terms it has order n for every gamma. For the values below, of which L_n(1 / gamma) = 0, what is infinitely
fast is gone at the end of a step, and nothing that decays ever grows (Hairer and Wanner, Solving ODEs II, IV.6).
Where a rate times h is about 1, 8 terms are as accurate as 9 of Taylor's series, which grow without bound from 4 on.
"""

from __future__ import annotations

from typing import Any

from .module import Place

GAMMA = {8: 0.2343731596055836, 12: 0.2174278114501998}  # by the number of terms


def weights_at(n: int, theta: float) -> list[float]:
    """Return what u_1 ... u_n count after a share theta of the step."""
    x = theta / GAMMA[n]
    found = [0.0, x]
    for j in range(2, n + 1):
        found.append(((2 * j - 2 - x) * found[-1] - (j - 2) * found[-2]) / j)
    return found[1:]


def weights(p: Place, theta: Any) -> list[Any]:
    """Return the same in stage precision, for shares given as a vector in state precision."""
    c, n = p.wide, p.layout.terms
    x = c.mul(theta, 1.0 / GAMMA[n])
    found = [c.const(0.0), x]
    for j in range(2, n + 1):
        factor = c.fma(x, -1.0 / j, (2 * j - 2) / j)
        found.append(c.fma(factor, found[-1], c.mul(found[-2], (2 - j) / j)))
    return [p.narrow(w) for w in found[1:]]
