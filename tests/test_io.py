"""A result comes back from disk as it was, and what cannot be read or written is refused."""

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
    model = ldn.Model.from_antimony(MODEL)
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
    assert table.cmax[0] == pytest.approx(float(one.cmax))


@pytest.mark.parametrize("suffix", [".nc", ".zarr", ".csv"])
def test_a_file_is_replaced(ds, tmp_path, suffix):
    path = tmp_path / f"run{suffix}"
    ldn.save(ds, path)
    ldn.save(ds.isel(subject=[0]), path)
    with ldn.open_result(path) as back:
        assert back.sizes["subject"] == 1


def test_refusals(ds, tmp_path):
    with pytest.raises(ValueError, match=r"path=.*\.txt.*must end in \.nc, \.zarr, \.csv or \.parquet"):
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
    with pytest.raises(ValueError, match="none of the dimensions"):
        ldn.open_result(other)


def test_a_folder_of_the_user_is_never_emptied(ds, tmp_path):
    folder = tmp_path / "mine.zarr"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="other things in it"):
        ldn.save(ds, folder)
    assert (folder / "thesis.txt").exists()
