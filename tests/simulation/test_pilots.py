"""What a pilot found is remembered for other subjects, and found anew for other questions."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.simulation import plan as plans


@pytest.fixture
def counted(monkeypatch):
    """Count pilots."""
    made, prepare = [], plans.prepare
    monkeypatch.setattr(plans, "prepare", lambda *a, **k: made.append(k) or prepare(*a, **k))
    return made


def folk(toy, factor):
    name = toy.parameter_ids[0]
    return pd.DataFrame({name: toy.values[0] * factor * np.linspace(0.9, 1.1, 9)})


def test_other_subjects_need_no_new_pilot(toy, week, counted):
    first = ldn.simulate(toy, week, subjects=folk(toy, 1.0))
    other = ldn.simulate(toy, week, subjects=folk(toy, 1.2))
    again = ldn.simulate(toy, week, subjects=folk(toy, 1.0))
    assert len(counted) <= 1
    assert first.identical(again)
    assert not first.equals(other)


@pytest.mark.parametrize("change", ["rtol", "atol", "method", "regimen", "model", "alone"])
def test_other_questions_do(toy, week, counted, change):
    subjects = folk(toy, 1.0)
    ldn.simulate(toy, week, subjects=subjects, rtol=1e-5)
    before = len(counted)
    model = toy.with_parameters(**{toy.parameter_ids[0]: 1.1 * toy.values[0]}) if change == "model" else toy
    regimen = week.shift(1.0) if change == "regimen" else week
    how = {"rtol": 1e-5, "subjects": subjects} | {
        "rtol": {"rtol": 1.1e-5}, "atol": {"atol": 1e-9}, "method": {"method": "tsit5"},
        "alone": {"subjects": None},
    }.get(change, {})  # fmt: skip
    ldn.simulate(model, regimen, **how)
    assert len(counted) == before + 1


@pytest.fixture
def lowered(monkeypatch):
    """Count how often doses are laid out."""
    made, events = [], plans.dosing.events
    monkeypatch.setattr(plans.dosing, "events", lambda *a: made.append(a) or events(*a))
    return made


def test_doses_that_all_share_are_laid_out_once(toy, week, lowered):
    week = week.shift(0.25)  # nobody has asked for it yet
    first = ldn.simulate(toy, week, subjects=folk(toy, 1.0))
    once = len(lowered)
    again = ldn.simulate(toy, week, subjects=folk(toy, 1.0))
    assert once >= 1
    assert len(lowered) == once
    assert first.identical(again)


def test_doses_that_depend_on_the_subject_are_laid_out_for_each():
    model = ldn.load_model("ldn")
    lag = "tlag"
    week = ldn.Regimen.daily(4.5, days=2, formulation="capsule")
    own = [
        pd.DataFrame({lag: model.values[model.parameter_ids.index(lag)] * np.array(f)})
        for f in ((1.0, 1.0), (1.0, 3.0))
    ]
    alike, apart = (ldn.simulate(model, week, subjects=s, outputs=["plasma_naltrexone"]) for s in own)
    np.testing.assert_array_equal(alike.plasma_naltrexone[0], alike.plasma_naltrexone[1])
    assert not np.array_equal(apart.plasma_naltrexone[0], apart.plasma_naltrexone[1])
