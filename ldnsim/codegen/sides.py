"""Where rates bend or jump at times nobody knows beforehand: as a state says, or a curve of time crosses another.

Each such place has two sides, or as many as a floor has steps; what is here tells them apart by a number. A step of
a solver whose start and end lie on different sides is held to more, see `ldnsim.engine.bends`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Equality, Relational, Unequality

from ..model.equations import symbol_of
from .breaks import clocks, family_of_gap, family_of_step

if TYPE_CHECKING:
    from ..model.equations import Equations

Sides = tuple[list[Expr], list[list[int]]]


def sides_of(equations: Equations) -> Sides:
    """Return numbers that tell sides apart, and for each state those of its rate, by their places in the list."""
    varying, clock = clocks(equations)
    inside: dict[Symbol, set[Expr]] = {}

    def of(expr: Expr) -> set[Expr]:
        whole = expr.xreplace(clock)
        own = set(_sides(whole, equations.time, varying))
        return own.union(*(inside[s] for s in expr.free_symbols & inside.keys()))

    for name, expr in equations.assignments:
        inside[symbol_of(name)] = of(expr)
    of_rates = [of(rate) for rate in equations.rates]
    sides = sorted(set().union(*of_rates), key=sympy.default_sort_key)
    place = {side: i for i, side in enumerate(sides)}
    return sides, [sorted(place[side] for side in found) for found in of_rates]


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
    for atom in expr.atoms(sympy.Min, sympy.Max):
        yield from itertools.combinations(atom.args, 2)
    for atom in expr.atoms(sympy.Abs, sympy.sign):
        yield sympy.S.Zero, atom.args[0]


def _is_unforeseen(expr: Expr, time: Symbol, varying: set[Symbol]) -> bool:
    return expr.has_free(time) or not _is_of_time(expr, varying)


def _is_of_time(expr: Expr, varying: set[Symbol]) -> bool:
    return not varying & expr.free_symbols
