"""What the commands print and write when the input is good."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.cli import show
from ldnsim.cli.app import COMMANDS
from ldnsim.cli.regimens import regimens

TWO = ["compare", "LDN = 4.5 mg at 22:00", "standard = 50 mg at 08:00", "--days", "2"]


def run(capsys, *arguments):
    assert cli.run(arguments) == 0
    return capsys.readouterr()


def columns(text):
    return max(map(len, text.splitlines()))


def test_version(capsys):
    assert run(capsys, "--version").out == f"ldnsim {ldn.__version__}\n"


def test_no_short_help_is_cut(capsys):
    assert cli.run(["--help"]) == 0
    _, *rest = capsys.readouterr().out.splitlines()  # the first line ends in [ARGS]...
    assert not [line for line in rest if line.endswith("...")]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_an_example_that_parses_and_fits_the_screen(command, capsys):
    text = run(capsys, *([command] if command else []), "--help").out
    assert columns(text) <= 100
    examples = re.findall(r"^ +ldnsim ([\w-]+)", text, re.MULTILINE)
    assert examples
    assert set(examples) <= set(COMMANDS)
    assert not command or set(examples) == {command}


def test_without_words_the_tool_explains_itself(capsys):
    assert run(capsys).out == run(capsys, "--help").out
    assert "not medical advice" in run(capsys).out


def test_simulate_prints_the_metrics_of_summarize(capsys):
    told = run(capsys, "simulate", "--dose", "4.5", "--days", "2", "--at", "22:00")
    ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=2, at="22:00"), every=0.25)
    wanted = ldn.summarize(ds)
    row = next(x for x in told.out.splitlines() if x.startswith("hours_blocked_peripheral"))
    assert float(row.split()[1]) == pytest.approx(float(wanted.hours_blocked_peripheral), rel=5e-3)
    assert row.split()[2] == "h"
    assert any(x.startswith("cmax naltrexol") for x in told.out.splitlines())
    assert told.out.count(show.NOTICE) == 1
    assert columns(told.out) <= 100


def test_simulate_json_is_for_machines(capsys, tmp_path):
    out = tmp_path / "run.nc"
    told = run(
        capsys, "simulate", "--dose", "4.5", "--days", "2", "--threshold", "0.5", "--json", "--out", str(out)
    )
    content = json.loads(told.out)
    assert content["model"] == "ldn"
    assert content["threshold"] == 0.5
    assert content["files"] == [str(out)]
    back = ldn.summarize(ldn.open_result(out), threshold=0.5)
    only = content["metrics"][""]
    assert only["hours_blocked_brain"]["value"] == pytest.approx(float(back.hours_blocked_brain), rel=1e-9)
    assert only["hours_blocked_brain"]["units"] == "h"


@pytest.mark.parametrize("suffix", [".nc", ".zarr", ".csv", ".parquet"])
def test_results_are_written_and_read_back(suffix, capsys, tmp_path):
    path = tmp_path / f"run{suffix}"
    told = run(capsys, *TWO, "--course", str(path))
    assert f"wrote {path}" in told.out.replace("\n", "")
    back = ldn.open_result(path)
    assert list(back.regimen.values) == ["LDN", "standard"]
    assert float(back.plasma_naltrexone.max()) > 0


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<?xml")])
def test_figures_are_written(suffix, start, capsys, tmp_path):
    path = tmp_path / f"run{suffix}"
    run(capsys, *TWO, "--figure", str(path))
    assert path.read_bytes().startswith(start)


def test_compare_has_a_column_for_each_regimen(capsys):
    told = run(capsys, *TWO)
    head, *rows = told.out.splitlines()
    assert head.split()[:4] == ["metric", "LDN", "standard", "unit"]
    cmax = next(r for r in rows if r.startswith("cmax naltrexone")).split()
    assert 8 < float(cmax[3]) / float(cmax[2]) < 14  # linear kinetics: 50 / 4.5
    assert columns(told.out) <= 100


def test_names_too_long_for_the_table_are_numbered(capsys):
    words = [
        "4.5 mg slow_release at 22:00",
        "2.25 mg solution every 12 h at 08:00",
        "0.5 mg at 22:00",
        "0 mg",
    ]
    told = run(capsys, "compare", *words, "--days", "2").out
    assert [f"({k})  {w}" for k, w in enumerate(words, 1)] == told.splitlines()[:4]
    assert told.splitlines()[5].split()[:6] == ["metric", "(1)", "(2)", "(3)", "(4)", "unit"]
    assert columns(told) <= 100


def test_parameters_scenario_and_model_options_reach_the_model(capsys, tmp_path):
    one = ["simulate", "--dose", "4.5", "--days", "2", "--json"]
    plain = json.loads(run(capsys, *one).out)
    slow = json.loads(run(capsys, *one, "--param", "ka=0.3").out)
    other = json.loads(run(capsys, *one, "--scenario", "in_vitro_tlr4").out)
    value = lambda told, name: told["metrics"][""][name]["value"]  # noqa: E731
    assert value(slow, "cmax naltrexone") < 0.9 * value(plain, "cmax naltrexone")
    assert abs(value(other, "change_il6")) < 0.1 < abs(value(plain, "change_il6"))
    assert len({plain["model_hash"], slow["model_hash"], other["model_hash"]}) == 3


def test_a_model_of_ones_own_can_be_dosed(capsys, tmp_path):
    file = tmp_path / "one.ant"
    file.write_text("model one\n A' = -k*A; A = 0; k = 0.5\nend")
    out = tmp_path / "run.nc"
    told = run(
        capsys,
        "simulate",
        "--model",
        str(file),
        "--dose",
        "10",
        "--cmt",
        "A",
        "--days",
        "1",
        "--out",
        str(out),
    )
    assert "cmax(A)" in told.out
    assert float(ldn.open_result(out).A.sel(time=2)) == pytest.approx(10 * np.exp(-1), rel=1e-5)


@pytest.mark.parametrize(
    ("words", "asked", "end"), [("50 mg once", 3, 72.0), ("50 mg once", None, 24.0), ("50 mg nightly", 2, 70.0)]
)
def test_days_of_a_single_dose_are_how_long_it_is_watched(capsys, tmp_path, words, asked, end):
    days = [] if asked is None else ["--days", str(asked)]
    run(capsys, "simulate", words, "--model", "naltrexone_pk", "--every", "1", *days, "--course", str(tmp_path / "run.nc"))
    assert float(ldn.open_result(tmp_path / "run.nc").time[-1]) == end


def test_output_is_quiet_where_nobody_watches(capsys):
    run(capsys, *TWO)  # compiles, if that is still to be done, and says so once
    assert run(capsys, *TWO).err == ""


def test_models_lists_the_shelf(capsys):
    told = run(capsys, "models").out
    for name in ldn.list_models():
        assert any(line.startswith(name) for line in told.splitlines())
    about = run(capsys, "models", "ldn").out
    for word in ("mu_occupancy_peripheral", "in_vitro_tlr4", "capsule"):
        assert word in about
    metrics = run(capsys, "models", "ldn", "--metrics").out
    assert all(name in metrics for name in ldn.load_model("ldn").readouts.index)
    assert "Integral over" in metrics
    rows = run(capsys, "models", "ldn", "--parameters").out
    assert "assumed" in rows
    assert max(columns(about), columns(rows)) <= 100
    content = json.loads(run(capsys, "models", "ldn", "--json").out)
    model = ldn.load_model("ldn")
    assert content["states"] == list(model.states)
    assert content["parameters"]["ka"]["value"] == float(model.parameters.value["ka"])


def test_export_can_be_read_again(capsys, tmp_path):
    model = ldn.load_model("ldn").with_parameters(ka=0.7)
    text = run(capsys, "export", "--param", "ka=0.7").out
    assert ldn.Model.from_sbml(text).states == ldn.Model.from_sbml(model.to_sbml()).states
    for name, read in (("ldn.xml", ldn.Model.from_sbml), ("ldn.ant", ldn.Model.from_antimony)):
        run(capsys, "export", "--param", "ka=0.7", "--out", str(tmp_path / name))
        back = read((tmp_path / name).read_text(encoding="utf-8"))
        assert float(back.parameters.value["ka"]) == 0.7


def test_evidence_finds_rows_by_their_words(capsys):
    told = run(capsys, "evidence", "naltrexol", "t_half").out
    assert columns(told) <= 100
    rows = json.loads(run(capsys, "evidence", "naltrexol", "t_half", "--json").out)
    assert 0 < len(rows) < len(ldn.evidence())
    assert all("naltrexol" in json.dumps(r).lower() for r in rows.values())
    nothing = run(capsys, "evidence", "phlogiston")
    assert "no row" in nothing.err
    cut = run(capsys, "evidence", "--rows", "3")
    assert "3 of " in cut.err


def test_regimens_in_words():
    found = regimens(
        (
            "4.5 mg at 22:00",
            "b = 2.25 mg solution every 12 h at 8",
            "c = 30 mg oxycodone at 0 + 4.5 mg at 22:00",
            "d = 1 MG daily + 2 mg Every 12 H",
        ),
        3,
    )
    R = ldn.Regimen
    assert found == {
        "4.5 mg at 22:00": R.daily(4.5, days=3, at="22:00"),
        "b": R.every(2.25, ii=12, n=6, at=8, formulation="solution"),
        "c": R.daily(30, days=3, drug="oxycodone") + R.daily(4.5, days=3, at="22:00"),
        "d": R.daily(1, days=3) + R.every(2, ii=12, n=6),
    }


def test_simulate_takes_the_words_that_compare_takes(capsys):
    worded = run(capsys, "simulate", "4.5 mg at bedtime", "--days", "2", "--json").out
    assert worded == run(capsys, "simulate", "--dose", "4.5", "--at", "22:00", "--days", "2", "--json").out


@pytest.mark.parametrize(("ii", "n"), [("48", 2), ("8", 9), ("100", 1), ("7", 11)])
def test_an_interval_fills_the_days(ii, n):
    assert len(regimens((f"1 mg every {ii} h",), 3)[f"1 mg every {ii} h"].doses) == n


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (12.345, "12.3"),
        (-0.04567, "-0.0457"),
        (123456.0, "123000"),
        (np.nan, "-"),
        (2e-9, "2.00e-09"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert show.number(value) == text


def test_the_tool_starts_without_its_heavy_parts():
    code = (
        "import sys; from ldnsim import cli; cli.run(['--version']); "
        "heavy = {'numba', 'sympy', 'xarray', 'pandas', 'matplotlib', 'scipy', 'libsbml', 'antimony'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_leaves_early_is_no_error():
    python = f'"{sys.executable}"'
    command = (
        f"({python} -m ldnsim models ldn --json; echo left with $? >&2) "
        f'| {python} -c "import sys; sys.stdin.read(1)"'
    )
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == "left with 0\n"


@pytest.mark.parametrize(
    ("units", "words"),
    [("", "check: no unit contradicts another"), ("A has mg; k has mg;", "check: Warning 10533")],
)
@pytest.mark.filterwarnings("ignore:model 'one'. units do not agree")
def test_the_units_of_a_model_of_ones_own_are_checked(units, words, capsys, tmp_path):
    file = tmp_path / "one.ant"
    file.write_text(
        f"model one\n unit mg = 1e-3 gram; unit time_unit = 3600 second; {units}\n"
        " A' = -k*A; A = 0; k = 0.5\nend"
    )
    told = run(capsys, "models", str(file)).out
    assert words in told
    assert columns(told) <= 100


@pytest.mark.kind("at-least", sibling="the tables of commands")
def test_a_blockade_that_outlasts_the_run_is_printed_as_at_least(capsys):
    told = run(capsys, "compare", "4.5 mg at 22:00", "50 mg at 22:00", "--days", "3").out
    row = next(line for line in told.splitlines() if line.startswith("blockade_window"))
    assert row.count(">= 24") == 1
    assert ">= where it lasts as long as was looked" in told
    entry = json.loads(run(capsys, "simulate", "50 mg at 22:00", "--days", "3", "--json").out)["metrics"][""]
    assert entry["blockade_window"]["at_least"] is True
    assert "at_least" not in entry["hours_blocked_peripheral"]


def test_a_regimen_is_shown_back_with_the_clock_times_that_were_read(capsys):
    quick = ["--days", "1", "--metric", "cmax"]
    told = run(capsys, "compare", "4.5 mg", "night = 4.5 mg at bedtime", *quick).out
    assert "Taken, 4.5 mg: 4.5 mg naltrexone capsule from day 1, 00:00.\n" in told
    assert "Taken, night: 4.5 mg naltrexone capsule from day 1, 22:00.\n" in told
    told = run(capsys, "simulate", "2 mg every 6 h", *quick).out
    assert "Taken: 2 mg naltrexone capsule x 4 every 6 h from day 1, 00:00.\n" in told
    told = json.loads(run(capsys, "simulate", "2 mg nightly", *quick, "--json").out)
    assert told["taken"] == {"": "2 mg naltrexone capsule from day 1, 22:00"}


def test_what_was_changed_of_the_model_is_told(capsys):
    quick = ["4.5 mg at 22:00", "--days", "1", "--metric", "change_il6"]
    assert "Model ldn" not in run(capsys, "simulate", *quick).out
    changed = ["--param", "K_brain=1", "--scenario", "in_vitro_tlr4"]
    told = " ".join(run(capsys, "simulate", *quick, *changed).out.split())
    assert "Model ldn, scenario in_vitro_tlr4; changed from its table: K_brain = 1, IC50_tlr4 = 105500" in told
    told = json.loads(run(capsys, "simulate", *quick, *changed, "--json").out)
    assert told["scenario"] == "in_vitro_tlr4"
    assert told["changed_parameters"]["K_brain"] == 1.0


def test_every_middle_says_of_what_it_is_one(capsys, tmp_path):
    days = ["--days", "1"]
    nominal = "Nominal values, no draws"
    assert nominal in run(capsys, "simulate", "4.5 mg at 22:00", *days).out
    told = run(capsys, "compare", "4.5 mg at 22:00", "1 mg at 22:00", *days).out
    assert nominal in told
    assert ">=" not in told
    assert json.loads(run(capsys, "simulate", "1 mg at 22:00", *days, "--json").out)["values"] == "nominal"
    assert "median of people" in run(capsys, "population", "-n", "4").out
    assert "of 4 draws" in run(capsys, "washout", "oxycodone", "--dose", "20", "--draws", "4").out
    best = [
        "optimize",
        "--minimize",
        "change_il6",
        "--vary",
        "dose=1,4",
        *days,
        "--candidates",
        "5",
        "--generations",
        "1",
    ]
    assert "judged by nominal values;" in run(capsys, *best).out
    small = ["--candidates", "5", "--generations", "1", "--out", str(tmp_path / "best.csv")]
    longest = run(capsys, "optimize", "--minimize", "change_il6", "--vary", "days=1:2", "--set", "dose=4.5", *small)
    assert longest.out.startswith("days")  # though --days has a default
    run(capsys, *best, *small[-2:])
    assert (tmp_path / "best.csv").read_text().startswith("dose [mg],change_il6 [%]\n")
    assert "judged by the mean of 3 draws;" in run(capsys, *best, "--draws", "3").out


def test_an_answer_names_the_assumed_parameters_it_rests_on(capsys):
    words = ["simulate", "4.5 mg at 22:00", "--days", "1"]
    line = next(x for x in run(capsys, *words).out.splitlines() if x.startswith("Rests on assumed: "))
    assert len(line) <= 100
    named = json.loads(run(capsys, *words, "--json").out)["rests_on_assumed"]
    assert line.split(": ")[1].split(",")[0] in named
    assert f"and {len(named) - line.count(',') - 1} more" in line


def test_a_wait_is_told_in_days_too(capsys):
    words = ["washout", "oxycodone", "--dose", "20", "--draws", "20"]
    days = [f"{hours / 24:.1f}" for hours in json.loads(run(capsys, *words, "--json").out)["hours"]["wait"]]
    row = next(line for line in run(capsys, *words).out.splitlines() if line.startswith("the wait"))
    assert row.split()[-3:] == days


def test_the_answer_to_a_wait_says_what_was_taken_and_whether_the_effect_comes_back_in_between(capsys):
    words = ["washout", "morphine", "--direction", "ldn_to_opioid", "--draws", "20", "--days", "10"]
    told = run(capsys, *words, "--dose", "4.5").out
    assert "After 10 days of 4.5 mg naltrexone every 24 h:" in told
    assert "before the next dose, 24 h later, in no draw." in told.replace("\n", " ")
    weekly = run(capsys, *words, "--dose", "4.5", "--ii", "240").out
    assert "before the next dose, 240 h later, in every draw." in weekly.replace("\n", " ")
    assert "After 10 days of 20 mg oxycodone every 6 h:" in run(
        capsys, "washout", "oxycodone", "--dose", "20", "--days", "10", "--draws", "4"
    ).out


@pytest.mark.kind("at-least", sibling="a wait that outlasts the days watched")
def test_a_wait_that_was_not_seen_to_end_is_longer_than_was_watched(capsys, monkeypatch):
    monkeypatch.setattr("ldnsim.study.waits.HORIZON", 1)
    command = ["washout", "methadone", "--dose", "60", "--draws", "20"]
    assert "> 24" in run(capsys, *command).out
    told = json.loads(run(capsys, *command, "--json").out)
    assert (told["watched"], told["hours"]["wait"][2]) == (24, None)


def test_columns_of_a_sensitivity_are_explained_and_a_share_has_no_unit(capsys):
    told = run(
        capsys,
        "sensitivity",
        "4.5 mg at 22:00",
        "--metric",
        "rebound_peak",
        "--parameter",
        "ka",
        "--days",
        "1",
    ).out
    assert "elasticity: percent of the metric a percent of the parameter" in told
    assert "is in 1" not in told


def test_draws_give_intervals_in_every_table(capsys, tmp_path):
    words = ["4.5 mg at 22:00", "--days", "2", "--draws", "24"]
    told = run(capsys, "simulate", *words, "--figure", str(tmp_path / "band.png")).out
    assert "Median of 24 draws of the posterior" in told
    assert re.search(r"^cmax naltrexone +[\d.]+ \([\d.]+ to [\d.]+\) +ng/mL", told, re.MULTILINE)
    assert (tmp_path / "band.png").stat().st_size > 10_000
    shown = json.loads(run(capsys, "compare", "1 mg at 22:00", *words, "--json").out)
    assert shown["values"] == "median of 24 draws"
    model = ldn.load_model("ldn")
    ds = ldn.simulate(
        model,
        ldn.Regimen.daily(4.5, days=2, at="22:00"),
        subjects=ldn.posterior(model, 24),
        metrics=["cmax naltrexone"],
    )
    low, middle, high = ds.cmax.quantile([0.05, 0.5, 0.95]).values
    entry = shown["metrics"]["4.5 mg at 22:00"]["cmax naltrexone"]
    assert [entry[k] for k in ("low", "value", "high")] == pytest.approx([low, middle, high])


def test_draws_of_a_model_without_a_posterior_are_refused(capsys):
    assert cli.run(["simulate", "--model", "rival_mann_binding", "--dose", "5", "--draws", "5"]) == 2
    assert "posterior" in capsys.readouterr().err


def test_metrics_are_chosen_and_may_be_any_readout(capsys):
    words = ["4.5 mg at 22:00", "--days", "2"]
    told = run(
        capsys, "simulate", *words, "--metric", "mean(opioid_effect)", "--metric", "change_il6", "--json"
    ).out
    assert set(json.loads(told)["metrics"][""]) == {"mean(opioid_effect)", "change_il6"}
    assert cli.run(["simulate", "4.5 mg", "--days", "1", "--metric", "chnage_il6"]) == 2
    assert "change_il6" in capsys.readouterr().err


def test_a_negative_clearance_is_refused(capsys):
    assert cli.run(["simulate", "4.5 mg", "--days", "1", "--param", "CL_ntx=-1"]) == 2
    assert "CL_ntx=-1.0: must not be negative: clearance" in capsys.readouterr().err


def test_what_the_solver_leaves_of_nothing_is_zero(capsys):
    about = {"units": "%", "long_name": "change of IL-6"}
    show.metric_table({"": {"change_il6": {"value": -1.1e-14, "low": -9e-11, "high": 2.5, **about}}})
    assert "0 (0 to 2.5)" in capsys.readouterr().out


def test_a_change_by_nothing_is_0(capsys):
    out = run(capsys, "simulate", "0 mg nightly", "--days", "2").out
    rows = [line.split() for line in out.splitlines() if line.startswith("change_")]
    assert [row[1] for row in rows] == ["0"] * 4
    assert "(placebo)" in out
