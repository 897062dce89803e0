"""What `compare` puts into its file, and the row of an opioid beside naltrexone."""

import json

import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import cli

TWO = ["compare", "LDN = 4.5 mg at 22:00", "standard = 50 mg at 08:00", "--days", "2"]


def run(capsys, *arguments):
    assert cli.run(arguments) == 0
    return capsys.readouterr()


@pytest.mark.parametrize("more", [(), ("--draws", "24")])
def test_the_file_of_a_comparison_is_the_table_that_is_printed(more, capsys, tmp_path):
    path = tmp_path / "table.csv"
    content = json.loads(run(capsys, *TWO, *more, "--metric", "cmax", "--out", str(path), "--json").out)
    table = pd.read_csv(path).set_index(["regimen", "metric"])
    assert table.unit.unique().tolist() == ["ng/mL"]
    assert len(table) == 4
    for (regimen, metric), row in table.iterrows():
        entry = content["metrics"][regimen][metric]
        for name in ("value", "low", "high") if more else ("value",):
            assert row[name] == pytest.approx(entry[name])


def test_the_file_of_a_simulation_is_the_table_that_is_printed_too(capsys, tmp_path):
    path, course = tmp_path / "table.csv", tmp_path / "course.csv"
    words = ["simulate", "4.5 mg at 22:00", "--days", "1", "--metric", "tmax", "--json"]
    entries = json.loads(run(capsys, *words, "--out", str(path), "--course", str(course)).out)["metrics"][""]
    table = pd.read_csv(path).set_index("metric")
    assert list(table.index) == ["tmax naltrexone", "tmax naltrexol"]
    assert table.value.tolist() == pytest.approx([entry["value"] for entry in entries.values()])
    assert "time [h]" in pd.read_csv(course)


@pytest.mark.parametrize("alone", [True, False])
def test_an_area_names_the_hours_that_it_is_over(alone, capsys, tmp_path):
    path = tmp_path / "t.csv"
    words = ["simulate", "4.5 mg"] if alone else ["compare", "4.5 mg at 22:00", "50 mg at 08:00"]
    told = run(capsys, *words, "--days", "1", "--metric", "auc", "--out", str(path)).out
    assert "from 0 to 24 h after the dose" in " ".join(told.split())
    assert set(pd.read_csv(path).window) == {"from 0 to 24 h after the dose"}


def test_each_number_of_a_comparison_says_what_it_means(capsys):
    told = run(capsys, *TWO).out
    head, *rows = told.splitlines()
    assert head.endswith("meaning")
    assert max(map(len, [head, *rows])) <= 100
    assert next(r for r in rows if r.startswith("change_il6")).endswith("change of IL-6")


def test_a_figure_has_the_panels_asked_for(capsys, tmp_path, monkeypatch):
    drawn = []
    made = ldn.plots.compare

    def kept(ds, **how):
        drawn.append(made(ds, **how))
        return drawn[-1]

    monkeypatch.setattr(ldn.plots, "compare", kept)
    words = [*TWO[:-1], "3", "--panel", "il6", "--panel", "opioid_tone"]
    run(capsys, *words, "--figure", str(tmp_path / "f.png"))
    assert drawn[0][1].shape == (2, 1)
    assert cli.run(words) == 2
    assert "no figure is asked for" in capsys.readouterr().err
    assert cli.run([*TWO, "--panel", "il7", "--figure", str(tmp_path / "f.png")]) == 2
    assert "panel='il7': no such name; did you mean 'il6'" in capsys.readouterr().err


BESIDE = "beside = 4.5 mg at bedtime + tramadol 50 mg every 6 h from 08:00"
ALONE = "alone = tramadol 50 mg every 6 h from 08:00"


@pytest.mark.filterwarnings("ignore:naltrexone together with")
@pytest.mark.parametrize("draws", [(), ("--draws", "4")])
def test_what_is_left_of_an_opioid_stands_in_the_usual_table(draws, capsys):
    told = run(capsys, "compare", BESIDE, ALONE, "--days", "2", *draws).out
    assert "missing where a regimen holds no opioid beside naltrexone" in told.replace("\n", " ")
    assert "as where its doses ended before the last days, which are read" in told.replace("\n", " ")
    row = next(line for line in told.splitlines() if line.startswith("opioid_effect_left"))
    assert row.split()[2:4] == ["-", "%"]
    words = BESIDE.partition("= ")[2]
    alone = run(capsys, "simulate", words, "--days", "2", "--metric", "opioid_effect_left", "--json", *draws)
    value = json.loads(alone.out)["metrics"][""]["opioid_effect_left"]["value"]
    assert value == pytest.approx(float(row.split()[1]), rel=0.01)
    assert 0 < value < 60


def test_an_opioid_alone_has_no_share_that_is_left(capsys):
    words = ["simulate", ALONE.partition("= ")[2], "--days", "1", "--metric", "opioid_effect_left"]
    assert cli.run(words) == 2
    assert "no regimen holds both" in capsys.readouterr().err


@pytest.mark.kind("few-draws")
def test_an_interval_of_one_draw_is_not_printed(capsys):
    told = run(capsys, "simulate", "4.5 mg at 22:00", "--days", "1", "--metric", "cmax", "--draws", "1").out
    assert " to " not in told
    assert "too few for an interval, which takes --draws 20 or more" in told


@pytest.mark.kind("few-draws", sibling="the JSON and the file of a comparison")
def test_an_interval_of_few_draws_is_nowhere(capsys, tmp_path):
    path = tmp_path / "t.csv"
    words = [*TWO, "--metric", "cmax", "--draws", "19", "--json", "--out", str(path)]
    entry = json.loads(run(capsys, *words).out)["metrics"]["LDN"]["cmax naltrexone"]
    assert "low" not in entry
    assert "low" not in pd.read_csv(path)
