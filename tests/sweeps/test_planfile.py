"""Sweeps from TOML files, and from the shell."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.cli import run
from ldnsim.sweeps.planfile import read_plan

PLAN = """
days = 2
metrics = ["cmax", "rebound_auc"]
formulation = "capsule"
[over]
dose = [1.5, 4.5]
"at, ke0" = [["22:00", 0.5], ["08:00", 1.0]]
scenario = ["", "in_vitro_tlr4"]
[population]
n = 3
seed = 7
"""


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def parameter():
    return next(p.id for p in ldn.load_model("ldn").table if p.id.startswith("ke") or p.id.startswith("k_"))


def test_a_plan_is_what_it_says(tmp_path, parameter):
    told = read_plan(written(tmp_path / "plan.toml", PLAN.replace("ke0", parameter)), ldn.posterior)
    assert told["over"] == {
        "dose": [1.5, 4.5],
        ("at", parameter): [("22:00", 0.5), ("08:00", 1.0)],
        "scenario": [None, "in_vitro_tlr4"],
    }
    assert told["subjects"].equals(ldn.population(ldn.load_model("ldn"), n=3, seed=7))
    assert told["days"] == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("days = 2", "day = 2", ["day", "days"]),
        ("days = 2", "days = 0", ["days", "0"]),
        ("days = 2", "days = 100000", ["days=100000", "must be at most 3650"]),
        ("dose = [1.5, 4.5]", "days = [2, 4000]", ["days=4000", "must be at most 3650"]),
        ("days = 2", "days = ", ["line 2"]),
        ("[over]", "[over", ["line 5"]),
        ("dose = [1.5, 4.5]", "dosis = [1]", ["dosis", "dose"]),
        ("dose = [1.5, 4.5]", "dose = 1.5", ["over.dose", "list"]),
        ("seed = 7", "sed = 7", ["sed", "seed"]),
        ("n = 3", "n = -3", ["n", "-3"]),
        ("[over]", "draws = 0\n[over]", ["draws", "0"]),
        ("[over]", "draws = 100000\n[over]", ["100000", "shipped"]),
        ('metrics = ["cmax", "rebound_auc"]', 'metrics = "cmax"', ["metrics", "list"]),
        ('"capsule"', '"capsul"', ["capsul", "capsule"]),
        ("[over]", "[ower]", ["ower", "over"]),
    ],
)
def test_errors_name_the_key_or_the_line(tmp_path, capsys, parameter, old, new, words):
    path = written(tmp_path / "plan.toml", PLAN.replace("ke0", parameter).replace(old, new))
    assert run(["sweep", str(path), "--store", str(tmp_path / "run")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    for word in words:
        assert word in said


def test_the_shell_gives_what_python_gives(tmp_path, capsys):
    text = 'days = 2\nmetrics = ["cmax"]\nstore = "run"\n[over]\ndose = [1.5, 4.5]\n'
    path = written(tmp_path / "plan.toml", text)
    store = tmp_path / "run"
    assert run(["sweep", str(path), "--store", str(store), "--out", str(tmp_path / "grid.csv")]) == 0
    assert "result.nc" in capsys.readouterr().out
    ours = ldn.sweep(ldn.load_model("ldn"), {"dose": [1.5, 4.5]}, days=2, metrics=["cmax"])
    assert ldn.open_result(store / "result.nc").equals(ours)
    assert "dose" in (tmp_path / "grid.csv").read_text().splitlines()[0].split(",")
    assert run(["sweep", str(path), "--store", str(store)]) == 2
    assert "resume" in capsys.readouterr().err
    assert run(["sweep", str(path), "--store", str(store), "--resume"]) == 0
    assert run(["sweep", str(tmp_path / "nothing.toml")]) == 2


def test_a_population_from_the_shell(tmp_path, capsys):
    out = tmp_path / "people.csv"
    assert run(["population", "-n", "5", "--seed", "7", "--covariate", "weight=60", "--out", str(out)]) == 0
    assert "weight" in capsys.readouterr().out
    import pandas as pd

    ours = ldn.population(ldn.load_model("ldn"), n=5, seed=7, covariates={"weight": 60})
    np.testing.assert_allclose(pd.read_csv(out).to_numpy(), ours.to_numpy())
    assert run(["population", "-n", "5", "--covariate", "weight"]) == 2
    assert "weight" in capsys.readouterr().err


def test_regimens_in_words(tmp_path):
    text = 'days = 3\n[over.regimen]\nnight = "4.5 mg at bedtime"\nonce = "50 mg once at 08:00"\n'
    plan = read_plan(written(tmp_path / "plan.toml", text), ldn.posterior)
    R = ldn.Regimen
    wanted = {"night": R.daily(4.5, days=3, at="22:00"), "once": R.single(50, at="08:00")}
    assert (plan["over"], "days" in plan) == ({"regimen": wanted}, False)
    text = 'days = 3\nregimen = "4.5 mg nightly"\n[over]\nke0 = [1, 2]\n'
    assert read_plan(written(tmp_path / "plan.toml", text), ldn.posterior)["regimen"] == wanted["night"]
    with pytest.raises(ldn.InputError, match=r"over\.regimen.*a table of regimens in words"):
        read_plan(written(tmp_path / "plan.toml", 'days = 3\n[over]\nregimen = ["4.5 mg"]\n'), ldn.posterior)
    with pytest.raises(ldn.UnknownNameError, match="purple"):
        read_plan(written(tmp_path / "plan.toml", 'regimen = "4.5 mg purple"\n[over]\nke0 = [1]\n'), ldn.posterior)


def test_draws_of_a_plan_and_of_the_option(tmp_path, capsys):
    text = 'days = 2\nmetrics = ["cmax"]\ndraws = 3\n[over]\ndose = [1.5, 4.5]\n'
    path = written(tmp_path / "plan.toml", text)
    model = ldn.load_model("ldn")
    ours = ldn.sweep(
        model, {"dose": [1.5, 4.5]}, draws=ldn.posterior(model, 3), days=2, metrics=["cmax"], progress=False
    )
    assert ldn.sweep(**read_plan(path, ldn.posterior), progress=False).equals(ours)
    assert run(["sweep", str(path), "--draws", "2", "--out", str(tmp_path / "grid.nc")]) == 0
    assert "draw" in capsys.readouterr().out
    two = ldn.open_result(tmp_path / "grid.nc")
    np.testing.assert_allclose(two.cmax, ours.cmax.isel(draw=slice(2)), rtol=1e-9)


def test_the_map_of_a_plan_with_draws_is_of_their_medians(tmp_path):
    text = 'days = 2\nmetrics = ["change_il6"]\ndraws = 3\n[over]\ndose = [1.5, 4.5]\nat = ["08:00", "22:00"]\n'
    path = written(tmp_path / "plan.toml", text)
    out, figure = tmp_path / "grid.nc", tmp_path / "grid.png"
    assert run(["sweep", str(path), "--out", str(out), "--figure", str(figure)]) == 0
    assert figure.stat().st_size > 5_000
