"""Windows: which part of a course a readout describes, in words and in hours."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..errors import bad
from ..units import ASLEEP, HOURS_PER_DAY, clock_of, hours_of

WINDOWS = {
    "last interval": "the last complete cycle of the doses; the last dosing interval where all are alike",
    "last dose": "from the last dose of that cycle to its end",
    "last days": "whole cycles and, where they allow it, whole days before the end of that cycle; at least a day",
    "after last dose": "from the last dose of that cycle to the next one, or to the end of what was asked for",
    "first dose": "from the first dose to the second",
    "dose 2": "from a dose, counted from 1, to the next",
    "day 1": "a day of 24 h, counted from 1 at the first midnight",
    "days 2-5": "from the start of a day to the end of another",
    "0-24 h": "hours since the first midnight",
    "0-24 h after last dose": "hours since the last dose",
    "night": f"the hours from {clock_of(ASLEEP[0])} to {clock_of(ASLEEP[1])} of the last days",
    "02:00-04:00": "these hours of the last days",
    "whole course": "all of the run",
}
_PLAIN = {
    "last interval": "over the last dosing interval", "last dose": "from the last dose on",
    "last days": "over the last whole days",
    "after last dose": "from the last dose to the next, or to the end of the run",
    "first dose": "over the first dosing interval", "whole course": "over the whole course",
}  # fmt: skip
_SAME = 1e-6  # h
_EACH = 3  # regimens whose hours are all named
_NUMBER = r"(\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_DOSE, _DAYS = re.compile(r"dose (\d+)"), re.compile(r"days? (\d+)(?:-(\d+))?")
_HOURS = re.compile(rf"{_NUMBER}-{_NUMBER} h( after last dose)?")
_CLOCK = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


class Marks(NamedTuple):
    """What windows are laid from, a row a regimen; all in h.

    Attributes
    ----------
    start, end : array, shape (row,)
        The last complete cycle of the doses.
    last : array, shape (row,)
        Its last dose.
    day : array, shape (row,)
        Start of the whole days before `end`.
    run : array, shape (row,)
        End of what was asked for.
    dose, due : array, shape (row, k)
        Doses, and when the interval that each begins ends; NaN where there is none, or it ends after the run.
    until : array, shape (row,)
        When another dose follows `last`; by default none does.
    """

    start: np.ndarray
    end: np.ndarray
    last: np.ndarray
    day: np.ndarray
    run: np.ndarray
    dose: np.ndarray
    due: np.ndarray
    until: np.ndarray | float = np.inf


def compressed(dose: np.ndarray, due: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bring the doses whose intervals count, those with a `due`, to the front of each row; shapes (row, k)."""
    none = np.isnan(due)
    order = np.argsort(none, axis=1, kind="stable")
    dose, due = (np.take_along_axis(a, order, axis=1) for a in (np.where(none, np.nan, dose), due))
    return dose, due


def window_named(window: Any) -> str:
    """Bring a window to its one form in words.

    Raises
    ------
    InputError
        If it is none; the message lists the forms there are.
    """
    if isinstance(window, np.ndarray):
        window = window.tolist()
    if isinstance(window, tuple | list) and len(window) == 2:
        try:
            window = "{:.12g}-{:.12g} h".format(*map(float, window))
        except (TypeError, ValueError):
            window = str(window)
    text = " ".join(str(window).split()).replace(" - ", "-")
    hours, days, clock, dose = (p.fullmatch(text) for p in (_HOURS, _DAYS, _CLOCK, _DOSE))
    if text == "dose 1":
        return "first dose"
    ordered = (
        float(hours[1]) < float(hours[2]) if hours
        else 1 <= int(days[1]) <= int(days[2] or days[1]) if days
        else hours_of(clock[1], "window") != hours_of(clock[2], "window") if clock
        else int(dose[1]) > 1 if dose
        else text in WINDOWS
    )  # fmt: skip
    if not ordered or not isinstance(window, str):
        raise bad("window", window, "is no window of time", f"the forms are {', '.join(map(repr, WINDOWS))}")
    if days and days[2] in (None, days[1]):
        return f"day {days[1]}"
    return text


def hours_in(window: str) -> tuple[float, float] | None:
    """Start and end of a window of hours since the first midnight; None for another one."""
    found = _HOURS.fullmatch(window)
    return (float(found[1]), float(found[2])) if found and not found[3] else None


def words_of(window: str) -> str:
    """Say which part of a course a window is, to stand after a comma."""
    if hours := _HOURS.fullmatch(window):
        return f"{hours[1]} to {hours[2]} h after the " + ("last dose" if hours[3] else "first midnight")
    if window == "night" or _CLOCK.fullmatch(window):
        clock = "-".join(map(clock_of, ASLEEP)) if window == "night" else window
        return f"from {clock.replace('-', ' to ')} in the last days"
    return _PLAIN.get(window) or f"over {window}"


def words_in_hours(window: str, marks: Marks) -> str:
    """Say which part of a course a window is, with its hours; those of each row where they are not alike."""
    span, dosed = _dosed(window, marks)
    if not len(span) or not np.isfinite(span).all():
        return words_of(window)
    low, high = (np.unique((span[:, k] - marks.last[dosed]).round(6)) for k in (0, 1))
    if len(low) > 1 or len(high) > 1 or lies_apart(window, marks):
        each = list(dict.fromkeys(f"{a:g} to {b:g} h" for a, b in span.round(6)))
        if len(each) > _EACH:
            each = [f"that ends between {span[:, 1].min():g} and {span[:, 1].max():g} h"]
        hours = "; ".join(each)
        return f"{words_of(window)} ({hours})"
    missed = _begun_by_none(marks, dosed)
    if missed.any():
        return f"{words_of(window)} ({high[0] - low[0]:g} h; its dose is missed{'' if missed.all() else ' in some'})"
    if low[0] == 0:
        return f"from 0 to {high[0]:g} h after the {'last ' if marks.dose.shape[1] > 1 else ''}dose"
    return f"{words_of(window)} ({high[0] - low[0]:g} h)"


def of_which_dose(window: str, marks: Marks) -> str:
    """Say which dose a window begins with where it is not the last one of the run; else nothing."""
    follows = np.flatnonzero(np.asarray(marks.until) < marks.run) if "last dose" in window else ()
    if not len(follows):
        return ""
    each = ", ".join(f"{time:g}" for time in dict.fromkeys(marks.last[follows].round(6)))
    return f" The dose is that at {each} h: the last one whose interval ends within the run."


def lies_apart(window: str, marks: Marks) -> bool:
    """Say whether a window ends days apart in different rows, so that their numbers are not of the same time."""
    ends = _dosed(window, marks)[0][:, 1] if len(marks.run) > 1 else marks.run  # one row is not laid at all
    return len(ends) > 1 and bool(np.ptp(ends) > HOURS_PER_DAY)


def _dosed(window: str, marks: Marks) -> tuple[np.ndarray, np.ndarray]:
    """Lay a window of one piece that doses decide, where there are doses: spans, shape (some, 2), and which rows."""
    dosed = ~np.isnan(marks.dose).all(axis=1) if marks.dose.shape[1] else np.zeros(len(marks.run), bool)
    spans = spans_of(window, marks)[0] if window in _PLAIN else np.zeros((len(dosed), 0, 2))
    return (spans[dosed, 0] if spans.shape[1] == 1 else np.zeros((0, 2))), dosed


def _begun_by_none(marks: Marks, dosed: np.ndarray) -> np.ndarray:
    """Say of which of some rows the last interval belongs to a dose that was due and not taken."""
    last = marks.last[dosed, None]
    return ~(np.abs(marks.dose[dosed] - last) < _SAME).any(axis=1)


def spans_of(window: str, marks: Marks, hour: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Lay a window.

    Parameters
    ----------
    window : str
        As `window_named` gives it.
    marks : Marks
        What it is laid from.
    hour : float, optional
        An instant, in h since the start of the window, that is wanted instead.

    Returns
    -------
    spans : array, shape (row, k, 2)
        Starts and ends (h), NaN where a regimen has no such window.
    length : array, shape (row,)
        What rates per day are of (h): the window, or the days of which it is some hours.
    """
    clock = (clock_of(ASLEEP[0]), clock_of(ASLEEP[1])) if window == "night" else None
    found = _CLOCK.fullmatch(window)
    clock = found.groups() if found else clock
    if clock is not None:
        spans = _nightly(marks, *(hours_of(c) for c in clock))
        length = marks.end - marks.day
    else:
        start, end = _plain(window)(marks)
        spans = np.stack(np.broadcast_arrays(start, end), axis=-1)[:, None, :].astype(float)
        length = spans[:, 0, 1] - spans[:, 0, 0]
    if hour is not None:
        spans = np.repeat(spans[:, :1, :1] + hour, 2, axis=2)
    return spans, length


def _plain(window: str) -> Callable[[Marks], tuple[Any, Any]]:
    """Tell how to lay a window of one piece."""
    fixed: dict[str, Callable] = {
        "last interval": lambda m: (m.start, m.end),
        "last dose": lambda m: (m.last, m.end),
        "last days": lambda m: (m.day, m.end),
        "after last dose": lambda m: (m.last, np.minimum(m.until, m.run)),
        "whole course": lambda m: (np.zeros_like(m.run), m.run),
    }
    if window in fixed:
        return fixed[window]
    if hours := _HOURS.fullmatch(window):
        low, high = float(hours[1]), float(hours[2])
        since = (lambda m: m.last) if hours[3] else (lambda m: np.zeros_like(m.run))
        return lambda m: (since(m) + low, since(m) + high)
    if days := _DAYS.fullmatch(window):
        low, high = HOURS_PER_DAY * (int(days[1]) - 1), HOURS_PER_DAY * int(days[2] or days[1])
        return lambda m: (np.full_like(m.run, low), np.full_like(m.run, high))
    k = 0 if window == "first dose" else int(_DOSE.fullmatch(window)[1]) - 1
    none = lambda m: np.full_like(m.run, np.nan)  # noqa: E731
    return lambda m: (m.dose[:, k], m.due[:, k]) if k < m.dose.shape[1] else (none(m), none(m))


def _nightly(marks: Marks, start: float, end: float) -> np.ndarray:
    """Lay the same hours of each day between `day` and `end`; what is missing has no length."""
    start -= HOURS_PER_DAY * (start > end)
    first = np.floor(marks.day / HOURS_PER_DAY)
    n = int(np.nanmax(np.floor(marks.end / HOURS_PER_DAY) - first, initial=0)) + 2
    nights = HOURS_PER_DAY * (first[:, None] + np.arange(n))
    low, high = (np.clip(nights + x, marks.day[:, None], marks.end[:, None]) for x in (start, end))
    return np.stack([low, np.maximum(low, high)], axis=-1)
