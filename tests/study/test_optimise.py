"""Optimisation: optima that are known, constraints that bind, bounds that are admitted."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.cli import run
from ldnsim.study import optimise_space

from .small_runs import TEXT

SEARCH = {"days": 2, "cmt": "A", "candidates": 12, "generations": 12}


@pytest.fixture(scope="module")
def window():
    model = ldn.Model.from_antimony(TEXT)
    table = ldn.load_model("ldn").readouts
    return model.with_readouts(table[table.variable.isin(model.observables)])


def test_a_known_optimum_is_found(window):
    # Cmax = d (1 + e^-2.4) on the second day; it is to be 2 at most, and as large as that.
    found = ldn.optimize(
        window, {"cmax naltrexone": "max"}, {"dose": (0.1, 10.0)},
        constraints={"cmax naltrexone": (None, 2.0)}, seed=1, **SEARCH,
    )  # fmt: skip
    assert found.best.dose == pytest.approx(2 / (1 + np.exp(-2.4)), rel=0.01)
    assert found.best["cmax naltrexone"] <= 2.0
    assert not found.at_bound
    one = ldn.simulate(window, found.regimen, metrics=["cmax"]).cmax.values[0]
    assert one == pytest.approx(found.best["cmax naltrexone"], rel=1e-4)


def test_an_optimum_on_a_bound_is_admitted(window):
    found = ldn.optimize(window, {"cmax naltrexone": "max"}, {"dose": (0.1, 10.0)}, **SEARCH)
    assert found.best.dose == pytest.approx(10, rel=0.02)
    assert len(found.at_bound) == 1
    assert "dose ended at its upper bound 10" in found.at_bound[0]
    assert "upper bound" in repr(found)


@pytest.mark.parametrize("name", ["days", "n"])
def test_a_whole_number_on_a_bound_is_admitted(window, name):
    how = {"dose": 1, "cmt": "A", "candidates": 6, "generations": 3}
    found = ldn.optimize(window, {"cmax naltrexone": "max"}, {name: (1, 3)}, **how)
    assert found.best[name] == 3
    assert f"{name} ended at its upper bound 3" in found.at_bound[0]
    with pytest.raises(ldn.InputError, match=rf"over\['{name}'\]=\(1.2, 3\): must be two whole numbers"):
        ldn.optimize(window, {"cmax naltrexone": "max"}, {name: (1.2, 3)}, **how)


@pytest.mark.parametrize("generations", [2, 12])
def test_where_all_tie_no_optimum_is_claimed(window, generations):
    flat = window.with_parameters(width=1e12)  # a tone that no dose moves
    how = SEARCH | {"generations": generations}
    found = ldn.optimize(flat, {"rebound_auc": "max"}, {"dose": (0.1, 10.0)}, **how)
    assert found.message.startswith("all candidates tie")
    assert "converged" not in repr(found)
    assert found.message in repr(found)
    peaks = ldn.optimize(flat, {"cmax naltrexone": "max"}, {"dose": (0.1, 10.0)}, **how)
    assert "tie" not in peaks.message


def test_the_same_seed_finds_the_same(window):
    kw = SEARCH | {"generations": 4}
    a = ldn.optimize(window, {"auc naltrexone": "min"}, {"dose": (1.0, 3.0), "ii": [12, 24]}, seed=5, **kw)
    b = ldn.optimize(window, {"auc naltrexone": "min"}, {"dose": (1.0, 3.0), "ii": [12, 24]}, seed=5, **kw)
    pd.testing.assert_frame_equal(a.table, b.table)


def test_choices_are_chosen(window):
    found = ldn.optimize(window, {"cmax naltrexone": "max"}, {"dose": [1.0, 2.0], "ii": [8, 24]}, **SEARCH)
    assert found.best.dose == 2.0
    assert found.best.ii == 8


def test_a_front_holds_trades_only(window):
    goals = {"cmax naltrexone": "min", "auc naltrexone": "max"}
    found = ldn.optimize(
        window, goals, {"dose": (0.5, 8.0), "ii": (6.0, 48.0)}, **(SEARCH | {"candidates": 20})
    )
    table = found.table
    assert len(table) == len(found.regimens) > 5
    low, high = table["cmax naltrexone"].to_numpy(), table["auc naltrexone"].to_numpy()
    assert (np.diff(low) > 0).all()
    assert (np.diff(high) > 0).all()
    # No other dose and interval beats one of the front by much.
    rng = np.random.default_rng(2)
    for dose, ii in zip(rng.uniform(0.5, 8, 5), rng.uniform(6, 48, 5), strict=True):
        r = ldn.Regimen.every(dose, ii, max(1, int(np.ceil(48 / ii))), cmt="A")
        one = ldn.simulate(window, r, metrics=["cmax", "auc"])
        peak, area = float(one.cmax[0]), float(one.auc[0])
        assert not ((low > peak * 1.05) & (high < area * 0.95)).any()


def test_robust_is_more_careful_than_the_mean(window):
    draws = pd.DataFrame({"best": np.linspace(1, 5, 21)})
    kw = {"constraints": {"cmax naltrexone": (None, 4.0)}, "draws": draws, **SEARCH}
    mean = ldn.optimize(window, {"cmax naltrexone": "max"}, {"dose": (0.1, 10.0)}, **kw)
    assert mean.best["cmax naltrexone_low"] <= mean.best["cmax naltrexone_high"]
    scaled = pd.DataFrame({"best": [3.0] * 3})
    assert ldn.optimize(
        window, {"cmax naltrexone": "max"}, {"dose": (0.1, 10.0)}, **(kw | {"draws": scaled, "robust": 0.1})
    ).best.dose == pytest.approx(mean.best.dose, rel=0.02)


def test_constraints_hold_for_the_share_that_robust_names():
    model = ldn.Model.from_antimony(TEXT.replace("-0.1*A", "-k*A").replace("best = 3", "best = 3; k = 0.1"))
    table = ldn.load_model("naltrexone_pk").readouts
    model = model.with_readouts(table[table.variable.isin(model.observables)])
    draws = pd.DataFrame({"k": np.linspace(0.02, 0.2, 19)})
    kw = {"constraints": {"cmax naltrexone": (None, 4.0)}, "draws": draws, **SEARCH}
    mean = ldn.optimize(model, {"auc naltrexone": "max"}, {"dose": (0.1, 10.0)}, **kw)
    careful = ldn.optimize(model, {"auc naltrexone": "max"}, {"dose": (0.1, 10.0)}, robust=0.1, **kw)
    assert careful.best.dose < mean.best.dose
    peaks = ldn.simulate(model, careful.regimen, subjects=draws, metrics=["cmax"]).cmax.values[:, 0]
    assert (peaks <= 4.0 + 1e-6).mean() >= 0.89
    least = ldn.optimize(
        model,
        {"auc naltrexone": "min"},
        {"dose": (0.1, 10.0)},
        robust=0.1,
        **(kw | {"constraints": {"cmax naltrexone": (2.0, None)}}),
    )
    assert least.best["cmax naltrexone"] == pytest.approx(2.0, rel=0.02)  # what is near the limit is shown


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"goals": {}}, "goals"),
        ({"goals": {"auc naltrexone": "up"}}, "max"),
        ({"goals": {"acu": "max"}}, "auc"),
        ({"over": {}}, "over"),
        ({"over": {"dos": (1, 2)}}, "over='dos'.*dose"),
        ({"over": {"regimen": (1, 2)}}, "over='regimen'"),
        ({"over": {"dose": (2, 1)}}, "lower first"),
        ({"over": {"dose": (-1, 1)}}, "dose"),
        ({"over": {"dose": [1]}}, "two choices"),
        ({"dose": 3}, "dose"),
        ({"robust": 0.1}, "draws"),
        ({"candidates": 2}, "candidates"),
        ({"constraints": {"auc naltrexone": (2, 1)}}, "constraints"),
        ({"constraints": {"auc naltrexone": (1e9, None)}, "generations": 2}, "nearest"),
    ],
)
def test_refusals_name_the_argument(window, change, words):
    kw = {"goals": {"auc naltrexone": "max"}, "over": {"dose": (1, 2)}, **SEARCH, **change}
    with pytest.raises((ValueError, KeyError), match=words):
        ldn.optimize(window, kw.pop("goals"), kw.pop("over"), **kw)


def test_from_the_shell(tmp_path, capsys):
    out = tmp_path / "best.csv"
    few = ["--days", "2", "--candidates", "6", "--generations", "2", "--out", str(out)]
    told = ["--minimize", "change_il6", "--vary", "dose=0.5:5", "--vary", "at=18:30", "--limit"]
    assert run(["optimize", *told, "hours_blocked_peripheral=:20", *few]) == 0
    assert "regimens" in capsys.readouterr().out
    assert {"dose [mg]", "at", "change_il6 [%]"} <= set(pd.read_csv(out).columns)
    assert run(["optimize", "--minimize", "change_il6", "--vary", "dose=5"]) == 2
    assert "dose=5" in capsys.readouterr().err


def test_the_best_is_judged_at_the_accuracy_asked_for():
    model, draws = ldn.load_model("ldn"), ldn.posterior(ldn.load_model("ldn"), 9)
    how = {"days": 3, "at": "22:00", "draws": draws, "candidates": 6, "generations": 2}
    found = ldn.optimize(model, {"rebound_peak": "max"}, {"dose": (0.5, 6.0)}, **how)
    exact = ldn.simulate(model, found.regimen, subjects=draws, metrics=["rebound_peak"]).rebound_peak
    assert found.best.rebound_peak == pytest.approx(float(exact.mean()), rel=1e-6)
    tried = found.candidates.rebound_peak[found.candidates.dose == found.best.dose]
    assert tried.max() == pytest.approx(float(exact.mean()), abs=1e-5)


def test_a_regimen_that_comes_again_is_not_simulated_again(window):
    found = ldn.optimize(window, {"cmax naltrexone": "max"}, {"dose": [1.0, 2.0], "ii": [8, 24]}, **SEARCH)
    assert found.evaluated == 4
    assert len(found.candidates) > 4


@pytest.mark.kind("at-least", sibling="an optimum")
@pytest.mark.parametrize("n", [None, 3])
def test_a_blockade_that_outlasts_the_run_is_told_of_beside_the_optimum(n):
    model = ldn.load_model("ldn")
    draws = None if n is None else ldn.posterior(model, n)
    how = {"days": 2, "candidates": 5, "generations": 1, "draws": draws}
    both = [
        ldn.optimize(model, {"blockade_window": "max"}, {"dose": doses}, **how)
        for doses in ([0.5, 1.0], [50.0, 100.0])
    ]
    assert [found.best.blockade_window_censored for found in both] == [0, 1]
    assert (
        "cmax_censored"
        not in ldn.optimize(model, {"cmax naltrexone": "max"}, {"dose": [0.5, 1.0]}, **how).table
    )


@pytest.mark.parametrize(("name", "low", "high"), [("dose", 1.00001, 1.00002), ("at", 22.005, 22.006)])
def test_what_is_rounded_stays_within_its_range(name, low, high):
    variable = optimise_space.SearchVariable(name, low, high)
    assert all(low <= variable.value(u) <= high for u in (0.0, 0.3, 0.5, 1.0))
