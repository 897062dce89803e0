"""Which cycles have a steady state, and what is refused or warned of where there is none."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.codegen import program
from ldnsim.engine.collecting import collecting
from ldnsim.errors import SolverWarning
from ldnsim.simulation import cycles


def test_a_regimen_that_never_repeats_has_no_cycle(toy):
    rising = ldn.Regimen.titration([(1, 7), (2, 7)])
    with pytest.raises(ldn.InputError, match=r"regimen=.*common period"):
        cycles.steady_cycle(program(toy), toy, rising, toy.values[None, :])


def test_a_model_with_a_rhythm_of_its_own_needs_its_period_too():
    text = "model c\n A' = k*(1 + sin(2*3.14159265358979*time/24)) - k*A; A = 1; k = 0.3\nend"
    rhythmic = ldn.Model.from_antimony(text)
    half_daily = ldn.Regimen.every(1.0, ii=12.0, n=4, cmt="A")
    cycle = cycles.steady_cycle(program(rhythmic), rhythmic, half_daily, rhythmic.values[None, :])
    assert cycle.period == 24.0
    assert cycle.found.converged.all()


GROWS = "A' = -vm*A/(km + A); A = 0; vm = 5; km = 20"  # 60 mg in 12 h at most


@pytest.mark.filterwarnings("ignore::ldnsim.errors.SolverWarning")
@pytest.mark.kind("no-steady-state")
def test_who_reaches_no_steady_state_has_no_numbers():
    model = ldn.Model.from_antimony(GROWS)
    regimen = ldn.Regimen.from_records([{"time": 0, "amt": 100, "cmt": "A", "ii": 12, "ss": 1}])
    people = pd.DataFrame({"vm": [5.0, 12.0]})
    with pytest.warns(SolverWarning, match="no steady state for 1 of 2 subjects: A still changes by 40 over"):
        ds = ldn.simulate(model, regimen, subjects=people, times=[0.0, 12.0], outputs=["A"])
    assert np.isnan(ds.A.sel(subject=0)).all()  # it was 7e5, and finished
    assert (ds.A.sel(subject=1) > 0).all()
    assert ds.status.values.tolist() == ["non finite", "finished"]


@pytest.mark.filterwarnings("ignore::ldnsim.errors.SolverWarning")
@pytest.mark.kind("no-steady-state", sibling="a steady state that is added to what is there, SS 2")
def test_who_reaches_no_steady_state_has_none_to_add():
    regimen = ldn.Regimen.from_records([{"time": 0, "amt": 100, "cmt": "A", "ii": 12, "ss": 2}])
    people = pd.DataFrame({"vm": [5.0, 12.0]})
    with pytest.warns(SolverWarning, match="no steady state for 1 of 2 subjects: A still changes by 40 over"):
        ds = ldn.simulate(ldn.Model.from_antimony(GROWS), regimen, subjects=people, times=[0.0, 12.0], outputs=["A"])
    assert ds.status.values.tolist() == ["non finite", "finished"]


@pytest.mark.kind("no-steady-state", sibling="a state that only collects, as an area does")
@pytest.mark.parametrize("rate", ["A", "k*A", "k*A - 0.1"])
@pytest.mark.parametrize("first", [0.0, 5.0])
def test_a_state_that_only_collects_is_left_out(rate, first):
    model = ldn.Model.from_antimony(f"A' = -k*A; S' = {rate}; A = 0; S = {first}; k = 0.2")
    nightly = ldn.Regimen.every(10.0, ii=12, n=2, cmt="A", ss=True)
    right = 10.0 / (1.0 - np.exp(-2.4)) * np.exp([0.0, -1.2])
    with pytest.warns(SolverWarning, match="no steady state for S, on which nothing depends"):
        ds = ldn.simulate(model, nightly, times=[0.0, 6.0])
    np.testing.assert_allclose(ds.A, right, rtol=1e-5)  # it was a tenth too low
    assert float(ds.S[0]) == first
    with pytest.warns(SolverWarning, match="no steady state for S"):
        day = ldn.steady_state(model, ldn.Regimen.every(10.0, ii=12, n=1, cmt="A"), every=6.0)
    np.testing.assert_allclose(day.A[:2], right, rtol=1e-5)


def test_a_trend_in_time_is_refused():
    trend = ldn.Model.from_antimony("model t\n A' = 0.01*time - k*A; A = 0; k = 0.2\nend")
    with pytest.raises(ldn.InputError, match="depend on time"):
        ldn.simulate(trend, ldn.Regimen.daily(10.0, days=2, cmt="A", ss=True), duration=24.0)


GATES = {
    "at some hours only": "z := piecewise(2, sin(time*0.2617993877991494 - 1) > 0.9, 0); B' = 0.2*A - z*B; G' = -G + z*B",
    "beyond a threshold": "z := piecewise(0.1, B > 1000, 0); B' = 0.2*A - z*B; G' = -G + z*B",
}


@pytest.mark.kind("no-steady-state", sibling="a state that gives back at some hours, or beyond a threshold, collects not")
@pytest.mark.parametrize("gate", GATES)
def test_a_state_that_gives_back_later_is_none_that_only_collects(gate):
    model = ldn.Model.from_antimony(f"var A, B, G; {GATES[gate]}; A' = G - 0.3*A; A = 0; B = 0; G = 0")
    system = program(model).system
    constants = program(model).constants_of(model.values[None, :])
    assert not collecting(system, np.ones(3), constants, 0.0, 24.0).any()


def test_where_events_may_answer_nothing_only_collects():
    model = ldn.Model.from_antimony("A' = -A; A = 1; S' = A; S = 0; at (S > 100): A = 0")
    system = program(model).system
    assert not collecting(system, np.ones(2), program(model).constants_of(model.values[None, :]), 0.0, 24.0).any()
