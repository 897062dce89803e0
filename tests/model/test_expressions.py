"""Formulas as data: folding, truth and numbers, substitution; SymPy must agree with plain Python."""

import math

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from ldnsim.errors import ModelError
from ldnsim.model import expressions as ex
from ldnsim.model.equations import _Writer
from ldnsim.model.ordering import in_order

VALUES = {"a": 0.7, "b": -1.3, "c": 2.0}


def evaluated(formula):
    """Compute a formula with Python's own arithmetic, straight from its definition."""
    if isinstance(formula, str):
        return VALUES[formula]
    if not isinstance(formula, list):
        return formula
    head, *arguments = formula
    if head == "piecewise":
        pairs = zip(arguments[::2], arguments[1::2], strict=False)
        return next((evaluated(v) for v, c in pairs if evaluated(c)), evaluated(arguments[-1]))
    values = [evaluated(a) for a in arguments]
    logic = {"and": all, "or": any, "not": lambda v: not v[0], "xor": lambda v: sum(v) % 2 == 1}
    if head in logic:
        return logic[head](values)
    return (ex.NUMERIC | ex.RELATIONS)[head](*values)


leaves = st.one_of(st.sampled_from(list(VALUES)), st.sampled_from([0.0, 1.0, -1.0, 0.5, 3.0]))


def grown(inner):
    two = st.tuples(inner, inner)
    number = st.one_of(
        st.tuples(st.sampled_from(["plus", "times"]), two).map(lambda x: ex.make(x[0], *x[1])),
        st.tuples(st.sampled_from(["sin", "arctan", "abs"]), inner).map(lambda x: ex.make(*x)),
        st.tuples(inner, inner, inner, inner).map(
            lambda x: ex.make("piecewise", x[0], ex.make("lt", x[1], x[2]), x[3])
        ),
    )
    truth = st.tuples(st.sampled_from(["lt", "geq", "eq", "and", "or", "xor"]), two).map(
        lambda x: ex.make(x[0], *x[1])
    )
    return st.one_of(number, truth)


formulas = st.recursive(leaves, grown, max_leaves=12)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(formulas)
def test_sympy_means_what_the_formula_says(formula):
    formula = ex.as_number(formula)
    written = _Writer(*[sympy.Symbol("time", real=True)] * 2, sympy.Integer(1)).number(formula)
    point = {sympy.Symbol(k, real=True): v for k, v in VALUES.items()}
    assert float(written.subs(point)) == pytest.approx(float(evaluated(formula)), rel=1e-9, abs=1e-9)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(formulas)
def test_putting_numbers_in_folds_to_the_value(formula):
    number = ex.substitute(ex.as_number(formula), VALUES)
    assert isinstance(number, float)
    assert number == pytest.approx(float(evaluated(ex.as_number(formula))), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (ex.make("divide", 1.0, 0.0), math.inf),
        (ex.make("divide", -1.0, 0.0), -math.inf),
        (ex.make("ln", 0.0), -math.inf),
        (ex.make("power", 10.0, 400.0), math.inf),
        (ex.make("floor", -2.5), -3.0),
        (ex.make("factorial", 5.0), 120.0),
        (ex.make("plus"), 0.0),
        (ex.make("times"), 1.0),
        (ex.make("plus", "x", 0.0), "x"),
        (ex.make("times", "x", 1.0), "x"),
        (ex.make("divide", "x", 1.0), "x"),
        (ex.make("and"), True),
        (ex.make("or"), False),
        (ex.make("not", ["lt", "x", 1.0]), ["not", ["lt", "x", 1.0]]),
        (ex.make("xor", True, ["lt", "x", 1.0]), ["not", ["lt", "x", 1.0]]),
        (ex.make("plus", True, 1.0), 2.0),
        (ex.make("and", "x", True), ["neq", "x", 0.0]),
        (ex.make("piecewise", 1.0, False, 2.0), 2.0),
        (ex.make("piecewise", 1.0, ["lt", "x", 1.0], True), ["piecewise", 1.0, ["lt", "x", 1.0], 1.0]),
    ],
)
def test_constants_are_folded_and_truth_coerced(made, expected):
    assert made == expected


@pytest.mark.parametrize("made", [ex.make("divide", 0.0, 0.0), ex.make("arcsin", 2.0), ex.make("piecewise")])
def test_what_is_undefined_is_nan(made):
    assert math.isnan(made)


def test_a_root_of_a_negative_number_is_nan_not_complex():
    assert math.isnan(ex.make("power", -8.0, 1 / 3))


def test_a_truth_by_cases_stays_a_truth():
    made = ex.make("piecewise", ["lt", "x", 1.0], ["gt", "y", 0.0], ["lt", "x", 5.0])
    assert ex.is_truth(made)


def test_substitution_reaches_every_id_and_nothing_else():
    formula = ["plus", "x", ["times", "y", ["time"]], 2.0]
    assert sorted(ex.ids(formula)) == ["x", "y"]
    assert ex.substitute(formula, {"y": ["exp", "x"]}) == [
        "plus",
        "x",
        ["times", ["exp", "x"], ["time"]],
        2.0,
    ]
    assert ex.uses(formula, "time")
    assert not ex.uses(ex.replace_calls(formula, "time", lambda: 0.0), "time")


def test_definitions_are_put_in_order():
    order = in_order({"c": ["plus", "a", "b"], "b": "a", "a": "k"}, "rules")
    assert order.index("a") < order.index("b") < order.index("c")


def test_a_circle_of_definitions_is_walked_in_the_message():
    with pytest.raises(ModelError, match=r"rules form a circle: (a -> b -> c|b -> c -> a|c -> a -> b)"):
        in_order({"a": "b", "b": "c", "c": "a"}, "rules")


def test_an_absurdly_long_formula_is_refused():
    with pytest.raises(ModelError, match="law of r: the formula grows beyond"):
        ex.within_limits(["plus", *["x"] * (ex.MAX_SIZE + 1)], "law of r")
