"""Any formula of a graph comes to what Python makes of it, whatever is shared, hoisted or folded; so do its derivatives."""

import numpy as np
import pytest

from ldnsim.codegen.lanes.derivative import LaneDerivative
from ldnsim.codegen.lanes.graph import Graph, Level
from ldnsim.codegen.lanes.structure import linear_form

from .test_structure import value

LEAVES = {
    ("constant", 0): 1.7, ("constant", 1): 0.6, ("time",): 0.9, ("input", 0): 1.3, ("input", 1): 0.4,
    ("state", 0): 0.8, ("state", 1): 2.1, ("slope", 0): -0.7, ("slope", 1): 0.35,
}  # fmt: skip
NUMBERS = (0.0, 1.0, -1.0, 2.0, 0.5, -3.0)
MOVING = [leaf for leaf in LEAVES if leaf[0] not in ("constant", "slope")]
H = 1e-30  # of a step along i, which takes the slope of what is analytic exactly


def grown(graph, rng, depth):
    """Grow a formula: its node, and a function of the leaves that Python computes."""
    if depth == 0 or rng.random() < 0.15:
        if rng.random() < 0.25:
            number = NUMBERS[rng.integers(len(NUMBERS))]
            return graph.number(number), lambda at: number
        leaf = [x for x in LEAVES if x[0] != "slope"][rng.integers(7)]
        return graph.node(*leaf), lambda at: at[leaf]
    (a, f), (b, g) = grown(graph, rng, depth - 1), grown(graph, rng, depth - 1)
    kind = rng.integers(8)
    if kind == 0:
        return graph.add(a, b), lambda at: f(at) + g(at)
    if kind == 1:
        return graph.sub(a, b), lambda at: f(at) - g(at)
    if kind in (2, 3):
        return graph.mul(a, b), lambda at: f(at) * g(at)
    if kind == 4:
        return graph.neg(a), lambda at: -f(at)
    if kind == 5:
        root = graph.call("sqrt", graph.add(graph.one, graph.mul(b, b)))
        return graph.div(a, root), lambda at: f(at) / (1 + g(at) ** 2) ** 0.5
    if kind == 6:
        power = (0.0, 1.0, 2.0, 3.0, -1.0, 0.5, -0.5)[rng.integers(7)]
        base = graph.add(graph.number(2.0), graph.mul(a, a))
        return graph.power(base, graph.number(power)), lambda at: (2 + f(at) ** 2) ** power
    whole = graph.node("quotient", a, graph.number(24.0)) if graph.varies(a) else a
    return graph.call("sin", whole), lambda at: np.sin(f(at) / 24.0 if graph.varies(a) else f(at))


@pytest.mark.parametrize("seed", range(150))
def test_a_formula_and_its_derivatives(seed):
    graph, rng = Graph(), np.random.default_rng(seed)
    n, plain = grown(graph, rng, 4)
    found = value(graph, n, LEAVES)
    assert found == pytest.approx(plain(LEAVES), rel=1e-10, abs=1e-12)
    for a in graph.children(n):
        assert graph.levels[a] <= graph.levels[n]
    derive = LaneDerivative(graph)
    for leaf in MOVING:
        slope = value(graph, derive(n, graph.node(*leaf)), LEAVES)
        exact = np.imag(plain(moved(leaf, 1j * H))) / H
        assert slope == pytest.approx(exact, rel=1e-9, abs=1e-12)
    line = linear_form(graph, n)
    if line is not None:
        rest = sum(
            value(graph, c, LEAVES) * LEAVES[graph.nodes[leaf].op, *graph.nodes[leaf].args]
            for leaf, c in line[1].items()
        )
        assert value(graph, line[0], LEAVES) + rest == pytest.approx(found, rel=1e-10, abs=1e-12)


def moved(leaf, by):
    """Leaves after a small change of one; the inputs go along with time."""
    at = LEAVES | {leaf: LEAVES[leaf] + by}
    if leaf == ("time",):
        at |= {("input", k): LEAVES["input", k] + by * LEAVES["slope", k] for k in (0, 1)}
    return at


def test_what_is_shared_is_one_node():
    g = Graph()
    k, x = g.node("constant", 0), g.node("state", 0)
    assert g.add(x, k) == g.add(k, x)
    assert g.mul(x, k) == g.mul(k, x)
    assert g.neg(g.neg(x)) == x
    assert g.neg(g.neg(k)) == k
    assert g.sub(g.mul(k, x), g.mul(x, k)) == g.zero
    assert g.sub(k, k) == g.zero
    assert g.mul(x, g.zero) == g.zero
    assert g.levels[g.mul(k, x)] == Level.STATE
    assert g.sign(g.neg(k)) == (True, k)
    assert g.sign(g.number(-2.0)) == (True, g.number(2.0))
    assert g.sign(k) == (False, k)
