"""The one reader of models/: names, tables, evidence and references."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim import library
from ldnsim.errors import InputError, ModelError, UnknownNameError


def test_the_shipped_models_are_listed():
    assert {"ldn", "naltrexone_pk"} <= set(ldn.list_models())


@pytest.mark.parametrize("name", ldn.list_models())
def test_every_shipped_model_loads_with_every_scenario_and_condition(name):
    model = ldn.load_model(name)
    for scenario in model.scenarios:
        assert model.with_scenario(scenario).scenario == scenario
    for condition in model.conditions:
        assert model.with_condition(condition).condition == condition
    assert set(model.observables) <= set(model.outputs.index)


@pytest.mark.kind("unknown-name")
@pytest.mark.parametrize(("name", "words"), [("lnd", "'ldn'"), ("LDN", "mean 'ldn'\\?"), ("", "ldn")])
def test_an_unknown_model_suggests_the_nearest(name, words):
    with pytest.raises(UnknownNameError, match=words):
        ldn.load_model(name)


def test_a_file_is_loaded_by_its_path(tmp_path):
    path = tmp_path / "mine.ant"
    path.write_text("model mine\n A' = -k*A; A = 1; k = 2\nend", encoding="utf-8")
    model = ldn.load_model(path)
    assert (model.name, model.states, model.folder) == ("mine", ("A",), None)
    sbml = tmp_path / "mine.xml"
    sbml.write_text(model.to_sbml(), encoding="utf-8")
    assert ldn.load_model(str(sbml)).states == ("A",)


def test_a_missing_file_suggests_its_neighbours(tmp_path):
    (tmp_path / "mine.ant").write_text("model mine\n A' = -A; A = 1\nend", encoding="utf-8")
    with pytest.raises(InputError, match=r"no such file; did you mean 'mine\.ant'\?"):
        ldn.load_model(tmp_path / "mien.ant")
    with pytest.raises(InputError, match=r"no such file; in this folder there are mine\.ant"):
        ldn.load_model(tmp_path / "other.xml")
    with pytest.raises(InputError, match=r"no such file; there is no folder '.*nowhere'"):
        ldn.load_model(tmp_path / "nowhere" / "mine.ant")
    with pytest.raises(InputError, match=r"is a folder without model\.ant"):
        ldn.load_model(str(tmp_path))


def test_a_folder_beside_is_no_unknown_name(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("mine", "."):
        with pytest.raises(InputError, match=r"is a folder without model\.ant"):
            ldn.load_model(name)


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"ends in \.ant"):
        ldn.load_model(path)


def test_what_is_wrong_in_a_file_is_told_with_its_name(tmp_path):
    bad, none = tmp_path / "bad.ant", tmp_path / "none.xml"
    bad.write_text("model bad\n A = \n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"bad\.ant: line 2: syntax error"):
        ldn.load_model(bad)
    none.write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match=r"none\.xml: is an empty file"):
        ldn.load_model(none)


def test_tables_are_indexed_by_name():
    formulations = ldn.formulations()
    assert {"capsule", "solution", "iv"} <= set(formulations.index)
    assert {"drug", "cmt", "fraction", "lag", "duration", "grade", "source"} <= set(formulations.columns)
    assert {"naltrexone", "oxycodone", "lps"} <= set(ldn.drugs().index)
    conditions = ldn.conditions()
    assert len(conditions) >= 13
    assert set(conditions.grade) <= {"measured", "fitted", "assumed"}


def test_numbers_are_numbers_and_empty_text_is_empty():
    conditions = ldn.conditions()
    assert conditions["tnf_rest"].dtype == float
    assert conditions["note"].map(type).eq(str).all()


def test_who_changes_a_table_changes_their_own_only():
    drugs = ldn.drugs()
    drugs.loc["naltrexone", "unit"] = "kg"
    draws = ldn.posterior(ldn.load_model("ldn"), 2)
    draws["ka"] *= 2
    assert ldn.drugs().unit["naltrexone"] == "mg"
    assert (ldn.posterior(ldn.load_model("ldn"), 2)["ka"] == draws["ka"] / 2).all()


def test_a_table_that_was_changed_is_read_anew(tmp_path):
    path = tmp_path / "doses.csv"
    for dose in (1.0, 2.0):  # as long as before, and written in the same moment
        path.write_text(f"name,dose\na,{dose}\n", encoding="utf-8")
        assert library.table_of(path).dose["a"] == dose


TABLES = {
    "a row too long": ("name,dose\na,1\nb,1,2\n", "doses.csv, line 3: 2 fields are expected"),
    "a row too short": ("name,dose\na\n", "doses.csv, line 2: 2 fields are expected"),
    "a column twice": ("name,dose,dose\na,1,2\n", "doses.csv, line 1: .*; given twice: dose"),
    "a row twice": ("name,dose\na,1\na,2\n", "doses.csv, line 3: 'a' is given twice"),
    "nothing": ("", "doses.csv, line 1: columns must be named, each once"),
    "an open quotation mark": ('name,dose\n"a,1\n', "doses.csv, line .: is not CSV"),
}


@pytest.mark.parametrize(("text", "words"), TABLES.values(), ids=TABLES)
def test_what_is_no_table_is_refused_with_its_line(text, words, tmp_path):
    (tmp_path / "doses.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ldn.ModelError, match=words):
        library.table_of(tmp_path / "doses.csv")


@pytest.mark.kind("row-given-twice", sibling="every table of a model but its draws, which may come again")
@pytest.mark.parametrize("name", ["covariates", "drugs", "posterior", "priors", "targets", "trials"])
def test_a_row_of_a_model_s_table_is_given_once(name, tmp_path):
    text = (library.models_folder() / "ldn" / f"{name}.csv").read_text(encoding="utf-8")
    (tmp_path / f"{name}.csv").write_text(text + text.splitlines()[-1] + "\n", encoding="utf-8")
    if name == "posterior":
        assert len(library.table_of(tmp_path / "posterior.csv")) == len(text.splitlines())
    else:
        with pytest.raises(ldn.ModelError, match=rf"{name}.csv, line {len(text.splitlines()) + 1}: .* is given twice"):
            library.table_of(tmp_path / f"{name}.csv")


def test_a_column_is_of_numbers_if_all_that_is_filled_is_one(tmp_path):
    text = "name,dose,note,most,none\na,1_0,2,,\nb, 3e-1 ,,4.5,\n\n"
    (tmp_path / "doses.csv").write_text(text, encoding="utf-8")
    table = library.table_of(tmp_path / "doses.csv")
    assert table.to_dict("list")["dose"] == ["1_0", "3e-1"]
    np.testing.assert_equal(table.to_dict("list")["note"], [2.0, np.nan])
    np.testing.assert_equal(table.to_dict("list")["most"], [np.nan, 4.5])
    assert table.to_dict("list")["none"] == ["", ""]
    (tmp_path / "doses.csv").write_text("name,dose\n", encoding="utf-8")
    assert library.table_of(tmp_path / "doses.csv").columns.tolist() == ["dose"]


def test_a_borrowed_table_is_found():
    assert library.has_table(ldn.load_model("naltrexone_pk"), "formulations")
    assert not library.has_table(ldn.Model.from_antimony("model m\n x' = 1; x = 0\nend"), "formulations")


@pytest.mark.kind("unknown-name", sibling="a table of drugs, conditions or formulations")
def test_an_unknown_table_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match="'formulations'"):
        library.table("ldn", "formulation")
    with pytest.raises(UnknownNameError, match="'ldn'"):
        library.table("lnd", "formulations")
    with pytest.raises(UnknownNameError, match="formulations"):
        library.table(ldn.Model.from_antimony("model m\n x' = 1; x = 0\nend"), "formulations")


def test_the_evidence_is_there():
    evidence = ldn.evidence()
    assert len(evidence) > 400
    assert {"id", "quantity", "value", "unit", "spread", "source", "area"} <= set(evidence.columns)
    assert evidence["id"].is_unique


def test_references_are_handed_out_by_key():
    text = ldn.references()
    assert text.startswith("@")
    key = text[text.index("{") + 1 : text.index(",")]
    assert ldn.references(key).startswith("@")
    assert ldn.references([key, "assumed"]) == ldn.references(key)
    with pytest.raises(UnknownNameError, match="keys='Nobody1900'"):
        ldn.references("Nobody1900")


@pytest.mark.parametrize("name", ["parameters", "formulations", "drugs", "conditions"])
def test_every_source_of_every_table_is_in_the_bibliography(name):
    for source in library.table("ldn", name)["source"]:
        ldn.references(source)


def test_columns_of_a_table_without_rows_are_text(tmp_path):
    (tmp_path / "drugs.csv").write_text("drug,unit\n")
    assert library.table_of(tmp_path / "drugs.csv")["unit"].str.upper().tolist() == []
