"""Step size: how large the first step is, how the next one follows from the error, where a step must land.

What a thread works in are plain arrays, since every attribute or view that compiled code takes of an object
costs an atomic count: `control`, the state of the step control, and `w`, whose rows are vectors of n_states.
"""

from __future__ import annotations

import numpy as np

from .compiled import invoke_rows, part
from .instants import WIDTH
from .instants import is_sliver as _is_sliver
from .instants import jump_edge as _jump_edge
from .instants import shortest as _shortest
from .status import Status

# Slots of `control`.
H = 0  # step size to try next
H_DONE = 1  # step size of the last accepted step
ERROR = 2  # its error, in units of the tolerance
H_AGAIN = 3  # what followed the first step after an event: the guess after the next; <= 0 until it is known
FRESH = 4  # 1 if w[F] is the derivative at the start of the step
STEPS = 5
REJECTED = 6
LIMIT = 7  # steps allowed, accepted or not
RTOL = 8
TIME = 9  # reached so far (h)
BUDGET = 10  # steps before the driver returns to Python, where a run may be broken off
UNDER_WAY = 11  # 1 inside an interval between events
EVENT, OUTPUT, T_END, STOP, HOLD = 12, 13, 14, 15, 16  # see `ldnsim.engine.trajectory`
N_SLOTS = 17

# Rows of `w`.
Y = 0  # state at the start of the step
Y_NEW = 1  # state at its end
F = 2  # derivative at its start
G = 3  # right-hand side of a stage, or error
DFDT = 4
U = 5  # input rates of running infusions
ATOL = 6
POINT = 7  # a state between steps
PEAK = 8  # largest |y| met
Y0 = 9  # initial state, for resets
POLY = 10  # five rows: the interpolant of the step
K = 15  # eight rows: stages
N_ROWS = 23

SAFETY = 0.95
SHRINK, GROW = 0.2, 6.0  # bounds of the change of the step size
EXPONENT = 5.0  # the error estimates of both methods are of order h^5

FINISHED = int(Status.FINISHED)
TOO_MANY_STEPS = int(Status.TOO_MANY_STEPS)
STEP_UNDERFLOW = int(Status.STEP_UNDERFLOW)
NON_FINITE = int(Status.NON_FINITE)
PAUSED = -1  # the driver waits to be called again


jump_edge, shortest, is_sliver = map(part, (_jump_edge, _shortest, _is_sliver))


@part
def near(t):
    """Distance (h) up to which two times are one instant, see `ldnsim.engine.instants`."""
    return WIDTH * max(1.0, abs(t))


@part
def derivative(rhs, t, y, c, w, out):
    """Write f(t, y, c) + u for the state in row y of w into row out."""
    invoke_rows(rhs, t, w, y, c, w, out)
    for i in range(w.shape[1]):
        w[out, i] += w[U, i]


@part
def error_norm(control, w, error, y, y_new):
    """Largest entry of row `error`, in units of the tolerance; NaN if any is."""
    worst = 0.0
    for i in range(w.shape[1]):
        size = max(abs(w[y, i]), abs(w[y_new, i]))
        ratio = abs(w[error, i]) / (w[ATOL, i] + control[RTOL] * size)
        if not ratio <= worst:
            worst = ratio
            if np.isnan(ratio):
                return np.nan
    return worst


@part
def first_step(rhs, t, t_end, c, control, w):
    """Guess a step from the first two derivatives (Hairer, Norsett, Wanner, Solving ODEs I, II.4)."""
    size = error_norm(control, w, Y, Y, Y)
    slope = error_norm(control, w, F, Y, Y)
    h = 1e-6 if size < 1e-5 or slope < 1e-5 else 0.01 * size / slope
    h = min(h, t_end - t)
    for i in range(w.shape[1]):
        w[POINT, i] = w[Y, i] + h * w[F, i]
    derivative(rhs, t + h, POINT, c, w, G)
    for i in range(w.shape[1]):
        w[G, i] -= w[F, i]
    steepest = max(slope, error_norm(control, w, G, Y, Y) / h)
    if not np.isfinite(steepest):
        return h
    better = max(1e-6, h * 1e-3) if steepest <= 1e-15 else (0.01 / steepest) ** (1.0 / EXPONENT)
    return min(100.0 * h, better)


@part
def restart(rhs, t, t_end, c, control, w):
    """Evaluate the derivative after an event and choose a step; say whether all is finite."""
    derivative(rhs, t, Y, c, w, F)
    control[FRESH] = 1.0
    control[ERROR] = 1.0
    for i in range(w.shape[1]):
        if not (np.isfinite(w[Y, i]) and np.isfinite(w[F, i])):
            return NON_FINITE
    known = control[H_AGAIN] > 0.0
    h = control[H_AGAIN] if known else first_step(rhs, t, t_end, c, control, w)
    control[H] = max(h, 2.0 * shortest(t))
    control[H_AGAIN] = -control[H_AGAIN]
    return FINISHED


@part
def landing(h, t, t_end):
    """Fit a step to the rest of the interval: reach its end, or halve it rather than leave a sliver.

    It is as long as the rounded clock says.
    """
    rest = t_end - t
    if h >= rest * (1.0 - 1e-12) or rest <= 2.0 * shortest(t):
        return rest
    return (t + (0.5 * rest if 2.0 * h > rest else h)) - t


@part
def is_too_short(h, taken, t, t_end):
    """Whether the errors ask for a step h that time cannot tell; the whole of an interval never is too short."""
    return h < shortest(t) and taken < t_end - t


@part
def passes(t, t_end, error):
    """Whether a step with this error counts."""
    return error <= 1.0 or (np.isfinite(error) and is_sliver(t, t_end))


@part
def is_spent(control):
    """Whether all steps allowed have been tried."""
    return control[STEPS] + control[REJECTED] >= control[LIMIT]


@part
def accept(h, rest, error, was_rejected, control):
    """Note an accepted step and propose the next one by a proportional-integral rule.

    A first step that an interval of length `rest` cut short says little about the one after the next event.
    """
    error = max(error, 1e-5)
    factor = SAFETY * error ** (-0.7 / EXPONENT) * control[ERROR] ** (0.4 / EXPONENT)
    factor = min(1.0 if was_rejected else GROW, max(SHRINK, factor))
    control[H_DONE] = h
    control[H] = h * factor
    control[ERROR] = error
    control[STEPS] += 1.0
    if control[H_AGAIN] <= 0.0:
        control[H_AGAIN] = control[H] if h < rest else max(control[H], -control[H_AGAIN])


@part
def smaller(h, error, control):
    """Step to try after a rejected one."""
    control[REJECTED] += 1.0
    if not np.isfinite(error):
        return 0.1 * h
    return h * max(SHRINK, SAFETY * error ** (-1.0 / EXPONENT))
