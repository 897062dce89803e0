"""What the README shows can be done as it is written there."""

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import ldnsim as ldn
from ldnsim import cli

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_five_lines_of_python_run(tmp_path):
    code = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)[1]
    assert len([x for x in code.splitlines() if x.strip() and not x.startswith("import")]) <= 5
    script = tmp_path / "five.py"
    script.write_text("import matplotlib\nmatplotlib.use('Agg')\n" + code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    head = done.stdout.splitlines()[0].split()
    assert head[:3] == ["hours_blocked_peripheral", "hours_blocked_brain", "change_il6"]
    assert "..." not in done.stdout


def test_the_command_line_runs(tmp_path, monkeypatch, capsys):
    words = shlex.split(re.search(r"`ldnsim (compare [^`]*)`", TEXT)[1])
    monkeypatch.chdir(tmp_path)
    assert cli.run([*words, "--days", "2"]) == 0
    assert (tmp_path / "compare.png").stat().st_size > 10_000
    for line in re.findall(r"`ldnsim (models[^`]*|evidence|export|--help)`", TEXT):
        assert cli.run(shlex.split(line)) == 0, line
    assert capsys.readouterr().out


PAGES = [ROOT / "README.md", *(p for p in (ROOT / "docs").rglob("*.md") if "generated" not in p.parts)]
REGIMEN = re.compile(r'(?:Regimen\.parse\(|ldnsim (?:simulate|level|compare|sensitivity) )"([^"]+)"')


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (p.relative_to(ROOT), w)
        for p in PAGES
        for w in REGIMEN.findall(p.read_text(encoding="utf-8"))
        if w != "..."
    ],
)
def test_every_regimen_in_words_that_a_page_shows_can_be_read(page, words):
    assert ldn.Regimen.parse(words.partition("=")[2] or words, days=28).doses, page


def test_every_name_that_the_readme_calls_exists():
    called = set(re.findall(r"`[^`]*?\bldn\.([A-Za-z_]+)\(", TEXT))
    assert {"level_at", "dose_for", "fit", "save", "compare"} <= called
    assert not [name for name in called if not hasattr(ldn, name)]


def test_the_quickstart_draws_the_figure_of_the_readme(module, monkeypatch):
    from ldnsim import plots

    spec = importlib.util.spec_from_file_location("gallery", ROOT / "docs" / "gallery.py")
    gallery = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gallery)
    asked = {}
    monkeypatch.setattr(plots, "compare", lambda ds, **how: asked.update(how, labels=ds.regimen.values.tolist()))
    gallery.compare_message()
    assert asked == {"variables": module.PANELS, "build_up": False, "labels": module.REGIMENS}


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", TEXT)
    links = [a or b for a, b in links]
    assert "docs/figures/compare_message.png" in links
    missing = [x for x in links if not x.startswith("http") and not (ROOT / x).exists()]
    assert not missing


@pytest.mark.parametrize("script", ["quickstart.py", "check.py"])
def test_the_two_commands_need_nothing_but_python(script):
    assert f"    python3 {script}\n" in TEXT
    code = (ROOT / script).read_text(encoding="utf-8")
    imported = set(re.findall(r"^(?:from|import) (\w+)", code, re.MULTILINE))
    assert imported - {"quickstart"} <= sys.stdlib_module_names


@pytest.fixture
def module():
    spec = importlib.util.spec_from_file_location("quickstart", ROOT / "quickstart.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_complete_environment_is_used_as_it_is(module, monkeypatch, tmp_path, capsys):
    steps = []

    def step(arguments, hint):
        steps.append(arguments[1:3])
        python = (
            tmp_path / ".venv" / ("Scripts" if sys.platform == "win32" else "bin") / module.program("python")
        )
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "step", step)
    monkeypatch.setattr(module.subprocess, "call", lambda words: steps.append(words[1:3]))
    (tmp_path / "pyproject.toml").write_text("one")
    module.environment(".venv", "--editable", "here")
    installed = [["-m", "pip"], ["-W", "ignore"]]
    assert steps == [["-m", "venv"], *installed]
    assert "installing" in capsys.readouterr().err
    assert module.environment(".venv", "--editable", "here").parent == tmp_path / ".venv"
    assert len(steps) == 3
    assert capsys.readouterr().err == ""
    (tmp_path / "pyproject.toml").write_text("two")
    module.environment(".venv", "--editable", "here")
    module.environment(".venv", "--editable", "elsewhere")
    assert steps[3:] == installed * 2


def test_an_installation_that_broke_off_is_done_again(module, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text("one")
    monkeypatch.setattr(module.subprocess, "call", lambda words: 1 if "pip" in words else 0)
    with pytest.raises(SystemExit, match=r"this failed: .* pip install .*package index"):
        module.environment(".venv", "here")
    assert not list(tmp_path.rglob("complete"))


def test_the_quickstart_runs_a_command_that_parses(module, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(module, "environment", lambda *a: tmp_path / "bin")
    monkeypatch.setattr(module, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(module.subprocess, "call", lambda words, **k: asked.append(words) or 0)
    assert module.main(["--days", "2"]) == 0
    assert Path(asked[0][0]).stem == "ldnsim"
    assert cli.run(asked[0][1:]) == 0
    assert sorted(p.name for p in (tmp_path / "results").iterdir()) == ["compare.nc", "compare.png"]


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("alone", [False, True])
def test_each_test_is_run_by_one_of_the_two_commands(monkeypatch, slow, alone):
    monkeypatch.syspath_prepend(ROOT)
    spec = importlib.util.spec_from_file_location("check", ROOT / "check.py")
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    runs = [run for words in ([], ["--slow"]) for run in check.runs(words)]
    chosen = [eval(run[run.index("-m") + 1], {"slow": slow, "alone": alone}) for run in runs]
    assert sum(chosen) == 1
    assert "tests/cli/test_pages.py" in runs[-1]
