"""What every command has in common: JSON for machines, an example in its help that works, lines that fit."""

import json
import re
import shlex

import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.cli import options, show
from ldnsim.cli.app import COMMANDS, LazyGroup, tool
from ldnsim.cli.layout import cell_width

NO_RESULT = {"cite", "export", "explore", "page"}  # print references or a model, open a page
SMALL = {
    "models": [],
    "simulate": ["--days", "1"],
    "compare": ["--days", "1"],
    "sweep": [],
    "population": ["-n", "4"],
    "sensitivity": ["--days", "1", "--parameter", "ka", "--parameter", "ke0"],
    "optimize": ["--days", "1", "--candidates", "5", "--generations", "1"],
    "export": [],
    "washout": ["--draws", "4"],
    "evidence": [],
}  # what makes the example of a command cheap; the others take minutes and are only parsed


def command(name):
    return LazyGroup().get_command(None, name)


def examples(name):
    """The examples of a command's help, each as words after `ldnsim`."""
    text = command(name).help
    found = re.findall(r"^ *ldnsim (.*)$", text, re.MULTILINE)
    assert found, name
    return [shlex.split(line) for line in found]


def plan_of_the_help(folder):
    text = command("sweep").help
    block = re.search(r"plan\.toml:\n(.*?)\n\s*\n", text, re.DOTALL)[1]
    (folder / "plan.toml").write_text(
        re.sub(r"n = \d+", "n = 2", re.sub(r"days = \d+", "days = 1", block)), encoding="utf-8"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_each_example_of_the_help_is_understood(name):
    for words in examples(name):
        assert words[0] == name
        tool.make_context("ldnsim", list(words), resilient_parsing=False)
        command(name).make_context(name, words[1:])


@pytest.mark.parametrize("name", SMALL)
def test_each_example_of_the_help_runs(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    plan_of_the_help(tmp_path)
    for words in examples(name):
        workers = ["--workers", "2"] if "--workers" in words else []
        cheap = [w for w in words if w not in workers]  # Dask is tested elsewhere
        assert cli.run([*cheap, *SMALL[name]]) == 0, (words, capsys.readouterr().err)
        out = capsys.readouterr().out
        assert out
        for option in ("--out", "--figure"):
            if option in words:
                assert (tmp_path / words[words.index(option) + 1]).exists()
        if name != "export":
            assert max(map(len, out.splitlines())) <= show.WIDTH


def test_every_command_that_prints_a_result_prints_json():
    lacking = [n for n in COMMANDS if "--json" not in [o for p in command(n).params for o in p.opts]]
    assert set(lacking) == NO_RESULT


@pytest.mark.parametrize("name", sorted(set(SMALL) - NO_RESULT))
def test_json_is_valid_and_has_units(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    plan_of_the_help(tmp_path)
    words = next(w for w in examples(name) if "--workers" not in w)
    if name == "models":
        words = ["models", "ldn"]
    assert cli.run([*words, *SMALL[name], "--json"]) == 0
    text = capsys.readouterr().out

    def never(constant):
        raise AssertionError(constant)  # NaN and Infinity are no JSON

    told = json.loads(text, parse_constant=never)
    assert told
    assert '"unit' in text


def test_what_is_not_finite_becomes_null(capsys):
    show.as_json({"a": float("nan"), "b": [float("inf"), 1.5], "c": {"d": None}})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5], "c": {"d": None}}


@pytest.mark.parametrize("columns", [20, 40, 80, 400])
@pytest.mark.parametrize("terminal", [False, True])
def test_tables_fit_whatever_the_terminal(columns, terminal, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    for words in (["models", "ldn", "--parameters"], ["models"], ["evidence", "naltrexol"]):
        assert cli.run(words) == 0
        widest = max(map(cell_width, capsys.readouterr().out.splitlines()))
        assert widest <= (max(min(columns, show.WIDTH), 27) if terminal else show.WIDTH)


def test_the_list_of_commands_is_not_cut_short(capsys):
    assert cli.run(["--help"]) == 0
    cut = [line for line in capsys.readouterr().out.splitlines() if line.endswith("...") and line[0] == " "]
    assert [line.split()[0] for line in cut] in ([], ["explore"])


def test_help_says_the_exit_codes(capsys):
    assert cli.run(["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for words in ("0 done", "2 the input cannot be used", "1 the program failed", "130 stopped"):
        assert words in text


def test_a_bar_is_shown_to_those_who_watch_and_to_no_others(monkeypatch, capsys):
    with options.busy("thinking"):
        pass
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(options, "at_terminal", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with options.busy("thinking"):
        ldn.list_models()
    assert "thinking" in capsys.readouterr().err
