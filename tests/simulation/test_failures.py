"""One trajectory that fails is marked and told of once; its neighbours do not notice."""

import warnings

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

BLOWS_UP = "model up()\n x' = a*x^2; x = 1; a = 0; y' = -y; y = 1\n endorphin := x\nend"  # x = 1/(1 - a t)


@pytest.fixture(scope="module")
def failing():
    model = ldn.Model.from_antimony(BLOWS_UP)
    people = pd.DataFrame({"a": [0.0, 0.1, 0.5, -0.2]}, index=["w", "x", "y", "z"])
    with pytest.warns(ldn.SolverWarning) as caught:
        ds = ldn.simulate(model, {"none": None, "nil": None}, subjects=people, duration=6, metrics=None)
    return model, people, ds, [w for w in caught if w.category is ldn.SolverWarning]


def test_the_others_are_intact(failing):
    _model, _people, ds, _ = failing
    for a, label in ((0.0, "w"), (0.1, "x"), (-0.2, "z")):
        assert (ds.status.sel(subject=label) == "finished").all()
        np.testing.assert_allclose(ds.endorphin.sel(subject=label)[0], 1 / (1 - a * ds.time), rtol=1e-5)


def test_the_failed_one_is_missing_from_then_on_and_says_why(failing):
    *_, ds, _ = failing
    bad = ds.sel(subject="y", regimen="none")
    assert bad.status.item() in ("step underflow", "non finite", "too many steps")
    assert 1.9 < bad.fail_time.item() < 2.01
    np.testing.assert_allclose(bad.endorphin[:2], [1, 2], rtol=1e-5)
    assert bad.endorphin[3:].isnull().all()
    assert bad.last_state.sel(state="x") > 100
    assert ds.fail_time.sel(subject="w").isnull().all()


def test_there_is_one_warning_with_the_place(failing):
    *_, told = failing
    assert len(told) == 1
    text = str(told[0].message)
    assert "2 of 8" in text
    assert "'y'" in text
    assert " h, " in text


@pytest.mark.parametrize("who", ["subjects", "regimens"])
@pytest.mark.kind("failed-neighbour", sibling="people or regimens of one run, whichever of them is the first")
def test_whoever_fails_first_has_its_own_values_until_then(who):
    model = ldn.Model.from_antimony("model up()\n x' = a*x^2; x = 0; a = 0.1; endorphin := x\nend")
    doses = {"first": 5.0, "second": 0.1, "third": 0.05}  # x = 1/(1/dose - a t), infinite at 2 h
    regimens = {k: ldn.Regimen.single(d, cmt="x") for k, d in doses.items()}
    people = pd.DataFrame({"a": [0.1 * d for d in doses.values()]}, index=list(doses))
    given = {"regimen": regimens} if who == "regimens" else {"regimen": regimens["first"], "subjects": people / 5}
    times = [0.0, 0.4, 0.8, 1.2, 3.0, 6.0]
    with pytest.warns(ldn.SolverWarning, match="1 of 3"):
        ds = ldn.simulate(model, times=times, rtol=1e-8, **given)
    for k, d in doses.items():
        start, rate = (d, 0.1) if who == "regimens" else (5.0, people.a[k] / 5)
        seen = slice(0, 4 if k == "first" else None)
        exact = start / (1 - rate * start * np.array(times))
        np.testing.assert_allclose(ds.endorphin.sel({who[:-1]: k})[seen], exact[seen], rtol=1e-5)


@pytest.mark.parametrize("method", ["auto", "fast", "tsit5"])
@pytest.mark.kind("edge-of-a-formula", sibling="people with doses, some of whom come to the edge at their own time")
def test_who_comes_to_the_edge_of_a_formula_ends_and_nobody_else(method):
    text = "A' = -A; P' = A - k*P; L' = log(q - P); q = 9; k = 0.2; A = 0; P = 0; L = 0"
    model = ldn.Model.from_antimony(f"model edge()\n {text}\nend")
    people = pd.DataFrame({"q": [9.0, 9.0, 0.4, 9.0, 9.0, 0.6, 9.0, 9.0, 9.0, 0.2]})
    with pytest.warns(ldn.SolverWarning, match="3 of 10"):
        ds = ldn.simulate(model, ldn.Regimen.every(1, ii=6, n=3, cmt="A"), subjects=people, method=method)
    assert ((ds.status == "finished") == (people.q == 9).to_numpy()).all()
    assert ds.P.sel(subject=[0, 1, 3]).notnull().all()
    earlier = ds.fail_time.sel(subject=[9, 2, 5]).values
    assert (np.diff(earlier) > 0).all()


def test_metrics_of_a_failed_one_are_missing(failing):
    model, people, _, _ = failing
    with pytest.warns(ldn.SolverWarning):
        ds = ldn.simulate(model, None, subjects=people, duration=6, metrics=["cmax(endorphin)"])
    assert ds["cmax(endorphin)"].isnull().values.tolist() == [False, False, True, False]


def test_no_warning_without_failure(toy, week):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ds = ldn.simulate(toy, week)
    assert "fail_time" not in ds.coords


@pytest.mark.parametrize("method", ["tsit5", "rodas5p", "LSODA"])
def test_the_steps_a_trajectory_may_take_are_the_users_choice(toy, week, method):
    assert ldn.simulate(toy, week, method=method).status == "finished"
    with pytest.warns(ldn.SolverWarning, match="too many steps.*raise max_steps"):
        ds = ldn.simulate(toy, week, method=method, max_steps=20)
    assert ds.status == "too many steps"
    assert 0 < ds.fail_time.item() < 168
