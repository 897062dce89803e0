"""The stretch of a regimen that metrics describe: its last complete cycle."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..units import HOURS_PER_DAY
from .names import DRUG
from .record import Dose
from .schedule import common_multiple

if TYPE_CHECKING:
    from .regimen import Regimen

_SAME = 1e-6  # h; so much may the doses of a pattern be off its beat
_LONGEST = 28 * HOURS_PER_DAY  # h; whole days are not sought in a longer stretch


def _is_later(time: np.ndarray | float, other: float) -> Any:
    """Tell whether a time is after another one, by more than doses may be off their beat (h)."""
    return time > other + _SAME


class Window(NamedTuple):
    """What metrics describe; all times in h.

    Attributes
    ----------
    start, end : float
        The last complete cycle of the doses: the last dosing interval where all doses are alike.
    last : float
        Last dose taken between them; the one due where none was.
    day : float
        Where hours per day are counted from, up to `end`: at least a day of whole cycles, whole days where
        these allow it.
    complete : bool
        Whether the last dosing interval ended before the run did.
    until : float
        When another dose follows the last; the end of the run if none does, infinite where it has none.
    """

    start: float
    end: float
    last: float
    day: float
    complete: bool = True
    until: float = math.inf


@functools.lru_cache(maxsize=4096)
def window_of(regimen: Regimen, end: float) -> Window:
    """Find the last complete cycle of a regimen by the end of a run.

    A dosing interval lasts from a dose to the next one, taken or due. The cycle is the time after which the
    pattern at the end repeats: 24 h for unequal doses in the morning and in the evening, the interval for
    equal doses evenly spaced, 168 h for five days on and two off. Where the pattern has no cycle it is the
    last dosing interval; without doses the last day; where not even an interval is complete, the one begun.

    Parameters
    ----------
    regimen : Regimen
        Doses of the package's drug count where there are any, else all.
    end : float
        End of the run (h).
    """
    every = deciding(regimen.doses), regimen.missed
    taken, due = ([d for d in doses if _is_later(end, d.time)] for doses in every)
    if not taken:
        start = max(0.0, end - HOURS_PER_DAY)
        return Window(start, end, start, start, until=end)
    times = [d.time for d in taken]
    last, stop, complete = _interval([*taken, *due], _ends([d for doses in every for d in doses]), end)
    if not complete:
        return Window(last, stop, last, max(0.0, min(last, stop - HOURS_PER_DAY)), False, end)
    first = taken[0].time
    taken, due = ([d for d in doses if not _is_later(d.time, last)] for doses in (taken, due))
    cycle, since = _repeating(taken, stop)
    if cycle is None:
        cycle, since = _declared([*taken, *due], stop) or stop - last, stop
    if _is_later(first, stop - cycle):
        cycle = stop - last
    back = whole_cycles(cycle, stop - since)
    start, day = (_at_a_dose(stop - hours, times) for hours in (cycle, back))
    last = max((d.time for d in taken if not _is_later(start, d.time)), default=last)
    until = min((time for time in times if _is_later(time, last)), default=end)
    return Window(start, stop, last, max(0.0, day), until=until)


def interval_ends(doses: Sequence[Dose], due: Sequence[Dose], end: float) -> np.ndarray:
    """When the dosing interval that each dose begins ends: at the next dose, taken or due, see `_ends`.

    Parameters
    ----------
    doses, due : sequence of Dose
        Doses taken, in the order of their times, and missed ones.
    end : float
        End of the run (h).

    Returns
    -------
    array, shape (dose,)
        In h; NaN where it does not end by `end`, and for doses whose intervals do not count: of another drug
        beside the package's, and all but the first of one instant, which has the shortest of their intervals.
    """
    counted = deciding(doses)
    found = _until(doses, _ends([*counted, *due]))
    ids = {id(d) for d in counted}
    starts = np.array([id(d) in ids for d in doses], dtype=bool)
    found[~starts | _is_later(found, end)] = np.nan
    first = -1
    for k in np.flatnonzero(starts).tolist():
        if first >= 0 and not _is_later(doses[k].time, doses[first].time):
            found[first], found[k] = np.fmin(found[first], found[k]), np.nan
        else:
            first = k
    return np.minimum(found, end)


def cycle_of(doses: Sequence[Dose], period: float) -> float:
    """Shortest time (h) after which doses repeat that are known to do so after `period`."""
    twice = [d._replace(time=d.time + k * period) for k in (0, 1) for d in doses]
    return _repeating(twice, twice[0].time + 2 * period)[0] or period


def deciding(doses: Sequence[Dose]) -> Sequence[Dose]:
    """Doses whose intervals count: those of the package's drug where there are any, else all."""
    taken = [d for d in doses if d.amt > 0]
    return [d for d in taken if d.drug == DRUG] or taken or doses


def whole_cycles(cycle: float, room: float) -> float:
    """Hours to look back: whole cycles and days if there is room, else a day of cycles, else a day."""
    days = common_multiple((cycle, HOURS_PER_DAY))
    if not _is_later(days, min(room, _LONGEST)):
        return days
    cycles = -(-(HOURS_PER_DAY - _SAME) // cycle) * cycle
    return max(cycle, HOURS_PER_DAY) if _is_later(cycles, room) else cycles


def _at_a_dose(time: float, times: Sequence[float]) -> float:
    """Time of the dose that is meant: a rounding earlier, a window would begin with the value before it."""
    return next((t for t in times if abs(t - time) <= _SAME), time)


def _ends(doses: Sequence[Dose]) -> np.ndarray:
    """When intervals end, whichever dose began them: at doses, taken or due, and where a train of doses ends.

    Beyond the last dose each that names an interval falls due again. What names none does so a day later: the last
    dose, and the others where one was taken a day before the last.
    """
    times = {d.time for d in doses}
    final = max(times, default=-math.inf)
    daily = any(abs(final - HOURS_PER_DAY - time) <= _SAME for time in times)
    trains = {d.record.span[1] for d in doses if d.record.addl}
    again = {d.time + d.ii for d in doses if d.record.ii or daily or d.time == final}
    return np.array(sorted(times | trains | {time for time in again if _is_later(time, final)} | {math.inf}))


def _until(doses: Sequence[Dose], ends: np.ndarray) -> np.ndarray:
    """When the interval ends that each dose begins: at the next of the ends, or when it says itself."""
    times = np.array([d.time for d in doses])
    own = times + np.array([d.record.ii or math.inf for d in doses])
    return np.minimum(ends[np.searchsorted(ends, times + _SAME, side="right")], own)


def _interval(doses: Sequence[Dose], ends: np.ndarray, end: float) -> tuple[float, float, bool]:
    """Last dosing interval that is complete by `end`, else the one begun."""
    pairs = zip((d.time for d in doses), _until(doses, ends).tolist(), strict=True)
    for last, due in sorted(pairs, key=lambda pair: (-pair[0], pair[1])):
        if not _is_later(due, end):
            return last, min(due, end), True
    return max(d.time for d in doses), end, False


def _repeating(doses: Sequence[Dose], stop: float) -> tuple[float | None, float]:
    """Period of the pattern before `stop`, and since when it holds; of several the one that holds longest.

    It must have been seen twice; None if nothing was.
    """
    names: dict[tuple, int] = {}
    steps = [(round(d.time / _SAME), names.setdefault(d.what, len(names))) for d in doses]
    there, (first, final), end = set(steps), (steps[0][0], steps[-1]), round(stop / _SAME)
    if len(there) < len(steps):
        return None, stop  # the same dose twice at once: no pattern to compare
    best, since = None, end
    for period in sorted({final[0] - t for t, what in steps if what == final[1]} - {0}):
        if 2 * period > end - first + 1 or since == first:
            break
        began = _began(steps, there, period, end)
        if began < since and began <= final[0] and end - began >= 2 * period - 1:
            best, since = period, began
    return (None if best is None else best * _SAME), since * _SAME


def _began(steps: Sequence[tuple[int, int]], there: set, period: int, end: int) -> int:
    """Since when doses repeat after a period, up to the end."""
    first = began = steps[0][0]

    def lacks(time: int, what: int) -> bool:
        return not {(time + k, what) for k in (-1, 0, 1)} & there

    for time, what in steps:
        if time + period < end - 1 and lacks(time + period, what):
            began = max(began, time + 2)
        if time - period >= first - 1 and lacks(time - period, what):
            began = max(began, time - period + 2)
    return began


def _declared(doses: Sequence[Dose], stop: float) -> float | None:
    """Find the common multiple of the intervals of the trains of doses that go on until `stop`."""
    going = {d.record: d.record.ii for d in doses if not _is_later(stop, d.record.span[1])}
    if not all(going.values()):
        return None
    cycle = common_multiple(going.values())
    inside = {d.record for d in doses if not _is_later(stop - cycle, d.time)}
    return cycle if inside <= set(going) else None
