"""A model folder: one home for each number, and every slip of the tables named with file and line."""

import pytest

import ldnsim as ldn
from ldnsim.errors import ModelError

ANT = """model small
  unit per_hour = 1/3600 second; unit none = dimensionless; unit mg = 1e-3 gram
  const k has per_hour, tlag has none
  var A has mg, twice has mg
  A' = -k*A; A = 1 mg
  twice := 2 none*A
end
"""
TABLE = """id,value,unit,description,iiv_cv,uncertainty_gsd,lower,upper,grade,source,note
k,0.5,per_hour,elimination,0.3,1.2,0.1,1,measured,Smith2001;Jones2002,"one, two"
tlag,0.25,none,lag of absorption,,,,,assumed,assumed,
"""
OUTPUTS = "id,unit,long_name\ntwice,mg,twice the amount\n"
SCENARIOS = """[slow]
description = "It is eliminated slowly."
source = "Lee2003"
[slow.parameters]
k = 0.1

[usual]
description = "The table as it stands."
"""
CONDITIONS = """name,description,k,tlag,grade,source,note
old,an old subject,0.4,,assumed,Kim2004,
late,absorbed late,,2,assumed,assumed,
"""
FILES = {
    "model.ant": ANT,
    "parameters.csv": TABLE,
    "outputs.csv": OUTPUTS,
    "scenarios.toml": SCENARIOS,
    "conditions.csv": CONDITIONS,
    "model.toml": 'title = "A small one"\ndescription = "To see how it goes."\n',
}


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "small"
    home.mkdir()
    for name, text in FILES.items():
        (home / name).write_text(text, encoding="utf-8")
    return home


def test_tables_and_equations_become_one_model(folder):
    model = ldn.load_model(folder)
    assert (model.name, model.title, model.description) == ("small", "A small one", "To see how it goes.")
    assert model.parameter_ids == ("k", "tlag")
    assert model.observables == ("twice",)
    assert model.outputs.loc["twice"].tolist() == ["mg", "twice the amount", "observable"]
    assert "k" not in model.outputs.index  # a shipped model's parameters are no outputs
    row = model.parameters.loc["k"]
    assert row.tolist() == [
        0.5,
        "1/h",
        "elimination",
        0.3,
        1.2,
        0.1,
        1.0,
        "measured",
        "Smith2001;Jones2002",
        "",
        "one, two",
    ]
    assert ldn.load_model(folder / "model.ant") == model


def test_scenarios_and_conditions_set_values(folder):
    model = ldn.load_model(folder)
    assert model.scenarios == {"slow": "It is eliminated slowly.", "usual": "The table as it stands."}
    assert list(model.conditions) == ["old", "late"]
    assert model.with_scenario("slow").values.tolist() == [0.1, 0.25]
    assert model.with_condition("old").values.tolist() == [0.4, 0.25]
    assert model.with_condition("late").with_scenario("slow").values.tolist() == [0.1, 2.0]
    assert model.with_scenario("slow").with_scenario("usual") == model
    assert model.with_scenario("slow").with_scenario(None).values.tolist() == [0.5, 0.25]
    assert repr(model.with_scenario("slow")).endswith("scenario 'slow'>")


def test_a_scenario_may_hold_all_its_words(folder):
    (folder / "scenarios.toml").write_text(SCENARIOS.replace('source = "Lee2003"', 'source = "Lee2003"\nstructure = true'))
    assert ldn.load_model(folder).with_scenario("slow").values.tolist() == [0.1, 0.25]


def test_the_later_word_wins(folder):
    model = ldn.load_model(folder)
    assert model.with_scenario("slow").with_parameters(k=0.9).values[0] == 0.9
    assert model.with_parameters(k=0.9).with_scenario("slow").values[0] == 0.1
    assert model.with_parameters(k=0.9, tlag=3).with_condition("old").values.tolist() == [0.4, 3.0]


def test_an_unknown_scenario_or_condition_suggests_the_nearest(folder):
    model = ldn.load_model(folder)
    with pytest.raises(KeyError, match=r"scenario='slw'.*'slow'"):
        model.with_scenario("slw")
    with pytest.raises(KeyError, match=r"condition='odl'.*'old'"):
        model.with_condition("odl")


def test_a_changed_table_is_read_again(folder):
    assert ldn.load_model(folder).values[0] == 0.5
    (folder / "parameters.csv").write_text(TABLE.replace("k,0.5", "k,0.75"), encoding="utf-8")
    assert ldn.load_model(folder).values[0] == 0.75


def test_a_folder_may_borrow_the_tables_of_another(folder):
    part = folder.parent / "part"
    part.mkdir()
    (part / "model.ant").write_text(ANT.replace(", tlag has none", ""), encoding="utf-8")
    (part / "model.toml").write_text('tables_from = "small"\n', encoding="utf-8")
    model = ldn.load_model(part)
    assert model.parameter_ids == ("k",)  # only what its equations declare
    assert model.values.tolist() == [0.5]


@pytest.mark.parametrize(
    ("text", "words"),
    [('titel = "x"', "model.toml: 'titel' is none of title, "), ("title = 3", "model.toml: 'title' must be a text")],
)
def test_a_slip_in_the_settings_is_named(folder, text, words):
    (folder / "model.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=words):
        ldn.load_model(folder)


SLIPS = {
    "a number in both places": (
        "model.ant",
        "tlag has none",
        "tlag = 1; tlag has none",
        "'tlag': has a value both",
    ),
    "a number outside the table": (
        "model.ant",
        "var A has",
        "const q = 3; var B := q; var A has",
        "'q': has its value, 3, in model.ant",
    ),
    "a parameter without a value": (
        "parameters.csv",
        "k,0.5",
        "other,0.5",
        "'other': model.ant does not declare it",
    ),
    "a parameter without a row": (
        "model.ant",
        "var A has",
        "const q has none; var B := q; var A has",
        "'q': has no value; give it a row",
    ),
    "a value that is computed": (
        "model.ant",
        "var A has",
        "tlag := 2*k; var A has",
        "'tlag': the equations compute",
    ),
    "another unit": (
        "parameters.csv",
        "k,0.5,per_hour",
        "k,0.5,none",
        "'k': unit='none' in .*'per_hour' in model",
    ),
    "an unknown column": ("parameters.csv", "iiv_cv,", "iivcv,", "line 1: .*unknown: iivcv"),
    "a missing column": ("parameters.csv", ",source,note", ",note,note2", "line 1: .*missing: source"),
    "a bad grade": (
        "parameters.csv",
        ",measured,",
        ",guess,",
        "line 2, parameter 'k': grade='guess'.*measured",
    ),
    "a measured value without source": (
        "parameters.csv",
        "Smith2001;Jones2002",
        "assumed",
        "parameter 'k': source='assumed': a measured value",
    ),
    "a value that is no number": ("parameters.csv", "k,0.5", "k,half", "line 2, parameter 'k': value='half'"),
    "a value that is not finite": ("parameters.csv", "k,0.5", "k,inf", "line 2, parameter 'k': value='inf'"),
    "no value": ("parameters.csv", "k,0.5", "k,", "line 2, parameter 'k': value=''"),
    "bounds that exclude the value": ("parameters.csv", "0.1,1,measured", "0.6,1,measured", "lower=0.6"),
    "a spread below 0": ("parameters.csv", "0.3,1.2", "-0.3,1.2", "parameter 'k': iiv_cv must be >= 0"),
    "a spread in percent": ("parameters.csv", "0.3,1.2", "30,1.2", "line 2, .*iiv_cv=30: must be below 5: 30 % are .* 0.3"),
    "an uncertainty in percent": ("parameters.csv", "0.3,1.2", "0.3,20", "uncertainty_gsd=20: .*30 % are written 1.3"),
    "a row given twice": ("parameters.csv", "tlag,0.25", "k,0.25", "line 3: 'k' is given twice"),
    "a row too long": ("parameters.csv", "assumed,assumed,", "assumed,assumed,,,", "line 3: 11 fields"),
    "an output that does not exist": (
        "outputs.csv",
        "twice,",
        "thrice,",
        "outputs.csv, line 2: 'thrice' is no",
    ),
    "a scenario of an unknown parameter": (
        "scenarios.toml",
        "k = 0.1",
        "kk = 0.1",
        "scenario 'slow': 'kk' is no",
    ),
    "a scenario that says nothing": (
        "scenarios.toml",
        'description = "It is eliminated slowly."',
        "",
        "scenario 'slow': needs a description",
    ),
    "a scenario with a slip": (
        "scenarios.toml",
        "[slow.parameters]",
        "[slow.parameter]",
        "scenario 'slow': must hold",
    ),
    "a scenario file with a mistake": ("scenarios.toml", "k = 0.1", "k = = 1", r"scenarios.toml: .*line 5"),
    "a condition of an unknown parameter": ("conditions.csv", ",k,", ",kk,", "conditions.csv, line 1: 'kk'"),
    "a condition with a bad number": (
        "conditions.csv",
        "0.4,,",
        "much,,",
        "conditions.csv, line 2: k='much'",
    ),
    "a condition given twice": (
        "conditions.csv",
        "late,",
        "old,",
        "conditions.csv, line 3: 'old' is given twice",
    ),
}


@pytest.mark.parametrize(("file", "before", "after", "message"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_named(folder, file, before, after, message):
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        ldn.load_model(folder)


def test_a_folder_without_its_table_is_refused(folder):
    (folder / "parameters.csv").unlink()
    with pytest.raises(ModelError, match="small: has no parameters"):
        ldn.load_model(folder)


def test_a_misspelt_id_is_named_with_its_line_and_the_one_that_was_meant(folder):
    (folder / "model.ant").write_text(ANT.replace("-k*A", "-kk*A"), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        ldn.load_model(folder)
    assert str(caught.value) == (
        "parameter 'kk': has no value; give it a row in parameters.csv, or did you mean 'k'? (model.ant, line 5)"
    )


@pytest.mark.kind("not-utf-8", sibling="in any file of a model folder")
@pytest.mark.parametrize("name", [*FILES, "references.bib", "formulations.csv"])
def test_a_byte_that_is_not_utf_8_is_named_with_file_and_line(folder, name):
    path = folder / name
    text = path.read_bytes() if path.exists() else b"formulation\n"
    path.write_bytes(text + b"\xe4")
    line = text.count(b"\n") + 1
    with pytest.raises(ModelError, match=rf"{name}, line {line}: the byte 0xe4 is not UTF-8"):
        use(ldn.load_model(folder))


def use(model):
    ldn.library.table(model, "formulations") if (model.folder / "formulations.csv").exists() else None
    model.references()


def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(folder):
    path = folder / "parameters.csv"
    path.write_text(TABLE.replace('two"', "two"))
    with pytest.raises(ModelError, match=r"parameters.csv, line \d: is not CSV"):
        ldn.load_model(folder)
