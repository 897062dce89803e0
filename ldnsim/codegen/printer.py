"""SymPy expressions as Python text that Numba compiles; functions outside the table are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Expr
from sympy.core.relational import Relational

from ..errors import ModelError
from .quotients import quotient_of_time

# Precedence of what is printed, so that only needed brackets are written.
SUM, PRODUCT, POWER, ATOM = range(4)
LARGEST_POWER = 64  # whole exponents up to here are multiplied out

_NUMPY = {
    "exp": "exp",
    "log": "log",
    "floor": "floor",
    "ceiling": "ceil",
    **{f: f for f in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{"a" + f: "arc" + f for f in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
}
_HELPERS = {"Slope": "slope", "PowerLog": "power_log", "factorial": "factorial", "sign": "sign"}


class Printer:
    """Print expressions.

    Parameters
    ----------
    names : callable
        The local name of a symbol.
    guarded : bool
        Whether powers are taken at their limit for a base that dips below 0; see `ldnsim.codegen.functions`.
    """

    def __init__(self, names: Callable[[str], str], guarded: bool = True) -> None:
        self.names, self.guarded = names, guarded

    def __call__(self, expr: Expr) -> str:
        """Return the text of an expression."""
        return self._print(expr)[0]

    def _print(self, expr: Any) -> tuple[str, int]:
        kind = type(expr).__name__
        if expr.is_Symbol:
            return self.names(expr.name), ATOM
        if expr in (sympy.true, sympy.false):
            return str(bool(expr)), ATOM
        if not expr.args:
            return self._number(expr)
        if quotient := quotient_of_time(expr):
            above, below = quotient
            return f"{self._bracketed(above, POWER)} / {self(below)}", PRODUCT
        if expr.is_Add:
            return self._sum(expr)
        if expr.is_Mul:
            return self._product(expr)
        if expr.is_Pow:
            return self._power(*expr.args)
        if isinstance(expr, Relational):
            return f"({self(expr.lhs)} {expr.rel_op} {self(expr.rhs)})", ATOM
        if kind in _NUMPY:
            return f"np.{_NUMPY[kind]}({self(expr.args[0])})", ATOM
        if kind in _HELPERS:
            return f"{_HELPERS[kind]}({', '.join(map(self, expr.args))})", ATOM
        if hasattr(self, f"_{kind}"):
            return getattr(self, f"_{kind}")(expr), ATOM
        raise ModelError(f"{kind}: this function has no code")

    def _number(self, expr: Expr) -> tuple[str, int]:
        if expr is sympy.nan or expr is sympy.zoo:
            return "np.nan", ATOM
        value = float(expr)
        if value in (float("inf"), float("-inf")):
            return ("np.inf", ATOM) if value > 0 else ("(-np.inf)", ATOM)
        return repr(value), ATOM if value >= 0 else SUM

    def _bracketed(self, expr: Expr, level: int) -> str:
        text, own = self._print(expr)
        return text if own >= level else f"({text})"

    def _sum(self, expr: Expr) -> tuple[str, int]:
        terms = sympy.Add.make_args(expr)
        positive = [t for t in terms if not t.could_extract_minus_sign()]
        text = " + ".join(self._bracketed(t, PRODUCT) for t in positive)
        for term in (t for t in terms if t.could_extract_minus_sign()):
            text += (" - " if text else "-") + self._bracketed(-term, PRODUCT)
        return text, SUM

    def _product(self, expr: Expr) -> tuple[str, int]:
        if expr.could_extract_minus_sign():
            return "-" + self._bracketed(-expr, PRODUCT), SUM
        above, below = [], []
        for factor in sympy.Mul.make_args(expr):
            if factor.is_Pow and factor.args[1].is_number and factor.args[1] < 0:
                below.append(1 / factor)
            else:
                above.append(factor)
        text = " * ".join(self._bracketed(f, POWER) for f in above) or "1.0"
        if below:
            divisor = " * ".join(self._bracketed(f, POWER) for f in below)
            text += f" / ({divisor})" if len(below) > 1 else f" / {divisor}"
        return text, PRODUCT

    def _power(self, base: Expr, exponent: Expr) -> tuple[str, int]:
        if exponent.is_number and exponent < 0:
            return f"1.0 / {self._bracketed(1 / sympy.Pow(base, exponent), POWER)}", PRODUCT
        if base is sympy.E:
            return f"np.exp({self(exponent)})", ATOM
        if exponent == 1:
            return self._print(base)
        if exponent.is_number and float(exponent).is_integer() and exponent <= LARGEST_POWER:
            return f"{self._bracketed(base, ATOM)}**{int(exponent)}", POWER
        if exponent == sympy.S.Half or exponent == 0.5:
            return f"{'root' if self.guarded else 'np.sqrt'}({self(base)})", ATOM
        if self.guarded:
            return f"power({self(base)}, {self(exponent)})", ATOM
        return f"{self._bracketed(base, ATOM)}**{self._bracketed(exponent, ATOM)}", POWER

    def _Abs(self, expr: Expr) -> str:
        return f"abs({self(expr.args[0])})"

    def _gamma(self, expr: Expr) -> str:
        return f"factorial({self(expr.args[0] - 1)})"

    def _Piecewise(self, expr: Expr) -> str:
        text = ""
        for value, condition in expr.args:
            if condition == True:  # noqa: E712 - SymPy's true is not Python's
                return f"({text}{self(value)})"
            text += f"{self(value)} if {self(condition)} else "
        return f"({text}np.nan)"  # where no piece holds there is no value

    def _And(self, expr: Expr) -> str:
        return f"({' and '.join(map(self, expr.args))})"

    def _Or(self, expr: Expr) -> str:
        return f"({' or '.join(map(self, expr.args))})"

    def _Not(self, expr: Expr) -> str:
        return f"(not {self(expr.args[0])})"

    def _Xor(self, expr: Expr) -> str:
        text, *rest = map(self, expr.args)
        for other in rest:
            text = f"({text} != {other})"
        return text

    def _ITE(self, expr: Expr) -> str:
        condition, a, b = map(self, expr.args)
        return f"({a} if {condition} else {b})"
