"""Headings that say a unit beside the name of a column: "AMT [mg]", "TIME (h)", "DV_ng/mL", "RATE..mg.h."."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ..errors import bad
from ..units import DOSE, WRITTEN_MASSES
from . import cells, names

HOURS = ("h", "hr", "hrs", "hour", "hours")
_TIME = r"(?:h|hrs?|hours?|s|secs?|seconds?|mins?|minutes?|d|days?|w|wks?|weeks?)"
_AMOUNT = r"(?:[kmuµμnp]?g|mcg|(?:milli|micro|nano)?grams?|[muµμnp]?mol|i?u)"
_PER = r"\s*(?:/|_|\.| |per)?\s*"
_BODY = rf"(?:{_PER}(?:kg|m2))?"
_VOLUME = r"(?:[muµμd]?l)"
_BRACKETS = re.compile(r"(.*?)[\s_.]*[\[({<](.*)[\])}>]")
_OF_TIME = ("time", "ii", "lag", "dur", "duration")
_OF_DOSE = ("amt",)
_OF_RATE = ("rate", "rat")
_OF_VALUE = ("dv", "lloq")
_BARE = {
    "time": _TIME, "ii": _TIME, "duration": _TIME, "tinf": _TIME, "amt": _AMOUNT + _BODY,
    "rate": _AMOUNT + _BODY + _PER + _TIME, **dict.fromkeys(_OF_VALUE, _AMOUNT + _PER + _VOLUME),
}  # units without brackets; names such as lag_h may be a model's own  # fmt: skip
_A_BARE = {n: re.compile(rf"{n}[\s_.,:/-]+({unit})[\s.]*", re.IGNORECASE) for n, unit in _BARE.items()}
_A_RATE = re.compile(rf"({_AMOUNT}{_BODY}){_PER}({_TIME})", re.IGNORECASE)
_OF_MEASURED = re.compile(rf"{_AMOUNT}{_PER}{_VOLUME}|\S+/\S+|[munpµμ]?M", re.IGNORECASE)
_LOGARITHM = re.compile(r"\b(?:log|ln)", re.IGNORECASE)


class Heading(NamedTuple):
    """A heading: the name of the column, and the unit that it says; empty where it says none."""

    name: str
    unit: str


def parted(head: str, known: Collection[str]) -> Heading:
    """Tell the name of a column from what stands beside it, for names that are known (in small letters)."""
    plain = head.strip()
    if plain.lower() in known:
        return Heading(plain, "")
    found = _BRACKETS.fullmatch(plain)
    if found and found[1].lower() in known:
        return Heading(found[1], found[2].strip())
    for name, pattern in _A_BARE.items():
        if name in known and (bare := pattern.fullmatch(plain)):
            return Heading(plain[: len(name)], bare[1])
    return Heading(plain, "")


def is_of_values(unit: str) -> bool:
    """Tell whether a text is a unit of measurements: so much of something in so much of another, or nM."""
    return _OF_MEASURED.fullmatch(unit) is not None


def check(columns: Mapping[str, list], said: Mapping[str, tuple[str, str]]) -> None:
    """Refuse headings that say another unit than that in which their column is read.

    Parameters
    ----------
    columns : mapping
        Name -> cells.
    said : mapping
        Name -> heading as it is written, and the unit in it.

    Raises
    ------
    InputError
        Naming the heading, and what to write.
    """
    for name, (head, unit) in said.items():
        if name in _OF_TIME:
            if unit.lower() not in HOURS:
                rule = f"is in {unit!r}, in which times are not read"
                raise bad("records", head, rule, f"name the column {name!r} and give it in h")
        elif name in (*_OF_DOSE, *_OF_RATE):
            _check_amounts(columns, name, head, unit)
        elif name not in _OF_VALUE or _LOGARITHM.search(unit):
            what = "that is no unit of measurements" if name in _OF_VALUE else "such a column has no unit"
            raise bad(
                "records", head, f"says {unit!r} beside {name!r}, and {what}", f"name the column {name!r}"
            )
    stated = {said[name][1].replace(" ", "").lower() for name in _OF_VALUE if name in said}
    if len(stated) > 1:
        rule = f"is in another unit than {said['dv'][0]!r}"
        raise bad("records", said["lloq"][0], rule, "give measurements and their limit in one")


def _check_amounts(columns: Mapping[str, list], name: str, head: str, unit: str) -> None:
    """Refuse doses, or their rates, in another unit than that of their drug."""
    if name in _OF_RATE:
        found = _A_RATE.fullmatch(unit)
        if found is None or found[2].lower() not in HOURS:
            raise bad(
                "records", head, f"is in {unit!r}, and rates are read per h", f"name the column {name!r}"
            )
        unit = found[1]
    for k, value in enumerate(columns[name]):
        if cells.missing(value) or not cells.number(name, value) > 0:
            continue
        row = {n: values[k] for n, values in columns.items()}
        given, wanted = given_of(row)
        if not wanted or unit.lower() == wanted.lower():
            continue
        per = "/h" if name in _OF_RATE else ""
        rule = f"is in {unit}{per}, and record {k + 1} gives {given}, which is read in {wanted}{per}"
        remedy = f"give it in {wanted}{per} in a column {name!r}"
        scale = WRITTEN_MASSES.get(unit.lower()) if wanted == DOSE else None
        if scale:
            number = cells.number(name, value)
            remedy = f"{number:g} {unit}{per} are {name}={number * scale:.9g} in a column {name!r}"
        if is_of_a_form(unit, wanted):
            remedy = f"name the column {name!r} where {given} is counted in {unit}{per}, and else convert it"
        elif not cells.missing(row.get("cmt")) or cells.missing(row.get("drug")):
            remedy += f"; for a state that is in {unit}, name the column {name!r}"
            remedy += f" and take model.with_dose_units(<state>={unit!r})"
        raise bad("records", head, rule, remedy)


def is_of_a_form(unit: str, wanted: str) -> bool:
    """Tell whether a unit says of which salt or base it is: mg HCl, mg of the base."""
    mass, *form = unit.lower().split()
    return mass == wanted.lower() and bool(form) and form[0] not in ("/", "per")


def given_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Say what a record gives, and the unit in which that is read; empty where its drug has none."""
    is_named = not cells.missing(row.get("drug"))
    is_state = not cells.missing(row.get("cmt"))
    drug = str(row["drug"]).strip() if is_named else names.DRUG
    return ("a dose" if is_state else drug), (DOSE if is_state and not is_named else names.unit_of(drug))
