"""What `simulate` returns: values, dimensions, labels; and that no way of cutting the work changes a bit."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim.simulation import pieces, plan

DOSES = 22.0 + 24.0 * np.arange(7)


def test_the_closed_form(toy, week, exact):
    ds = ldn.simulate(toy, week, every=0.5)
    want = exact(ds.time.values, 1.2, 0.2, DOSES)
    np.testing.assert_allclose(ds.C, want, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ds.plasma_naltrexone, 100 * ds.C, rtol=1e-12)


def test_each_subject_has_its_own_parameters(toy, week, people, exact):
    ds = ldn.simulate(toy, week, subjects=people)
    assert ds.C.dims == ("subject", "time")
    assert list(ds.subject.values) == list(people.index)
    for k in (0, 7, 8, 20):
        want = exact(ds.time.values, *people.iloc[k], DOSES)
        np.testing.assert_allclose(ds.C[k], want, rtol=1e-5, atol=1e-6)


def test_there_are_only_the_dimensions_asked_for(toy, week, people):
    ds = ldn.simulate(toy, week)
    assert ds.C.dims == ("time",)
    assert ds.status.item() == "finished"
    ds = ldn.simulate(toy, {"a": week, "b": None})
    assert ds.C.dims == ("regimen", "time")
    ds = ldn.simulate({"x": toy, "y": toy.with_parameters(ke=0.4)}, {"a": week}, subjects=people.iloc[:1])
    assert ds.C.dims == ("model", "regimen", "subject", "time")
    assert ds.C.shape[:3] == (2, 1, 1)
    assert ds.status.dims == ("model", "regimen", "subject")
    assert set(ldn.summarize(ds).cmax.dims) == {"model", "regimen", "subject", "analyte"}


def test_models_with_different_variables_share_what_they_have(toy, week):
    other = ldn.Model.from_antimony("model other\n A' = -k*A; A = 0; k = 0.5\nend")
    ds = ldn.simulate({"toy": toy, "other": other}, week)
    assert np.isfinite(ds.A).all()
    assert ds.endorphin.sel(model="other").isnull().all()
    assert ds.attrs["model"] == "toy, other"


def test_everything_is_labelled(toy, week):
    ds = ldn.simulate(toy, {"LDN": week, "none": None})
    assert ds.time.attrs["units"] == ds.clock.attrs["units"] == "h"
    np.testing.assert_array_equal(ds.clock, ds.time % 24)
    assert all(ds[v].attrs["long_name"] for v in ds.data_vars)
    want = {
        "model",
        "model_hash",
        "version",
        "solver",
        "why",
        "rtol",
        "atol",
        "seed",
        "scenario",
        "condition",
    }
    assert want <= set(ds.attrs)
    assert "ka" in ds.attrs["rests_on_assumed"].split()
    assert ds.attrs["model_hash"] == toy.hash
    np.testing.assert_array_equal(ds.dose_time.sel(regimen="LDN"), DOSES)
    assert ds.dose_time.sel(regimen="none").isnull().all()
    json.dumps(ds.attrs)


def test_the_run_ends_with_the_last_interval(toy, week):
    assert float(ldn.simulate(toy, week).time[-1]) == 22 + 7 * 24
    both = {"short": ldn.Regimen.single(1, cmt="A"), "long": week}
    assert float(ldn.simulate(toy, both).time[-1]) == 22 + 7 * 24
    assert float(ldn.simulate(toy, both["short"]).time[-1]) == 24
    assert float(ldn.simulate(toy, None, duration=5).time[-1]) == 5
    np.testing.assert_allclose(ldn.simulate(toy, week, duration=1, every=0.3).time, [0, 0.3, 0.6, 0.9])


def test_times_are_taken_as_they_are(toy, week):
    times = [0.0, 1.5, 22.0, 22.01, 100.125]
    ds = ldn.simulate(toy, week, times=times)
    np.testing.assert_array_equal(ds.time, times)
    assert float(ds.A.sel(time=22.0)) == pytest.approx(4.5)  # at a dose: after the dose


def test_outputs_are_what_was_asked_in_that_order(toy, week):
    ds = ldn.simulate(toy, week, outputs=["endorphin", "A"])
    assert list(ds.data_vars) == ["endorphin", "A"]
    assert list(ldn.simulate(toy, week, outputs="C").data_vars) == ["C"]


def test_a_dose_that_never_comes_in_time_is_no_dose(toy, week):
    ds = ldn.simulate(toy, week, duration=22.0 - 1e-6)
    assert not ds.C.any()


@pytest.mark.parametrize("method", ["LSODA", "BDF", "Radau", "DOP853", "rodas5p", "tsit5", "fast"])
def test_all_methods_agree(toy, week, method):
    ds = ldn.simulate(toy, week, method=method)
    want = ldn.simulate(toy, week)
    assert ds.attrs["solver"].startswith(method.replace("fast", ""))
    np.testing.assert_allclose(ds.C, want.C, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("subjects", [8, 21])
@pytest.mark.parametrize("look", [{}, {"metrics": ["cmax", "auc"]}])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_pieces_and_threads_change_no_bit(toy, week, people, subjects, look, threads, monkeypatch):
    regimens = {"a": week, "b": week.shift(5), "c": None}
    people = people.iloc[:subjects]
    whole = ldn.simulate(toy, regimens, subjects=people, threads=1, **look)
    monkeypatch.setattr("ldnsim.simulation.stream.PIECE_BYTES", 1.0)
    monkeypatch.setattr("ldnsim.simulation.stream.COURSE_BYTES", 1.0)
    cut = ldn.simulate(toy, regimens, subjects=people, threads=threads, **look)
    xr.testing.assert_identical(whole, cut)


def test_pieces_solved_at_a_time_fail_alone(toy, week, people, monkeypatch):
    monkeypatch.setattr("ldnsim.simulation.stream.PIECE_BYTES", 1.0)
    monkeypatch.setattr("ldnsim.simulation.stream.COURSE_BYTES", 1.0)
    many = {f"r{k}": week.shift(k) for k in range(6)}
    with pytest.warns(ldn.SolverWarning, match="126 of 126 trajectories did not finish"):
        ds = ldn.simulate(toy, many, subjects=people, threads=2, max_steps=3)
    assert (ds.status == "too many steps").all()
    assert ds.fail_time.notnull().all()


@pytest.mark.parametrize("method", ["LSODA", "BDF"])
def test_solvers_that_change_settings_of_the_process_run_one_after_another(
    toy, week, people, method, monkeypatch
):
    regimens = {f"r{k}": week.shift(k) for k in range(3)}
    whole = ldn.simulate(toy, regimens, subjects=people.iloc[:2], method=method, threads=1)
    monkeypatch.setattr("ldnsim.simulation.stream.PIECE_BYTES", 1.0)
    monkeypatch.setattr("ldnsim.simulation.stream.COURSE_BYTES", 1.0)
    monkeypatch.setattr("ldnsim.simulation.gathering.spread", None)  # would fail if it were used
    before = list(warnings.filters)
    cut = ldn.simulate(toy, regimens, subjects=people.iloc[:2], method=method, threads=2)
    assert warnings.filters == before
    xr.testing.assert_identical(whole, cut)


def test_an_error_in_one_thread_reaches_the_caller(toy, week, people, monkeypatch):
    monkeypatch.setattr("ldnsim.simulation.stream.PIECE_BYTES", 1.0)
    monkeypatch.setattr("ldnsim.simulation.stream.COURSE_BYTES", 1.0)
    solve = plan.Plan.run

    def broken(self, piece, *more):
        if piece.regimens.start == 3:
            raise RuntimeError("the third")
        return solve(self, piece, *more)

    monkeypatch.setattr(plan.Plan, "run", broken)
    with pytest.raises(RuntimeError, match="the third"):
        ldn.simulate(toy, {f"r{k}": week.shift(k) for k in range(6)}, subjects=people, threads=2)


def test_many_regimens_without_subjects_are_cut_too(toy, week, monkeypatch):
    regimens = {f"r{k}": week.shift(k) for k in range(11)}
    whole = ldn.simulate(toy, regimens)
    monkeypatch.setattr("ldnsim.simulation.stream.PIECE_BYTES", 1.0)
    monkeypatch.setattr("ldnsim.simulation.stream.COURSE_BYTES", 1.0)
    xr.testing.assert_identical(whole, ldn.simulate(toy, regimens))


def test_the_pieces_cover_everything_once(toy, week, people):
    who = plan.Subjects(people, [toy])
    one = plan.Plan(
        toy,
        [week] * 5,
        who,
        {"C": "C"},
        np.arange(9.0),
        [9.0] * 5,
        (),
        plan.Options("auto", 1e-6, None, 1, "float64"),
    )
    for most in (None, 1.0, 3e3, 1e5):
        seen = np.zeros((5, 21), int)
        for piece in one.pieces(pieces.Piece(slice(0, 5), slice(0, 21)), most):
            seen[piece] += 1
            assert piece.subjects.start % 8 == 0
        assert (seen == 1).all()


@pytest.mark.parametrize("n", [16, 17, 144, 1000, 1008])
@pytest.mark.parametrize("size", [16, 144, 4096])
def test_every_thread_gets_equally_many_pieces(n, size):
    fair = pieces.fair(n, size)
    count = -(-n // fair)
    assert fair % pieces.GROUP == 0
    assert fair <= max(size, pieces.GROUP)
    if n <= size:
        assert count == 1
    elif size > pieces.GROUP:  # whole groups cannot always be shared out
        assert count % pieces.SHARE == 0


def test_single_precision_is_a_matter_of_storage(toy, week):
    ds = ldn.simulate(toy, week, dtype="float32")
    assert ds.C.dtype == np.float32
    np.testing.assert_allclose(ds.C, ldn.simulate(toy, week).C, rtol=1e-5, atol=1e-6)


def test_a_seed_is_handed_on(toy, week, people):
    assert ldn.simulate(toy, week, subjects=people).attrs["seed"] == ""
    seeded = people.copy()
    seeded.attrs["seed"] = 7
    assert ldn.simulate(toy, week, subjects=seeded).attrs["seed"] == 7


def test_amounts_and_concentrations_of_a_species():
    model = ldn.Model.from_antimony(
        "model box()\n compartment v = 4; species S in v; S = 3;\n J: S -> ; v*k*S; k = 0.1\nend"
    )
    plain = ldn.simulate(model, None, duration=5)
    amount = ldn.simulate(model, None, duration=5, amounts=["S"])
    np.testing.assert_allclose(plain.S, 3 * np.exp(-0.1 * plain.time), rtol=1e-5)
    np.testing.assert_allclose(amount.S, 4 * plain.S, rtol=1e-5)


def test_subject_labels_may_be_anything(toy, week):
    labels = pd.MultiIndex.from_product([["a", "b"], [1, 2]])
    people = pd.DataFrame({"ke": [0.1, 0.2, 0.3, 0.4]}, index=labels)
    assert next(iter(ldn.simulate(toy, week, subjects=people).subject.values)) == "('a', 1)"
    people.index = [10, 20, 30, 40]
    assert ldn.simulate(toy, week, subjects=people).sel(subject=20).C.dims == ("time",)


def test_covariates_may_stand_beside_parameters(toy, week, people):
    people = people.assign(sex="f")
    people.attrs["covariates"] = ["sex"]
    assert ldn.simulate(toy, week, subjects=people).sizes["subject"] == 21
