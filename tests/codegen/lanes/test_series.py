"""The series of the linear block, from its weights alone."""

import math

import numpy as np
import pytest
from numpy.polynomial import laguerre

from ldnsim.codegen.lanes.series import GAMMA, weights_at

pytestmark = pytest.mark.parametrize("n", GAMMA)


def grown(n, z, theta=1.0):
    """Return what the series makes of y = 1 under y' = z y, h = 1."""
    s = 1.0 / (1.0 - GAMMA[n] * z)
    terms = [GAMMA[n] * z * s * (1.0 - s) ** j for j in range(n)]
    return 1.0 + sum(w * term for w, term in zip(weights_at(n, theta), terms, strict=True))


@pytest.mark.parametrize("theta", [0.1, 0.41, 0.98, 1.0])
def test_it_has_as_many_terms_of_the_exponential_as_it_has_terms(n, theta):
    x = GAMMA[n]  # u_j is (gamma z)^j over (1 - gamma z)^j, times -(-1)^j: expand in powers of z
    found = np.zeros(n + 1)
    for j, weight in enumerate(weights_at(n, theta), start=1):
        for m in range(j, n + 1):
            found[m] += weight * (-1) ** (j - 1) * math.comb(m - 1, j - 1) * x**m
    np.testing.assert_allclose(found[1:], [theta**m / math.factorial(m) for m in range(1, n + 1)], rtol=1e-8, atol=1e-16)


def test_what_is_fast_is_gone_at_the_end_of_a_step(n):
    assert laguerre.lagval(1.0 / GAMMA[n], np.eye(n + 1)[n]) == pytest.approx(0.0, abs=1e-13)
    assert abs(grown(n, -1e9)) < 1e-7


def test_nothing_that_decays_grows(n):
    size = np.logspace(-4, 6, 4001)
    for angle in np.linspace(0.5, 1.0, 11):  # of pi: from the imaginary axis to the negative one
        assert np.abs(grown(n, size * np.exp(1j * np.pi * angle))).max() <= 1.0 + 1e-6
    for theta in np.linspace(0.0, 1.0, 21):
        assert np.abs(grown(n, -size, theta)).max() < 1.5


def test_the_last_term_is_more_than_the_error(n):
    for z in -np.logspace(-0.5, 1.5, 20):
        last = abs(weights_at(n, 1.0)[-1]) * (-GAMMA[n] * z / (1.0 - GAMMA[n] * z)) ** n
        assert abs(grown(n, z) - np.exp(z)) < last
