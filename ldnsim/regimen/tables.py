"""Reading and writing a regimen as a NONMEM-style table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import InputError, bad, in_short, warn_user
from . import cells, columns, headings, names
from .codes import refuse_codes
from .periods import laid_out, stretches
from .record import (
    DOSE,
    DURATION_COLUMN,
    MODELLED_DURATION,
    MODELLED_RATE,
    OBSERVATION,
    OF_THE_RATE,
    OTHER,
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
COLUMNS = ("time", "amt", "cmt", "evid", "ii", "addl", "rate", "ss", "lag", "F", *WORDS)
MEASURED = ("dv", "dvid", "cens", "lloq")  # what was measured, not what was given

_DURATION = "duration"  # alone it makes an infusion; dur may also stand beside rate -2
KNOWN = {c.lower(): c for c in (*COLUMNS, *OF_THE_RATE, "id", "mdv", _DURATION)} | {"tinf": _DURATION}
_MODELLED = {DURATION_COLUMN: MODELLED_DURATION, RATE_COLUMN: MODELLED_RATE, _DURATION: 0}
DATE_COLUMNS = ("date", "dat1", "dat2", "dat3")  # the orders NM-TRAN knows: month first, day first, ...


_ROUTES = ("adm", "admid", "adm_id", "route", "exroute")  # what others call the way a dose is given


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
    frame = columns.frame_of(source)
    dates = [head for head in map(str, frame.columns) if headings.parted(head, DATE_COLUMNS).name.lower() in DATE_COLUMNS]
    if dates:
        raise bad(
            "records", dates[0], "is no column this reads", "give time in hours, or use ldnsim.read_data"
        )
    if not len(frame) and tuple(frame.columns) != COLUMNS:  # as `write` makes it where nothing is taken
        remedy = "give a row for each dose, or Regimen() where nothing is taken"
        raise bad("records", in_short(source), "holds no row", remedy)
    named = columns.without_units(columns.named(frame, KNOWN, MEASURED))
    if "time" not in named:
        raise bad("records", list(map(str, frame.columns)), "must have a column 'time' (h)")
    columns.check_amounts(named, KNOWN.values(), speaks_of_doses(named))
    if "id" not in named:
        columns.check_subjects(named)
    whole = named
    further = [name for name in named if name not in KNOWN.values()]
    named = columns.without_text(named, further)
    for name in (n for n in further if n in named):
        refuse_codes(name, named[name], range(len(frame)), "leave the cell empty where it is not known")
    records = records_of(named, len(frame))
    refuse_unread_routes("records", whole, records)
    if "id" in named:
        return by_subject(records, cells.labels(named["id"]), regimen)
    return by_subject(records, [""] * len(records), regimen).get("", regimen())


def speaks_of_doses(named: Mapping[str, list]) -> bool:
    """Tell whether columns other than the amounts say that doses are given."""
    doses = {"addl", "ii", "ss", *WORDS} & set(named)
    stated = [cells.number("evid", x) for x in named.get("evid", ()) if not cells.missing(x)]
    return bool(doses) or bool({DOSE, RESET_AND_DOSE} & set(stated))


def records_of(named: Mapping[str, list], n_rows: int) -> list[Record]:
    """Make a record of each row, in the times of the table.

    Parameters
    ----------
    named : mapping
        Name, as in `KNOWN` or of a further column of numbers, -> cells.
    n_rows : int
        Length of the columns.
    """
    return [_record({name: values[k] for name, values in named.items()}, k) for k in range(n_rows)]


def refuse_unread_routes(argument: str, named: Mapping[str, list], records: Sequence[Record]) -> None:
    """Refuse a column of routes that parts the doses where nothing that is read does: all would go one way."""
    names = [name for name in named if name.lower() in _ROUTES]
    doses = [k for k, r in enumerate(records) if r.is_dose] if names else []
    if any(cells.distinct(named[name], doses) for name in ("cmt", "drug", "formulation") if name in named):
        return
    for name in names:
        said = cells.distinct(named[name], doses)
        if len(said) > 1:
            rule = f"parts the doses ({', '.join(said[:3])}), and is not read: all would go into one place"
            raise bad(argument, name, rule, "name the state of each dose in a column 'cmt', or its 'formulation'")


def by_subject(
    records: Sequence[Record], labels: Sequence[Any], regimen: type[Regimen]
) -> dict[Any, Regimen]:
    """Make a regimen of the records of each subject; the label "" is nobody's."""
    found, moved = {}, {}
    twice: list[tuple[int, int]] = []
    for label, part in stretches(labels):
        try:
            placed, moved[label] = laid_out(records[part], range(part.start, part.stop))
        except InputError as error:
            if label == "":
                raise
            raise InputError(f"{error} of ID {label}") from None
        found[label] = regimen(placed)
        twice += _given_twice(placed, part.start)
    _tell_of_copies(twice)
    _tell_of_periods({label: moves for label, moves in moved.items() if moves})
    return found


def _given_twice(records: Sequence[Record], start: int) -> list[tuple[int, int]]:
    """List the doses of a subject that stand twice in all they say: first row, and the one that is like it."""
    first: dict[Record, int] = {}
    doses = [(k, r) for k, r in enumerate(records, start) if r.is_dose and (r.amt or r.rate)]
    return [(first[r], k) for k, r in doses if first.setdefault(r, k) != k]


def _tell_of_copies(twice: Sequence[tuple[int, int]]) -> None:
    """Warn once of doses in rows that are alike: one may be a copy."""
    if twice:
        (one, other), n = twice[0], len(twice)
        more = f", and so {n - 1} others" if n > 1 else ""
        warn_user(
            f"record {other} gives the dose of record {one} once more, at the same time{more}: both are given; "
            "drop one where it is a copy"
        )


def _tell_of_periods(moved: Mapping[Any, Sequence[tuple[int, float]]]) -> None:
    """Say once that clocks start again, and where the first such period lies now."""
    if not moved:
        return
    (label, ((row, start), *_)), *others = moved.items()
    who = (f" of ID {label}" if label != "" else "") + (f" and {len(others)} others" if others else "")
    warn_user(
        f"the clock{who} starts again at a reset (record {row}): this period begins at the midnight of "
        f"{start:g} h, after the one before; simulate(..., times='records') answers record by record",
    )


def _record(row: dict[str, Any], k: int) -> Record:
    try:
        fields: dict[str, Any] = {
            n: cells.number(n, row[n]) for n in (*NUMBERS, *COUNTS) if not cells.missing(row.get(n))
        }
        extra = {
            n: cells.number(n, v)
            for n, v in row.items()
            if n not in COLUMNS and n not in ("id", "mdv") and not cells.missing(v)
        }
        fields |= {n: str(row[n]).strip() for n in WORDS if not cells.missing(row.get(n))}
        if "time" not in fields:
            raise bad("time", row.get("time"), "must be a finite number of hours")
        _complete(fields, extra, row)
        return Record(**fields, extra=tuple(extra.items()))
    except InputError as error:
        raise in_row(error, k) from None


def _complete(fields: dict[str, Any], extra: dict[str, float], row: Mapping[str, Any]) -> None:
    """Fill in what a NONMEM table leaves open."""
    gives = fields.get("amt") or fields.get("rate")
    evid = fields.setdefault("evid", DOSE if gives else _without_amount(row.get("mdv")))
    doses = evid in (DOSE, RESET_AND_DOSE)
    if doses and not {"amt", "rate"} & set(fields):
        raise bad("amt", row.get("amt"), f"must be given where evid={evid:g} gives a dose")
    _speed(fields, extra, doses and bool(gives))
    cmt = _cmt(row.get("cmt"))
    if cmt:
        fields["cmt"] = cmt
    if doses and not cmt:
        fields["drug"], fields["formulation"] = names.resolve(
            fields.get("drug", ""), fields.get("formulation", "")
        )


def _without_amount(mdv: Any) -> int:
    """Kind of a record that gives nothing and does not say what it is: NM-TRAN looks at MDV."""
    if cells.missing(mdv):
        return OBSERVATION
    number = cells.number("mdv", mdv)
    if number not in (0, 1):
        raise bad("mdv", mdv, "must be 0, a value was measured, or 1, none was")
    return OTHER if number else OBSERVATION


def _speed(fields: dict[str, Any], extra: dict[str, float], gives: bool) -> None:
    """Make an infusion of a dose that states its duration or modelled rate; refuse what contradicts itself."""
    for name, code in _MODELLED.items():
        if extra.get(name) == 0 and not (code and fields.get("rate") == code):
            extra.pop(name)  # 0 as NONMEM writes "none"
    duration = extra.pop(_DURATION, None)
    if duration is not None and not (math.isfinite(duration) and duration > 0):
        raise bad(_DURATION, duration, "must be a finite number > 0, or 0 for a bolus")
    if not gives:
        return
    rate, dur = fields.get("rate"), extra.get(DURATION_COLUMN)
    if duration is not None and dur is not None:
        raise bad(DURATION_COLUMN, dur, f"stands beside duration={duration:g}", "give one of the two")
    if duration is not None and rate:
        raise bad("rate", rate, f"contradicts duration={duration:g}", "give one of the two")
    if dur is not None and rate not in (None, MODELLED_DURATION):
        remedy = "give one of the two, for an infusion of this duration leave the rate empty"
        raise bad(DURATION_COLUMN, dur, f"contradicts rate={rate:g}", remedy)
    if duration is not None or dur is not None:
        fields["rate"] = MODELLED_DURATION
        if duration is not None:
            extra[DURATION_COLUMN] = duration
    elif rate is None and RATE_COLUMN in extra:
        fields["rate"] = MODELLED_RATE


def _cmt(value: Any) -> str | int:
    """State by number (also as text or float) or name; empty where there is none, or 0."""
    if cells.missing(value):
        return ""
    if not cells.is_number(value):
        return str(value).strip()
    number = cells.number("cmt", value)
    if number != int(number) or number < 0:
        raise bad("cmt", value, "must be a state's name, or its number from 1")
    return int(number) or ""
