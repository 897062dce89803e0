"""Equations that look into the past: known solutions, jumps that come back, and what is refused."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.engine import delays


def model(body):
    return ldn.Model.from_antimony(f"model m\n{body}\nend")


def run(body, times, outputs, regimen=None, **how):
    ds = ldn.simulate(
        model(body), regimen, times=times, outputs=outputs, **{"rtol": 1e-9, "atol": 1e-11} | how
    )
    assert (ds.status == "finished").all()
    return ds


STEPS = "x' = -delay(x, 1); x = 1"


def exact(t):
    """Solve x' = -x(t - 1), x = 1 before, by the method of steps."""
    return sum(
        (-1) ** k * max(t - (k - 1), 0.0) ** k / np.prod(np.arange(1, k + 1)) for k in range(int(t) + 2)
    )


@pytest.mark.kind("delay")
def test_the_method_of_steps():
    times = np.linspace(0, 8, 33)
    ds = run(STEPS, times, ["x"])
    np.testing.assert_allclose(ds.x, [exact(t) for t in times], rtol=1e-8, atol=1e-9)


def test_a_lag_that_does_not_divide_the_output_times_and_a_parameter_for_it():
    m = model("x' = -delay(x, tau); x = 1; tau = 1")
    fast = ldn.simulate(m.with_parameters(tau=0.7), None, times=[0.0, 1.0], outputs=["x"], rtol=1e-9)
    assert float(fast.x[1]) == pytest.approx(1 - 1 + 0.3**2 / 2, rel=1e-8)
    people = pd.DataFrame({"tau": [0.7, 1.0, 0.7]})
    both = ldn.simulate(m, None, subjects=people, times=[0.0, 1.0], outputs=["x"], rtol=1e-9, threads=2)
    assert both.x[0].values.tolist() == both.x[2].values.tolist() == pytest.approx(fast.x.values, abs=1e-9)


def test_cells_that_live_for_a_fixed_time():
    # N' = k - k delay(1 if born): cells made at the rate k live 5 h, so that N = k min(t, 5)
    body = "N' = birth - delay(birth, 5); N = 0; birth := piecewise(3, time >= 0, 0)"
    ds = run(body, [0.0, 2.0, 5.0, 9.0], ["N"])
    np.testing.assert_allclose(ds.N, [0, 6, 15, 15], rtol=1e-8)


def test_a_dose_comes_back_as_a_jump_of_the_rate():
    body = "A' = 0; B' = delay(A, 2.5); A = 0; B = 0"
    ds = run(body, [0.0, 3.0, 3.5, 4.5, 8.0], ["A", "B"], ldn.Regimen.single(4, cmt="A", at=1))
    np.testing.assert_allclose(ds.B, [0, 0, 0, 4, 18], atol=1e-9)
    infused = run(body, [0.0, 3.5, 4.5, 8.0], ["B"], ldn.Regimen.single(4, cmt="A", at=1, rate=4))
    np.testing.assert_allclose(infused.B, [0, 0, 2, 16], atol=1e-8)


def test_a_place_of_what_came_back_is_free_for_what_comes_next():
    waiting = SimpleNamespace(returns=np.full((2, 2), np.inf))
    for due in (1.0, 2.0):
        delays._await(waiting, due, 1.0)
    waiting.returns[0, 0] = np.inf  # it has come back
    delays._await(waiting, 3.0, 2.0)
    assert waiting.returns.tolist() == [[3.0, 2.0], [2.0, 1.0]]


def test_values_before_the_start_and_lags_that_change():
    ds = run(
        "x := sin(3*time); y := delay(x, 0.5); z' = 1; z = 2; w := delay(z, time/2)",
        [0.0, 0.2, 2.0],
        ["y", "w"],
    )
    np.testing.assert_allclose(ds.y, np.sin(3 * (np.array([0.0, 0.2, 2.0]) - 0.5)), rtol=1e-12)
    np.testing.assert_allclose(ds.w, [2, 2.1, 3.0], rtol=1e-9)
    inside = run("x' = 1; x = 0; y := delay(x, 1); z := delay(y + 10, 0.5)", [0.0, 1.0, 2.0], ["z"])
    np.testing.assert_allclose(inside.z, [10, 10, 10.5], atol=1e-9)


def test_events_look_back_and_their_jumps_come_back():
    body = "x' = 1; x = 0; hit = 0; y' = delay(hit, 1); y = 0; at delay(x, 1) > 0.5: hit = x"
    ds = run(body, [1.4, 1.6, 2.6, 3.5], ["hit", "y"])
    np.testing.assert_allclose(ds.hit, [0, 1.5, 1.5, 1.5], rtol=1e-9)
    np.testing.assert_allclose(ds.y, [0, 0, 0.15, 1.5], atol=1e-8)


def test_a_delay_is_in_the_models_unit_of_time():
    body = "unit time_unit = 86400 second; A' = 0; B' = delay(A, 0.5); A = 0; B = 0"
    ds = run(body, [0.0, 12.0, 24.0], ["B"], ldn.Regimen.single(4, cmt="A"))
    np.testing.assert_allclose(ds.B, [0, 0, 2], atol=1e-8)  # half a day at 4 a day


def test_many_steps_are_remembered():
    ds = run("x' = -20*(x - cos(40*time)) + 0*delay(x, 9); x = 0; y := delay(x, 9)", [10.0, 19.0], ["x", "y"])
    assert float(ds.y[1]) == pytest.approx(float(ds.x[0]), rel=1e-7)


@pytest.mark.kind("delay", sibling="a lag of 0 in the equations, a lag below 0, a stiff method, SciPy")
def test_what_cannot_be_done_fails_by_name():
    for method, words in (
        ("rodas5p", "looks into the past, which tsit5 alone can"),
        ("LSODA", "SciPy cannot look"),
    ):
        with pytest.raises(ldn.InputError, match=words):
            ldn.simulate(model(STEPS), None, duration=1, method=method)


@pytest.mark.kind("delay", sibling="steady states and exact slopes, which would forget the past")
def test_steady_states_and_slopes_are_refused():
    m = model("A' = -delay(A, 1); A = 1; k = 1")
    regimen = ldn.Regimen.every(1, ii=12, n=2, cmt="A")
    with pytest.raises(ldn.InputError, match="looks into the past"):
        ldn.steady_state(m, regimen)
    with pytest.raises(ldn.InputError, match="looks into the past"):
        ldn.simulate(m, ldn.Regimen.every(1, ii=12, n=2, cmt="A", ss=True))
    with pytest.raises((ldn.InputError, ldn.ModelError), match="look into the past"):
        ldn.sensitivity(m, regimen, metric=lambda ds: ds.A.max("time"), outputs=["A"], method="local")


def test_a_rule_that_follows_its_own_past_is_refused():
    with pytest.raises(ldn.ModelError, match=r"circle|[Ll]oop|circular"):
        model("y := delay(y, 1) + 1")
    with pytest.raises(ldn.ModelError, match="nothing before the start"):
        model("y := delay(z, 1); z := time; x = y; x' = 1")


@pytest.mark.kind("delay", sibling="a lag below 0, or a lag of 0 in the equations")
@pytest.mark.parametrize(
    "text",
    [
        "x' = -delay(x, -1); x = 1",
        "x' = -delay(x, tau); x = 1; tau = 0",
        "x' = -delay(x, tau); x = 1; tau = -1",
        "x' = -x; x = 1; y := delay(x, -1)",
    ],
)
def test_what_looks_ahead_fails_by_name(text):
    with pytest.warns(ldn.SolverWarning, match="a delay looks ahead: its lag is below 0"):
        ds = ldn.simulate(ldn.Model.from_antimony(text), None, duration=2)
    assert ds.status.item() == "looks ahead"
    assert np.isnan(ds.x.values[1:]).all()
    assert ds.fail_time.item() < 1e-9
