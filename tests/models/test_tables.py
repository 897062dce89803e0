"""The tables: every number has one home, a grade and a source that resolves."""

import csv
import re
import tomllib

import pytest

import ldnsim as ldn
from ldnsim.library import models_folder

ROOT = models_folder()
GRADES = {"measured", "fitted", "assumed"}
TABLES = sorted(p for p in ROOT.glob("*/*.csv") if "grade" in p.read_text(encoding="utf-8").split("\n", 1)[0])


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keys(text):
    return {key for key in text.split(";") if key and key != "assumed"}


def bibliography():
    return re.findall(r"^@\w+\{(\w+),", (ROOT / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)


def scenarios():
    return tomllib.loads((ROOT / "ldn/scenarios.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TABLES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_grades_and_sources(path):
    known = set(bibliography())
    for row in rows(path):
        assert row["grade"] in GRADES, row
        assert keys(row["source"]) <= known, row
        assert row["source"], f"{row} names no source; write 'assumed'"
        assert row["grade"] == "assumed" or keys(row["source"]), f"{row} is {row['grade']} without a source"


def test_every_reference_is_used_once():
    listed = bibliography()
    used = set().union(*(keys(row["source"]) for path in TABLES for row in rows(path)))
    used |= set().union(*(keys(entry.get("source", "")) for entry in scenarios().values()))
    assert sorted(listed) == sorted(set(listed))
    assert set(listed) == used


def test_equations_hold_no_number_of_the_table():
    for path in ROOT.glob("*/model.ant"):
        text = path.read_text(encoding="utf-8")
        for row in rows(ROOT / "ldn/parameters.csv"):
            assert not re.search(rf"^\s*{row['id']}\s*:?=", text, re.MULTILINE), row["id"]
    assert not (ROOT / "naltrexone_pk/parameters.csv").exists()


def test_a_scenario_repeats_no_value_of_the_table():
    table = {row["id"]: float(row["value"]) for row in rows(ROOT / "ldn/parameters.csv")}
    for name, entry in scenarios().items():
        if entry.get("structure"):  # tells all its switches; those of one are what the table holds
            continue
        for parameter, value in entry.get("parameters", {}).items():
            assert value != table[parameter], f"{name}: {parameter} is {value} already"


def test_every_scenario_and_condition_changes_the_model(model):
    for name in set(model.scenarios) - {"clinical_tlr4", *model.structures}:
        assert (model.with_scenario(name).values != model.values).any(), name
    for name in set(model.conditions) - {"fibromyalgia"}:
        assert (model.with_condition(name).values != model.values).any(), name
    same = [name for name in model.structures if (model.with_scenario(name).values == model.values).all()]
    assert len(same) == 1, "the table holds the switches of one structure"
    assert len(model.conditions) >= 13


def test_dose_forms_name_states_and_parameters(model):
    known = set(model.parameters.index)
    for row in rows(ROOT / "ldn/formulations.csv"):
        assert row["cmt"] in model.states, row
        assert (
            set(re.findall(r"[A-Za-z_]\w*", row["fraction"] + "*" + row["lag"] + "*" + row["duration"]))
            <= known
        )


def test_every_drug_has_its_default_dose_form():
    forms = {(row["drug"], row["formulation"]) for row in rows(ROOT / "ldn/formulations.csv")}
    drugs = rows(ROOT / "ldn/drugs.csv")
    assert {(row["drug"], row["formulation"]) for row in drugs} <= forms
    assert {drug for drug, _ in forms} == {row["drug"] for row in drugs}


def test_shares_of_a_dose_sum_to_one(model):
    """A sublingual or depot dose is split, not multiplied."""
    table = model.parameters["value"]
    for form, whole in (("sublingual", table["salt_factor"]), ("injection_xr", 1.0)):
        total = 0.0
        for row in rows(ROOT / "ldn/formulations.csv"):
            if row["formulation"] == form and row["drug"] == "naltrexone":
                share = 1.0
                for factor in row["fraction"].split("*"):
                    share *= 1 - table[factor[3:-1]] if factor.startswith("(1-") else table[factor]
                total += share
        assert total == pytest.approx(whole, rel=1e-12)


def test_evidence_says_what_it_is_used_for():
    table = ldn.evidence()
    assert len(table) == 495
    assert table["id"].is_unique
    assert set(table["use"]) == {"calibration", "validation", "context"}
    weak = table[table["verified"].isin(["memory", "derived"])].set_index("id")
    asked = weak.index.str.startswith("verebey_heroin_block_") | (weak.index == "ode_cop_tnf_peak")
    assert set(weak["use"][~asked]) == {"context"}, "a number that nobody re-read calibrates nothing"
    assert set(weak["use"][asked]) == {"calibration"}, "fitted as remembered, and said so on every page"
    held_back = table["id"].str.match(
        r"final_diff|final_change_drug|innova_diff|smith2011_|cree2010_|mischoulon_|raknes_|ae_"
    )
    assert set(table.loc[held_back, "use"]) == {"validation"}
