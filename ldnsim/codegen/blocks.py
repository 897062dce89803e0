"""From equations to blocks of statements, one a kernel: hoisted, differentiated, shared parts named."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Symbol

from ..model.equations import symbol_of
from .breaks import break_families, clocks
from .derivative import Derivative
from .hoist import Hoister

Steps = list[tuple[Symbol, Expr]]
Results = list[tuple[int, Expr]]


@dataclass(frozen=True)
class Block:
    """One kernel: named steps in an order in which they can be computed, then entries of the result.

    Attributes
    ----------
    steps : list of (Symbol, Expr)
        Local values.
    results : list of (int, Expr)
        Entries of the flat `out`; the missing ones are 0.
    size : int
        Length of the flat `out`.
    """

    steps: Steps
    results: Results
    size: int


class Lowered:
    """One model's equations (`ldnsim.model.equations.Equations`) as blocks.

    With assigned quantities a_k, in order, the Jacobian follows by the chain rule: D_kj = da_k/dy_j is a
    local value like a_k itself, and J_ij = dr_i/dy_j + sum_k dr_i/da_k D_kj. Nothing is substituted, so
    expressions stay as short as they were written.

    Attributes
    ----------
    constants : tuple of str
        Names of the entries of c: the parameters, the assigned constants, then what was hoisted.
    output_states : tuple of int
        The state an output is equal to, or -1.
    blocks : dict of str to Block
        rhs, jac, dfdt (if the rates depend on time), observe, initial, constants, breaks.
    """

    def __init__(self, equations: Any) -> None:
        self.equations = equations
        self.time = equations.time
        self.states = [symbol_of(s) for s in equations.states]
        self.fixed = [symbol_of(p) for p in (*equations.parameters, *(n for n, _ in equations.constants))]
        self.pasts = [symbol_of(name) for name, _, _ in equations.delays]
        known = (*self.states, *self.fixed, *self.pasts)
        self.taken = {s.name for s in known} | {n for n, _ in equations.assignments}
        hoisted = self._new_symbols("h")
        self.hoist = Hoister(self.fixed, lambda: next(hoisted))
        self._derivative = Derivative()
        self.assigned = [(symbol_of(n), self.hoist(x)) for n, x in equations.assignments]
        outputs = [self.hoist(x) for _, x in equations.outputs]
        index = {s: i for i, s in enumerate(self.states)}
        self.output_states = tuple(index.get(x, -1) for x in outputs)
        self.blocks = self._dynamics([self.hoist(r) for r in equations.rates])
        self.blocks["observe"] = self.block(list(enumerate(outputs)), len(outputs))
        self.blocks["initial"] = self.block(list(enumerate(map(self.hoist, equations.initial))), len(index))

    def finish(self) -> dict[str, Block]:
        """Add the block of the constants, once all others have hoisted what they can, and return all."""
        given = len(self.equations.parameters)
        named = [(symbol_of(n), x) for n, x in self.equations.constants]
        steps = [*named, *((symbol, x) for x, symbol in self.hoist.definitions.items())]
        entries = [*self.fixed[:given], *(symbol for symbol, _ in steps)]
        before = [next(self._new_symbols("history")), *self.pasts] if self.pasts else []
        self.constants = tuple(s.name for s in (*before, *entries))
        results = list(enumerate(entries, start=len(before)))
        self.blocks["constants"] = self._share(steps, results, len(self.constants))
        return self.blocks

    def block(self, results: Results, size: int, extra: Steps = ()) -> Block:
        """Make a block of results, with the assigned quantities they need and `extra` steps after those."""
        return self._share(_needed([*self.assigned, *extra], [x for _, x in results]), results, size)

    def breaks(self, triggers: Iterable[Expr]) -> list[Expr]:
        """Return the times at which the equations or `triggers` jump, as pairs (first, period)."""
        varying, clock = clocks(self.equations)
        sources = [*self.equations.rates, *(x for _, x in self.equations.assignments), *triggers]
        return break_families([x.xreplace(clock) for x in sources], self.time, varying)

    def delays(self) -> list[bool]:
        """Add the blocks "lags" and "pasts"; return which delays the equations themselves use."""
        named = self.equations.delays
        for kind, entries in (
            ("lags", [lag for *_, lag in named]),
            ("pasts", [value for _, value, _ in named]),
        ):
            self.blocks[kind] = self.block(list(enumerate(map(self.hoist, entries))), len(named))
        used: set[Symbol] = set()
        for block in (self.blocks["rhs"], *(self.blocks["lags"] for _ in named[:1])):
            used |= set().union(*(x.free_symbols for _, x in (*block.steps, *block.results)))
        return [past in used for past in self.pasts]

    # -- the right-hand side and its derivatives -------------------------------------------------------------
    def _dynamics(self, rates: list[Expr]) -> dict[str, Block]:
        n = len(rates)
        needed = _needed(self.assigned, rates)
        extra, chain = self._partials(needed)
        slopes = [self._total(rate, chain) for rate in rates]
        jac = [(i * n + j, s[y]) for i, s in enumerate(slopes) for j, y in enumerate(self.states) if y in s]
        dfdt = [(i, s[self.time]) for i, s in enumerate(slopes) if self.time in s]
        blocks = {
            "rhs": self.block(list(enumerate(rates)), n),
            "jac": self.block(jac, n * n, extra),
        }
        if dfdt:
            blocks["dfdt"] = self.block(dfdt, n, extra)
        return blocks

    def _partials(self, assigned: Steps) -> tuple[Steps, dict[Symbol, dict[Symbol, Expr]]]:
        """Name the derivatives of each assigned quantity by the states and time."""
        names = self._new_symbols("d")
        steps: Steps = []
        chain: dict[Symbol, dict[Symbol, Expr]] = {}
        for symbol, expr in assigned:
            chain[symbol] = self._total(expr, chain)
            for x, value in chain[symbol].items():
                if not value.is_Atom:
                    steps.append((next(names), value))
                    chain[symbol][x] = steps[-1][0]
        return steps, chain

    def _total(self, expr: Expr, chain: dict[Symbol, dict[Symbol, Expr]]) -> dict[Symbol, Expr]:
        """Differentiate by the states and time, through the assigned quantities of `chain`."""
        total: dict[Symbol, list[Expr]] = {}
        free = expr.free_symbols
        for x in (*self.states, self.time):
            if x in free:
                total.setdefault(x, []).append(self._derivative(expr, x))
        for symbol, row in chain.items():
            outer = self._derivative(expr, symbol) if symbol in free else sympy.S.Zero
            for x, inner in row.items() if outer != 0 else ():
                total.setdefault(x, []).append(outer * inner)
        sums = {x: self.hoist(sympy.Add(*parts)) for x, parts in total.items()}
        return {x: value for x, value in sums.items() if value != 0}

    # -- shared parts ----------------------------------------------------------------------------------------
    def _share(self, steps: Steps, results: Results, size: int) -> Block:
        """Name what occurs more than once, and put everything in order."""
        found, reduced = sympy.cse(
            [*(x for _, x in steps), *(x for _, x in results)], symbols=self._new_symbols("v"), order="none"
        )
        named = dict(found) | {s: x for (s, _), x in zip(steps, reduced, strict=False)}
        results = [(i, x) for (i, _), x in zip(results, reduced[len(steps) :], strict=True)]
        return Block(_ordered(named, [x for _, x in results]), results, size)

    def _new_symbols(self, prefix: str) -> Iterator[Symbol]:
        names = (f"{prefix}{i}" for i in itertools.count())
        return (symbol_of(name) for name in names if name not in self.taken)


def _needed(steps: Steps, results: list[Expr]) -> Steps:
    """Keep the steps that the results use, directly or through others."""
    wanted = set().union(*(x.free_symbols for x in results)) if results else set()
    kept = []
    for symbol, expr in reversed(steps):
        if symbol in wanted:
            wanted |= expr.free_symbols
            kept.append((symbol, expr))
    return kept[::-1]


def _ordered(named: dict[Symbol, Expr], results: list[Expr]) -> Steps:
    """Sort steps so that each uses earlier ones only and stands near its first use."""

    def uses(expr: Expr) -> list[Symbol]:
        return sorted(expr.free_symbols & named.keys(), key=lambda s: s.name, reverse=True)

    ordered: dict[Symbol, Expr] = {}
    stack = [s for expr in reversed(results) for s in uses(expr)]
    while stack:
        symbol = stack[-1]
        missing = [s for s in uses(named[symbol]) if s not in ordered] if symbol not in ordered else []
        if missing:
            stack += missing
        else:
            ordered.setdefault(stack.pop(), named[symbol])
    return list(ordered.items())
