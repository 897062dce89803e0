"""Predictions of the rows of a table."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

from .conftest import simulated

OWN = """model own
  A_gut' = -ka*A_gut; A' = ka*A_gut - CL/V*A; A_gut = 0; A = 0; ka = 1.5; CL = 2.7; V = 32
  Cp := A/V
end"""


@pytest.fixture(scope="module")
def own():
    return ldn.Model.from_antimony(OWN)


def closed(t, dose, ka=1.5, CL=2.7, V=32.0):
    k = CL / V
    return dose / V * ka / (ka - k) * (np.exp(-k * t) - np.exp(-ka * t)) * (t >= 0)


def rows(label, dose, times, first=0.0):
    return [{"ID": label, "TIME": first, "AMT": dose}] + [{"ID": label, "TIME": t, "DV": 1.0} for t in times]


def test_each_row_has_its_prediction_in_its_place(own):
    data = ldn.read_data(rows("a", 300, [0.5, 4, 24]) + rows("b", 100, [1, 2.5]))
    found = ldn.predict(own, data, "Cp", cmt="A_gut")
    assert found.drop(columns="PRED").equals(data.table)
    expected = np.concatenate([closed(np.array([0.5, 4, 24]), 300), closed(np.array([1, 2.5]), 100)])
    seen = found.EVID == 0
    np.testing.assert_allclose(found.PRED[seen], expected, rtol=1e-5)
    assert found.PRED[~seen].isna().all()


def test_a_trough_is_seen_before_the_dose_of_its_time(own):
    table = [*rows("a", 300, [24]), {"ID": "a", "TIME": 24, "AMT": 300}, {"ID": "a", "TIME": 24, "DV": 2.0}]
    bolus = ldn.predict(own, ldn.read_data(table), "A_gut", cmt="A_gut").PRED.to_numpy()
    assert bolus[1] < 1e-3
    assert bolus[3] == pytest.approx(300, rel=1e-6)


def test_individual_parameters_give_ipred(own):
    data = ldn.read_data(rows(1, 300, [1, 4]) + rows(2, 300, [1, 4]))
    people = pd.DataFrame({"CL": [1.0, 5.0]}, index=[2, 1])  # by label, not by place
    found = ldn.predict(own, data, "Cp", cmt="A_gut", individual=people)
    expected = np.concatenate(
        [closed(np.array([1.0, 4]), 300, CL=5.0), closed(np.array([1.0, 4]), 300, CL=1.0)]
    )
    np.testing.assert_allclose(found.IPRED.dropna(), expected, rtol=1e-5)
    np.testing.assert_allclose(found.PRED.dropna()[:2], closed(np.array([1.0, 4]), 300), rtol=1e-5)


def test_several_variables_are_told_apart_by_dvid(own):
    table = [{"ID": 1, "TIME": 0, "AMT": 300}] + [
        {"ID": 1, "TIME": 2, "DV": 1.0, "DVID": label} for label in ("plasma", "gut")
    ]
    found = ldn.predict(own, ldn.read_data(table), {"plasma": "Cp", "gut": "A_gut"}, cmt="A_gut")
    assert found.PRED[1] == pytest.approx(closed(2.0, 300), rel=1e-5)
    assert found.PRED[2] == pytest.approx(300 * np.exp(-3), rel=1e-5)


def test_predictions_are_those_of_simulate():
    model = ldn.load_model("naltrexone_pk")
    table = [{"ID": 1, "TIME": 22.0, "AMT": 4.5, "II": 24, "ADDL": 2}] + [
        {"ID": 1, "TIME": 22 + h, "DV": 1.0} for h in (0.5, 3, 30)
    ]
    data = ldn.read_data(table)
    found = ldn.predict(model, data, "plasma_naltrexone").PRED[1:]
    ds = ldn.simulate(model, data.regimens[1], times="records", outputs=["plasma_naltrexone"])
    np.testing.assert_allclose(found, ds.plasma_naltrexone, rtol=1e-5)


@pytest.mark.kind("measured-variable")
def test_one_variable_for_two_analytes_is_refused(own):
    table = [{"ID": 1, "TIME": 0, "AMT": 300}] + [{"ID": 1, "TIME": 2, "DV": 1.0, "DVID": k} for k in (1, 2)]
    with pytest.raises(ldn.InputError, match="DVID tells 2 apart"):
        ldn.predict(own, ldn.read_data(table), "Cp", cmt="A_gut")


@pytest.mark.kind("measured-variable", sibling="a DVID that observe does not name")
def test_an_analyte_without_a_variable_is_refused(own):
    table = [{"ID": 1, "TIME": 0, "AMT": 300}] + [{"ID": 1, "TIME": 2, "DV": 1.0, "DVID": k} for k in (1, 2)]
    with pytest.raises(ldn.InputError, match="record 2"):
        ldn.predict(own, ldn.read_data(table), {1: "Cp"}, cmt="A_gut")


def test_names_that_do_not_exist_are_refused(own):
    data = ldn.read_data(rows("a", 300, [1]))
    with pytest.raises(KeyError, match="did you mean 'Cp'"):
        ldn.predict(own, data, "cp", cmt="A_gut")
    with pytest.raises(KeyError, match="A_gut"):
        ldn.predict(own, data, "Cp", cmt="A_gud")
    with pytest.raises(KeyError, match="individual"):
        ldn.predict(own, data, "Cp", cmt="A_gut", individual=pd.DataFrame({"CL": [1.0]}, index=["z"]))
    with pytest.raises(ldn.InputError, match="must say which variable"):
        ldn.predict(ldn.load_model("ldn"), data)


@pytest.mark.kind("chosen", sibling="parameters of individuals that a column of the data sets too")
def test_what_the_data_set_is_no_parameter_of_individuals(own):
    table = simulated(2, seed=1).drop(columns="WT").assign(CL=5.0)
    individual = pd.DataFrame({"CL": [1.0, 2.0]}, index=["s0", "s1"])
    with pytest.raises(ldn.InputError, match="individual column='CL': is set by a column of the data"):
        ldn.predict(own, ldn.read_data(table), "Cp", "A_gut", individual)
    found = ldn.predict(own, ldn.read_data(table.drop(columns="CL")), "Cp", "A_gut", individual)
    assert not np.allclose(found.IPRED, found.PRED, equal_nan=True)


@pytest.mark.parametrize("door", ["predict", "fit"])
def test_a_table_may_be_given_as_it_is(door, tmp_path):
    model = ldn.Model.from_antimony("model one; A' = -k*A; A = 0; k = 0.1; Cp := A/30; end")
    table = pd.DataFrame({"ID": 1, "TIME": [0, 2, 4], "AMT": [300, None, None], "DV": [None, 8.2, 7.2], "EVID": [1, 0, 0]})
    table.to_csv(tmp_path / "study.csv", index=False)

    def answer(data):
        if door == "predict":
            return ldn.predict(model, data, "Cp", "A").PRED.tolist()[1:]
        return ldn.fit(model, data, "Cp", "A", estimate=[], sigma={"additive": 1}).objective

    assert answer(table) == answer(tmp_path / "study.csv") == answer(ldn.read_data(table))
    with pytest.raises(ldn.InputError, match="data="):
        answer(7)
