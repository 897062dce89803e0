"""Expressions as a graph whose equal parts are one node, kept in the form that costs least to evaluate.

A node's level says what it may change with; whatever has a lower level than its user is computed earlier and
less often. Sums are kept as ``c0 + c1*base1 + ...`` with coefficients that do not change during a run, so that
a rate such as ``k*(E0*x - y)`` costs two multiply-adds with coefficients computed once per subject.
"""

from __future__ import annotations

import enum
import math
from typing import NamedTuple


class Unsupported(ValueError):
    """A function that the lane engine has no vector code for; the scalar engine takes such a model."""


class Level(enum.IntEnum):
    """What a value changes with."""

    NUMBER = 0
    CONSTANT = 1  # one value a trajectory
    INPUT = 2  # time, and states known as functions of time
    STATE = 3


class Node(NamedTuple):
    """One operation on earlier nodes; leaves carry an index or a number instead."""

    op: str
    args: tuple


LEAVES = {
    "number": Level.NUMBER,
    "sign rule": Level.NUMBER,  # what a power does with a negative base: "even", "odd" or "broken"
    "constant": Level.CONSTANT,
    "time": Level.INPUT,
    "input": Level.INPUT,  # value of a state of the linear block
    "slope": Level.INPUT,  # its derivative
    "state": Level.STATE,
}
UNARY = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "tanh": math.tanh,
    "floor": math.floor,
    "ceil": math.ceil,
}
LIBRARY = ("asin", "acos", "atan", "asinh", "acosh", "atanh")  # called lane by lane
DISTRIBUTE = 3  # a coefficient goes into a sum of at most so many terms


class Graph:
    """Nodes, numbered in an order in which they can be evaluated."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.levels: list[Level] = []
        self._known: dict[Node, int] = {}
        self.zero, self.one = self.number(0.0), self.number(1.0)

    # -- plain construction -------------------------------------------------------------------------------
    def node(self, op: str, *args) -> int:
        """Return the number of this operation on these arguments, new or known."""
        node = Node(op, args)
        if node not in self._known:
            self._known[node] = len(self.nodes)
            level = LEAVES[op] if op in LEAVES else max(self.levels[a] for a in args)
            self.nodes.append(node)
            self.levels.append(level)
        return self._known[node]

    def number(self, value: float) -> int:
        """Return a number; -0.0 is 0.0."""
        return self.node("number", float(value) + 0.0)

    def value(self, n: int) -> float | None:
        """Return the number a node is, or None."""
        node = self.nodes[n]
        return node.args[0] if node.op == "number" else None

    def children(self, n: int) -> tuple[int, ...]:
        """Return the nodes that a node is computed from."""
        node = self.nodes[n]
        return () if node.op in LEAVES else node.args

    def sign(self, n: int) -> tuple[bool, int]:
        """Return whether a coefficient has a minus in front, and what follows it."""
        node, value = self.nodes[n], self.value(n)
        if value is not None and value < 0.0:
            return True, self.number(-value)
        if node.op == "mul" and self.value(node.args[0]) == -1.0:
            return True, node.args[1]
        return False, n

    def varies(self, n: int) -> bool:
        """Return whether a value changes during a run."""
        return self.levels[n] > Level.CONSTANT

    # -- sums -----------------------------------------------------------------------------------------------
    def terms(self, n: int) -> tuple[int, dict[int, int]]:
        """Return a node as constant part and {base: coefficient}."""
        if not self.varies(n):
            return n, {}
        node = self.nodes[n]
        if node.op != "sum":
            return self.zero, {n: self.one}
        constant, terms = node.args[0], dict(zip(node.args[2::2], node.args[1::2], strict=True))
        inner = next((b for b, c in terms.items() if self._is_early(b, c, n)), None)
        if inner is not None:  # what `_sum` set apart as computed earlier
            del terms[inner]
            constant, early = self.terms(inner)
            terms.update(early)
        return constant, terms

    def _is_early(self, base: int, coefficient: int, owner: int) -> bool:
        early = self.levels[base] == Level.INPUT and self.levels[owner] == Level.STATE
        return early and coefficient == self.one and self.nodes[base].op == "sum"

    def _sum(self, constant: int, terms: dict[int, int]) -> int:
        kept = [(b, c) for b, c in terms.items() if self.value(c) != 0.0]
        kept.sort(key=lambda term: (self.levels[term[0]], term[0]))
        if not kept:
            return constant
        if len(kept) == 1 and constant == self.zero and kept[0][1] == self.one:
            return kept[0][0]
        early = [(b, c) for b, c in kept if self.levels[b] == Level.INPUT]
        if len(early) < len(kept) and len(early) + (constant != self.zero) > 1 and early:
            kept = [(self._sum_node(constant, early), self.one), *kept[len(early) :]]
            constant = self.zero
        return self._sum_node(constant, kept)

    def _sum_node(self, constant: int, terms: list[tuple[int, int]]) -> int:
        return self.node("sum", constant, *(x for b, c in terms for x in (c, b)))

    def add(self, *nodes: int) -> int:
        """Add, collecting equal bases."""
        constant, total = self.zero, {}
        for n in nodes:
            c, terms = self.terms(n)
            constant = self._fold("add", constant, c)
            for base, coefficient in terms.items():
                total[base] = self._fold("add", total.get(base, self.zero), coefficient)
        return self._sum(constant, total)

    def neg(self, n: int) -> int:
        """Negate."""
        return self.mul(self.number(-1.0), n)

    def sub(self, a: int, b: int) -> int:
        """Subtract."""
        return self.add(a, self.neg(b))

    # -- products -------------------------------------------------------------------------------------------
    def mul(self, *nodes: int) -> int:
        """Multiply: what does not vary becomes one coefficient, the rest is grouped by level."""
        coefficient, factors = self.one, []
        for n in nodes:
            c, base = self._split(n)
            coefficient = self._fold("mul", coefficient, c)
            factors += base
        if self.value(coefficient) == 0.0:
            return self.zero
        return self._scale(coefficient, self._product(factors))

    def _split(self, n: int) -> tuple[int, list[int]]:
        """Return a node as coefficient x factors."""
        if not self.varies(n):
            return n, []
        node = self.nodes[n]
        if node.op == "sum" and len(node.args) == 3 and node.args[0] == self.zero:
            c, base = node.args[1:]
            return c, self._factors(base)
        return self.one, self._factors(n)

    def _factors(self, n: int) -> list[int]:
        node = self.nodes[n]
        return [f for a in node.args for f in self._factors(a)] if node.op == "mul" else [n]

    def _product(self, factors: list[int]) -> int:
        """Multiply varying factors, lower levels first, so that their product is computed earlier."""
        done = None
        for level in (Level.INPUT, Level.STATE):
            group = None
            for f in sorted(f for f in factors if self.levels[f] == level):
                group = f if group is None else self.node("mul", group, f)
            if group is not None:
                done = group if done is None else self.node("mul", done, group)
        return self.one if done is None else done

    def _scale(self, c: int, n: int) -> int:
        if c == self.one:
            return n
        if not self.varies(n):
            return self._fold("mul", c, n)
        constant, terms = self.terms(n)
        if len(terms) > DISTRIBUTE and abs(self.value(c) or 0.0) != 1.0:
            return self._sum(self.zero, {n: c})
        scaled = {base: self._fold("mul", c, k) for base, k in terms.items()}
        return self._sum(self._fold("mul", c, constant), scaled)

    def recip(self, n: int) -> int:
        """Return 1/n; quotients are products with it, so that a denominator is divided by once."""
        if not self.varies(n):
            return self._fold("div", self.one, n)
        c, factors = self._split(n)
        groups = {level: [f for f in factors if self.levels[f] == level] for level in Level}
        parts = [self.node("recip", self._product(g)) for g in groups.values() if g]
        return self.mul(self._fold("div", self.one, c), *parts)

    def div(self, a: int, b: int) -> int:
        """Divide."""
        return (
            self._fold("div", a, b) if not (self.varies(a) or self.varies(b)) else self.mul(a, self.recip(b))
        )

    def power(self, a: int, b: int) -> int:
        """Raise to a power; small whole exponents multiply, halves take a root."""
        p = self.value(b)
        if p is not None and self.varies(a):
            if p == int(p) and abs(p) <= 8:
                whole = self.mul(*[a] * int(abs(p)))
                return whole if p >= 0 else self.recip(whole)
            if abs(p) == 0.5:
                root = self.call("sqrt", a)
                return root if p > 0 else self.recip(root)
        return self._fold("pow", a, b)

    # -- functions --------------------------------------------------------------------------------------------
    def call(self, op: str, *args: int) -> int:
        """Apply a function; numbers are folded."""
        values = [self.value(a) for a in args]
        if op in UNARY and values[0] is not None:
            try:
                return self.number(UNARY[op](values[0]))
            except (ValueError, OverflowError):
                pass  # log(0) and the like: left to the run, where it becomes inf or NaN
        return self.node(op, *args)

    def _fold(self, op: str, a: int, b: int) -> int:
        """Apply one of + x / ** to nodes that do not vary; numbers are folded."""
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            try:
                folded = {"add": x + y, "mul": x * y}.get(op)
                return self.number((x / y if op == "div" else x**y) if folded is None else folded)
            except (ZeroDivisionError, OverflowError, TypeError):
                return self._power_node(a, b) if op == "pow" else self.node(op, a, b)
        if (op == "add" and x == 0.0) or (op == "mul" and x == 1.0):
            return b
        if (op == "add" and y == 0.0) or (op in ("mul", "div", "pow") and y == 1.0):
            return a
        if op == "mul" and 0.0 in (x, y):
            return self.zero
        if op == "add" and (self.sign(b) == (True, a) or self.sign(a) == (True, b)):
            return self.zero
        if op == "pow":
            return self.one if y == 0.0 else self._power_node(a, b)
        return self._signed(op, a, b)

    def _power_node(self, a: int, b: int) -> int:
        """Keep with a power its sign rule, computed no more often than the exponent."""
        n = self.value(b)
        if n is None:
            return self.node("pow", a, b, self.node("sign rule of", b))
        rule = "broken" if n != int(n) else "even" if n % 2.0 == 0.0 else "odd"
        return self.node("pow", a, b, self.node("sign rule", rule))

    def _signed(self, op: str, a: int, b: int) -> int:
        """Keep a factor -1 outermost, so that k and -k share one stored value."""
        minus = self.number(-1.0)
        if op in ("mul", "div") and minus not in (a, b):
            sign = 1.0
            for n in (a, b):
                node = self.nodes[n]
                if node.op == "mul" and node.args[0] == minus:
                    sign = -sign
                    a, b = (node.args[1], b) if n == a else (a, node.args[1])
            if sign < 0.0:
                return self._fold("mul", minus, self._fold(op, a, b))
        if op in ("add", "mul"):
            a, b = sorted((a, b), key=lambda n: (n != minus, n))
            other = self.nodes[b]
            if a == minus and op == "mul" and other.op == "mul" and other.args[0] == minus:
                return other.args[1]
        return self.node(op, a, b)
