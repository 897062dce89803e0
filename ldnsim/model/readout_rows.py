"""What a model offers to be read of its courses: the table readouts.csv, as text.

``ldnsim.readouts`` knows what reducers and windows are; a model knows its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ModelError, a_list, bad
from .parameters import read_rows
from .quantities import Quantity

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("name", "variable", "reduce", "window", "level", "unit", "words", "group", "label")
# What is read of each observable where there is no table, and its unit, x being that of the variable.
USUAL = {"cmax": "x", "tmax": "h", "cmin": "x", "auc": "x*h"}
Row = Mapping[str, str]


def read_readouts(path: Path, known: Iterable[str]) -> tuple[Row, ...]:
    """Read a readouts.csv.

    Parameters
    ----------
    path : Path
        The file; there may be none.
    known : iterable of str
        Variables of the model.

    Raises
    ------
    ModelError
        Naming file and line: an unknown or missing column, a name given twice, a variable that is none.
    """
    if not path.is_file():
        return ()
    ids, rows = set(known), read_rows(path, COLUMNS, COLUMNS, key=("name",))
    for line, row in rows:
        what = "" if row["name"] else "has no name"
        if row["variable"] not in ids:
            what = f"reads {row['variable']!r}, which is no quantity of model.ant"
        if what:
            raise ModelError(f"{path.name}, line {line}: {row['name']!r} {what}")
    return tuple(row for _, row in rows)


def rows_of(readouts: Any) -> tuple[Row, ...]:
    """Write readouts, or a table of them, as rows of text."""
    if hasattr(readouts, "columns"):
        given = readouts.to_dict("records")
    else:
        listed = a_list("readouts", readouts, "a list of Readout, or a table of them")
        if not all(hasattr(r, c) for r in listed for c in COLUMNS):
            raise bad("readouts", readouts, "must be a list of Readout, or a table of them")
        given = [{c: getattr(r, c) for c in COLUMNS} for r in listed]
    return tuple({c: _cell(row.get(c)) for c in COLUMNS} for row in given)


def _cell(value: Any) -> str:
    """Write a cell; an empty one is none, or NaN as pandas reads it."""
    return "" if value is None or value != value else str(value)


def usual_rows(observables: Iterable[Quantity]) -> tuple[Row, ...]:
    """Give what is read of each observable of a model without a table."""
    empty = dict.fromkeys(COLUMNS, "")
    return tuple(
        empty | {"name": f"{reduce}({q.id})", "variable": q.id, "reduce": reduce, "unit": _unit(rule, q.unit)}
        for q in observables
        for reduce, rule in USUAL.items()
    )


def _unit(rule: str, own: str) -> str:
    if rule == "x*h":
        return "h" if own == "1" else own and f"{own}*h"
    return own if rule == "x" else rule


def readout_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Show rows as a table, indexed by name; numbers stay text where a word may stand."""
    import pandas as pd

    found = pd.DataFrame(list(rows), columns=list(COLUMNS))
    return found.set_index(pd.Index(found["name"].tolist()))
