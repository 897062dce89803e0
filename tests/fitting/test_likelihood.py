"""The likelihood: against quadrature on closed forms, and gradients against differences."""

import numpy as np
import pytest
from scipy.stats import norm

import ldnsim as ldn
from ldnsim.fitting.effects import Effects
from ldnsim.fitting.likelihood import Approximation
from ldnsim.fitting.prediction import Prediction
from ldnsim.fitting.quadrature import Exact
from ldnsim.fitting.residual import ERRORS, Residual
from ldnsim.fitting.samples import observed, samples_of, subjects_model
from ldnsim.fitting.scales import Scale
from ldnsim.fitting.spread import Spread
from ldnsim.simulation.cohort import Cohort

from .conftest import closed, simulated


def made(own, table, error, varying=("ka", "CL", "V"), block=False, alone=()):
    """Make a prediction of a model in which some parameters vary and others are only estimated."""
    model, data = subjects_model(own, ldn.read_data(table), "A_gut")
    samples = samples_of(data, observed(model, data, "Cp"))
    residual = Residual([error], samples.outputs, samples)
    moving = (*varying, *alone)
    blocks = [list(varying)] if block else [[n] for n in varying]
    start = np.diag([0.1, 0.08, 0.05][: len(varying)]) + (0.02 if block else 0.0) * np.ones(
        (len(varying),) * 2
    )
    scales = tuple(Scale("log") for _ in moving)
    base = np.log([{"ka": 1.2, "CL": 2.9, "V": 30.0}[n] for n in moving])
    log_sd = np.log([0.3, 0.15] if error.startswith("combined") else [0.2])
    effects = Effects(
        moving, scales, base, tuple(range(len(moving))), np.full((len(moving), 2), [-np.inf, np.inf]), [],
        np.zeros((len(samples), 0)), np.zeros(0), Spread.of(blocks, start), np.arange(len(varying)), log_sd,
        np.ones(len(log_sd), bool),
    )  # fmt: skip
    cohort = Cohort(model, list(data.regimens.values()), samples.outputs, moving, 1e-9)
    return Prediction(cohort, effects, residual, samples)


def censored(table, limit):
    return table.assign(LLOQ=limit)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("kind", ["focei", "laplace", "exact"])
def test_gradients_are_those_of_differences(own, error, kind):
    table = simulated(4, 7, error="lognormal" if error == "lognormal" else "proportional")
    p = made(own, censored(table, 2.5), error, ("CL", "V"), block=True, alone=("ka",))
    assert p.samples.below.any()
    a = Exact(p, nodes=25) if kind == "exact" else Approximation(p, kind == "laplace")
    x = p.effects.x0
    answer = a.answer(x)
    assert answer.total == pytest.approx(a.value(x).sum(), rel=1e-9)
    for k in range(len(x)):
        step = np.zeros(len(x))
        step[k] = 2e-4
        difference = (a.value(x + step).sum() - a.value(x - step).sum()) / 4e-4
        assert answer.gradient[k] == pytest.approx(difference, rel=2e-3, abs=2e-3), k


def brute(table, error, sd, limit=None):
    """Minus twice the log likelihood by the trapezoidal rule over two random effects, of closed-form curves."""
    u = np.linspace(-6, 6, 601)
    a, b = (x.ravel()[:, None] for x in np.meshgrid(u, u))
    total = 0.0
    for _, rows in table.groupby("ID"):
        seen = rows.dropna(subset=["DV"])
        t, y = seen.TIME.to_numpy(), seen.DV.to_numpy()
        f = closed(t, 300.0, 1.2, 2.9 * np.exp(np.sqrt(0.1) * a), 30.0 * np.exp(np.sqrt(0.08) * b))
        width = {"additive": sd[0], "proportional": sd[0] * f}.get(error, 1.0) * np.ones_like(f)
        if error == "combined":
            width = np.sqrt(sd[0] ** 2 + (sd[1] * f) ** 2)
        if error == "combined1":
            width = sd[0] + sd[1] * f
        log = norm.logpdf(y, f, width)
        if limit is not None:
            log = np.where(y < limit, norm.logcdf(limit, f, width), log)
        if error == "lognormal":
            log = norm.logpdf(np.log(y), np.log(f), sd[0]) - np.log(y)
        log = log.sum(axis=1) - 0.5 * (a**2 + b**2)[:, 0]
        total += -2.0 * (np.logaddexp.reduce(log) + np.log((u[1] - u[0]) ** 2 / (2 * np.pi)))
    return total


@pytest.mark.parametrize("error", ERRORS)
def test_the_exact_method_is_the_integral(own, error):
    table = simulated(3, 11, error="lognormal" if error == "lognormal" else "proportional")
    p = made(own, table, error, ("CL", "V"), alone=("ka",))
    expected = brute(table, error, np.exp(p.effects.log_sd))
    assert Exact(p, nodes=31).value(p.effects.x0).sum() == pytest.approx(expected, abs=2e-3)
    assert Approximation(p, True).value(p.effects.x0).sum() == pytest.approx(expected, abs=0.6)


@pytest.mark.kind("fit-below-the-limit")
@pytest.mark.parametrize("error", ["additive", "combined", "combined1"])
def test_values_below_the_limit_count_by_their_probability(own, error):
    table = simulated(3, 11)
    p = made(own, censored(table, 3.0), error, ("CL", "V"), alone=("ka",))
    expected = brute(table, error, np.exp(p.effects.log_sd), limit=3.0)
    assert Exact(p, nodes=31).value(p.effects.x0).sum() == pytest.approx(expected, abs=2e-3)


def test_importance_sampling_nears_quadrature(own):
    p = made(own, simulated(3, 11), "proportional", ("CL", "V"), alone=("ka",))
    drawn = Exact(p)
    from ldnsim.fitting.quadrature import _draws

    drawn.u, drawn.log_weight = _draws(2, 4096, 1)
    assert drawn.value(p.effects.x0).sum() == pytest.approx(Exact(p).value(p.effects.x0).sum(), abs=0.02)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("limit", [None, 2.5])
def test_slopes_alone_have_the_bits_of_the_whole(own, error, limit):
    table = simulated(3, 5, error="lognormal" if error == "lognormal" else "proportional")
    p = made(own, table if limit is None else censored(table, limit), error)
    point = p.effects.at(p.effects.x0)
    f = p.values(point.centre, np.arange(3))
    whole = p.residual.scatter(f, point.log_sd)
    for part, same in zip(
        p.residual.slopes(f, point.log_sd), (whole.l, whole.df, whole.ds), strict=True
    ):
        assert np.array_equal(part, same)
