"""Where rates bend or jump at times nobody knows beforehand: as a state says, or a curve of time crosses another.

Each such place has two sides, or as many as a floor has steps; what is here tells them apart by a number. A step of
a solver whose start and end lie on different sides is held to more, see `ldnsim.engine.bends`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Equality, Relational, Unequality

from ..model.equations import symbol_of
from .breaks import clocks, family_of_gap, family_of_step

if TYPE_CHECKING:
    from ..model.equations import Equations

Sides = tuple[list[Expr], list[list[int]]]


SOFT = 3  # power from which on a ramp has a bend that only the third derivative sees


def sides_of(equations: Equations, soft: bool = True) -> Sides:
    """Return numbers that tell sides apart, and for each state those of its rate, by their places in the list.

    Parameters
    ----------
    equations : Equations
        The model.
    soft : bool
        Whether powers of ramps such as ``max(0, x)^3`` count, whose first two derivatives do not jump.
    """
    varying, clock = clocks(equations)
    inside: dict[Symbol, set[Expr]] = {}
    ramps: dict[Symbol, Expr] = {}

    def of(expr: Expr) -> set[Expr]:
        whole = (expr if soft else _without_soft(expr, ramps)).xreplace(clock)
        own = set(_sides(whole, equations.time, varying))
        return own.union(*(inside[s] for s in whole.free_symbols & inside.keys()))

    for name, expr in equations.assignments:
        inside[symbol_of(name)] = of(expr)
        ramp = _ramp(expr)
        if ramp and ramp[1] == 1:
            ramps[symbol_of(name)] = ramp[0]
    of_rates = [of(rate) for rate in equations.rates]
    sides = sorted(set().union(*of_rates), key=sympy.default_sort_key)
    place = {side: i for i, side in enumerate(sides)}
    return sides, [sorted(place[side] for side in found) for found in of_rates]


def _ramp(expr: Any) -> tuple[Expr, Expr] | None:
    """Return x and n of what is x^n where x has one sign and 0 where it has the other; None for anything else."""
    if not (isinstance(expr, sympy.Piecewise) and len(expr.args) == 2):
        return None
    (first, where), (second, _) = expr.args
    if 0 not in (first, second) or not isinstance(where, Relational):
        return None
    x, n = (second if first == 0 else first).as_base_exp()
    return (x, n) if x in (where.lhs - where.rhs, where.rhs - where.lhs) else None


def _without_soft(expr: Expr, ramps: dict[Symbol, Expr]) -> Expr:
    """Put what rises in the place of soft powers of a ramp, so that only its own sides are left.

    Where one is compared or rounded, its value tells sides apart, and nothing is put in its place.
    """

    def rising(part: Any) -> Expr | None:
        base, outer = part.as_base_exp() if isinstance(part, Expr) else (part, sympy.S.One)
        x, inner = (ramps[base], sympy.S.One) if base in ramps else _ramp(base) or (None, sympy.S.Zero)
        n = sympy.Mul(outer, inner)
        return x if x is not None and n.is_number and bool(n >= SOFT) else None

    def is_soft(part: Any) -> bool:
        return rising(part) is not None

    telling = expr.atoms(Relational, sympy.floor, sympy.ceiling, sympy.Abs, sympy.sign)
    return expr if any(one.find(is_soft) for one in telling) else expr.replace(is_soft, rising)


def _sides(expr: Expr, time: Symbol, varying: set[Symbol]) -> Iterator[Expr]:
    """Yield 1 or 0 for each comparison of an expression, and the value of each floor, but for known times."""
    for step in expr.atoms(sympy.floor, sympy.ceiling):
        if _is_unforeseen(step, time, varying) and not (
            _is_of_time(step, varying) and family_of_step(step.args[0], time)
        ):
            yield step
    for low, high in _compared(expr):
        gap = low - high
        if _is_unforeseen(gap, time, varying) and not (
            _is_of_time(gap, varying) and family_of_gap(gap, time)
        ):
            yield sympy.Piecewise((sympy.S.One, low < high), (sympy.S.Zero, True))


def _compared(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    for atom in expr.atoms(Relational):
        yield (atom.lhs, atom.rhs) if isinstance(atom, Equality | Unequality) else (atom.lts, atom.gts)
    for atom in expr.atoms(sympy.Abs, sympy.sign):
        yield sympy.S.Zero, atom.args[0]


def _is_unforeseen(expr: Expr, time: Symbol, varying: set[Symbol]) -> bool:
    return expr.has_free(time) or not _is_of_time(expr, varying)


def _is_of_time(expr: Expr, varying: set[Symbol]) -> bool:
    return not varying & expr.free_symbols
