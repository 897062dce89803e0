"""Results on disk: ``.nc`` and ``.zarr`` keep everything, ``.csv`` and ``.parquet`` the time courses."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, a_path, bad, instance, need

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SUFFIXES = (".nc", ".zarr", ".csv", ".parquet")
DIMS = ("model", "regimen", "subject", "time", "analyte")  # columns of a table that are dimensions
_OWN = "ldnsim"  # key under which a Parquet file keeps attributes
_MARK = "written_by"  # attribute of what `save` wrote; taken off again when it is opened
_OURS = (_MARK, "model_hash")  # one of these is an attribute of every result
_NEEDS = {".zarr": "zarr", ".parquet": "pyarrow"}  # packages that are not installed with the base


def save(ds: xr.Dataset, path: str | Path) -> Path:
    """Write a result.

    Parameters
    ----------
    ds : xarray.Dataset
        From `simulate` or `summarize`.
    path : str or Path
        The suffix decides. ``.nc`` (netCDF 4) and ``.zarr`` keep everything. ``.csv`` and ``.parquet`` hold
        one row for each time of each subject of each regimen, and a column for each variable; Parquet keeps
        units and attributes, CSV does not; neither keeps the nodes from which `summarize` computes metrics.

    Returns
    -------
    Path
        What was written. A file or store of that name is replaced once the new one is complete, so a write
        that fails leaves it as it was, and what was opened from a path can be saved to the same path
        (on Windows a ``.nc`` must be closed first).

    Raises
    ------
    InputError
        If the suffix is none of these, the place cannot be written, or a package for the format is missing.

    Examples
    --------
    >>> import tempfile
    >>> import ldnsim as ldn
    >>> ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.single(4.5))
    >>> path = ldn.save(ds, tempfile.mkdtemp() + "/single.nc")
    >>> path.name
    'single.nc'
    """
    import xarray as xr

    from . import __version__

    instance("ds", ds, xr.Dataset, "a Dataset", "the result of simulate() or summarize()")
    path = checked_target(path)
    marked = ds.assign_attrs({_MARK: f"ldnsim {__version__}"})
    with _replacing(path) as new:
        if path.suffix == ".nc":
            marked.to_netcdf(new, engine="h5netcdf")
        elif path.suffix == ".zarr":
            write_zarr(marked, new)
        elif path.suffix == ".csv":
            _table(ds).to_csv(new, index=False)
        else:
            table = _table(ds)
            table.attrs = {
                _OWN: {"attrs": dict(ds.attrs), "variables": {n: dict(ds[n].attrs) for n in ds.variables}}
            }
            table.to_parquet(new, index=False, engine="pyarrow")
    return path


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Hand out a path in a folder beside `path`; what was written there takes its place at the end."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        new = Path(folder) / path.name
        yield new
        if path.is_dir():  # no system moves a folder over another one
            path.rename(Path(folder) / "before")
        new.replace(path)


def open_result(path: str | Path) -> xr.Dataset:
    """Read a result that `save` or ``simulate(store=...)`` wrote.

    Parameters
    ----------
    path : str or Path
        ``.nc``, ``.zarr``, ``.csv`` or ``.parquet``. ``.nc`` and ``.zarr`` are read when a value is needed,
        so a store larger than memory can be opened.

    Returns
    -------
    xarray.Dataset
        As it was saved; from a table the time courses only, without the nodes that `summarize` needs.

    Raises
    ------
    InputError
        If there is no such file, the suffix is none of these, or it is no result.

    Examples
    --------
    >>> import tempfile
    >>> import ldnsim as ldn
    >>> ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.single(4.5))
    >>> path = ldn.save(ds, tempfile.mkdtemp() + "/single.nc")
    >>> with ldn.open_result(path) as back:
    ...     bool((back.endorphin == ds.endorphin).all())
    True
    """
    import pandas as pd
    import xarray as xr

    path = a_path("path", path)
    _check_suffix("path", path, SUFFIXES)
    if not path.exists():
        raise bad("path", str(path), "there is no such file")
    _check_package("path", path)
    try:
        if path.suffix == ".nc":
            return _checked_result(path, xr.open_dataset(path, engine="h5netcdf"), "open_dataset")
        if path.suffix == ".zarr":
            return _checked_result(path, xr.open_zarr(path, chunks=None), "open_zarr")
        if path.suffix == ".csv":  # pandas 2 reads the last digit right only if told to
            return _dataset(path, pd.read_csv(path, float_precision="round_trip"))
        return _dataset(path, pd.read_parquet(path))
    except InputError:
        raise
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise bad("path", str(path), f"cannot be read as {path.suffix}: {reason}") from error


def _checked_result(path: Path, ds: xr.Dataset, other: str) -> xr.Dataset:
    """Refuse a file of another program, as what follows would fail in words that do not say why."""
    if not any(name in ds.attrs for name in _OURS):
        names = sorted(map(str, ds.data_vars))
        ds.close()
        holds = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "") if names else "nothing"
        rule = f"is no result of ldnsim (it holds {holds})"
        raise bad("path", str(path), rule, f"xarray.{other}(path) reads any such file")
    ds.attrs.pop(_MARK, None)
    return _numbers_alone(ds)


def _numbers_alone(ds: xr.Dataset) -> xr.Dataset:
    """Make text a coordinate, as it is in every result; earlier versions had the status among the variables."""
    return ds.set_coords([name for name, v in ds.data_vars.items() if v.dtype.kind in "OSTU"])


def write_zarr(ds: xr.Dataset, path: Path, append: str = "") -> None:
    """Write a zarr store anew, or append along a dimension to the one that is there."""
    how: dict[str, Any] = {"append_dim": append} if append else {"mode": "w"}
    ds.to_zarr(path, zarr_format=2, consolidated=True, **how)


def checked_target(path: str | Path, suffixes: Sequence[str] = SUFFIXES, argument: str = "path") -> Path:
    """Refuse what could not be written, before hours are spent on computing it.

    Parameters
    ----------
    path : str or Path
        File or store to be written.
    suffixes : sequence of str
        Those allowed.
    argument : str
        Name to use in the error message.

    Raises
    ------
    InputError
        If the suffix is none of these, the folder is missing, something else is in the way, the place cannot
        be written, or a package for the format is missing.
    """
    path = a_path(argument, path)
    _check_suffix(argument, path, suffixes)
    if not path.parent.is_dir():
        raise bad(argument, str(path), f"there is no folder {str(path.parent)!r}", "make it first")
    if path.is_dir() and path.suffix != ".zarr":
        raise bad(argument, str(path), "is a folder", "choose another name")
    if path.is_dir() and any(path.iterdir()) and not _is_store(path):
        raise bad(argument, str(path), "is a folder with other things in it", "choose another name")
    if path.suffix == ".zarr" and path.is_file():
        raise bad(argument, str(path), "is a file, a store is a folder", "choose another name")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise bad(argument, str(path), "cannot be written", "choose a place of yours")
    _check_package(argument, path)
    return path


def _is_store(path: Path) -> bool:
    return (path / ".zgroup").exists() or (path / "zarr.json").exists()


def _check_suffix(argument: str, path: Path, suffixes: Sequence[str]) -> None:
    if path.suffix not in suffixes:
        allowed = " or ".join(filter(None, (", ".join(suffixes[:-1]), suffixes[-1])))
        raise bad(argument, str(path), f"must end in {allowed}")


def _check_package(argument: str, path: Path) -> None:
    if path.suffix in _NEEDS:
        need(_NEEDS[path.suffix], "sweep", argument, str(path))


def _table(ds: xr.Dataset) -> pd.DataFrame:
    """One row for each label of each dimension; coordinates with more dimensions than these are left out."""
    ds = ds.reset_coords([c for c in ("status",) if c in ds.coords])
    used = {d for v in ds.data_vars.values() for d in v.dims}
    dims = [d for d in dict.fromkeys((*DIMS, *map(str, ds.dims))) if d in used]
    flat = ds.drop_vars([c for c in ds.coords if not set(ds[c].dims) <= set(dims) or not ds[c].dims])
    if not dims:
        return flat.expand_dims("row").to_dataframe().reset_index(drop=True)
    return flat.to_dataframe(dim_order=dims).reset_index()


def _dataset(path: Path, table: pd.DataFrame) -> xr.Dataset:
    import xarray as xr

    kept = table.attrs.get(_OWN, {})
    dims = [d for d in DIMS if d in table.columns]
    if path.suffix == ".parquet" and _OWN not in table.attrs:
        raise bad("path", str(path), "is no result of ldnsim", "pandas.read_parquet(path) reads any table")
    if "amt" in map(str.lower, map(str, table.columns)):
        raise bad("path", str(path), "is a table of doses, no result", "Regimen.from_records(path) reads it")
    if not dims or not len(table):
        rule = f"is no result of ldnsim: it has no {'rows' if dims else 'column ' + ' or '.join(DIMS)}"
        raise bad("path", str(path), rule, "pandas.read_csv(path) reads any table")
    ds = xr.Dataset.from_dataframe(table.set_index(dims)).sel({d: table[d].unique() for d in dims})
    for name in ("status", "clock"):  # they do not depend on all dimensions of the table
        if name in ds and "time" in dims:
            others = [d for d in dims if d != "time"] if name == "clock" else ["time"]
            ds[name] = ds[name].isel(dict.fromkeys(others, 0), drop=True)
    ds = _numbers_alone(ds.set_coords([c for c in ("clock",) if c in ds]))
    ds.attrs = dict(kept.get("attrs", {}))
    for name, attrs in kept.get("variables", {}).items():
        if name in ds.variables:
            ds[name].attrs = dict(attrs)
    return ds
