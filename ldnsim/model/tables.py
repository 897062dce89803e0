"""What the tables of a model's folder hold: their columns, what names a row, and which cells are numbers."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from ..errors import ModelError
from ..textfiles import read_text
from .lines import nearest
from .parameters import GRADES, Parameter, check_possible, number, rows_of

ABOUT = ("grade", "source", "where", "note")
TARGET = (
    *("id", "endpoint", "reduce", "variable", "drug", "dose", "formulation", "ii", "n", "from_h", "to_h"),
    *("since_h", "change", "via", "condition", "in_trial", "challenge", "challenge_dose", "challenge_form"),
    *("challenge_h", "contrast", "value", "residual", "sd"),
)


class Shape(NamedTuple):
    """The columns of a table, beside `ABOUT`.

    Attributes
    ----------
    needed, others : tuple of str
        Columns that must and that may stand in it.
    key : tuple of str
        Columns that name a row, which is given once; none: rows may be alike.
    numbers : tuple of str
        Columns whose cells are numbers, or empty.
    sets : bool
        Whether any other column is a parameter that a row sets.
    """

    needed: tuple[str, ...]
    key: tuple[str, ...]
    others: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    sets: bool = False


_SPLIT = ("drug", "formulation", "cmt", "fraction", "lag", "duration")  # a dose may be split
TABLES = {
    "formulations": Shape(_SPLIT, key=_SPLIT),
    "drugs": Shape(
        ("drug",),
        key=("drug",),
        others=("kind", "unit", "description", "formulation"),
        numbers=("interval", "free_from", "free_to"),
        sets=True,
    ),
    "covariates": Shape(
        ("covariate", "level", "parameter", "value"),
        key=("covariate", "level", "parameter"),
        others=("unit",),
        numbers=("value",),
    ),
    "correlations": Shape(("first", "second", "correlation"), key=()),  # a pair is refused in either order
    "priors": Shape(("id", "median", "gsd"), key=("id",), numbers=("median", "gsd")),
    "targets": Shape(TARGET, key=("id", "endpoint")),
}
_DRAWS = "posterior"  # in which a row may come again


def check_tables(folder: Path, parameters: Mapping[str, Parameter]) -> None:
    """Refuse tables of a folder with columns or cells that nothing reads, or that cannot be; see `rows_in`."""
    for name in TABLES:
        path = folder / f"{name}.csv"
        if path.is_file():
            rows_in(read_text(path, ModelError), path.name, parameters)


def rows_in(text: str, file: str, parameters: Mapping[str, Parameter] | None = None) -> list[dict[str, str]]:
    """Take a table of a model's folder apart.

    Parameters
    ----------
    text, file : str
        What the file holds, and its name.
    parameters : dict of str to Parameter, optional
        Parameters of the model, which columns of what a row sets must name; not looked at if not given.

    Raises
    ------
    ModelError
        Naming file, line and column: a missing, unknown or second column, a surplus cell, a row given twice, what
        is no number, or none that its parameter can have, an unknown grade.
    """
    columns = next(csv.reader(StringIO(text)), [])
    name = file.removesuffix(".csv")
    of = TABLES.get(name)
    if of is None:
        return [row for _, row in rows_of(text, file, key=() if name == _DRAWS else columns[:1])]
    known = (*of.needed, *of.others, *(c for c in of.numbers if c not in of.needed), *ABOUT)
    own = [c for c in columns if c not in known] if of.sets else []
    strange = [c for c in own if parameters is not None and c not in parameters]
    if strange:
        guess = nearest(strange[0], [*known, *(parameters or ())], "; ")
        raise ModelError(f"{file}, line 1: {strange[0]!r} is no column of this table and no parameter of the model{guess}")
    rows = rows_of(text, file, of.needed, (*known, *own), of.key)
    for line, row in rows:
        where = f"{file}, line {line}"
        _check_cells(row, where, (*of.numbers, *own))
        if parameters is not None:
            check_possible({p: number(row[p], where, p) for p in own if row[p]}, parameters, where)
            if name == "covariates":
                _check_covariate(row, where, parameters)
    return [row for _, row in rows]


def _check_covariate(row: dict[str, str], where: str, parameters: Mapping[str, Parameter]) -> None:
    """Refuse a covariate that sets no parameter, and a level that says no value, or one that cannot be."""
    parameter = row["parameter"]
    if parameter not in parameters:
        guess = nearest(parameter, parameters, "; ")
        raise ModelError(f"{where}: parameter={parameter!r} is no parameter of the model{guess}")
    if row["level"]:
        check_possible({parameter: number(row["value"], where, "value")}, parameters, where)
    elif row["value"]:
        rule = f"value={row['value']!r} belongs to no level; name one, or leave the value out"
        raise ModelError(f"{where}: {rule}")


def _check_cells(row: dict[str, str], where: str, numbers: tuple[str, ...]) -> None:
    for column in numbers:
        number(row.get(column, ""), where, column, empty=0.0)
    if row.get("grade") and row["grade"] not in GRADES:
        raise ModelError(f"{where}: grade={row['grade']!r}: must be one of {', '.join(GRADES)}")
