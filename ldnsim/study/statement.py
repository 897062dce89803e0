"""Sentences to be judged, as data: the file claims.toml of a model, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, ModelError, UnknownNameError, bad, unknown
from ..readouts.catalogue import the_one
from ..readouts.readout import Readout
from ..regimen import Regimen
from ..textfiles import read_toml

if TYPE_CHECKING:
    from ..model import Model

COMPARISONS = ("ratio", "difference", "pointwise")
_RULE = re.compile(r"(<=|>=|<|>)\s*(-?[\d.]+)|between\s+(-?[\d.]+)\s+and\s+(-?[\d.]+)")
_BUILD = {"daily": "days", "every": "n", "single": None, "titration": None}


@dataclass(frozen=True)
class Named:
    """A regimen of the file, and how it is read."""

    label: str
    regimen: Regimen
    after: float = 96.0


@dataclass(frozen=True)
class Claim:
    """One sentence and how it is put to the model; claims.toml says what the fields mean."""

    id: str
    sentence: str
    said: str
    unit: str = ""
    regimen: str = ""
    readout: Readout | None = None
    over: Readout | None = None
    subjects: bool = False
    scale: float = 1.0
    shift: float = 0.0
    shift_each: float = 0.0
    against: str = ""
    how: str = ""
    set: Mapping[str, float] = field(default_factory=dict)
    scenario: str = ""
    contrast: tuple[str, ...] = ()
    holds: str = ""
    contradicts: str = ""
    washout: Mapping[str, Any] = field(default_factory=dict)
    outside: str = ""
    rests_on: tuple[str, ...] = ()
    reading: str = "the default"
    short: bool = False
    plain: str = ""

    def is_met(self, values: np.ndarray) -> np.ndarray:
        """Tell for each answer whether the sentence holds; a missing answer does not."""
        sign, limit, low, high = _RULE.fullmatch(self.holds).groups()
        if sign is None:
            return (values >= float(low)) & (values <= float(high))
        limit = float(limit)
        return {"<": values < limit, "<=": values <= limit, ">": values > limit, ">=": values >= limit}[sign]


@dataclass(frozen=True)
class Statements:
    """All claims of a model and the regimens that they name."""

    claims: tuple[Claim, ...]
    regimens: Mapping[str, Named]

    def only(self, ids: Iterable[str]) -> Statements:
        """Keep some claims, in the order asked."""
        known = {c.id: c for c in self.claims}
        for name in ids:
            if name not in known:
                raise unknown("only", name, known, listing="ldnsim.claims()")
        return Statements(tuple(known[name] for name in ids), self.regimens)


def statements_of(model: Model) -> Statements:
    """Read a model's claims.toml.

    Raises
    ------
    InputError
        If the model has none.
    ModelError
        If something in it cannot be used; the message names the claim.
    """
    path = model.folder / "claims.toml" if model.folder is not None else None
    if path is None or not path.is_file():
        raise bad("model", model.name, "has no claims.toml beside it")
    return _read(path, model)


def _read(path: Path, model: Model) -> Statements:
    content = read_toml(path, ModelError)
    regimens = {name: _named(name, entry) for name, entry in content.get("regimens", {}).items()}
    claims = tuple(_claim(entry, regimens, model) for entry in content.get("claim", ()))
    twice = {c.id for c in claims if [d.id for d in claims].count(c.id) > 1}
    if twice:
        raise ModelError(f"{path.name}: claim {sorted(twice)[0]!r} is given twice")
    return Statements(claims, regimens)


def _named(name: str, entry: Mapping[str, Any]) -> Named:
    rest = {k: v for k, v in entry.items() if k != "doses"}
    try:
        return Named(regimen=regimen_of(entry["doses"]), **rest)
    except (TypeError, KeyError, ValueError) as error:
        raise ModelError(f"claims.toml, regimen {name!r}: {error}") from None


def regimen_of(parts: Iterable[Mapping[str, Any]]) -> Regimen:
    """Build the regimen of parts that are taken together, each a constructor of Regimen with its arguments."""
    return sum(_part(part) for part in parts)


def _part(part: Mapping[str, Any]) -> Regimen:
    kind = next((k for k in part if k in _BUILD), None)
    if kind is None:
        raise ModelError(f"{dict(part)} names none of {', '.join(_BUILD)}")
    rest = {k: v for k, v in part.items() if k not in (kind, "skip")}
    made = getattr(Regimen, kind)(part[kind], **rest)
    return made.skip(days=part["skip"]) if "skip" in part else made


def _claim(entry: Mapping[str, Any], regimens: Mapping[str, Named], model: Model) -> Claim:
    where = f"claims.toml, claim {entry.get('id')!r}"
    lists = {k: tuple(v) for k, v in entry.items() if k in ("contrast", "rests_on")}
    try:
        read = {k: the_one(entry[k], model, k) for k in ("readout", "over") if k in entry}
        claim = Claim(**{**entry, **lists, **read})
    except (TypeError, InputError, UnknownNameError) as error:
        raise ModelError(f"{where}: {error}") from None
    if claim.outside:
        return claim
    for word, name, known in (
        ("said", claim.said, ("design", "pages")),
        ("regimen", claim.regimen, (*regimens, "")),
        ("against", claim.against, (*regimens, "")),
        ("how", claim.how, (*COMPARISONS, "")),
    ):
        if name not in known:
            raise ModelError(f"{where}: {word} = {name!r} is not known")
    for name in (*claim.contrast, *filter(None, [claim.scenario])):
        if name not in model.scenarios:
            raise ModelError(f"{where}: there is no scenario {name!r}")
    if not _RULE.fullmatch(claim.holds):
        raise ModelError(f"{where}: holds = {claim.holds!r} is no rule such as '>= 4' or 'between 4 and 6'")
    if bool(claim.regimen and claim.readout) == bool(claim.washout):
        raise ModelError(f"{where}: needs either regimen and readout, or washout")
    return claim
