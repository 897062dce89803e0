"""What is said of a fit beside its numbers."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

from .conftest import simulated

HOW = {"cmt": "A_gut", "estimate": ["CL", "V"], "iiv": ["CL"], "error": "proportional"}
BOTH = {1: "Cp", 2: "A"}


@pytest.fixture(scope="module")
def table():
    return simulated(4, seed=3).assign(DVID=1)


@pytest.mark.kind("told-beside-numbers")
def test_rows_that_stand_twice_are_told_of(own, table):
    twice = table.loc[[0, 1, 2, 2, 3, *range(4, 10), 10, 10, *range(11, len(table))]]
    f = ldn.fit(own, ldn.read_data(twice.reset_index(drop=True)), "Cp", **HOW)
    assert any("2 measurements stand twice" in n and "first: record 3" in n for n in f.notes), f.notes
    assert not any("twice" in n for n in ldn.fit(own, ldn.read_data(table), "Cp", **HOW).notes)


@pytest.mark.kind("told-beside-numbers", sibling="a variable of which nothing was measured")
def test_a_variable_without_a_measurement_costs_the_others_nothing(own, table):
    one = ldn.fit(own, ldn.read_data(table), "Cp", **HOW)
    both = ldn.fit(own, ldn.read_data(table), BOTH, **HOW)
    assert "nothing above a limit was measured of A: its residual error stays 0.2" in both.notes
    np.testing.assert_allclose(both.parameters, one.parameters, rtol=1e-4)


@pytest.mark.kind("told-beside-numbers", sibling="two analytes fitted as one variable")
def test_a_model_that_does_not_describe_the_data_is_told_of(own, table):
    other = table[table.AMT.isna()].assign(DVID=2, DV=lambda t: t.DV * 32)
    both = pd.concat([table, other]).sort_values(["ID", "TIME"], kind="stable")
    f = ldn.fit(own, ldn.read_data(both.reset_index(drop=True)), {1: "Cp", 2: "Cp"}, **HOW)
    assert any("the model hardly describes Cp" in n for n in f.notes), f.notes


@pytest.mark.kind("told-beside-numbers", sibling="a parameter whose standard error is larger than itself")
def test_a_parameter_that_is_hardly_told_is_named(own):
    late = simulated(3, seed=3, times=(8, 12, 16, 24, 30))
    how = HOW | {"estimate": ["ka", "CL", "V"], "iiv": []}
    f = ldn.fit(own.with_parameters(ka=3.0), ldn.read_data(late), "Cp", **how)
    assert any("tell ka" in n for n in f.notes), (f.notes, f.parameters)


@pytest.mark.kind("told-beside-numbers", sibling="a residual error that fades beside another")
@pytest.mark.filterwarnings("error")
def test_a_residual_error_that_is_hardly_told_is_named(own):
    how = HOW | {"error": "combined", "fixed": ["proportional"], "sigma": {"proportional": 0.3, "additive": 1e-4}}
    f = ldn.fit(own, ldn.read_data(simulated(6, seed=3)), "Cp", **how)
    assert f.variances.high["additive"] > 10 * f.sigma["additive"]
    assert any("hardly tell additive" in n for n in f.notes), (f.notes, f.variances)
