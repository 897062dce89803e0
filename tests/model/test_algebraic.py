"""Algebraic rules: solved for what nothing else determines, or refused by name."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.model.algebraic import linear_in, solved
from ldnsim.model.expressions import make

BODY = """model m
  compartment C = 2; species S in C, T in C, $B in C; S = 3; B = 5; J: S -> ; k*S*C; k = 0.4
  var total, part, x; x = 1; x' = -x; {}
end"""


def sbml(*rules, head=""):
    """SBML text with algebraic rules 0 = ..., which Antimony cannot write."""
    import libsbml

    text = ldn.Model.from_antimony(BODY.format(head).replace("var total, part, x", "var x")).to_sbml()
    document = libsbml.readSBMLFromString(text)
    model = document.getModel()
    for name in ("total", "part"):
        parameter = model.getParameter(name) or model.createParameter()
        parameter.setId(name)
        parameter.unsetValue()
        parameter.setConstant(False)
    for formula in rules:
        rule = model.createAlgebraicRule()
        rule.setMath(libsbml.parseL3Formula(formula))
    return libsbml.writeSBMLToString(document)


def run(*rules, outputs=("total", "part", "S", "x"), head="T = 0;"):
    model = ldn.Model.from_sbml(sbml(*rules, head=head))
    return ldn.simulate(model, None, times=[0.0, 1.0, 2.5], outputs=list(outputs), rtol=1e-9)


def test_a_rule_that_is_linear_is_solved():
    ds = run("total * (1 + k) - S - x", "part - total / 2")
    np.testing.assert_allclose(ds.total, (ds.S + ds.x) / 1.4, rtol=1e-9)
    np.testing.assert_allclose(ds.part, ds.total / 2, rtol=1e-12)


@pytest.mark.kind("algebraic-rule")
def test_rules_that_share_quantities_are_solved_together():
    ds = run("total + part - S - x", "total - 3 * part - x")
    np.testing.assert_allclose(ds.total + ds.part, ds.S + ds.x, rtol=1e-9)
    np.testing.assert_allclose(ds.total - 3 * ds.part, ds.x, rtol=1e-9)


def test_a_rule_reaches_through_assignment_rules_and_pieces():
    ds = run(
        "part - S", "double - piecewise(2 * x, time < 1.5, x)", head="T = 0; total = 1; double := 2*total;"
    )
    np.testing.assert_allclose(2 * ds.total, ds.x * [2, 2, 1], rtol=1e-9)


def test_a_species_is_solved_as_its_concentration():
    model = ldn.Model.from_sbml(sbml("2 * T - S", "total - x", "part - x"))
    ds = ldn.simulate(model, None, times=[0.0, 1.0], outputs=["S", "T"], amounts=["T"], rtol=1e-9)
    np.testing.assert_allclose(ds["T"], ds.S, rtol=1e-9)  # the amount in a compartment of 2


@pytest.mark.kind("algebraic-rule", sibling="a rule that is not linear, or does not say what it determines")
@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (("total^2 - x", "part - x"), r"algebraic rule '0 = total\^2 - x': cannot be solved for 'total'"),
        (("S - x",), "overdetermined"),
        (("total - x", "total - S", "part"), "overdetermined|determines no quantity"),
        (("total + part - x",), r"may determine 'total' or 'part'; declare the other one constant"),
    ],
    ids=["a square", "all is determined", "twice the same", "one rule for two"],
)
def test_what_cannot_be_solved_is_refused_by_name(rules, message):
    with pytest.raises(ldn.ModelError, match=message):
        ldn.Model.from_sbml(sbml(*rules, head="T = 0;"))


def test_lines():
    x_times = make("times", "a", make("plus", "x", "b"))
    assert linear_in(x_times, "x") == ("a", ["times", "a", "b"])
    assert linear_in(make("divide", "a", "x"), "x") is None
    assert linear_in(make("times", "x", "x"), "x") is None
    assert linear_in(make("exp", "x"), "x") is None
    assert solved([{"formula": ["plus", "x", "a"], "text": "x + a"}], {"x": 0}, {}) == {
        "x": ["times", -1.0, "a"]
    }
