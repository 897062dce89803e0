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
