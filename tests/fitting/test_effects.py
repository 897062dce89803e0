"""Several covariates and parameters side by side, each in its place; bins of checks, and densities at their edges."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.fitting import checks, drawing, tables
from ldnsim.fitting.densities import FAMILIES
from ldnsim.fitting.effects import Effects
from ldnsim.fitting.residual import START, Residual
from ldnsim.fitting.scales import Scale
from ldnsim.fitting.spread import Spread
from ldnsim.regimen import Record

RNG = np.random.default_rng(7)
DESIGN = RNG.normal(size=(4, 3))
NAMES = [(0, "WT"), (1, "AGE"), (2, "WT")]


@pytest.fixture
def effects():
    """Make three parameters of which the first and the last are estimated; each has a covariate."""
    return Effects(
        ("ka", "CL", "V"), (Scale("log"),) * 3, np.log([1.2, 2.9, 30.0]), (0, 2), np.full((3, 2), [-np.inf, np.inf]),
        NAMES, DESIGN, np.array([0.3, -0.2, 0.5]), Spread.of([["CL"], ["V"]], np.diag([0.1, 0.2])), np.array([1, 2]),
        np.log([0.2]), np.ones(1, bool),
    )  # fmt: skip


def test_each_covariate_moves_its_own_parameter(effects):
    x = effects.x0 + 0.1 * np.arange(effects.x0.size)
    assert (effects.n_fixed, effects.sizes) == (5, (5, 7))
    fixed = np.array([x[0], effects.base[1], x[1]])
    np.testing.assert_allclose(effects.at(x).centre, fixed + DESIGN * x[2:5], rtol=1e-14)
    for j in range(effects.n_fixed):
        step = np.zeros_like(x)
        step[j] = 1e-3
        difference = (effects.at(x + step).centre - effects.at(x - step).centre) / 2e-3
        np.testing.assert_allclose(effects.turn[:, :, j], difference, atol=1e-9)
    eta = RNG.normal(size=(4, 2))
    placed = effects.placed(eta, effects.at(x).centre)
    np.testing.assert_allclose(placed - effects.at(x).centre, np.column_stack([np.zeros(4), eta]), atol=1e-12)


def fit_of(effects):
    people = pd.DataFrame({"WT": [60.0, 70.0, 90.0, 80.0], "AGE": [0.0, 1.0, 0.0, 1.0]})
    return SimpleNamespace(
        prediction=SimpleNamespace(effects=effects), data=SimpleNamespace(covariates=people)
    )


def test_draws_of_given_covariates_are_moved_by_each(effects):
    x = np.tile(effects.x0, (3, 1)) + RNG.normal(size=(3, effects.x0.size)) / 10
    for given, moved in (
        ({"WT": 150.0}, [np.log(2.0), 0.0, np.log(2.0)]),  # twice the median
        ({"AGE": [0.0, 1.0, 2.0]}, [0.0, np.array([0.0, 1.0, 2.0]), 0.0]),  # which may be 0: by its value
        ({}, [0.0, 0.0, 0.0]),
    ):
        z = np.zeros((3, 3))
        drawing._moved_by_covariates(fit_of(effects), given, x, z)
        np.testing.assert_allclose(
            z, np.column_stack([x[:, 2 + c] * m for c, m in enumerate(moved)]), rtol=1e-13
        )
    for wrong, words in (
        ({"SEX": 1.0}, "SEX"),
        ({"WT": [1.0, 2.0]}, r"covariates\['WT'\]=2: must be one value"),
    ):
        with pytest.raises((ldn.InputError, ldn.UnknownNameError), match=words):
            drawing._moved_by_covariates(fit_of(effects), wrong, x, np.zeros((3, 3)))


def test_a_table_of_effects_has_each_covariate_under_its_name(effects, monkeypatch):
    monkeypatch.setattr(tables, "_levels", lambda fit: np.full(fit.best.x.size, 2.0))
    fit = fit_of(effects)
    fit.best, fit.known = (
        SimpleNamespace(x=effects.x0),
        SimpleNamespace(errors=np.linspace(0.1, 0.8, effects.x0.size)),
    )
    found = tables.of_population(fit)
    assert found.index.tolist() == ["ka", "V", "ka~WT", "CL~AGE", "V~WT", "CL"]
    values = found.iloc[:, 0].to_numpy()
    np.testing.assert_allclose(values, [1.2, 30.0, 0.3, -0.2, 0.5, 2.9], rtol=1e-12)
    np.testing.assert_allclose(found.iloc[2:5, 1], [0.3, 0.4, 0.5])
    np.testing.assert_allclose(found.iloc[2:5, 2], [100.0, 200.0, 100.0])
    np.testing.assert_allclose(found.iloc[2:5, 3:], [[-0.3, 0.9], [-1.0, 0.6], [-0.5, 1.5]], atol=1e-12)


def test_bins_of_a_check_are_those_of_the_design_or_hold_as_many_each():
    few = np.repeat([1.0, 2.0, 4.0], checks.FEW)
    assert checks._edges(few, None).tolist() == [0.0, 1.5, 3.0, 5.0]
    assert checks._edges(few[1:], None).size == 2  # one time has too few: all are joined
    many = np.arange(float(checks.MOST * checks.LEAST)).repeat(1)
    found = checks._edges(many, None)
    assert found.size == 13
    assert (found[0], found[-1]) == (0.0, np.nextafter(many[-1], np.inf))
    counts = np.histogram(many, found)[0]
    assert counts.sum() == many.size
    assert np.ptp(counts) <= 2
    assert checks._edges(many, 4).size == 5
    assert checks._edges(np.full(5, 3.0), 2).tolist() == [2.5, 3.5]


def test_hours_since_the_last_dose():
    """The second record at 24 h is a dose: what stands before it is a trough, what stands behind it is not."""
    looks = [Record(time=t, evid=0) for t in (0.0, 3.0, 24.0, 24.0, 30.0)]
    doses = [Record(time=t, amt=1.0) for t in (0.5, 24.0)]
    records = [looks[0], doses[0], *looks[1:3], doses[1], *looks[3:]]
    times = np.array([r.time for r in looks])
    found = checks._after_dose(records, np.array([0, 2, 3, 5, 6]), times)
    assert found.tolist() == [-0.5, 2.5, 23.5, 0.0, 6.0]
    repeated = [Record(time=0.0, amt=1.0, addl=1, ii=24.0), looks[2]]
    assert checks._after_dose(repeated, np.array([1]), np.array([24.0])).tolist() == [0.0]  # as in NONMEM
    assert checks._after_dose(looks, np.array([1]), np.array([3.0])).tolist() == [3.0]


def test_predictions_of_nothing_correct_nothing():
    assert checks._correction(np.array([1.0, 2.0, 4.0])).tolist() == [2.0, 1.0, 0.5]
    assert checks._correction(np.array([0.0, 2.0, 4.0])).tolist() == [1.0, 1.0, 0.5]
    assert checks._correction(np.array([0.0, 0.0, 4.0])).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("family", "numbers"), [("gamma", (2.0, 1.0)), ("rayleigh", (1.0,)), ("exponential", (2.0,))]
)
def test_what_is_positive_has_no_density_at_nought(family, numbers):
    for x in (0.0, -1.0):
        assert FAMILIES[family][0](x, *numbers) == (-np.inf, 0.0)
    assert np.isfinite(FAMILIES[family][0](1e-9, *numbers)).all()


def test_each_error_starts_at_the_size_of_its_own_measurements():
    y, output = np.array([[1.0, 2.0, 3.0, -9.0, 100.0, 300.0, 7.0]]), np.array([[0, 0, 0, 0, 1, 1, 1]])
    used, below = np.array([[1, 1, 1, 1, 1, 1, 0]], bool), np.array([[0, 0, 0, 1, 0, 0, 0]], bool)
    one = SimpleNamespace(
        samples=SimpleNamespace(y=y, output=output, used=used, below=below),
        places=[(0, "additive"), (1, "additive"), (1, "proportional")],
    )
    found = Residual.start(one) / [START["additive"], START["additive"], START["proportional"]]
    assert found.tolist() == [2.0, 200.0, 1.0]


def test_one_node_of_quadrature_is_the_least(own, people):
    for nodes, words in ((0, "^nodes=0: must be"), (1, "^estimate=None: must say what is estimated")):
        with pytest.raises(ldn.InputError, match=words):
            ldn.fit(own, people, "Cp", cmt="A_gut", method="exact", nodes=nodes)


@pytest.mark.kind("asked-in-vain", sibling="nodes of a method without quadrature")
@pytest.mark.parametrize("method", ["focei", "laplace", "map"])
def test_nodes_are_of_quadrature(own, people, method):
    with pytest.raises(ldn.InputError, match=f"^nodes=5: is not read by method='{method}'; leave it out"):
        ldn.fit(own, people, "Cp", cmt="A_gut", estimate=["CL"], method=method, nodes=5)
