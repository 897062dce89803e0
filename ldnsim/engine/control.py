"""Step size: how large the first step is, how the next one follows from the error, where a step must land."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import invoke, part
from .status import Status

# Slots of the control vector, which carries the state of the step control from step to step.
H = 0  # step size to try next
H_DONE = 1  # step size of the last accepted step
ERROR = 2  # its error, in units of the tolerance
H_FIRST = 3  # step proposed by the first one after the last event: the guess after the next event
FRESH = 4  # 1 if the derivative at the start of the step is known already
STEPS = 5
REJECTED = 6
LIMIT = 7  # steps allowed, accepted or not
N_SLOTS = 8

SAFETY = 0.9
SHRINK, GROW = 0.2, 6.0  # bounds of the change of the step size
EXPONENT = 5.0  # the error estimates of both methods are of order h^5
EPSILON = 2.220446049250313e-16

FINISHED = int(Status.FINISHED)
TOO_MANY_STEPS = int(Status.TOO_MANY_STEPS)
STEP_UNDERFLOW = int(Status.STEP_UNDERFLOW)
NON_FINITE = int(Status.NON_FINITE)


class Calls(NamedTuple):
    """The kernels of a system as drivers call them; see `ldnsim.engine.compiled.invoke`."""

    rhs: int
    jac: int
    dfdt: int
    observe: int
    autonomous: bool


class Work(NamedTuple):
    """Arrays one thread works in, allocated once and used for all its trajectories."""

    control: np.ndarray  # (N_SLOTS,)
    k: np.ndarray  # (8, n) stages
    y: np.ndarray  # (n,) state at the start of the step
    y_new: np.ndarray  # (n,) state at its end
    f: np.ndarray  # (n,) derivative at its start
    g: np.ndarray  # (n,) right-hand side of a stage
    dfdt: np.ndarray  # (n,)
    u: np.ndarray  # (n,) input rates of running infusions
    jac: np.ndarray  # (n, n)
    lu: np.ndarray  # (n, n)
    pivot: np.ndarray  # (n,)
    poly: np.ndarray  # (5, n) interpolant of the step
    point: np.ndarray  # (n,) its value
    seen: np.ndarray  # (n_outputs,)
    atol: np.ndarray  # (n,)
    rtol: float


@part
def copy(source, target):
    """Copy a vector (a loop compiles faster than a slice, which can fail and say so)."""
    for i in range(target.size):
        target[i] = source[i]


@part
def fill(target, value):
    """Set all entries of a vector."""
    for i in range(target.size):
        target[i] = value


@part
def derivative(calls, t, y, c, u, out):
    """Write f(t, y, c) + u."""
    invoke(calls.rhs, t, y, c, out)
    for i in range(out.size):
        out[i] += u[i]


@part
def error_norm(error, y, y_new, atol, rtol):
    """Largest error over states, in units of the tolerance; NaN if any is."""
    worst = 0.0
    for i in range(error.size):
        ratio = abs(error[i]) / (atol[i] + rtol * max(abs(y[i]), abs(y_new[i])))
        if not ratio <= worst:
            worst = ratio
            if np.isnan(ratio):
                return np.nan
    return worst


@part
def first_step(calls, t, t_end, c, work):
    """Guess a step from the first two derivatives (Hairer, Norsett, Wanner, Solving ODEs I, II.4)."""
    y, f = work.y, work.f
    size = error_norm(y, y, y, work.atol, work.rtol)
    slope = error_norm(f, y, y, work.atol, work.rtol)
    h = 1e-6 if size < 1e-5 or slope < 1e-5 else 0.01 * size / slope
    h = min(h, t_end - t)
    for i in range(y.size):
        work.point[i] = y[i] + h * f[i]
    derivative(calls, t + h, work.point, c, work.u, work.g)
    for i in range(y.size):
        work.g[i] -= f[i]
    bend = error_norm(work.g, y, y, work.atol, work.rtol) / h
    steepest = max(slope, bend)
    if not np.isfinite(steepest):
        return h
    better = max(1e-6, h * 1e-3) if steepest <= 1e-15 else (0.01 / steepest) ** (1.0 / EXPONENT)
    return min(100.0 * h, better)


@part
def restart(calls, t, t_end, c, work):
    """Evaluate the derivative after an event and choose a step; say whether all is finite."""
    control = work.control
    derivative(calls, t, work.y, c, work.u, work.f)
    control[FRESH] = 1.0
    control[ERROR] = 1.0
    for i in range(work.y.size):
        if not (np.isfinite(work.y[i]) and np.isfinite(work.f[i])):
            return NON_FINITE
    control[H] = control[H_FIRST] if control[H_FIRST] > 0.0 else first_step(calls, t, t_end, c, work)
    control[H_FIRST] = -1.0
    return FINISHED


@part
def landing(h, t, t_end):
    """Fit a step to the rest of the interval: reach its end, or halve it rather than leave a sliver."""
    rest = t_end - t
    if h >= rest * (1.0 - 1e-12):
        return rest
    return 0.5 * rest if 2.0 * h > rest else h


@part
def trouble(h, t, error, work):
    """Status that forbids to try a step of size h from t; FINISHED if it may be tried."""
    control = work.control
    if control[STEPS] + control[REJECTED] >= control[LIMIT]:
        return TOO_MANY_STEPS
    if h <= 4.0 * EPSILON * abs(t) or h < 1e-300:
        return STEP_UNDERFLOW if np.isfinite(error) else NON_FINITE
    return FINISHED


@part
def accept(h, error, was_rejected, work):
    """Note an accepted step and propose the next one by a proportional-integral rule."""
    control = work.control
    error = max(error, 1e-5)
    factor = SAFETY * error ** (-0.7 / EXPONENT) * control[ERROR] ** (0.4 / EXPONENT)
    factor = min(1.0 if was_rejected else GROW, max(SHRINK, factor))
    control[H_DONE] = h
    control[H] = h * factor
    control[ERROR] = error
    control[STEPS] += 1.0
    if control[H_FIRST] < 0.0:
        control[H_FIRST] = control[H]


@part
def smaller(h, error, work):
    """Step to try after a rejected one."""
    work.control[REJECTED] += 1.0
    if not np.isfinite(error):
        return 0.1 * h
    return h * max(SHRINK, SAFETY * error ** (-1.0 / EXPONENT))


@part
def new_work(n, n_outputs, atol, rtol, max_steps):
    """Allocate the arrays of one thread."""
    control = np.zeros(N_SLOTS)
    control[LIMIT] = max_steps
    return Work(
        control,
        np.zeros((8, n)),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros((n, n)),
        np.zeros((n, n)),
        np.zeros(n, np.int64),
        np.zeros((5, n)),
        np.zeros(n),
        np.zeros(n_outputs),
        atol,
        rtol,
    )
