"""Files that commands write: every result can be kept as a table and, where it has one, as a figure."""

import json

import numpy as np
import openpyxl
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.cli.app import COMMANDS, LazyGroup

NO_RESULT = {"explore", "page", "cite", "export", "models", "bench"}
NO_FIGURE = {"population", "calibrate", "claims", "evidence"}  # tables of words, or of parameters
STUDY = """ID,TIME,AMT,DV,CMT,EVID
1,0,50,,A_gut,1
1,1,,9.3,,0
1,4,,3.2,,0
1,8,,1.4,,0
1,24,,0.2,,0
"""
PLAN = 'days = 1\nmetrics = ["cmax naltrexone"]\n[over]\ndose = [1.5, 4.5]\nat = ["08:00", "bedtime"]\n'
RUNS = {
    "simulate": ["simulate", "4.5 mg at bedtime", "--days", "1", "--draws", "4", "--seed", "1"],
    "compare": ["compare", "4.5 mg", "50 mg", "--days", "1"],
    "sweep": ["sweep", "plan.toml"],
    "sensitivity": ["sensitivity", "4.5 mg", "--days", "1", "--metric", "change_il6", "--parameter", "ke0"],
    "optimize": [
        "optimize", "--minimize", "change_il6", "--maximize", "cmax naltrexone", "--vary", "dose=1:4", "--days", "1",
        "--candidates", "5", "--generations", "1",
    ],
    "washout": ["washout", "oxycodone", "--dose", "20", "--draws", "4"],
    "dose-for": ["dose-for", "cmax naltrexone", "1", "2", "--days", "1", "--draws", "4"],
    "level": ["level", "3 mg sublingual", "plasma_naltrexone", "--after", "2", "--draws", "4"],
    "nca": ["nca", "study.csv", "--route", "extravascular"],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.csv").write_text(STUDY, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    return tmp_path


def names(command):
    return {
        o
        for p in LazyGroup().get_command(None, command).params
        if not getattr(p, "hidden", False)
        for o in p.opts
    }


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - NO_RESULT))
def test_every_result_is_written_and_drawn_by_the_same_options(name):
    assert {"--out", "--json"} <= names(name)
    assert ("--figure" in names(name)) == (name not in NO_FIGURE)
    assert not {"--limit", "--most", "--output", "--plot"} & (
        names(name) - ({"--limit"} if name == "optimize" else set())
    )


@pytest.mark.parametrize("name", RUNS)
def test_a_table_and_a_figure_are_written_and_said(name, folder, capsys):
    assert cli.run([*RUNS[name], "--out", "t.csv", "--figure", "f.png"]) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    assert "wrote t.csv" in said
    assert "wrote f.png" in said
    assert len(pd.read_csv("t.csv"))
    assert (folder / "f.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", ["washout", "dose-for", "level", "optimize", "nca"])
def test_a_spreadsheet_is_written_and_named_in_the_json(name, folder, capsys):
    assert cli.run([*RUNS[name], "--out", "t.xlsx", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == ["t.xlsx"]
    assert "not medical advice" in told["notice"]
    rows = list(openpyxl.load_workbook("t.xlsx")["result"].values)
    assert len(rows) > 1


def test_all_that_washout_found_is_kept_in_a_file(folder, capsys):
    assert cli.run([*RUNS["washout"], "--out", "w.nc"]) == 0
    with ldn.open_result("w.nc") as ds:
        assert "tolerated" in ds
    assert "no clearance" in capsys.readouterr().out


def test_the_evidence_is_written_whole(folder, capsys):
    assert cli.run(["evidence", "naltrexol", "t_half", "--rows", "1", "--out", "e.csv"]) == 0
    shown = capsys.readouterr()
    assert "--rows" in shown.err
    assert "wrote e.csv" in shown.out
    assert len(pd.read_csv("e.csv")) > 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([*RUNS["optimize"][:3], "--vary", "dose=1:4", "--figure", "o.png"], "how two metrics are traded"),
        ([*RUNS["sensitivity"], "--method", "morris", "--figure", "s.png"], "--method local"),
        ([*RUNS["washout"], "--figure", "w.jpg"], "figure='w.jpg'"),
        ([*RUNS["level"], "--out", "l.nc"], "out='l.nc': must end in .csv, .parquet or .xlsx"),
        (["evidence", "naltrexol", "--limit", "3"], "is called --rows; --rows 3"),
        ([*RUNS["sensitivity"], "--most", "3"], "is called --rows; --rows 3"),
        (["simulate", "4.5 mg", "--seed", "3"], "none are asked for; --draws 200"),
        (["claims", "--readme", "no.md"], "readme='no.md'"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(words, told, folder, capsys):
    assert cli.run(words) == 2
    assert told in capsys.readouterr().err


def test_a_figure_of_a_sweep_needs_two_axes(folder, capsys):
    (folder / "plan.toml").write_text(PLAN.replace('at = ["08:00", "bedtime"]\n', ""), encoding="utf-8")
    assert cli.run([*RUNS["sweep"], "--out", "g.nc", "--figure", "g.png"]) == 2
    assert "two axes" in capsys.readouterr().err


def test_draws_are_chosen_by_the_seed(folder, capsys):
    assert cli.run([*RUNS["simulate"], "--metric", "cmax", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["metrics"][""]["cmax naltrexone"]
    model = ldn.load_model("ldn")
    ds = ldn.simulate(
        model,
        ldn.Regimen.parse("4.5 mg at bedtime", 1),
        subjects=ldn.posterior(model, 4, 1),
        metrics=["cmax"],
    )
    assert told["value"] == pytest.approx(float(ds.cmax.sel(analyte="naltrexone").median()), rel=1e-6)


def test_further_areas_are_those_of_python_and_a_span_must_be_one(folder, capsys):
    assert cli.run([*RUNS["nca"], "--partial", "0:4", "--partial", "4:24", "--out", "t.csv"]) == 0
    table = ldn.nca("study.csv", route="extravascular", partial=[(0, 4), (4, 24)])
    seen = pd.read_csv("t.csv")
    areas = ["auc(0, 4)", "auc(4, 24)"]
    found = [seen[c] for name in areas for c in seen if c.startswith(name)]  # with its unit
    np.testing.assert_allclose(np.transpose(found), table[areas], rtol=1e-9)
    capsys.readouterr()
    for text in ("0-24", "0:", "from:to"):
        assert cli.run([*RUNS["nca"], "--partial", text]) == 2
        assert f"{text!r}: must read FROM:TO in hours" in capsys.readouterr().err
