"""Numbers keep all their digits through libSBML and Antimony, which write fifteen."""

import math

import pytest

import ldnsim as ldn

TEXT = """model digits
  F = 0.30000000000000004; P = pi; x = 1.0000000000000002
  x' = -1.2345678901234567e-7*x + 1.3e-7; y := 731000000.5*x  // 0.12345678901234567 in a comment stays
  G := piecewise(2, P == pi, 3); compartment C = 2.0000000000000004; species S in C; S = 0.1
  at time > 1.0000000000000002: x = 2.0000000000000004; x is "0.12345678901234567"
end"""
PARTS = ("rates", "initial", "assignments", "constants", "events")


@pytest.fixture(scope="module")
def model():
    return ldn.Model.from_antimony(TEXT)


def test_a_number_is_read_as_python_reads_it(model):
    assert model.structure.rates[model.states.index("x")] == [
        "plus", ["times", -1.2345678901234567e-7, "x"], 1.3e-7
    ]  # fmt: skip
    assert model.parameters.value["F"] == 0.1 + 0.2
    assert model.outputs.long_name["x"] == "0.12345678901234567"


@pytest.mark.kind("sbml-digits")
def test_an_export_comes_home_with_all_digits(model):
    back = ldn.Model.from_sbml(model.to_sbml())
    assert back.values.tolist() == model.values.tolist()
    assert math.pi in back.values
    for part in PARTS:
        assert getattr(back.structure, part) == getattr(model.structure, part), part


@pytest.mark.kind("sbml-digits", sibling="Antimony text, and numbers inside formulas and events")
def test_antimony_keeps_all_digits_too(model):
    back = ldn.Model.from_antimony(model.to_antimony())
    assert dict(zip(back.parameter_ids, back.values, strict=True)) == dict(
        zip(model.parameter_ids, model.values, strict=True)
    )
    assert set(map(str, back.structure.assignments)) == set(map(str, model.structure.assignments))
    assert back.structure.events[0].trigger == model.structure.events[0].trigger


def test_a_mistake_is_shown_as_it_was_written():
    with pytest.raises(ldn.ModelError, match=r"1\.2345678901234567\*"):
        ldn.Model.from_antimony("model x\n A' = -1.2345678901234567*A*; A = 1\nend")
