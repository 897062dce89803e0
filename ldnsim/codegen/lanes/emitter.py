"""Graph nodes into vector instructions, each once per function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from . import mathlib
from .graph import Graph, Level
from .vector import DOUBLE, Code

BINARY = {"add": Code.add, "mul": Code.mul, "div": Code.div, "quotient": Code.quotient}
FUNCTIONS = {
    "exp": mathlib.exp,
    "log": mathlib.log,
    "logabs": mathlib.log_abs,
    "sqrt": mathlib.sqrt,
    "abs": Code.abs,
    "sin": mathlib.sin,
    "cos": mathlib.cos,
    "tan": mathlib.tan,
    "tanh": mathlib.tanh,
    "floor": lambda c, x: c.call("llvm.floor", x),
    "ceil": lambda c, x: c.call("llvm.ceil", x),
    "pow": mathlib.power,
    "sign rule of": mathlib.sign_rule_of,
    "ratio": mathlib.ratio,
    "recip": lambda c, x: c.div(1.0, x),
    "less": Code.less,
    "lesseq": Code.lesseq,
    "equal": Code.equal,
    "select": Code.select,
    "and": lambda c, a, b: c.builder.and_(a, b),
    "or": lambda c, a, b: c.builder.or_(a, b),
    "not": lambda c, a: c.builder.not_(a),
}


class Emitter:
    """Emit the nodes of one function.

    Parameters
    ----------
    code : Code
        Where, and on which vectors.
    graph : Graph
        The expressions.
    find : callable
        ``find(node)`` returns the value of a node that is at hand already (a leaf, or computed earlier), or
        None.
    exponent : callable, optional
        ``exponent(node)`` returns twice an exponent (64 bits) that all lanes of the group share, else 0; None for
        an exponent about which nothing is known.
    precise : Code, optional
        The same place in double precision, for what depends on time alone: late times have too many digits
        for single precision.
    """

    def __init__(
        self,
        code: Code,
        graph: Graph,
        find: Callable[[int], Any | None],
        exponent: Callable[[int], Any | None] = lambda n: None,
        precise: Code | None = None,
    ) -> None:
        self.code = code
        self.graph = graph
        self.find = find
        self._known: dict[int, Any] = {}
        self._exponent = exponent
        self._precise = Emitter(precise, graph, find) if precise and precise.lanes != code.lanes else None

    def __call__(self, n: int) -> Any:
        """Return the vector (or mask) of a node."""
        if n not in self._known:
            self._known[n] = self._emit(n)
        return self._known[n]

    def _emit(self, n: int) -> Any:
        g, c = self.graph, self.code
        found = self.find(n)
        if found is not None:
            return self._truth(found) if self._is_mask(n) else self._fitted(found)
        if self._precise and g.levels[n] == Level.INPUT and self._uses_time(n):
            return self._fitted(self._precise(n))
        op, args = g.nodes[n]
        if op == "number":
            return args[0]
        if op == "sign rule":
            return mathlib.sign_rule(c, args[0])
        if op == "sum":
            return self._sum(args)
        if op == "mul" and g.value(args[0]) == -1.0:
            return c.neg(self(args[1]))
        values = [self(a) for a in args]
        if op in BINARY:
            return BINARY[op](c, *values)
        if op in FUNCTIONS:
            values = [x if self._is_mask(a) else c.value(x) for a, x in zip(args, values, strict=True)]
            if op == "pow":
                return self._power(args, values)
            return FUNCTIONS[op](c, *values)
        return _lane_by_lane(c, op, values)

    def _power(self, args: tuple[int, ...], values: list[Any]) -> Any:
        """Raise to a power; multiply where the group shares an exponent that is half a small whole number."""
        c = self.code
        # An impossible parameter shows as NaN, a state just below 0 does not.
        general = lambda: mathlib.power(c, *values, strict=not self.graph.varies(args[0]))  # noqa: E731
        shared = self._exponent(args[1])
        return general() if shared is None else mathlib.shared_power(c, values[0], shared, general)

    def _fitted(self, x: Any) -> Any:
        """Return a value found in the other precision in this one."""
        vector = isinstance(getattr(x, "type", None), ir.VectorType)
        return self.code.convert(x, self.code.lanes) if vector else x

    def _truth(self, x: Any) -> Any:
        """Return a mask from numbers: 1 and 0, as rows in memory hold it."""
        if not hasattr(x, "type") or isinstance(x.type.element, ir.IntType):
            return x
        return self.code.builder.fcmp_unordered("!=", x, ir.Constant(x.type, [0.0] * x.type.count))

    def _uses_time(self, n: int) -> bool:
        node = self.graph.nodes[n]
        return node.op == "time" or any(self._uses_time(a) for a in self.graph.children(n))

    def _is_mask(self, n: int) -> bool:
        return self.graph.nodes[n].op in ("less", "lesseq", "equal", "and", "or", "not")

    def _sum(self, args: tuple[int, ...]) -> Any:
        """Chain multiply-adds; factors of one and minus one cost none."""
        g = self.graph
        total = None if g.value(args[0]) == 0.0 else self(args[0])
        terms = sorted(zip(args[1::2], args[2::2], strict=True), key=lambda term: g.levels[term[1]])
        for coefficient, base in terms:
            minus, k = self.graph.sign(coefficient)
            total = self._term(total, minus, k, base)
        return total

    def _term(self, total: Any, minus: bool, k: int, base: int) -> Any:
        c, g = self.code, self.graph
        if g.value(k) == 1.0:
            factors = self._pair(base)
            if factors is None or total is None:
                x = self(base)
                if total is None:
                    return c.neg(x) if minus else x
                return c.sub(total, x) if minus else c.add(total, x)
            a, b = factors
        else:
            a, b = self(k), self(base)
        if total is None:
            product = c.mul(a, b)
            return c.neg(product) if minus else product
        return c.fma(c.neg(a) if minus else a, b, total)

    def _pair(self, base: int) -> tuple[Any, Any] | None:
        """Return the factors of a product that is not computed yet, to be fused into the sum."""
        node = self.graph.nodes[base]
        if node.op != "mul" or base in self._known or self.find(base) is not None:
            return None
        return self(node.args[0]), self(node.args[1])


def _lane_by_lane(c: Code, op: str, values: list[Any]) -> Any:
    """Call a function of the C library on each lane; for functions too rare for vector code."""
    b, module = c.builder, c.builder.module
    if op not in module.globals:
        ir.Function(module, ir.FunctionType(DOUBLE, [DOUBLE] * len(values)), op)
    result = ir.Constant(c.lanes.type, ir.Undefined)
    for lane in range(c.lanes.width):
        place = ir.Constant(ir.IntType(32), lane)
        scalars = [b.extract_element(c.value(x), place) for x in values]
        if c.lanes.bytes == 4:
            scalars = [b.fpext(x, DOUBLE) for x in scalars]
        y = b.call(module.globals[op], scalars)
        result = b.insert_element(result, y if c.lanes.bytes == 8 else b.fptrunc(y, c.lanes.scalar), place)
    return result
