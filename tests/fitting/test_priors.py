"""Priors of estimates: densities and slopes, estimates against a grid, what is refused."""

import numpy as np
import pytest
from scipy import stats

import ldnsim as ldn
from ldnsim.errors import InputError, UnknownNameError
from ldnsim.fitting.densities import distribution_of

WORDS = {
    "normal(2, 0.5)": stats.norm(2, 0.5),
    "laplace(2, 0.5)": stats.laplace(2, 0.5),
    "uniform(-1, 3)": stats.uniform(-1, 4),
    "cauchy(2, 0.5)": stats.cauchy(2, 0.5),
    "gamma(3, 0.5)": stats.gamma(3, scale=0.5),
    "exponential(0.5)": stats.expon(scale=0.5),
    "chisquare(3)": stats.chi2(3),
    "rayleigh(0.5)": stats.rayleigh(scale=0.5),
    "lognormal(0.7, 0.3)": stats.lognorm(0.3, scale=np.exp(0.7)),
    "loglaplace(0.7, 0.3)": stats.loglaplace(1 / 0.3, scale=np.exp(0.7)),
    "loguniform(0.1, 3)": stats.loguniform(0.1, 3),
}


@pytest.mark.parametrize("words", WORDS)
def test_densities_and_slopes(words):
    found = distribution_of("prior", words)
    for p in (0.4, 1.3, 2.7):
        value, slope = found.at(p)
        assert value == pytest.approx(WORDS[words].logpdf(p), rel=1e-12)
        step = 1e-6
        assert slope == pytest.approx((found.at(p + step)[0] - found.at(p - step)[0]) / (2 * step), abs=1e-6)
        assert found.times(3.0).at(3.0 * p)[0] == pytest.approx(value - np.log(3.0), rel=1e-9)
    assert distribution_of("prior", str(found)) == found


@pytest.mark.parametrize("of", ["log", "log10"])
def test_of_a_logarithm_is_a_density_of_the_logarithm(of):
    found, log = distribution_of("prior", f"normal(-0.5, 0.2) of {of}"), getattr(np, of)
    for p in (0.2, 0.7):
        assert found.at(p)[0] == pytest.approx(stats.norm(-0.5, 0.2).logpdf(log(p)))
        assert found.at(p)[1] == pytest.approx((found.at(p + 1e-7)[0] - found.at(p - 1e-7)[0]) / 2e-7, rel=1e-5)
        assert found.times(4.0).at(4.0 * p)[0] == pytest.approx(found.at(p)[0])
    assert found.at(-1.0)[0] == -np.inf


TEXT = "model one; A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V; end"
TIMES, SEEN = np.array([1.0, 4.0, 12.0, 24.0]), np.array([9.3, 7.2, 3.4, 1.3])


@pytest.fixture(scope="module")
def patient():
    rows = [{"ID": 1, "TIME": 0, "AMT": 300}, *({"ID": 1, "TIME": t, "DV": v} for t, v in zip(TIMES, SEEN, strict=True))]
    return ldn.Model.from_antimony(TEXT), ldn.read_data(rows)


def asked(**more):
    given = {"observe": "Cp", "cmt": "A", "estimate": ["CL"], "iiv": [], "error": "additive",
             "sigma": {"additive": 0.5}, "fixed": ["additive"], "progress": False}  # fmt: skip
    return given | more


@pytest.mark.parametrize(
    ("words", "prior"),
    [
        ("normal(3, 0.1)", lambda p: stats.norm(3, 0.1).logpdf(p)),
        ("lognormal(1, 0.05)", lambda p: stats.lognorm(0.05, scale=np.e).logpdf(p)),
        ("normal(0.5, 0.02) of log10", lambda p: stats.norm(0.5, 0.02).logpdf(np.log10(p))),
        ("gamma(400, 0.008)", lambda p: stats.gamma(400, scale=0.008).logpdf(p)),
        (1.05, lambda p: stats.norm(np.log(2), np.log(1.05)).logpdf(np.log(p))),
    ],
)
@pytest.mark.parametrize("method", ["focei", "exact"])
def test_the_estimate_is_where_likelihood_times_prior_is_largest(patient, words, prior, method):
    fit = ldn.fit(*patient, **asked(method=method, prior={"CL": words}))
    cl = np.linspace(1.5, 3.5, 400_001)
    f = 10.0 * np.exp(-cl[:, None] / 30.0 * TIMES)
    log = stats.norm.logpdf(SEEN, f, 0.5).sum(axis=1) + prior(cl)
    assert fit.parameters.value["CL"] == pytest.approx(cl[log.argmax()], rel=1e-4)
    assert fit.objective == pytest.approx(-2.0 * log.max(), abs=1e-5)
    assert fit.converged
    bend = -np.gradient(np.gradient(log, cl), cl)[log.argmax()]
    assert fit.parameters.se["CL"] == pytest.approx(bend**-0.5, rel=0.02)
    assert "priors of the estimates count in the objective: CL" in str(fit)
    assert "-2 log likelihood and priors" in repr(fit)


def test_a_prior_of_the_residual_error_and_of_what_is_evaluated(patient):
    prior = {"additive": "lognormal(-1, 0.1)", "V": "normal(30, 2)"}
    both = ldn.fit(*patient, **asked(estimate=[], prior=prior))
    plain = ldn.fit(*patient, **asked(estimate=[]))
    densities = stats.lognorm(0.1, scale=np.exp(-1)).logpdf(0.5) + stats.norm(30, 2).logpdf(30)
    assert both.objective - plain.objective == pytest.approx(-2.0 * densities, abs=1e-9)
    free = ldn.fit(*patient, **asked(fixed=[], prior={"additive": "lognormal(-1, 0.01)"}))
    assert free.sigma["additive"] == pytest.approx(np.exp(-1), rel=0.02)


def test_a_prior_lets_few_measurements_tell_more_parameters(patient):
    model, _ = patient
    one = ldn.read_data([{"ID": 1, "TIME": 0, "AMT": 300}, {"ID": 1, "TIME": 4, "DV": 7.2}])
    with pytest.raises(InputError, match="cannot tell 2 numbers"):
        ldn.fit(model, one, **asked(estimate=["CL", "V"]))
    fit = ldn.fit(model, one, **asked(estimate=["CL", "V"], prior={"CL": 1.3, "V": 1.2}))
    assert fit.converged
    assert np.isfinite(fit.parameters.se).all()


def test_a_uniform_prior_is_a_box(patient):
    fit = ldn.fit(*patient, **asked(prior={"CL": "uniform(1, 2.3)"}))
    assert fit.parameters.value["CL"] == pytest.approx(2.3)
    assert any("at the edge" in note for note in fit.notes)


def test_an_interrupted_fit_with_a_prior_goes_on(patient, tmp_path):
    how = asked(prior={"CL": "normal(3, 0.1)"}, checkpoint=tmp_path / "fit.npy")
    first = ldn.fit(*patient, **how)
    assert ldn.fit(*patient, **how).objective == first.objective
    with pytest.raises(InputError, match="is of another fit"):
        ldn.fit(*patient, **(how | {"prior": {"CL": "normal(3, 0.2)"}}))


@pytest.mark.kind("fit-priors")
@pytest.mark.parametrize(
    ("prior", "words"),
    [
        ({"Cl": 1.5}, "prior='Cl'"),
        ({"CL": "beta(1, 2)"}, r"prior\['CL'\]='beta'"),
        ({"CL": "normal(1)"}, "must hold 2 finite numbers: mean, sd"),
        ({"CL": "normal(1, x)"}, "holds what is no number"),
        ({"CL": "normal(1, inf)"}, "must hold 2 finite numbers"),
        ({"CL": "normal(1, -1)"}, "must have a sd > 0"),
        ({"CL": "lognormal(1, 1) of log"}, "names the logarithm twice"),
        ({"CL": "normal 1 2"}, "is no distribution in words"),
        ({"CL": "loguniform(0, 2)"}, "must begin above 0"),
        ({"CL": "uniform(2, 1)"}, "must end above where it begins"),
        ({"CL": "uniform(5, 6)"}, "must lie between its bounds 5 and 6 to start from"),
        ({"V": "uniform(5, 6)"}, "excludes 30, from where the search starts"),
        ({"CL": 0.9}, "geometric standard deviation > 1"),
        ({"CL": 30}, "must be below 10, a factor: 30 % are written 1.3"),
        ("iiv", "prior='iiv': is for one patient"),
        ("uncertainty", "prior='uncertainty': is for one patient"),
    ],
)
def test_what_is_no_prior_of_an_estimate_is_refused(patient, prior, words):
    with pytest.raises((InputError, UnknownNameError), match=words):
        ldn.fit(*patient, **asked(prior=prior))


@pytest.mark.kind("fit-priors", sibling="draws, which are for one patient")
def test_draws_are_for_one_patient(patient):
    import pandas as pd

    with pytest.raises(InputError, match="prior='draws': is for one patient"):
        ldn.fit(*patient, **asked(prior=pd.DataFrame({"CL": [1.0, 2.0]})))


def test_a_patient_may_have_a_normal_distribution_in_words(patient):
    how = asked(method="map", fixed=["additive"])
    words = ldn.fit(*patient, **(how | {"prior": {"CL": f"normal({np.log(2):.17g}, {np.log(1.3):.17g}) of log"}}))
    number = ldn.fit(*patient, **(how | {"prior": {"CL": 1.3}}))
    np.testing.assert_allclose(words.parameters.value, number.parameters.value, rtol=1e-9)
    shifted = ldn.fit(*patient, **(how | {"prior": {"CL": "lognormal(1, 0.01)"}}))
    assert shifted.parameters.value["CL"] == pytest.approx(np.e, rel=0.02)


@pytest.mark.kind("fit-priors", sibling="a distribution that the prior of a patient cannot be, a name that is none")
@pytest.mark.parametrize(
    ("prior", "words"),
    [
        ({"CL": "gamma(2, 1)"}, "is not normal in the logarithm of 'CL'"),
        ({"CL": "normal(2, 1)"}, "is not normal in the logarithm of 'CL'"),
        ({"CL": 1.3, "Cl": 1.5}, "prior='Cl'"),
    ],
)
def test_what_a_patient_cannot_have_is_refused(patient, prior, words):
    with pytest.raises((InputError, UnknownNameError), match=words):
        ldn.fit(*patient, **asked(method="map", prior=prior))


@pytest.mark.kind("fit-priors", sibling="few measurements, of which intervals were wider than the priors")
def test_few_measurements_widen_no_prior(patient):
    """Three measurements and two parameters: Student's t widened what the priors tell as it does what data tell."""
    model, _ = patient
    few = [{"ID": 1, "TIME": 0, "AMT": 300}, *({"ID": 1, "TIME": t, "DV": v} for t, v in ((1, 9.3), (4, 7.2), (8, 5.1)))]
    known = {"CL": "lognormal(0.7, 0.2)", "V": "lognormal(3.4, 0.2)"}
    how = {"estimate": ["CL", "V"], "error": "proportional", "fixed": [], "sigma": {}}
    fit, plain = (ldn.fit(model, ldn.read_data(few), **asked(prior=p, **how)) for p in (known, "both"))
    wide = np.log(fit.parameters.high / fit.parameters.low)
    assert (wide < 2 * 1.645 * 0.2).all(), fit.parameters
    assert (wide < np.log(plain.parameters.high / plain.parameters.low)).all()
    drawn = np.log(ldn.posterior(fit, 4000, seed=1)[["CL", "V"]]).quantile([0.05, 0.95])
    np.testing.assert_allclose(drawn.T, np.log(fit.parameters[["low", "high"]]), atol=0.03)


@pytest.mark.kind("told-beside-numbers", sibling="a patient whose residual error is given")
def test_a_patient_is_estimated_where_the_residual_error_is_given(patient):
    fit = ldn.fit(*patient, **asked(iiv=None, method="map", prior={"CL": 1.3}))
    assert "nothing was estimated" not in repr(fit)
    assert fit.convergence == "found where the posterior is highest; residual errors stay as given"
