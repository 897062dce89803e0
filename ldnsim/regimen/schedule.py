"""When doses fall: days, the pattern that repeats, and missed doses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..engine.instants import width
from ..units import HOURS_PER_DAY
from .record import DOSE, OBSERVATION, Dose, Record

_LONGEST = 24.0 * 366.0  # h; a longer common period is none
_SAME = 1e-6  # h; so much may the doses of a pattern be off its beat


def expand(records: Iterable[Record]) -> tuple[Dose, ...]:
    """All doses, one by one, in the order of their times."""
    return tuple(sorted((d for r in trimmed(records) for d in r.doses), key=lambda d: d.time))


def trimmed(records: Iterable[Record]) -> list[Record]:
    """Take from each record the additional doses that a later reset cancels."""
    kept, reset = [], math.inf
    for record in reversed(list(records)):
        last = record.time + record.addl * record.ii
        if record.addl and reset - last <= width(last):
            record = replace(record, addl=max(0, math.ceil((reset - record.time) / record.ii) - 1))
        kept.append(record)
        if record.resets:
            reset = record.time
    return kept[::-1]


def instants(records: Sequence[Record]) -> tuple[float, ...]:
    """Find when records act (h), a hair apart where one observation at a time stands before what happens there.

    What an output shows at an instant is what is there once all that happens at it has happened. So the records
    of one time are parted after every observation that another kind of record, or other covariates, follow: the
    last part keeps the time, each one before it is a hair earlier. Where that would be before 0 all records are
    later by as much.
    """
    found: list[float] = []
    following, hairs = None, 0
    for record in reversed(records):
        if following is None or following.time - record.time > width(record.time):
            hairs = 0
        elif record.evid == OBSERVATION and (
            following.evid != OBSERVATION or following.extra != record.extra
        ):
            hairs += 1
        found.append(record.time - 4.0 * hairs * width(record.time))
        following = record
    late = min(0.0, *found) if found else 0.0
    return tuple(np.maximum.accumulate(np.array(found[::-1]) - late).tolist())


def day_of(time: float, first: float) -> int:
    """Day of a dose: 1 is the calendar day (midnight to midnight) of the first dose."""
    return math.floor(time / HOURS_PER_DAY + _SAME) - math.floor(first / HOURS_PER_DAY + _SAME) + 1


def common_period(records: Sequence[Record]) -> float | None:
    """Shortest time (h) after which all doses repeat, None where they do not.

    Either all trains of doses run side by side, then it is the least common multiple of their intervals;
    or a pattern (missed days, say) is seen at least twice in full.
    """
    missed = [r for r in records if r.is_missed]
    doses = [r for r in records if r.is_dose]
    others = any(r.evid > DOSE and not r.is_missed for r in records)
    if not doses or others or any(r.evid != DOSE or r.ii <= 0 for r in doses):
        return None
    return _side_by_side(doses) or _seen_twice(expand(doses), max((r.span[1] for r in missed), default=0.0))


def _side_by_side(trains: list[Record]) -> float | None:
    period = common_multiple(r.ii for r in trains)
    starts, ends = [r.first for r in trains], [r.doses[-1].time for r in trains]
    together = max(max(starts) - min(starts), max(ends) - min(ends)) < period - _SAME
    return period if together and period <= _LONGEST else None


def common_multiple(intervals: Iterable[float]) -> float:
    """Least common multiple of intervals (h)."""
    total = Fraction(1)
    for k, interval in enumerate(intervals):
        exact = Fraction(interval).limit_denominator(100_000)
        if k == 0:
            total = exact
        else:
            total = Fraction(
                math.lcm(total.numerator * exact.denominator, exact.numerator * total.denominator),
                total.denominator * exact.denominator,
            )
    return float(total)


def _seen_twice(doses: tuple[Dose, ...], missed: float) -> float | None:
    start, end = doses[0].time, max(missed, *(d.time + d.ii for d in doses))
    at = {(round(d.time / _SAME), d.what) for d in doses}
    if len(at) < len(doses):
        return None  # the same dose twice at once: no pattern to compare
    candidates = sorted({d.time - start for d in doses[1:] if d.what == doses[0].what})
    for period in candidates:
        if _SAME < period <= (end - start) / 2 + _SAME and _repeats(doses, at, period, start, end):
            return period
    return None


def _repeats(doses: tuple[Dose, ...], at: set, period: float, start: float, end: float) -> bool:
    def there(dose: Dose, time: float) -> bool:
        inside = start - _SAME <= time < end - _SAME
        return not inside or bool({(round(time / _SAME) + k, dose.what) for k in (-1, 0, 1)} & at)

    return all(there(d, d.time + period) and there(d, d.time - period) for d in doses)


def one_cycle(records: Sequence[Record], period: float) -> tuple[Dose, ...]:
    """Doses of one period at steady state, at times in [0, period) that keep their clock.

    Time 0 is a multiple of the period after the first midnight.
    """
    doses = [r for r in records if r.is_dose]
    if _side_by_side(doses) == period:
        repeats = [(r, round(period / r.ii)) for r in doses]
        found = [Dose(r.first + k * r.ii, r) for r, n in repeats for k in range(n)]
    else:
        every = expand(doses)
        found = [d for d in every if d.time < every[0].time + period - _SAME]
    return tuple(sorted((Dose(_phase(d.time, period), d.record) for d in found), key=lambda d: d.time))


def _phase(time: float, period: float) -> float:
    phase = math.fmod(time, period)
    return 0.0 if period - phase < _SAME else phase
