"""Reading: the mistake is named with its line, and a document read once needs no parser again."""

import math
import subprocess
import sys

import pytest

import ldnsim as ldn
from ldnsim.errors import ModelError
from ldnsim.model import Model, document

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model id="m">\n'
    '<listOfParameters><parameter id="a" constant="false"/><parameter id="b" constant="false"/>'
    '<parameter id="k" value="1" constant="true"/></listOfParameters>\n'
)
MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'


def sbml(body):
    return f"{HEAD}{body}</model></sbml>"


def rules(**formulas):
    inner = "".join(
        f'<assignmentRule variable="{x}">{MATH.format(f)}</assignmentRule>\n' for x, f in formulas.items()
    )
    return sbml(f"<listOfRules>\n{inner}</listOfRules>")


ANTIMONY_MISTAKES = {
    "a formula that ends too soon": (
        "model x\n A' = -k*A*; k = 1\nend",
        r"^line 2: .*-k\*A\*.*unexpected end",
    ),
    "two statements in one": ("model x\n A' = -k*A\n A = 1 k = 2\nend", r"^line 3: syntax error"),
    "a circle of rules": ("model x\n a := b\n b := a\nend", r"^line 3: Loop detected"),
    "two kinds of rule": ("A' = -A\nA := 3", r"^line 2: .*rate rule"),
    "an unknown function": ("model x\n a := foo(3)\nend", r"'foo' was used as a function"),
    "a parameter without value": ("model x\n A' = -k*A; A = 1\nend", r"no value is given for 'k'"),
    "a state that starts nowhere": (
        "model x\n A' = -k*A; k = 1\nend",
        r"'A' changes in time but has no initial",
    ),
    "no model at all": ("  // nothing\n", "holds no model"),
    "letters beyond ASCII": ("model x\n // naïve\n µ' = 1; µ = 1\nend", r"^line 3: names .* ASCII"),
    "a zero byte": ("model x\n A' = \0 1\nend", r"^line 2: .*zero bytes"),
    "a number beyond double precision": ("model x\n A' = 1; A = 1e400\nend", "'e400' is too large"),
    "a reaction without a rate": ("model x\n S = 1; J: S -> ;\nend", r"reaction 'J': has no rate"),
}


@pytest.mark.parametrize(("text", "message"), ANTIMONY_MISTAKES.values(), ids=ANTIMONY_MISTAKES)
def test_a_mistake_in_antimony_is_named(text, message):
    with pytest.raises(ModelError, match=message):
        Model.from_antimony(text)


SBML_MISTAKES = {
    "an id given twice": (
        sbml("").replace('id="b" constant', 'id="a" constant'),
        r"^line 3: Duplicate 'id' .*<parameter> id 'a'",
    ),
    "a circle of rules": (rules(a="<ci>b</ci>", b="<ci>a</ci>"), r"[Cc]ircular|circle"),
    "an unknown id": (rules(a="<ci>zz</ci>"), r"^line 5: .*'zz'"),
    "an unclosed token": ("<sbml", r"^line \d+: Unclosed"),
    "another XML file": ("<html></html>", "SBML"),
    "no file of that name": ("missing.xml", "'missing.xml': is neither model text nor the path"),
    "a package that changes the mathematics": (
        sbml("").replace(
            'level="3" version="2">',
            'xmlns:qual="http://www.sbml.org/sbml/level3/version1/qual/version1" qual:required="true" '
            'level="3" version="2">',
        ),
        "package 'qual'",
    ),
}


@pytest.mark.parametrize(("text", "message"), SBML_MISTAKES.values(), ids=SBML_MISTAKES)
def test_a_mistake_in_sbml_is_named(text, message):
    with pytest.raises(ModelError, match=message):
        Model.from_sbml(text)


def test_a_fast_reaction_is_refused_by_name():
    text = Model.from_antimony("model x\n S = 1; J: S -> ; k*S; k = 1\nend").to_sbml()
    text = text.replace("version2/core", "version1/core").replace('version="2"', 'version="1"')
    with pytest.raises(ModelError, match="reaction 'J': fast reactions"):
        Model.from_sbml(text.replace('<reaction id="J"', '<reaction id="J" fast="true"'))


def test_functions_that_grow_without_limit_are_refused():
    calls = "".join(f"function f{i}(x)\n f{i - 1}(x)*f{i - 1}(x)+f{i - 1}(x)\nend\n" for i in range(1, 15))
    with pytest.raises(ModelError, match="grows beyond"):
        Model.from_antimony(f"function f0(x)\n x*x+x\nend\n{calls}model *m()\n x' = f14(x); x = 1\nend")


def test_a_sum_of_a_thousand_terms_is_no_problem():
    terms = [f"k{i}*x" for i in range(1200)]
    values = "; ".join(f"k{i} = 1" for i in range(1200))
    model = Model.from_antimony(f"model m\n x' = {' - '.join(terms)}; x = 1; {values}\nend")
    assert len(model.structure.rates[0]) == 1201


def test_latin_1_files_of_older_tools_are_read(tmp_path):
    text = Model.from_antimony('model m\n x\' = -x; x = 1; x is "Substanz"\nend').to_sbml()
    path = tmp_path / "old.xml"
    path.write_bytes(text.replace("UTF-8", "ISO-8859-1").replace("Substanz", "Präparat").encode("latin-1"))
    assert Model.from_sbml(path).states == ("x",)


def test_a_document_is_kept_and_read_again_without_a_parser(tmp_path, monkeypatch):
    monkeypatch.setenv("LDNSIM_CACHE_DIR", str(tmp_path))
    text = "model kept\n A' = -k*A; A = 1; k = 0.5\nend"
    first = document.read_antimony(text)
    assert len(list((tmp_path / "documents").glob("*.json"))) == 1

    def refuse(*_):
        raise RuntimeError("the parser is called again")

    monkeypatch.setattr(document, "sbml_of_antimony", refuse)
    assert document.read_antimony(text) == first


def test_a_spoilt_cache_file_is_read_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("LDNSIM_CACHE_DIR", str(tmp_path))
    text = "model kept\n A' = -k*A; A = 1; k = 0.5\nend"
    first = document.read_antimony(text)
    for path in (tmp_path / "documents").glob("*.json"):
        path.write_text('{"name": "kept"}', encoding="utf-8")
    assert document.read_antimony(text) == first


def test_an_imported_file_is_looked_up_every_time(tmp_path):
    (tmp_path / "part.ant").write_text("model part()\n x' = -x; x = 2\nend", encoding="utf-8")
    text = 'import "part.ant"\nmodel *whole()\n p: part()\nend'
    assert Model.from_antimony(text, folder=tmp_path).structure.initial == (2.0,)
    (tmp_path / "part.ant").write_text("model part()\n x' = -x; x = 3\nend", encoding="utf-8")
    assert Model.from_antimony(text, folder=tmp_path).structure.initial == (3.0,)


HEAVY = "('sympy', 'libsbml', 'antimony', 'pandas', 'numba', 'xarray', 'matplotlib')"


def test_a_second_process_loads_without_heavy_imports(tmp_path):
    script = (
        "import sys, ldnsim as ldn\n"
        "m = ldn.load_model('ldn'); m.values; m.states; m.observables; m.hash; m.with_parameters(ka=1.0)\n"
        f"print(*[x for x in {HEAVY} if x in sys.modules])"
    )
    import os

    environment = {**os.environ, "LDNSIM_CACHE_DIR": str(tmp_path)}
    runs = [
        subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert "libsbml" in runs[0]  # cold: the text has to be read
    assert runs[1] == []


@pytest.mark.parametrize("level", [(2, 3), (2, 4), (3, 1)])
def test_older_levels_mean_the_same(level):
    import libsbml

    text = """function sq(x)
      x*x
    end
    model *m()
      compartment C = 2; species S in C, $B in C; S = 3; B = 1; k = 0.3; P = 0
      J: 2 S + B -> ; k*sq(S)*C; x' = S + time; x = q; q = 2*k; at time > 2: k2 = 5, x = 1
      k2 = 1; y := piecewise(x, x > k2, 0)
    end"""
    model = Model.from_antimony(text)
    older = libsbml.readSBMLFromString(model.document.sbml)
    assert older.setLevelAndVersion(*level, False)
    other = Model.from_sbml(libsbml.writeSBMLToString(older))
    for part in ("states", "rates", "initial", "assignments", "constants", "events", "values"):
        assert getattr(other.structure, part) == getattr(model.structure, part), part


def test_level_2_stoichiometries_from_formulas():
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
    <sbml xmlns="http://www.sbml.org/sbml/level2/version4" level="2" version="4"><model id="m">
    <listOfCompartments><compartment id="C" size="1"/></listOfCompartments>
    <listOfSpecies><species id="S" compartment="C" initialAmount="1"/></listOfSpecies>
    <listOfParameters><parameter id="n" value="3"/></listOfParameters>
    <listOfReactions><reaction id="J"><listOfProducts><speciesReference species="S"><stoichiometryMath>
    {MATH.format("<apply><times/><cn>2</cn><ci>n</ci></apply>")}</stoichiometryMath></speciesReference>
    </listOfProducts><kineticLaw>{MATH.format("<ci>k</ci>")}<listOfParameters>
    <parameter id="k" value="0.5"/></listOfParameters></kineticLaw></reaction></listOfReactions>
    </model></sbml>"""
    import ldnsim as ldn

    model = Model.from_sbml(text.strip())
    assert dict(zip(model.parameter_ids, model.values, strict=True)) == {"C": 1.0, "n": 3.0, "J_k": 0.5}
    result = ldn.simulate(model, None, times=[0.0, 2.0], outputs=["S"])
    assert result.time.attrs["units"] == "s"
    assert result.S.values == pytest.approx([1.0, 1.0 + 2 * 3 * 0.5 * 2], rel=1e-9)


LEVEL_2_FORMULAS = {  # as written in level 2, and in the export: a number, or a formula of constants
    "a number": ("<cn>3</cn>", 'species="S" stoichiometry="3" constant="true"', 3.0),
    "arithmetic": (
        "<apply><divide/><cn>3</cn><cn>2</cn></apply>",
        'stoichiometry="1.5" constant="true"',
        1.5,
    ),
    "a constant": ("<apply><times/><cn>2</cn><ci>n</ci></apply>", "<initialAssignment", 6.0),
    "a constant that moves": ("<ci>p</ci>", "<assignmentRule", 4.0),
    "time": (
        '<apply><plus/><cn>1</cn><csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">'
        "t</csymbol></apply>",
        "<assignmentRule",
        2.0,  # on average from 0 to 2
    ),
}


@pytest.mark.filterwarnings("ignore:model 'm'. units do not agree")  # time is no pure number
@pytest.mark.parametrize(
    ("formula", "written", "factor"), LEVEL_2_FORMULAS.values(), ids=LEVEL_2_FORMULAS.keys()
)
def test_a_stoichiometry_that_keeps_its_value_is_exported_without_a_rule(formula, written, factor):
    import ldnsim as ldn

    text = f"""<?xml version="1.0" encoding="UTF-8"?>
    <sbml xmlns="http://www.sbml.org/sbml/level2/version4" level="2" version="4"><model id="m">
    <listOfCompartments><compartment id="C" size="1"/></listOfCompartments>
    <listOfSpecies><species id="S" compartment="C" initialAmount="1"/></listOfSpecies>
    <listOfParameters><parameter id="n" value="3"/><parameter id="p" value="4" constant="false"/>
    </listOfParameters>
    <listOfReactions><reaction id="J"><listOfProducts><speciesReference species="S"><stoichiometryMath>
    {MATH.format(formula)}</stoichiometryMath></speciesReference>
    </listOfProducts><kineticLaw>{MATH.format("<cn>0.5</cn>")}</kineticLaw></reaction></listOfReactions>
    </model></sbml>"""
    model = Model.from_sbml(text.strip())
    exported = model.to_sbml()
    assert written in exported
    for each in (model, Model.from_sbml(exported)):
        result = ldn.simulate(each, None, times=[0.0, 2.0], outputs=["S"])
        assert result.S.values == pytest.approx([1.0, 1.0 + factor], rel=1e-9)


def test_a_kinetic_law_without_a_formula_does_nothing():
    model = ldn.Model.from_antimony("model a; species S in c; compartment c = 1; S = 2; J: S -> ; 0.5*S; end")
    start, rest = model.to_sbml().split("<kineticLaw>")
    empty = ldn.Model.from_sbml(f"{start}<kineticLaw/>{rest.split('</kineticLaw>')[1]}")
    assert float(ldn.simulate(empty, None, times=[0.0, 5.0], outputs=["S"]).S[-1]) == 2.0


def test_a_species_is_its_concentration_in_a_compartment_of_any_size_whatever_moves_it():
    body = """compartment c = 4, d = 4; d' = 1; species S in c, R in c, T in c, B in c, W in d
      S' = -0.1*S; S = 3; R = 5; J: R -> ; 0.2*R*c; T := 2*time + 1; B = 6; const B; W' = -0.1*W; W = 7"""
    model = ldn.Model.from_antimony(f"model a; {body}; end")
    ds = ldn.simulate(model, None, times=[0.0, 2.0], outputs=["S", "R", "T", "B", "W"], rtol=1e-9)
    ends = {"S": [3.0, 3.0 * math.exp(-0.2)], "R": [5.0, 5.0 * math.exp(-0.4)], "T": [1.0, 5.0], "B": [6.0, 6.0]}
    for name, values in (ends | {"W": [7.0, 7.0 * math.exp(-0.2)]}).items():
        assert ds[name].values == pytest.approx(values), name


SPACES = [(2, 1, "level2/version1"), (2, 4, "level2"), (2, 3, "level2/version4"), (1, 2, "level2")]
SPACES += [(3, 2, "level3/version1/core")]


@pytest.mark.parametrize(("level", "version", "space"), SPACES)
def test_a_namespace_of_another_level_is_refused_by_name(level, version, space):
    """With a stoichiometry by formula libSBML would end the process."""
    k = MATH.format("<ci>k</ci>")
    one = f'<speciesReference species="S"><stoichiometryMath>{k}</stoichiometryMath></speciesReference>'
    text = (
        f'<sbml xmlns="http://www.sbml.org/sbml/{space}" level="{level}" version="{version}"><model id="m">'
        '<listOfCompartments><compartment id="C" size="2"/></listOfCompartments>'
        '<listOfSpecies><species id="S" compartment="C" initialConcentration="3"/></listOfSpecies>'
        '<listOfParameters><parameter id="k" value="1"/></listOfParameters>'
        f'<listOfReactions><reaction id="J"><listOfReactants>{one}</listOfReactants>'
        f"<kineticLaw>{k}</kineticLaw></reaction></listOfReactions></model></sbml>"
    )
    with pytest.raises(ModelError, match=f"^line 2: the namespace .*{space}' is not that of level {level}"):
        Model.from_sbml("\n" + text)
