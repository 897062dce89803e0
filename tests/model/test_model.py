"""`Model` as a value: what it shows, what its verbs return, and what it refuses."""

import dataclasses
import pickle

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.errors import InputError, UnknownNameError

TEXT = """model one
  A' = -k*A; A = A0; A0 = 3; k = 0.5; twice := 2*k; CP := A/V; V = 1/4
  unit per_hour = 1/3600 second; k has per_hour; k is "elimination"
end"""


@pytest.fixture(scope="module")
def one():
    return ldn.Model.from_antimony(TEXT)


def test_it_tells_what_it_is_made_of(one):
    assert one.name == "one"
    assert one.states == ("A",)
    assert dict(zip(one.parameter_ids, one.values, strict=True)) == {"A0": 3.0, "k": 0.5, "V": 0.25}
    assert one.observables == ("A", "CP")
    assert one.outputs.kind[["A", "CP", "twice", "k"]].tolist() == [
        "state",
        "assigned",
        "constant",
        "constant",
    ]


def test_it_tells_its_unit_of_time(one):
    assert one.time_unit == ""
    assert ldn.load_model("ldn").time_unit == "h"


def test_a_foreign_parameter_has_its_unit_and_name_and_claims_nothing(one):
    row = one.parameters.loc["k"]
    assert (row.value, row.unit, row.description) == (0.5, "1/h", "elimination")
    assert (row.grade, row.source) == ("assumed", "")
    assert np.isnan(row.iiv_cv)
    assert np.isnan(row.uncertainty_gsd)


def test_a_verb_returns_a_new_model_and_leaves_the_old_one(one):
    other = one.with_parameters(k=0.7)
    assert other.parameters.value["k"] == 0.7
    assert one.parameters.value["k"] == 0.5
    assert other.structure_hash == one.structure_hash
    assert other.hash != one.hash
    assert other != one
    assert other.with_parameters(k=0.5) == one
    assert hash(other.with_parameters(k=0.5)) == hash(one)


def test_a_model_cannot_be_changed_in_place(one):
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.name = "two"
    with pytest.raises(ValueError, match="read-only"):
        one.values[0] = 1.0


def test_other_equations_have_another_hash(one):
    other = ldn.Model.from_antimony(TEXT.replace("-k*A", "-k*A*A"))
    assert other.structure_hash != one.structure_hash
    renamed = ldn.Model.from_antimony(TEXT.replace('"elimination"', '"k, 1/h"').replace("k = 0.5", "k = 2"))
    assert renamed.structure_hash == one.structure_hash


def test_a_model_travels_to_another_process(one):
    assert pickle.loads(pickle.dumps(one.with_parameters(k=2))) == one.with_parameters(k=2)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"kk": 1.0}, KeyError, ["kk", "'k'"]),
        ({"kk": 1.0}, ValueError, ["kk"]),
        ({"k": float("nan")}, InputError, ["k=nan", "finite"]),
        ({"k": float("inf")}, InputError, ["k=inf"]),
        ({"k": "fast"}, InputError, ["k='fast'", "number"]),
        ({"k": [1, 2]}, InputError, ["k=[1, 2]"]),
        ({"A": 1.0}, UnknownNameError, ["A", "state", "A_start"]),
        ({"twice": 1.0}, UnknownNameError, ["twice", "compute"]),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(one, values, error, words):
    with pytest.raises(error) as caught:
        one.with_parameters(**values)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_equations_hold_what_the_text_says(one):
    equations = one.equations()
    import sympy

    symbol = {x: sympy.Symbol(x, real=True) for x in ("A", "k", "V", "A0")}
    assert equations.rates == (-symbol["k"] * symbol["A"],)
    assert equations.initial == (symbol["A0"],)
    assert dict(equations.assignments) == {"CP": symbol["A"] / symbol["V"]}
    assert dict(equations.constants) == {"twice": 2 * symbol["k"]}
    assert equations.parameters == one.parameter_ids
    assert equations.time == sympy.Symbol("time", real=True)


def test_names_that_mean_something_to_python_and_sympy_are_plain_names():
    model = ldn.Model.from_antimony(
        "model m\n lambda' = -E*lambda + I - S*N; lambda = 2; E = 0.5; I = 1; S = 1; N = 1\n end"
    )
    assert model.states == ("lambda",)
    result = ldn.simulate(model, None, times=[0.0, 2.0])
    assert result["lambda"].values == pytest.approx([2.0, 2.0 * np.exp(-1.0)], rel=1e-5)


def test_repr_and_html_show_it(one):
    assert repr(one) == "<Model 'one': 1 states, 3 parameters (3 assumed)>"
    page = one.with_parameters(k=0.25)._repr_html_()
    for shown in ("<b>one</b>", "elimination", "k = 0.25", "3 assumed", "1/h"):
        assert shown in page


def test_html_escapes_what_a_model_file_says():
    text = 'model m\n x\' = -k*x; x = 1; k = 1; k is "<script>alert(1)</script>"\nend'
    assert "<script>" not in ldn.Model.from_antimony(text)._repr_html_()


def test_a_model_of_constants_only_shows_them():
    assert ldn.Model.from_antimony("model m\n p = 3; q := 2*p\nend").observables == ("q", "p")


def test_a_model_is_itself_whatever_unit_runs_count_time_in():
    text = "model a; A' = -k*A; A = 1; k = 2; unit day = 86400 second; unit time_unit = day; end"
    days, other = ldn.Model.from_antimony(text), ldn.Model.from_antimony(text.replace("k = 2", "k = 3"))
    hours = days.in_hours()
    assert days.structure.hours != hours.structure.hours
    assert days.hash == hours.hash != other.hash
    assert days.hash == ldn.Model.from_antimony(text).hash != days.with_parameters(k=2.5).hash
