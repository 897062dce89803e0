"""Model files as other tools write them: encodings, submodels beside the model, what is left open."""

import warnings

import pytest

import ldnsim as ldn
from ldnsim.errors import ModelError
from ldnsim.model import files

CORE = 'xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"'
BODY = (
    '<model id="m"{}><listOfParameters><parameter id="x" name="{}" value="1" constant="false"/>'
    '</listOfParameters><listOfRules><rateRule variable="x"><math xmlns="http://www.w3.org/1998/Math/MathML">'
    "<cn>2</cn></math></rateRule></listOfRules></model></sbml>"
)


def sbml(head='<?xml version="1.0" encoding="UTF-8"?>\n', name="x", attributes=""):
    return f"{head}<sbml {CORE}>{BODY.format(attributes, name)}"


def loaded(path):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model = ldn.load_model(path)
    return model, [str(w.message) for w in told]


HEADS = {
    "UTF-16 with a mark": ("utf-16", '<?xml version="1.0" encoding="UTF-16"?>\n'),
    "UTF-16 without a mark": ("utf-16-le", '<?xml version="1.0" encoding="UTF-16"?>\n'),
    "no encoding": ("utf-8", '<?xml version="1.0"?>\n'),
    "no declaration": ("utf-8", ""),
    "a mark before UTF-8": ("utf-8-sig", '<?xml version="1.0" encoding="UTF-8"?>\n'),
    "Windows-1252": ("cp1252", '<?xml version="1.0" encoding="windows-1252"?>\n'),
    "Latin-1 undeclared": ("latin-1", ""),
    "an empty line first": ("utf-8", '\n\n<?xml version="1.0" encoding="UTF-8"?>\n'),
}


@pytest.mark.kind("sbml-files")
@pytest.mark.parametrize(("encoding", "head"), HEADS.values(), ids=HEADS)
def test_a_file_of_any_encoding_is_read(encoding, head, tmp_path):
    path = tmp_path / "m.xml"
    path.write_bytes(sbml(head, "größe").encode(encoding))
    model, told = loaded(path)
    assert (model.outputs.long_name["x"], told) == ("größe", [])


def test_bytes_that_are_no_text_are_still_decoded():
    assert files.decoded(b'<?xml version="1.0" encoding="nonsense"?>\xe4').endswith("ä")


def test_lines_of_a_mistake_are_those_of_the_text():
    wrong = sbml("\n\n").replace("</rateRule>", "</rateRule>\n<rateRule variable='nothing'/>")
    with pytest.raises(ModelError, match=r"^line 4: .*nothing"):
        ldn.Model.from_sbml(wrong)


@pytest.mark.kind("sbml-files", sibling="a unit, a size or a stoichiometry that is not there")
def test_what_is_left_open_is_assumed_as_elsewhere_with_one_warning(tmp_path):
    path = tmp_path / "m.xml"
    path.write_text(sbml(attributes=' areaUnits="nowhere"'), encoding="utf-8")
    model, told = loaded(path)
    assert model.states == ("x",)
    assert len(told) == 1
    assert "'nowhere'" in told[0]

    text = ldn.Model.from_antimony(
        "model m\n compartment C = 2; species S in C; S = 3; J: 2 S -> ; C*S\nend"
    ).to_sbml()
    assert ' stoichiometry="2"' in text
    path.write_text(text.replace(' size="2"', "").replace(' stoichiometry="2"', ""), encoding="utf-8")
    model, told = loaded(path)
    assert len(told) == 1
    assert "reaction 'J': no stoichiometry is given for 'S'; 1 is assumed" in told[0]
    assert "1 more" in told[0]
    ds = ldn.simulate(model, None, times=[0.0, 1.0], outputs=["S"])
    assert float(ds.S[1]) == pytest.approx(3 * 2.718281828459045**-1, rel=1e-5)


def test_constraints_are_told_of():
    import libsbml

    document = libsbml.readSBMLFromString(sbml())
    constraint = document.getModel().createConstraint()
    constraint.setMath(libsbml.parseL3Formula("x < 5"))
    with pytest.warns(UserWarning, match="1 constraints are not checked: x < 5"):
        ldn.Model.from_sbml(libsbml.writeSBMLToString(document))


@pytest.mark.kind("trigger-without-change")
def test_a_delay_behind_its_word_is_told_of():
    text = "A' = -k*A; A = 10; k = 0.1; E1: at after 2 (time > 3): A = 5"
    with pytest.warns(UserWarning, match="event 'E1': its trigger never changes.*at 2 after"):
        ldn.Model.from_antimony(text)  # Antimony reads a trigger that is true from it
    ldn.Model.from_antimony(text.replace("after 2", "2 after"))


@pytest.mark.kind("trigger-without-change", sibling="a trigger of numbers alone")
@pytest.mark.parametrize("trigger", ["2 > 1", "true", "2 > 1 && 3 < 2"])
def test_a_trigger_of_numbers_is_told_of(trigger):
    with pytest.warns(UserWarning, match="its trigger never changes"):
        ldn.Model.from_antimony(f"A' = -k*A; A = 10; k = 0.1; at ({trigger}), t0=false: A = 5")


@pytest.mark.parametrize("name", ["my species", "α", "2x"])
def test_an_id_that_is_none_is_named(name):
    with pytest.raises(ModelError, match=f"{name!r}; an id is made of letters"):
        ldn.Model.from_sbml(sbml().replace('id="x"', f'id="{name}"').replace('"x"', f'"{name}"'))


def test_pictures_and_groups_are_passed_over():
    for package, version in (("layout", 1), ("render", 1), ("groups", 1)):
        space = f"http://www.sbml.org/sbml/level3/version1/{package}/version{version}"
        text = sbml().replace("<sbml ", f'<sbml xmlns:{package}="{space}" {package}:required="false" ', 1)
        assert ldn.Model.from_sbml(text).states == ("x",)


def test_a_flux_balance_is_refused_by_name():
    space = "http://www.sbml.org/sbml/level3/version1/fbc/version2"
    text = sbml().replace("<sbml ", f'<sbml xmlns:fbc="{space}" fbc:required="false" ', 1)
    text = text.replace("<model ", '<model fbc:strict="false" ', 1)
    reaction = '<listOfReactions><reaction id="J" reversible="false"/></listOfReactions></model>'
    with pytest.raises(ModelError, match=r"package 'fbc' .*reaction 'J' has no rate"):
        ldn.Model.from_sbml(text.replace("</model>", reaction))


COMP = 'xmlns:comp="http://www.sbml.org/sbml/level3/version1/comp/version1" comp:required="true"'
OUTER = f"""<?xml version="1.0" encoding="UTF-8"?>
<sbml {CORE} {COMP}><model id="outer"><comp:listOfSubmodels><comp:submodel comp:id="A" comp:modelRef="ext"/>
</comp:listOfSubmodels></model><comp:listOfExternalModelDefinitions>
<comp:externalModelDefinition comp:id="ext" comp:source="SOURCE"/></comp:listOfExternalModelDefinitions></sbml>"""


@pytest.mark.kind("sbml-submodel-files")
def test_a_submodel_comes_from_a_file_beside_the_model(tmp_path):
    (tmp_path / "inner.xml").write_text(sbml().replace(CORE, f"{CORE} {COMP}"), encoding="utf-8")
    (tmp_path / "outer.xml").write_text(OUTER.replace("SOURCE", "inner.xml"), encoding="utf-8")
    model = ldn.load_model(tmp_path / "outer.xml")
    assert float(ldn.simulate(model, None, times=[0.0, 2.0]).A__x[-1]) == pytest.approx(5.0)
    # the file beside it may change
    changed = sbml().replace(CORE, f"{CORE} {COMP}").replace("<cn>2</cn>", "<cn>3</cn>")
    (tmp_path / "inner.xml").write_text(changed, encoding="utf-8")
    assert float(
        ldn.simulate(ldn.load_model(tmp_path / "outer.xml"), None, times=[0.0, 2.0]).A__x[-1]
    ) == pytest.approx(7.0)


@pytest.mark.kind("sbml-submodel-files", sibling="a file elsewhere, or none")
@pytest.mark.parametrize(
    "source", ["../inner.xml", "/etc/hosts", "http://example.org/inner.xml", "missing.xml"]
)
def test_a_submodel_from_elsewhere_is_refused(source, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "inner.xml").write_text(sbml(), encoding="utf-8")
    path = tmp_path / "models" / "outer.xml"
    path.write_text(OUTER.replace("SOURCE", source), encoding="utf-8")
    with pytest.raises(ModelError, match="must lie beside the model"):
        ldn.load_model(path)
    with pytest.raises(ModelError, match="load it by its path"):
        ldn.Model.from_sbml(path.read_text(encoding="utf-8"))


SPECIES = """<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model id="m">
<listOfCompartments><compartment id="c" size="1" constant="true"/></listOfCompartments><listOfSpecies>
<species id="S" compartment="c" initialAmount="1" hasOnlySubstanceUnits="false" boundaryCondition="false" constant="false"/>
<species id="P" compartment="c" hasOnlySubstanceUnits="false" boundaryCondition="false" constant="false"/></listOfSpecies>
<listOfReactions><reaction id="r" reversible="false"><listOfReactants>
<speciesReference species="S" stoichiometry="1" constant="true"/></listOfReactants><listOfProducts>
<speciesReference species="P" stoichiometry="1" constant="true"/></listOfProducts><kineticLaw>
<math xmlns="http://www.w3.org/1998/Math/MathML"><ci>S</ci></math></kineticLaw></reaction></listOfReactions></model></sbml>"""


@pytest.mark.kind("sbml-files", sibling="a species that has no first value")
def test_a_species_without_a_first_value_starts_at_0_with_a_warning(tmp_path):
    path = tmp_path / "m.xml"
    path.write_text(SPECIES)
    model, told = loaded(path)
    assert told == ["model 'm': species 'P': no first value is given; 0 is assumed"]
    ds = ldn.simulate(model, None, times=[0.0, 1.0], rtol=1e-9)
    assert ds.P.values == pytest.approx([0.0, 0.6321205588], abs=1e-8)


def test_a_text_of_ones_own_must_say_where_species_start():
    with pytest.raises(ModelError, match="'S' changes in time but has no initial value"):
        ldn.Model.from_antimony("J: S -> ; k*S; k = 1")


def test_a_package_that_level_2_does_not_know_is_passed_over_if_it_changes_no_number(tmp_path):
    path = tmp_path / "m.xml"
    text = """<sbml xmlns="http://www.sbml.org/sbml/level2/version4" xmlns:{0}="http://www.sbml.org/sbml/level3/version1/{0}/version1"
    {0}:required="false" level="2" version="4"><model id="m"><listOfParameters><parameter id="x" value="1" constant="false"/>
    </listOfParameters><listOfRules><rateRule variable="x"><math xmlns="http://www.w3.org/1998/Math/MathML"><cn>2</cn></math>
    </rateRule></listOfRules></model></sbml>"""
    path.write_text(text.format("layout"))
    model, told = loaded(path)
    assert (model.states, told) == (("x",), [])


@pytest.mark.kind("sbml-packages")
@pytest.mark.parametrize("package", ["arrays", "distrib", "dyn", "multi", "qual", "spatial"])
def test_a_package_that_changes_the_mathematics_is_refused_by_name(package):
    space = f"http://www.sbml.org/sbml/level3/version1/{package}/version1"
    text = sbml().replace("<sbml ", f'<sbml xmlns:{package}="{space}" {package}:required="true" ', 1)
    with pytest.raises(ModelError, match=f"the SBML package '{package}' changes the mathematics"):
        ldn.Model.from_sbml(text)


@pytest.mark.kind("sbml-packages", sibling="a function that an annotation makes a random number")
def test_a_function_that_draws_by_its_annotation_is_refused():
    drawing = """<listOfFunctionDefinitions><functionDefinition id="gauss"><annotation>
    <distribution xmlns="http://sbml.org/annotations/distribution" definition="http://en.wikipedia.org/wiki/Normal_distribution"/>
    </annotation><math xmlns="http://www.w3.org/1998/Math/MathML"><lambda><bvar><ci>a</ci></bvar><ci>a</ci></lambda></math>
    </functionDefinition></listOfFunctionDefinitions>"""
    with pytest.raises(ModelError, match="function 'gauss': draws random numbers"):
        ldn.Model.from_sbml(sbml().replace("<listOfParameters>", drawing + "<listOfParameters>", 1))


@pytest.mark.kind("sbml-packages", sibling="Antimony's own random functions")
def test_random_functions_of_antimony_are_refused():
    with pytest.raises(ModelError, match="'distrib'"):
        ldn.Model.from_antimony("x' = 1; x = normal(3, 0.1)")


@pytest.mark.kind("too-large", sibling="a folder in place of a model file")
def test_a_folder_is_no_model_file(tmp_path):
    with pytest.raises(ModelError, match=r"source=.*: is a folder, not a file"):
        ldn.Model.from_sbml(tmp_path)
