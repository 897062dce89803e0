"""Numbers of measured profiles have units; clearances and volumes are in L, whatever values and doses are in."""

import json

import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.data.profile_units import in_units

ROWS = [{"ID": 1, "TIME": 0, "AMT": 4.5}]
ROWS += [
    {"ID": 1, "TIME": t, "DV": dv}
    for t, dv in ((0.5, 0.5), (1, 0.9), (2, 0.7), (4, 0.4), (8, 0.15), (12, 0.06))
]


def test_a_clearance_is_in_litres_an_hour():
    plain = ldn.nca(ROWS, unit=None)
    found, units = in_units(plain, "ng/mL", "mg")
    assert found.cl[0] == pytest.approx(4.5 / found.auc_inf[0] * 1000)
    assert (units["cl"], units["vz"], units["auc_inf"], units["cmax"]) == ("L/h", "L", "ng/mL*h", "ng/mL")


@pytest.mark.parametrize(
    ("unit", "dose_unit", "by"), [("mg/L", "mg", 1), ("ug/L", "mg", 1000), ("ng/mL", "ug", 1)]
)
def test_it_follows_the_units_that_are_said(unit, dose_unit, by):
    plain = ldn.nca(ROWS, unit=None)
    assert in_units(plain, unit, dose_unit)[0].cl[0] == pytest.approx(by * plain.cl[0])


def test_the_command_says_its_units(tmp_path, capsys):
    path, out = tmp_path / "s.csv", tmp_path / "nca.csv"
    pd.DataFrame(ROWS).to_csv(path, index=False)
    assert cli.run(["nca", str(path), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["units"]["cl"] == "L/h"
    assert told["profiles"][0]["cl"] == pytest.approx(pd.read_csv(out)["cl [L/h]"][0])
    assert cli.run(["nca", str(path)]) == 0
    assert "cl [L/h]" in capsys.readouterr().out
    assert cli.run(["nca", str(path), "--unit", "ng/ml"]) == 2
    assert "did you mean 'ng/mL'" in capsys.readouterr().err


def headed(unit, **more):
    return [{f"DV ({unit})" if k == "DV" else k: v for k, v in (row | more).items()} for row in ROWS]


@pytest.mark.kind("units-of-profiles")
def test_python_and_the_command_give_one_number_and_its_unit(tmp_path, capsys):
    path = tmp_path / "s.csv"
    pd.DataFrame(ROWS).to_csv(path, index=False)
    found = ldn.nca(path)
    assert cli.run(["nca", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["profiles"][0]["cl"] == pytest.approx(found.cl[0]) == pytest.approx(4500 / found.auc_inf[0])
    assert told["units"] == found.attrs["units"]
    assert found.attrs["units"] == ldn.nca(ldn.read_data(path)).attrs["units"]


@pytest.mark.kind("units-of-profiles", sibling="units that nobody names, which the command tells")
def test_the_command_says_what_it_assumes(tmp_path, capsys):
    path = tmp_path / "s.csv"
    pd.DataFrame(ROWS).to_csv(path, index=False)
    assert cli.run(["nca", str(path)]) == 0
    assert "Assumed: measurements in ng/mL (--unit) and doses in mg (--dose-unit)." in capsys.readouterr().out
    assert cli.run(["nca", str(path), "--unit", "ng/mL", "--dose-unit", "mg"]) == 0
    assert "Assumed" not in capsys.readouterr().out
    pd.DataFrame(headed("ng/mL")).to_csv(path, index=False)
    assert cli.run(["nca", str(path)]) == 0
    assert "Assumed: doses in mg (--dose-unit)." in capsys.readouterr().out


def test_without_units_the_table_s_own_stand_beside_each_number():
    units = ldn.nca(ROWS, unit=None, dose_unit=None).attrs["units"]
    assert [units[n] for n in ("cl", "vz", "cmax", "auc_last", "dose")] == [
        "AMT/(DV*h)",
        "AMT/DV",
        "DV",
        "DV*h",
        "AMT",
    ]
    units = ldn.nca(ROWS, unit=None).attrs["units"]
    assert [units[n] for n in ("cl", "vz", "cmax", "dose")] == ["mg/(DV*h)", "mg/DV", "DV", "mg"]


BESIDE = [row | {"unit": "mg" if "AMT" in row else "ug/mL"} for row in ROWS]


@pytest.mark.kind(
    "units-of-profiles", sibling="a table that says another unit, in a heading or a column of units"
)
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (headed("mg/L"), "unit='ng/mL': contradicts the table, which says 'mg/L' of DV; give unit='mg/L'"),
        (BESIDE, "unit='ng/mL': contradicts the table, which says 'ug/mL' of DV; give unit='ug/mL'"),
        (headed("nmol/L"), "unit='ng/mL': .* says 'nmol/L' of DV; give unit=None, which leaves"),
    ],
)
def test_units_that_contradict_the_table_are_refused(rows, words):
    with pytest.raises(ldn.InputError, match=words):
        ldn.nca(rows, unit="ng/mL")


@pytest.mark.parametrize(("rows", "unit"), [(headed("mg/L"), "mg/L"), (BESIDE, "ug/mL")])
def test_without_a_unit_that_of_the_table_is_read(rows, unit):
    found = ldn.nca(rows)
    assert found.cl[0] == ldn.nca(ROWS, unit="mg/L").cl[0]
    assert found.attrs["units"]["cmax"] == unit
    assert ldn.nca(headed("ng/mL")).attrs["units"]["cmax"] == "ng/mL"
    with pytest.raises(ldn.InputError, match=r"data='nmol/L': is the unit of DV, and none .*; give unit=None, which"):
        ldn.nca(headed("nmol/L"))


def test_one_unit_in_two_ways_is_one():
    assert ldn.nca(headed("ug/L")).cl[0] == ldn.nca(headed("NG/ML")).cl[0] == ldn.nca(ROWS).cl[0]
    assert ldn.nca(BESIDE, unit="mg/L").cl[0] == pytest.approx(ldn.nca(ROWS).cl[0] / 1000)
    ways = ["mg", "ng/mL", "ng/ml", "ug/L", *["ng/mL"] * 3]
    assert ldn.nca([r | {"unit": u} for r, u in zip(ROWS, ways, strict=True)]).cl[0] == ldn.nca(ROWS).cl[0]
    filled = [row | {"AMTU": "mg", "unit": "mg"} for row in ROWS]
    assert ldn.nca(filled).cl[0] == ldn.nca(ROWS).cl[0]


@pytest.mark.kind("fit-in-other-units", sibling="a heading that says another unit than that of the variable")
@pytest.mark.parametrize("rows", [headed("ug/mL"), BESIDE])
def test_a_variable_in_another_unit_than_the_table_says_is_refused(rows):
    model = ldn.load_model("naltrexone_pk")
    words = "observe='plasma_naltrexone': is in ng/mL, and the table says 'ug/mL' of DV; give DV times 1000"
    with pytest.raises(ldn.InputError, match="says 'nmol/L' of DV; give DV in ng/mL, by the molar mass"):
        ldn.predict(model, ldn.read_data(headed("nmol/L")), "plasma_naltrexone")
    with pytest.raises(ldn.InputError, match=r"says 'mg' of DV; give DV in ng/mL$"):
        ldn.predict(model, ldn.read_data(headed("mg")), "plasma_naltrexone")
    with pytest.raises(ldn.InputError, match=r"says 'pg/mL' of DV; give DV times 0\.001"):
        ldn.predict(model, ldn.read_data(headed("pg/mL")), "plasma_naltrexone")
    with pytest.raises(ldn.InputError, match=words):
        ldn.predict(model, ldn.read_data(rows), "plasma_naltrexone")
    same = ldn.predict(model, ldn.read_data(headed("ug/L")), "plasma_naltrexone").PRED
    assert same.equals(ldn.predict(model, ldn.read_data(ROWS), "plasma_naltrexone").PRED)


def test_a_unit_in_two_spellings_is_held_against_that_of_the_variable():
    rows = [row | {"unit": unit} for row, unit in zip(ROWS, ["mg", *["mg/L", "mg/l"] * 3], strict=True)]
    words = "is in ng/mL, and the table says 'mg/L' of DV; give DV times 1000"
    with pytest.raises(ldn.InputError, match=words):
        ldn.predict(ldn.load_model("naltrexone_pk"), ldn.read_data(rows), "plasma_naltrexone")
