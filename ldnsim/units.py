"""Units at the edge: inside ldnsim there are only h, mg and nM."""

from __future__ import annotations

import math
import re

from .errors import bad
from .numeric import as_number

HOURS_PER_DAY = 24.0
DOSE = "mg"  # unit of doses, unless a drug or a model says otherwise
MASSES = {"g": 1e3, "mg": 1.0, "ug": 1e-3, "ng": 1e-6}  # mg in a unit of mass
WRITTEN_MASSES = MASSES | {
    "kg": 1e6,
    **dict.fromkeys(("gram", "grams"), MASSES["g"]),
    **dict.fromkeys(("milligram", "milligrams"), MASSES["mg"]),
    **dict.fromkeys(("mcg", "µg", "μg", "microgram", "micrograms"), MASSES["ug"]),
}  # as people write them
HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": HOURS_PER_DAY}  # h in a unit of time
BLOCKED = 0.8  # share of receptors held: the level usually asked of a functional blockade
ASLEEP = (-1.0, 7.0)  # h from midnight: 23:00 to 07:00, the sleep window of readouts and figures
MOMENTS = {"bedtime": "22:00", "night": "22:00", "morning": "08:00", "noon": "12:00", "midnight": "00:00"}
_IN_WORDS = re.compile(r"(?P<name>.+) \((?P<unit>(?:fold of|share of|0 none) [^()]+)\)")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_LIKE_A_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})([:.h]?(?P<minute>\d{2})(:\d{2})?)?\s*((?P<half>[ap]m)|h|hours|o'clock|uhr)?"
)


def hours_of(at: str | float, argument: str = "at") -> float:
    """Hours since midnight of a clock time ("22:00") or of a number of hours.

    Parameters
    ----------
    at : str or float
        Clock time ``"HH:MM"`` from ``"00:00"`` to ``"23:59"``, a word of `MOMENTS` ("bedtime" is 22:00), or
        hours (h, >= 0).
    argument : str, optional
        Name to use in the error message.

    Returns
    -------
    float
        Hours (h).

    Raises
    ------
    InputError
        If the text is no clock time or the number is negative or not finite.

    Examples
    --------
    >>> hours_of("22:30"), hours_of(30)
    (22.5, 30.0)
    """
    text = at.strip() if isinstance(at, str) else ""
    clock = _CLOCK.fullmatch(MOMENTS.get(text.lower(), text))
    if clock and int(clock[1]) < 24 and int(clock[2]) < 60:
        return int(clock[1]) + int(clock[2]) / 60.0
    hours = as_number(at)
    if not math.isfinite(hours) or hours < 0:
        rule = "must be a clock time from '00:00' to '23:59', or a finite number of hours >= 0"
        raise bad(argument, at, rule, _meant(at))
    return hours


def _meant(at: object) -> str:
    """Say which clock time was meant, if that can be guessed."""
    words = str(at).strip()
    guess = clock_meant(words)
    if guess is None:
        return ""
    if guess == "24:00":
        return "midnight is '00:00', and the number 24 is the midnight that ends the first day"
    plain = f", or the number {int(guess[:2])}" if words.isdigit() else ""
    return f"did you mean '{guess}'{plain}?"


def clock_meant(text: str) -> str | None:
    """Guess the clock time that was meant by 8, 8 pm, 22.30, 24:00, 22:00:00; None where there is no telling."""
    found = _LIKE_A_CLOCK.fullmatch(text.strip().lower())
    if not found:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"] and 1 <= hour <= 12:
        hour = hour % 12 + 12 * (found["half"] == "pm")
    fits = (hour <= 23 and minute <= 59) or (hour, minute) == (24, 0)
    return f"{hour:02d}:{minute:02d}" if fits else None


def clock_of(hours: float) -> str:
    """Clock time ``"HH:MM"`` of hours since a midnight, to the nearest minute.

    Examples
    --------
    >>> clock_of(46), clock_of(-1)
    ('22:00', '23:00')
    """
    minutes = round(hours * 60) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def told_apart(name: str, unit: str) -> tuple[str, str]:
    """Tell a name and its unit apart; that of a pure number is what its name says it is a fold or a share of.

    Examples
    --------
    >>> told_apart("IL-6 (fold of untreated)", "1")
    ('IL-6', 'fold of untreated')
    """
    found = _IN_WORDS.fullmatch(name) if unit == "1" else None
    return (found["name"], found["unit"]) if found else (name, unit)


def no_share(value: float, unit: str) -> str:
    """Say how a share is written that was meant in percent, such as 80 where the unit is a share of receptors.

    Examples
    --------
    >>> no_share(80, "share of receptors"), no_share(0.8, "share of receptors"), no_share(80, "mg/L")
    ('write 0.8 for 80 %', '', '')
    """
    return f"write {value / 100:g} for {value:g} %" if unit.startswith("share of ") and value > 1 else ""


def unit_shown(unit: str | None) -> str:
    """Write a unit as people read it: nothing for a mere number; the words of a fold or a share stay."""
    return "" if unit in (None, "", "1") else str(unit)


def is_pure(unit: str) -> bool:
    """Whether a unit is that of a pure number: none, 1, or words that say of what it is a fold or a share."""
    return unit in ("", "1") or _IN_WORDS.fullmatch(f"x ({unit})") is not None
