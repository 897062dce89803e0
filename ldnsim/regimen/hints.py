"""Words that people write and that are no part of the language: what is meant by them, and how long it may take.

The page of a model is handed the same ones, so that it hints at what the library hints at.
"""

from __future__ import annotations

from typing import Any

from ..errors import UnknownNameError, bad, nearest, unknown
from ..units import MOMENTS, WRITTEN_MASSES
from .record import MOST_DAYS

GRAMMAR = (
    "DOSE mg [FORMULATION] [DRUG] [every N h | daily | ...] [at HH:MM | bedtime | ...] [for N days] [+ ...]"
)

COUNTED = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
LONG = {"month": 28, "year": 365}  # days that are proposed for a length which has no certain number of them
TOGETHER = "join what is taken together with ' + '"
LATER = "say of what is taken later its first day: '1.5 mg for 14 days + 3 mg from day 15 for 14 days'"
JOINING = dict.fromkeys(("and", "plus", "with", "&"), TOGETHER) | dict.fromkeys(("then", "followed"), LATER)
MEANT = {
    "ldn": "naltrexone",
    **dict.fromkeys(
        ("sustained", "extended", "prolonged", "controlled", "delayed", "sr", "er", "xr", "retard"), "slow_release"
    ),
    **dict.fromkeys(("drops", "liquid", "syrup"), "solution"),
    **dict.fromkeys(("troche", "troches", "lozenge", "lozenges"), "sublingual"),
    **dict.fromkeys(("pill", "pills"), "tablet"),
    **dict.fromkeys(("gel", "topical", "ointment"), "cream"),
}  # word -> the drug or formulation
OFF = ("except", "skip", "skipping", "weekdays", "weekends", "without")  # days on which nothing is taken
NOTHING = ("none", "nothing", "placebo", "untreated")
DAYS_OFF = "4.5 mg nightly for 8 days + 4.5 mg nightly from day 10 for 5 days"  # how these are said
WEEKDAYS = (
    "a rhythm of the week is said in parts: '4.5 mg weekly for 28 days + 4.5 mg weekly from day 3 for 26 days'"
)
OFTEN = "how often is said as 'daily', 'nightly' or 'every 8 h'"
WHEN = "when is said as 'every evening at 20:00', 'at 08:00' or 'at bedtime'"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SAID = {
    **dict.fromkeys(("week", *_DAYS, *(f"{day}s" for day in _DAYS)), WEEKDAYS),
    **dict.fromkeys(("each", "per"), OFTEN),
    **dict.fromkeys(("after", "afternoon", "before", "evening", "evenings", "midday", "mornings", "nights"), WHEN),
}  # word -> how what is meant by it is said
_SHORT, _ALIKE = 2, 0.6  # letters of a word, and likeness to a name, up to which no name is proposed for it
BROKEN = ("at", "every", "from", "for", "in", "once")  # after which something must follow


def for_a_page() -> dict[str, Any]:
    """Return all of them as JSON holds them."""
    return {
        "counted": COUNTED, "long": LONG, "joining": JOINING, "meant": MEANT, "off": OFF, "daysOff": DAYS_OFF,
        "said": SAID, "broken": BROKEN, "mostDays": MOST_DAYS, "masses": WRITTEN_MASSES,
    }  # fmt: skip


def in_digits(word: str) -> str:
    """Return the number that a word says; empty for any other word."""
    said = word.lower()
    return "1" if said in ("a", "an") else str(COUNTED.index(said)) if said in COUNTED[1:] else ""


def without_dose(words: str) -> str:
    """Say what to write in the place of words that name no dose."""
    said = words.lower().split()
    if any(word in NOTHING for word in said):
        return "a placebo is '0 mg', and where a function takes a regimen None is no dose"
    if any(word.endswith(".csv") for word in said):
        return "a table of doses is read by Regimen.from_records(path)"
    return GRAMMAR


def a_day(unit: str, value: float) -> str:
    """Say how a daily dose is written, where a unit names one."""
    return f"one dose a day is '{value:g} {unit.split('/')[0]} daily'" if unit.endswith(("/d", "/day")) else ""


def strange(words: list[str], text: str, known: list[str]) -> ValueError:
    """Say of words without a meaning what may be meant, if that is likely: of the first of which it is known."""
    word = next((w for w in words if w.lower() in SAID or w.lower() in OFF), words[0])
    said = word.lower()
    if said in BROKEN:
        return bad("regimen", text, f"has nothing that can be read after {word!r}", GRAMMAR)
    if (meant := MEANT.get(said)) in known:
        return bad("regimen", text, f"has the word {word!r}, which means nothing here", f"did you mean {meant!r}?")
    if said in OFF:
        remedy = f"days off are said as in {DAYS_OFF!r}, or by Regimen.skip(days=[9])"
        return bad("regimen", text, f"has the word {word!r}, which means nothing here", remedy)
    if said in SAID:
        return bad("regimen", text, f"has the word {word!r}, which means nothing here", SAID[said])
    known = [*known, "daily", "nightly", *MOMENTS]
    if len(word) > _SHORT and nearest(word, known, _ALIKE):
        return unknown("regimen", word, known)
    return UnknownNameError(f"regimen={word!r}: means nothing here; {GRAMMAR}")
