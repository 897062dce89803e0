"""A value graded measured stands in the source that it names, at the place that it names."""

import csv
import re
from pathlib import Path

import pytest

import ldnsim as ldn
from ldnsim.model.parameters import GRADES

MODELS = Path(__file__).parents[2] / "models"
FOREIGN = re.compile(r"preview-www|wilddata|academicoo|zendy|biomedsearch")


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "row", [r for r in rows(MODELS / "ldn/parameters.csv") if r["grade"] == "measured"], ids=lambda r: r["id"]
)
def test_a_measured_parameter_says_where_in_its_source_it_stands(row):
    assert row["source"] not in ("", "assumed")
    assert row["where"], f"{row['id']}: no place in {row['source']}"
    for key in row["source"].split(";"):
        assert f"{{{key}," in (MODELS / "references.bib").read_text(encoding="utf-8")
    assert not re.search("derived|secondary|mirror|vendor", row["note"])


def test_grades_that_a_review_found_wrong_are_mended():
    table = ldn.load_model("ldn").parameters
    for name in ("kappa_ratio_ntx", "delta_ratio_ntx", "kappa_ratio_ntxol", "delta_ratio_ntxol",
                 "K_ntx_peripheral", "k_il1b"):  # fmt: skip
        assert table.grade[name] != "measured", name
    conditions = ldn.conditions()
    assert conditions.grade["rheumatoid_arthritis"] != "measured"
    forms = [r for r in rows(MODELS / "ldn/formulations.csv") if r["formulation"] == "cream"]
    assert forms
    assert all(r["grade"] != "measured" for r in forms)
    trials = {r["trial"]: r for r in rows(MODELS / "ldn/trials.csv")}
    assert all(trials[name]["grade"] != "measured" for name in ("Younger 2009", "Younger 2013"))


@pytest.mark.parametrize("path", sorted((MODELS / "ldn").glob("*.csv")), ids=lambda p: p.stem)
def test_every_grade_is_one_of_the_five(path):
    assert {r["grade"] for r in rows(path) if "grade" in r} <= set(GRADES)
