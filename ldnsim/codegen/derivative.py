"""Derivatives of expressions, finite where the true limit is: SymPy writes n x^n / x, which is NaN at 0."""

from __future__ import annotations

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean


class Slope(sympy.Function):
    """Slope(x**p, x, p) = x**p / x, printed with its limits; see `ldnsim.codegen.functions.slope`."""


class PowerLog(sympy.Function):
    """PowerLog(x, p) = x**p log(x), printed with its limits."""


# A factorial is meant for whole numbers.
_FLAT = (sympy.floor, sympy.ceiling, sympy.sign, sympy.gamma, Relational, Boolean)


class Derivative:
    """Partial derivatives, remembered from call to call."""

    def __init__(self) -> None:
        self._known: dict[tuple[Expr, Symbol], Expr] = {}

    def __call__(self, expr: Expr, x: Symbol) -> Expr:
        """Differentiate `expr` with respect to the symbol `x`; jumps count as flat."""
        if expr == x:
            return sympy.S.One
        if expr.is_Atom or not expr.has_free(x) or isinstance(expr, _FLAT):
            return sympy.S.Zero
        if (expr, x) not in self._known:
            self._known[expr, x] = self._derive(expr, x)
        return self._known[expr, x]

    def _derive(self, expr: Expr, x: Symbol) -> Expr:
        if expr.is_Add:
            return sympy.Add(*[self(a, x) for a in expr.args])
        if expr.is_Mul:
            return self._product(expr, x)
        if expr.is_Pow:
            return self._power(*expr.args, x)
        if isinstance(expr, sympy.Piecewise):
            return sympy.Piecewise(*[(self(value, x), condition) for value, condition in expr.args])
        if isinstance(expr, sympy.Abs):
            return sympy.sign(expr.args[0]) * self(expr.args[0], x)
        if isinstance(expr, sympy.exp):
            return expr * self(expr.args[0], x)
        return sympy.Add(
            *[expr.fdiff(i) * self(a, x) for i, a in enumerate(expr.args, start=1) if a.has_free(x)]
        )

    def _product(self, expr: Expr, x: Symbol) -> Expr:
        args = expr.args
        return sympy.Add(
            *[self(a, x) * sympy.Mul(*args[:i], *args[i + 1 :]) for i, a in enumerate(args) if a.has_free(x)]
        )

    def _power(self, base: Expr, exponent: Expr, x: Symbol) -> Expr:
        total = sympy.S.Zero
        if base.has_free(x):
            if exponent.is_number and float(exponent).is_integer():
                outer = exponent * base ** (exponent - 1)
            else:
                outer = exponent * Slope(base**exponent, base, exponent)
            total += outer * self(base, x)
        if exponent.has_free(x):
            total += PowerLog(base, exponent) * self(exponent, x)
        return total
