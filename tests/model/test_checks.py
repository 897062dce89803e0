"""Units that do not agree are told at load, with the formula, once a model; shipped models say nothing."""

import warnings

import pytest

import ldnsim as ldn

from ..antimony_release import since_2_15

HEAD = """model m
  unit hour = 3600 second; unit time_unit = 3600 second; unit mg = 1e-3 gram; unit substance = 1e-3 gram
  unit extent = 1e-3 gram; unit per_hour = 1/3600 second; unit per_minute = 1/60 second; unit g = gram
"""


def told(text):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        ldn.Model.from_antimony(f"{HEAD}{text}\nend")
    return [str(w.message) for w in found]


def test_units_that_agree_are_silent():
    assert told("const k has per_hour; var A has mg; k = 1; A = 2 mg; A' = -k*A") == []
    assert told("const k; var A; k = 1; A = 2; A' = -k*A + 3") == []  # none declared, nothing to compare


@since_2_15
@pytest.mark.kind("sbml-units")
def test_a_kinetic_law_of_another_dimension_is_named_once():
    (message,) = told(
        "substanceOnly species A has mg; A = 2 mg; const k has mg; k = 1; J: A -> ; k*A; var y has g; y := A"
    )
    assert "units do not agree" in message
    assert "'J'" in message
    assert "more, model.check()" in message


@since_2_15
@pytest.mark.kind("sbml-units", sibling="the right dimension in another scale, which libSBML lets pass")
@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("const k has per_minute; var A has mg; k = 1; A = 2 mg; A' = -k*A", "rateRule of 'A'"),
        ("const k has g; var A has mg; k = 1; A := k", "assignmentRule of 'A'"),
        (
            "substanceOnly species A has mg; A = 2; const k has per_minute; k = 1; J: A -> ; k*A",
            "with id 'J'",
        ),
    ],
    ids=["a rate", "an assignment", "a kinetic law"],
)
def test_a_scale_that_differs_is_named(text, formula):
    (message,) = told(text)
    assert formula in message


@pytest.mark.kind("sbml-units", sibling="a shipped model is silent")
@pytest.mark.parametrize("name", ldn.list_models())
def test_shipped_models_say_nothing(name):
    assert ldn.load_model(name).document.units == []
