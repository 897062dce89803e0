"""Numbers of measured profiles have units; clearances and volumes are in L, whatever values and doses are in."""

import json

import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.data.profile_units import in_units

ROWS = [{"ID": 1, "TIME": 0, "AMT": 4.5}]
ROWS += [{"ID": 1, "TIME": t, "DV": dv} for t, dv in ((0.5, 0.5), (1, 0.9), (2, 0.7), (4, 0.4), (8, 0.15), (12, 0.06))]


def test_a_clearance_is_in_litres_an_hour():
    plain = ldn.nca(ROWS)
    found, units = in_units(plain, "ng/mL", "mg")
    assert found.cl[0] == pytest.approx(4.5 / found.auc_inf[0] * 1000)
    assert (units["cl"], units["vz"], units["auc_inf"], units["cmax"]) == ("L/h", "L", "ng/mL*h", "ng/mL")


@pytest.mark.parametrize(("unit", "dose_unit", "by"), [("mg/L", "mg", 1), ("ug/L", "mg", 1000), ("ng/mL", "ug", 1)])
def test_it_follows_the_units_that_are_said(unit, dose_unit, by):
    plain = ldn.nca(ROWS)
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
