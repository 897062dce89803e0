"""`ldnsim calibrate` and `ldnsim qualify`: what they print and write, and what they refuse."""

import json

import pytest

import ldnsim as ldn
from ldnsim import cli


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "qualification.md"
    assert cli.run(["qualify", "--quick", "--out", str(path)]) == 0
    return path


def test_the_report_holds_every_measurement_and_its_figures(report):
    text = report.read_text(encoding="utf-8")
    for name in ldn.qualify(ldn.load_model("ldn"), n=0).index:
        assert f"`{name}`" in text, name
    for name in ("qualification", "pet", "robustness"):
        assert f"figures/{name}.png" in text
        assert (report.parent / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    for title in (
        "never saw",
        "contradict the rest",
        "disagrees",
        "The fit",
        "Headlines",
        "region or a point",
    ):
        assert title in text, title
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert len(tables) > 120
    assert "nan" not in text.lower().split()


def test_qualify_prints_goals(capsys):
    assert cli.run(["qualify", "--quick", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["goals"]) == {"Cmax", "AUC", "half-life", "PET occupancy"}
    assert all(goal["met"] for goal in told["goals"].values())
    assert told["rows"]["rabiner_ntx_2mg"]["observed"] == 27


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["qualify", "--out", "report.html"], ".md"),
        (["calibrate", "--out", "no/such/folder"], "folder"),
        (["calibrate", "--draws", "10"], "500"),
        (["calibrate", "--model", "rival_primer_mu"], "targets.csv"),
    ],
)
def test_refusals(arguments, words, capsys):
    assert cli.run(arguments) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.err.count("\n") == 1
