"""What generated kernels call beside NumPy: powers and their slopes with the limits a solver needs.

A state that is an amount may dip below 0 by less than the tolerance. A power with an exponent that is not
whole has no real value there; it is taken as its limit at 0, so that a step is not lost to NaN. Whole
exponents keep the sign. Powers of constants are plain, so that an impossible parameter shows as NaN.

Each function returns one expression, which `ldnsim.codegen.native` translates as well.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np

from ..engine.compiled import JIT, part

STEEPEST = 1e9  # slope beyond which a power between 0 and 1 counts as vertical


def helper(function: Callable) -> Callable:
    """Compile a function into those that call it; without a JIT let it return what divides by 0 as NumPy does."""
    if JIT:
        return part(function)
    return functools.wraps(function)(lambda *arguments: np.float64(function(*arguments)))


@helper
def power(x, p):
    """Return x**p, and for x < 0 with p not whole the limit at 0."""
    return (0.0 if p > 0.0 else np.inf) if x < 0.0 and p != np.floor(p) else x**p


@helper
def root(x):
    """Return the square root of x, 0 for x < 0."""
    return 0.0 if x < 0.0 else np.sqrt(x)


@helper
def slope(value, x, p):
    """Return value / x for value = power(x, p), which is the derivative of the power divided by p.

    At x = 0 it is the limit, 1 for p = 1 and 0 for p > 1. Where the limit is infinite it is 0, since an infinite
    entry would spoil a Jacobian that only has to be good enough; and so it is where it comes close to that: it tells
    nothing of a step in which x leaves 1e-49.
    """
    return (
        (1.0 if p == 1.0 else 0.0)
        if x == 0.0 or abs(value) >= (STEEPEST if p > 0.0 and p < 1.0 else np.inf) * abs(x)
        else value / x
    )


@helper
def power_log(x, p):
    """Return x**p log(x), the derivative of x**p with respect to p; 0 for x <= 0."""
    return x**p * np.log(x) if x > 0.0 else 0.0


@helper
def sign(x):
    """Return -1, 0 or 1."""
    return 1.0 if x > 0.0 else (-1.0 if x < 0.0 else 0.0 * x)


@helper
def factorial(x):
    """Return the factorial of x, as the gamma function of x + 1."""
    return math.gamma(x + 1.0)


@helper
def clear(out):
    """Set all entries to 0."""
    out[...] = 0.0
