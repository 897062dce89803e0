"""Reading and writing a regimen as a NONMEM-style table."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, a_path, bad
from . import names
from .record import (
    DOSE,
    DURATION_COLUMN,
    MODELLED_DURATION,
    MODELLED_RATE,
    OBSERVATION,
    RATE_COLUMN,
    RESET_AND_DOSE,
    Record,
    in_row,
)

if TYPE_CHECKING:
    import pandas as pd

    from .regimen import Regimen

NUMBERS = {"time": float, "amt": float, "ii": float, "rate": float, "lag": float, "F": float}
COUNTS = {"evid": int, "addl": int, "ss": int}
WORDS = ("drug", "formulation")
OF_THE_RATE = (RATE_COLUMN, DURATION_COLUMN)
COLUMNS = ("time", "amt", "cmt", "evid", "ii", "addl", "rate", "ss", "lag", "F", *WORDS)

_ALIASES = {"duration": "duration", "tinf": "duration"}  # alone they make an infusion; dur needs rate -2
_KNOWN = {c.lower(): c for c in (*COLUMNS, *OF_THE_RATE, "id")}
_LEFT_OUT = ("dv", "mdv")  # what was measured, not what was given
_DATES = ("date", "dat1", "dat2", "dat3")
_AMOUNTS = ("dose", "amount", "mg", "quantity")  # what the column of amounts is called elsewhere
_MISSING = ("", ".", "na", "nan", "none")


def write(records: Iterable[Record]) -> pd.DataFrame:
    """Make the table: the columns of `COLUMNS`, then any further ones."""
    import pandas as pd

    records = tuple(records)
    frame = {}
    for name in COLUMNS:
        dtype = NUMBERS.get(name) or COUNTS.get(name) or object
        frame[name] = pd.Series([getattr(r, name) for r in records], dtype=dtype)
    for name in sorted({k for r in records for k, _ in r.extra}):
        values = [r.get(name) for r in records]
        frame[name] = pd.Series([math.nan if v is None else v for v in values], dtype=float)
    return pd.DataFrame(frame)


def read(source: Any, regimen: type[Regimen]) -> Regimen | dict[Any, Regimen]:
    """Read a table, see `Regimen.from_records`."""
    columns, n_rows = _columns(source)
    rows = [(k, {name: values[k] for name, values in columns.items()}) for k in range(n_rows)]
    if "id" not in columns:
        return regimen(_record(row, k) for k, row in rows)
    by_id: dict[Any, list[Record]] = {}
    for k, row in rows:
        by_id.setdefault(_identity(row["id"]), []).append(_record(row, k))
    return {identity: _of_subject(regimen, identity, records) for identity, records in by_id.items()}


def _of_subject(regimen: type[Regimen], identity: Any, records: list[Record]) -> Regimen:
    try:
        return regimen(records)
    except InputError as error:
        raise InputError(f"{error} of ID {identity}") from None


def _columns(source: Any) -> tuple[dict[str, list], int]:
    """Named columns of whatever was given, as plain lists."""
    import pandas as pd

    if isinstance(source, str | os.PathLike):
        source = _of_file(a_path("records", source))
    elif isinstance(source, Mapping):
        try:
            source = pd.DataFrame(source)
        except ValueError as error:
            remedy = "give each column as a list, or the rows as a list of dicts"
            raise bad("records", source, f"is no dict of columns of one length: {error}", remedy) from None
    elif not isinstance(source, pd.DataFrame):
        try:
            source = pd.DataFrame([dict(row) for row in source])
        except (TypeError, ValueError):
            raise bad(
                "records", source, "must be a DataFrame, a CSV file, a dict of columns or a list of dicts"
            ) from None
    _check_separator("records", [str(head) for head in source.columns])
    found: dict[str, list] = {}
    heads: dict[str, str] = {}
    for head in source.columns:
        name = _name_of(str(head).strip())
        if name is None:
            continue
        if name in found:
            raise bad(
                "records", head, f"is the column {name!r} again, beside {heads[name]!r}", "keep one of them"
            )
        found[name], heads[name] = list(source[head]), str(head)
    if "time" not in found:
        raise bad("records", list(map(str, source.columns)), "must have a column 'time' (h)")
    _check_amounts(found)
    return _without_empty(found), len(source)


def _of_file(path: Path) -> pd.DataFrame:
    import pandas as pd

    if not path.is_file():
        raise bad("records", str(path), "is a folder" if path.is_dir() else "there is no such file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = (
            "is no text in UTF-8" if isinstance(error, ValueError) else f"cannot be read: {error.strerror}"
        )
        raise bad("records", str(path), reason) from None
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        rule = "is an empty file" if not lines else "holds a line of names and no row"
        raise bad(
            "records", str(path), rule, "the first line names columns, time,amt,..., a row follows each dose"
        )
    _check_separator(str(path), lines[0].split(","))
    try:
        return pd.read_csv(StringIO(text), keep_default_na=False, dtype=str)
    except pd.errors.ParserError as error:
        raise bad("records", str(path), f"cannot be read as CSV: {' '.join(str(error).split())}") from None


def _check_separator(what: str, heads: list[str]) -> None:
    """Refuse a table whose columns were not told apart, as spreadsheets of many countries write it."""
    if len(heads) == 1:
        for sign, name in ((";", "semicolons"), ("\t", "tabs")):
            if sign in heads[0]:
                remedy = f"from_records(pandas.read_csv(path, sep={sign!r}, decimal=','))"
                raise bad("records", what, f"has its columns parted by {name}, not by commas", remedy)


def _check_amounts(columns: dict[str, list]) -> None:
    """Refuse a table that gives nothing because its column of amounts has another name."""
    if "amt" in columns or "rate" in columns:
        return
    likely = [c for c in columns if c.lower().startswith(_AMOUNTS)]
    likely += [c for c in difflib.get_close_matches("amt", columns, cutoff=0.6) if c not in likely]
    if likely:
        raise bad("records", likely[0], "is no column of amounts", "name it 'amt'")
    doses = {"addl", "ii", "ss", *WORDS} & set(columns)
    stated = [_number("evid", x) for x in columns.get("evid", ()) if not _missing(x)]
    if doses or {DOSE, RESET_AND_DOSE} & set(stated):
        raise bad("records", list(columns), "must have a column 'amt', the amounts given")


def _name_of(head: str) -> str | None:
    low = head.lower()
    if low in _DATES:
        raise bad("records", head, "is no column this reads", "give time in hours since the first midnight")
    if low in _LEFT_OUT:
        return None
    return _KNOWN.get(low) or _ALIASES.get(low) or head


def _without_empty(columns: dict[str, list]) -> dict[str, list]:
    known = set(_KNOWN.values())
    return {k: v for k, v in columns.items() if k in known or not all(_missing(x) for x in v)}


def _record(row: dict[str, Any], k: int) -> Record:
    try:
        fields: dict[str, Any] = {}
        for name in (*NUMBERS, *COUNTS):
            value = row.get(name)
            if not _missing(value):
                fields[name] = _number(name, value)
        extra = {
            n: _number(n, v) for n, v in row.items() if n not in COLUMNS and n != "id" and not _missing(v)
        }
        fields |= {n: str(row[n]).strip() for n in WORDS if not _missing(row.get(n))}
        if fields.get("evid") in (DOSE, RESET_AND_DOSE) and not {"amt", "rate"} & set(fields):
            raise bad("amt", row.get("amt"), f"must be given where evid={fields['evid']:g} gives a dose")
        if "time" not in fields:
            raise bad("time", row.get("time"), "must be a finite number of hours")
        _complete(fields, extra, row.get("cmt"))
        return Record(**fields, extra=tuple(extra.items()))
    except InputError as error:
        raise in_row(error, k) from None


def _complete(fields: dict[str, Any], extra: dict[str, float], cmt: Any) -> None:
    """Fill in what a NONMEM table leaves open."""
    gives = fields.get("amt") or fields.get("rate")
    evid = fields.setdefault("evid", DOSE if gives else OBSERVATION)
    duration = extra.pop("duration", 0.0)
    if not (math.isfinite(duration) and duration >= 0):
        raise bad("duration", duration, "must be a finite number > 0, or 0 for a bolus")
    if gives and duration:
        if fields.get("rate", 0.0) > 0:
            raise bad("rate", fields["rate"], f"contradicts duration={duration:g}", "give one of the two")
        fields["rate"], extra[DURATION_COLUMN] = MODELLED_DURATION, duration
    for name, modelled in ((DURATION_COLUMN, MODELLED_DURATION), (RATE_COLUMN, MODELLED_RATE)):
        if extra.get(name) == 0 and fields.get("rate") != modelled:
            extra.pop(name)  # 0 as NONMEM writes "none"
    if not _missing(cmt) and cmt not in (0, "0"):
        fields["cmt"] = _cmt(cmt)
    if evid in (DOSE, 4) and "cmt" not in fields:
        fields["drug"], fields["formulation"] = names.resolve(
            fields.get("drug", ""), fields.get("formulation", "")
        )


def _cmt(value: Any) -> str | int:
    """State number (also as text or float) or name."""
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        return text
    if number != int(number) or number < 1:
        raise bad("cmt", value, "must be a state's name, or its number from 1")
    return int(number)


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise bad(name, value, "must be a number", "drop a column of text") from None


def _missing(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in _MISSING
    return value is None or value != value  # NaN is unequal to itself


def _identity(value: Any) -> Any:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if not math.isfinite(number):
        raise bad("id", value, "must name a subject in every record")
    return int(number) if number.is_integer() else number
