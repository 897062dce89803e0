"""One value for each observation record, in the order of the table."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

K = 0.1


@pytest.fixture(scope="module")
def model():
    return ldn.Model.from_antimony(f"model a\n C' = -k*C\n C = 0; k = {K}; V = 1\n P := C/V\nend")


def dose(time, amt=100.0, **more):
    return {"time": time, "amt": amt, "cmt": "C", **more}


def look(time, **more):
    return {"time": time, "evid": 0, **more}


def at_records(model, rows, output="C", **how):
    regimen = rows if isinstance(rows, ldn.Regimen) else ldn.Regimen.from_records(rows)
    return ldn.simulate(model, regimen, times="records", outputs=[output], rtol=1e-10, **how)


@pytest.mark.kind("trough-record")
def test_an_observation_before_a_dose_of_the_same_time_is_the_trough(model):
    ds = at_records(model, [dose(0), look(12), dose(12), look(12), look(13)])
    trough = 100 * np.exp(-1.2)
    np.testing.assert_allclose(ds.C, [trough, trough + 100, (trough + 100) * np.exp(-0.1)], rtol=1e-9)
    np.testing.assert_array_equal(ds.time, [12.0, 12.0, 13.0])
    np.testing.assert_array_equal(ds.clock, [12.0, 12.0, 13.0])


@pytest.mark.kind(
    "trough-record", sibling="at time 0, where later additional doses coincide with observations"
)
def test_an_observation_before_the_first_dose(model):
    ds = at_records(model, [look(0), dose(0, ii=24.0, addl=2), look(0), look(24), look(48)])
    after = 100 * np.array([1, 1 + np.exp(-2.4), 1 + np.exp(-2.4) + np.exp(-4.8)])
    np.testing.assert_allclose(ds.C, [0.0, *after], rtol=1e-9, atol=1e-12)
    assert ds.dose_time.values.tolist() == [0.0, 24.0, 48.0]


@pytest.mark.kind("trough-record", sibling="between two doses of one time, and before a reset")
def test_observations_between_doses_and_before_a_reset(model):
    rows = [
        dose(0),
        look(5),
        dose(5, 10),
        look(5),
        dose(5, 20),
        look(5),
        look(9),
        {"time": 9, "evid": 3},
        look(9),
    ]
    ds = at_records(model, rows)
    low = 100 * np.exp(-0.5)
    want = [low, low + 10, low + 30, (low + 30) * np.exp(-0.4), 0.0]
    np.testing.assert_allclose(ds.C, want, rtol=1e-9, atol=1e-12)


@pytest.mark.kind("trough-record", sibling="observations of one time with covariates of their own")
def test_each_observation_has_its_own_covariates(model):
    ds = at_records(model, [dose(0, V=2), look(5, V=2), look(5, V=4), look(6, V=8)], "P")
    np.testing.assert_allclose(ds.P * [2, 4, 8], 100 * np.exp([-0.5, -0.5, -0.6]), rtol=1e-9)


@pytest.mark.kind("trough-record", sibling="before a steady-state dose and an infusion, years later")
def test_late_records(model):
    late = 24.0 * 3650
    rows = [look(late), dose(late, rate=-2.0, dur=2.0), look(late), look(late + 2), look(late + 5),
            dose(late + 5, ss=1, ii=12.0), look(late + 5)]  # fmt: skip
    ds = at_records(model, rows)
    end = 50 * (1 - np.exp(-0.2)) / K
    want = [0.0, 0.0, end, end * np.exp(-0.3), 100 / (1 - np.exp(-1.2))]
    np.testing.assert_allclose(ds.C, want, rtol=1e-6, atol=1e-4)


def test_explicit_times_stay_after_the_dose(model):
    regimen = ldn.Regimen.from_records([look(0), dose(0), look(12), dose(12)])
    ds = ldn.simulate(model, regimen, times=[0.0, 12.0], outputs=["C"], rtol=1e-10)
    np.testing.assert_allclose(ds.C, [100.0, 100 * np.exp(-1.2) + 100], rtol=1e-9)


def test_what_is_no_observation_gets_no_value(model):
    rows = [dose(0), look(3), {"time": 4, "evid": 2}, {"time": 5, "mdv": 1}, look(6, mdv=1)]
    assert at_records(model, rows).time.values.tolist() == [3.0, 6.0]


def test_subjects_regimens_and_models_keep_their_dimensions(model):
    subjects = pd.DataFrame({"k": [0.1, 0.2, 0.3]}, index=["a", "b", "c"])
    before = ldn.Regimen.from_records([dose(0), look(12), dose(12), look(12)])
    after = ldn.Regimen.from_records([dose(0), dose(12), look(12), look(12)])
    models = {"one": model, "two": model.with_parameters(k=0.4)}
    ds = at_records_of(models, {"before": before, "after": after}, subjects)
    assert ds.C.dims == ("model", "regimen", "subject", "time")
    assert ds.C.shape == (2, 2, 3, 2)
    low = 100 * np.exp(-12 * np.array([[0.1], [0.2], [0.3]]))
    np.testing.assert_allclose(ds.C.sel(model="one", regimen="before"), low + np.array([0, 100]), rtol=1e-8)
    np.testing.assert_allclose(ds.C.sel(model="one", regimen="after"), np.hstack([low, low]) + 100, rtol=1e-8)
    alone = at_records_of(model, before, subjects)
    np.testing.assert_allclose(ds.C.sel(model="one", regimen="before"), alone.C, rtol=1e-9)


def at_records_of(model, regimen, subjects):
    return ldn.simulate(model, regimen, times="records", outputs=["C"], rtol=1e-10, subjects=subjects)


def test_metrics_and_doses_are_as_ever(model):
    rows = [dose(0, ii=24.0, addl=3), look(24), look(30)]
    seen, plain = at_records(model, rows), ldn.simulate(model, ldn.Regimen.from_records(rows), rtol=1e-10)
    np.testing.assert_array_equal(seen.dose_time, plain.dose_time)
    assert seen.attrs["regimen"] == plain.attrs["regimen"]


@pytest.mark.parametrize(
    ("regimen", "words"),
    [
        (ldn.Regimen.single(1, cmt="C"), "needs a regimen that holds observation records"),
        (None, "needs a regimen that holds"),
        ({"a": ldn.Regimen.from_records([dose(0), look(1)]), "b": ldn.Regimen.from_records([dose(0), look(2)])},
         "observed at the same times"),
    ],
)  # fmt: skip
def test_refused(model, regimen, words):
    with pytest.raises(ldn.InputError, match=rf"times='records': .*{words}"):
        ldn.simulate(model, regimen, times="records")


def test_a_store_cannot_hold_them(model, tmp_path):
    regimen = ldn.Regimen.from_records([dose(0), look(1)])
    with pytest.raises(ldn.InputError, match="cannot be written with times='records'"):
        ldn.simulate(model, regimen, times="records", store=tmp_path / "a.zarr")
