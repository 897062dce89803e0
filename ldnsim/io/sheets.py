"""Results as a spreadsheet, ``.xlsx``: a table with units in its head, what its columns mean, what it is, what ran."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import bad
from ..readouts import CUT, meaning
from ..readouts.carried import OFFERED
from ..readouts.marks import FINISHED
from .about import about
from .headers import headed
from .tables import rows_of, told_of_each

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ROWS = 1_048_575  # that a sheet holds below its head
SPREAD = ("analyte",)  # dimensions that name parts of a number: a column for each label
_LONGEST = 32_767  # characters of a cell
_NARROWEST, _WIDEST = 10, 72  # characters of a column; longer texts are wrapped
_WRAPPED = 1_500  # characters of a text that is wrapped; the lines of a longer one would not fit into a row


def write_excel(ds: xr.Dataset, path: Path) -> None:
    """Write the sheets "result", "columns", "about" and "run"."""
    import openpyxl
    import pandas as pd

    table = frame(ds)
    if len(table) > ROWS:
        raise bad(
            "path",
            str(path),
            f"would hold {len(table)} rows, and a sheet holds {ROWS}",
            "save it as .parquet",
        )
    set_ = [(name, _plain(value)) for name, value in ds.attrs.items() if name != OFFERED]
    meanings = [(h, _told(ds, v, "units"), _meaning(ds, v)) for h, v in _columns(table)]
    words = about(ds)  # before a sheet is begun, which would complain of its own if it were left open
    book = openpyxl.Workbook(write_only=True)
    _sheet(book, "result", table)
    _sheet(book, "columns", pd.DataFrame(meanings, columns=["column", "unit", "meaning"], dtype=object))
    _sheet(book, "about", pd.DataFrame(words, columns=["what", "in words"], dtype=object))
    _sheet(book, "run", pd.DataFrame(set_, columns=["attribute", "value"], dtype=object))
    book.save(path)


def write_frame(table: pd.DataFrame, path: Path) -> None:
    """Write a table as the one sheet "result"."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    _sheet(book, "result", table)
    book.save(path)


def frame(ds: xr.Dataset) -> pd.DataFrame:
    """Make a table of a result: a row for each label of each dimension, a column a variable, with its unit.

    What lies along a dimension that others do not have and that is no axis of runs, as analytes do, has a
    column for each label, so that nothing is repeated. How runs ended is told where one did not finish.
    """
    table, units = laid_out(ds)
    table.attrs["variables"] = {headed(key, unit): name for key, (name, unit) in units.items()}
    return table.rename(columns={key: headed(key, unit) for key, (_, unit) in units.items()})


def laid_out(ds: xr.Dataset) -> tuple[pd.DataFrame, dict[str, tuple[str, str]]]:
    """Make that table with plain names, and tell the variable and the unit of each column."""
    spread, flat = _spread(ds), told_of_each(ds)
    dims = list(dict.fromkeys(str(d) for v in ds.data_vars.values() for d in v.dims if d not in spread))
    flat = flat.drop_vars([c for c in flat.coords if not set(flat[c].dims) <= set(dims) and c not in spread])
    columns: dict[str, Any] = {}
    units = {}
    for name, values in flat.variables.items():
        own = [d for d in values.dims if d in spread]
        if name in dims or name in spread or (name in flat.coords and not values.dims and dims):
            continue
        if _says_nothing(str(name), values):
            continue
        for key, part in _parts(str(name), flat[name], own):
            columns[key], units[key] = part.drop_vars(part.coords), (str(name), values.attrs.get("units", ""))
    units |= {d: (d, ds[d].attrs.get("units", "") if d in ds.coords else "") for d in dims}
    return _rows(flat, columns, dims), units


def _says_nothing(name: str, values: xr.Variable) -> bool:
    """Whether a column is there for programs alone: that all runs finished, that no number was cut off."""
    if name == "status":
        return bool((values == FINISHED).all())
    return name.endswith(CUT) and not bool((values == 1).any())


def _rows(flat: xr.Dataset, columns: dict[str, Any], dims: list[str]) -> pd.DataFrame:
    import xarray as xr

    found = xr.Dataset(columns, {d: flat.variables[d] for d in dims if d in flat.coords})
    table = rows_of(found, dims)
    first = [c for c in (*dims, "clock") if c in table] if dims else []
    return table[[*first, *(c for c in table.columns if c not in first)]]


def _spread(ds: xr.Dataset) -> list[str]:
    """Dimensions that some numbers have and others do not, and that name parts of a number."""
    return [d for d in SPREAD if d in ds.dims and any(d in v.dims for v in ds.data_vars.values())]


def _parts(name: str, values: xr.DataArray, own: list[Any]) -> Iterable[tuple[str, xr.DataArray]]:
    if not own:
        yield name, values
        return
    for label in values[own[0]].values:
        yield from _parts(f"{name} {label}", values.sel({own[0]: label}), own[1:])


_AXES = {
    "regimen": "what is taken",
    "model": "the model, or a reading of it",
    "subject": "one person, or one draw of what is not known",
    "quantile": "0.05, 0.5 (the median) and 0.95 over the draws",
    "status": "how the trajectory ended",
}  # meaning of labels that say none themselves


def _told(ds: xr.Dataset, name: str, what: str) -> str:
    return str(ds[name].attrs.get(what, "")) if name in ds.variables else ""


def _meaning(ds: xr.Dataset, name: str) -> str:
    usual = _AXES.get(name, "")
    return meaning(ds[name].attrs, usual) if name in ds.variables else usual


def _columns(table: pd.DataFrame) -> list[tuple[str, str]]:
    return [
        (head, table.attrs["variables"][head]) for head in table.columns if head in table.attrs["variables"]
    ]


def _sheet(book: Any, title: str, table: pd.DataFrame) -> None:
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    widths = [_width(name, table.iloc[:, k]) for k, name in enumerate(table.columns)]
    for k, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(k)].width = width
    sheet.append([_cell(sheet, str(name), width, bold=True) for name, width in zip(table, widths, strict=True)])
    for row in table.itertuples(index=False, name=None):
        sheet.append([_cell(sheet, value, width) for value, width in zip(row, widths, strict=True)])


def _width(head: Any, column: pd.Series) -> int:
    """Characters that a column needs for its head and its longest text; a number fits whatever there is."""
    texts = [] if column.dtype.kind in "biuf" else [v for v in map(_plain, column.unique()) if isinstance(v, str)]
    return min(max(_NARROWEST, *(len(text) + 2 for text in (str(head), *texts))), _WIDEST)


def _cell(sheet: Any, value: Any, width: int, bold: bool = False) -> Any:
    """Make a cell: numbers as such, all else as text, which no spreadsheet runs."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font

    value = _plain(value)
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(" ", value)[:_LONGEST])
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    if width < len(value) + 2 <= _WRAPPED:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _plain(value: Any) -> Any:
    """Return a number, True or False, or text; None, an empty cell, where there is no number."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else None if np.isnan(value) else str(value)
    return str(value)
