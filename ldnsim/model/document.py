"""A model as read: plain data that JSON can hold, kept on disk so that the next process needs no parser."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import cachedir
from ..errors import ModelError, a_text, warn_user
from ..textfiles import LARGEST
from .antimony_text import sbml_of_antimony
from .expressions import Formula
from .files import EXTERNAL, refuse_elsewhere

Row = dict[str, Any]

_IMPORT = re.compile(r'^\s*import\s+"', re.MULTILINE)
_DECLARES_UNITS = re.compile(r"<(\w+:)?unitDefinition\b|[uU]nits=")


@dataclass(frozen=True)
class Document:
    """One SBML model as plain data; every formula is a nested list (see `ldnsim.model.expressions`).

    Attributes
    ----------
    name, title : str
        Id and display name of the model.
    time_unit : str
        Unit of time as text, ``""`` if none is given.
    hours : float or None
        How many hours a unit of time has: 1 if none is given, None if the unit is none of time.
    conversion : str
        Id of the model's conversion factor, or ``""``.
    compartments, species, parameters, reactions, events : list of dict
        What SBML calls so; local parameters of reactions stand in `parameters` as ``<reaction>_<id>``.
    initial : dict
        Initial assignments: id to formula.
    rules : dict
        ``{"assignment": {id: formula}, "rate": {id: formula}, "algebraic": [{"formula": ..., "text": ...}]}``.
    constraints : list of str
        Constraints, which are not enforced.
    remarks : list of str
        What was passed over or assumed, as other tools do, one line each.
    units : list of str
        Formulas whose unit is not what it must be, one line each.
    sbml : str
        The document as SBML L3V2 text, from which `Model.to_sbml` starts.
    """

    name: str
    title: str
    time_unit: str
    hours: float | None
    conversion: str
    compartments: list[Row]
    species: list[Row]
    parameters: list[Row]
    reactions: list[Row]
    initial: dict[str, Formula]
    rules: dict[str, Any]
    events: list[Row]
    constraints: list[str]
    remarks: list[str]
    units: list[str]
    sbml: str


def read_antimony(text: str, folder: Path | None = None) -> Document:
    """Read Antimony text.

    Parameters
    ----------
    text : str
    folder : Path, optional
        Where ``import "file"`` looks; the current one by default.

    Raises
    ------
    ModelError
        With the line and the parser's own sentence.
    """
    _refuse_odd(a_text("text", text))
    if _IMPORT.search(text):  # the text alone does not say what the model is
        return _from_sbml(sbml_of_antimony(text, folder or Path()), lines=False)
    return _kept("antimony", text, lambda: _from_sbml(sbml_of_antimony(text), lines=False))


def read_sbml(text: str, file: Path | None = None) -> Document:
    """Read SBML text of any level.

    Parameters
    ----------
    text : str
    file : Path, optional
        Where it was read: submodels may come from files beside it.

    Raises
    ------
    ModelError
        With the line and libSBML's own sentence, or the name of an element that cannot be simulated.
    """
    _refuse_odd(text)
    if EXTERNAL.search(text):  # the text alone does not say what the model is
        refuse_elsewhere(text, file, ())
        return _from_sbml(text, file=file)
    return _kept("sbml", text, lambda: _from_sbml(text))


def _refuse_odd(text: str) -> None:
    if len(text) > LARGEST:
        raise ModelError(f"the text has {len(text) / 1e6:.0f} MB; at most {LARGEST / 1e6:.0f} MB are read")
    before, zero, _ = text.partition("\0")
    if zero:
        raise ModelError(f"line {before.count(chr(10)) + 1}: a model holds no zero bytes")


def _from_sbml(text: str, lines: bool = True, file: Path | None = None) -> Document:
    from .nesting import levels_of, with_room

    return with_room(levels_of(text, lines), lambda: _parsed(text, lines, file))


def _parsed(text: str, lines: bool, file: Path | None) -> Document:
    from . import parsing, reader
    from .checks import unit_messages
    from .digits import written

    document, remarks = parsing.parse(text, lines, file)
    data = reader.read(document)
    units = unit_messages(document) if _DECLARES_UNITS.search(text) and not remarks else []
    return Document(
        **data, remarks=[*remarks, *remarks_on(data, from_file=lines)], units=units, sbml=written(document)
    )


def remarks_on(data: Row, from_file: bool) -> list[str]:
    """Say what a document leaves open, and what is assumed of it; a text of one's own must say where species start."""
    told = []
    ruled = {*data["initial"], *data["rules"]["assignment"], *data["rules"]["rate"]}
    for r in data["reactions"]:
        for s in (*r["reactants"], *r["products"]):
            if s["stoichiometry"] is None and s["id"] not in ruled:
                s["stoichiometry"] = 1.0
                told.append(
                    f"reaction {r['id']!r}: no stoichiometry is given for {s['species']!r}; 1 is assumed"
                )
    if from_file and not data["rules"]["algebraic"]:  # which may determine what has no first value
        told += _without_start(data, ruled)
    if not from_file:
        told += _without_change(data)
    if data["constraints"]:
        told.append(
            f"{len(data['constraints'])} constraints are not checked: {', '.join(data['constraints'])}"
        )
    return told


def _without_start(data: Row, ruled: set[str]) -> list[str]:
    """Let species that move and have no first value start at 0."""
    reacting = {s["species"] for r in data["reactions"] for s in (*r["reactants"], *r["products"])}
    moving = {*reacting, *data["rules"]["rate"]}
    told = []
    for s in data["species"]:
        given = s["amount"] is not None or s["concentration"] is not None
        if s["id"] in moving and not (given or s["id"] in ruled - {*data["rules"]["rate"]}):
            s["amount"] = 0.0
            told.append(f"species {s['id']!r}: no first value is given; 0 is assumed")
    return told


def _without_change(data: Row) -> list[str]:
    """Name events whose triggers neither time nor any quantity can change."""
    from .expressions import ids, uses

    told = []
    for e in data["events"]:
        trigger = e["trigger"]
        if trigger is not None and not (any(ids(trigger)) or uses(trigger, "time")):
            told.append(
                f"event {e['id']!r}: its trigger never changes, so that it happens at the start or not at all; "
                "a delay is written before the trigger, at 2 after (time > 3)"
            )
    return told


def warn(document: Document, name: str, remarks: Sequence[str] = ()) -> None:
    """Warn once of what was passed over or assumed, and once of units that do not agree."""
    remarks = [*document.remarks, *remarks]
    if remarks:
        more = f" (and {len(remarks) - 1} more: model.document.remarks)" if len(remarks) > 1 else ""
        warn_user(f"model {name!r}: {remarks[0]}{more}")
    if document.units:
        more = f"and {len(document.units) - 1} more, " if len(document.units) > 1 else ""
        warn_user(
            f"model {name!r}: units do not agree, and numbers are used as they are: {document.units[0]} "
            f"({more}model.check() lists all)"
        )


def _kept(kind: str, text: str, build: Any) -> Document:
    """Return the document from disk if it was read before by the same reader, else build and keep it."""
    folder = cachedir.cache_folder("documents")
    if folder is None:
        return build()
    key = hashlib.sha256(
        "\0".join((kind, _reader_version(), text)).encode("utf-8", "surrogatepass")
    ).hexdigest()
    path = folder / f"{key}.json"
    data = cachedir.kept(path)
    if data is not None:
        return Document(**json.loads(data))
    document = build()
    cachedir.keep(path, json.dumps(dataclasses.asdict(document)).encode())
    return document


@functools.cache
def _reader_version() -> str:
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
