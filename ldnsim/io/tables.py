"""Results as tables, ``.csv`` and ``.parquet``: a row for each label of each dimension, a column a variable.

The last column of a CSV file numbers its rows and bears a checksum of each ("1 of 337 rows, 5a3c11f0"), so that a file
that was cut short or damaged is known. Its head says so and names the dimensions; lines of comments would stop what
reads a plain table. The heads of the other columns bear their unit. Parquet keeps the dimensions, units,
attributes and marks of the doses beside the table.
"""

from __future__ import annotations

import csv
import json
import re
import zlib
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import bad
from ..readouts.marks import RUN, beside_a_table, from_a_table, of_one_run
from ..textfiles import read_table
from . import cells
from .headers import headed, unheaded

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

DIMS = ("model", "regimen", "subject", "time", "analyte", "quantile")  # where the last column was taken out
_SAYS = ": number and checksum of each row by which ldnsim knows a file that was cut short or damaged"
_ROW = re.compile(rf"row \((.*?)\)(?:{re.escape(_SAYS)})?")  # earlier versions did not say
_NUMBERED = re.compile(
    r"(\d{1,18}) of (\d{1,18}) rows(?:, ([0-9a-f]{8}))?", re.ASCII
)  # early versions: no checksum
_OWN, _SUM = "ldnsim", "ldnsim checksum"  # keys under which a Parquet file keeps attributes


def write_csv(ds: xr.Dataset, path: Path) -> None:
    """Write a table that comes back as it was, but for attributes; of these it keeps the units."""
    table, dims = _table(ds)
    n = len(table)
    for name in table.columns:
        kind = getattr(table[name].dtype, "kind", "O")
        if name in dims:
            table[name] = _label_cells(name, ds[name].values, table[name])
        elif kind == "f":  # in double precision, whose digits single precision does not write
            table[name] = ["" if v != v else repr(v) for v in table[name].astype(np.float64).tolist()]
        elif kind in "biu":
            table[name] = list(map(repr, table[name].tolist()))
        else:
            table[name] = cells.written(np.array(["" if v != v else str(v) for v in table[name]]))
    odd = any("\r" in cell for name in table for cell in table[name])
    units = {str(name): str(v.attrs.get("units", "")) for name, v in ds.variables.items()}
    table.columns = [cells.marked(headed(str(c), units.get(str(c), ""))) for c in table.columns]
    row = f"row ({' x '.join(dims)}){_SAYS}"
    table[row] = [f"{k} of {n} rows, {sum_}" for k, sum_ in enumerate(_sums(table, row), start=1)]
    table.to_csv(path, index=False, quoting=csv.QUOTE_NONNUMERIC if odd else csv.QUOTE_MINIMAL)


def _sums(table: pd.DataFrame, row: str) -> list[str]:
    """Sum up the cells of each row, and the names of its columns and dimensions."""
    head = zlib.crc32("\n".join([*table.columns, row]).encode())
    lines = zip(*(table[name].tolist() for name in table), strict=True)
    return [f"{zlib.crc32(chr(10).join(line).encode(), head):08x}" for line in lines]


def _label_cells(name: str, labels: np.ndarray, column: pd.Series) -> pd.Series:
    """Cells of a dimension; labels that would not come back as they are are refused."""
    texts = cells.written(labels)
    back = cells.read(texts)
    for label, found in zip(labels.tolist(), back.tolist(), strict=True):
        if "\0" in str(label) or (label != found and not (label != label and found != found)):
            remedy = "save it as .nc, .zarr or .parquet"
            raise bad(name, label, f"would come back from a CSV file as {found!r}", remedy)
    return column.map(dict(zip(labels, texts, strict=True)))


def write_parquet(ds: xr.Dataset, path: Path) -> None:
    """Write a table with units and attributes beside it."""
    table, dims = _table(ds)
    kept = {
        "attrs": dict(ds.attrs),
        "variables": {str(n): dict(ds[n].attrs) for n in ds.variables},
        "dims": dims,
        "coords": {str(n): list(c.dims) for n, c in ds.coords.items() if n in table and n not in dims},
        "marks": beside_a_table(ds),
    }
    table.attrs = {_OWN: kept, _SUM: _checksum(table, kept)}
    table.to_parquet(path, index=False, engine="pyarrow", write_page_checksum=True)


def _table(ds: xr.Dataset) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows and the dimensions; what has further dimensions, as nodes and marks have, is left out."""
    ds = told_of_each(ds)
    _check_labels(ds)
    shapes = sorted((v.dims for v in ds.data_vars.values()), key=len, reverse=True)
    dims = list(dict.fromkeys(str(d) for shape in shapes for d in shape))
    flat = ds.drop_vars([c for c in ds.coords if not set(ds[c].dims) <= set(dims) or not ds[c].dims])
    return rows_of(flat, dims), dims


def _check_labels(ds: xr.Dataset) -> None:
    """Refuse labels by which rows could not be told apart when they are read."""
    for dim, index in ds.indexes.items():
        if index.nlevels > 1:
            raise bad(str(dim), index.names, "is a dimension of several others, which no table has", f"ds.unstack({dim!r})")
        if not index.is_unique:
            twice = index[index.duplicated()].tolist()[0]
            raise bad(str(dim), twice, "is the label of two, which rows could not be told apart by", "rename one of them")


def told_of_each(ds: xr.Dataset) -> xr.Dataset:
    """Make the word that says how each run ended a variable; that of a single run stands in all its rows."""
    if RUN in ds.dims and not any(RUN in v.dims for v in ds.data_vars.values()):
        ds = ds.isel({RUN: 0})
    return ds.reset_coords("status") if "status" in ds.coords else ds


def rows_of(flat: xr.Dataset, dims: list[str]) -> pd.DataFrame:
    """Return a row for each label of each dimension, the dimensions first; one row where there is none."""
    if not dims:
        return flat.expand_dims("row").to_dataframe().reset_index(drop=True)
    return flat.to_dataframe(dim_order=dims).reset_index()


def read_csv(path: Path) -> xr.Dataset:
    """Read a table that `write_csv` wrote, or an earlier version."""
    import pandas as pd

    text = read_table("path", path)
    head = pd.read_csv(StringIO(text), nrows=0, dtype=str).columns.tolist()
    row, named = next(((m[0], m[1]) for m in map(_ROW.fullmatch, head) if m), (None, ""))
    names = {h: unheaded(cells.unmarked(h)) for h in head}
    found = {name for name, _ in names.values()}
    dims = [d for d in named.split(" x ") if d] if row else [d for d in DIMS if d in found]
    table = pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
    _refuse_others(path, table, dims if row is None else ["row"])
    if row is not None:
        _check_whole(path, table.pop(row), table)
    elif table.map(_NUMBERED.fullmatch).any(axis=None):
        raise bad("path", str(path), "is damaged: no head names its dimensions")
    columns: dict[str, np.ndarray] = {}
    kept: dict[str, dict[str, str]] = {}
    for head in table:
        name, unit = names[head]
        columns[name] = cells.read(table[head].fillna("").tolist())
        kept |= {name: {"units": unit}} if unit else {}
    return _dataset(path, pd.DataFrame(columns), dims, {"variables": kept})


def _refuse_others(path: Path, table: pd.DataFrame, dims: Sequence[str]) -> None:
    if "amt" in map(str.lower, map(str, table.columns)):
        raise bad("path", str(path), "is a table of doses, no result", "Regimen.from_records(path) reads it")
    if not dims or not len(table):
        rule = f"is no result of ldnsim: it has no {'rows' if dims else 'column ' + ' or '.join(DIMS)}"
        raise bad("path", str(path), rule, "pandas.read_csv(path) reads any table")


def _check_whole(path: Path, rows: pd.Series, table: pd.DataFrame) -> None:
    """Refuse a file from which rows are missing, in whatever order they are, or in which any cell is another one."""
    remedy = f"if it was changed on purpose, take out the column {rows.name!r} too"
    found = [m.groups() for m in map(_NUMBERED.fullmatch, rows) if m]
    n = max((int(of) for _, of, _ in found), default=0)
    if {int(k) for k, of, _ in found if int(of) == n} != set(range(1, n + 1)) or not len(rows) == len(found) == n:
        raise bad("path", str(path), f"is cut short: {len(rows)} rows of {n or 'more'} are whole", remedy)
    sums = _sums(table.fillna(""), str(rows.name))
    told = zip((sum_ for _, _, sum_ in found), sums, strict=True)
    wrong = [k for k, (sum_, own) in enumerate(told, start=1) if sum_ not in (None, own)]
    if wrong:
        raise bad(
            "path", str(path), f"is damaged: line {wrong[0] + 1} does not add up to its checksum", remedy
        )


def read_parquet(path: Path) -> xr.Dataset:
    """Read a table that `write_parquet` wrote, or an earlier version."""
    import pandas as pd

    table = pd.read_parquet(path, engine="pyarrow", page_checksum_verification=True)
    if _OWN not in table.attrs:
        raise bad("path", str(path), "is no result of ldnsim", "pandas.read_parquet(path) reads any table")
    kept = table.attrs[_OWN]
    if table.attrs.get(_SUM, _checksum(table, kept)) != _checksum(table, kept):
        remedy = "if it was changed on purpose, pandas.read_parquet(path) reads it"
        raise bad("path", str(path), "is damaged: its checksum is not the one it was written with", remedy)
    dims = kept.get("dims", [d for d in DIMS if d in table.columns])
    _refuse_others(path, table, dims or ["row"])
    return _dataset(path, table, dims, kept)


def _checksum(table: pd.DataFrame, kept: dict[str, Any]) -> int:
    """Checksum of all values, names and attributes."""
    found = zlib.crc32(json.dumps(kept, default=str).encode())
    for name in table:
        values = _plain(table[name])
        data = values if values.dtype.kind in "biuf" else "\0".join(map(str, values)).encode()
        found = zlib.crc32(data, zlib.crc32(str(name).encode(), found))
    return found


def _dataset(path: Path, table: pd.DataFrame, dims: Sequence[str], kept: dict[str, Any]) -> xr.Dataset:
    """Give each row its place in the grid of all labels."""
    import pandas as pd

    from ..labelled import Dataset

    codes, coords = [], {}
    for name in dims:
        code, labels = pd.factorize(table[name], use_na_sentinel=False)
        codes.append(code)
        coords[name] = np.asarray(labels, dtype=None if labels.dtype.kind in "biufM" else np.str_)
    shape = tuple(map(len, coords.values()))
    place = np.ravel_multi_index(codes, shape) if dims else np.zeros(len(table), int)
    size = int(np.prod(shape))
    if len(place) != size or len(np.unique(place)) < size:
        rule = f"is not whole: its labels make {' x '.join(map(str, shape))} rows, it holds {len(place)}"
        raise bad("path", str(path), rule)
    order = np.argsort(place)
    grid = {
        name: (dims, _plain(table[name]).take(order).reshape(shape)) for name in table if name not in coords
    }
    ds: xr.Dataset = Dataset(grid, coords, kept.get("attrs"))
    for name, own in (_beside(ds) | kept.get("coords", {})).items():
        ds[name] = ds[name].isel({d: 0 for d in ds[name].dims if d not in own}, drop=True)
        ds = ds.set_coords(name)
    ds = from_a_table(ds, kept.get("marks", {}))
    ds = of_one_run(ds) if "time" in dims else ds
    for name, attrs in kept.get("variables", {}).items():
        if name in ds.variables:
            ds[name].attrs = dict(attrs)
    return ds


def _beside(ds: xr.Dataset) -> dict[str, tuple[str, ...]]:
    """Coordinates by name, and the dimensions they depend on."""
    text = {str(name): v.dims for name, v in ds.data_vars.items() if v.dtype.kind == "U"}
    known = {"clock": ("time",), "status": [d for d in ds.dims if d not in ("time", "analyte")]}
    return text | {name: dims for name, dims in known.items() if name in ds}


def _plain(column: pd.Series) -> np.ndarray:
    values = np.asarray(column)
    return values if values.dtype.kind in "biufM" else np.array(["" if t != t else str(t) for t in values])
