"""Quotients of time, which SymPy spreads: ``(time - 28) / 24`` becomes ``time / 24 - 7 / 6``, and rounds elsewhere.

At 28 the latter may lie below 0, as ``time * (1 / 49)`` lies below 1 at 49, so that the floor is one too small where a
remainder begins again. A division by a whole number is exact there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sympy import Expr


def quotient_of_time(expr: Expr) -> tuple[Expr, Expr] | None:
    """Return numerator and denominator, both whole, of a line in time; None of anything else.

    Parameters
    ----------
    expr : Expr
        Anything.
    """
    if not (expr.is_Add or expr.is_Mul):
        return None
    constant, rest = expr.as_coeff_Add()
    factor, time = rest.as_coeff_Mul()
    if not (time.is_Symbol and time.name.rstrip("_") == "time"):
        return None
    if not (constant.is_Rational and factor.is_Rational and factor.q > 1 and (constant * factor.q).is_Integer):
        return None
    return factor.p * time + constant * factor.q, 1 / (factor / factor.p)
