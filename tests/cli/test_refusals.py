"""Bad input leaves exit code 2 and one line on stderr: the argument, the value, what is allowed."""

import re
import subprocess
import sys

import pytest

import ldnsim as ldn
from ldnsim import cli

SIMULATE = ["simulate", "--dose", "4.5", "--days", "2"]
COMPARE = ["compare", "4.5 mg at 22:00", "50 mg at 08:00", "--days", "2"]

CASES = {
    "no such command": (["simulat"], ["simulat", "simulate"]),
    "no such option": ([*SIMULATE, "--formulatoin", "capsule"], ["--formulatoin", "--formulation"]),
    "no dose": (["simulate", "--days", "2"], ["--dose", "'4.5 mg at 22:00'"]),
    "words and options": (
        ["simulate", "4.5 mg", "--ii", "48"],
        ["--ii=48", "contradicts the regimen in words"],
    ),
    "words that cannot be read": (["simulate", "4.5 mg purple"], ["purple"]),
    "words of a sensitivity": (["sensitivity", "4.5 mg purple", "--metric", "cmax"], ["purple"]),
    "words without quotes": (
        ["simulate", "4.5", "mg", "at", "bedtime", "--days", "2"],
        ["put it in quotes", '"4.5 mg at bedtime"'],
    ),
    "words of a comparison without quotes": (
        ["compare", "--days", "2", "4.5mg", "nightly", "50 mg"],
        ["put it in quotes", '"4.5mg nightly"'],
    ),
    "an empty regimen beside another": (["compare", "4.5 mg nightly", ""], ["regimen=''", "must read like"]),
    "words of a sensitivity without quotes": (
        ["sensitivity", "--metric", "cmax", "tramadol", "50", "mg"],
        ['"tramadol 50 mg"'],
    ),
    "fewer than no draws": ([*SIMULATE, "--draws", "-5"], ["--draws=-5: must be a whole number >= 1"]),
    "more draws than there are": ([*COMPARE, "--draws", "100000"], ["--draws=100000: must be at most the"]),
    "draws of a search": (
        ["optimize", "--maximize", "cmax", "--vary", "dose=1:2", "--draws", "-5"],
        ["--draws=-5"],
    ),
    "a search without a goal": (["optimize", "--vary", "dose=1:2"], ["--minimize, --maximize", "must be given"]),
    "a range that is none": (["optimize", "--minimize", "change_il6", "--vary", "dose"], ["NAME=LOW:HIGH"]),
    "a limit upside down": (
        ["optimize", "--minimize", "change_il6", "--vary", "dose=1:2", "--limit", "change_il6=5:1"],
        ["limit='change_il6=5:1'", "the lower first"],
    ),
    "a share of no draws": (
        ["optimize", "--minimize", "change_il6", "--vary", "dose=1:2", "--robust", "0.1"],
        ["--robust=0.1", "--draws 100"],
    ),
    "days that are said twice": (
        ["optimize", "--minimize", "change_il6", "--vary", "dose=1:2", "--days", "3", "--set", "days=2"],
        ["--days=3: contradicts --set days=2"],
    ),
    "a range upside down": (
        ["optimize", "--minimize", "change_il6", "--vary", "dose=6:1"], ["error: vary['dose']=(6.0, 1.0): "],
    ),
    "a goal that is none": (["optimize", "--minimize", "foo", "--vary", "dose=1:6"], ["--maximize='foo': no such name"]),
    "a limit of nothing": (
        ["optimize", "--minimize", "change_il6", "--vary", "dose=1:6", "--limit", "foo=1:2"],
        ["error: limit='foo': no such name"],
    ),
    "an option that is set": (
        ["optimize", "--minimize", "change_il6", "--vary", "dose=1:2", "--set", "seed=2"], ["set='seed'"],
    ),
    "samples of slopes": (
        ["sensitivity", "4.5 mg", "--metric", "cmax naltrexol", "--days", "2", "-n", "4"], ["n=4: has no effect"],
    ),
    "a calibration of what is not measured": (
        ["calibrate", "--model", "naltrexone_pk"], ["has no 'mu_occupancy_brain'", "its targets"],
    ),
    "more days than a run takes": (
        ["simulate", "4.5 mg", "--days", "100000"],
        ["--days=100000: must be at most 3650"],
    ),
    "days of a search": (["optimize", "--days", "4000"], ["--days=4000: must be at most 3650"]),
    "words of more days than a run takes": (
        ["simulate", "4.5 mg nightly for 100000 days"],
        ["beyond 3650 days, ten years, by its length"],
    ),
    "interval of more days than a run takes": ([*SIMULATE, "--ii", "100000"], ["--ii=100000.0: must be at most 87600 h"]),
    "time of more days than a run takes": ([*SIMULATE, "--at", "100000"], ["--at=100000.0: must be at most 87600 h"]),
    "word for dose": (["simulate", "--dose", "x"], ["--dose", "'x'"]),
    "digits of Python": (["simulate", "--dose", "1_5"], ["--dose", "'1_5'"]),
    "days in digits of Python": ([*SIMULATE[:3], "--days", "1_0"], ["--days", "'1_0'"]),
    "time in digits of Python": ([*SIMULATE, "--at", "2_2"], ["at='2_2'"]),
    "parameter in digits of Python": ([*SIMULATE, "--param", "ke0=1_2"], ["param='ke0=1_2'"]),
    "other digits": (["simulate", "--dose", "٤"], ["--dose", "'٤'"]),
    "negative dose": (["simulate", "--dose", "-1", "--days", "2"], ["dose=-1"]),
    "nan dose": (["simulate", "--dose", "nan", "--days", "2"], ["dose=nan"]),
    "no days": (["simulate", "--dose", "4.5", "--days", "0"], ["days=0"]),
    "part of a day": (["simulate", "--dose", "4.5", "--days", "1.5"], ["--days", "1.5"]),
    "no such time": ([*SIMULATE, "--at", "25:00"], ["at='25:00'", "23:59"]),
    "time of another kind": ([*SIMULATE, "--at", "teatime"], ["at='teatime'"]),
    "no interval": ([*SIMULATE, "--ii", "0"], ["ii=0"]),
    "nan interval": ([*SIMULATE, "--ii", "nan"], ["ii=nan"]),
    "formulation": ([*SIMULATE, "--formulation", "capsul"], ["capsul", "'capsule'"]),
    "drug": ([*SIMULATE, "--drug", "oxycodon"], ["oxycodon", "'oxycodone'"]),
    "model": ([*SIMULATE, "--model", "lnd"], ["lnd", "'ldn'"]),
    "model file": ([*SIMULATE, "--model", "nowhere/mine.ant"], ["mine.ant"]),
    "scenario": ([*SIMULATE, "--scenario", "in_vitro"], ["in_vitro", "'in_vitro_tlr4'"]),
    "condition": ([*SIMULATE, "--condition", "fibromialgia"], ["fibromialgia", "'fibromyalgia'"]),
    "parameter without value": ([*SIMULATE, "--param", "ke0"], ["param='ke0'", "ID=VALUE"]),
    "parameter that is no number": ([*SIMULATE, "--param", "ke0=fast"], ["param='ke0=fast'"]),
    "no such parameter": ([*SIMULATE, "--param", "ke00=1"], ["ke00", "did you mean"]),
    "parameter twice": ([*SIMULATE, "--param", "ke0=1", "--param", "ke0=2"], ["param='ke0': is given twice"]),
    "covariate twice": (
        ["population", "-n", "2", "--covariate", "weight=60", "--covariate", "weight=70"],
        ["covariate='weight': is given twice"],
    ),
    "goal twice": (
        ["optimize", "--maximize", "cmax", "--minimize", "cmax", "--vary", "dose=1:2"],
        ["goal='cmax': is given twice"],
    ),
    "parameter that is nan": ([*SIMULATE, "--param", "ke0=nan"], ["ke0", "nan"]),
    "threshold": ([*SIMULATE, "--threshold", "80"], ["threshold=80", "between 0 and 1"]),
    "method": ([*SIMULATE, "--method", "lsoda"], ["lsoda", "LSODA"]),
    "tolerance": ([*SIMULATE, "--rtol", "-1"], ["rtol=-1"]),
    "output step": ([*SIMULATE, "--every", "0"], ["every=0"]),
    "result suffix": ([*SIMULATE, "--out", "run.txt"], ["out='run.txt'", ".nc"]),
    "figure suffix": ([*SIMULATE, "--figure", "run.jpg"], ["figure='run.jpg'", ".png"]),
    "no folder": ([*SIMULATE, "--out", "nowhere/run.nc"], ["nowhere", "no folder"]),
    "one regimen": (["compare", "4.5 mg at 22:00"], ["4.5 mg at 22:00", "two or more"]),
    "more regimens than a figure holds": (
        ["compare", *(f"{k} mg at 22:00" for k in range(1, 9)), "--figure", "many.png"],
        ["figure='8 regimens'", "only 7", "table of all"],
    ),
    "no regimen": (["compare"], ["REGIMEN"]),
    "hours for which a dose is meant": (["compare", "4.5 mg nightly at 8", "50 mg"], ["second time, 'at 8'"]),
    "regimen without unit": (["compare", "4.5 at 22:00", "50 mg"], ["4.5 at 22:00", "DOSE mg"]),
    "regimen with a word": (["compare", "4.5 mg cansule at 22:00", "50 mg"], ["cansule", "'capsule'"]),
    "regimen in 25th hour": (["compare", "4.5 mg at 25:00", "50 mg"], ["at='25:00'"]),
    "negative regimen": (["compare", "-4.5 mg", "50 mg"], ["dose=-4.5"]),
    "regimen with two formulations": (
        ["compare", "4.5 mg capsule solution", "50 mg"],
        ["second formulation"],
    ),
    "interval that is no number": (["compare", "4.5 mg every two h", "50 mg"], ["'two' is not a number"]),
    "every nothing": (["compare", "4.5 mg every", "50 mg"], ["4.5 mg every", "after 'every'"]),
    "at nothing": (["compare", "4.5 mg at", "50 mg"], ["4.5 mg at", "after 'at'"]),
    "daily and every": (["compare", "4.5 mg daily every 12 h", "50 mg"], ["daily"]),
    "half a time": (
        ["compare", "4.5 mg + 1 mg at 08:00", "50 mg"],
        ["when '4.5 mg' is taken", "'4.5 mg at 08:00 + 1 mg at 08:00'"],
    ),
    "time of the first alone": (
        ["compare", "4.5 mg at 8 + 1 mg", "50 mg"],
        ["when '1 mg' is taken", "'4.5 mg at 8 + 1 mg at 8'"],
    ),
    "time in the afternoon": (["compare", "4.5 mg at 8 pm", "50 mg"], ["at='8 pm'", "did you mean '20:00'"]),
    "another unit": (["compare", "4500 nmol at 22:00", "50 mg"], ["naltrexone in nmol", "must be in mg"]),
    "unit of another drug": (["compare", "2 mg lps", "50 mg"], ["lps in mg", "must be in ng/kg"]),
    "same name twice": (["compare", "a = 4.5 mg", "a = 50 mg"], ["twice"]),
    "empty name": (["compare", "= 4.5 mg", "a = 50 mg"], ["empty name"]),
    "compare days": ([*COMPARE[:3], "--days", "0"], ["days=0"]),
    "export format": (["export", "--format", "matlab"], ["matlab", "antimony"]),
    "export suffix": (["export", "--out", "ldn.m"], ["out='ldn.m'", ".xml"]),
    "format against suffix": (
        ["export", "--out", "ldn.ant", "--format", "sbml"],
        ["format='sbml': contradicts out='ldn.ant'", ".xml or .sbml"],
    ),
    "export model": (["export", "--model", "lnd"], ["'ldn'"]),
    "models": (["models", "lnd"], ["'ldn'"]),
    "evidence rows": (["evidence", "--rows", "0"], ["--rows", "0"]),
}


@pytest.mark.kind("number-grammar", sibling="in the options of a command")
@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_refused_in_one_line(case, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments, words = CASES[case]
    assert cli.run(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("ldnsim: error: ")
    assert told.err.count("\n") == 1, told.err
    assert [w for w in words if w not in told.err] == [], told.err
    assert not list(tmp_path.iterdir()), "a refused run leaves nothing behind"


def test_a_folder_in_the_way_is_refused(capsys, tmp_path):
    (tmp_path / "run.nc").mkdir()
    assert cli.run([*SIMULATE, "--out", str(tmp_path / "run.nc")]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_refused_before_the_run(capsys, tmp_path, monkeypatch):
    def refused(*a, **k):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryDirectory", refused)
    assert cli.run([*SIMULATE, "--figure", str(tmp_path / "run.png")]) == 2
    assert "run.png': cannot be written: Permission denied" in capsys.readouterr().err


def test_a_disk_that_fails_later_is_reported_in_one_line(capsys, tmp_path, monkeypatch):
    from ldnsim.cli import files

    def full(*a, **k):
        raise OSError(28, "No space left on device", "run.png")

    monkeypatch.setattr(files, "draw", full)
    assert cli.run([*SIMULATE, "--figure", str(tmp_path / "run.png")]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("ldnsim: error: [Errno 28] No space left")


@pytest.fixture
def broken(monkeypatch):
    """Make the run fail as told."""
    from ldnsim.cli import report

    def fail_with(error):
        def fail(*a, **k):
            raise error

        monkeypatch.delenv(cli.SHOW_ALL, raising=False)
        monkeypatch.setattr(report, "simulated", fail)

    return fail_with


def test_a_fault_of_the_program_is_one_line_and_another_code(broken, monkeypatch, capsys):
    broken(ZeroDivisionError("division by zero"))
    assert cli.run(SIMULATE) == 1
    told = capsys.readouterr().err
    assert told == (
        "ldnsim: error: a fault of ldnsim, ZeroDivisionError: division by zero; "
        "LDNSIM_TRACEBACK=1 shows where\n"
    )
    monkeypatch.setenv(cli.SHOW_ALL, "1")
    with pytest.raises(ZeroDivisionError):
        cli.run(SIMULATE)


def test_no_memory_is_one_line(broken, capsys):
    broken(MemoryError("Unable to allocate 3 TiB"))
    assert cli.run(SIMULATE) == 1
    assert capsys.readouterr().err == "ldnsim: error: out of memory: Unable to allocate 3 TiB\n"


def test_being_interrupted_leaves_130_and_one_line(broken, capsys):
    broken(KeyboardInterrupt())
    assert cli.run(SIMULATE) == 130
    assert capsys.readouterr().err.split("\n") == ["", "ldnsim: stopped", ""]  # a new line after ^C


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_ends_the_process_with_one_line():
    code = (
        "import os, signal, sys; from ldnsim import cli; from ldnsim.cli import report; "
        "report.simulated = lambda *a, **k: os.kill(os.getpid(), signal.SIGINT) or __import__('time').sleep(9); "
        f"cli.main({SIMULATE!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "\nldnsim: stopped\n")


def test_a_sweep_that_is_stopped_says_once_how_to_go_on(tmp_path, monkeypatch, capsys):
    from ldnsim.sweeps import executors

    plan = tmp_path / "plan.toml"
    plan.write_text("days = 1\nmetrics = ['cmax']\nchunk = 1\n[over]\ndose = [1, 2, 3]\n")

    def stop(*a, **k):
        raise KeyboardInterrupt

    monkeypatch.setattr(executors, "here", stop)
    assert cli.run(["sweep", str(plan), "--store", str(tmp_path / "run")]) == 130
    assert re.fullmatch(
        r"\n?stopped: 0 of \d chunks are kept in .*--resume\) goes on from there\n", capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[over]\ndoose = [1.5]", "did you mean 'dose'"),
        ("days = 2\nmetrics = ['cmaxx']\n[over]\ndose = [1.5]", "did you mean 'cmax'"),
        ("dayss = 3\n[over]\ndose = [1.5]", "did you mean 'days'"),
        ("[over]\ndose = [", "plan.toml: is not TOML"),
        ("days = 2\n[over]\ndose = [1.5]", "store=None: must be given, or --out"),
    ],
)
def test_a_slip_in_a_plan_is_told_of_before_a_missing_store(tmp_path, capsys, text, words):
    plan = tmp_path / "plan.toml"
    plan.write_text(text)
    assert cli.run(["sweep", str(plan)]) == 2
    assert words in capsys.readouterr().err


def test_the_process_itself_leaves_2_and_one_line():
    command = [sys.executable, "-m", "ldnsim", "simulate", "--dose", "-1", "--days", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("ldnsim: error: dose=-1")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def explosive(tmp_path):
    """A model that blows up 1/A hours after a dose A: the arguments of a run of it."""
    path = tmp_path / "up.ant"
    path.write_text("model up()\n A' = -0*A; A = 0; x' = A*x^2; x = 1\nend", encoding="utf-8")
    return {"model": str(path), "scenario": None, "condition": None, "params": ()}


def test_regimens_that_finish_outlive_one_that_does_not(explosive):
    from ldnsim.cli import report

    pair = {name: ldn.Regimen.single(dose, cmt="A") for name, dose in (("small", 0.001), ("large", 1.0))}
    with pytest.warns(ldn.SolverWarning, match="1 of 2 .*'large' at 1"):
        ds = report.simulated(pair, report.Shown((), 0.8, None, None, False), **explosive).ds
    assert ds.status.values[0] == "finished"
    assert float(ds.x.sel(regimen="small")[-1]) == pytest.approx(1 / (1 - 0.024), rel=1e-5)


def test_a_run_that_cannot_be_finished_is_one_line(explosive, capsys):
    arguments = ["--dose", "1", "--days", "1", "--cmt", "A", "--model", explosive["model"]]
    assert cli.run(["simulate", *arguments]) == 2
    told = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"ldnsim: error: the run stopped at 1\.?\d* h: .*; try another --method.*", told[-1])
    assert not [line for line in told if "warning" in line]


INTERVALS = {
    "simulate": [*SIMULATE, "--every", "48"],
    "compare": ["compare", "4.5 mg every 12 h at 08:00", "50 mg at 08:00", "--every", "24"],
    "washout": ["washout", "oxycodone", "--dose", "20", "--every", "12"],
}


@pytest.mark.kind("step-and-interval")
def test_an_output_step_beyond_the_interval_is_taken_for_one(capsys):
    for command in ("simulate", "compare"):
        assert cli.run(INTERVALS[command]) == 2
        assert re.search(
            r"every=\d+\.0: is the output step .*--ii \d+ is an interval", capsys.readouterr().err
        )


@pytest.mark.kind("step-and-interval", sibling="a command without an output step")
def test_every_names_the_option_that_was_meant(capsys):
    assert cli.run(INTERVALS["washout"]) == 2
    assert "every=12.0: is the output step of other commands, and no interval between doses; --ii 12" in (
        capsys.readouterr().err
    )
