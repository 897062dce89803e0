"""Dosing semantics as NONMEM 7.5 answers them, through the public API; the cases lie beside the checkout."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

FOLDER = (
    Path(os.environ.get("LDNSIM_ORACLES", Path(__file__).parents[2] / ".." / "shared" / "oracles")) / "nonmem"
)
IDS = (1, 2, 3, 4, 6, 7, 9, 12, 14, 15, 17, 18, 20, 26, 28)
ONE_COMPARTMENT = """
model one
  DEPOT' = -KA*DEPOT; CENT' = KA*DEPOT - CL/V*CENT
  DEPOT = 0; CENT = 0
  KA = 1.5; CL = 1.1; V = 20
  CP := 1000*CENT/V
end
"""

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no NONMEM tables in {FOLDER}")


@pytest.fixture(scope="module")
def model():
    return ldn.Model.from_antimony(ONE_COMPARTMENT)


@pytest.fixture(scope="module")
def regimens():
    records = pd.read_csv(FOLDER / "records.csv", na_values=".")
    central = records["cmt"] == 2  # lag time and bioavailability belong to this compartment
    records["lag"] = records["LAGT"].where(central, 0.0)
    records["F"] = records["BIOAV"].where(central, 1.0)
    records["rat"], records["dur"] = records["RAT2"], records["DUR2"].where(records["rate"] == -2)
    return ldn.Regimen.from_records(records.drop(columns=["LAGT", "MODE", "DUR2", "RAT2", "BIOAV"]))


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(FOLDER / "nonmem.csv")


def equal_to_five_digits(found, printed):
    """Whether each number would be printed as NONMEM printed it."""
    with np.errstate(divide="ignore"):
        unit = np.where(printed > 0, 10.0 ** (np.floor(np.log10(np.abs(printed))) - 4), 1e-12)
    return np.abs(found - printed) <= 0.5000001 * unit


@pytest.mark.parametrize("case", IDS)
def test_every_row_has_the_five_digits_of_nonmem(case, model, regimens, answers):
    regimen, answer = regimens[case], answers[answers["ID"] == case]
    times = np.unique(answer["TIME"])
    course = ldn.simulate(model, regimen, times=times, outputs=["CP"], rtol=1e-9).CP.values
    found = course[np.searchsorted(times, answer["TIME"])]
    wrong = ~equal_to_five_digits(found, answer["CP"].to_numpy())
    assert len(answer) > 100
    assert not wrong.any(), list(zip(answer["TIME"][wrong], found[wrong], answer["CP"][wrong], strict=True))[
        :5
    ]


@pytest.mark.parametrize("case", IDS)
def test_every_record_has_them_in_the_order_of_the_table(case, model, regimens, answers):
    answer = answers[answers["ID"] == case]
    regimen = regimens[case]
    seen = np.flatnonzero([r.evid == 0 for r in regimen.records])
    assert len(seen) > 100
    course = ldn.simulate(model, regimen, times="records", outputs=["CP"], rtol=1e-9).CP.values
    assert equal_to_five_digits(course, answer["CP"].to_numpy()[seen]).all()


def test_the_comparison_can_fail(model, regimens, answers):
    answer = answers[answers["ID"] == 3]
    times = np.unique(answer["TIME"])
    course = ldn.simulate(model, regimens[3], times=times, outputs=["CP"], rtol=1e-9).CP.values
    found = course[np.searchsorted(times, answer["TIME"])]
    assert not equal_to_five_digits(found * (1 + 2e-4), answer["CP"].to_numpy())[5:].all()


def test_all_subjects_at_once_are_as_one_by_one(model, regimens):
    alone = ldn.simulate(model, regimens[9], times=[0.0, 3.0, 30.0], outputs=["CP"], rtol=1e-9).CP
    chosen = {str(k): regimens[k] for k in (28, 9, 20, 1)}
    together = ldn.simulate(model, chosen, times=[0.0, 3.0, 30.0], outputs=["CP"], rtol=1e-9).CP
    np.testing.assert_allclose(together.sel(regimen="9"), alone, rtol=1e-7)
