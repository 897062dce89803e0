"""Regimens in words: "4.5 mg at 22:00", "LDN = 4.5 mg slow_release every 48 h at 22:00"."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from ..errors import bad, number_of, unknown
from ..regimen.names import DRUG
from ..units import HOURS_PER_DAY

if TYPE_CHECKING:
    import pandas as pd

    from ..regimen import Regimen

GRAMMAR = "[NAME =] DOSE mg [FORMULATION] [DRUG] [every N h] [at HH:MM] [+ ...]"
_FORM = "must read like '4.5 mg at 22:00'"
_DOSE = re.compile(
    r"\s*(?P<dose>[-+]?[\d.]\S*?)\s*(?P<unit>(?!(?:at|every)\b)[a-zµμ]+(/[a-z]+)?)\b(?P<rest>.*)",
    re.DOTALL | re.I,
)
_EVERY = re.compile(r"\bevery\s+(\S+?)\s*(?:h|hours)\b", re.I)
_AT = re.compile(r"\bat\s+(\S+(?:\s+[ap]m\b)?)", re.I)


def regimens(texts: tuple[str, ...], days: int) -> dict[str, Regimen]:
    """Read regimens in words.

    Parameters
    ----------
    texts : tuple of str
        Each as in GRAMMAR; parts joined by ``+`` are taken together.
    days : int
        Days of treatment.

    Returns
    -------
    dict
        Name -> Regimen; a regimen without a name goes by its text.
    """
    found: dict[str, Regimen] = {}
    for text in texts:
        name, sign, words = text.partition("=")
        name, words = (name, words) if sign else (text, text)
        name = " ".join(name.split())
        if not name:
            raise bad("regimen", text, "has an empty name before '='", _FORM)
        if name in found:
            raise bad("regimen", text, "is there twice", "give names, as in 'evening = 4.5 mg at 22:00'")
        parts = re.split(r"\s\+\s", words)
        _check_times(parts, text)
        first, *others = [_part(part, text, days) for part in parts]
        found[name] = sum(others, start=first)
    return found


def _check_times(parts: list[str], text: str) -> None:
    """Refuse parts of which only some name their time: it may be meant for all, or midnight for the others."""
    timed = [part for part in parts if _AT.search(part)]
    if timed and len(timed) < len(parts):
        lacks, at = next(p.strip() for p in parts if p not in timed), _AT.search(timed[0])[0]
        rule = f"does not say when {lacks!r} is taken"
        raise bad("regimen", text, rule, f"give each part its time, as in '{lacks} {at}'")


def _part(words: str, text: str, days: int) -> Regimen:
    match = _DOSE.fullmatch(words)
    if not match:
        raise bad("regimen", text, _FORM, GRAMMAR)
    rest = match["rest"]
    arguments: dict = {"dose": _number(match["dose"], text), "days": days}
    if every := _EVERY.search(rest):
        arguments["ii"] = _number(every[1], text)
        rest = rest.replace(every[0], " ")
    if at := _AT.search(rest):
        arguments["at"] = clock(at[1])
        rest = rest.replace(at[0], " ")
    for word in rest.split():
        if word.lower() in ("at", "every"):
            raise bad("regimen", text, f"has no time that can be read after {word!r}", GRAMMAR)
        if word.lower() in ("daily", "nightly") and "ii" not in arguments:
            continue  # as it is without a word; the hour is said by "at"
        kind = _kind(word)
        if kind in arguments:
            raise bad("regimen", text, f"names a second {kind}, {word!r}")
        arguments[kind] = word
    drug = arguments.get("drug", DRUG)
    unit = str(_drugs().unit[drug])
    if match["unit"].lower() != unit:
        raise bad("regimen", text, f"gives {drug} in {match['unit']}, it must be in {unit}")
    return dosing(**arguments)


def dosing(dose: float, days: int, *, ii: float | None = None, **how) -> Regimen:
    """Doses for a number of days: one a day, or as many as fall within them at the interval `ii` (h)."""
    import ldnsim as ldn

    if ii is None or not (math.isfinite(ii) and ii > 0 and days > 0):
        checked = ldn.Regimen.daily(dose, days, **how)
        return checked if ii is None else ldn.Regimen.every(dose, ii, 1, **how)  # which refuses ii
    return ldn.Regimen.every(dose, ii, math.ceil(days * HOURS_PER_DAY / ii), **how)


def clock(text: str) -> str | float:
    """Take a plain number for hours; what is no number must be a clock time, which the regimen checks."""
    number = number_of(text)
    return text if math.isnan(number) else number


def _number(word: str, text: str) -> float:
    number = number_of(word)
    if math.isnan(number):
        raise bad("regimen", text, f"{word!r} is not a number", GRAMMAR)
    return number


def _drugs() -> pd.DataFrame:
    import ldnsim as ldn

    return ldn.drugs()


def _kind(word: str) -> str:
    """Say whether a word names a formulation or a drug."""
    import ldnsim as ldn

    formulations, drugs = list(ldn.formulations().index.unique()), list(_drugs().index)
    if word in formulations:
        return "formulation"
    if word in drugs:
        return "drug"
    raise unknown("regimen", word, [*formulations, *drugs])
