"""`ldnsim dose-for`, `ldnsim level` and `ldnsim cite`."""

import inspect
import json

import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.cli.app import LazyGroup


def run(capsys, *arguments):
    assert cli.run(arguments) == 0
    return capsys.readouterr().out


def test_dose_for_tells_doses_with_intervals(capsys, tmp_path):
    out = tmp_path / "doses.csv"
    words = ["dose-for", "hours_blocked_peripheral", "4", "6", "--days", "2", "--draws", "8"]
    text = run(capsys, *words, "--between", "1", "30", "--out", str(out))
    assert "median of draws" in text
    assert "of 8 draws lie between 4 and 6 h" in text
    table = pd.read_csv(out)
    assert table["hours_blocked_peripheral"].tolist() == [4, 6]
    told = json.loads(run(capsys, *words, "--between", "1", "30", "--json"))
    assert told["rows"][0]["dose"] == pytest.approx(table["dose [mg]"][0])
    assert told["units"] == "h"


def test_a_dose_beyond_the_range_is_told_as_such(capsys):
    text = run(
        capsys,
        "dose-for",
        "hours_blocked_peripheral",
        "23",
        "--days",
        "1",
        "--draws",
        "4",
        "--between",
        "0.1",
        "1",
    )
    assert "> 1 " in text
    assert " 0%" in text


@pytest.mark.kind("few-draws", sibling="the answers of level, dose-for and washout")
@pytest.mark.parametrize(
    "words",
    [
        ["level", "4.5 mg at 22:00", "il6", "--after", "2"],
        ["dose-for", "cmax naltrexone", "3", "--days", "1"],
        ["washout", "oxycodone", "--dose", "20", "--days", "5"],
    ],
)
def test_an_answer_of_few_draws_has_no_interval_and_says_why(capsys, words):
    told = run(capsys, *words, "--draws", "19")
    assert told.count(" -") >= 2
    assert "19 draws: too few for an interval, which takes --draws 20 or more" in told
    assert "too few" not in run(capsys, *words, "--draws", "20")


def test_level_tells_the_moment_and_the_interval(capsys):
    words = ["level", "4.5 mg at 22:00", "plasma_naltrexone", "--clock", "02:00", "--draws", "20"]
    text = run(capsys, *words)
    moment = "4 h after the last dose (4.5 mg naltrexone capsule, day 1, 22:00), on day 2 at 02:00"
    assert f"{moment}; 20 draws of the posterior." in text
    told = json.loads(run(capsys, *words, "--json"))
    row = told["variables"]["plasma_naltrexone"]
    assert row["low"] < row["median"] < row["high"]
    assert row["unit"] == "ng/mL"


def test_a_level_of_nothing_is_nought_and_says_why(capsys):
    words = ["level", "4.5 mg", "plasma_naltrexone", "--after", "10000", "--draws", "20"]
    told = run(capsys, *words)
    assert told.splitlines()[1].split()[1:4] == ["0", "0", "0"]
    assert "0 where the solver leaves less than 1e-09, which is its error: plasma_naltrexone." in told
    assert "which is its error" not in run(capsys, *words[:3], "--after", "2", "--draws", "20")


def test_the_clock_time_of_a_dose_has_one_default_in_all_commands():
    assert inspect.signature(ldn.dose_for).parameters["at"].default == 0.0
    for name in ("simulate", "sensitivity", "dose-for"):
        (option,) = [p for p in LazyGroup().get_command(None, name).params if p.name == "at"]
        told = option.help + (f" [default: {option.default}]" if isinstance(option.default, str) else "")
        assert told.endswith("[default: 00:00]"), name


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["level", "3 mg"], "--after, --clock: neither is given; give one of the two"),
        (["level", "3", "mg", "sublingual", "il6", "--after", "2"], 'put it in quotes: "3 mg sublingual"'),
        (["level", "4.5 mg nightly", "--after", "2"], "--days 28, or '4.5 mg nightly for 28 days'"),
        (["level", "3 mg purple", "--after", "2"], "purple"),
        (["dose-for", "hours_blocked_peripheral", "6", "4"], "target="),
        (["dose-for", "rebound_peak", "1", "--every", "48"], "--ii 48"),
    ],
)
def test_refusals(capsys, words, told):
    assert cli.run(words) == 2
    assert told in capsys.readouterr().err


def test_cite_names_the_software_and_the_sources(capsys, tmp_path):
    model = ldn.load_model("ldn").with_scenario("in_vitro_tlr4")
    text = run(capsys, "cite", "--scenario", "in_vitro_tlr4")
    assert text.startswith("@software{ldnsim,")
    assert model.hash in text
    assert f"version = {{{ldn.__version__}}}" in text
    assert model.references().strip() in text
    assert text.count("{") == text.count("}")
    assert "@article" not in run(capsys, "cite", "--software")
    run(capsys, "cite", "--scenario", "in_vitro_tlr4", "--out", str(tmp_path / "l.bib"))
    assert (tmp_path / "l.bib").read_text(encoding="utf-8").strip() == text.strip()
    assert cli.run(["cite", "--out", str(tmp_path / "l.txt")]) == 2
