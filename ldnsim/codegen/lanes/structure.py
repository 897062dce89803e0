"""What the lane kernels know of a model: its linear block, its sparsity, what is computed when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .derivative import LaneDerivative
from .elimination import Elimination, eliminate
from .graph import LEAVES, Graph, Level, Unsupported
from .lower import Lowering


@dataclass(frozen=True)
class LaneStructure:
    """A model taken apart for the lane kernels; all values are nodes of `graph`.

    Attributes
    ----------
    graph : Graph
        The expressions.
    states, constants : tuple of str
        Names, in the order of the vectors y and c.
    block, free : tuple of int
        States that obey a linear equation of their own with constant coefficients, and the others.
    matrix : dict
        Its coefficients (i, j), positions within `block`.
    source : dict
        Its constant rates, by position within `block`.
    rates : tuple of int
        Rates of the free states.
    jacobian : dict
        Their derivatives (i, j) with respect to free states, positions within `free`.
    drift : dict
        Their change with time and with the block, by position within `free`.
    outputs : tuple of int
        What can be asked for.
    sides : tuple of int
        Numbers that tell on which side of a bend a state lies, see `ldnsim.codegen.sides`.
    bent : tuple of tuple of int
        Which of them the rate of each free state has.
    elimination : Elimination
        Order and operations of the factorisation.
    """

    graph: Graph
    states: tuple[str, ...]
    constants: tuple[str, ...]
    block: tuple[int, ...]
    free: tuple[int, ...]
    matrix: dict[tuple[int, int], int]
    source: dict[int, int]
    rates: tuple[int, ...]
    jacobian: dict[tuple[int, int], int]
    drift: dict[int, int]
    outputs: tuple[int, ...]
    elimination: Elimination
    sides: tuple[int, ...] = ()
    bent: tuple[tuple[int, ...], ...] = ()

    def walk(self, roots: Iterable[int], lowest: Level) -> Iterator[int]:
        """Visit what the roots need down to a level: nodes of that level, and the first ones below it."""
        seen, stack = set(), list(roots)
        while stack:
            n = stack.pop()
            if n in seen:
                continue
            seen.add(n)
            yield n
            if self.graph.levels[n] >= lowest:
                stack.extend(self.graph.children(n))

    def below(self, roots: Iterable[int], level: Level) -> list[int]:
        """Return what the roots need that is computed before this level and is not a number."""
        g = self.graph
        found = (n for n in self.walk(roots, level) if Level.NUMBER < g.levels[n] < level)
        return sorted(n for n in found if g.nodes[n].op != "number")


def analyse(
    equations: Any, constants: tuple[str, ...], implicit: bool = True, soft: bool = True
) -> LaneStructure:
    """Take a model apart.

    Parameters
    ----------
    equations : Equations
        As in `ldnsim.model.equations`.
    constants : tuple of str
        Names in the vector of constants: parameters and quantities computed from them.
    implicit : bool
        Whether the method needs the Jacobian, and leaves a linear block to its series.
    soft : bool
        Whether steps are held to more across soft bends, see `ldnsim.codegen.sides`.
    """
    from ..sides import sides_of  # SymPy, which kernels from disk do without

    if not equations.rates:
        raise Unsupported("nothing to integrate")
    block = linear_block(equations, constants) if implicit else ()
    g, lowering = _lowered(equations, constants, set(block))
    rates = [lowering(r) for r in equations.rates]
    free = tuple(i for i in range(len(rates)) if i not in block)
    matrix, source = {}, {}
    for i, s in enumerate(block):
        source[i], row = linear_form(g, rates[s])
        matrix.update({(i, block.index(g.nodes[leaf].args[0])): c for leaf, c in row.items()})
    derive = LaneDerivative(g)
    place = {g.node("state", s): j for j, s in enumerate(free)}
    jacobian, drift = {}, {}
    for i, s in enumerate(free) if implicit else ():
        support = derive.support(rates[s])
        for leaf in sorted(support & place.keys()):
            jacobian[i, place[leaf]] = derive(rates[s], leaf)
        if support - place.keys():
            drift[i] = derive(rates[s], g.node("time"))
    jacobian = {k: n for k, n in jacobian.items() if n != g.zero}
    outputs = tuple(lowering(e) for _, e in equations.outputs)
    sides, bent = sides_of(equations, soft)
    return LaneStructure(
        g,
        tuple(equations.states),
        constants,
        tuple(block),
        free,
        matrix,
        {i: n for i, n in source.items() if n != g.zero},
        tuple(rates[s] for s in free),
        jacobian,
        {i: n for i, n in drift.items() if n != g.zero},
        outputs,
        eliminate(len(free), set(jacobian)),
        tuple(map(lowering, sides)),
        tuple(tuple(bent[s]) for s in free),
    )


def linear_block(equations: Any, constants: tuple[str, ...]) -> tuple[int, ...]:
    """Find the largest set of states whose rates are linear in that set alone, with constant coefficients."""
    g, lowering = _lowered(equations, constants, set())
    needs = {}
    for i, rate in enumerate(equations.rates):
        form = linear_form(g, lowering(rate))
        if form is not None:
            needs[i] = {g.nodes[leaf].args[0] for leaf in form[1]}
    while True:
        outside = [i for i, states in needs.items() if not states <= needs.keys()]
        if not outside:
            return tuple(sorted(needs))
        for i in outside:
            del needs[i]


def linear_form(g: Graph, n: int) -> tuple[int, dict[int, int]] | None:
    """Return a node as constant and {leaf of a state: coefficient}, or None where it is not linear."""
    constant, total = g.zero, {}
    first, terms = g.terms(n)
    constant = first
    for base, c in terms.items():
        if g.nodes[base].op in ("state", "input"):
            inner = g.zero, {base: g.one}
        elif g.nodes[base].op == "sum":
            inner = linear_form(g, base)
        else:
            return None
        if inner is None:
            return None
        constant = g.add(constant, g.mul(c, inner[0]))
        for leaf, k in inner[1].items():
            total[leaf] = g.add(total.get(leaf, g.zero), g.mul(c, k))
    return constant, {leaf: c for leaf, c in total.items() if c != g.zero}


def _lowered(equations: Any, constants: tuple[str, ...], block: set[int]) -> tuple[Graph, Lowering]:
    """Translate the names of a model; the rates follow on demand."""
    g = Graph()
    names = {name: g.node("constant", i) for i, name in enumerate(constants)}
    names[equations.time.name] = g.node("time")
    for i, s in enumerate(equations.states):
        names[s] = g.node("input" if i in block else "state", i)
    lowering = Lowering(g, names)
    for name, expression in (*equations.constants, *equations.assignments):
        if name not in names:
            lowering.define(name, expression)
    return g, lowering


__all__ = ["LEAVES", "LaneStructure", "analyse", "linear_block", "linear_form"]
