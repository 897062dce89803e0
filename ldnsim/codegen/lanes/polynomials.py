"""Near-minimax polynomials of the vector functions, fitted by interpolation in Chebyshev points."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

_S2 = 0.0405  # s = (m - 1)/(m + 1) for m in [0.75, 1.5] has s^2 <= 0.04


@functools.cache
def fitted(kind: str, degree: int) -> tuple[float, ...]:
    """Return polynomial coefficients, constant term first, of one of the kernels below."""
    function, low, high = _KERNELS[kind]
    k = np.arange(degree + 1)
    u = np.cos((k + 0.5) * np.pi / (degree + 1))
    x = (0.5 * (low + high) + 0.5 * (high - low) * u).astype(np.longdouble)
    y = np.array([function(v) for v in x], dtype=np.longdouble)
    # Newton's divided differences keep every digit; expanded to powers in extended precision.
    for j in range(1, degree + 1):
        y[j:] = (y[j:] - y[j - 1 : -1]) / (x[j:] - x[:-j])
    powers = np.zeros(degree + 1, np.longdouble)
    for j in range(degree, -1, -1):
        powers[1:] = powers[:-1] - x[j] * powers[1:] if j < degree else powers[1:]
        powers[0] = y[j] - x[j] * powers[0] if j < degree else y[j]
    return tuple(float(c) for c in powers)


def _series(x: Any, terms: list[Any]) -> Any:
    total = np.longdouble(0.0)
    for c in reversed(terms):
        total = total * x + np.longdouble(1.0) / np.longdouble(c)
    return total


_FACTORIALS = [float(math.factorial(k)) for k in range(26)]
_LN2_LONG = np.longdouble(0.6931471805599453) + np.longdouble(2.3190468138462996e-17)
_KERNELS: dict[str, tuple[Callable[[Any], Any], float, float]] = {
    # (2^f - 1)/f
    "exp2": (lambda f: _LN2_LONG * _series(f * _LN2_LONG, _FACTORIALS[1:]), -0.5, 0.5),
    # ln((1 + s)/(1 - s))/s in z = s^2
    "log": (lambda z: 2.0 * _series(z, [2.0 * k + 1.0 for k in range(16)]), 0.0, _S2),
    # sin(x)/x and cos(x) in z = x^2, |x| <= pi/4
    # the same beside tables: log2(1 + z)/z and (2^f - 1)/f
    "log2 table": (lambda z: _series(-z, [k * _LN2_LONG for k in range(1, 24)]), -0.03126, 0.0626),
    "exp2 table": (lambda f: _LN2_LONG * _series(f * _LN2_LONG, _FACTORIALS[1:]), -0.03126, 0.03126),
    "sin": (lambda z: _series(-z, _FACTORIALS[1::2][:12]), 0.0, 0.617),
    "cos": (lambda z: _series(-z, _FACTORIALS[0::2][:12]), 0.0, 0.617),
}
