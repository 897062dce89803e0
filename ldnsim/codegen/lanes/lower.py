"""SymPy expressions into the graph."""

from __future__ import annotations

from typing import Any

from ..quotients import quotient_of_time
from .graph import LIBRARY, UNARY, Graph, Unsupported


class Lowering:
    """Translate expressions over named symbols into nodes of one graph.

    Parameters
    ----------
    graph : Graph
        Where the nodes go.
    names : dict
        Node of each symbol; assigned quantities are added with `define`.
    """

    def __init__(self, graph: Graph, names: dict[str, int]) -> None:
        self.graph = graph
        self.names = names
        self._known: dict[Any, int] = {}

    def define(self, name: str, expression: Any) -> int:
        """Let a name stand for an expression from now on."""
        self.names[name] = self(expression)
        return self.names[name]

    def __call__(self, expression: Any) -> int:
        """Return the node of an expression."""
        if expression not in self._known:
            self._known[expression] = self._lower(expression)
        return self._known[expression]

    def _lower(self, e: Any) -> int:
        g, kind = self.graph, type(e).__name__
        if e.is_Symbol:
            return self.names[e.name]
        if e.is_number and not e.args:
            return g.number(float(e))
        if quotient := quotient_of_time(e):
            return g.node("quotient", *map(self, quotient))
        if kind == "Add":
            return g.add(*map(self, e.args))
        if kind == "Mul":
            return self._product(e)
        if kind == "Pow":
            return self._power(*e.args)
        if kind == "Piecewise":
            return self._piecewise(e.args)
        if kind in ("And", "Or"):
            return self._chain(kind.lower(), e.args)
        if kind in _FUNCTIONS:
            return _FUNCTIONS[kind](g, *map(self, e.args))
        raise Unsupported(f"{kind}: no vector code for this function")

    def _power(self, base: Any, exponent: Any) -> int:
        g = self.graph
        if base.is_number and exponent.is_number:
            return g.number(float(base**exponent))
        if type(base).__name__ == "Exp1":
            return g.call("exp", self(exponent))
        return g.power(self(base), self(exponent))

    def _product(self, e: Any) -> int:
        """Gather the denominators, so that they are divided by once."""
        g = self.graph
        above, below = [], []
        for factor in e.args:
            exponent = factor.args[1] if type(factor).__name__ == "Pow" else None
            if exponent is not None and exponent.is_number and exponent < 0:
                below.append(self._power(factor.args[0], -exponent))
            else:
                above.append(self(factor))
        top = g.mul(*above) if above else g.one
        return g.div(top, g.mul(*below)) if below else top

    def _piecewise(self, pieces: Any) -> int:
        """Nest the pieces; where no condition holds there is no value."""
        g = self.graph
        result = g.number(float("nan"))
        for value, condition in reversed(list(pieces)):
            chosen, where = self(value), self._condition(condition)
            result = chosen if where is True or chosen == result else g.node("select", where, chosen, result)
        return result

    def _condition(self, e: Any) -> Any:
        return True if e == True else self(e)  # noqa: E712 - SymPy's true is not Python's

    def _chain(self, op: str, args: Any) -> int:
        first, *rest = map(self, args)
        for other in rest:
            first = self.graph.node(op, first, other)
        return first


def _less(g: Graph, a: int, b: int) -> int:
    return g.node("less", a, b)


def _unary(op: str) -> Any:
    return lambda g, x: g.call(op, x)


_FUNCTIONS = {
    **{op: _unary(op) for op in (*UNARY, *LIBRARY)},
    "Abs": _unary("abs"),
    "ceiling": _unary("ceil"),
    "StrictLessThan": _less,
    "LessThan": lambda g, a, b: g.node("lesseq", a, b),
    "StrictGreaterThan": lambda g, a, b: _less(g, b, a),
    "GreaterThan": lambda g, a, b: g.node("lesseq", b, a),
    "Equality": lambda g, a, b: g.node("equal", a, b),
    "Unequality": lambda g, a, b: g.node("not", g.node("equal", a, b)),
    "Not": lambda g, a: g.node("not", a),
    "Mod": lambda g, a, b: g.sub(a, g.mul(b, g.call("floor", g.div(a, b)))),
    "sinh": lambda g, x: g.mul(g.number(0.5), g.sub(g.call("exp", x), g.call("exp", g.neg(x)))),
    "cosh": lambda g, x: g.mul(g.number(0.5), g.add(g.call("exp", x), g.call("exp", g.neg(x)))),
}
