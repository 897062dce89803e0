"""SBML and Antimony out: self-contained, and read back they are the same model."""

import libsbml
import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.errors import ModelError
from ldnsim.model import checks

from ..antimony_release import since_2_15

FOREIGN = """model foreign
  compartment C; species S in C, $B in C; substanceOnly species P in C
  C = 2; S = 3; B = 1.5; P = 0; J: S + $B -> P; k*S*B; k = 0.4; ratio = 1/3; x' = -ratio*x; x = k*2
  at x < 0.3: k = 2*ratio
end"""


def values_of(model):
    return dict(zip(model.parameter_ids, model.values, strict=True))


@pytest.mark.parametrize("name", ldn.list_models())
def test_a_shipped_model_comes_back_the_same(name):
    model = ldn.load_model(name)
    first = model.parameter_ids[0]
    model = model.with_parameters(**{first: 1.0625 * model.values[0]})
    back = ldn.Model.from_sbml(model.to_sbml())
    assert back.states == model.states
    assert values_of(back) == values_of(model)
    assert back.document.rules == model.document.rules
    assert back.document.initial == model.document.initial
    antimony = ldn.Model.from_antimony(model.to_antimony())
    assert set(antimony.states) == set(model.states)
    assert values_of(antimony) == values_of(model)
    assert antimony.document.rules == model.document.rules


@since_2_15
def test_a_foreign_model_comes_back_with_its_new_values():
    model = ldn.Model.from_antimony(FOREIGN).with_parameters(C=4, B=0.5, ratio=0.2)
    back = ldn.Model.from_sbml(model.to_sbml())
    assert values_of(back) == values_of(model)
    assert back.structure.rates == model.structure.rates
    times = np.linspace(0, 10, 6)
    one, two = (ldn.simulate(m, None, times=times, outputs=["S", "P", "x"], rtol=1e-9) for m in (model, back))
    for name in ("S", "P", "x"):
        np.testing.assert_allclose(one[name], two[name], rtol=1e-8)


def test_local_parameters_of_reactions_are_parameters_and_go_back():
    text = ldn.Model.from_antimony("model m\n S = 2; J: S -> ; k*S; k = 0.4\nend").to_sbml()
    start, end = text.index("<listOfParameters>"), text.index("</listOfParameters>")
    text = text[:start] + text[end + len("</listOfParameters>") :]
    local = '<listOfLocalParameters><localParameter id="k" value="0.4"/></listOfLocalParameters></kineticLaw>'
    model = ldn.Model.from_sbml(text.replace("</kineticLaw>", local))
    assert values_of(model) == {"J_k": 0.4}
    back = ldn.Model.from_sbml(model.with_parameters(J_k=0.9).to_sbml())
    assert values_of(back) == {"J_k": 0.9}


def test_the_export_says_where_numbers_come_from():
    model = ldn.load_model("ldn").with_scenario("in_vitro_tlr4").with_condition("crohn")
    sbml = libsbml.readSBMLFromString(model.to_sbml()).getModel()
    about = sbml.getNotesString()
    assert model.scenarios["in_vitro_tlr4"][:30] in about
    assert "crohn" in about
    row = model.parameters.loc["CL_ntx"]
    parameter = sbml.getParameter("CL_ntx")
    assert parameter.getValue() == row.value
    assert parameter.getName() == row.description
    notes = parameter.getNotesString()
    assert f"grade: {row.grade}" in notes
    assert f"source: {row.source.split(';')[0]}" in notes
    assert sbml.getParameter("IC50_tlr4").getValue() == model.parameters.value["IC50_tlr4"] > 1e4
    assert sbml.getParameter("plasma_naltrexone").getName() == "naltrexone in plasma"


def test_sources_with_a_doi_are_linked():
    model = ldn.load_model("ldn")
    assert "https://identifiers.org/doi:10." in model.to_sbml()


@pytest.mark.parametrize("name", ldn.list_models())
def test_libsbml_has_nothing_to_say_about_a_shipped_model(name):
    assert ldn.load_model(name).check() == ()


def test_libsbml_would_say_something():
    text = ldn.load_model("naltrexone_pk").to_sbml()
    wrong = text.replace('id="V1_ntx" name', 'id="V1_ntx" sboTerm="SBO:0000290" name').replace(
        'units="L_per_hour_per_kg"', 'units="kg"'
    )
    assert any("unit" in message.lower() for message in checks.messages_of(wrong))


def test_a_wrong_scale_is_found_though_libsbml_is_silent():
    text = """model m
        unit mg = 1e-3 gram; unit g = gram; unit hour = 3600 second; unit time_unit = 3600 second
        unit per_minute = 1/60 second; unit per_hour = 1/3600 second
        const k has per_minute; var A has mg, total has g; k = 1; A = 2 mg; A' = -k*A; total := A
        end"""
    with pytest.warns(UserWarning, match="rateRule of 'A'"):
        model = ldn.Model.from_antimony(text)
    messages = model.check()
    assert len(messages) == 2
    assert "rateRule of 'A': the formula's unit is 60 times" in "".join(messages)
    assert "assignmentRule of 'total': the formula's unit is 0.001 times" in "".join(messages)


@since_2_15
def test_references_are_those_of_the_parameters():
    model = ldn.load_model("ldn")
    keys = {k for s in model.parameters.source for k in s.split(";") if k and k != "assumed"}
    text = model.references()
    assert text.count("\n@") + text.startswith("@") == len(keys)
    assert all(f"{{{key}," in text for key in keys)
    assert ldn.Model.from_antimony(FOREIGN).references() == ""


def test_sources_without_a_bibliography_are_refused(tmp_path):
    (tmp_path / "model.ant").write_text("model m\n x' = -k*x; x = 1; const k\nend", encoding="utf-8")
    (tmp_path / "parameters.csv").write_text(
        "id,value,unit,description,grade,source\nk,1,,rate,measured,Smith2001\n", encoding="utf-8"
    )
    with pytest.raises(ModelError, match=r"no references\.bib"):
        ldn.load_model(tmp_path).references()


def test_a_compartment_without_dimensions_comes_home():
    text = ldn.Model.from_antimony(
        "model m\n compartment C = 1; species A in C, $B in C; A = 5; B = 2; J: A -> ; k*A*B; k = 0.1\nend"
    ).to_sbml()
    text = text.replace('spatialDimensions="3" size="1"', 'spatialDimensions="0"').replace(
        "Concentration", "Amount"
    )
    model = ldn.Model.from_sbml(text)
    back = ldn.Model.from_sbml(model.with_parameters(B=3).to_sbml())
    assert back.parameters.value["B"] == 3
    assert back.structure.rates == model.structure.rates


def test_a_local_parameter_that_shadows_a_species_comes_home():
    text = ldn.Model.from_antimony(
        "model m\n species S; S = 2; J: S -> ; k*S + 0*q; k = 0.4; q = 1\nend"
    ).to_sbml()
    local = (
        '<listOfLocalParameters><localParameter id="S" value="0.25"/></listOfLocalParameters></kineticLaw>'
    )
    older = text.replace("version2/core", "version1/core").replace('version="2"', 'version="1"')
    older = older.replace('<reaction id="J"', '<reaction id="J" fast="false"')
    model = ldn.Model.from_sbml(older.replace("</kineticLaw>", local))
    back = ldn.Model.from_sbml(model.to_sbml())
    for one in (model, back):  # S in the law is the parameter, 0.25: the species falls by k x 0.25
        ds = ldn.simulate(one, None, times=[0.0, 1.0], outputs=["S"])
        assert float(ds.S[1]) == pytest.approx(2 - 0.4 * 0.25)
    assert back.parameter_ids == model.parameter_ids


def test_algebraic_rules_are_exported_as_what_they_come_to():
    """Few tools solve equations; libRoadRunner refuses them."""
    text = ldn.Model.from_antimony("model m; x' = -0.5*x; x = 2; y = 1; z = 1; c = 3; end").to_sbml()
    for name in ("y", "z"):
        text = text.replace(
            f'<parameter id="{name}" value="1" constant="true"/>',
            f'<parameter id="{name}" constant="false"/>',
        )
    rule = "<algebraicRule><math xmlns='http://www.w3.org/1998/Math/MathML'>{}</math></algebraicRule>"
    twice = "<apply><minus/><apply><times/><cn>2</cn><ci>y</ci></apply><ci>x</ci></apply>"
    bent = (
        "<piecewise><piece><apply><plus/><ci>y</ci><ci>z</ci></apply><apply><gt/><ci>x</ci><cn>1</cn></apply></piece>"
        "<otherwise><apply><minus/><ci>z</ci><ci>c</ci></apply></otherwise></piecewise>"
    )
    text = text.replace("</listOfRules>", rule.format(twice) + rule.format(bent) + "</listOfRules>")
    model = ldn.Model.from_sbml(text).with_parameters(c=4)
    exported = model.to_sbml()
    assert "algebraicRule" not in exported
    back = ldn.Model.from_sbml(exported)
    for each in (model, back, ldn.Model.from_antimony(model.to_antimony())):
        ds = ldn.simulate(each, None, times=[0.0, 1.0, 2.0], outputs=["x", "y", "z"], rtol=1e-9)
        x = 2 * np.exp(-0.5 * np.array([0.0, 1.0, 2.0]))
        np.testing.assert_allclose(ds.y, x / 2, rtol=1e-7)
        np.testing.assert_allclose(ds.z, np.where(x > 1, -x / 2, 4.0), rtol=1e-7)


@pytest.mark.parametrize(
    "text",
    [
        "piecewise(1, time > 2 && x < 3, 2, !(x > 1), 3e-21)",
        "x^2 + exp(-x) * arctan(x) / 7e300 - 0.1234567890123456789",
        "delay(x, 2) + abs(-x)",
    ],
)
def test_a_formula_comes_back_from_its_mathml(text):
    import libsbml

    from ldnsim.model.mathml import formula_of
    from ldnsim.model.mathml_text import mathml_of

    formula = formula_of(libsbml.parseL3Formula(text), {}, "a formula")
    assert formula_of(libsbml.readMathMLFromString(mathml_of(formula)), {}, "a formula") == formula
