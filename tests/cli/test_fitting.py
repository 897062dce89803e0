"""`ldnsim fit`."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from ldnsim import cli

ONE = "model one; A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V; end"


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.ant").write_text(ONE)
    rows = [{"ID": 1, "TIME": 0, "AMT": 300}] + [
        {"ID": 1, "TIME": t, "DV": v} for t, v in ((1, 9.3), (4, 7.2), (12, 3.4), (24, 1.3))
    ]
    pd.DataFrame(rows).to_csv("study.csv", index=False)
    return ["fit", "study.csv", "--model", "one.ant", "--observe", "Cp", "--cmt", "A", "--estimate", "CL,V"]


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "ldnsim", *arguments], capture_output=True, text=True, check=False
    )


def test_estimates_are_printed_and_written(study, tmp_path):
    done = run(*study, "--out", "fit", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["converged"]
    assert told["parameters"]["CL"]["value"] == pytest.approx(2.7, rel=0.05)  # dose over the area
    written = pd.read_csv(tmp_path / "fit" / "parameters.csv", index_col=0)
    assert written.value["CL"] == pytest.approx(told["parameters"]["CL"]["value"])
    page = (tmp_path / "fit" / "report.html").read_text()
    assert 'src="http' not in page
    assert page.count("<img") == 3


def test_what_cannot_be_fitted_is_one_line(study):
    done = run(*study[:-1], "CL,W")
    assert done.returncode == 2
    assert "estimate='W'" in done.stderr
    assert "Traceback" not in done.stderr
    assert run(*study, "--observe", "2=Cp").returncode == 2


def test_priors_are_given_in_words_and_the_objective_is_named(study, capsys):
    assert cli.run([*study, "--prior", "CL=lognormal(0.3, 0.05)", "--prior", "V=1.5"]) == 0
    assert "-2 log likelihood and priors" in capsys.readouterr().out
    assert cli.run([*study, "--prior", "CL=lognormal(0.3, 0.05)", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["minimised"] == "-2 log likelihood and priors"
    assert told["parameters"]["CL"]["value"] < 2.4  # pulled from 2.7 towards 1.35
    assert cli.run(study) == 0
    plain = capsys.readouterr().out
    assert "\n-2 log likelihood " in plain
    assert "priors" not in plain


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["CL=weird(1)"], "prior['CL']"),
        (["CL="], "must read NAME=VALUE"),
        (["CL=1.5", "CL=1.6"], "is given twice"),
        (["CK=1.5"], "prior='CK'"),
        (["both", "CL=1.5"], "must read NAME=VALUE"),
        (["iiv"], "is for one patient"),
    ],
)
def test_a_prior_that_is_none_is_refused_in_one_line(study, capsys, given, said):
    assert cli.run([*study, *(part for text in given for part in ("--prior", text))]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
