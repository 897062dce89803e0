"""Where equations jump as the state says: a derivative by a parameter would jump there too."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Equality, Relational, Unequality

from ..model.equations import symbol_of

if TYPE_CHECKING:
    from ..model.equations import Equations

TRIALS = 6  # random points of a boundary
BESIDE = (1e-4, 1e-6)  # how far beside it, of the size of the symbol: what changes by as much as before jumps


def jump_of(equations: Equations) -> str | None:
    """Find a quantity that jumps where a state passes some value; None if all are continuous there.

    Parameters
    ----------
    equations : Equations
        Of a model.

    Returns
    -------
    str or None
        The quantity and the condition, in words.
    """
    varying = {symbol_of(s) for s in equations.states}
    rates = ((f"{s}'", r) for s, r in zip(equations.states, equations.rates, strict=True))
    for name, expr in (*equations.assignments, *rates):
        if varying & expr.free_symbols:
            varying.add(symbol_of(name))
        for what in _jumps(expr, varying):
            return f"{name} jumps at {what}"
    return None


def _jumps(expr: Expr, varying: set[Symbol]) -> Iterator[str]:
    for step in expr.atoms(sympy.floor, sympy.ceiling):
        if varying & step.free_symbols:
            yield str(step)
    for pieces in expr.atoms(sympy.Piecewise):
        atoms = set().union(*(c.atoms(Relational) for _, c in pieces.args if c not in (True, False)))
        for atom in sorted(atoms, key=sympy.default_sort_key):
            jumps = varying & atom.free_symbols and not isinstance(atom, Equality | Unequality)
            if jumps and not _continuous(pieces, atom.lhs - atom.rhs):
                yield str(atom)


def _continuous(pieces: Expr, gap: Expr) -> bool:
    """Whether a piecewise expression has one value on both sides of gap = 0, at random points of it."""
    rng = random.Random(1)
    symbols = sorted(pieces.free_symbols | gap.free_symbols, key=lambda s: s.name)
    across = next((s for s in symbols if s in gap.free_symbols and not gap.diff(s).has(s)), None)
    if across is None:
        return False
    slope, rest = gap.diff(across), gap.subs(across, 0)
    for _ in range(TRIALS):
        point = {s: rng.uniform(0.2, 3.0) for s in symbols if s != across}
        where = -float(rest.subs(point)) / float(slope.subs(point))
        far, near = (
            abs(complex(pieces.subs(point | {across: where + h}) - pieces.subs(point | {across: where - h})))
            for h in (step * max(abs(where), 1.0) for step in BESIDE)
        )
        if near > 0.5 * far:
            return False
    return True
