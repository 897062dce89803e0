"""Derivatives of graph nodes, by the rules of the first course and with the values at 0 that a solver needs."""

from __future__ import annotations

import math

from ..functions import STEEPEST
from .graph import LEAVES, Graph, Unsupported

FLAT = {"floor", "ceil", "less", "lesseq", "equal", "and", "or", "not", "sign rule of"}  # 0 between jumps


class LaneDerivative:
    """Derivatives of the nodes of one graph, remembered."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._known: dict[tuple[int, int], int] = {}
        self._supports: dict[int, frozenset[int]] = {}

    def support(self, n: int) -> frozenset[int]:
        """Return the leaves that vary during a run and that a node depends on."""
        if n not in self._supports:
            g = self.graph
            if not g.varies(n):
                found = frozenset()
            elif g.nodes[n].op in LEAVES:
                found = frozenset((n,))
            else:
                found = frozenset().union(*map(self.support, g.children(n)))
            self._supports[n] = found
        return self._supports[n]

    def __call__(self, n: int, wrt: int) -> int:
        """Return d(n)/d(wrt) for a leaf; `wrt` the time leaf gives the change along the inputs."""
        if (n, wrt) not in self._known:
            self._known[n, wrt] = self._derive(n, wrt)
        return self._known[n, wrt]

    def _derive(self, n: int, wrt: int) -> int:
        g = self.graph
        node = g.nodes[n]
        if n == wrt:
            return g.one
        if node.op == "input" and g.nodes[wrt].op == "time":
            return g.node("slope", *node.args)
        if not g.varies(n) or node.op in LEAVES or node.op in FLAT:
            return g.zero
        inner = {a: self(a, wrt) for a in node.args if g.varies(a)}
        if all(d == g.zero for d in inner.values()):
            return g.zero
        if node.op == "sum":
            _, terms = g.terms(n)
            return g.add(*(g.mul(c, self(base, wrt)) for base, c in terms.items()))
        if node.op == "mul":
            a, b = node.args
            return g.add(g.mul(inner[a], b), g.mul(a, inner[b]))
        if node.op == "quotient":  # by a number
            return g.mul(inner[node.args[0]], g.recip(node.args[1]))
        if node.op == "pow":
            return self._power(n, wrt)
        if node.op == "select":
            condition, a, b = node.args
            return g.node("select", condition, self(a, wrt), self(b, wrt))
        return g.mul(self._outer(n), self(node.args[0], wrt))

    def _outer(self, n: int) -> int:
        """Return the derivative of a function of one argument with respect to it."""
        g, (op, (x,)) = self.graph, self.graph.nodes[n]
        if op == "recip":
            return g.neg(g.mul(n, n))
        if op == "log":
            return g.recip(x)
        if op == "sqrt":
            return g.mul(g.number(0.5), g.node("ratio", n, x, g.zero, g.number(STEEPEST)))
        if op == "tan":
            return g.add(g.one, g.mul(n, n))
        if op == "tanh":
            return g.sub(g.one, g.mul(n, n))
        if op == "abs":
            return g.node("select", g.node("less", x, g.zero), g.number(-1.0), g.one)
        if op in ("asin", "acos", "asinh", "acosh"):
            square = g.mul(x, x) if op.endswith("h") else g.neg(g.mul(x, x))
            slope = g.recip(g.call("sqrt", g.add(square, g.number(-1.0 if op == "acosh" else 1.0))))
            return g.neg(slope) if op == "acos" else slope
        if op in ("atan", "atanh"):
            square = g.mul(x, x)
            return g.recip(g.add(g.one, square if op == "atan" else g.neg(square)))
        if op == "exp":
            return n
        if op == "sin":
            return g.call("cos", x)
        if op == "cos":
            return g.neg(g.call("sin", x))
        raise Unsupported(f"{op}: no derivative for this function")

    def _power(self, n: int, wrt: int) -> int:
        """Return b a^b / a a' + a^b log(a) b', with the first quotient as in `ldnsim.codegen.functions.slope`."""
        g = self.graph
        a, b, _ = g.nodes[n].args
        exponent, steep, endless = g.value(b), g.number(STEEPEST), g.number(math.inf)
        if exponent is None:
            at_zero = g.node("select", g.node("equal", b, g.one), g.one, g.zero)
            vertical = g.node("select", g.node("less", g.zero, b), steep, endless)
            steepest = g.node("select", g.node("less", b, g.one), vertical, endless)
        else:
            at_zero = g.number(exponent == 1.0)
            steepest = steep if 0.0 < exponent < 1.0 else endless
        base = g.mul(b, g.node("ratio", n, a, at_zero, steepest), self(a, wrt))
        return g.add(base, g.mul(n, g.node("logabs", a), self(b, wrt)))
