"""Words that people write and that are no part of the language: what is meant by them, and how long it may take.

The page of a model is handed the same ones, so that it hints at what the library hints at.
"""

from __future__ import annotations

from typing import Any

from .record import MOST_DAYS

COUNTED = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
LONG = {"month": 28, "year": 365}  # days that are proposed for a length which has no certain number of them
JOINING = ("and", "plus", "with", "&")
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
DAYS_OFF = "4.5 mg nightly for 8 days + 4.5 mg nightly from day 10 for 5 days"  # how these are said
BROKEN = ("at", "every", "from", "for", "in", "once")  # after which something must follow


def for_a_page() -> dict[str, Any]:
    """Return all of them as JSON holds them."""
    return {
        "counted": COUNTED, "long": LONG, "joining": JOINING, "meant": MEANT, "off": OFF,
        "daysOff": DAYS_OFF, "broken": BROKEN, "mostDays": MOST_DAYS,
    }  # fmt: skip


def in_digits(word: str) -> str:
    """Return the number that a word says; empty for any other word."""
    said = word.lower()
    return "1" if said in ("a", "an") else str(COUNTED.index(said)) if said in COUNTED[1:] else ""
