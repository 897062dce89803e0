import numpy as np
import pytest

from ldnsim.engine import Events
from ldnsim.engine.events import EventKind
from ldnsim.engine.solve import integrate
from ldnsim.errors import InputError

METHODS = ["tsit5-scalar", "rodas5p-scalar", "LSODA", "Radau"]
C = np.array([1.2, 0.16])
RTOL = 1e-7


def gut(t, dose=1.0):
    return np.where(t >= 0, dose * np.exp(-C[0] * np.maximum(t, 0)), 0.0)


def central(t, dose=1.0):
    s = np.maximum(t, 0.0)
    return dose * C[0] / (C[0] - C[1]) * (np.exp(-C[1] * s) - np.exp(-C[0] * s))


def solve(system, records, times, method, y0=(0.0, 0.0), **tables):
    events = Events.of(records, **tables)
    solution = integrate(system, y0, C, events, times, method=method, rtol=RTOL, atol=1e-3 * RTOL)
    assert solution.finished.all()
    return solution.values[0]


def close(got, expected):
    return np.max(np.abs(got - expected) / (1e-3 + np.abs(expected))) <= 10 * RTOL


@pytest.mark.parametrize("method", METHODS)
def test_doses_add_up_and_a_value_at_a_dose_is_the_one_after_it(absorption, method):
    times = np.arange(0.0, 60.0, 0.5)
    y = solve(absorption, [(24.0, EventKind.ADD, 0, 2.0), (0.0, EventKind.ADD, 0, 3.0)], times, method)
    assert y[0, 0] == 3.0
    assert close(y[0], gut(times, 3.0) + gut(times - 24.0, 2.0))
    assert close(y[1], central(times, 3.0) + central(times - 24.0, 2.0))


@pytest.mark.parametrize("method", METHODS)
def test_infusions_start_and_stop_exactly(absorption, method):
    times = np.linspace(0.0, 30.0, 61)
    records = [
        (2.25, EventKind.RATE, 1, 5.0),
        (3.5, EventKind.RATE, 1, 0.1),
        (6.75, EventKind.RATE, 1, -5.0),
        (9.0, EventKind.RATE, 1, -0.1),
    ]

    def infused(t, rate, start, stop):
        rise = 1.0 - np.exp(-C[1] * np.clip(t - start, 0.0, stop - start))
        return rate / C[1] * rise * np.exp(-C[1] * np.maximum(t - stop, 0.0))

    y = solve(absorption, records, times, method)
    assert close(y[1], infused(times, 5.0, 2.25, 6.75) + infused(times, 0.1, 3.5, 9.0))


@pytest.mark.parametrize("method", METHODS)
def test_set_multiply_and_reset(absorption, method):
    records = [
        (1.0, EventKind.SET, 0, 7.0),
        (1.0, EventKind.MULTIPLY, 0, 0.5),  # acts after the one before it
        (2.0, EventKind.RATE, 1, 1.0),
        (5.0, EventKind.RESET, 0, 0.0),
    ]
    y = solve(absorption, records, [0.5, 1.0, 4.0, 5.0, 8.0], method, y0=(2.0, 0.5))
    assert y[0, 1] == 3.5
    assert y[:, 3].tolist() == [2.0, 0.5]
    assert close(y[0], [gut(0.5, 2.0), 3.5, gut(3.0, 3.5), 2.0, gut(3.0, 2.0)])
    assert close(y[1, 4], 0.5 * np.exp(-3.0 * C[1]) + central(3.0, 2.0))  # the infusion stopped


@pytest.mark.parametrize("method", METHODS)
def test_states_and_constants_from_tables(absorption, method):
    records = [(1.0, EventKind.STATE, 0, 1.0), (1.0, EventKind.CONSTANTS, 0, 0.0)]
    tables = {"states": np.array([[9.0, 9.0], [4.0, 0.0]]), "constants": np.array([[0.5, 0.16]])}
    y = solve(absorption, records, [1.0, 3.0], method, **tables)
    assert y[0, 0] == 4.0
    assert close(y[0, 1], 4.0 * np.exp(-0.5 * 2.0))


@pytest.mark.parametrize("method", ["tsit5-scalar", "rodas5p-scalar"])
def test_no_step_passes_a_short_pulse_after_a_long_rest(absorption, method):
    records = [(500.0, EventKind.RATE, 1, 3600.0), (500.0 + 1 / 3600, EventKind.RATE, 1, -3600.0)]
    y = solve(absorption, records, [0.0, 499.0, 505.0], method)
    assert y[1, 1] == 0.0
    assert close(y[1, 2], np.exp(-C[1] * (5.0 - 0.5 / 3600)))


@pytest.mark.parametrize("method", METHODS)
def test_times_that_differ_by_rounding_are_one_instant(absorption, method):
    dose_at = 3 * 0.1  # 0.30000000000000004
    y = solve(absorption, [(dose_at, EventKind.ADD, 0, 1.0)], [0.3, 0.1 + 0.2, 1.0], method)
    assert y[0, 0] == y[0, 1] == 1.0


def test_trajectories_follow_their_own_rows(absorption):
    time = np.array([[0.0, np.inf], [1.0, 2.0]])
    kind, index = np.full((2, 2), EventKind.ADD), np.zeros((2, 2))
    events = Events([0, 1, 0], time, kind, index, np.ones((2, 2)))
    y = integrate(absorption, [0.0, 0.0], np.stack([C] * 3), events, [0.0, 2.0], rtol=RTOL).values
    assert np.array_equal(y[0], y[2])
    assert y[:, 0, 0].tolist() == [1.0, 0.0, 1.0]
    assert close(y[1, 0, 1], 1.0 + np.exp(-C[0]))


@pytest.mark.parametrize(
    ("records", "fragment"),
    [
        ([(-1.0, EventKind.ADD, 0, 1.0)], "before the start"),
        ([(1.0, EventKind.ADD, 2, 1.0)], "must be a state, 0..1"),
        ([(1.0, EventKind.ADD, 0, np.nan)], "events.value"),
        ([(np.nan, EventKind.ADD, 0, 1.0)], "events.time"),
        ([(1.0, 9, 0, 1.0)], "events.kind"),
        ([(1.0, EventKind.STATE, 0, 0.0)], "row of the state table"),
    ],
)
def test_events_that_do_not_fit_are_refused(absorption, records, fragment):
    with pytest.raises(InputError, match=fragment):
        integrate(absorption, [0.0, 0.0], C, Events.of(records), [2.0])
