"""Sums, shifts and missed days, as operations on records."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from ..engine.instants import numbered
from ..errors import bad
from .record import DOSE, INTERVAL, OBSERVATION, OTHER, RESET, RESET_AND_DOSE, Record
from .schedule import day_of, expand, trimmed

Records = Sequence[Record]


def merged(one: Records, two: Records) -> Records:
    """Join two tables by time.

    At one instant the records of each keep their order; what one of them wipes does not come back, and neither
    wipes what the other gives.
    """
    if not (one and two):
        return one or two
    _check_wiped(one, two)
    _check_wiped(two, one)
    instant = numbered(r.time for r in (*one, *two))
    tied = [{k: tuple(part) for k, part in groupby(rs, key=lambda r: instant[r.time])} for rs in (one, two)]
    order = sorted(set(instant.values()))
    return [r for k in order for r in _tied(*(records.get(k, ()) for records in tied))]


def _tied(one: Records, two: Records) -> Records:
    """Join records of one instant: all up to the last reset of each, a steady state, then the rest."""
    if not (one and two):
        return one or two
    (early, late), (early_two, late_two) = _parted(one), _parted(two)
    rest = sorted((late, late_two), key=lambda part: not any(r.ss == 1 for r in part))
    return (*early, *early_two, *rest[0], *rest[1])


def _parted(records: Records) -> tuple[Records, Records]:
    """Part records of one instant after their last reset, else before the first that gives something."""
    resets = [k for k, r in enumerate(records) if r.evid in (RESET, RESET_AND_DOSE) and r.ss != 1]
    if not resets:
        acts = [k for k, r in enumerate(records) if r.evid != OBSERVATION]
        first = acts[0] if acts else len(records)
        return records[:first], records[first:]
    k, last = resets[-1], records[resets[-1]]
    if last.evid == RESET:
        return records[: k + 1], records[k + 1 :]
    wiped = Record(last.time, cmt=last.cmt, evid=RESET, extra=last.extra)
    return (*records[:k], wiped), (replace(last, evid=DOSE), *records[k + 1 :])


def _check_wiped(one: Records, two: Records) -> None:
    """Refuse a sum in which a steady state would silently wipe the other regimen's doses."""
    for r in one:
        if r.ss != 1:
            continue
        if any(q.ss == 1 for q in two):
            rule = "in both regimens, so the second would wipe the first"
            raise bad("ss", 1, rule, "start one of them at steady state, or use steady_state(model, a + b)")
        if any(d.time < r.time for d in expand(two)):
            rule = f"at {r.time:g} h would wipe earlier doses of the other regimen"
            raise bad("ss", 1, rule, "start the other one at that time or later")


def moved(records: Records, hours: float) -> Records:
    """Move all records in time."""
    if records and records[0].time + hours < 0:
        first = records[0].time
        raise bad("hours", hours, f"must be >= {0 - first:g}, the first record is at {first:g} h")
    return [replace(r, time=r.time + hours) for r in records]


def without(records: Records, days: Collection[int]) -> Records:
    """Miss the doses of some days, counted from the day of the first dose."""
    doses = expand(records)
    first = doses[0].time if doses else 0.0
    idle = sorted(set(days) - {day_of(d.time, first) for d in doses})
    if idle:
        raise bad("days", idle, "no dose falls on it", "day 1 is the day of the first dose")
    for r in records:
        if r.ss and day_of(r.first, first) in days:
            rule = "holds the dose that sets the steady state"
            raise bad("days", day_of(r.first, first), rule, "skip a later day")
    kept = [part for r in trimmed(records) for part in _without(r, days, first)]
    last = max((d.time for d in expand(kept)), default=-1.0)
    due = [part for r in trimmed(records) for part in _missed_after(r, last)]
    return sorted([*kept, *due], key=lambda r: r.time)


def _missed_after(record: Record, last: float) -> list[Record]:
    """Keep doses that fall after the last one taken as due and not taken: they mark the end."""
    doses = [d for d in record.doses if d.time > last]
    if not doses:
        return []
    keep: dict[str, Any] = {"cmt": record.cmt, "drug": record.drug, "formulation": record.formulation}
    return [Record(doses[0].time, evid=OTHER, ii=record.ii or INTERVAL, addl=len(doses) - 1, **keep)]


def _without(record: Record, days: Collection[int], first: float) -> list[Record]:
    """Split a record into what is left of it when the doses of some days are missed."""
    doses = record.doses
    kept = [k for k, d in enumerate(doses) if day_of(d.time, first) not in days]
    if len(kept) == len(doses):
        return [record]
    left = []
    if record.evid == RESET_AND_DOSE and 0 not in kept:
        left.append(Record(time=record.time, cmt=record.cmt, evid=RESET, extra=record.extra))
    for start, length in _runs(kept):
        if start == 0:
            left.append(replace(record, addl=length - 1))
        else:  # from its second dose on, a steady state's lag is part of when the dose is taken
            lag = 0.0 if record.ss else record.lag
            time = doses[start].time
            left.append(replace(record, evid=DOSE, ss=0, time=time, lag=lag, addl=length - 1))
    return left


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Start and length of each run of consecutive numbers."""
    starts = [n for n in numbers if n - 1 not in numbers]
    ends = [n for n in numbers if n + 1 not in numbers]
    return [(a, b - a + 1) for a, b in zip(starts, ends, strict=True)]
