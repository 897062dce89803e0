"""Marks of the doses lie along a dimension of their own, so that a curve carries its time and nothing else."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim.io import tables
from ldnsim.plots import read
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
    assert (2 * one - one).coords.to_dataset().equals(one.coords.to_dataset())
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


@pytest.fixture(scope="module")
def lengths(model):
    return ldn.simulate(model, {"short": NIGHTS, "long": ldn.Regimen.daily(4.5, days=4, at="22:00")})


@pytest.mark.parametrize("suffix", [".nc", ".zarr", ".parquet"])
def test_a_figure_of_what_was_read_back_ends_as_before(lengths, one, tmp_path, suffix):
    for ds in (lengths, one):
        with ldn.open_result(ldn.save(ds, tmp_path / f"run{suffix}")) as back:
            xr.testing.assert_identical(back.marks.reset_coords(drop=True), ds.marks.reset_coords(drop=True))
            assert back.mark.attrs == ds.mark.attrs
            assert read.common_end(back) == read.common_end(ds)
    assert read.common_end(lengths) < lengths.time[-1]


def test_so_does_one_of_a_table_of_an_earlier_version(lengths, earlier, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "beside_a_table", lambda ds: {})  # columns told, and nothing beside them
    back = ldn.open_result(ldn.save(earlier(lengths), tmp_path / "run.parquet"))
    xr.testing.assert_identical(back.marks, lengths.marks.assign_coords(status=back.status))
    assert read.common_end(back) == read.common_end(lengths)


def test_a_table_keeps_marks_beside_an_output_that_is_called_as_one(lengths, tmp_path):
    ds = lengths.rename(plasma_naltrexone="interval_end")
    back = ldn.open_result(ldn.save(ds, tmp_path / "run.parquet"))
    assert np.array_equal(back.interval_end, ds.interval_end)
    assert read.common_end(back) == read.common_end(lengths)


def test_metrics_of_one_run_are_a_table_as_pandas_shows_it(model, one):
    mean = "mean(plasma_naltrexone)"
    for metrics in (ldn.summarize(one, [mean]), ldn.simulate(model, NIGHTS, metrics=[mean])):
        assert metrics.status.dims == ()
        assert "run" not in metrics.sizes
        assert list(metrics.to_pandas()) == [float(metrics[mean])]
    assert ldn.summarize(one).to_dataframe().index.names == ["analyte"]


@pytest.mark.parametrize("suffix", [".nc", ".zarr", ".csv", ".parquet"])
def test_so_are_those_that_were_read_back(one, tmp_path, suffix):
    with ldn.open_result(ldn.save(ldn.summarize(one), tmp_path / f"metrics{suffix}")) as back:
        assert back.to_dataframe().index.names == ["analyte"]


def test_curves_that_were_chosen_by_the_status_of_their_run_stay_curves(one):
    chosen = one.where(one.status == "finished")
    assert "run" in chosen.plasma_naltrexone.dims
    xr.testing.assert_identical(ldn.summarize(chosen), ldn.summarize(one))
    assert read.timed(chosen).plasma_naltrexone.dims == read.timed(one).plasma_naltrexone.dims
    plt.close(ldn.plots.timecourse(chosen, variables=["plasma_naltrexone"])[0])


def test_a_dimension_run_of_ones_own_stays(model, one):
    later = ldn.simulate(model, NIGHTS.shift(6), duration=float(one.time[-1]))
    several = xr.concat([one, later], "run", data_vars="all", coords="different", compat="equals", join="outer")
    assert ldn.summarize(several).cmax.dims == ("run", "analyte")
    labelled = several.assign_coords(run=["now", "later"]).isel(run=[1])
    assert ldn.summarize(labelled).cmax.dims == ("run", "analyte")
