"""Order of the tableaux, fitted: steps of one size, errors against the exact solution."""

import numba
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from ldnsim.engine import System
from ldnsim.engine.compiled import JIT, NO_CALL, invoke_step
from ldnsim.engine.control import ATOL, FRESH, H_DONE, LIMIT, N_ROWS, N_SLOTS, POINT, RTOL, Y_NEW, F, H, Y
from ldnsim.engine.dense import interpolant, interpolate
from ldnsim.engine.explicit import tsit5
from ldnsim.engine.methods import METHODS
from ldnsim.engine.rosenbrock import rodas5p

pytestmark = pytest.mark.skipif(not JIT, reason="calls compiled steppers by address")
STEPPERS = {"tsit5-scalar": tsit5, "rodas5p-scalar": rodas5p}
START, END = np.array([1.0, 0.5]), 6.0


# The principal error of these methods is so small that a higher term often hides it; here it shows.
def oscillator(t, y, c, dy):
    dy[0], dy[1] = c[0] * y[1], -c[0] * y[0]


def predator(t, y, c, dy):
    dy[0] = 2.0 * (y[0] - y[0] * y[1])
    dy[1] = y[0] * y[1] - y[1]


def predator_jac(t, y, c, jac):
    jac[0, 0], jac[0, 1] = 2.0 - 2.0 * y[1], -2.0 * y[0]
    jac[1, 0], jac[1, 1] = y[1], y[0] - 1.0


def pendulum(t, y, c, dy):
    dy[0] = y[1]
    dy[1] = -np.sin(y[0]) - 0.3 * y[1] * y[0] + c[0] * np.cos(3.0 * t)


def pendulum_jac(t, y, c, jac):
    jac[0, 0], jac[0, 1] = 0.0, 1.0
    jac[1, 0], jac[1, 1] = -np.cos(y[0]) - 0.3 * y[1], -0.3 * y[0]


def pendulum_dfdt(t, y, c, out):
    out[0], out[1] = 0.0, -3.0 * c[0] * np.sin(3.0 * t)


@numba.njit
def march(stepper, rhs, jac, dfdt, stiff, c, control, w, m, pivot, h, ends, inside):
    """Take steps of one size; keep the state at the end and at 0.37 of each of them."""
    t = 0.0
    for k in range(len(ends)):
        control[H] = h
        invoke_step(stepper, t, t + 1e3, rhs, jac, dfdt, c, control, w, m, pivot)
        interpolant(stiff, control, w)
        interpolate(0.37, w, POINT)
        for i in range(w.shape[1]):
            inside[k, i] = w[POINT, i]
            ends[k, i] = w[Y_NEW, i]
            w[Y, i] = w[Y_NEW, i]
        t += control[H_DONE]
    return t


def errors(system, c, exact, name, steps):
    """Root mean square error at the ends, and at 0.37 of the steps."""
    stiff, h = METHODS[name].stiff, END / steps
    control, w = np.zeros(N_SLOTS), np.zeros((N_ROWS, 2))
    control[LIMIT], control[RTOL], w[ATOL] = 1e9, 0.1, 1e9  # any step is accepted
    w[Y] = START
    ends, inside = np.empty((steps, 2)), np.empty((steps, 2))
    calls = [STEPPERS[name].target, system.calls["rhs"].target]
    calls += [system.calls[k].target if stiff and k in system.calls else NO_CALL for k in ("jac", "dfdt")]
    system.rhs(0.0, w[Y], c, w[F])
    control[FRESH] = 1.0
    reached = march(*calls, stiff, c, control, w, np.zeros((2, 2, 2)), np.zeros(2, np.int64), h, ends, inside)
    assert abs(reached - END) < 1e-9
    step = np.arange(steps)
    found = (ends, exact(h * (step + 1))), (inside, exact(h * (step + 0.37)))
    return [np.sqrt(np.mean((got - expected.T) ** 2)) for got, expected in found]


def solution(system, c):
    """Solve it as exactly as double precision allows."""

    def f(t, y):
        dy = np.empty(2)
        system.rhs(t, y, c, dy)
        return dy

    return solve_ivp(f, (0.0, END), START, method="DOP853", rtol=1e-13, atol=1e-15, dense_output=True).sol


def fitted_orders(system, c, name, counts=(60, 80, 110, 150)):
    exact = solution(system, c)
    found = np.array([errors(system, c, exact, name, n) for n in counts])
    return -np.polyfit(np.log(counts), np.log(found), 1)[0]


@pytest.mark.parametrize(
    ("name", "functions", "steps", "measured"),
    [
        ("tsit5-scalar", (oscillator, 2), 200, (1.9244e-10, 2.1719e-10)),
        ("rodas5p-scalar", (predator, 2, predator_jac), 100, (7.4734e-8, 7.1738e-8)),
    ],
)
def test_a_method_errs_as_much_as_its_coefficients_make_it(name, functions, steps, measured):
    """An order holds with other coefficients too, for which nobody has chosen the least error."""
    system, c = System.from_functions(*functions, n_constants=1), np.array([2.0])
    assert errors(system, c, solution(system, c), name, steps) == pytest.approx(measured, rel=1e-2)


@pytest.mark.parametrize(
    ("name", "functions", "counts"),
    [
        ("tsit5-scalar", (oscillator, 2), (150, 200, 280, 400)),
        ("rodas5p-scalar", (predator, 2, predator_jac), (60, 80, 110, 150)),
    ],
)
def test_fitted_order_is_nominal(name, functions, counts):
    system = System.from_functions(*functions, n_constants=1)
    ends, inside = fitted_orders(system, np.array([2.0]), name, counts)
    assert abs(ends - METHODS[name].order) <= 0.3
    assert abs(inside - METHODS[name].dense - 1) <= 0.3  # a step of an interpolant of order p errs by h^(p+1)


@pytest.mark.parametrize("name", STEPPERS)
def test_order_holds_where_time_enters_and_terms_are_nonlinear(name):
    system = System.from_functions(pendulum, 2, pendulum_jac, dfdt=pendulum_dfdt, n_constants=1)
    ends, inside = fitted_orders(system, np.array([1.0]), name)
    assert ends >= METHODS[name].order - 0.3
    assert inside >= METHODS[name].dense + 1 - 0.3
