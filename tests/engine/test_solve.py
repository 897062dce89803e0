from types import SimpleNamespace

import numpy as np
import pytest

from ldnsim.engine import Events, Status, compiled
from ldnsim.engine.events import EventKind
from ldnsim.engine.methods import METHODS
from ldnsim.engine.solve import integrate
from ldnsim.errors import InputError, UnknownNameError

SCALAR = [m.name for m in METHODS.values() if m.family == "scalar"]
SCIPY = [m.name for m in METHODS.values() if m.scipy]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_the_table_runs(driven, method):
    times = np.linspace(0.0, 5.0, 11)
    solution = integrate(driven, [1.0, 0.0], [2.0], None, times, method=method, rtol=1e-7)
    assert solution.finished.all()
    assert np.abs(solution.values[0, 0] - np.cos(times)).max() <= 1e-6


@pytest.mark.parametrize("method", SCALAR)
def test_time_dependence_and_dense_output_are_as_good_as_the_steps(driven, method):
    times = np.linspace(0.0, 10.0, 997)
    for rtol in (1e-4, 1e-6, 1e-8):
        solution = integrate(
            driven, [1.0, 0.0], [3.0], None, times, method=method, rtol=rtol, atol=1e-3 * rtol
        )
        error = np.abs(solution.values[0, 0] - np.cos(times))
        assert error.max() <= 10 * rtol


def test_bits_do_not_depend_on_threads_or_company(absorption):
    rng = np.random.default_rng(3)
    constants = np.exp(rng.normal(size=(41, 2)))
    y0 = rng.random((41, 2))
    run = {"events": Events.of([(3.0, EventKind.ADD, 0, 1.0)], 41), "times": np.linspace(0.0, 9.0, 10)}
    for method in SCALAR:
        one = integrate(absorption, y0, constants, **run, method=method, threads=1)
        many = integrate(absorption, y0, constants, **run, method=method, threads=7)
        assert np.array_equal(one.values, many.values)
        assert np.array_equal(one.steps, many.steps)
        some = slice(10, 20)
        alone = integrate(
            absorption, y0[some], constants[some], Events.of([(3.0, EventKind.ADD, 0, 1.0)], 10), run["times"],
            method=method, pilot=(y0[0], constants[0]),
        )  # fmt: skip
        assert np.array_equal(alone.values, one.values[some])


def test_outputs_are_chosen_and_rounded_as_asked(absorption):
    whole = integrate(absorption, [1.0, 0.0], [1.2, 0.2], None, [0.0, 1.0, 2.0])
    part = integrate(
        absorption, [1.0, 0.0], [1.2, 0.2], None, [0.0, 1.0, 2.0], outputs=[1], dtype="float32", threads=1
    )
    assert part.values.dtype == np.float32
    assert np.array_equal(part.values[:, 0], whole.values[:, 1].astype(np.float32))


def test_each_trajectory_has_its_own_times(absorption):
    times = np.array([[0.0, 1.0], [2.0, 4.0]])
    solution = integrate(
        absorption, [1.0, 0.0], [[1.0, 0.2]] * 3, None, times, times_row=[1, 0, 1], rtol=1e-8
    )
    expected = np.exp(-times[[1, 0, 1]])
    assert np.abs(solution.values[:, 0] - expected).max() <= 1e-7


def test_no_trajectories_no_work(absorption):
    solution = integrate(absorption, np.empty((0, 2)), np.empty((0, 2)), Events.none(0), [1.0])
    assert solution.values.shape == (0, 2, 1)


@pytest.mark.parametrize("method", SCALAR + SCIPY)
def test_a_singularity_is_a_status_with_time_and_state(explosion, method):
    times = np.linspace(0.0, 2.0, 21)
    constants = np.array([[1.0], [0.01], [4.0]])  # singular at t = 1, 100, 0.25
    solution = integrate(explosion, [1.0], constants, None, times, method=method, rtol=1e-6, atol=1e-9)
    assert solution.status[1] == Status.FINISHED
    assert np.allclose(solution.values[1, 0], 1 / (1 - 0.01 * times), rtol=1e-5, atol=0)
    for i, end in ((0, 1.0), (2, 0.25)):
        assert solution.status[i] in (Status.STEP_UNDERFLOW, Status.NON_FINITE)
        assert abs(solution.fail_time[i] - end) <= 1e-3
        known = np.isfinite(solution.values[i, 0])
        assert np.array_equal(known, times <= solution.fail_time[i])
        assert solution.last_state[i, 0] > 1e3
    assert np.isnan(solution.fail_time[1])


@pytest.mark.parametrize("method", SCALAR + SCIPY)
def test_too_many_steps_is_a_status(driven, method):
    solution = integrate(
        driven, [1.0, 0.0], [1.0], None, [0.0, 1e6], method=method, max_steps=50, rtol=1e-6, atol=1e-9
    )
    assert solution.status[0] == Status.TOO_MANY_STEPS
    assert solution.steps[0] + solution.rejected[0] == 50
    assert 0.0 < solution.fail_time[0] < 1e6
    assert np.isfinite(solution.last_state).all()
    assert np.isnan(solution.values[0, :, 1]).all()
    assert Status(solution.status[0]).remedy


@pytest.mark.parametrize("method", SCALAR + SCIPY)
@pytest.mark.parametrize(("y0", "c"), [([np.nan, 0.0], 1.0), ([1.0, 0.0], np.inf), ([1.0, 0.0], np.nan)])
def test_what_is_not_finite_is_a_status(driven, method, y0, c):
    y0, constants = np.array([y0, [1.0, 0.0]]), np.array([[c], [1.0]])
    solution = integrate(driven, y0, constants, None, [1.0], method=method, rtol=1e-6, atol=1e-9)
    assert solution.status.tolist() == [Status.NON_FINITE, Status.FINISHED]
    assert solution.fail_time[0] == 0.0
    assert abs(solution.values[1, 0, 0] - np.cos(1.0)) <= 1e-5


def test_auto_takes_the_stiff_method_where_explicit_steps_are_bound_by_stability(driven):
    times = np.linspace(0.0, 30.0, 4)
    mild = integrate(driven, [1.0, 0.0], [1.0], None, times)
    stiff = integrate(driven, [1.0, 0.0], [1e5], None, times)
    assert (mild.method, stiff.method) == ("tsit5-scalar", "rodas5p-scalar")
    assert "bound by stability" in stiff.why
    explicit = integrate(
        driven, [1.0, 0.0], [1e5], None, times, method="tsit5", max_steps=20 * stiff.steps[0]
    )
    assert explicit.status[0] == Status.TOO_MANY_STEPS


def test_work_is_counted_and_does_not_grow(absorption):
    events = Events.of([(24.0 * k, EventKind.ADD, 0, 1.0) for k in range(28)])
    counts = {}
    for method in SCALAR:
        for rtol in (1e-4, 1e-6, 1e-8):
            s = integrate(absorption, [0.0, 0.0], [1.2, 0.16], events, [672.0], method=method, rtol=rtol)
            counts[method, rtol] = int(s.steps[0]), int(s.rejected[0])
    most = {
        ("rodas5p-scalar", 1e-4): 680, ("rodas5p-scalar", 1e-6): 1400, ("rodas5p-scalar", 1e-8): 3200,
        ("tsit5-scalar", 1e-4): 900, ("tsit5-scalar", 1e-6): 1800, ("tsit5-scalar", 1e-8): 4100,
    }  # fmt: skip
    for key, (steps, rejected) in counts.items():
        assert steps <= most[key], counts
        assert rejected <= steps / 10, counts


@pytest.mark.parametrize(
    ("changed", "fragment"),
    [
        ({"rtol": 0.0}, "rtol=0.0: must be a number from"),
        ({"rtol": np.nan}, "rtol"),
        ({"atol": -1.0}, "atol"),
        ({"atol": [1.0, 2.0, 3.0]}, "atol"),
        ({"max_steps": 0}, "max_steps=0"),
        ({"dtype": "int32"}, "dtype"),
        ({"threads": 0}, "threads=0"),
        ({"block": 0}, "block=0"),
        ({"outputs": [2]}, "outputs"),
        ({"times": [2.0, 1.0]}, "times"),
        ({"times": []}, "times"),
        ({"times": [np.inf]}, "times"),
        ({"times": [-1.0]}, "times"),
        ({"times_row": [5]}, "times_row"),
        ({"y0": [1.0]}, "y0"),
        ({"constants": [[1.0, 2.0, 3.0]]}, "constants"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(absorption, changed, fragment):
    arguments = {"y0": [1.0, 0.0], "constants": [1.0, 1.0], "events": None, "times": [1.0]} | changed
    with pytest.raises(InputError, match=fragment):
        integrate(absorption, **arguments)


def test_an_unknown_method_is_refused_with_the_nearest_names(absorption):
    with pytest.raises(UnknownNameError, match="'rodas5p'"):
        integrate(absorption, [1.0, 0.0], [1.0, 1.0], None, [1.0], method="rodas")


def test_the_stiff_method_needs_a_jacobian(absorption):
    from dataclasses import replace

    with pytest.raises(InputError, match="has no Jacobian"):
        integrate(replace(absorption, jac=None), [1.0, 0.0], [1.0, 1.0], None, [1.0], method="rodas5p")


def test_a_function_that_is_compiled_already_or_never_is_taken_as_it_is(monkeypatch):
    def rates(t, y, c, dy):
        dy[0] = -y[0]

    ready = SimpleNamespace(py_func=rates)
    assert compiled.as_njit(ready) is ready
    monkeypatch.setattr(compiled, "JIT", False)
    assert compiled.as_njit(ready) is ready
    assert compiled.as_njit(rates) is rates
