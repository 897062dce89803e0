"""Whose records stand where: stretches of one id, and periods whose clocks start again at a reset."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..engine.instants import width
from ..errors import InputError, bad
from ..units import HOURS_PER_DAY
from .record import RESET, RESET_AND_DOSE, Record, in_row


def stretches(labels: Sequence[Any]) -> list[tuple[Any, slice]]:
    """Find the records of each subject, as slices.

    An id marks a stretch of records, as in NONMEM: where it comes back after another one it would be another
    individual, whose doses must not be added to those of the first.

    Raises
    ------
    InputError
        If an id comes back.
    """
    if not labels:
        return []
    starts = [k for k in range(len(labels)) if k == 0 or labels[k] != labels[k - 1]]
    seen = set()
    for k in starts:
        if labels[k] in seen:
            rule = f"comes back after another id (record {k}), as another individual or period would"
            raise bad("id", labels[k], rule, "give each subject and each period an id of its own")
        seen.add(labels[k])
    ends = [*starts[1:], len(labels)]
    return [(labels[a], slice(a, b)) for a, b in zip(starts, ends, strict=True)]


def laid_out(records: Sequence[Record], rows: Iterable[int]) -> tuple[list[Record], list[tuple[int, float]]]:
    """Lay periods one behind another where the clock of a table starts again.

    A reset (evid 3 or 4) may set the clock back. Its period begins at the first midnight after the last record
    before it, so that the hour of the day is kept; the reset wipes what the period before has left.

    Parameters
    ----------
    records : sequence of Record
        Of one subject, in the table's order and times.
    rows : iterable of int
        Their places in the table, for messages.

    Returns
    -------
    tuple of list of Record and list of (int, float)
        Records with times that do not fall; row and first midnight (h) of each period that was moved.

    Raises
    ------
    InputError
        If the time falls without a reset.
    """
    periods = _periods(records, rows)
    found, moved, midnight = [], [], 0.0
    for k, (row, period) in enumerate(periods):
        if k:
            moved.append((row, midnight))
        last = period[-1].time if k + 1 < len(periods) else math.inf
        found += [_until(last, r, midnight) for r in period]
        midnight += (math.floor(period[-1].time / HOURS_PER_DAY) + 1) * HOURS_PER_DAY
    return found, moved


def _periods(records: Sequence[Record], rows: Iterable[int]) -> list[tuple[int, list[Record]]]:
    """Part records where a reset sets the clock back; the row of the first record goes with each part."""
    found: list[tuple[int, list[Record]]] = []
    before = 0.0
    for row, record in zip(rows, records, strict=True):
        falls = _falls(record.time, before)
        if falls and record.evid not in (RESET, RESET_AND_DOSE):
            raise in_row(falling(record.time, before), row)
        if falls or not found:
            found.append((row, []))
        found[-1][1].append(record)
        before = record.time
    return found


def _until(last: float, record: Record, midnight: float) -> Record:
    """Move a record, without the additional doses that would fall after the last record of its period."""
    if record.addl and record.time + record.addl * record.ii > last:
        record = replace(record, addl=math.floor((last - record.time) / record.ii))
    return replace(record, time=record.time + midnight) if midnight else record


def in_order(records: Iterable[Record]) -> tuple[Record, ...]:
    """Refuse records whose time falls; those that rounding alone puts back in their instant are lifted.

    Raises
    ------
    InputError
        Naming the record.
    """
    found, before = [], 0.0
    for row, record in enumerate(records):
        if _falls(record.time, before):
            raise in_row(falling(record.time, before), row)
        before = max(before, record.time)
        found.append(record if record.time == before else replace(record, time=before))
    return tuple(found)


def _falls(time: float, before: float) -> bool:
    return bool(before - time > width(before))


def falling(time: float, before: float) -> InputError:
    """Build the error for a time that falls; sorting would put two periods on top of each other."""
    rule = f"must not fall, the record before has {before:g} h"
    remedy = "a reset (evid 3 or 4) begins a period with a clock of its own, an id another subject"
    return bad("time", time, rule, remedy)
