"""Named columns of a table, whatever it was given as: DataFrame, CSV file, dict of columns, list of rows."""

from __future__ import annotations

import csv
import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import a_path, bad, warn_user
from ..textfiles import read_table
from ..units import WRITTEN_MASSES
from . import cells, headings

if TYPE_CHECKING:
    import pandas as pd

_SEPARATORS = {";": "semicolons", "\t": "tabs", " ": "blanks"}
_DECIMAL_COMMA = re.compile(r"\d,\d")
_READERS = {"records": "Regimen.from_records", "source": "ldnsim.read_data", "data": "ldnsim.nca"}  # by argument
_AMOUNTS = ("dose", "amount", "mg", "quantity")  # what the column of amounts is called elsewhere
_SUBJECTS = ("subject", "subj", "subjid", "usubjid", "patient", "patid", "person", "animal", "#id", "cid")
_OF_INDEX = ("id", "time", "dvid", "occ", *_SUBJECTS)
_OF_TIME = ("time_unit", "time_units", "unit_time", "timeu", "tunit")
_OF_AMOUNT = ("unit", "units", "dose_unit", "dose_units", "amt_unit", "amt_units", "amtu", "dosu", "dosunit", "exdosu")
_OF_VALUES = ("unit", "units", "dvu", "dv_unit", "dv_units", "dvunit", "conc_unit", "pcstresu", "pcorresu")
_FLAG = "C"  # NONMEM's data sets mark by it a record that is to be left out


def frame_of(source: Any, argument: str = "records") -> pd.DataFrame:
    """Bring a table, which an argument gave, to a DataFrame; the cells of a file are text.

    Raises
    ------
    InputError
        If it is no table, or a file that cannot be read; the message says what to do.
    """
    import pandas as pd

    if isinstance(source, str | os.PathLike):
        source = _of_file(argument, a_path(argument, source))
    elif isinstance(source, Mapping):
        try:
            source = pd.DataFrame(source)
        except (TypeError, ValueError) as error:
            remedy = "give each column as a list, or the rows as a list of dicts"
            raise bad(argument, source, f"is no dict of columns of one length: {error}", remedy) from None
    elif not isinstance(source, pd.DataFrame):
        try:
            source = pd.DataFrame([dict(row) for row in source])
        except (TypeError, ValueError):
            raise bad(
                argument, source, "must be a DataFrame, a CSV file, a dict of columns or a list of dicts"
            ) from None
    source = _with_index(source)
    heads = [str(head) for head in source.columns]
    _check_separator(argument, argument, heads, (x for _, column in source.items() for x in column))
    return source


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Make columns of an index that names subjects, times or analytes, as `set_index` and `groupby` leave it."""
    heads = {str(head).strip().lower() for head in frame.columns}
    named = {n: str(n).strip().lower() for n in frame.index.names}
    levels = [n for n, plain in named.items() if plain in _OF_INDEX and plain not in heads]
    return frame.reset_index(level=levels) if levels else frame


def _of_file(argument: str, path: Path) -> pd.DataFrame:
    import pandas as pd

    if not path.is_file():
        raise bad(argument, str(path), "is a folder" if path.is_dir() else "there is no such file")
    try:
        rows = list(
            csv.reader(StringIO(read_table(argument, path), newline=""), skipinitialspace=True, strict=True)
        )
    except csv.Error as error:
        raise bad(argument, str(path), f"cannot be read as CSV: {error}") from None
    numbered = [(k, row) for k, row in enumerate(rows, 1) if any(map(str.strip, row))]
    if len(numbered) < 2:
        rule = "is an empty file" if not numbered else "holds a line of names and no row"
        raise bad(
            argument, str(path), rule, "the first line names columns, time,amt,..., a row follows each dose"
        )
    heads = numbered[0][1]
    _check_separator(argument, str(path), heads, (",".join(row) for _, row in numbered[1:]))
    for k, row in numbered[1:]:
        if len(row) != len(heads):
            rule = f"cannot be read as CSV: line {k} has {len(row)} cells, the first line names {len(heads)}"
            above = "leave out what stands above the names of the columns" if len(heads) == 1 else ""
            raise bad(argument, str(path), rule, above)
    return pd.DataFrame([row for _, row in numbered[1:]], columns=heads, dtype=object)


def _check_separator(argument: str, what: str, heads: Sequence[str], cells_below: Iterable[object]) -> None:
    """Refuse a table whose columns were not told apart, as spreadsheets of many countries write it."""
    if len(heads) != 1:
        return
    below = [str(x) for x in cells_below]
    for sign, name in _SEPARATORS.items():
        if sign in heads[0].strip() and all(sign in x for x in below):
            has_commas = any(map(_DECIMAL_COMMA.search, below))
            how = (r"sep=r'\s+'" if sign == " " else f"sep={sign!r}") + ", decimal=','" * has_commas
            remedy = f"save it with commas, or {_READERS.get(argument, argument)}"
            remedy += f"(pandas.read_csv(path, {how}, na_values='.'))"
            raise bad(argument, what, f"has its columns parted by {name}, not by commas", remedy)


def named(frame: pd.DataFrame, known: Mapping[str, str], left_out: Iterable[str]) -> dict[str, list]:
    """Columns under the names they are known by, as plain lists.

    Parameters
    ----------
    frame : DataFrame
        The table.
    known : mapping
        Name in small letters -> the name it is known by. Other names stay as they are, capitals and all; such
        a column is dropped where it is empty.
    left_out : iterable of str
        Names in small letters of columns that are not handed out.

    Raises
    ------
    InputError
        If two columns have one meaning, or a heading says a unit in which its column is not read.
    """
    found: dict[str, list] = {}
    heads: dict[str, str] = {}
    said: dict[str, tuple[str, str]] = {}
    left_out = set(left_out)
    for place, head in enumerate(map(str, frame.columns)):
        plain, unit = headings.parted(head, {*known, *left_out})
        name = known.get(plain.lower(), plain)
        if name.lower() in left_out:
            continue
        if name in found:
            raise bad(
                "records", head, f"is the column {name!r} again, beside {heads[name]!r}", "keep one of them"
            )
        values = list(frame.iloc[:, place])
        if name in known.values() or not all(map(cells.missing, values)):
            found[name], heads[name] = values, head
            if unit:
                said[name] = head, unit
    headings.check(found, said)
    return found


def without_text(columns: Mapping[str, list], among: Iterable[str]) -> dict[str, list]:
    """Leave out columns in which nothing is a number, and name them in one warning.

    Parameters
    ----------
    columns : mapping
        Name -> cells.
    among : iterable of str
        Names of the columns that should hold numbers.
    """
    text = [n for n in among if not any(map(cells.is_number, columns[n]))]
    refuse_flags(columns, text)
    if text:
        warn_user(
            f"no numbers in the columns {', '.join(map(repr, text))} of the records: they are left out",
        )
    return {name: values for name, values in columns.items() if name not in text}


def refuse_flags(columns: Mapping[str, list], text: Iterable[str]) -> None:
    """Refuse a table in which a column of text marks records that NONMEM would leave out."""
    if _FLAG in text and any(str(x).strip() == _FLAG for x in columns[_FLAG]):
        raise bad(_FLAG, _FLAG, "marks a record that is to be left out", "drop these records and the column")


def check_amounts(columns: Mapping[str, list], known: Iterable[str], gives: bool) -> None:
    """Refuse a table that gives nothing because its column of amounts has another name.

    Parameters
    ----------
    columns : mapping
        Name -> cells.
    known : iterable of str
        Names that mean something else.
    gives : bool
        Whether its other columns speak of doses.
    """
    if "amt" in columns:
        return
    others = [c for c in columns if c not in set(known)]
    likely = [c for c in others if c.lower().startswith(_AMOUNTS)]
    likely += [c for c in difflib.get_close_matches("amt", others, cutoff=0.6) if c not in likely]
    if likely:
        raise bad("records", likely[0], "is no column of amounts", "name it 'amt'")
    if gives and "rate" not in columns:
        raise bad("records", list(columns), "must have a column 'amt', the amounts given")


def without_units(columns: Mapping[str, list]) -> dict[str, list]:
    """Leave out columns that say in which units times and amounts are; refuse units that these are not read in.

    Raises
    ------
    InputError
        If a dose is in another unit than that of its drug, or times are not in h.
    """
    kept = {}
    for name, values in columns.items():
        key = _key(name)
        if key not in (*_OF_TIME, *_OF_AMOUNT) or any(map(cells.is_number, values)):
            kept[name] = values
            continue
        for k, said in enumerate(str(x).strip() for x in values):
            if cells.missing(values[k]):
                continue
            if key in _OF_TIME:
                _check_hours(name, said)
            else:
                _check_dose(name, said, {n: c[k] for n, c in columns.items()}, k)
    return kept


def units_beside(frame: pd.DataFrame, which: Sequence[bool]) -> list[str]:
    """List the units of measurements that a column of units says in some records, each once."""
    found: dict[str, None] = {}
    for place, head in enumerate(map(str, frame.columns)):
        if _key(head) in _OF_VALUES:
            said = (str(x).strip() for x, is_one in zip(frame.iloc[:, place], which, strict=True) if is_one)
            found |= dict.fromkeys(filter(headings.is_of_values, said))
    return list(found)


def _key(head: str) -> str:
    return head.strip().lower().replace(" ", "_")


def _check_hours(name: str, said: str) -> None:
    if said.lower() not in headings.HOURS:
        raise bad(name, said, "is a unit in which times are not read", "give column 'time' in h")


def _check_dose(name: str, said: str, row: Mapping[str, Any], k: int) -> None:
    """Refuse a dose in another unit than that of its drug; rows that give nothing may say what they measure in."""
    given = row.get("amt")
    if cells.missing(given) or not cells.number("amt", given):
        return
    what, wanted = headings.given_of(row)
    if not wanted or said.lower() == wanted.lower():
        return
    rule = f"record {k + 1} gives {what} in {said}, and doses are read in {wanted}"
    scale = WRITTEN_MASSES.get(said.lower()) if wanted == "mg" else None
    remedy = f"{cells.number('amt', given):g} {said} are amt={cells.number('amt', given) * scale:g}" if scale else ""
    if headings.is_of_a_form(said, wanted):
        remedy = f"drop the column where {what} is counted in {said}, and else convert its doses"
    elif not cells.missing(row.get("cmt")):
        remedy += (", or " if remedy else "") + f"drop the column, and model.with_dose_units(<state>={said!r})"
    raise bad(name, said, rule, remedy)


def check_subjects(columns: Mapping[str, list]) -> None:
    """Refuse a table that merges subjects because its column of ids has another name."""
    for name, values in columns.items():
        if name.lower() in _SUBJECTS and len({str(v) for v in values}) > 1:
            raise bad("records", name, "is no column of ids, and records of several subjects would be one's",
                      "name it 'id'")  # fmt: skip
