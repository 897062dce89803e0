"""The parameter table: one home for each number, with its unit, spread, grade and source."""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError, ModelError, bad
from ..numeric import number_of
from ..textfiles import read_text
from ..units import is_pure
from .document import Document

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

GRADES = ("measured", "secondary", "derived", "fitted", "assumed")  # the weakest last
NUMBERS = ("value", "iiv_cv", "uncertainty_gsd", "lower", "upper")
TEXTS = ("unit", "description", "grade", "source", "where", "note")
MOST_GSD = 10.0  # from there on likely percent
_SPREADS = (("iiv_cv", "0.3", 5.0), ("uncertainty_gsd", "1.3", MOST_GSD))  # the same
COLUMNS = ("id", "value", "unit", "description", "iiv_cv", "uncertainty_gsd", "lower", "upper", *TEXTS[2:])


@dataclass(frozen=True)
class Parameter:
    """One row of the table.

    Attributes
    ----------
    id, unit, description : str
    value : float
        Nominal value, in `unit`.
    iiv_cv : float
        Coefficient of variation between subjects (1), NaN for none.
    uncertainty_gsd : float
        Geometric standard deviation of the estimate (1), NaN for unknown.
    lower, upper : float
        Bounds of calibration and draws, in `unit`; NaN for none.
    grade : str
        ``measured`` (stands in the source, read there), ``secondary`` (read elsewhere), ``derived`` (computed from
        such), ``fitted`` or ``assumed``.
    source : str
        Key of the reference, ``""`` for none.
    where : str
        Place in the source; ``""`` for none.
    note : str
    """

    id: str
    value: float
    unit: str = ""
    description: str = ""
    iiv_cv: float = math.nan
    uncertainty_gsd: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    grade: str = "assumed"
    source: str = ""
    where: str = ""
    note: str = ""

    def __eq__(self, other: object) -> bool:
        """Compare; what neither says, NaN, is alike, which Python from 3.13 on does not take it for."""
        return self._told == other._told if isinstance(other, Parameter) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._told)

    @property
    def _told(self) -> tuple[float | str | None, ...]:
        rows = (getattr(self, field.name) for field in dataclasses.fields(self))
        return tuple(None if value != value else value for value in rows)


def read_parameters(path: Path) -> tuple[Parameter, ...]:
    """Read and check a parameters.csv.

    Raises
    ------
    ModelError
        Naming file, line, parameter and column: an unknown or missing column, a value that is no finite
        number, a bad grade, bounds that exclude the value, an id given twice.
    """
    needed = ("id", "value", "unit", "description", "grade", "source")
    rows = read_rows(path, needed, COLUMNS, key=("id",))
    return tuple(_checked(row, f"{path.name}, line {line}") for line, row in rows)


def read_rows(
    path: Path, required: Sequence[str], allowed: Sequence[str] | None = None, key: Sequence[str] = ()
) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV file as (line number, row); see `rows_of`."""
    return rows_of(read_text(path, ModelError), path.name, required, allowed, key)


def rows_of(
    text: str,
    name: str,
    required: Sequence[str] = (),
    allowed: Sequence[str] | None = None,
    key: Sequence[str] = (),
) -> list[tuple[int, dict[str, str]]]:
    """Take a table apart into (line number, row); refuse missing, unknown and surplus columns, and a row given twice.

    Parameters
    ----------
    text, name : str
        What the file holds, and what it is called in messages.
    required : sequence of str
    allowed : sequence of str, optional
        All columns that may stand in the file; any, if not given.
    key : sequence of str
        Columns that name a row; none: rows may be alike.
    """
    reader = csv.DictReader(StringIO(text), strict=True)
    try:
        columns = list(reader.fieldnames or ())
        unknown = [c for c in columns if allowed is not None and c not in allowed]
        missing = [c for c in required if c not in columns]
        twice = [c for c in dict.fromkeys(columns) if columns.count(c) > 1]
        if unknown or missing or twice or not columns:
            named = allowed or required
            said = {"unknown": unknown, "missing": missing, "given twice": twice}
            raise ModelError(
                f"{name}, line 1: columns must be {', '.join(named) if named else 'named, each once'}"
                + "".join(f"; {what}: {', '.join(some)}" for what, some in said.items() if some)
            )
        rows, names = [], set()
        for row in reader:
            if None in row or None in row.values():
                raise ModelError(f"{name}, line {reader.line_num}: {len(columns)} fields are expected")
            row = {k: v.strip() for k, v in row.items()}
            called = tuple(row.get(column, "") for column in key)
            if key and called in names:
                raise ModelError(f"{name}, line {reader.line_num}: {' '.join(filter(None, called))!r} is given twice")
            names.add(called)
            rows.append((reader.line_num, row))
    except csv.Error as error:  # such as a quotation mark that is never closed
        raise ModelError(f"{name}, line {reader.line_num}: is not CSV: {error}") from None
    return rows


def number(text: str, where: str, column: str, empty: float | None = None) -> float:
    """Read a finite number; an empty field is `empty`, or refused if that is None."""
    if not text and empty is not None:
        return empty
    value = number_of(text)
    if not math.isfinite(value):
        raise ModelError(f"{where}: {column}={text!r}: must be a finite number")
    return value


def _checked(row: dict[str, str], where: str) -> Parameter:
    where = f"{where}, parameter {row['id']!r}"
    numbers = {
        c: number(row.get(c, ""), where, c, None if c == "value" else math.nan) for c in NUMBERS if c in row
    }
    parameter = Parameter(row["id"], **numbers, **{c: row[c] for c in TEXTS if c in row})
    if parameter.grade not in GRADES:
        raise ModelError(f"{where}: grade={parameter.grade!r}: must be one of {', '.join(GRADES)}")
    if parameter.grade != "assumed" and parameter.source in ("", "assumed"):
        raise ModelError(
            f"{where}: source={parameter.source!r}: a {parameter.grade} value must name its source"
        )
    if parameter.lower > parameter.value or parameter.upper < parameter.value:
        raise ModelError(
            f"{where}: value={parameter.value!r}: must lie between lower={parameter.lower!r} "
            f"and upper={parameter.upper!r}"
        )
    if parameter.iiv_cv < 0 or parameter.uncertainty_gsd < 1:
        raise ModelError(f"{where}: iiv_cv must be >= 0 and uncertainty_gsd >= 1")
    for column, meant, most in _SPREADS:
        if getattr(parameter, column) >= most:
            rule = f"must be below {most:g}: 30 % are written {meant}"
            raise ModelError(f"{where}: {column}={getattr(parameter, column):g}: {rule}")
    return parameter


def parameters_of(document: Document, values: dict[str, float]) -> tuple[Parameter, ...]:
    """Make the table of a model without one: names and units from SBML, all grades ``assumed``.

    Nothing is known about where such numbers come from, and ``assumed`` claims the least.
    """
    rows = {r["id"]: r for r in (*document.compartments, *document.species, *document.parameters)}
    return tuple(Parameter(p, v, rows[p]["unit"], rows[p]["name"]) for p, v in values.items())


def with_sizes(table: tuple[Parameter, ...], document: Document) -> tuple[tuple[Parameter, ...], list[str]]:
    """Assume size 1 of a compartment that is needed and has none, as other tools do, and say so."""
    unsized = {c["id"] for c in document.compartments if c["size"] is None}
    open_ = [p.id for p in table if p.id in unsized and math.isnan(p.value)]
    told = [f"compartment {name!r}: no size is given; 1 is assumed" for name in open_]
    return tuple(dataclasses.replace(p, value=1.0) if p.id in open_ else p for p in table), told


def possible(value: float, parameter: Parameter) -> float:
    """Return a value; refuse one that cannot be: negative where the table has no such values, a share above 1."""
    if parameter.lower >= 0 > value:
        rule = f"must not be negative: {parameter.description}"
        raise bad(parameter.id, value, rule, f"the table says >= {parameter.lower:g}")
    if parameter.lower >= 0 and parameter.upper == 1 < value and is_pure(parameter.unit):
        raise bad(parameter.id, value, f"must not be above 1: {parameter.description}", "the table says <= 1")
    return value


def check_possible(values: Mapping[str, float], table: Mapping[str, Parameter], where: str) -> None:
    """Refuse what a parameter cannot be; a value beyond its bounds may be meant, as in another species."""
    for p, value in values.items():
        try:
            possible(value, table[p])
        except InputError as error:
            raise ModelError(f"{where}: {error}") from None


def frame(parameters: Sequence[Parameter], values: Sequence[float] | np.ndarray) -> pd.DataFrame:
    """Show the table with the given values, indexed by id."""
    import pandas as pd

    columns = [c for c in COLUMNS if c not in ("id", "value")]
    data = {"value": [float(v) for v in values]}
    data |= {c: [getattr(p, c) for p in parameters] for c in columns}
    return pd.DataFrame(data, index=pd.Index([p.id for p in parameters], name="id"))
