"""When the equations jump: conditions on time alone, found in the formulas, so that no step crosses one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import sympy
from sympy import Expr, Symbol
from sympy.core.function import Application
from sympy.core.relational import Relational

from ..model.equations import symbol_of

if TYPE_CHECKING:
    from ..model.equations import Equations


def clocks(equations: Equations) -> tuple[set[Symbol], dict[Symbol, Expr]]:
    """Return what varies with the states, and the assigned quantities that are functions of time alone."""
    varying = {symbol_of(s) for s in (*equations.states, *(name for name, _, _ in equations.delays))}
    clock: dict[Symbol, Expr] = {}
    for name, expr in equations.assignments:
        expr = expr.xreplace(clock)
        if varying & expr.free_symbols:
            varying.add(symbol_of(name))
        else:
            clock[symbol_of(name)] = expr
    return varying, clock


def break_families(expressions: Iterable[Expr], time: Symbol, varying: set[Symbol]) -> list[Expr]:
    """Return (first time, period) pairs, flat; period 0 for a single time.

    A comparison whose sides are linear in time jumps once; with one ``floor(a t + b)`` in it, as in a
    remainder, it jumps once a period; so does the floor itself.

    Parameters
    ----------
    expressions : iterable of Expr
        Right-hand sides.
    time : Symbol
        Time (h).
    varying : set of Symbol
        States and assigned quantities; a condition on these is left to the error control.
    """
    steps, gaps = _jumps(expressions, time, varying)
    found = [family_of_step(step.args[0], time) for step in steps]
    found += [family_of_gap(gap, time) for gap in gaps]
    return [x for family in dict.fromkeys(found) if family is not None for x in family]


def _jumps(expressions: Iterable[Expr], time: Symbol, varying: set[Symbol]) -> tuple[list[Expr], list[Expr]]:
    steps: set[Expr] = set()
    gaps: set[Expr] = set()
    for expr in expressions:
        for atom in expr.atoms(sympy.floor, sympy.ceiling):
            steps.add(atom)
        for atom in expr.atoms(Relational):
            gaps.add(atom.lhs - atom.rhs)
        for atom in expr.atoms(sympy.Abs, sympy.sign):
            gaps.add(atom.args[0])

    def of_time(found: set[Expr]) -> list[Expr]:
        chosen = (x for x in found if x.has_free(time) and not varying & x.free_symbols)
        return sorted(chosen, key=sympy.default_sort_key)

    return of_time(steps), of_time(gaps)


def _linear(expr: Expr, x: Symbol) -> tuple[Expr, Expr] | None:
    """Return (a, b) with expr = a x + b, or None."""
    if any(atom.has_free(x) for atom in expr.atoms(Application, Relational)):
        return None
    a = expr.diff(x)
    return None if a == 0 or a.has_free(x) else (a, expr.subs(x, 0))


def family_of_step(inner: Expr, time: Symbol) -> tuple[Expr, Expr] | None:
    """Return when a floor jumps as (first time, period), or None where its inside is not linear in time."""
    line = _linear(inner, time)
    return None if line is None else (-line[1] / line[0], 1 / line[0])


def family_of_gap(gap: Expr, time: Symbol) -> tuple[Expr, Expr] | None:
    """Return when a difference changes its sign as (first time, period), or None where that is not linear."""
    steps = [f for f in gap.atoms(sympy.floor, sympy.ceiling) if f.has_free(time)]
    if len(steps) > 1:
        return None
    count = sympy.Dummy("count", real=True)
    in_time = _linear(gap.subs(steps[0], count) if steps else gap, time)
    if in_time is None:
        return None
    in_count = _linear(in_time[1], count) if steps else None
    period = -in_count[0] / in_time[0] if in_count else sympy.S.Zero
    first = -in_time[1].subs(count, 0) / in_time[0]
    return first, period
