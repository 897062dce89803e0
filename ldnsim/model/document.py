"""A model as read: plain data that JSON can hold, kept on disk so that the next process needs no parser."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import cachedir
from ..errors import ModelError, a_text
from .expressions import Formula
from .files import EXTERNAL, refuse_elsewhere
from .lines import sentence_of_sbml

Row = dict[str, Any]

NAMELESS = "__main"  # what Antimony calls text outside of any model block

_ANTIMONY = threading.Lock()  # the Antimony library keeps its models in globals
_ANTIMONY_ERROR = re.compile(r"Error in (?:model string|file '[^']*'), (line \d+):\s*", re.DOTALL)
_IMPORT = re.compile(r'^\s*import\s+"', re.MULTILINE)
_DECLARES_UNITS = re.compile(r"<(\w+:)?unitDefinition\b|[uU]nits=")
_QUOTED = re.compile(r'"[^"]*"|//.*|#.*')
_READER_FILES = (
    "document.py",
    "reader.py",
    "mathml.py",
    "checks.py",
    "digits.py",
    "expressions.py",
    "unit_names.py",
)


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
        Where ``import "file"`` looks.

    Raises
    ------
    ModelError
        With the line and the parser's own sentence.
    """
    _refuse_zero_bytes(a_text("text", text))
    if _IMPORT.search(text):  # the text alone does not say what the model is
        return _from_sbml(_sbml_of_antimony(text, folder), lines=False)
    return _kept("antimony", text, lambda: _from_sbml(_sbml_of_antimony(text, folder), lines=False))


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
    _refuse_zero_bytes(text)
    if EXTERNAL.search(text):  # the text alone does not say what the model is
        refuse_elsewhere(text, file, ())
        return _from_sbml(text, file=file)
    return _kept("sbml", text, lambda: _from_sbml(text))


def _refuse_zero_bytes(text: str) -> None:
    before, zero, _ = text.partition("\0")
    if zero:
        raise ModelError(f"line {before.count(chr(10)) + 1}: a model holds no zero bytes")


def _sbml_of_antimony(text: str, folder: Path | None = None) -> str:
    import antimony

    from .digits import StandIns

    stand_ins = StandIns()
    with _ANTIMONY:
        antimony.clearPreviousLoads()
        antimony.clearDirectories()
        if folder is not None:
            antimony.addDirectory(str(folder))
        try:
            if antimony.loadAntimonyString(stand_ins.in_antimony(text)) < 0:
                raise ModelError(stand_ins.replaced(_antimony_sentence(antimony.getLastError())))
            name = antimony.getMainModuleName()
            if name == NAMELESS and not antimony.getNumSymbolsOfType(name, 0):
                raise ModelError("the text holds no model")
            return stand_ins.replaced(antimony.getSBMLString(name))
        except UnicodeDecodeError:  # Antimony cuts its message inside a character
            raise ModelError(_not_ascii(text)) from None
        finally:
            antimony.clearPreviousLoads()


def _not_ascii(text: str) -> str:
    for number, line in enumerate(text.splitlines(), start=1):
        bare = _QUOTED.sub("", line)
        if not bare.isascii():
            return f"line {number}: names and formulas are written in ASCII: {bare.strip()!r}"
    return "names and formulas are written in ASCII"


def antimony_of_sbml(text: str) -> str:
    """Translate SBML text to Antimony."""
    import antimony

    from .digits import for_antimony

    text, stand_ins = for_antimony(text)
    with _ANTIMONY:
        antimony.clearPreviousLoads()
        try:
            if antimony.loadSBMLString(text) < 0:
                raise ModelError(_antimony_sentence(antimony.getLastError()))
            return stand_ins.replaced(antimony.getAntimonyString(antimony.getMainModuleName()))
        finally:
            antimony.clearPreviousLoads()


def _antimony_sentence(message: str) -> str:
    if "libSBML" in (message or ""):
        return sentence_of_sbml(message)
    return _ANTIMONY_ERROR.sub(lambda m: f"{m[1]}: ", message or "Antimony gave no reason").strip()


def _from_sbml(text: str, lines: bool = True, file: Path | None = None) -> Document:
    from . import parsing, reader
    from .checks import unit_messages
    from .digits import written

    document, remarks = parsing.parse(text, lines, file)
    data = reader.read(document)
    units = unit_messages(document) if _DECLARES_UNITS.search(text) and not remarks else []
    return Document(**data, remarks=[*remarks, *remarks_on(data)], units=units, sbml=written(document))


def remarks_on(data: Row) -> list[str]:
    """Say what a document leaves open, and what is assumed of it."""
    told = []
    ruled = {*data["initial"], *data["rules"]["assignment"], *data["rules"]["rate"]}
    for r in data["reactions"]:
        for s in (*r["reactants"], *r["products"]):
            if s["stoichiometry"] is None and s["id"] not in ruled:
                s["stoichiometry"] = 1.0
                told.append(
                    f"reaction {r['id']!r}: no stoichiometry is given for {s['species']!r}; 1 is assumed"
                )
    if data["constraints"]:
        told.append(
            f"{len(data['constraints'])} constraints are not checked: {', '.join(data['constraints'])}"
        )
    return told


def warn(document: Document, name: str, remarks: Sequence[str] = (), stacklevel: int = 3) -> None:
    """Warn once of what was passed over or assumed, and once of units that do not agree."""
    remarks = [*document.remarks, *remarks]
    if remarks:
        more = f" (and {len(remarks) - 1} more: model.document.remarks)" if len(remarks) > 1 else ""
        warnings.warn(f"model {name!r}: {remarks[0]}{more}", UserWarning, stacklevel=stacklevel + 1)
    if document.units:
        more = f"and {len(document.units) - 1} more, " if len(document.units) > 1 else ""
        warnings.warn(
            f"model {name!r}: units do not agree, and numbers are used as they are: {document.units[0]} "
            f"({more}model.check() lists all)",
            UserWarning,
            stacklevel=stacklevel + 1,
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
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in _READER_FILES)).hexdigest()
