"""A result comes back from disk as it was, and what cannot be read or written is refused."""

import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn

MODEL = """
model small()
  A' = -k*A; A = 0; k = 0.3
  plasma_naltrexone := 100*A
end
"""


@pytest.fixture(scope="module")
def ds():
    table = ldn.load_model("naltrexone_pk").readouts
    model = ldn.Model.from_antimony(MODEL).with_readouts(table[table.variable == "plasma_naltrexone"])
    regimen = ldn.Regimen.every(4.5, ii=24, n=2, cmt="A")
    people = pd.DataFrame({"k": [0.1, 0.2, 0.3]}, index=["c", "a", "b"])
    return ldn.simulate(model, {"z": regimen, "none": None}, subjects=people, every=6.0)


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_files_that_keep_everything(ds, tmp_path, suffix):
    path = ldn.save(ds, tmp_path / f"run{suffix}")
    with ldn.open_result(path) as back:
        xr.testing.assert_identical(ldn.summarize(back.load()), ldn.summarize(ds))
        assert back.attrs == ds.attrs
        for name in ds.variables:
            assert back[name].attrs == ds[name].attrs, name
            np.testing.assert_array_equal(back[name], ds[name])
        assert set(back.coords) == set(ds.coords)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_keep_the_courses(ds, tmp_path, suffix):
    back = ldn.open_result(ldn.save(ds, tmp_path / f"run{suffix}"))
    for name in ("A", "plasma_naltrexone", "status", "clock"):
        assert back[name].dims == ds[name].dims, name
        np.testing.assert_array_equal(back[name], ds[name])
    for name in ("regimen", "subject", "time"):
        np.testing.assert_array_equal(back[name], ds[name])
    with pytest.raises(ValueError, match="last_interval"):
        ldn.summarize(back)
    if suffix == ".parquet":
        assert back.attrs == ds.attrs
        assert back.A.attrs == ds.A.attrs


def test_a_table_of_metrics(ds, tmp_path):
    s = ldn.summarize(ds)
    back = ldn.open_result(ldn.save(s, tmp_path / "metrics.csv"))
    np.testing.assert_allclose(back.cmax, s.cmax)
    one = s.isel(regimen=0, subject=0, analyte=0)
    table = pd.read_csv(ldn.save(one, tmp_path / "one.csv"))
    assert len(table) == 1
    assert table["cmax [ng/mL]"][0] == pytest.approx(float(one.cmax))


@pytest.mark.parametrize("suffix", [".nc", ".zarr", ".csv"])
def test_a_file_is_replaced(ds, tmp_path, suffix):
    path = tmp_path / f"run{suffix}"
    ldn.save(ds, path)
    ldn.save(ds.isel(subject=[0]), path)
    with ldn.open_result(path) as back:
        assert back.sizes["subject"] == 1


def test_refusals(ds, tmp_path):
    with pytest.raises(ValueError, match=r"path=.*\.txt.*must end in \.nc, \.zarr, \.csv, \.parquet or \.xlsx"):
        ldn.save(ds, tmp_path / "run.txt")
    with pytest.raises(ValueError, match="no folder"):
        ldn.save(ds, tmp_path / "no" / "run.nc")
    with pytest.raises(ValueError, match="no such file"):
        ldn.open_result(tmp_path / "run.nc")
    with pytest.raises(ValueError, match="must end in"):
        ldn.open_result(tmp_path / "run")
    broken = tmp_path / "broken.nc"
    broken.write_text("not a netCDF file")
    with pytest.raises(ValueError, match=r"broken.nc.*cannot be read"):
        ldn.open_result(broken)
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"no result of ldnsim: .*column model or regimen.*read_csv"):
        ldn.open_result(other)


def test_files_of_other_programs_are_refused_and_the_way_to_read_them_is_named(tmp_path):
    there = xr.Dataset({"rain": ("day", [1.0, 2.0])}, attrs={"title": "weather"})
    there.to_netcdf(tmp_path / "rain.nc", engine="h5netcdf")
    there.to_zarr(tmp_path / "rain.zarr", zarr_format=2)
    there.to_dataframe().to_parquet(tmp_path / "rain.parquet")
    for suffix, reader in ((".nc", "open_dataset"), (".zarr", "open_zarr"), (".parquet", "read_parquet")):
        with pytest.raises(ValueError, match=rf"rain\{suffix}': is no result of ldnsim.*{reader}"):
            ldn.open_result(tmp_path / f"rain{suffix}")
    doses = tmp_path / "doses.csv"
    doses.write_text("time,amt\n0,4.5\n")
    with pytest.raises(ValueError, match=r"is a table of doses.*from_records"):
        ldn.open_result(doses)


@pytest.mark.parametrize("suffix", [".nc", ".zarr", ".parquet"])
def test_what_a_user_made_of_a_result_is_one_too(ds, tmp_path, suffix):
    mean = ds[["A"]].mean("subject").assign_attrs()
    mean.attrs = {}  # as xarray had it by default until 2025
    with ldn.open_result(ldn.save(mean, tmp_path / f"mean{suffix}")) as back:
        assert not back.attrs
        np.testing.assert_array_equal(back.A, mean.A)


def test_a_folder_of_the_user_is_never_emptied(ds, tmp_path):
    folder = tmp_path / "mine.zarr"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="other things in it"):
        ldn.save(ds, folder)
    assert (folder / "thesis.txt").exists()


NETCDF = pytest.param(
    ".nc", marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows never replaces an open file")
)


@pytest.mark.parametrize("suffix", [NETCDF, ".zarr", ".csv", ".parquet"])
def test_a_result_can_be_saved_where_it_was_opened(ds, tmp_path, suffix):
    path = ldn.save(ds, tmp_path / f"run{suffix}")
    with ldn.open_result(path) as opened:  # .nc and .zarr are read only now
        ldn.save(opened.assign_attrs(note="looked at"), path)
    with ldn.open_result(path) as back:
        np.testing.assert_array_equal(back.A, ds.A)
        if suffix != ".csv":
            assert back.attrs["note"] == "looked at"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".nc", ".zarr", ".csv", ".parquet"])
def test_a_write_that_breaks_off_leaves_the_earlier_result(ds, tmp_path, monkeypatch, suffix):
    path = ldn.save(ds, tmp_path / f"run{suffix}")

    def full(*a, **k):
        raise OSError(28, "No space left on device")

    for owner in (xr.Dataset, pd.DataFrame):
        for name in ("dump_to_store", "to_zarr", "to_csv", "to_parquet"):
            monkeypatch.setattr(owner, name, full, raising=False)
    with pytest.raises(OSError, match="No space left"):
        ldn.save(ds.isel(subject=[0]), path)
    with ldn.open_result(path) as back:
        np.testing.assert_array_equal(back.A, ds.A)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_what_is_in_the_way_is_refused(ds, tmp_path):
    (tmp_path / "run.nc").mkdir()
    with pytest.raises(ValueError, match="is a folder"):
        ldn.save(ds, tmp_path / "run.nc")
    (tmp_path / "run.zarr").write_text("a file")
    with pytest.raises(ValueError, match="is a file"):
        ldn.save(ds, tmp_path / "run.zarr")


@pytest.mark.parametrize(("suffix", "package"), [(".zarr", "zarr"), (".parquet", "pyarrow")])
def test_a_missing_package_is_named_before_anything_is_written(ds, tmp_path, monkeypatch, suffix, package):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=rf"path='.*{suffix}': needs the package {package}; pip install"):
        ldn.save(ds, tmp_path / f"run{suffix}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".nc", ".zarr", ".csv", ".parquet", ".xlsx"])
def test_nothing_is_not_written(tmp_path, suffix):
    with pytest.raises(ldn.InputError, match="ds='an empty Dataset': holds nothing to write"):
        ldn.save(xr.Dataset(), tmp_path / f"run{suffix}")
    assert not list(tmp_path.iterdir())
