"""Intervals of estimates: exact where theory is, and as wide as the draws that follow from them."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

import ldnsim as ldn
from ldnsim.fitting.uncertainty import level_of

from .conftest import simulated

LINE = "model line\n A' = 0; A = 0; a = 5; b = 1; Cp := a + b*time + A\nend"


def test_of_one_subject_they_are_those_of_a_linear_regression():
    rng = np.random.default_rng(4)
    t = np.arange(1.0, 7.0)
    y = 4.0 + 1.5 * t + 0.7 * rng.standard_normal(6)
    rows = [{"ID": 1, "TIME": a, "DV": v} for a, v in zip(t, y, strict=True)]
    table = {"id": ["a", "b"], "estimate": ["yes", "yes"], "transform": ["none", "none"]}
    f = ldn.fit(ldn.Model.from_antimony(LINE), ldn.read_data(rows), "Cp", table=pd.DataFrame(table), iiv=[])
    x = np.column_stack([np.ones(6), t])
    middle = np.linalg.lstsq(x, y, rcond=None)[0]
    s2 = ((y - x @ middle) ** 2).sum() / 4
    half = student.ppf(0.95, 4) * np.sqrt(s2 * np.diag(np.linalg.inv(x.T @ x)))
    np.testing.assert_allclose(f.parameters.value, middle, rtol=1e-4)
    np.testing.assert_allclose(f.parameters.low, middle - half, rtol=2e-3)
    np.testing.assert_allclose(f.parameters.high, middle + half, rtol=2e-3)


@pytest.fixture(scope="module")
def fitted(own):
    data = ldn.read_data(simulated(10, seed=3))
    return ldn.fit(own, data, "Cp", "A_gut", ["CL", "V"], ["CL", "V"], "proportional")


def test_of_a_population_they_count_its_subjects_less_its_fixed_effects(fitted):
    level = level_of(fitted.prediction)
    assert level == pytest.approx(student.ppf(0.95, 9) * np.sqrt(10 / 8))
    low = np.log(fitted.parameters.value) - level * fitted.parameters.se / fitted.parameters.value
    np.testing.assert_allclose(np.log(fitted.parameters.low), low, rtol=1e-6)


def test_draws_are_as_wide_as_the_intervals(fitted):
    drawn = np.log(ldn.posterior(fitted, 4000, seed=1)[["CL", "V"]]).quantile([0.05, 0.95])
    stated = np.log(fitted.parameters[["low", "high"]])
    np.testing.assert_allclose(drawn.T.to_numpy(), stated.to_numpy(), atol=0.03)


def test_few_subjects_keep_half_of_themselves(own):
    data = ldn.read_data(simulated(4, seed=3))
    f = ldn.fit(own, data, "Cp", "A_gut", [], ["CL"], "proportional")
    assert level_of(f.prediction) == pytest.approx(student.ppf(0.95, 3))
    f = ldn.fit(own, data, "Cp", "A_gut", ["ka", "CL", "V"], ["CL"], "proportional")
    assert level_of(f.prediction) == pytest.approx(student.ppf(0.95, 3) * np.sqrt(2))


def test_an_estimate_at_the_edge_of_its_range_has_its_value(own):
    f = ldn.fit(own.with_parameters(CL=4.0), ldn.read_data(simulated(4, 3)), "Cp", "A_gut", ["CL"], [], "proportional",
                table=pd.DataFrame({"lower": [3.5], "upper": [9.0]}, index=["CL"]))  # fmt: skip
    assert f.parameters.value["CL"] == pytest.approx(3.5)
    assert np.isnan(f.parameters.se["CL"])
