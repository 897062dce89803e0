"""Marks of the doses lie along a dimension of their own, so that a curve carries its time and nothing else."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim.readouts import marks

NIGHTS = ldn.Regimen.daily(4.5, days=2, at="22:00")


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("naltrexone_pk")


@pytest.fixture(scope="module")
def one(model):
    return ldn.simulate(model, NIGHTS)


@pytest.fixture(scope="module")
def two(model):
    return ldn.simulate(model, {"a": NIGHTS, "b": NIGHTS.shift(6)}, subjects=ldn.population(model, 2, seed=1))


def title(values):
    fig, axis = plt.subplots()
    values.plot(ax=axis)
    plt.close(fig)
    return axis.get_title()


def test_a_curve_of_one_run_has_no_title(one):
    assert title(one["plasma_naltrexone"]) == ""
    assert set(one["plasma_naltrexone"].coords) == {"time", "clock"}
    assert "status" in one.coords
    assert one.status.values.tolist() == ["finished"]


@pytest.mark.parametrize("suffix", [".nc", ".zarr", ".csv", ".parquet"])
def test_nor_has_one_that_was_read_back(one, two, tmp_path, suffix):
    for ds, chosen, told in ((one, {}, ""), (two, {"regimen": "a", "subject": 0}, "status = finished")):
        with ldn.open_result(ldn.save(ds, tmp_path / f"run{suffix}")) as back:
            words = set(title(back["plasma_naltrexone"].sel(chosen)).split(", "))
        assert words == {*(f"{k} = {v}" for k, v in chosen.items()), told}


def test_nor_one_that_was_streamed_or_stopped(model, tmp_path):
    streamed = ldn.simulate(model, {"a": NIGHTS}, store=tmp_path / "run.zarr")
    assert title(streamed["plasma_naltrexone"].sel(regimen="a")) == "regimen = a, status = finished"
    explodes = ldn.Model.from_antimony("A' = A^2; A = 1")
    with pytest.warns(ldn.SolverWarning):
        stopped = ldn.simulate(explodes, None, duration=2)
    assert title(stopped["A"]) == ""
    assert stopped.fail_time.dims == stopped.status.dims == ("run",)
    assert ldn.simulate(model, NIGHTS, store=tmp_path / "one.zarr").status.dims == ("run",)


def test_several_models_or_a_steady_state_tell_of_each(model):
    models = ldn.simulate({"x": model, "y": model}, NIGHTS)
    assert models.status.dims == ("model",)
    assert ldn.summarize(models).status.dims == ("model",)
    steady = ldn.steady_state(model, NIGHTS)
    assert title(steady["plasma_naltrexone"]) == ""
    assert steady.status.dims == ("run",)


def test_marks_say_where_the_last_cycle_lies(one, two):
    assert one.marks.dims == ("mark",)
    assert two.marks.dims == ("regimen", "mark")
    assert set(one.mark.attrs) == set(one.mark.values) == set(marks.FIELDS)
    want = {"interval_start": 46, "interval_end": 70, "last_dose": 46, "last_dose_until": 70, "days_start": 46}
    found = dict(zip(one.mark.values.tolist(), one.marks.values.tolist(), strict=True))
    assert found == want | {"interval_complete": 1}
    assert marks.mark(two, "last_dose").values.tolist() == [46, 52]
    assert marks.mark(one.drop_vars("marks"), "last_dose") is None


def test_calculating_and_joining_keeps_them(model, one, two):
    xr.testing.assert_equal((2 * one - one).coords.to_dataset(), one.coords.to_dataset())
    later = ldn.simulate(model, NIGHTS.shift(6), duration=float(one.time[-1]))
    both = xr.concat([one, later], "regimen", coords="different", compat="equals", join="outer")
    assert both.marks.dims == ("regimen", "mark")
    assert ldn.summarize(both).cmax.dims == ("regimen", "analyte")
    assert (two - one).plasma_naltrexone.dims == ("regimen", "subject", "time")


def test_marks_of_earlier_versions_are_read(one, two, earlier):
    for ds in (one, two):
        old = earlier(ds)
        xr.testing.assert_identical(marks.as_now(old)[list(ds.variables)].reset_coords(), ds.reset_coords())
        xr.testing.assert_identical(ldn.summarize(old), ldn.summarize(ds))
        assert np.array_equal(marks.mark(old, "interval_end"), marks.mark(ds, "interval_end"))
    assert marks.as_now(one) is one


def test_a_result_without_some_marks_is_refused(one):
    for lacking, name in ((one.drop_vars("marks"), "marks"), (one.sel(mark=["last_dose"]), "interval_start")):
        with pytest.raises(ldn.InputError, match=f"has no coordinate '{name}'"):
            ldn.summarize(lacking)
