"""Phases of a virtual trial: what is taken when, and what is read, held against courses made by hand."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.errors import InputError
from ldnsim.study import trial
from ldnsim.study.patients import worlds_of
from ldnsim.study.phases import midnight, until

FEW = {"n": 8, "sd": 0.0, "worlds": 2, "patients": 4, "trials": 4}


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture
def given(monkeypatch):
    """Regimens that a trial gives, in the order of its sequences."""
    seen = []

    def noted(model, regimen, **how):
        seen.append(regimen)
        return ldn.simulate(model, regimen, **how)

    monkeypatch.setattr(trial, "simulate", noted)
    return seen


@pytest.mark.kind("phases-of-half-weeks")
@pytest.mark.parametrize(
    ("weeks", "washout", "first"), [(1.5, 0, 264), (1.5, 0.5, 336), (1.5, 0.1, 288), (2, 0, 336)]
)
def test_a_later_phase_keeps_the_clock_times_of_its_doses(model, given, weeks, washout, first):
    arms = {"placebo": None, "LDN": "4.5 mg nightly"}
    ldn.virtual_trial(model, arms, design="crossover", order="given", weeks=weeks, washout=washout, **FEW)
    times = np.array([d.time for d in given[-1].doses])
    assert (times % 24 == 22).all()
    assert times[0] == first + 22
    assert times[-1] < first + weeks * 168 <= times[-1] + 24


@pytest.mark.kind(
    "phases-of-half-weeks", sibling="two doses on the day on which a phase ends, in any kind of record"
)
@pytest.mark.parametrize(
    "regimen",
    [
        ldn.Regimen.every(4.5, ii=12, n=60, at="08:00"),
        ldn.Regimen.daily(4.5, days=30, at="08:00") + ldn.Regimen.daily(4.5, days=30, at="20:00"),
        ldn.Regimen.every(4.5, ii=12, n=60, at="08:00", ss=True),
        ldn.Regimen.every(4.5, ii=12, n=60, at="08:00").skip(days=[3]),
        ldn.Regimen.single(4.5, at="08:00"),
        ldn.Regimen.single(4.5, at=700),
    ],
)
@pytest.mark.parametrize("end", [588.0, 588.5, 596.0, 600.0, 1000.0])
def test_all_doses_before_the_end_of_a_phase_are_taken(regimen, end):
    kept = until(regimen, end).doses
    assert [(d.time, d.amt) for d in kept] == [(d.time, d.amt) for d in regimen.doses if d.time < end]


@pytest.mark.parametrize(
    ("hours", "found"), [(336, 336), (336.0000000001, 336), (588, 600), (0.1 * 168, 24), (0, 0)]
)
def test_a_phase_begins_at_the_next_midnight(hours, found):
    assert midnight(hours) == found


@pytest.mark.kind("endpoint-between-hours")
@pytest.mark.parametrize("endpoint", ["opioid_tone", "tlr4_activity", "il6"])
def test_an_endpoint_is_the_mean_of_the_course(model, endpoint):
    arms = {"placebo": None, "LDN": "4.5 mg nightly"}
    found = ldn.virtual_trial(
        model, arms, endpoint=endpoint, weeks={"placebo": 1, "LDN": 1.5}, **FEW | {"trials": 200}
    )
    times = np.arange(252 - 72, 252, 0.02)
    ds = ldn.simulate(
        model.with_parameters(in_trial=1.0), ldn.Regimen.daily(4.5, days=10, at="22:00"),
        subjects=worlds_of(model, 2, 4), times=times, outputs=[endpoint],
    )  # fmt: skip
    each = 100 * (ds[endpoint].values.mean(axis=1) - 1)
    low, high = (float(found.change.sel(all_arms="LDN").reduce(f)) for f in (np.min, np.max))
    assert each.min() - 0.05 < low < high < each.max() + 0.05
    first, second = each[:4].mean(), each[4:].mean()  # of either world
    assert float(found.change.sel(all_arms="LDN").mean()) == pytest.approx((first + second) / 2, abs=2.5)


@pytest.mark.kind("endpoint-of-no-fold")
@pytest.mark.parametrize("endpoint", ["plasma_naltrexone", "mu_occupancy_brain"])
def test_what_is_no_fold_of_baseline_is_no_endpoint(model, endpoint, monkeypatch):
    monkeypatch.setattr("ldnsim.study.trial.worlds_of", None)  # which may be a long drawing
    with pytest.raises(InputError, match=f"endpoint='{endpoint}': is 0 in who takes nothing"):
        ldn.virtual_trial(model, endpoint=endpoint, weeks=1, **FEW)


@pytest.mark.kind(
    "endpoint-of-no-fold", sibling="what is untreated 0 though a fold of something else; others are read"
)
def test_what_is_a_fold_of_something_else_is_no_endpoint(model):
    with pytest.raises(InputError, match="endpoint='opioid_dependence': is 0 in who takes nothing"):
        ldn.virtual_trial(model, endpoint="opioid_dependence", weeks=1, **FEW)
    untreated = ldn.virtual_trial(
        model, {"a": None, "b": None}, endpoint="endorphin", weeks=1, **FEW | {"sd": 1e-3}
    )
    np.testing.assert_allclose(untreated.change, 0, atol=3e-3)
