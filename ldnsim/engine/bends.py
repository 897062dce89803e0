"""Steps across a bend: where a rate changes its formula inside a step, the step is held to more than its error.

Error estimates assume smooth rates. Where a rate jumps or bends inside a step, that of either method comes out up to a
hundred times too small, at some places of the step by any factor. What tells the truth there are the two highest
powers of the step's interpolant: with a jump at any place of a step of a rate of time, the error at its end is at
most 0.07 (Tsit5) or 1.1 (Rodas5P) times the sum of their sizes, with a bend 0.13 or 0.22 times. So the states whose
rates change their formula inside a step must keep `SHARE` of that sum within the tolerance.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .compiled import invoke_rows, part
from .control import (
    ATOL,
    FRESH,
    H_DONE,
    POINT,
    POLY,
    REJECTED,
    RTOL,
    SAFETY,
    STEPS,
    Y_NEW,
    F,
    H,
    K,
    Y,
    is_sliver,
    shortest,
)
from .dense import interpolant, interpolate

SHARE = 0.25
LOOKS = 8  # places of a step at which the sides are looked at
LEAST = 64.0  # of the shortest step that time can tell: what bends within is crossed as it is
# Rows of `now`.
BEFORE, AFTER, CROSSED = 0, 1, 2


class Bends(NamedTuple):
    """What the driver reads and writes for the bends of one trajectory; no rows where there are none."""

    sides: int  # address of the kernel that numbers the sides
    bent: np.ndarray  # (n_states, n_sides): 1 where a state's rate has that side
    now: np.ndarray  # (3, n_sides)


def bends_of(bent: np.ndarray, sides: Any) -> Bends:
    """Allocate the memory of one thread."""
    table = np.ascontiguousarray(bent, dtype=float)
    return Bends(sides, table, np.zeros((3, table.shape[1])))


@part
def retreat(self, stiff, t, t_new, t_end, c, control, w):
    """Whether an accepted step from t to t_new must be tried again, shorter.

    The next one then goes to the last look before the bend, or to where it can cross.
    """
    h = control[H_DONE]
    if self.now.shape[1] == 0 or is_sliver(t, t_end) or h <= LEAST * shortest(t):
        return False
    interpolant(stiff, control, w)
    before = _last_look(self, t, t_new, c, w)
    excess = _excess(self, control, w)
    if not excess > 1.0:
        return False
    control[STEPS] -= 1.0
    control[REJECTED] += 1.0
    control[H] = h * max(before, min(SAFETY, excess**-0.5))
    control[FRESH] = 1.0
    for i in range(0 if stiff else w.shape[1]):
        w[F, i] = w[K, i]
    return True


@part
def _last_look(self, t, t_new, c, w):
    """Mark the sides that change within the step; return the share of the step up to which none does."""
    n, before = self.now.shape[1], 0.0
    invoke_rows(self.sides, t, w, Y, c, self.now, BEFORE)
    for e in range(n):
        self.now[CROSSED, e] = 0.0
    crossed = False
    for look in range(1, LOOKS + 1):
        s = look / LOOKS
        interpolate(s, w, POINT)
        invoke_rows(self.sides, t_new if look == LOOKS else t + s * (t_new - t), w, POINT, c, self.now, AFTER)
        for e in range(n):
            if self.now[AFTER, e] != self.now[BEFORE, e]:
                self.now[CROSSED, e] = 1.0
                crossed = True
        if not crossed:
            before = s
    return before


@part
def _excess(self, control, w):
    """Return the largest excess of a state that bends, in units of the tolerance."""
    worst = 0.0
    for i in range(w.shape[1]):
        for e in range(self.now.shape[1]):
            if self.bent[i, e] * self.now[CROSSED, e] != 0.0:
                size = max(abs(w[Y, i]), abs(w[Y_NEW, i]))
                high = abs(w[POLY + 3, i]) + abs(w[POLY + 4, i])
                worst = max(worst, SHARE * high / (w[ATOL, i] + control[RTOL] * size))
    return worst
