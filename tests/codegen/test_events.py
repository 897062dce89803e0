"""SBML events and jumps in time, from a model's text to the engine's answer."""

import numpy as np
import pytest

from ldnsim.codegen import program
from ldnsim.engine import Events, Status
from ldnsim.engine.events import EventKind
from ldnsim.engine.solve import integrate
from ldnsim.model import Model

METHODS = ["tsit5", "rodas5p"]


def solve(text, times, method="auto", values=None, rtol=1e-8, events=None, **options):
    model = Model.from_antimony(text)
    p = program(model)
    constants = p.constants_of(model.values if values is None else values)
    y0 = p.initial_state(constants)
    solution = integrate(p.system, y0, constants, events, times, method=method, rtol=rtol, **options)
    return solution, lambda name, i=0: solution.values[i, p.outputs.index(name)]


BALL = """
model ball()
  h = 10; v = 0; bounces = 0; g = 9.81; last = 0;
  h' = v;  v' = -g;
  at ((h <= 0) && (v < 0)): v = -0.8*v, bounces = bounces + 1, last = time;
end
"""


@pytest.mark.parametrize("method", METHODS)
def test_a_state_that_crosses_is_caught_to_the_last_digits(method):
    fall = np.sqrt(2 * 10 / 9.81)
    hits = fall * np.array([1.0, 1 + 1.6, 1 + 1.6 + 1.28])
    solution, get = solve(BALL, [1.0, hits[0] + 0.1, hits[1] + 0.1, hits[2] + 0.1], method)
    assert solution.method.endswith("scalar")
    assert get("bounces").tolist() == [0.0, 1.0, 2.0, 3.0]
    np.testing.assert_allclose(get("last")[1:], hits, rtol=1e-8)
    speed = 0.8 * 9.81 * fall
    assert abs(get("h")[1] - (speed * 0.1 - 0.5 * 9.81 * 0.01)) <= 1e-7


@pytest.mark.parametrize(("early", "expected"), [("true", 5.0), ("false", 7.0)])
def test_a_delayed_event_takes_the_values_it_says(early, expected):
    text = f"""
    model delayed()
      x = 0; y = -1; x' = 1;
      at 2 after (x >= 5), fromTrigger={early}: y = x;
    end
    """
    _, get = solve(text, [5.0, 6.9, 7.0, 7.1])
    np.testing.assert_allclose(get("y"), [-1.0, -1.0, expected, expected], rtol=1e-9)


@pytest.mark.parametrize(("persistent", "expected"), [("true", 1.0), ("false", 0.0)])
def test_an_event_that_does_not_persist_is_forgotten(persistent, expected):
    text = f"""
    model pulse()
      x = 0; y = 0; x' = 1;
      at 2 after ((x > 1) && (x < 2)), persistent={persistent}: y = y + 1;
    end
    """
    _, get = solve(text, [0.5, 5.0])
    assert get("y").tolist() == [0.0, expected]


def test_the_greater_priority_goes_first_and_may_change_the_others():
    text = """
    model order()
      x = 0; a = 0; b = 0; x' = 1;
      late: at (x >= 1), priority=1, fromTrigger=false: a = 10*a + 1;
      soon: at (x >= 1), priority=2, fromTrigger=false: a = 10*a + 2;
      next: at (a >= 2), priority=3: b = a;
    end
    """
    _, get = solve(text, [0.0, 2.0])
    assert get("a")[1] == 21.0
    assert get("b")[1] == 2.0  # fired by the first of the two, before the second


@pytest.mark.parametrize(("before", "expected"), [("true", 0.0), ("false", 1.0)])
def test_a_trigger_that_holds_at_the_start_fires_if_it_was_false_before(before, expected):
    text = f"""
    model start()
      x = 1; y = 0; x' = 1;
      at (x > 0.5), t0={before}: y = 1;
    end
    """
    _, get = solve(text, [0.0, 1.0])
    assert get("y").tolist() == [expected, expected]


def test_a_dose_can_fire_an_event_at_its_own_instant():
    text = """
    model dosed()
      x = 0; y = 0; x' = -x;
      at (x > 2): y = time;
    end
    """
    doses = Events.of([(1.5, EventKind.ADD, 0, 3.0)])
    _, get = solve(text, [1.4, 1.5, 3.0], events=doses)
    assert get("y").tolist() == [0.0, 1.5, 1.5]


def test_events_that_fire_each_other_for_ever_are_a_status():
    text = """
    model endless()
      x = 0; y = 0; x' = 1;
      at ((x > 1) && (y < 0.5)): y = 1;
      at ((x > 1) && (y > 0.5)): y = 0;
    end
    """
    solution, _ = solve(text, [0.5, 2.0])
    assert solution.status[0] == Status.TOO_MANY_STEPS
    assert abs(solution.fail_time[0] - 1.0) <= 1e-9


def test_each_trajectory_has_its_own_events():
    values = np.array([[9.81], [1.0], [9.81]])
    model = Model.from_antimony(BALL)
    rows = np.repeat(np.array([model.values], float), 3, axis=0)
    rows[:, list(model.parameter_ids).index("g")] = values[:, 0]
    solution, get = solve(BALL, [0.0, 5.0], values=rows, threads=2)
    assert [get("bounces", i)[1] for i in range(3)] == [2.0, 1.0, 2.0]
    assert np.array_equal(solution.values[0], solution.values[2])


# ---- jumps in time ----
@pytest.mark.parametrize("method", METHODS)
def test_no_step_crosses_a_jump_in_time(method):
    text = """
    model jump()
      on = 2.3456; x = 0; y = 1;
      x' = piecewise(1, time < on, 2, time - 1 < 2*on, 0);  y' = -y;
    end
    """
    solution, get = solve(text, [1.0, 3.0, 10.0], method)
    np.testing.assert_allclose(get("x"), [1.0, 2.3456 + 2 * 0.6544, 2.3456 + 2 * 3.3456], rtol=1e-12)
    smooth, _ = solve("model smooth()\n x = 0; y = 1; x' = 1; y' = -y; end", [1.0, 3.0, 10.0], method)
    assert solution.rejected[0] <= smooth.rejected[0]  # a jump met by chance is a rejected step


@pytest.mark.parametrize("method", METHODS)
def test_short_daily_pulses_are_all_met(method):
    text = """
    model pulses()
      width = 0.01; start = 8; x = 0;
      clock := time - 24*floor(time/24);
      pulse := piecewise(1/width, (clock >= start) && (clock < start + width), 0);
      x' = pulse;
    end
    """
    _, get = solve(text, [7.0, 24.0, 100.0, 2400.0], method)
    np.testing.assert_allclose(get("x"), [0.0, 1.0, 4.0, 100.0], rtol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_jumps_that_depend_on_parameters_differ_between_subjects(method):
    text = "model switch()\n on = 3; x = 0; x' = piecewise(0, time < on, 1); end"
    ons = np.linspace(0.5, 6.5, 19)
    for block in (None, 19):
        solution, _ = solve(text, [0.0, 7.0], method, values=ons[:, None], block=block)
        np.testing.assert_allclose(solution.values[:, 0, 1], 7.0 - ons, rtol=1e-12)


def test_a_change_of_constants_moves_the_jump():
    text = "model switch()\n on = 5; x = 0; x' = piecewise(0, time < on, 1); end"
    p = program(Model.from_antimony(text))
    constants = p.constants_of([[5.0], [4.0]])
    events = Events.of([(1.0, EventKind.CONSTANTS, 0, 0.0)], constants=constants[1:])
    solution = integrate(p.system, [0.0], constants[0], events, [10.0], rtol=1e-8)
    np.testing.assert_allclose(solution.values[0, 0], [6.0], rtol=1e-12)
