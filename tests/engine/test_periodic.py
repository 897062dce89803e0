"""Periodic states against closed forms and against following the map; honesty where there is none."""

import math

import numpy as np
import pytest

from ldnsim.engine import Events, System
from ldnsim.engine.events import EventKind
from ldnsim.engine.invariants import conserved_directions
from ldnsim.engine.periodic import periodic_state, recurrence
from ldnsim.engine.solve import integrate

SLOW = 0.003  # 1/h
DAILY = Events.of([(6.0, EventKind.ADD, 0, 10.0)])
NONE = np.empty((1, 0))
NOTHING = Events.none(1)


def chain(t, y, c, dy):
    """A dosed state that feeds one that forgets over weeks."""
    dy[0] = -c[0] * y[0]
    dy[1] = c[0] * y[0] - SLOW * y[1]


def chain_jac(t, y, c, J):
    J[0, 0], J[0, 1], J[1, 0], J[1, 1] = -c[0], 0.0, c[0], -SLOW


def turnover(t, y, c, dy):
    """Drug that blocks, steeply, the loss of a slow response which speeds up the drug's own loss."""
    block = y[0] ** 3 / (1.0 + y[0] ** 3)
    dy[0] = -0.4 * y[1] * y[0]
    dy[1] = 0.02 * (1.0 - (1.0 - 0.8 * block) * y[1])
    dy[2] = 0.005 * (y[1] ** 2 - y[2])


def bound(t, y, c, dy):
    """Ligand and receptor: free receptor and complex sum to a constant."""
    flux = 2.0 * y[0] * y[1] - 0.1 * y[2]
    dy[0] = -flux - 0.5 * y[0]
    dy[1] = -flux
    dy[2] = flux


@pytest.fixture(scope="module")
def slow():
    return System.from_functions(chain, 2, chain_jac, n_constants=1)


def closed_chain(k):
    """State of the chain at time 0 under one unit of 10 at 6 h of every day."""
    late, whole = 18.0, 24.0
    depot = 10.0 * math.exp(-k * late) / -math.expm1(-k * whole)
    a = k / (k - SLOW)
    first = a * (
        math.exp(-SLOW * late) / -math.expm1(-SLOW * whole) - math.exp(-k * late) / -math.expm1(-k * whole)
    )
    return [depot, 10.0 * first]


def test_a_linear_chain_has_its_closed_form(slow):
    rates = np.array([[0.2], [1.0], [5.0]])
    found = periodic_state(slow, np.zeros((3, 2)), rates, DAILY_OF(3), 24.0)
    assert found.converged.all()
    assert (found.error <= 1e-8).all()
    np.testing.assert_allclose(found.state, [closed_chain(k) for k in rates[:, 0]], rtol=1e-8, atol=1e-8)


def DAILY_OF(n):
    return Events(np.zeros(n), DAILY.time, DAILY.kind, DAILY.index, DAILY.value)


def test_far_fewer_periods_than_following(slow):
    found = periodic_state(slow, np.zeros((1, 2)), np.array([[1.0]]), DAILY, 24.0)
    to_follow = math.log(1e8) / (SLOW * 24.0)
    assert to_follow > 250
    assert found.runs < 25


def test_start_and_phase_do_not_matter(slow):
    shifted = Events.of([(106.0, EventKind.ADD, 0, 10.0)])
    found = periodic_state(slow, np.array([[3.0, 900.0]]), np.array([[1.0]]), shifted, 24.0, t0=100.0)
    np.testing.assert_allclose(found.state[0], closed_chain(1.0), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("dose", [0.1, 3.0, 30.0])
def test_a_nonlinear_system_ends_where_following_ends(dose):
    system = System.from_functions(turnover, 3)
    once = Events.of([(1.0, EventKind.ADD, 0, dose)])
    found = periodic_state(system, np.array([[0.0, 1.0, 1.0]]), NONE, once, 24.0)
    days = Events.of([(1.0 + 24 * k, EventKind.ADD, 0, dose) for k in range(300)])
    end = integrate(
        system, np.array([[0.0, 1.0, 1.0]]), NONE, days, [24.0 * 300], rtol=1e-11, method="tsit5", outputs=()
    )
    assert found.converged.all()
    np.testing.assert_allclose(found.state, end.last_state, rtol=3e-8)


def test_conserved_sums_keep_their_value():
    system = System.from_functions(bound, 3)
    once = Events.of([(2.0, EventKind.ADD, 0, 1.0)])
    start = np.array([[0.0, 2.5, 0.5]])
    found = periodic_state(system, start, NONE, once, 24.0)
    assert found.converged.all()
    assert found.state[0, 1] + found.state[0, 2] == pytest.approx(3.0, rel=1e-9)
    days = Events.of([(2.0 + 24 * k, EventKind.ADD, 0, 1.0) for k in range(60)])
    end = integrate(system, start, NONE, days, [24.0 * 60], rtol=1e-11, method="tsit5", outputs=())
    np.testing.assert_allclose(found.state, end.last_state, rtol=1e-7, atol=1e-9)


def test_conserved_directions_are_found_and_not_invented(slow):
    system = System.from_functions(bound, 3)
    (direction,) = conserved_directions(system, np.array([1.0, 2.0, 0.5]), NONE[0], np.ones(3))
    np.testing.assert_allclose(np.abs(direction), np.array([0.0, 1.0, 1.0]) / math.sqrt(2), atol=1e-12)
    assert len(conserved_directions(slow, np.ones(2), np.array([1.0]), np.ones(2))) == 0


def test_what_only_accumulates_is_held_where_it_began():
    def grow(t, y, c, dy):
        dy[0] = -0.3 * y[0]
        dy[1] = 0.3 * y[0]

    found = periodic_state(System.from_functions(grow, 2), np.zeros((1, 2)), NONE, DAILY, 24.0)
    assert found.converged[0]
    assert found.gathers.tolist() == [False, True]
    assert found.state[0] == pytest.approx([10.0 * np.exp(-5.4) / (1.0 - np.exp(-7.2)), 0.0], rel=1e-6)


def test_what_grows_faster_than_it_can_fall_has_no_periodic_state():
    def saturated(t, y, c, dy):
        dy[0] = -0.2 * y[0] / (1.0 + y[0])

    found = periodic_state(System.from_functions(saturated, 1), np.zeros((1, 1)), NONE, DAILY, 24.0)
    assert not found.converged[0]
    assert "pool still changes by 5.2" in found.why(("pool",))


@pytest.mark.parametrize("start", [0.0, 5.0])
def test_what_is_kept_whole_and_fed_has_no_periodic_state(start):
    """Two states that exchange what never leaves: no step that keeps their sum is left, and the sum grows."""

    def exchange(t, y, c, dy):
        dy[0] = 0.2 * y[1] - 0.3 * y[0]
        dy[1] = -dy[0]

    found = periodic_state(System.from_functions(exchange, 2), np.full((1, 2), start), NONE, DAILY, 24.0)
    assert not found.converged[0]
    assert found.error[0] < 1e-9
    assert found.drift.sum() == pytest.approx(10.0)
    assert periodic_state(System.from_functions(exchange, 2), np.full((1, 2), start), NONE, NOTHING, 24.0).converged[0]


def test_a_trajectory_that_cannot_be_run_is_reported_and_spoils_no_other():
    def blow_up(t, y, c, dy):
        dy[0] = c[0] * y[0] ** 2 - y[0]

    system = System.from_functions(blow_up, 1, n_constants=1)
    found = periodic_state(system, np.ones((2, 1)), np.array([[0.0], [5.0]]), DAILY_OF(2), 24.0)
    assert found.converged.tolist() == [True, False]
    assert "could not be integrated" in found.why(("y",))
    assert np.isfinite(found.state).all()
    assert found.state[0, 0] == pytest.approx(10.0 * math.exp(-18.0) / -math.expm1(-24.0), abs=1e-8)


def test_rest_without_inputs_stays_at_rest(slow):
    found = periodic_state(slow, np.zeros((1, 2)), np.array([[1.0]]), Events.none(1), 24.0)
    assert found.converged.all()
    np.testing.assert_array_equal(found.state, 0.0)
    assert found.why(("a", "b")) == ""


def test_recurrence_of_the_equations():
    def rhythm(t, y, c, dy):
        dy[0] = math.sin(2 * math.pi * t / 24.0) - y[0] + c[0] * t

    system = System.from_functions(rhythm, 1, n_constants=1)
    still, drifting = np.zeros((1, 1)), np.ones((1, 1))
    y = np.zeros((1, 1))
    assert recurrence(system, y, still, 5.0, 24.0) == 1
    assert recurrence(system, y, still, 0.0, 12.0) == 2
    assert recurrence(system, y, still, 0.0, 36.0) == 2
    assert recurrence(system, y, still, 0.0, 5.0) == 24
    assert recurrence(system, y, still, 0.0, math.pi) is None
    assert recurrence(system, y, drifting, 0.0, 24.0) is None

    def rhythm_of_what_is_there(t, y, c, dy):
        dy[0] = -(2 + math.sin(2 * math.pi * t / 36.0)) * y[0]

    assert recurrence(System.from_functions(rhythm_of_what_is_there, 1, n_constants=1), y, still, 0.0, 24.0) == 3
