"""Where results are written: a full disk is an error in words, and a path is read as people write it."""

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim.errors import a_path
from ldnsim.io import checked_target

FULL = """
    import resource, sys
    import numpy as np, xarray as xr
    import ldnsim as ldn
    rng = np.random.default_rng(0)
    ds = xr.Dataset({"x": (("subject", "time"), rng.random((50, 400)))}, attrs={"model_hash": "m"})
    ds = ds.assign_coords(subject=np.arange(50), time=np.arange(400.0))
    ldn.save(ds, sys.argv[1])
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    try:
        ldn.save(2 * ds.assign_attrs(model_hash="m"), sys.argv[1])
    except OSError as error:
        print("refused", error.errno == 27)
"""
UNIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")


def run(script, *arguments):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@UNIX
@pytest.mark.kind("full-disk")
def test_a_netcdf_file_to_a_full_disk_is_an_error_in_words(tmp_path):
    check_full(tmp_path / "run.nc")


@UNIX
@pytest.mark.kind("full-disk", sibling="The other formats")
@pytest.mark.parametrize("suffix", [".zarr", ".csv", ".parquet"])
def test_a_table_or_store_to_a_full_disk_is_an_error_in_words(tmp_path, suffix):
    check_full(tmp_path / f"run{suffix}")


def check_full(path):
    done = run(FULL, path)
    assert (done.returncode, done.stdout) == (0, "refused True\n"), done.stderr
    with ldn.open_result(path) as back:
        assert 0 < float(back.x.max()) < 1, "what was there before is still there"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


SWEPT = """
    import resource, sys
    import numpy as np
    import ldnsim as ldn
    model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 1")
    limit = resource.setrlimit
    from ldnsim.sweeps.store import Store
    kept = Store.write_result
    def full(self, ds, changed):
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        kept(self, ds, changed)
    Store.write_result = full
    try:
        ldn.sweep(model, {"k": np.linspace(1, 2, 50)}, outputs=["A"], duration=200, store=sys.argv[1])
    except OSError as error:
        print("refused:", error.strerror)
"""


@UNIX
@pytest.mark.kind("full-disk", sibling="The result of a sweep")
def test_the_result_of_a_sweep_to_a_full_disk_is_an_error_in_words(tmp_path):
    done = run(SWEPT, tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("refused: File too large"), done.stdout
    assert not list((tmp_path / "run").glob("*.part"))


@pytest.mark.kind("paths-as-people-write-them")
def test_home_and_capitals(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    ds = xr.Dataset({"x": ("time", np.arange(3.0))}, {"time": np.arange(3.0)}, {"model_hash": "m"})
    for name in ("run.NC", "run.Zarr", "run.CSV", "run.PARQUET"):
        assert ldn.save(ds, f"~/{name}") == tmp_path / name
        with ldn.open_result(Path("~") / name) as back:
            np.testing.assert_array_equal(back.x, ds.x)


@pytest.mark.kind("paths-as-people-write-them", sibling="An address of a bucket")
@pytest.mark.parametrize("address", ["s3://bucket/run.zarr", "https://example.org/run.nc", "file:///run.csv"])
def test_addresses_are_refused_as_they_were_written(address):
    for call in (checked_target, ldn.open_result):
        with pytest.raises(ldn.InputError, match=rf"^path='{address}': is an address"):
            call(address)


@pytest.mark.parametrize(
    "value", [None, 3, b"run.nc", "", "  ", "run\0.nc", ["run.nc"], "~nobody-at-all/run.nc"]
)
def test_what_is_no_path_is_refused(value):
    with pytest.raises(ldn.InputError, match="path="):
        a_path("path", value)


PROC = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a folder that takes no file, whoever asks")


@PROC
@pytest.mark.parametrize("suffix", [".nc", ".zarr", ".csv", ".parquet", ".xlsx"])
def test_a_place_that_takes_no_file_is_refused_by_name(suffix):
    with pytest.raises(ldn.InputError, match=rf"path='/proc/run\{suffix}': cannot be written: .*; choose a place"):
        ldn.save(xr.Dataset({"a": 1.0}), f"/proc/run{suffix}")


@PROC
def test_a_folder_that_cannot_be_made_is_refused_by_name():
    model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 1")
    with pytest.raises(ldn.InputError, match="store='/proc/run': cannot be written"):
        ldn.sweep(model, {"k": [1.0, 2.0]}, outputs=["A"], duration=2, store="/proc/run")
    data = ldn.read_data([{"ID": 1, "TIME": 0, "AMT": 300}, {"ID": 1, "TIME": 4, "DV": 7.2}])
    with pytest.raises(ldn.InputError, match="folder='/proc/run': cannot be written"):
        ldn.write_petab("/proc/run", model, data, observe="A", cmt="A", estimate=["k"], sigma={"additive": 1})


def test_a_store_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "run").write_text("mine")
    model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 1")
    with pytest.raises(ldn.InputError, match=r"store=.*run': is a file; name a folder"):
        ldn.sweep(model, {"k": [1.0, 2.0]}, outputs=["A"], duration=2, store=tmp_path / "run")


@pytest.mark.parametrize("suffix", [".nc", ".zarr", ".csv", ".parquet", ".xlsx"])
def test_the_longest_name_that_a_disk_takes_is_written(tmp_path, suffix):
    path = tmp_path / ("a" * (255 - len(suffix)) + suffix)
    assert ldn.save(xr.Dataset({"a": ("x", [1.0])}), path).exists()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
