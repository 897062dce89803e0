"""One patient with a prior: against a direct search on the closed form."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

import ldnsim as ldn

from .conftest import TIMES, closed, simulated

GSD = {"ka": 1.5, "CL": 1.3, "V": 1.25}
HOW = {"observe": "Cp", "cmt": "A_gut", "estimate": list(GSD), "error": "lognormal", "method": "map"}


@pytest.fixture(scope="module")
def patient():
    return ldn.read_data(simulated(1, seed=8))


@pytest.fixture(scope="module")
def fitted(own, patient):
    return ldn.fit(own, patient, **HOW, prior=GSD, sigma={"lognormal": 0.1}, fixed=["lognormal"])


def minus_log_posterior(z, seen):
    """Of logarithms of the parameters, without constants."""
    middle, sd = np.log([1.5, 2.7, 32.0]), np.log(list(GSD.values()))
    residual = np.log(seen / closed(np.array(TIMES), 300.0, *np.exp(z))) / 0.1
    return 0.5 * (residual @ residual + (((z - middle) / sd) ** 2).sum())


def test_the_mode_and_its_width_are_those_of_a_direct_search(fitted, patient):
    seen = patient.observations.DV.to_numpy()
    best = minimize(
        minus_log_posterior, np.log([1.5, 2.7, 32.0]), args=(seen,), method="BFGS", options={"gtol": 1e-7}
    )
    np.testing.assert_allclose(np.log(fitted.parameters.value), best.x, atol=1e-4)
    step, k = 1e-3, 3
    hessian = np.empty((k, k))
    for i in range(k):
        for j in range(k):
            a, b = step * np.eye(k)[i], step * np.eye(k)[j]
            f = [
                minus_log_posterior(best.x + s * a + t * b, seen)
                for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            ]
            hessian[i, j] = (f[0] - f[1] - f[2] + f[3]) / (4 * step**2)
    sd = np.sqrt(np.diag(np.linalg.inv(hessian)))
    np.testing.assert_allclose(fitted.parameters.se / fitted.parameters.value, sd, rtol=1e-3)


def test_what_was_learnt_lies_within_the_prior(fitted):
    table = fitted.learnt
    assert ((table.learnt > 0) & (table.learnt < 1)).all()
    assert (table.high / table.low < table.prior_high / table.prior_low).all()


def test_draws_and_readouts_follow(own, fitted):
    draws = ldn.posterior(fitted, 2000, seed=1)
    np.testing.assert_allclose(np.log(draws).std(), fitted.parameters.se / fitted.parameters.value, rtol=0.1)
    found = fitted.readouts(["auc(Cp)"], ldn.Regimen.every(300, ii=24, n=10, cmt="A_gut"), n=200)
    assert found.low["auc(Cp)"] < 300 / fitted.parameters.value["CL"] < found.high["auc(Cp)"]
    assert fitted.model.parameters.value["CL"] == pytest.approx(fitted.parameters.value["CL"])
    with pytest.raises(ldn.InputError, match="says nothing of how people differ"):
        ldn.population(fitted, 5)


def test_several_patients_each_have_their_own(own):
    f = ldn.fit(own, ldn.read_data(simulated(3, seed=8)), **HOW, prior=GSD)
    assert f.parameters.index.names == ["ID", "parameter"]
    assert f.parameters.loc["s1"].shape == (3, 5)
    assert f.sigma["lognormal"] < 0.3


def test_a_prior_may_be_draws_or_the_model_s_table():
    model = ldn.load_model("naltrexone_pk")
    rows = [{"ID": 1, "TIME": 0, "AMT": 50}] + [
        {"ID": 1, "TIME": t, "DV": v} for t, v in ((1, 9.0), (3, 5.0), (8, 1.5))
    ]
    how = {
        "observe": "plasma_naltrexone",
        "estimate": ["CL_ntx", "F_oral"],
        "error": "proportional",
        "method": "map",
    }
    both = ldn.fit(model, ldn.read_data(rows), **how)
    draws = ldn.posterior(ldn.load_model("ldn"))
    other = ldn.fit(model, ldn.read_data(rows), **how, prior=draws)
    assert both.prior != other.prior
    assert other.omega.loc["CL_ntx", "F_oral"] != 0
    assert both.parameters.high["F_oral"] < 1


@pytest.mark.kind("untold-parameter", sibling="a patient without a prior for a parameter")
def test_a_prior_that_is_not_there_is_refused(own, patient):
    with pytest.raises(ldn.InputError, match=r"says nothing of 'ka'.*prior="):
        ldn.fit(own, patient, **HOW)
    with pytest.raises(ldn.InputError, match="lacks 'V'"):
        ldn.fit(own, patient, **HOW, prior={"ka": 1.5, "CL": 1.3})
    with pytest.raises(ldn.InputError, match="at least 30 draws"):
        ldn.fit(own, patient, **HOW, prior=pd.DataFrame({"ka": [1.0], "CL": [2.0], "V": [3.0]}))


@pytest.mark.kind("asked-in-vain")
@pytest.mark.parametrize(
    ("more", "argument"),
    [
        ({"omega": {"CL": 0.5}}, "omega"),
        ({"table": {"id": ["V"], "lower": [31.9], "upper": [32.1]}}, "table"),
        ({"table": {"id": ["V"], "transform": ["none"]}}, "table"),
    ],
)
def test_what_a_prior_of_one_patient_leaves_no_place_for_is_refused(own, patient, more, argument):
    more = {k: pd.DataFrame(v) if k == "table" else v for k, v in more.items()}
    with pytest.raises(ldn.InputError, match=f"^{argument}=.*no place beside a prior"):
        ldn.fit(own, patient, **HOW, prior=GSD, **more)


@pytest.mark.kind("asked-in-vain", sibling="covariates where nothing is estimated")
@pytest.mark.parametrize("method", ["focei", "exact"])
def test_an_evaluation_with_covariates_is_refused(own, method):
    data = ldn.read_data(simulated(3, seed=8))
    with pytest.raises(ldn.InputError, match=r"^covariates=.*coefficients"):
        ldn.fit(own, data, "Cp", "A_gut", [], ["CL"], "proportional", method, covariates={"CL": "WT"})
