"""A regimen in words: "4.5 mg every other day at bedtime + tramadol 50 mg every 6 h from 08:00 for 14 days"."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from ..errors import bad, instance, unknown, whole
from ..numeric import number_of, with_point
from ..units import HOURS_PER_DAY, MOMENTS, WRITTEN_MASSES
from . import hints, names
from .hints import GRAMMAR
from .record import MOST_DAYS

if TYPE_CHECKING:
    from ..model import Model
    from .regimen import Regimen

FORM = "must read like '4.5 mg at 22:00'"
WEEK = 7 * HOURS_PER_DAY
_OFTEN = {"once": 24.0, "twice": 12.0, "three times": 8.0, "four times": 6.0, "bid": 12.0, "tid": 8.0, "qid": 6.0}
_SPAN = {"h": 1.0, "d": HOURS_PER_DAY, "w": WEEK}  # by the first letter of the unit
_LENGTH = r"(?P<n>\S+?)\s*(?P<unit>h|hours?|d|days?|weeks?)\b"
_TIME = r"(?P<time>\S+(?:\s+[ap]m\b)?)"
_ONCE = r"(?:once\s+)?"  # "once nightly"
_FILL = ("of", "as", "a", "taken")
_DOSE = re.compile(r"(?<!\S)(?P<dose>[-+]?[\d.]\S*?)\s*(?P<unit>[a-zµμ]+(?:/[a-z]+)?)(?!\S)", re.I)
_BY_MOUTH = re.compile(r"(?<!\S)(?:oral(?:ly)?|p\.?o\.?|by\s+mouth)(?!\S)", re.I)


class Phrase(NamedTuple):
    """A piece of the language: what it looks like, and what it says of when and how long a dose is taken."""

    looks: re.Pattern
    says: Callable[[re.Match, str], dict[str, Any]]


def _phrase(pattern: str, says: Callable[[re.Match, str], dict[str, Any]]) -> Phrase:
    return Phrase(re.compile(rf"(?<!\S)(?:{pattern})(?!\S)", re.I), says)


PHRASES = (
    _phrase(
        r"(?P<often>once|twice|three\s+times|four\s+times)\s+(?:a\s+day|daily|every\s+day)|(?P<short>[btq]id)",
        lambda m, t: {"ii": _OFTEN[" ".join((m["often"] or m["short"]).lower().split())]},
    ),
    _phrase(
        rf"{_ONCE}every\s+(?P<other>(?:other|second)\s+)?(?:evening|night|morning)\s+at\s+{_TIME}",
        lambda m, t: {"ii": 48.0 if m["other"] else 24.0, "at": _clock(m["time"])},
    ),
    _phrase(
        rf"{_ONCE}(?:every\s+(?:other|second)\s+day|(?:on\s+)?alternate\s+days)", lambda m, t: {"ii": 48.0}
    ),
    _phrase(
        rf"{_ONCE}every\s+(?:other|second)\s+night", lambda m, t: {"ii": 48.0, "at": MOMENTS["night"]}
    ),
    _phrase(r"q(?P<n>\d+)(?P<unit>[hdw])", lambda m, t: {"ii": _hours(m, t)}),
    _phrase(r"qod", lambda m, t: {"ii": 48.0}),
    _phrase(r"qam", lambda m, t: {"ii": 24.0, "at": MOMENTS["morning"]}),
    _phrase(rf"{_ONCE}(?:every\s+night|nightly|qhs)", lambda m, t: {"ii": 24.0, "at": MOMENTS["night"]}),
    _phrase(rf"{_ONCE}every\s+morning", lambda m, t: {"ii": 24.0, "at": MOMENTS["morning"]}),
    _phrase(r"(?:every\s+day|daily|qd)", lambda m, t: {"ii": 24.0}),
    _phrase(rf"(?:{_ONCE}(?:every\s+week|weekly)|once\s+a\s+week)", lambda m, t: {"ii": WEEK}),
    _phrase(rf"{_ONCE}every\s+{_LENGTH}", lambda m, t: {"ii": _hours(m, t)}),
    _phrase(rf"for\s+{_LENGTH}", lambda m, t: {"days": _whole_days(m, t)}),
    _phrase(r"for\s+(?:(?P<n>\S+)\s+)?(?P<unit>months?|years?)", lambda m, t: _refuse_long(m, t)),
    _phrase(r"from\s+day\s+(?P<n>\S+)", lambda m, t: {"first": whole("day", _number(m["n"], t), 1)}),
    _phrase(r"once", lambda m, t: {"ii": math.inf}),
    _phrase(rf"(?:at|from|in\s+the)\s+{_TIME}", lambda m, t: {"at": _clock(m["time"])}),
    _phrase(rf"(?P<time>{'|'.join(MOMENTS)})", lambda m, t: {"at": _clock(m["time"])}),
    _phrase(r"hs", lambda m, t: {"at": MOMENTS["bedtime"]}),
)


class TakenTogether(NamedTuple):
    """One part of a regimen: its words, the arguments that make it, and how many days it is taken."""

    words: str
    how: dict[str, Any]
    days: int | None
    first: int

    @property
    def is_timed(self) -> bool:
        """Whether it says when it is taken."""
        return "at" in self.how

    @property
    def lacks_length(self) -> bool:
        """Whether it is repeated, as by "nightly", and does not say for how long."""
        return self.days is None and self.how.get("ii", math.inf) < math.inf

    def made(self, make: type[Regimen], days: int) -> Regimen:
        """Make it."""
        return doses_for(make, days, **self.how).shift(hours=(self.first - 1) * HOURS_PER_DAY)


def parse(
    make: type[Regimen], text: str, days: int | None, model: Model | None, lengthened: str | None = None
) -> Regimen:
    """Read a regimen; see `Regimen.parse`. `lengthened` says what beside `days` could tell how long it is taken."""
    days = None if days is None else whole("days", days, 1)
    parts = parts_of(text, model)
    _check_days(parts, text, days, lengthened)
    first, *others = [part.made(make, days if part.days is None else part.days) for part in parts]
    return sum(others, start=first)


def parts_of(text: str, model: Model | None = None) -> list[TakenTogether]:
    """Take the words apart; the page of a model reads the same ones (``webpage/shell/src/ui/words.ts``)."""
    if not instance("regimen", text, str, "a text", "'4.5 mg at bedtime'").strip():
        raise bad("regimen", text, FORM, GRAMMAR)
    known = names.known(model)
    parts = [_part(words.strip(), text, known) for words in re.split(r"\s\+\s", f" {text} ")]
    _check_times(parts, text)
    return parts


def doses_for(
    make: type[Regimen], days: int | None, dose: float, *, ii: float | None = None, **how: Any
) -> Regimen:
    """Doses for a number of days: one a day, or as many as fall within them at the interval `ii` (h).

    An infinite interval is a single dose. `make` is the class, which reads words by this module.
    """
    if ii == math.inf:
        return make.single(dose, **how)
    daily = make.daily(dose, days, **how)  # refuses a wrong dose or number of days
    if ii is None:
        return daily
    make.every(dose, ii, 1, **how)  # refuses a wrong ii
    return make.every(dose, ii, max(1, math.ceil(days * HOURS_PER_DAY / ii)), **how)


def _part(words: str, text: str, known: dict[str, names.Drug]) -> TakenTogether:
    found: dict[str, Any] = {}
    if joining := next((w for w in words.split() if w.lower() in hints.JOINING), None):
        raise bad("regimen", text, f"has {joining!r}, which joins nothing", hints.JOINING[joining.lower()])
    rest = f" {words} "
    for phrase in PHRASES:
        while match := phrase.looks.search(rest):
            for name, value in phrase.says(match, text).items():
                _add(found, name, value, match[0].strip(), text)
            rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    days, first = found.pop("days", None), found.pop("first", 1)
    _check_reach(found, days or 1, first, text)
    dose = _DOSE.search(rest)
    if not dose:
        raise bad("regimen", text, FORM, hints.without_dose(rest))
    rest, mouths = _BY_MOUTH.subn(" ", f"{rest[: dose.start()]} {rest[dose.end() :]}")
    for kind, word in _named(rest.split(), text, known):
        _add(found, kind, word, word, text)
    drug = found.get("drug", names.DRUG)
    found["dose"] = _amount(_number(dose["dose"], text), dose["unit"], drug, text, known)
    if mouths:
        found |= _swallowed(drug, found.get("formulation"), text, known)
    if found.get("ii") == math.inf and days is not None:
        raise bad("regimen", text, "says 'once' and for how long", "leave out one of the two")
    return TakenTogether(words, found, days, first)


def _check_reach(found: dict[str, Any], days: int, first: int, text: str) -> None:
    """Refuse what would make a run of more than ten years."""
    at, ii = found.get("at", 0.0), found.get("ii", 0.0)
    reach = {"length": HOURS_PER_DAY * days, "first day": HOURS_PER_DAY * first}
    reach |= {"interval": 0.0 if ii == math.inf else ii, "time": 0.0 if isinstance(at, str) else at}
    for what, hours in reach.items():
        if hours > MOST_DAYS * HOURS_PER_DAY:
            raise bad("regimen", text, f"goes beyond {MOST_DAYS} days, ten years, by its {what}")


def _add(found: dict[str, Any], name: str, value: Any, words: str, text: str) -> None:
    if name in found:
        kind = {"ii": "interval", "at": "time", "days": "length", "first": "first day"}.get(name, name)
        raise bad("regimen", text, f"names a second {kind}, {words!r}")
    found[name] = value


def _named(words: list[str], text: str, known: dict[str, names.Drug]) -> Iterator[tuple[str, str]]:
    """Tell drugs from formulations; the words of a formulation may stand apart."""
    forms = dict.fromkeys(f for drug in known.values() for f in drug.formulations)
    kinds = {f.lower(): ("formulation", f) for f in forms} | {d.lower(): ("drug", d) for d in known}
    words = [w for w in words if w.lower() not in _FILL]
    while words:
        taken = next((k for k in (2, 1) if "_".join(words[:k]).lower() in kinds and len(words) >= k), 0)
        if not taken:
            raise hints.strange(words, text, [*forms, *known])
        yield kinds["_".join(words[:taken]).lower()]
        words = words[taken:]


def _refuse_long(match: re.Match, text: str) -> NoReturn:
    days = hints.LONG[match["unit"].lower().removesuffix("s")]
    n = number_of(hints.in_digits(match["n"] or "1") or match["n"])
    meant = f"write 'for {n * days:g} days'" if n > 0 else "give it in days"
    raise bad("regimen", text, f"says {match[0].strip()!r}, which is no certain number of days", meant)


def _amount(value: float, unit: str, drug: str, text: str, known: dict[str, names.Drug]) -> float:
    """Return a dose in the unit of its drug; masses are brought to it."""
    wanted = known[drug].unit.lower() if drug in known else ""
    unit = unit.lower()
    if not wanted or unit == wanted:
        return value
    if unit in WRITTEN_MASSES and wanted in WRITTEN_MASSES:
        up = WRITTEN_MASSES[unit] / WRITTEN_MASSES[wanted]
        return value * up if up >= 1.0 else value / (1.0 / up)  # 4500 ug are 4.5 mg to the bit
    raise bad("regimen", text, f"gives {drug} in {unit}, it must be in {wanted}", hints.a_day(unit, value))


def _swallowed(drug: str, formulation: str | None, text: str, known: dict[str, names.Drug]) -> dict[str, str]:
    """Take "by mouth" for the form of that name where there is one; refuse it of what is not swallowed."""
    forms = known[drug].formulations if drug in known else ()
    if formulation is None and "oral" in forms:
        return {"formulation": "oral"}
    form = formulation or (known[drug].usual if drug in known else "")
    if form not in names.SWALLOWED:
        taken = [f for f in forms if f in names.SWALLOWED]
        remedy = f"{drug} by mouth is {', '.join(taken)}" if taken else f"no form of {drug} is"
        raise bad("regimen", text, f"says by mouth of {form or drug!r}, which is not swallowed", remedy)
    return {}


def _check_times(parts: list[TakenTogether], text: str) -> None:
    """Refuse parts of which only some name their time: it may be meant for all, or midnight for the others."""
    timed = [part for part in parts if part.is_timed]
    if timed and len(timed) < len(parts):
        lacks = next(part for part in parts if not part.is_timed).words
        full = " + ".join(part.words if part.is_timed else _timed(part, _shown(timed[0])) for part in parts)
        raise bad("regimen", text, f"does not say when {lacks!r} is taken", f"say it, as in {full!r}")


def _timed(part: TakenTogether, time: str) -> str:
    return f"{part.words} {'from' if part.how.get('ii', 24.0) < 24.0 else 'at'} {time}"


def _shown(part: TakenTogether) -> str:
    at = part.how["at"]
    return at if isinstance(at, str) else f"{at:g}"


def _check_days(parts: list[TakenTogether], text: str, days: int | None, lengthened: str | None) -> None:
    """Refuse what says for the last part alone how long it is taken: that may be meant for all of them."""
    open_ = [part for part in parts if part.days is None and part.how.get("ii") != math.inf]
    if open_ and parts[-1].days is not None:
        rule = f"does not say for how long {open_[0].words!r} is taken"
        raise bad("regimen", text, rule, f"give each part its length, as in '{open_[0].words} for 14 days'")
    if open_ and days is None and lengthened is not None:
        rule, said = f"does not say for how long {open_[0].words!r} is taken", f"'{open_[0].words} for 28 days'"
        raise bad("regimen", text, rule, f"{lengthened}, or {said}" if lengthened else said)
    if open_ and days is None:
        raise bad("days", None, "must be given, or said in the words", f"'{open_[0].words} for 14 days'")


def _hours(match: re.Match, text: str) -> float:
    return _number(match["n"], text) * _SPAN[match["unit"][0].lower()]


def _whole_days(match: re.Match, text: str) -> int:
    return whole("days", _hours(match, text) / HOURS_PER_DAY, 1)


def _clock(word: str) -> str | float:
    """Take a word of the day for its clock time, a plain number for hours; the regimen checks the rest."""
    if word.lower() in MOMENTS:
        return MOMENTS[word.lower()]
    if word.isalpha():
        raise unknown("at", word, MOMENTS)
    return clock(word)


def clock(text: str) -> str | float:
    """Take a plain number for hours; what is no number must be a clock time, which the regimen checks."""
    hours = number_of(text)
    return text if math.isnan(hours) else hours


def _number(word: str, text: str) -> float:
    value = number_of(word)
    if math.isnan(value):
        meant = with_point(word) or hints.in_digits(word)
        raise bad("regimen", text, f"{word!r} is not a number", f"write {meant}" if meant else GRAMMAR)
    return value
