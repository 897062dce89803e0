"""What the sides of the page are called: one function for the page, its figure and its code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..webpage.form import INTERVALS, ONCE, USUAL, Choices, Form

if TYPE_CHECKING:
    from .request import Request


class Aspect(NamedTuple):
    """One thing in which two sides may differ.

    Attributes
    ----------
    name : str
        Which thing.
    words : str
        What is chosen; empty where that goes without saying.
    usual : str
        What goes without saying, for a side whose neighbour has something else.
    """

    name: str
    words: str
    usual: str = ""


def aspects_of(form: Form, choices: Choices) -> tuple[Aspect, ...]:
    """Put choices into words, thing by thing."""
    return tuple(_aspects(form, choices))


def labels_of(requests: Mapping[str, Request]) -> dict[str, str]:
    """Call each side by what is chosen there; where there are two, by what tells them apart first.

    Parameters
    ----------
    requests : mapping of str to Request
        Name of each side -> what it shows.

    Returns
    -------
    dict
        Name of each side -> its label. Two sides that show different things have different labels.
    """
    sides = {side: {a.name: a for a in request.aspects} for side, request in requests.items()}
    names = list(dict.fromkeys(name for found in sides.values() for name in found))
    words = {name: [_words(found.get(name)) for found in sides.values()] for name in names}
    differ = [name for name in names if len(set(words[name])) > 1]
    shared = [name for name in names if name not in differ and name != "draws"]
    labels = {}
    for side, found in sides.items():
        parts = [_words(found.get(name)) or found[name].usual for name in differ if name in found]
        labels[side] = ", ".join(p for p in [*parts, *(_words(found.get(name)) for name in shared)] if p)
    return labels


def _words(aspect: Aspect | None) -> str:
    return aspect.words if aspect is not None else ""


def _aspects(form: Form, choices: Choices) -> Iterator[Aspect]:
    yield Aspect("taken", _taken(choices))
    for name, usual in (("scenario", "default reading"), ("condition", "no condition")):
        if name in choices:
            chosen = choices[name]
            yield Aspect(name, _option(form, name, chosen) if chosen else "", usual)
    yield from _person(form, choices)
    if "opioid" in choices:
        yield Aspect("opioid", _opioid(form, choices), "no opioid")
    if "draws" in choices:
        yield Aspect("draws", f"{choices['draws']:g} draws")


def _taken(choices: Choices) -> str:
    words = {hours: text for text, hours in INTERVALS.items()}
    days = int(choices["days"])
    form = "" if choices["formulation"] == "capsule" else f" {choices['formulation'].replace('_', ' ')}"
    often = words[choices["interval"]] + ("," if choices["interval"] != ONCE else ";")
    return f"{choices['dose']:g} mg{form} at {choices['at']}, {often} {days} day{'s' if days > 1 else ''}"


def _person(form: Form, choices: Choices) -> Iterable[Aspect]:
    for field in form.groups.get("Person", ()):
        chosen, name = choices[field.name], field.label.lower()
        unit = getattr(field, "unit", "")
        usual = f"{name} {_option(form, field.name, field.start)} {unit}".rstrip()
        words = f"{name} {_option(form, field.name, chosen)} {unit}".rstrip() if chosen != field.start else ""
        yield Aspect(field.name, words, usual)


def _opioid(form: Form, choices: Choices) -> str:
    if not choices["opioid"]:
        return ""
    drug = _option(form, "opioid", choices["opioid"])
    often = _option(form, "opioid_interval", choices["opioid_interval"])
    long = ", long-term" if choices["opioid_use"] == USUAL else ""
    return f"with {drug} {choices['opioid_dose']:g} mg {often}{long}"


def _option(form: Form, name: str, value: object) -> str:
    """Say an option as the page does; a number without needless digits."""
    options = getattr(form[name], "options", None)
    if options is None:
        return f"{value:g}" if isinstance(value, float) else str(value)
    return next((text for text, own in options.items() if own == value), str(value))
