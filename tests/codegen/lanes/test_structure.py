"""What the generator finds in a model: linear block, sparsity, order of elimination, derivatives."""

import math

import numpy as np
import pytest

from benchmarks.cases import bench19
from ldnsim.codegen.lanes.elimination import eliminate
from ldnsim.codegen.lanes.graph import Graph, Level, Unsupported
from ldnsim.codegen.lanes.parts import parts
from ldnsim.codegen.lanes.structure import analyse, linear_block
from ldnsim.model import Model


def equations(text):
    return Model.from_antimony(text).equations()


def value(graph, n, leaves):
    """Evaluate a node with NumPy; `leaves` maps (op, index) to numbers."""
    op, args = graph.nodes[n]
    if op == "number":
        return args[0]
    if (op, *args) in leaves:
        return leaves[(op, *args)]
    if op == "sum":
        x = [value(graph, a, leaves) for a in args]
        return x[0] + sum(c * b for c, b in zip(x[1::2], x[2::2], strict=True))
    if op == "pow":
        return value(graph, args[0], leaves) ** value(graph, args[1], leaves)
    if op == "select":
        condition, a, b = args
        return value(graph, a if value(graph, condition, leaves) else b, leaves)
    x = [value(graph, a, leaves) for a in args]
    functions = {
        "add": lambda a, b: a + b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b,
        "quotient": lambda a, b: a / b,
        "recip": lambda a: 1.0 / a,
        "ratio": lambda a, b, at_zero, steepest: a / b,
        "equal": lambda a, b: a == b,
        "less": lambda a, b: a < b,
        "lesseq": lambda a, b: a <= b,
        "and": lambda a, b: a and b,
        "or": lambda a, b: a or b,
        "not": lambda a: not a,
        "logabs": lambda a: math.log(abs(a)),
        "abs": abs,
    }
    return functions[op](*x) if op in functions else getattr(math, op)(*x)


def test_the_block_of_bench19_is_its_pharmacokinetics():
    s = analyse(equations(bench19().antimony), bench19().parameters)
    assert [s.states[i] for i in s.block] == ["A_gut", "A_cen", "A_per", "A_mc", "A_mp", "A_ceN", "A_ceM"]
    assert len(s.jacobian) == 31
    assert len(s.elimination.entries) == 21  # off the diagonal: 20 of the Jacobian and one that fills in
    assert len(s.elimination.updates) == 11


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("model m(); A' = -k*A; B' = k*A - B; C' = B*C; A=1; B=0; C=1; k=1; end", {"A", "B"}),
        ("model m(); A' = -k*A*A; B' = A - B; A=1; B=0; k=1; end", set()),  # B leans on a state outside
        ("model m(); A' = 2 - A; B' = A - B + time; A=1; B=0; end", {"A"}),  # time is no constant rate
    ],
)
def test_linear_blocks(text, block):
    e = equations(text)
    assert {e.states[i] for i in linear_block(e, e.parameters)} == block


def test_derivatives_agree_with_differences():
    text = """model m(); x' = a*x^n/(k^n + x^n)*exp(-y) - ln(1 + x)*sqrt(y) + tanh(x*y) + sin(x)*cos(y) - abs(x - y);
      y' = piecewise(x*y, x > y, x^y) + max(x, y)/(1 + x*x) + arctan(x); x=1; y=1; a=1.3; n=1.7; k=0.8; end"""
    e = equations(text)
    s = analyse(e, e.parameters)
    constants = {("constant", i): v for i, v in enumerate((1.3, 1.7, 0.8))}
    for x, y in ((0.9, 0.4), (0.3, 1.2)):
        for (i, j), n in s.jacobian.items():
            h = 1e-6
            shifted = []
            for sign in (1.0, -1.0):
                at = [x, y]
                at[j] += sign * h
                leaves = {**constants, ("state", 0): at[0], ("state", 1): at[1]}
                shifted.append(value(s.graph, s.rates[i], leaves))
            here = value(s.graph, n, {**constants, ("state", 0): x, ("state", 1): y})
            assert here == pytest.approx((shifted[0] - shifted[1]) / (2 * h), rel=1e-7)


FUNCTIONS = {
    **dict.fromkeys(("exp", "ln", "sqrt", "abs", "sin", "cos", "tan", "sinh", "cosh", "tanh"), (0.4, 1.3)),
    **dict.fromkeys(("arcsin", "arccos", "arctan", "arcsinh", "arctanh"), (0.4, 0.9)),
    "arccosh": (1.8, 2.5),
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_the_slope_of_its_differences_whatever_is_inside(function):
    e = equations(f"model m(); x' = {function}(x*x*0.7 + 0.1); x = 1; end")
    s = analyse(e, e.parameters)

    def rate(x):
        return value(s.graph, s.rates[0], {("state", 0): x})

    for x in FUNCTIONS[function]:
        slope = value(s.graph, s.jacobian[0, 0], {("state", 0): x})
        assert slope == pytest.approx((rate(x + 1e-6) - rate(x - 1e-6)) / 2e-6, rel=1e-7)


def test_a_function_without_vector_code_is_left_to_the_scalar_engine():
    e = equations("model m(); x' = factorial(x); x = 1; end")
    with pytest.raises(Unsupported, match="gamma: no vector code"):
        analyse(e, e.parameters)


def test_equal_parts_are_one_node_and_constants_are_hoisted():
    g = Graph()
    x, k, m = g.node("state", 0), g.node("constant", 0), g.node("constant", 1)
    assert g.add(g.mul(k, x), g.mul(x, m)) == g.mul(g.add(k, m), x)
    assert g.sub(g.mul(k, x), g.mul(x, k)) == g.zero
    scaled = g.mul(k, g.add(x, g.neg(m)))  # k (x - m) = (-k m) + k x, the first computed once a subject
    constant, terms = g.terms(scaled)
    assert terms == {x: k}
    assert g.levels[constant] == Level.CONSTANT


def test_what_depends_on_time_alone_is_set_apart():
    e = equations("model m(); A' = -k*A; B' = 1/(1 + (A/k)^n)*B - 2*B; A=1; B=1; k=1; n=2; end")
    s = analyse(e, e.parameters)
    early = [n for n in s.below(s.rates, Level.STATE) if s.graph.levels[n] == Level.INPUT]
    assert [s.graph.nodes[n].op for n in early] == ["recip"]


def test_elimination_solves_a_sparse_system():
    rng = np.random.default_rng(0)
    n = 12
    a = np.where(rng.random((n, n)) < 0.2, rng.normal(size=(n, n)), 0.0) + 5.0 * np.eye(n)
    e = eliminate(n, {(i, j) for i in range(n) for j in range(n) if a[i, j] != 0.0})
    m, b = a.copy(), rng.normal(size=n)
    for q in e.order:
        for i in e.lower[q]:
            m[i, q] /= m[q, q]
        for i, j, k in e.updates:
            if k == q:
                m[i, j] -= m[i, q] * m[q, j]
    x = b.copy()
    for q in e.order:
        for i in e.lower[q]:
            x[i] -= m[i, q] * x[q]
    for q in reversed(e.order):
        x[q] = (x[q] - sum(m[q, j] * x[j] for j in e.upper[q])) / m[q, q]
    assert np.allclose(a @ x, b)


def test_an_arrow_is_eliminated_from_its_tip():
    """The dense row and column last: nothing fills in."""
    n = 8
    arrow = {(0, i) for i in range(n)} | {(i, 0) for i in range(n)} | {(i, i) for i in range(n)}
    e = eliminate(n, arrow)
    assert e.order[-1] == 0 or len(e.lower[0]) <= 1
    assert len(e.entries) == 2 * (n - 1)


def test_parts_of_a_block_need_only_earlier_parts():
    e = equations(bench19().antimony)
    s = analyse(e, e.parameters)
    found = parts(len(s.block), s.matrix)
    assert sorted(i for part in found for i in part.states) == list(range(len(s.block)))
    assert all(len(part.states) <= 5 for part in found)
    place = {i: n for n, part in enumerate(found) for i in part.states}
    assert all(place[b] < place[i] for part in found for i, b in part.outside)
    assert {key for part in found for key in (*part.inside, *part.outside)} == s.matrix.keys()


def test_states_that_depend_on_each_other_stay_together_without_fill():
    star = {(i, i) for i in range(9)} | {(0, i) for i in range(1, 9)} | {(i, 0) for i in range(1, 9)}
    (part,) = parts(9, star)
    assert len(part.elimination.entries) == 16  # the middle last: nothing fills in
    chain = {(i, i) for i in range(9)} | {(i, i - 1) for i in range(1, 9)}
    assert [part.states for part in parts(9, chain)] == [(0, 1, 2, 3, 4), (5, 6, 7, 8)]
    assert parts(0, {}) == ()
