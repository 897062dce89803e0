"""Step size: how large the first step is, how the next one follows from the error, where a step must land.

What a thread works in are plain arrays, since every attribute or view that compiled code takes of an object
costs an atomic count: `control`, the state of the step control, and `w`, whose rows are vectors of n_states.
"""

from __future__ import annotations

import numpy as np

from .compiled import invoke_rows, part
from .status import Status

# Slots of `control`.
H = 0  # step size to try next
H_DONE = 1  # step size of the last accepted step
ERROR = 2  # its error, in units of the tolerance
H_AGAIN = 3  # what followed the first step after the last event: the guess after the next event
FRESH = 4  # 1 if w[F] is the derivative at the start of the step
STEPS = 5
REJECTED = 6
LIMIT = 7  # steps allowed, accepted or not
RTOL = 8
TIME = 9  # reached so far (h)
N_SLOTS = 10

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
EPSILON = 2.220446049250313e-16

FINISHED = int(Status.FINISHED)
TOO_MANY_STEPS = int(Status.TOO_MANY_STEPS)
STEP_UNDERFLOW = int(Status.STEP_UNDERFLOW)
NON_FINITE = int(Status.NON_FINITE)


@part
def near(t):
    """Distance (h) below which two times are one instant: sums of intervals differ by rounding."""
    return 8.0 * EPSILON * abs(t)


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
    control[H] = control[H_AGAIN] if known else first_step(rhs, t, t_end, c, control, w)
    control[H_AGAIN] = -1.0
    return FINISHED


@part
def landing(h, t, t_end):
    """Fit a step to the rest of the interval: reach its end, or halve it rather than leave a sliver."""
    rest = t_end - t
    if h >= rest * (1.0 - 1e-12):
        return rest
    return 0.5 * rest if 2.0 * h > rest else h


@part
def trouble(h, t, error, control):
    """Status that forbids to try a step of size h from t; FINISHED if it may be tried."""
    if control[STEPS] + control[REJECTED] >= control[LIMIT]:
        return TOO_MANY_STEPS
    if h <= 4.0 * EPSILON * abs(t) or h < 1e-300:
        return STEP_UNDERFLOW if np.isfinite(error) else NON_FINITE
    return FINISHED


@part
def accept(h, error, was_rejected, control):
    """Note an accepted step and propose the next one by a proportional-integral rule."""
    error = max(error, 1e-5)
    factor = SAFETY * error ** (-0.7 / EXPONENT) * control[ERROR] ** (0.4 / EXPONENT)
    factor = min(1.0 if was_rejected else GROW, max(SHRINK, factor))
    control[H_DONE] = h
    control[H] = h * factor
    control[ERROR] = error
    control[STEPS] += 1.0
    if control[H_AGAIN] < 0.0:
        control[H_AGAIN] = control[H]


@part
def smaller(h, error, control):
    """Step to try after a rejected one."""
    control[REJECTED] += 1.0
    if not np.isfinite(error):
        return 0.1 * h
    return h * max(SHRINK, SAFETY * error ** (-1.0 / EXPONENT))
