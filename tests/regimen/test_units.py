"""Columns that say in which units a table is: what is in other units than those read is refused, never taken as it is."""

import pytest

import ldnsim as ldn

UG = {"time": 0, "amt": 4500, "unit": "ug"}


@pytest.mark.kind("units-of-a-table")
@pytest.mark.parametrize("head", ["unit", "Units", "dose_unit", "AMTU", "EXDOSU"])
@pytest.mark.parametrize("unit", ["ug", "µg", "mcg"])
def test_doses_in_another_unit_are_refused(head, unit):
    rows = [{"time": 0, "amt": 4.5, head: "mg"}, {"time": 24, "amt": 4500, head: unit}]
    words = rf"{head}='{unit}': record 2 gives naltrexone in {unit}, and doses are read in mg; 4500 {unit} are amt=4\.5"
    with pytest.raises(ldn.InputError, match=words):
        ldn.Regimen.from_records(rows)


@pytest.mark.kind("units-of-a-table", sibling="the unit of the drug itself, which is read without a word")
def test_the_unit_of_the_drug_is_read(tmp_path):
    rows = [{"time": 0, "amt": 4.5, "unit": "mg"}, {"time": 1, "amt": 2, "drug": "lps", "unit": "ng/kg"}]
    bare = [{k: v for k, v in row.items() if k != "unit"} for row in rows]
    assert ldn.Regimen.from_records(rows) == ldn.Regimen.from_records(bare)


@pytest.mark.kind("units-of-a-table", sibling="measured tables, a drug that is not in mg, states, and times")
@pytest.mark.parametrize(
    ("rows", "read", "words"),
    [
        ([UG, {"time": 1, "dv": 0.5, "unit": "ng/mL"}], ldn.read_data, r"unit='ug': record 1 .* are amt=4\.5"),
        ([{**UG, "drug": "lps"}], ldn.Regimen.from_records, "record 1 gives lps in ug, and doses are read in ng/kg"),
        ([{**UG, "cmt": "A"}], ldn.Regimen.from_records, r"gives a dose in ug.*with_dose_units\(<state>='ug'\)"),
        ([{**UG, "unit": "mg", "time_unit": "min"}], ldn.Regimen.from_records, "time_unit='min'.*in h"),
    ],
)
def test_other_tables_in_other_units_are_refused(rows, read, words):
    with pytest.raises(ldn.InputError, match=words):
        read(rows)


def test_what_is_measured_may_be_in_any_unit():
    rows = [{"time": 0, "amt": 4.5, "unit": "mg"}, {"time": 1, "dv": 0.5, "unit": "ng/mL"}]
    assert len(ldn.read_data(rows).table) == 2
