"""Formulas of numbers alone: what each function comes to, at the edges of its domain too, and limits of documents."""

import math
from types import SimpleNamespace

import libsbml
import pytest
import sympy

import ldnsim as ldn
from ldnsim import ModelError
from ldnsim.model import document, files
from ldnsim.model.algebraic import linear_in
from ldnsim.model.checks import _only_scales_differ
from ldnsim.model.equations import _literal, _power, _ratio
from ldnsim.model.expressions import RELATIONS, make, substitute
from ldnsim.model.mathml import BUILDERS
from ldnsim.model.mathml_text import _number
from ldnsim.model.readout_rows import COLUMNS, USUAL, rows_of, usual_rows

INF, NAN = math.inf, math.nan
FOLDED = [
    ("divide", (6.0, 4.0), 1.5), ("divide", (1.0, 0.0), INF), ("divide", (-1.0, 0.0), -INF), ("divide", (0.0, 0.0), NAN),
    ("divide", (NAN, 0.0), NAN), ("power", (2.0, 3.0), 8.0), ("power", (0.0, -1.0), INF), ("power", (-1.0, 0.5), NAN),
    ("power", (10.0, 400.0), INF), ("ln", (1.0,), 0.0), ("ln", (0.0,), -INF), ("ln", (-1.0,), NAN), ("exp", (1e3,), INF),
    ("arcsin", (2.0,), NAN), ("arctanh", (1.0,), NAN), ("factorial", (4.0,), 24.0), ("factorial", (-1.0,), NAN),
    ("floor", (-1.5,), -2.0), ("ceiling", (-1.5,), -1.0), ("floor", (INF,), INF), ("ceiling", (-INF,), -INF),
    ("abs", (-2.0,), 2.0), ("arctan", (1.0,), math.pi / 4), ("plus", (1.0, 2.0), 3.0), ("times", (3.0, 2.0), 6.0),
]  # fmt: skip


@pytest.mark.parametrize(("function", "arguments", "value"), FOLDED)
def test_a_function_of_numbers(function, arguments, value):
    assert make(function, *arguments) == pytest.approx(value, nan_ok=True, rel=1e-14)


@pytest.mark.parametrize("relation", RELATIONS)
def test_relations_at_equal_and_at_unequal_numbers(relation):
    below, same, above = (make(relation, a, 2.0) for a in (1.0, 2.0, 3.0))
    truth = {"lt": "TFF", "leq": "TTF", "gt": "FFT", "geq": "FTT", "eq": "FTF", "neq": "TFT"}[relation]
    assert [below, same, above] == [x == "T" for x in truth]


CASES = [["lt", "a", 1.0], ["lt", "b", 1.0], ["gt", "a", 0.5], ["lt", "b", 2.0], ["geq", "a", 2.0]]


@pytest.mark.parametrize("n", [1, 3, 5])
@pytest.mark.parametrize("a", [0.2, 0.7, 1.5, 3.0])
@pytest.mark.parametrize("b", [0.5, 1.5, 2.5])
def test_cases_of_truths_are_told_in_their_order(n, a, b):
    """What each case says where it is the first that holds: as numbers, and as truths."""
    at = {"a": a, "b": b}
    told = [substitute(case, at) for case in CASES[:n]]
    want = next((value for value, holds in zip(told[:-1:2], told[1::2], strict=True) if holds), told[-1])
    assert substitute(make("piecewise", *CASES[:n]), at) == want
    numbers = [3.0 * k if k % 2 == 0 else case for k, case in enumerate(CASES[:n])]
    holding = next((k for k, holds in enumerate(told[1::2]) if holds), n // 2)
    assert substitute(make("piecewise", *numbers), at) == 6.0 * holding


BUILT = [
    ("FUNCTION_LOG", (1000.0,), 3.0), ("FUNCTION_LOG", (2.0, 8.0), 3.0), ("FUNCTION_LOG", (10.0, 0.0), -INF),
    ("FUNCTION_LOG", (10.0, -1.0), NAN), ("FUNCTION_ROOT", (9.0,), 3.0), ("FUNCTION_ROOT", (3.0, 27.0), 3.0),
    ("FUNCTION_QUOTIENT", (-7.0, 2.0), -3.0), ("FUNCTION_QUOTIENT", (7.0, 2.0), 3.0), ("FUNCTION_REM", (-7.0, 2.0), -1.0),
    ("FUNCTION_REM", (7.0, 2.0), 1.0), ("FUNCTION_MAX", (1.0, 3.0, 2.0), 3.0), ("FUNCTION_MIN", (2.0, 1.0, 3.0), 1.0),
    ("FUNCTION_ARCCOT", (0.0,), math.pi / 2), ("FUNCTION_ARCCOT", (-1.0,), -math.pi / 4),
    ("FUNCTION_SEC", (1.0,), 1 / math.cos(1)), ("LOGICAL_IMPLIES", (True, False), False),
    ("LOGICAL_IMPLIES", (False, False), True), ("LOGICAL_IMPLIES", (True, True), True),
    ("RELATIONAL_LT", (1.0, 2.0, 2.0), False), ("RELATIONAL_LEQ", (1.0, 2.0, 2.0), True),
]  # fmt: skip


@pytest.mark.parametrize(("node", "arguments", "value"), BUILT)
def test_what_mathml_builds_of_numbers(node, arguments, value):
    assert BUILDERS[getattr(libsbml, f"AST_{node}")](*arguments) == pytest.approx(
        value, nan_ok=True, rel=1e-14
    )


@pytest.mark.parametrize("x", [1e-3, 0.5, 0.9, 1.0, 1e3, 1e15])
def test_the_logarithm_of_ten_is_that_of_the_library(x):
    assert BUILDERS[libsbml.AST_FUNCTION_LOG](x) == math.log10(x)


def test_numbers_become_exact_ones_where_they_are():
    assert [_literal(x) for x in (3.0, -2.0, 0.5)] == [sympy.Integer(3), sympy.Integer(-2), sympy.Float(0.5)]
    assert (_literal(INF), _literal(-INF), _literal(NAN)) == (sympy.oo, -sympy.oo, sympy.nan)
    assert isinstance(_literal(2.0**53), sympy.Float)
    assert [_ratio(h) for h in (24.0, 1.0, 1 / 60, 1 / 3600)] == [
        24,
        1,
        sympy.Rational(1, 60),
        sympy.Rational(1, 3600),
    ]
    assert [type(_ratio(h)) for h in (0.3, 0.999)] == [sympy.Float] * 2
    x = sympy.Symbol("x", positive=True)
    assert _power(x, sympy.Float(0.5)) == sympy.sqrt(x)
    assert _power(x, sympy.Float(1.5)) == x ** sympy.Rational(3, 2)
    assert _power(x, sympy.Float(0.3)) == x ** sympy.Float(0.3)


def test_numbers_are_written_for_mathml():
    assert [_number(x) for x in (INF, -INF, NAN)] == [
        "<infinity/>", "<apply><minus/><infinity/></apply>", "<notanumber/>",
    ]  # fmt: skip
    assert [_number(x) for x in (0.0, -1.5, 1e-7)] == ["<cn>0</cn>", "<cn>-1.5</cn>", "<cn>0.0000001</cn>"]


LINES = {
    "x": "x", "3*x + y": ["plus", ["times", 3.0, "x"], "y"], "(x + y)/k": ["divide", ["plus", "x", "y"], "k"],
    "a piece": ["piecewise", "x", ["lt", "y", 1.0], ["times", "k", "x"]],
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_formula_that_is_straight_in_an_unknown_is_its_slope_and_its_rest(name):
    slope, rest = linear_in(LINES[name], "x")
    for x, y, k in ((2.0, 0.5, 3.0), (-1.0, 4.0, 0.25)):
        known = {"x": x, "y": y, "k": k}
        whole = substitute(LINES[name], known)
        assert substitute(slope, known) * x + substitute(rest, known) == pytest.approx(whole)


@pytest.mark.parametrize(
    "formula",
    [["times", "x", "x"], ["divide", "y", "x"], ["exp", "x"], ["piecewise", 1.0, ["lt", "x", 1.0], 2.0]],
)
def test_other_formulas_are_not(formula):
    assert linear_in(formula, "x") is None


def test_units_differ_by_their_scale_alone():
    gram = (1e-3, {"kilogram": 1.0})
    assert _only_scales_differ(gram, (1e-6, {"kilogram": 1.0}))
    assert not _only_scales_differ(gram, gram)
    assert not _only_scales_differ(gram, (1e-6, {"metre": 1.0}))
    assert not _only_scales_differ(None, gram)
    assert not _only_scales_differ(gram, None)


def test_a_text_as_long_as_may_be_is_read(monkeypatch):
    text = "model a; C' = -C; C = 1; end"
    monkeypatch.setattr(files, "LONGEST", len(text))
    assert ldn.Model.from_antimony(text).name == "a"
    sbml = ldn.Model.from_antimony(text).to_sbml()
    monkeypatch.setattr(document, "LARGEST", len(sbml))
    assert ldn.Model.from_sbml(sbml).name == "a"
    monkeypatch.setattr(document, "LARGEST", len(sbml) - 1)
    with pytest.raises(ModelError):
        ldn.Model.from_sbml(sbml)


def test_rows_of_readouts_are_the_same_from_a_list_and_from_a_table():
    pd = pytest.importorskip("pandas")
    made = [ldn.Readout("C", "cmax"), ldn.Readout("C", "time_above", level=0.5)]
    rows = rows_of(made)
    assert [dict(r)["reduce"] for r in rows] == ["cmax", "time_above"]
    assert [set(r) for r in rows] == [set(COLUMNS)] * 2
    assert rows_of(pd.DataFrame(rows)) == rows
    for wrong in (["cmax(C)"], [made[0], "tmax(C)"]):
        with pytest.raises(ldn.InputError, match="must be a list of Readout"):
            rows_of(wrong)


@pytest.mark.parametrize(
    ("own", "units"),
    [("1", ["1", "h", "1", "h"]), ("mg/L", ["mg/L", "h", "mg/L", "mg/L*h"]), ("", ["", "h", "", ""])],
)
def test_what_is_usually_read_has_its_unit(own, units):
    rows = usual_rows([SimpleNamespace(id="C", unit=own)])
    assert [r["unit"] for r in rows] == units
    assert [r["name"] for r in rows] == ["cmax(C)", "tmax(C)", "cmin(C)", "auc(C)"]
    assert list(USUAL) == [r["reduce"] for r in rows]
