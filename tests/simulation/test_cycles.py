"""Which cycles have a steady state, and what is refused or warned of where there is none."""

import pytest

import ldnsim as ldn
from ldnsim.codegen import program
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


def test_a_model_that_grows_has_no_steady_state():
    growing = ldn.Model.from_antimony("model g\n A' = -k*A; S' = k*A; A = 0; S = 0; k = 0.2\nend")
    with pytest.warns(SolverWarning, match=r"no steady state for 1 of 1 subjects: S still changes by"):
        ldn.simulate(growing, ldn.Regimen.daily(10.0, days=2, cmt="A", ss=True), duration=24.0)


def test_a_trend_in_time_is_refused():
    trend = ldn.Model.from_antimony("model t\n A' = 0.01*time - k*A; A = 0; k = 0.2\nend")
    with pytest.raises(ldn.InputError, match="depend on time"):
        ldn.simulate(trend, ldn.Regimen.daily(10.0, days=2, cmt="A", ss=True), duration=24.0)
