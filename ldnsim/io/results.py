"""Results on disk: ``.nc`` and ``.zarr`` keep everything, ``.csv``, ``.parquet`` and ``.xlsx`` the time courses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, a_path, bad, in_short, instance
from ..readouts.marks import as_now
from .netcdf import open_netcdf, write_netcdf
from .place import READABLE, checked_suffix, checked_target, in_place
from .sheets import SPREAD, laid_out, write_excel
from .stores import open_store, seal, write_zarr
from .tables import read_csv, read_parquet, write_csv, write_parquet

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

WHOLE = (".nc", ".zarr")  # which keep every variable along its own dimensions
_MARK = "written_by"  # attribute of what `save` wrote; taken off again when it is opened
_OURS = (_MARK, "model_hash")  # one of these is an attribute of every result


def save(ds: xr.Dataset, path: str | Path) -> Path:
    """Write a result.

    Parameters
    ----------
    ds : xarray.Dataset
        From `simulate` or `summarize`.
    path : str or Path
        The suffix decides. ``.nc`` (netCDF 4) and ``.zarr`` keep everything. ``.csv`` and ``.parquet`` hold
        one row for each time of each subject of each regimen, and a column for each variable; Parquet keeps
        units, attributes and the marks of the doses, CSV the units, in its header (a figure of it shows all
        its times, also those after the last dosing interval); neither keeps the nodes from which `summarize`
        computes metrics. ``.xlsx`` is a spreadsheet, see `to_excel`, and is not read back.

    Returns
    -------
    Path
        What was written. A file or store of that name is replaced once the new one is complete, so a write
        that fails leaves it as it was, and what was opened from a path can be saved to the same path
        (on Windows a ``.nc`` must be closed first).

    Raises
    ------
    InputError
        If the suffix is none of these, the place cannot be written, a package for the format is missing, a
        label would not come back as it is (in ``.csv`` a date, say), or variables of one table would lie along
        other dimensions than others do, as those of a trial.
    OSError
        If the disk is full. What was at `path` is still there.

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

    from .. import __version__

    instance("ds", ds, xr.Dataset, "a Dataset", "the result of simulate() or summarize()")
    if not ds.variables:
        raise bad("ds", "an empty Dataset", "holds nothing to write", "the result of simulate() or summarize()")
    path = checked_target(path)
    if path.suffix.lower() not in WHOLE:
        _check_alike(ds, "; .nc and .zarr keep all")
    marked = ds.assign_attrs({_MARK: f"ldnsim {__version__}"})
    suffix = path.suffix.lower()
    with in_place(path) as new:
        try:
            if suffix == ".nc":
                write_netcdf(marked, new)
            elif suffix == ".zarr":
                write_zarr(marked, new)
                seal(new)
            elif suffix == ".csv":
                write_csv(ds, new)
            elif suffix == ".xlsx":
                write_excel(ds, new)
            else:
                write_parquet(ds, new)
        except (InputError, OSError, MemoryError):
            raise
        except Exception as error:  # a name or an attribute that a format does not know
            raise bad("path", str(path), f"cannot be written as {suffix}: {error}") from error
    return path


def to_excel(ds: xr.Dataset, path: str | Path) -> Path:
    """Write a result as a spreadsheet, with units in the header.

    Parameters
    ----------
    ds : xarray.Dataset
        From `simulate`, `summarize`, `compare`, ...
    path : str or Path
        Ends in ``.xlsx``. The sheet "result" has a row for each label of each dimension and a column for each
        variable, "columns" says what they mean, "about" in words what the result is, "run" all
        that was set. `save` writes the same.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    InputError
        If the suffix is another, the result has more rows than a sheet, or openpyxl is missing
        (``pip install 'ldnsim[excel]'``).

    Examples
    --------
    >>> import tempfile
    >>> import ldnsim as ldn
    >>> ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.single(4.5))
    >>> ldn.to_excel(ds, tempfile.mkdtemp() + "/single.xlsx").name
    'single.xlsx'
    """
    checked_suffix("path", a_path("path", path), (".xlsx",))
    return save(ds, path)


def to_table(ds: xr.Dataset) -> pd.DataFrame:
    """Lay a result out as a table in which no number stands twice.

    Parameters
    ----------
    ds : xarray.Dataset
        From `summarize`, `compare`, `sweep`, `simulate`, ...

    Returns
    -------
    DataFrame
        A row for each label of each dimension (regimen, quantile, subject, time, ...), which are its index, and a
        column for each variable; one of two analytes has a column for each, "cmax naltrexone". ``ds.to_dataframe()``
        would repeat all other columns for each analyte. ``attrs["units"]`` holds the units.

    Raises
    ------
    InputError
        If variables lie along other dimensions than others do, as those of a trial.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> r = {"LDN": ldn.Regimen.daily(4.5, days=3), "standard": ldn.Regimen.daily(50, days=3)}
    >>> table = ldn.to_table(ldn.summarize(ldn.simulate(ldn.load_model("ldn"), r), ["cmax", "change_il6"]))
    >>> list(table.index), list(table.columns)
    (['LDN', 'standard'], ['cmax naltrexone', 'cmax naltrexol', 'change_il6'])
    >>> table.attrs["units"]["cmax naltrexone"]
    'ng/mL'
    """
    import xarray as xr

    from ..frames import shown_whole

    instance("ds", ds, xr.Dataset, "a Dataset", "the result of simulate() or summarize()")
    _check_alike(ds, "")
    table, units = laid_out(ds)
    dims = [name for name in table if name in ds.dims]
    found = shown_whole(table.set_index(dims) if dims else table)
    found.attrs = {"units": {name: unit for name, (_, unit) in units.items() if unit}}
    return found


def _check_alike(ds: xr.Dataset, beside: str) -> None:
    """Refuse variables of which some would be repeated along the dimensions of others."""
    along: dict[frozenset, Any] = {}
    for name, values in ds.data_vars.items():
        along.setdefault(frozenset(values.dims) - set(SPREAD), name)
    if len(along) > 1:
        told = (f"{name!r} along {' x '.join(sorted(map(str, dims))) or 'nothing'}" for dims, name in along.items())
        remedy = f"choose those of one kind, as in ds[[{next(iter(along.values()))!r}]]"
        remedy += _told_in_each_row(ds, along) + beside
        raise bad("ds", in_short(ds), f"holds {', '.join(told)}, which are no columns of one table", remedy)


def _told_in_each_row(ds: xr.Dataset, along: dict[frozenset, Any]) -> str:
    """Say how numbers that tell of rows, as the weight of a subject does of its course, are written beside them."""
    most = max(along, key=len)
    if not all(dims <= most for dims in along):
        return ""
    names = [name for name, values in ds.data_vars.items() if not most <= set(values.dims)]
    return f", or tell the others in each row: ds.set_coords({names})"


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
        If there is no such file, the suffix is none of these, it is no result, or it is not whole: cut short,
        damaged, or with a part missing (what an earlier version wrote is checked as far as it can be).

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
    return read_result("path", path)


def read_result(argument: str, path: str | Path) -> xr.Dataset:
    """Read a file that an argument names; see `open_result`."""
    path = a_path(argument, path)
    suffix = checked_suffix(argument, path, READABLE)
    if not path.exists():
        raise bad(argument, str(path), "there is no such file")
    if path.is_file() and not path.stat().st_size:
        raise bad(argument, str(path), "is an empty file")
    try:
        if suffix == ".nc":
            return _checked_result(path, open_netcdf(path), "open_dataset")
        if suffix == ".zarr":
            return _checked_result(path, open_store(path), "open_zarr")
        return read_csv(path) if suffix == ".csv" else read_parquet(path)
    except InputError:
        raise
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise bad(argument, str(path), f"cannot be read as {suffix}: {reason}") from error


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
    return as_now(ds.set_coords([name for name, v in ds.data_vars.items() if v.dtype.kind in "OSTU"]))
