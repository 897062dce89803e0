import numpy as np
import pytest
from scipy import linalg

import ldnsim as ldn
from ldnsim.engine import Events
from ldnsim.engine.events import EventKind
from ldnsim.engine.scales import RELATIVE
from ldnsim.engine.solve import prepare
from ldnsim.errors import InputError

DOSE = Events.of([(1.0, EventKind.ADD, 0, 7.0)])
C = np.array([1.0, 0.25])


def test_a_states_scale_is_the_largest_value_of_the_pilot(absorption):
    peak = 7.0 * 4.0 / 3.0 * (0.25 ** (1 / 3) - 0.25 ** (4 / 3))  # at ln(4)/0.75 h
    problem = prepare(absorption, [0.0, 0.0], C, DOSE, [0.0, 40.0], rtol=1e-6)
    np.testing.assert_allclose(problem.atol, RELATIVE * 1e-6 * np.array([7.0, peak]), rtol=0.02)


def test_a_state_that_never_leaves_zero_has_scale_one(absorption):
    problem = prepare(absorption, [0.0, 5.0], C, None, [10.0], rtol=1e-4)
    np.testing.assert_allclose(problem.atol, RELATIVE * 1e-4 * np.array([1.0, 5.0]))


def test_small_states_get_small_tolerances(absorption):
    small = Events.of([(1.0, EventKind.ADD, 0, 7e-9)])
    one = prepare(absorption, [0.0, 0.0], C, DOSE, [40.0]).atol
    other = prepare(absorption, [0.0, 0.0], C, small, [40.0]).atol
    np.testing.assert_allclose(other, 1e-9 * one, rtol=1e-6)


def test_the_pilot_decides_and_not_who_comes_first(absorption):
    constants = np.array([[1.0, 0.25], [1.0, 0.001]])
    pilot = np.zeros(2), constants[0]
    events = Events.of([(1.0, EventKind.ADD, 0, 7.0)], 2)
    one = prepare(absorption, np.zeros(2), constants, events, [40.0], pilot=pilot)
    other = prepare(absorption, np.zeros(2), constants[::-1], events, [40.0], pilot=pilot)
    assert np.array_equal(one.atol, other.atol)
    assert one.method == other.method


def test_every_row_of_events_is_piloted(absorption):
    time, kind = np.array([[1.0], [1.0]]), np.full((2, 1), EventKind.ADD)
    events = Events([0, 1], time, kind, np.zeros((2, 1)), np.array([[1.0], [100.0]]))
    problem = prepare(absorption, np.zeros(2), np.stack([C, C]), events, [40.0], rtol=1e-6)
    np.testing.assert_allclose(problem.atol[0], RELATIVE * 1e-6 * 100.0, rtol=0.01)


def test_a_given_tolerance_is_kept_and_may_be_zero(absorption):
    assert prepare(absorption, [1.0, 0.0], C, None, [1.0], atol=[1e-3, 1e-5]).atol.tolist() == [1e-3, 1e-5]
    assert (prepare(absorption, [1.0, 0.0], C, None, [1.0], atol=0.0).atol > 0.0).all()
    with pytest.raises(InputError, match="atol"):
        prepare(absorption, [1.0, 0.0], C, None, [1.0], atol=np.nan)


def test_a_pilot_that_blows_up_leaves_error_control_on():
    # x' = x^2 from 1 ends at t = 1; its size there would be an absolute tolerance that nothing can exceed.
    from ldnsim.engine.system import System

    def rhs(t, y, c, dy):
        dy[0] = y[0] * y[0]

    problem = prepare(System.from_functions(rhs, 1), [1.0], None, None, [0.0, 2.0], rtol=1e-6)
    assert problem.atol[0] <= RELATIVE * 1e-6


def test_a_state_that_starts_small_has_its_own_scale(absorption):
    problem = prepare(absorption, [1e-24, 5.0], C, None, [10.0], rtol=1e-4)
    np.testing.assert_allclose(problem.atol, RELATIVE * 1e-4 * np.array([1e-24, 5.0]))


@pytest.mark.kind("tiny-states")
def test_amounts_of_a_cell_are_right_beside_rate_constants_that_an_event_sets():
    text = """
    A -> B; kf*A - kb*B; B -> ; kb*B
    A = 1.6e-21; B = 0; kf = 3e8; kb = 2e8
    at (time > 1e-9): kf = 0
    """
    model = ldn.Model.from_antimony(text)
    times = [0.0, 1e-9, 3e-9, 1e-8]
    ds = ldn.simulate(model, None, times=times, rtol=1e-9)
    matrix = np.array([[-3e8, 2e8], [3e8, -4e8]])
    at_event = linalg.expm(matrix * 1e-9) @ [1.6e-21, 0.0]
    matrix[:, 0] = 0.0
    for k, t in enumerate(times):
        wanted = linalg.expm(np.array([[-3e8, 2e8], [3e8, -4e8]]) * t) @ [1.6e-21, 0.0]
        if t > 1e-9:
            wanted = linalg.expm(matrix * (t - 1e-9)) @ at_event
        np.testing.assert_allclose([ds.A[k], ds.B[k]], wanted, rtol=1e-6, atol=1e-30)


@pytest.mark.kind("tiny-states", sibling="mol in a cell beside numbers of cells")
def test_a_small_state_beside_a_large_one_is_right():
    model = ldn.Model.from_antimony("N' = 0.1*N; A' = -k*A + 0*N; N = 1e9; A = 1e-21; k = 3")
    ds = ldn.simulate(model, None, times=[0.0, 1.0, 4.0], rtol=1e-9)
    np.testing.assert_allclose(ds.A, 1e-21 * np.exp([0.0, -3.0, -12.0]), rtol=1e-6)


@pytest.mark.kind("rounding-of-nothing")
def test_rounding_of_a_state_that_nothing_feeds_is_not_chased():
    """Rows that a factorisation exchanges leave 1e-17 of states beside it: a tolerance of its own would never be met."""
    model = ldn.Model.from_antimony("""model x
      Z' = k*A*(total - Z) - 0.003*Z; A' = 2e6 - A - 0.1*A*B + 3.7*Z*B
      B' = 3.7*Z + 0.3*A*A/(1+A) - 0.7*B*C + 0.01*C; C' = 4.81*Z*A + 0.3*A*B - 0.9*C
      Z = 0; A = 0; B = 0; C = 0; k = 2e-5; total = 0
    end""")
    asked = {"times": [0, 1e7], "outputs": ["Z", "A", "C"], "rtol": 1e-8}
    ds = ldn.simulate(model, None, **asked, method="rodas5p-scalar", max_steps=5_000)
    assert ds.status.item() == "finished"
    assert abs(ds.Z[-1]) < 1e-20
    other = ldn.simulate(model, None, **asked, method="BDF")
    for name in ("A", "C"):
        assert float(ds[name][-1]) == pytest.approx(float(other[name][-1]), rel=1e-6)


PULSES = {
    "the clock": ("k*piecewise(1, time > 5 && time < 6, 0)", ""),
    "a smooth forcing": ("k*exp(-4*(time - 5.5)^2)*(1 - exp(-1000*time))", ""),
    "events": ("k*on", "on = 0; at time > 5: on = 1; at time > 6: on = 0;"),
}


@pytest.mark.parametrize("by", PULSES)
def test_a_tiny_state_that_is_fed_for_a_while_keeps_a_tolerance_of_its_own(by):
    rate, more = PULSES[by]
    text = f"model x; A' = -0.1*A; B' = {rate} - B; A = 1; B = 0; {more} k = 1; end"
    model = ldn.Model.from_antimony(text)
    asked = {"regimen": None, "times": [0, 5.5, 7, 10], "outputs": ["B"]}
    ds = ldn.simulate(model.with_parameters(k=1e-14), **asked)
    np.testing.assert_allclose(1e14 * ds.B, ldn.simulate(model, rtol=1e-10, **asked).B, rtol=1e-5)


def test_a_tiny_state_that_is_dosed_keeps_a_tolerance_of_its_own():
    text = "model x; A' = -0.1*A; B' = -B; A = 1e12; B = 0; end"
    dose = ldn.Regimen.single(1e-3, at=5, cmt="B")
    ds = ldn.simulate(ldn.Model.from_antimony(text), dose, times=[6.0], outputs=["B"])
    assert float(ds.B[-1]) == pytest.approx(1e-3 * np.exp(-1), rel=1e-5)


@pytest.mark.kind("rounding-of-nothing", sibling="a state as tiny that something feeds: its digits are kept")
def test_a_tiny_state_that_is_fed_keeps_a_tolerance_of_its_own():
    text = "model x; A' = -k*A; B' = 1e-15*A - 2*B; A = 1; B = 0; k = 1; end"
    ds = ldn.simulate(ldn.Model.from_antimony(text), None, times=[0, 1], outputs=["B"], rtol=1e-8)
    assert float(ds.B[-1]) == pytest.approx(1e-15 * (np.exp(-1) - np.exp(-2)), rel=1e-6)
