"""Columns of the data beside doses and measurements: read, told of, or refused."""

import math

import pandas as pd
import pytest

import ldnsim as ldn

from .conftest import simulated

WEIGHED = """model own
  A_gut' = -ka*A_gut; A' = ka*A_gut - CL*(weight/70)^0.75/V*A; A_gut = 0; A = 0; ka = 1.5; CL = 2.7; V = 32; weight = 70
  Cp := A/V
end"""
HOW = {"observe": "Cp", "cmt": "A_gut", "estimate": ["CL"], "iiv": ["CL"], "error": "proportional"}


@pytest.fixture(scope="module")
def table():
    return simulated(4, seed=3)


@pytest.mark.kind("unread-covariate")
def test_a_covariate_by_another_name_is_told_of(table):
    model = ldn.Model.from_antimony(WEIGHED)
    with pytest.warns(
        UserWarning, match="column WT is not read: weight stays 70 for all; call the column 'weight'"
    ):
        f = ldn.fit(model, ldn.read_data(table), **HOW)
    assert any("WT is not read" in note for note in f.notes)
    read = ldn.fit(model, ldn.read_data(table.rename(columns={"WT": "weight"})), **HOW)
    assert not any("read" in note for note in read.notes)
    assert read.objective != f.objective


@pytest.mark.kind("unread-covariate", sibling="a column that nothing reads")
def test_a_column_that_nothing_reads_is_named(own, table):
    f = ldn.fit(own, ldn.read_data(table), **HOW)
    assert "nothing reads the columns WT" in f.notes
    used = ldn.fit(own, ldn.read_data(table), **HOW, covariates={"CL": "WT"})
    assert not any("reads" in note for note in used.notes)


@pytest.mark.kind("unread-covariate", sibling="a column that sets what is estimated")
@pytest.mark.parametrize("method", ["focei", "laplace", "exact", "map"])
def test_a_column_that_sets_an_estimated_parameter_is_refused(own, table, method):
    data = ldn.read_data(pd.DataFrame(table).assign(CL=2.0))
    how = HOW | ({"iiv": None, "prior": {"CL": 1.3}} if method == "map" else {})
    with pytest.raises(ldn.InputError, match="estimate='CL': is set by a column of the data"):
        ldn.fit(own, data, **how, method=method)


UNDOSED = "the data hold no dose of the subject s0, and what was measured is predicted to be 0"


@pytest.mark.kind("no-dose-at-all")
@pytest.mark.parametrize("error", ["additive", "combined", "proportional", "lognormal"])
def test_data_without_a_dose_are_not_fitted(own, table, error):
    bare = ldn.read_data(table[table.DV.notna()].drop(columns="AMT"))
    with pytest.raises(ldn.InputError, match=r"data='StudyData: 4 subjects, 0 doses.*': hold no dose, and without one"):
        ldn.fit(own, bare, **HOW | {"error": error})


@pytest.mark.kind("no-dose-at-all", sibling="one subject of several; predictions")
def test_a_subject_without_a_dose_is_told_of(own, table):
    some = ldn.read_data(table[(table.ID != "s0") | table.DV.notna()])
    with pytest.warns(UserWarning, match=UNDOSED):
        f = ldn.fit(own, some, **HOW | {"error": "additive"})
    assert UNDOSED in f.notes
    plain = table.drop(columns="WT")
    with pytest.warns(UserWarning, match=UNDOSED):
        ldn.predict(own, ldn.read_data(plain[(plain.ID != "s0") | plain.DV.notna()]), "Cp", "A_gut")
    with pytest.warns(UserWarning, match="no dose of 4 subjects s0, s1, s2, s3, and what"):
        ldn.predict(own, ldn.read_data(plain[plain.DV.notna()]), "Cp")


def test_a_model_that_needs_none_is_fitted_without_a_word():
    text = "model d; A' = -k*A; A = 10; k = 0.3; V = 1; C := A/V; end"
    rows = [{"TIME": t, "DV": 10 * math.exp(-0.2 * t)} for t in (1, 2, 4)]
    f = ldn.fit(ldn.Model.from_antimony(text), ldn.read_data(rows), "C", estimate=["k"], iiv=[])
    assert f.parameters.value["k"] == pytest.approx(0.2, rel=1e-3)
    assert not any("dose" in note for note in f.notes)
