"""Fits of precise measurements, of one subject or a few: estimates and standard errors against the closed form."""

import numpy as np
import pytest
from scipy.optimize import minimize

import ldnsim as ldn

from .conftest import TRUE, closed, simulated

NAMES = list(TRUE)
ASKED = ("Cp", "A_gut", NAMES, [], "proportional")


def precise(noise, people=1):
    """Profiles of people who are alike, with a relative noise: as data, and the rows that were measured."""
    table = simulated(people, 7, sd=dict.fromkeys(NAMES, 0.0), sigma=noise).drop(columns="WT")
    return ldn.read_data(table), table.dropna(subset=["DV"])


def best_of(table, noise, known):
    """Most likely logarithms of the parameters, and their standard errors; the noise is known, or estimated too."""
    t, y = table.TIME.to_numpy(float), table.DV.to_numpy(float)

    def total(z):
        f, log_sd = closed(t, 300.0, *np.exp(z[:3])), np.log(noise) if known else z[3]
        return (log_sd + np.log(f) + 0.5 * ((y - f) / (np.exp(log_sd) * f)) ** 2).sum()

    z = np.log([*TRUE.values()] + [noise] * (not known))
    for _ in range(3):
        how = {"xatol": 1e-12, "fatol": 1e-13, "maxiter": 20000, "maxfev": 20000}
        z = minimize(total, z, method="Nelder-Mead", options=how).x
    h = 0.05 * noise
    steps = h * np.eye(len(z))
    bend = [
        [total(z + a + b) - total(z + a - b) - total(z - a + b) + total(z - a - b) for a in steps]
        for b in steps
    ]
    return z[:3], np.sqrt(np.diag(np.linalg.inv(np.array(bend) / (4.0 * h * h))))[:3]


def is_best(fit, table, noise, known=False):
    """Hold a fit against them."""
    best, errors = best_of(table, noise, known)
    found = fit.parameters.loc[NAMES]
    assert fit.converged
    assert fit.notes == ()
    assert (np.abs(np.log(found.value) - best) < 0.01 * errors).all()
    np.testing.assert_allclose(found.se / found.value, errors, rtol=0.01)


@pytest.mark.kind("errors-of-one")
@pytest.mark.parametrize("noise", [0.1, 0.02, 0.005, 0.001])
def test_errors_of_one_subject_are_as_small_as_these(own, noise):
    data, table = precise(noise)
    is_best(ldn.fit(own, data, *ASKED), table, noise)  # one was half as large again, or there were none


@pytest.mark.kind("errors-of-one", sibling="two subjects without variation between them")
def test_so_are_those_of_two_pooled_subjects(own):
    data, table = precise(0.005, people=2)
    is_best(ldn.fit(own, data, *ASKED), table, 0.005)


@pytest.mark.kind(
    "errors-of-one", sibling="a scatter that is known, and a start a thousand standard errors off"
)
@pytest.mark.parametrize("noise", [0.001, 0.0001])
def test_a_search_from_far_off_ends_where_the_objective_is_least(own, noise):
    data, table = precise(noise)
    far = own.with_parameters(ka=1.2, CL=3.0, V=30.0)
    is_best(ldn.fit(far, data, *ASKED, fixed=["proportional"], sigma=noise), table, noise, known=True)
