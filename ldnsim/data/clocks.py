"""Times of a table as hours since the first midnight: numbers, clock times, dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import InputError, bad
from ..regimen import cells
from ..regimen.record import in_row
from ..regimen.tables import DATE_COLUMNS
from ..units import HOURS_PER_DAY

_ORDERS = {"dat1": "dmy", "dat2": "ymd", "dat3": "ydm"}
_CLOCK = re.compile(r"(\d{1,4}):(\d{2})(?::(\d{2}(?:\.\d+)?))?", re.ASCII)
_PARTS = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})", re.ASCII)
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\S+)", re.ASCII)


class Moment(NamedTuple):
    """A time as it is written: the date, if there is one, and hours (of the day, if there is one)."""

    day: dt.date | None
    hours: float


def hours_of(named: Mapping[str, list], labels: Sequence[Any]) -> list[float]:
    """Bring the times of a table to hours since the midnight before the first record of each subject.

    Parameters
    ----------
    named : mapping
        Columns; ``time`` and at most one of `DATE_COLUMNS` are read.
    labels : sequence
        Subject of each row.

    Returns
    -------
    list of float
        Plain numbers stay as they are where there are no dates.

    Raises
    ------
    InputError
        If a cell is no time, or a date could be read in two ways.
    """
    heads = [name for name in DATE_COLUMNS if name in named]
    if len(heads) > 1:
        raise bad("data", heads[1], f"is a second column of dates, beside {heads[0]!r}", "keep one of them")
    moments = [_at_row(_moment, value, k) for k, value in enumerate(named["time"])]
    if heads:
        days = _days(heads[0], named[heads[0]])
        moments = [_at_row(_dated, (day, m), k) for k, (day, m) in enumerate(zip(days, moments, strict=True))]
    dated = [m.day is not None for m in moments]
    if any(dated) and not all(dated):
        raise in_row(
            bad("time", named["time"][dated.index(False)], "has no date, other records do"),
            dated.index(False),
        )
    if not any(dated):
        _refuse_mixed(named["time"])
        _refuse_midnight(named, labels, moments)
    first: dict[Any, dt.date] = {}
    return [
        m.hours if m.day is None else m.hours + HOURS_PER_DAY * (m.day - first.setdefault(label, m.day)).days
        for label, m in zip(labels, moments, strict=True)
    ]


def _refuse_mixed(written: Sequence[Any]) -> None:
    """Refuse plain numbers beside clock times: 4 may be 04:00, or four hours after the dose."""
    clock = [isinstance(value, dt.time) or (isinstance(value, str) and ":" in value) for value in written]
    plain = next((k for k, value in enumerate(written) if not clock[k] and cells.is_number(value)), None)
    if any(clock) and plain is not None:
        of_day = written[clock.index(True)]
        rule = f"is a number beside clock times such as {str(of_day)!r}: an hour of the day, or one since the dose?"
        raise in_row(bad("time", written[plain], rule, "write all times in one way"), plain)


def _refuse_midnight(named: Mapping[str, list], labels: Sequence[Any], moments: Sequence[Moment]) -> None:
    """Refuse times of day that go over midnight without a date; where a new period begins they may fall."""
    evid, cell = named.get("evid", [0] * len(moments)), named["time"]
    for k in range(1, len(moments)):
        fell = labels[k] == labels[k - 1] and moments[k].hours < moments[k - 1].hours
        if fell and ":" in str(cell[k]) and str(evid[k]).strip().removesuffix(".0") not in ("3", "4"):
            rule = f"is earlier in the day than the record before, {cell[k - 1]!r}"
            raise in_row(bad("time", cell[k], rule, "write the date too, such as '2024-03-02 01:00'"), k)


def _at_row(read, value: Any, row: int) -> Moment:
    try:
        return read(value)
    except InputError as error:
        raise in_row(error, row) from None


def _moment(value: Any) -> Moment:
    """Read one cell of the times."""
    if cells.missing(value):
        raise bad("time", value, "must be given in every record")
    if hasattr(value, "to_pydatetime") or hasattr(value, "to_pytimedelta"):
        value = value.to_pydatetime() if hasattr(value, "to_pydatetime") else value.to_pytimedelta()
    if isinstance(value, dt.datetime):
        return _of_datetime(value)
    if isinstance(value, dt.timedelta):
        return Moment(None, value / dt.timedelta(hours=1))
    if isinstance(value, dt.time):
        return Moment(None, _clock(value.isoformat()))
    if cells.is_number(value):
        return Moment(None, cells.number("time", value))
    text = str(value).strip()
    iso = _ISO.fullmatch(text)
    if iso:
        return Moment(_date("time", iso[1], "ymd"), _of_the_day(_clock(iso[2])))
    return Moment(None, _clock(text))


def _of_datetime(value: dt.datetime) -> Moment:
    if value.tzinfo is not None:
        raise bad("time", str(value), "has a time zone", "give local times without one")
    hours = (value - dt.datetime.combine(value.date(), dt.time())) / dt.timedelta(hours=1)
    return Moment(value.date(), hours)


def _clock(text: str) -> float:
    """Hours of "8:30" or "08:30:15"."""
    found = _CLOCK.fullmatch(text)
    if not found or int(found[2]) > 59 or float(found[3] or 0) >= 60:
        rule = "must be hours, a clock time such as 08:30, or a date and a clock time, 2024-01-31 08:30"
        raise bad("time", text, rule)
    return int(found[1]) + int(found[2]) / 60 + float(found[3] or 0) / 3600


def _dated(pair: tuple[dt.date, Moment]) -> Moment:
    day, moment = pair
    if moment.day is not None:
        raise bad("time", str(moment.day), "holds a date, beside the column of dates", "keep one of them")
    return Moment(day, _of_the_day(moment.hours))


def _of_the_day(hours: float) -> float:
    if not 0 <= hours < HOURS_PER_DAY:
        raise bad("time", hours, "must be an hour of the day, 0 to 24, where there is a date")
    return hours


def _days(head: str, values: Sequence[Any]) -> list[dt.date]:
    """Read a column of dates; numbers count days."""
    order = _ORDERS.get(head) or _order_of(head, values)
    return [_at_row(lambda value: _day(head, value, order), value, k) for k, value in enumerate(values)]


def _day(head: str, value: Any, order: str) -> dt.date:
    if cells.missing(value):
        raise bad(head, value, "must be given in every record")
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if cells.is_number(value):
        number = cells.number(head, value)
        if not (number.is_integer() and 0 <= number < 1e6):
            raise bad(head, value, "must be a date such as 2024-01-31, or a whole number of days")
        return dt.date.fromordinal(int(number) + 1)
    return _date(head, str(value).strip(), order)


def _date(head: str, text: str, order: str) -> dt.date:
    """Read a date whose parts stand in this order; four digits that stand first are the year."""
    found = _PARTS.fullmatch(text)
    rule = "must be a date such as 2024-01-31"
    if not found:
        raise bad(head, text, rule)
    part = dict(zip("ymd" if len(found[1]) == 4 and order[0] != "y" else order, found.groups(), strict=True))
    if len(part["y"]) != 4:
        raise bad(head, text, "must give the year with four digits")
    try:
        return dt.date(int(part["y"]), int(part["m"]), int(part["d"]))
    except ValueError:
        raise bad(head, text, rule) from None


def _order_of(head: str, values: Sequence[Any]) -> str:
    """Order of dates under a head that does not say; NM-TRAN's is month first, much of the world's is not."""
    parts = [p for p in (_PARTS.fullmatch(str(v).strip()) for v in values) if p and len(p[1]) < 4]
    if not parts:
        return "ymd"
    month_first = all(int(p[1]) <= 12 for p in parts)
    day_first = all(int(p[2]) <= 12 for p in parts)
    if month_first == day_first:
        remedy = "write 2024-01-31, or name the column dat1 (day, month, year)"
        raise bad(head, parts[0][0], "could be read day first or month first", remedy)
    return "mdy" if month_first else "dmy"
