"""The sampled posterior of a patient: against importance sampling, a uniform distribution of ranks, and itself."""

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

import ldnsim as ldn
from ldnsim.fitting import sampling
from ldnsim.fitting.sampling import Sampled

from .conftest import TIMES, closed, simulated

GSD = {"ka": 1.5, "CL": 1.3, "V": 1.25}
HOW = {
    "observe": "Cp",
    "cmt": "A_gut",
    "estimate": list(GSD),
    "error": "lognormal",
    "method": "posterior",
    "prior": GSD,
}
MIDDLE, SD = np.log([1.5, 2.7, 32.0]), np.log(list(GSD.values()))

if find_spec("nutpie") is None:  # nothing is imported while tests are collected
    pytest.skip("nutpie is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def patient():
    return ldn.read_data(simulated(1, seed=8, sigma=0.3))


@pytest.fixture(scope="module")
def fitted(own, patient):
    return ldn.fit(own, patient, **HOW, seed=3, threads=1)


def weighted(seen, count=2**15):
    """Draws of the prior, with weights: an exact importance sample on the closed form, the residual sd among them."""
    u = qmc.MultivariateNormalQMC(np.zeros(4), seed=np.random.default_rng(0)).random(count)
    z, log_sd = MIDDLE + SD * u[:, :3], np.log(0.2) + u[:, 3]
    k, t = np.exp(z), np.array(TIMES)
    f = closed(t, 300.0, *(k[:, j, None] for j in range(3)))
    log = -0.5 * ((np.log(seen / f) / np.exp(log_sd)[:, None]) ** 2).sum(axis=1) - len(t) * log_sd
    weight = np.exp(log - log.max())
    return np.column_stack([z, log_sd]), weight / weight.sum()


def test_draws_are_those_of_the_exact_posterior(fitted, patient):
    x, weight = weighted(patient.observations.DV.to_numpy())
    mean = weight @ x
    sd = np.sqrt(weight @ (x - mean) ** 2)
    drawn = np.column_stack([fitted.sampled.of_patients[:, 0], fitted.sampled.residual])
    np.testing.assert_allclose((drawn.mean(axis=0) - mean) / sd, 0.0, atol=0.12)
    np.testing.assert_allclose(drawn.std(axis=0) / sd, 1.0, atol=0.1)


def test_chains_agree_and_say_so(fitted):
    assert fitted.converged, fitted.convergence
    assert "R-hat" in fitted.convergence
    table = fitted.diagnostics
    assert list(table.index) == ["ka", "CL", "V", "lognormal"]
    assert table.rhat.max() <= 1.01
    assert table[["ess_bulk", "ess_tail"]].min().min() >= 400


@pytest.fixture
def briefly(monkeypatch):
    """Sample a little, where agreement of the chains is not what is looked at."""
    monkeypatch.setattr(sampling, "DRAWS", 100)
    monkeypatch.setattr(sampling, "TUNE", 100)
    monkeypatch.setattr(sampling, "ACCEPTED", (0.9,))


@pytest.mark.slow
def test_threads_change_no_bit_and_seeds_do(own, patient, briefly):
    one, two, other = (ldn.fit(own, patient, **HOW, seed=s, threads=n) for s, n in ((3, 1), (3, 2), (4, 2)))
    assert np.array_equal(one.sampled.z, two.sampled.z)
    pd.testing.assert_frame_equal(one.parameters, two.parameters, check_exact=True)
    assert not np.array_equal(one.sampled.z, other.sampled.z)


@pytest.mark.slow
def test_much_data_give_the_normal_approximation(own, briefly):
    data = ldn.read_data(simulated(1, seed=2, sigma=0.05, times=np.linspace(0.25, 36, 60)))
    sampled = ldn.fit(own, data, **HOW)
    near = ldn.fit(own, data, **(HOW | {"method": "map"}))
    np.testing.assert_allclose(sampled.parameters.value, near.parameters.value, rtol=0.02)
    np.testing.assert_allclose(sampled.parameters.se, near.parameters.se, rtol=0.3)


@pytest.mark.slow
def test_ranks_of_the_truth_are_uniform(own, briefly):
    """Simulation-based calibration (Talts et al., 2018): truths from the prior lie anywhere among their draws."""
    rng, n, t = np.random.default_rng(1), 24, np.array(TIMES)
    truth = MIDDLE + SD * rng.standard_normal((n, 3))
    rows = []
    for i, z in enumerate(truth):
        y = closed(t, 300.0, *np.exp(z)) * np.exp(0.3 * rng.standard_normal(len(t)))
        rows += [{"ID": i, "TIME": 0, "AMT": 300}] + [
            {"ID": i, "TIME": a, "DV": v} for a, v in zip(t, y, strict=True)
        ]
    f = ldn.fit(own, ldn.read_data(rows), **HOW, sigma={"lognormal": 0.3}, fixed=["lognormal"])
    ranks = (f.sampled.of_patients < truth).mean(axis=0)
    # mean and variance of uniform numbers, within three of their standard errors
    assert (abs(ranks.mean(axis=0) - 0.5) < 3 / np.sqrt(12 * n)).all(), ranks.mean(axis=0)
    assert (abs(ranks.var(axis=0) - 1 / 12) < 3 / np.sqrt(180 * n)).all(), ranks.var(axis=0)


def test_what_follows_from_draws(own, fitted):
    assert (fitted.learnt.learnt > 0).all()
    draws = ldn.posterior(fitted, 300, seed=1)
    low, high = np.quantile(draws.CL, (0.05, 0.95))
    np.testing.assert_allclose(
        [low, high], fitted.parameters.loc["CL", ["low", "high"]].astype(float), rtol=0.1
    )
    found = fitted.readouts(["auc(Cp)"], ldn.Regimen.every(300, ii=24, n=5, cmt="A_gut"), n=100)
    assert found.low["auc(Cp)"] < 300 / fitted.parameters.value["CL"] < found.high["auc(Cp)"]
    lines = fitted.curves(points=25)
    assert (lines.LOW <= lines.HIGH).all()
    inside = (lines.LOW[1:] < lines.IPRED[1:]) & (lines.IPRED[1:] < lines.HIGH[1:])
    assert inside.all()
    assert list(fitted.variances.index) == ["lognormal"]
    assert fitted.sigma["lognormal"] == pytest.approx(fitted.variances.value["lognormal"])


def test_arviz_takes_them(fitted):
    found = fitted.to_arviz()
    groups = found.groups() if callable(found.groups) else found.children  # a DataTree since ArviZ 1
    assert {
        "posterior",
        "prior",
        "log_likelihood",
        "posterior_predictive",
        "observed_data",
        "sample_stats",
    } <= set(groups)
    np.testing.assert_array_equal(found.posterior.CL.values, np.exp(fitted.sampled.z[:, :, 0, 1]))
    assert found.log_likelihood.DV.shape[2] == len(TIMES)
    seen, drawn = found.observed_data.DV.values, found.posterior_predictive.DV.values
    assert abs(np.log(np.median(drawn, axis=(0, 1)) / seen)).max() < 1.5


@pytest.mark.slow
def test_several_patients_share_the_residual(own, briefly):
    f = ldn.fit(own, ldn.read_data(simulated(2, seed=8)), **HOW)
    assert f.parameters.index.names == ["ID", "parameter"]
    assert f.parameters.loc["s1"].shape == (3, 5)
    assert list(f.diagnostics.index[:2]) == ["s0 ka", "s0 CL"]
    assert f.to_arviz().posterior.CL.dims == ("chain", "draw", "ID")


@pytest.mark.kind("untold-parameter", sibling="one sample of a patient with a prior")
@pytest.mark.slow
def test_one_sample_leaves_the_prior(own, briefly):
    data = ldn.read_data([{"ID": 1, "TIME": 0, "AMT": 300}, {"ID": 1, "TIME": 2, "DV": 7.0}])
    f = ldn.fit(own, data, **HOW)
    assert any("the prior stands" in note for note in f.notes)


class Flat:
    """A density about which only its size is asked."""

    def __init__(self):
        self.prediction = self
        self.effects = self

    def read(self, x):
        return x[..., None, :2], x[..., 2:]

    def placed(self, eta, _):
        return eta

    centre = None


def test_rounds_take_shorter_steps_and_keep_what_was_drawn_without_a_divergence(monkeypatch):
    asked, draws = [], 60
    monkeypatch.setattr(sampling, "ESS", 4 * 2 * draws - 100)  # more than one round can give

    def chains(_, accepted, seed, *rest):
        rng, k = np.random.default_rng(seed), len(asked)
        asked.append((accepted, seed))
        return rng.standard_normal((4, draws, 3)) + k, np.full((4, draws), k == 0)

    monkeypatch.setattr(sampling, "_chains", chains)
    found = sampling.sample(Flat(), 5, 1, False)
    accepted, seeds = zip(*asked, strict=True)
    assert accepted == sampling.ACCEPTED
    assert len(set(seeds)) == 3
    assert found.diverging.shape == (4, 2 * draws)  # the first round is left out
    assert not found.diverging.any()
    assert np.median(found.z[:, :draws]) == pytest.approx(1.0, abs=0.2)
    assert np.median(found.z[:, draws:]) == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize(
    ("rhat", "bulk", "tail", "astray", "agree"),
    [
        (1.01, 400.0, 400.0, False, True),  # the limits that are published
        (1.011, 400.0, 400.0, False, False),
        (1.01, 399.9, 400.0, False, False),
        (1.01, 400.0, 399.9, False, False),
        (1.01, 400.0, 400.0, True, False),
    ],
)
def test_chains_agree_up_to_the_limits(rhat, bulk, tail, astray, agree):
    told = np.array([1.0, rhat]), np.array([bulk, 1e4]), np.array([1e4, tail])
    z, diverging = np.zeros((2, 3, 1, 1)), np.array([[False, False, False], [False, astray, False]])
    assert Sampled(z, z[..., 0], diverging, *told).agree == agree
