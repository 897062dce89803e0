"""Priors, the fit and the sampler against what is known in closed form."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.inference import surrogate
from ldnsim.inference.density import TAIL, PosteriorDensity, weights
from ldnsim.inference.fitting import fit
from ldnsim.inference.priors import Prior
from ldnsim.inference.sampling import Gaussian, effective_size, rhat, sample
from ldnsim.inference.surrogate import Surrogate


def prior(**more):
    fields = {
        "ids": ("rate", "share", "whole"),
        "median": np.array([2.0, 0.2, 1.0]),
        "gsd": np.array([1.5, 1.3, 1.3]),
        "lower": np.array([0.5, 0.0, 0.0]),
        "upper": np.array([8.0, 1.0, 1.0]),
    }
    return Prior(**fields | more)


def test_a_prior_has_the_median_and_spread_it_says():
    z = np.random.default_rng(0).standard_normal((100_000, 3))
    values = prior().values(z)
    np.testing.assert_allclose(np.median(values[:, :2], axis=0), [2.0, 0.2], rtol=0.01)
    np.testing.assert_allclose(np.exp(np.log(values[:, 0]).std()), 1.5, rtol=0.01)
    near = np.log(prior().values(np.full((1, 3), 1e-4)) / prior().median)[0, 1] / 1e-4
    assert near == pytest.approx(np.log(1.3), rel=1e-3)
    assert (values[:, 1:] <= 1).all()
    assert (values > 0).all()


def test_z_of_is_the_inverse_of_values():
    z = np.array([[-1.2, 0.7, -0.4], [2.0, -2.0, -1.0]])
    np.testing.assert_allclose(prior().z_of(prior().values(z)), z, rtol=1e-10)


def test_draws_keep_within_bounds_and_depend_on_the_seed_only():
    tight = prior(lower=np.array([1.9, 0.15, 0.9]))
    first, second = (tight.draw(200, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert tight.inside(tight.values(first)).all()
    with pytest.raises(ldn.InputError, match="rate"):
        prior(lower=np.array([7.9999, 0.0, 0.0])).draw(50, np.random.default_rng(0))


def test_what_is_chosen_is_not_uncertain():
    model = ldn.load_model("ldn")
    assert "IC50_tlr4" in Prior.of(model).ids
    assert "IC50_tlr4" not in Prior.of(model.with_scenario("in_vitro_tlr4")).ids
    assert "K_brain" not in Prior.of(model.with_parameters(K_brain=1.0)).ids


class Linear:
    """Residuals linear in z: the posterior is Gaussian as long as the residuals stay small."""

    def __init__(self, matrix, shift):
        self.matrix, self.shift = matrix, shift

    def residuals(self, z):
        return z @ self.matrix.T - self.shift

    def log_posterior(self, z):
        return PosteriorDensity.log_likelihood(self.residuals(z)) - 0.5 * (z**2).sum(axis=-1)

    def jacobian(self, z):
        return self.residuals(z), np.broadcast_to(self.matrix, (len(z), *self.matrix.shape))


def test_the_fit_finds_the_maximum_from_every_start():
    rng = np.random.default_rng(4)
    one = Linear(rng.standard_normal((6, 3)), rng.standard_normal(6))
    found = fit(one, rng.standard_normal((5, 3)), iterations=60, gain=1e-9)
    assert found.agree == 5
    assert found.settled.all()
    best = found.z[0]
    slope = -(one.matrix.T * weights(one.residuals(best[None])[0])) @ one.residuals(best[None])[0] - best
    np.testing.assert_allclose(slope, 0, atol=1e-3)


def test_a_stray_measurement_hardly_pulls():
    weight = weights(np.array([0.0, 1.0, 10.0]))
    assert weight[0] == (TAIL + 1) / TAIL
    assert weight[2] < 0.05
    wide = Linear(np.ones((8, 1)), np.r_[np.zeros(7), 30.0])
    assert abs(fit(wide, np.zeros((1, 1))).z[0, 0]) < 0.1


class Known:
    """A density made of residuals that are `shape` of whitened coordinates, 0 outside `bound`."""

    def __init__(self, centre, covariance, shape=lambda w: w, bound=-np.inf):
        self.centre, self.root = centre, np.linalg.cholesky(covariance)
        self.shape, self.bound = shape, bound

    def inside(self, z):
        return (z >= self.bound).all(axis=1)

    def residuals(self, z):
        found = self.shape(np.linalg.solve(self.root, (z - self.centre).T).T)
        return np.where(self.inside(z)[:, None], found, np.nan)

    @staticmethod
    def weigh(residuals, z):
        total = -0.5 * (residuals**2).sum(axis=1)
        return np.where(np.isnan(total), -np.inf, total)


def run(target, k, seed, *, covariance=None, chains=60, warmup=30, iterations=150):
    shape = np.eye(k) if covariance is None else covariance
    how = {"chains": chains, "warmup": warmup, "iterations": iterations, "rng": np.random.default_rng(seed)}
    return sample(target, np.zeros(k), shape, **how)


@pytest.mark.slow
def test_the_sampler_returns_a_gaussian_whatever_shapes_its_moves():
    centre, covariance = np.array([1.0, -2.0]), np.array([[1.0, 0.6], [0.6, 0.5]])
    found = run(Known(centre, covariance), 2, 5, covariance=2 * np.eye(2), chains=100)
    flat = found.z.reshape(-1, 2)
    error = np.sqrt(np.diag(covariance) / effective_size(found.z))
    assert (abs(flat.mean(axis=0) - centre) < 5 * error).all()
    np.testing.assert_allclose(np.cov(flat.T), covariance, atol=0.06)
    assert rhat(found.z).max() < 1.05
    assert found.accepted > 0.85  # residuals are linear: the stand-in differs by its flatness alone
    assert found.evaluations >= 100 * 180


@pytest.mark.slow
def test_a_poor_stand_in_costs_moves_but_not_the_answer():
    """Residuals w + sin(3 w), which no parabola follows; moments by quadrature."""
    found = run(Known(np.zeros(1), np.eye(1), lambda w: w + np.sin(3 * w)), 1, 8, iterations=300)
    grid = np.linspace(-6, 6, 20001)
    weight = np.exp(-0.5 * (grid + np.sin(3 * grid)) ** 2)
    spread = np.sqrt((weight * grid**2).sum() / weight.sum())
    flat = found.z.reshape(-1)
    size = effective_size(found.z)[0]
    assert found.accepted < 0.95
    assert abs(flat.mean()) < 5 * spread / np.sqrt(size)
    assert flat.std() == pytest.approx(spread, rel=0.03)
    within = np.cumsum(weight)[np.searchsorted(grid, 1.0)] / weight.sum()
    assert (flat < 1).mean() == pytest.approx(within, abs=0.02)


@pytest.mark.slow
def test_the_sampler_respects_a_bound():
    found = run(Known(np.zeros(1), np.eye(1), bound=0.0), 1, 6, chains=200)
    assert found.z.min() >= 0
    assert found.z.mean() == pytest.approx(np.sqrt(2 / np.pi), abs=0.03)


def test_the_same_seed_gives_the_same_chains():
    how = {"chains": 4, "warmup": 3, "iterations": 15}
    first, second, other = (run(Known(np.zeros(2), np.eye(2)), 2, seed, **how).z for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_the_stand_in_follows_parabolas_and_is_nothing_outside_the_bounds(monkeypatch):
    for name, value in {"FLAT": 1.0, "RIDGE": 1e-9, "REACH": 100.0}.items():
        monkeypatch.setattr(surrogate, name, value)
    target = Known(np.array([0.3, -0.2]), np.eye(2), lambda w: w[:, :1] * w[:, 1:] + 2 * w - 1, bound=-1.5)
    rng = np.random.default_rng(9)
    z, new = rng.standard_normal((400, 2)), rng.standard_normal((200, 2))
    found = Surrogate.of(target, Gaussian.of(np.zeros(2), np.eye(2)), z, target.residuals(z))
    truth = target.weigh(target.residuals(new), new)
    inside = target.inside(new)
    np.testing.assert_allclose(found.log_posterior(new)[inside], truth[inside], rtol=1e-5, atol=1e-5)
    assert not inside.all()
    assert np.isneginf(found.log_posterior(new)[~inside]).all()


def test_diagnostics_see_chains_that_disagree_and_that_stick():
    rng = np.random.default_rng(7)
    independent = rng.standard_normal((20, 100, 1))
    assert rhat(independent)[0] < 1.02
    assert effective_size(independent)[0] == pytest.approx(2000, rel=0.25)
    assert rhat(independent + np.arange(20)[:, None, None])[0] > 3
    walk = np.empty((20, 400, 1))
    walk[:, 0] = rng.standard_normal((20, 1))
    for t in range(1, 400):
        walk[:, t] = 0.9 * walk[:, t - 1] + np.sqrt(0.19) * rng.standard_normal((20, 1))
    assert effective_size(walk)[0] == pytest.approx(8000 / 19, rel=0.4)  # (1 - 0.9) / (1 + 0.9)
