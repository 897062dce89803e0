"""Results on disk: ``.nc`` and ``.zarr`` keep everything, ``.csv`` and ``.parquet`` the time courses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, bad

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SUFFIXES = (".nc", ".zarr", ".csv", ".parquet")
DIMS = ("model", "regimen", "subject", "time", "analyte")  # columns of a table that are dimensions
_OWN = "ldnsim"  # key under which a Parquet file keeps attributes


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
        What was written. A file or store of that name is replaced.

    Raises
    ------
    InputError
        If the suffix is none of these, or the folder does not exist.
    """
    path = _checked(path)
    if not path.parent.is_dir():
        raise bad("path", str(path), f"there is no folder {str(path.parent)!r}", "make it first")
    if path.suffix == ".nc":
        ds.to_netcdf(path, engine="h5netcdf")
    elif path.suffix == ".zarr":
        _need("zarr")
        write_zarr(ds, path)
    elif path.suffix == ".csv":
        _table(ds).to_csv(path, index=False)
    else:
        _need("pyarrow")
        table = _table(ds)
        table.attrs = {
            _OWN: {"attrs": dict(ds.attrs), "variables": {n: dict(ds[n].attrs) for n in ds.variables}}
        }
        table.to_parquet(path, index=False, engine="pyarrow")
    return path


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

    Raises
    ------
    InputError
        If there is no such file, the suffix is none of these, or it is no result.
    """
    import pandas as pd
    import xarray as xr

    path = _checked(path)
    if not path.exists():
        raise bad("path", str(path), "there is no such file")
    try:
        if path.suffix == ".nc":
            return xr.open_dataset(path, engine="h5netcdf")
        if path.suffix == ".zarr":
            _need("zarr")
            return xr.open_zarr(path, chunks=None)
        if path.suffix == ".csv":
            return _dataset(pd.read_csv(path))
        _need("pyarrow")
        return _dataset(pd.read_parquet(path, engine="pyarrow"))
    except InputError:
        raise
    except Exception as error:
        raise bad("path", str(path), f"cannot be read as {path.suffix}: {error}") from error


def write_zarr(ds: xr.Dataset, path: Path, append: str = "") -> None:
    """Write a zarr store anew, or append along a dimension to the one that is there."""
    how: dict[str, Any] = {"append_dim": append} if append else {"mode": "w"}
    if not append and path.is_dir() and any(path.iterdir()) and not (path / ".zgroup").exists():
        raise bad("path", str(path), "is a folder with other things in it", "choose another name")
    ds.to_zarr(path, zarr_format=2, consolidated=True, **how)


def _checked(path: str | Path) -> Path:
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise bad("path", str(path), f"must end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")
    return path


def _need(package: str) -> None:
    import importlib.util

    if importlib.util.find_spec(package) is None:
        raise InputError(f"this format needs the package {package}: pip install 'ldnsim[sweep]'")


def _table(ds: xr.Dataset) -> pd.DataFrame:
    """One row for each label of each dimension; coordinates with more dimensions than these are left out."""
    dims = [
        d
        for d in (*DIMS, *map(str, ds.dims))
        if d in ds.dims and any(d in v.dims for v in ds.data_vars.values())
    ]
    dims = list(dict.fromkeys(dims))
    flat = ds.drop_vars([c for c in ds.coords if not set(ds[c].dims) <= set(dims) or not ds[c].dims])
    if not dims:
        return flat.expand_dims("row").to_dataframe().reset_index(drop=True)
    return flat.to_dataframe(dim_order=dims).reset_index()


def _dataset(table: pd.DataFrame) -> xr.Dataset:
    import xarray as xr

    kept = table.attrs.get(_OWN, {})
    dims = [d for d in DIMS if d in table.columns]
    if not dims:
        raise bad("columns", [*table.columns], f"hold none of the dimensions {', '.join(DIMS)}")
    ds = xr.Dataset.from_dataframe(table.set_index(dims)).sel({d: table[d].unique() for d in dims})
    for name in ("status", "clock"):  # they do not depend on all dimensions of the table
        if name in ds and "time" in dims:
            others = [d for d in dims if d != "time"] if name == "clock" else ["time"]
            ds[name] = ds[name].isel(dict.fromkeys(others, 0), drop=True)
    ds = ds.set_coords([c for c in ("clock",) if c in ds])
    ds.attrs = dict(kept.get("attrs", {}))
    for name, attrs in kept.get("variables", {}).items():
        if name in ds.variables:
            ds[name].attrs = dict(attrs)
    return ds
