"""`ldnsim fit`."""

import json
import subprocess
import sys

import pandas as pd
import pytest

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
