"""A file of which bits have changed or parts are missing is told by name when it is opened."""

import contextlib
import shutil

import numpy as np
import pytest
import xarray as xr

import ldnsim as ldn


@pytest.fixture(scope="module")
def ds():
    model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.01; plasma_naltrexone := A")
    people = ldn.population(ldn.load_model("ldn"), 20)[[]].assign(k=np.linspace(0.01, 0.02, 20))
    return ldn.simulate(model, None, subjects=people, duration=48)


def damaged(path, where):
    data = bytearray(path.read_bytes())
    data[where] ^= 0xFF
    path.write_bytes(bytes(data))


@pytest.mark.kind("damaged-files")
def test_a_changed_bit_of_netcdf_is_found(ds, tmp_path):
    path = ldn.save(ds, tmp_path / "run.nc")
    whole = path.read_bytes()
    for where in np.random.default_rng(0).integers(0, len(whole) - 24, 60):
        damaged(path, where)
        with pytest.raises(ldn.InputError, match=r"path='.*run.nc'"):
            ldn.open_result(path)
        path.write_bytes(whole)


@pytest.mark.kind("damaged-files", sibling="A Parquet file: all that is read from it is as it was written")
def test_a_changed_bit_of_parquet_is_found(ds, tmp_path):
    path = ldn.save(ds, tmp_path / "run.parquet")
    whole, want, unread = path.read_bytes(), ldn.open_result(path), 0
    for where in np.random.default_rng(0).integers(0, len(whole), 120):
        damaged(path, where)
        with contextlib.suppress(ldn.InputError):
            back = ldn.open_result(path)
            xr.testing.assert_identical(back, want)  # a byte that nobody reads
            unread += 1
        path.write_bytes(whole)
    assert unread < 60


@pytest.mark.kind("damaged-files", sibling="A file that is cut short")
@pytest.mark.parametrize("suffix", [".nc", ".parquet"])
def test_a_file_cut_short_is_found(ds, tmp_path, suffix):
    path = ldn.save(ds, tmp_path / f"run{suffix}")
    whole = path.read_bytes()
    for share in (0.0, 0.1, 0.5, 0.9, 0.99):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(ldn.InputError, match=rf"path='.*run{suffix}'"):
            ldn.open_result(path)


def chunk(store):
    return next(p for p in sorted((store / "A").iterdir()) if p.name[0].isdigit())


CHANGES = {
    "a changed bit": (lambda s: damaged(chunk(s), 20), "A/.* is damaged"),
    "a chunk cut short": (lambda s: chunk(s).write_bytes(chunk(s).read_bytes()[:-9]), "A/.* is damaged"),
    "an empty chunk": (lambda s: chunk(s).write_bytes(b""), "A/.* is damaged"),
    "a chunk that is missing": (lambda s: chunk(s).unlink(), "A/.* is missing"),
    "a variable that is missing": (lambda s: shutil.rmtree(s / "A"), "A/.* is missing"),
    "a spoilt description": (lambda s: (s / ".zmetadata").write_text("{"), ".zmetadata is damaged"),
    "a spoilt list": (lambda s: (s / "checksums.json").write_text("[]"), "checksums.json is damaged"),
}


@pytest.mark.kind("damaged-files", sibling="A store of which chunks are damaged or missing")
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("streamed", [True, False])
def test_a_damaged_store_is_told_by_the_file(ds, tmp_path, change, streamed):
    store = tmp_path / "run.zarr"
    if streamed:
        model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.01")
        ldn.simulate(model, None, duration=48, store=store)
    else:
        ldn.save(ds, store)
    ldn.open_result(store).load()
    act, words = CHANGES[change]
    act(store)
    with pytest.raises(ldn.InputError, match=rf"path='.*run.zarr': is not whole: {words}"):
        ldn.open_result(store)


@pytest.mark.parametrize("one", [True, False])
def test_what_earlier_versions_wrote_still_opens(ds, earlier, tmp_path, one):
    model = ldn.load_model("naltrexone_pk")
    ds = ldn.simulate(model, ldn.Regimen.daily(4.5, days=2)) if one else ds
    old = earlier(ds).reset_coords("status").drop_vars(["node", "dose_number"], errors="ignore")
    assert "interval_end" in old.coords
    old.to_netcdf(tmp_path / "old.nc", engine="h5netcdf")
    old.to_zarr(tmp_path / "old.zarr", zarr_format=2)
    for name in ("old.nc", "old.zarr"):
        with ldn.open_result(tmp_path / name) as back:
            assert "status" in back.coords
            assert back.marks.identical(ds.marks)
            xr.testing.assert_identical(ldn.summarize(back.load()), ldn.summarize(ds))


def test_a_run_that_breaks_off_leaves_the_earlier_store(tmp_path, monkeypatch):
    from ldnsim.simulation import stream

    model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.01")
    store = tmp_path / "run.zarr"
    ldn.simulate(model, None, duration=48, store=store)
    monkeypatch.setattr(stream, "seal", lambda path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ldn.simulate(model, None, duration=12, store=store)
    assert ldn.open_result(store).time[-1] == 48
    assert [p.name for p in tmp_path.iterdir()] == ["run.zarr"]
