"""What one control accepts: reading what was typed, with a clear refusal, and writing it back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError, bad, finite, unknown, whole
from ..numeric import number_of
from ..units import HOURS_PER_DAY, clock_meant, clock_of, hours_of

_HOUR = re.compile(r"\d{1,2}")
_SPAN = re.compile(r"(\d{1,4})(?:\s*[-\u2013]\s*(\d{1,4}))?", re.ASCII)


@dataclass(frozen=True)
class Number:
    """A number that is typed or slid.

    Attributes
    ----------
    name, label, unit : str
        Name in the code, name and unit on the page.
    stops : tuple of float
        Where the slider halts, ascending; the first and the last are the bounds of what may be typed.
    start : float
        Value when the page opens.
    entire : bool
        Whether only whole numbers are allowed.
    when : mapping of str to object
        Other controls and what they must stand at for this one to matter; "*" is anything but nothing.
    """

    name: str
    label: str
    unit: str
    stops: tuple[float, ...]
    start: float
    entire: bool = False
    when: Mapping[str, Any] = field(default_factory=dict)

    def read(self, text: Any) -> float:
        """Return the number.

        Raises
        ------
        InputError
            If it is none, or out of bounds; the message names label, value and bounds.
        """
        low, high = self.stops[0], self.stops[-1]
        kind = "whole number" if self.entire else "number"
        given = text.strip().removesuffix(self.unit).strip() if isinstance(text, str) else text
        number = self._within(given)
        if number is None:
            point = given.replace(",", ".") if isinstance(given, str) and given.count(",") == 1 else ""
            remedy = f"did you mean {point}, with a point?" if self._within(point) is not None else ""
            rule = f"must be a {kind} from {low:g} to {high:g} {self.unit}".rstrip()
            raise bad(self.label, text, rule, remedy)
        return number

    def _within(self, given: Any) -> float | None:
        """Return the number that is given, None where it is none or out of bounds."""
        try:
            number = finite(self.name, number_of(given), self.stops[0])  # typed, so a text
            number = whole(self.name, number) if self.entire else number
        except InputError:
            return None
        return number if number <= self.stops[-1] else None


@dataclass(frozen=True)
class Clock:
    """A time of day, kept as text ``"HH:MM"``.

    Attributes
    ----------
    name, label : str
        Name in the code, and on the page.
    stops : tuple of float
        Where the slider halts (h), ascending.
    start : str
        Time when the page opens.
    when : mapping of str to object
        As for a `Number`.
    """

    name: str
    label: str
    stops: tuple[float, ...]
    start: str
    when: Mapping[str, Any] = field(default_factory=dict)

    def read(self, text: Any) -> str:
        """Return the time as ``"HH:MM"``, of a full hour as ``"22"`` too; refuse what is none."""
        if isinstance(text, str) and _HOUR.fullmatch(text.strip()):
            text = float(text)
        try:
            hours = hours_of(text)
            fits = hours < HOURS_PER_DAY
        except InputError:
            fits = False
        if not fits:
            guess = clock_meant(str(text)) or "24:00"
            remedy = "write it as 22:00" if guess == "24:00" else f"did you mean {guess}?"
            raise bad(self.label, text, "must be a time from 00:00 to 23:59", remedy)
        return clock_of(hours)


@dataclass(frozen=True)
class Pick:
    """One of several.

    Attributes
    ----------
    name, label : str
        Name in the code, and on the page.
    options : mapping
        What is shown -> value.
    start : object
        Value when the page opens.
    says : mapping of value to str
        The sentence shown below a choice.
    when : mapping of str to object
        As for a `Number`.
    """

    name: str
    label: str
    options: Mapping[str, Any]
    start: Any
    says: Mapping[Any, str]
    when: Mapping[str, Any] = field(default_factory=dict)

    def read(self, value: Any) -> Any:
        """Return the value, or refuse what is no option."""
        if value not in self.options.values():
            raise unknown(self.name, value, [str(v) for v in self.options.values() if v != ""])
        return value


@dataclass(frozen=True)
class Days:
    """Days by number, in words: ``"5, 10-12"``.

    Attributes
    ----------
    name, label, hint : str
        Name in the code, name on the page, and an example.
    start : str
        What stands there when the page opens.
    when : mapping of str to object
        As for a `Number`.
    """

    name: str
    label: str
    hint: str
    start: str = ""
    when: Mapping[str, Any] = field(default_factory=dict)

    def read(self, text: Any) -> str:
        """Return the days as they were written, or refuse what is none."""
        self.days(text)
        return text.strip()

    def days(self, text: Any) -> list[int]:
        """Return the days, ascending.

        Raises
        ------
        InputError
            If the text names no days.
        """
        found: set[int] = set()
        for part in text.split(",") if isinstance(text, str) and text.strip() else []:
            span = _SPAN.fullmatch(part.strip())
            if span is None:
                raise bad(self.label, text, "must be days by number", f"write them as {self.hint}")
            first, last = int(span[1]), int(span[2] or span[1])
            if not 1 <= first <= last:
                raise bad(self.label, text, "must be days from 1 on, the earlier first", self.hint)
            found |= set(range(first, last + 1))
        return sorted(found)


Field = Number | Clock | Pick | Days


def spaced(*stretches: tuple[float, float, float]) -> tuple[float, ...]:
    """Lay out stops in stretches of (first, last, step)."""
    stops: list[float] = []
    for first, last, step in stretches:
        stops += [round(first + k * step, 6) for k in range(round((last - first) / step) + 1)]
    return tuple(dict.fromkeys(stops))


def plain(names: Sequence[str]) -> dict[str, str]:
    """Options whose names are shown with blanks for underscores."""
    return {name.replace("_", " "): name for name in names}
