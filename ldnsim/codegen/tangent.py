"""The equations together with their derivatives along a direction in the space of parameters.

With dp/ds = w, a direction that comes with each run, every quantity q of the model gets a companion dq/ds by
the chain rule: of a state it is a state, of a constant a constant, of an output an output. So one system of
twice the size serves all parameters: w picks the one that is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy
from sympy import Expr, Symbol

from ..errors import ModelError
from ..model.equations import symbol_of
from .derivative import Derivative, PowerLog, Slope
from .jumps import jump_of

if TYPE_CHECKING:
    from ..model.equations import Equations, Event

INSTEAD = "local sensitivity cannot tell by how much, take a global method"


def companions(names: tuple[str, ...], taken: set[str]) -> dict[str, str]:
    """Name the derivative of each quantity: ``d_`` and its id, with underscores where that is taken."""
    found: dict[str, str] = {}
    for name in names:
        own = f"d_{name.replace('.', '_')}"
        while own in taken:
            own += "_"
        taken.add(own)
        found[name] = own
    return found


def tangent(equations: Equations, names: dict[str, str]) -> Equations:
    """Add the derivative of everything along a direction.

    Parameters
    ----------
    equations : Equations
        Of a model.
    names : dict
        From `companions`: id of each state, parameter, constant, assigned quantity and output -> id of its
        derivative. The derivatives of the parameters are parameters, and together the direction.

    Returns
    -------
    Equations
        States, constants, assigned quantities and outputs of the model first, their derivatives behind.

    Raises
    ------
    ModelError
        Where something jumps at a time that the state decides, an event or the equations themselves: slopes
        jump there by amounts that are not among the equations.
    """
    if equations.delays:
        raise ModelError(f"the equations look into the past; {INSTEAD}")
    jump = jump_of(equations)
    if jump:
        raise ModelError(f"{jump}, so that slopes jump there; {INSTEAD}")
    along = _Along(equations, names)
    constants = along.extend(equations.constants)
    assignments = along.extend(equations.assignments)
    rates = tuple(map(along, equations.rates))
    return type(equations)(
        states=(*equations.states, *(names[s] for s in equations.states)),
        parameters=(*equations.parameters, *(names[p] for p in equations.parameters)),
        constants=constants,
        assignments=assignments,
        rates=(*equations.rates, *rates),
        initial=(*equations.initial, *map(along, equations.initial)),
        outputs=(*equations.outputs, *((names[n], along(x)) for n, x in equations.outputs)),
        events=tuple(along.event(e) for e in equations.events),
        time=equations.time,
    )


class _Along:
    """Total derivatives along the direction, through quantities whose own derivatives have names."""

    def __init__(self, equations: Equations, names: dict[str, str]) -> None:
        self.names = names
        self._derivative = Derivative()
        given = (*equations.states, *equations.parameters)
        self._dot: dict[Symbol, Symbol] = {symbol_of(n): symbol_of(names[n]) for n in given}

    def __call__(self, expr: Expr) -> Expr:
        """Differentiate an expression."""
        moving = sorted(expr.free_symbols & self._dot.keys(), key=lambda s: s.name)
        return sympy.Add(*[_plain(self._derivative(expr, x)) * self._dot[x] for x in moving])

    def extend(self, quantities: tuple[tuple[str, Expr], ...]) -> tuple[tuple[str, Expr], ...]:
        """Put the derivative of each quantity behind it; none where it does not depend on anything."""
        found = []
        for name, expr in quantities:
            found.append((name, expr))
            slope = self(expr)
            if slope != 0:
                found.append((self.names[name], slope))
                self._dot[symbol_of(name)] = symbol_of(self.names[name])
        return tuple(found)

    def event(self, e: Event) -> Event:
        """Add what an event at a time of its own does to the derivatives."""
        if e.delay is not None or e.trigger.free_symbols & self._dot.keys():  # or of what depends on these
            raise ModelError(
                f"event {e.id!r} happens when a state or a parameter says so, so that slopes jump there; {INSTEAD}"
            )
        one = sympy.S.One
        slopes = [
            (self.names[name], self(value * scale))
            for (name, value), scale in zip(e.assignments, e.scales, strict=True)
        ]
        assignments = (*e.assignments, *slopes)
        return type(e)(**vars(e) | {"assignments": assignments, "scales": (*e.scales, *[one] * len(slopes))})


def _plain(expr: Expr) -> Expr:
    """Write the derivatives of powers in functions that can be differentiated once more.

    As in `ldnsim.codegen.functions`, where the slope of a power is infinite at 0 it counts as 0: what is
    multiplied with it does not move there.
    """
    return expr.replace(Slope, lambda _, x, p: _slope(x, p)).replace(
        PowerLog, lambda x, p: sympy.Piecewise((x**p * sympy.log(x), x > 0), (sympy.S.Zero, True))
    )


def _slope(x: Expr, p: Expr) -> Expr:
    return sympy.Piecewise((x ** (p - 1), x > 0), (sympy.S.One, sympy.Eq(p, 1)), (sympy.S.Zero, True))
