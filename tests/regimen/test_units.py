"""Columns that say in which units a table is: what is in other units than those read is refused, never taken as it is."""

import re

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
        ([{**UG, "unit": "mg base"}], ldn.Regimen.from_records, r"read in mg; drop the column where .* in mg base"),
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


# ---- units in headings ----------------------------------------------------------------------------------

ROWS = [
    {"id": 1, "time": 0, "amt": 4.5, "rate": 2.25, "ii": 24, "addl": 1, "dv": None, "lloq": 0.1},
    {"id": 1, "time": 2, "amt": None, "rate": 0, "ii": 0, "addl": 0, "dv": 0.5, "lloq": 0.1},
]
READ = {
    "time": ["TIME [h]", "Time (hr)", "TIME_h", "time, hours", "TIME..h."],
    "amt": ["AMT [mg]", "AMT (mg)", "amt_mg", "AMT mg", "AMT..mg.", "AMT/mg"],
    "rate": ["RATE [mg/h]", "rate (mg/hr)", "RATE_mg/h", "RATE_mg_h"],
    "ii": ["II [h]", "II_h"],
    "dv": ["DV (ng/mL)", "DV [nmol/L]", "DV_ng/mL", "DV..ng.mL."],
    "lloq": ["LLOQ (ng/mL)", "lloq_ng/ml"],
}


def headed(**heads):
    return [{heads.get(name, name): value for name, value in row.items()} for row in ROWS]


@pytest.mark.kind("unit-in-a-heading")
@pytest.mark.parametrize(("name", "head"), [(name, head) for name, heads in READ.items() for head in heads])
def test_a_heading_may_say_the_unit_that_is_read(name, head, tmp_path):
    rows = headed(**{name: head})
    assert ldn.Regimen.from_records(rows) == ldn.Regimen.from_records(ROWS)
    read, plain = ldn.read_data(rows), ldn.read_data(ROWS)
    assert read.regimens == plain.regimens
    assert read.table.equals(plain.table)
    assert len(read.regimens[1].doses) == 2


OTHER = {
    "AMT [ug]": ("amt", r"is in ug, and record 1 gives naltrexone, which is read in mg; 4\.5 ug are amt=0\.0045 in"),
    "amt_g": ("amt", r"4\.5 g are amt=4500 in a column 'amt'"),
    "AMT (mg/kg)": ("amt", r"is in mg/kg, and record 1 .* read in mg; give it in mg in a column 'amt'; for a state"),
    "AMT (mg HCl)": ("amt", r"; name the column 'amt' where naltrexone is counted in mg HCl, and else convert it$"),
    "AMT (mg per kg)": ("amt", r"read in mg; give it in mg in a column 'amt'; for a state"),
    "RATE [mg/min]": ("rate", "is in 'mg/min', and rates are read per h; name the column 'rate'"),
    "RATE [ug/h]": ("rate", r"is in ug/h, and record 1 gives naltrexone, .* 2\.25 ug/h are rate=0\.00225"),
    "RATE [mg]": ("rate", "is in 'mg', and rates are read per h"),
    "TIME [min]": ("time", "is in 'min', in which times are not read; name the column 'time' and give it in h"),
    "time_days": ("time", "is in 'days'"),
    "II (d)": ("ii", "is in 'd', in which times are not read; name the column 'ii'"),
    "ID [patient]": ("id", "says 'patient' beside 'id', and such a column has no unit; name the column 'id'"),
    "ADDL (n)": ("addl", "name the column 'addl'"),
    "DOSE_mg": ("amt", "is no column of amounts; name it 'amt'"),
    "Dose [mg]": ("amt", "is no column of amounts; name it 'amt'"),
}


@pytest.mark.kind("unit-in-a-heading", sibling="a unit that is not read, or beside a column that has none")
@pytest.mark.parametrize("read", [ldn.read_data, ldn.Regimen.from_records])
@pytest.mark.parametrize("head", OTHER)
def test_a_heading_that_says_another_is_refused(head, read):
    name, words = OTHER[head]
    with pytest.raises(ldn.InputError) as caught:
        read(headed(**{name: head}))
    assert str(caught.value).startswith(f"records='{head}': ")
    assert re.search(words, str(caught.value))


@pytest.mark.kind("unit-in-a-heading", sibling="measurements by another name, logarithms, two units, flags")
@pytest.mark.parametrize(
    ("heads", "words"),
    [
        ({"dv": "CONC [ng/mL]"}, "data='CONC .ng/mL.': is no column of measurements; name it 'dv'"),
        ({"lloq": "LOQ (ng/mL)"}, "data='LOQ .ng/mL.': is no column of the limit"),
        ({"dv": "DV (ln ng/mL)"}, "records='DV .ln ng/mL.': says 'ln ng/mL' beside 'dv', and that is no unit"),
        ({"dv": "DV [ng/mL]", "lloq": "LLOQ [ug/mL]"}, "records='LLOQ .ug/mL.': is in another unit than 'DV .ng/mL.'"),
        ({"addl": "CENS (1: below)"}, "records='CENS .1: below.': .* name the column 'cens'"),
        ({"addl": "DATE (dd/mm/yyyy)"}, "records='DATE .dd/mm/yyyy.': .* name the column 'date'"),
    ],
)
def test_headings_of_a_measured_table(heads, words):
    with pytest.raises(ldn.InputError, match=words):
        ldn.read_data(headed(**heads))


def test_a_drug_that_is_not_in_mg_and_names_that_are_no_headings():
    rows = [{"time": 0, "AMT [ng/kg]": 2, "drug": "lps", "lag_h": 1.0, "time_point": 3, "WT (kg)": 70}]
    read = ldn.Regimen.from_records(rows)
    assert read.doses[0].amt == 2
    assert read.covariates == ("WT (kg)", "lag_h", "time_point")
