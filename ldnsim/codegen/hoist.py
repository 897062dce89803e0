"""Take out of the equations what does not change during a run, so that it is computed once a subject."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sympy
from sympy import Expr, Symbol


class Hoister:
    """Replace time-free parts of expressions by symbols of their own.

    Parameters
    ----------
    fixed : iterable of Symbol
        Symbols that do not change during a run.
    new_symbol : callable
        Makes the next free symbol.
    """

    def __init__(self, fixed: Iterable[Symbol], new_symbol: Callable[[], Symbol]) -> None:
        self._fixed = set(fixed)
        self._new_symbol = new_symbol
        self._known: dict[Expr, Expr] = {}
        self.definitions: dict[Expr, Symbol] = {}

    def __call__(self, expr: Expr) -> Expr:
        """Return the expression with its largest time-free parts replaced."""
        if expr.is_Atom:
            return expr
        if expr not in self._known:
            self._known[expr] = self._hoist(expr)
        return self._known[expr]

    def _is_fixed(self, expr: Expr) -> bool:
        return self._fixed.issuperset(expr.free_symbols)

    def _hoist(self, expr: Expr) -> Expr:
        if self._is_fixed(expr):
            return expr if isinstance(expr, sympy.logic.boolalg.Boolean) else self._name(expr)
        if expr.is_Add:
            return self._sum(expr)
        if expr.is_Mul:
            coefficient, rest = self._split(expr)
            return self._name(coefficient) * sympy.Mul(*map(self, rest))
        if isinstance(expr, sympy.Piecewise):
            return sympy.Piecewise(*[(self(value), self(condition)) for value, condition in expr.args])
        return expr.func(*map(self, expr.args))

    def _split(self, expr: Expr) -> tuple[Expr, list[Expr]]:
        factors = sympy.Mul.make_args(expr)
        coefficient = sympy.Mul(*[f for f in factors if self._is_fixed(f)])
        return coefficient, [f for f in factors if not self._is_fixed(f)]

    def _sum(self, expr: Expr) -> Expr:
        """Collect the terms that differ only by a time-free factor."""
        coefficients: dict[Expr, list[Expr]] = {}
        for term in expr.args:
            coefficient, rest = self._split(term)
            coefficients.setdefault(sympy.Mul(*rest), []).append(coefficient)
        return sympy.Add(
            *[self._name(sympy.Add(*parts)) * self(rest) for rest, parts in coefficients.items()]
        )

    def _name(self, expr: Expr) -> Expr:
        """Return a symbol for a time-free expression; numbers and symbols stay, a sign stays outside."""
        number, rest = expr.as_coeff_Mul()
        if rest.is_Atom and abs(number) == 1:
            return expr
        if expr.is_number:
            return sympy.Float(expr) if expr.args else expr
        if expr.could_extract_minus_sign():
            return -self._name(-expr)
        if expr not in self.definitions:
            symbol = self.definitions[expr] = self._new_symbol()
            self._fixed.add(symbol)
        return self.definitions[expr]
