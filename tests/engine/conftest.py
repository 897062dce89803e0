"""Small systems with known solutions."""

import numpy as np
import pytest

from ldnsim.engine import System


def _absorption(t, y, c, dy):
    dy[0] = -c[0] * y[0]
    dy[1] = c[0] * y[0] - c[1] * y[1]


def _absorption_jac(t, y, c, jac):
    jac[0, 0], jac[0, 1] = -c[0], 0.0
    jac[1, 0], jac[1, 1] = c[0], -c[1]


def _driven(t, y, c, dy):
    dy[0] = -c[0] * (y[0] - np.cos(t)) - np.sin(t)
    dy[1] = y[0] * y[0] - y[1]


def _driven_jac(t, y, c, jac):
    jac[0, 0], jac[0, 1] = -c[0], 0.0
    jac[1, 0], jac[1, 1] = 2.0 * y[0], -1.0


def _driven_dfdt(t, y, c, out):
    out[0], out[1] = -c[0] * np.sin(t) - np.cos(t), 0.0


def _power(t, y, c, dy):
    dy[0] = c[0] * y[0] * y[0]


def _power_jac(t, y, c, jac):
    jac[0, 0] = 2.0 * c[0] * y[0]


@pytest.fixture(scope="session")
def absorption():
    """Two states in a row: y0' = -c0 y0, y1' = c0 y0 - c1 y1."""
    return System.from_functions(_absorption, 2, _absorption_jac, n_constants=2, name="absorption")


@pytest.fixture(scope="session")
def driven():
    """y0' = -c0 (y0 - cos t) - sin t (the solution from 1 is cos t), y1' = y0^2 - y1; stiff for large c0."""
    return System.from_functions(_driven, 2, _driven_jac, dfdt=_driven_dfdt, n_constants=1, name="driven")


@pytest.fixture(scope="session")
def explosion():
    """y' = c y^2 from y(0) = 1: infinite at t = 1/c."""
    return System.from_functions(_power, 1, _power_jac, n_constants=1, name="explosion")
