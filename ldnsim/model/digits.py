"""Every number with all its digits, through libraries that write fewer.

libSBML and Antimony write 15 digits where a double may need 17. A number that needs more goes through them as a
short one that stands for it, and is put back in what they wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import libsbml
import numpy as np

_FIRST, _STAND_IN = 731_000_000.5, re.compile(r"(?<![\w.])731\d{6}\.5(?![\w.])")
_ANTIMONY = re.compile(
    r'"[^"]*"|//[^\n]*|#[^\n]*|/\*.*?\*/|\bunit\b[^;\n]*|(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?',
    re.DOTALL,
)  # a number, or what stays: texts, comments, and units, which Antimony writes in a form of its own
_ATTRIBUTES = {
    "parameter": ("Value",),
    "localParameter": ("Value",),
    "compartment": ("Size",),
    "species": ("InitialAmount", "InitialConcentration"),
    "speciesReference": ("Stoichiometry",),
    "unit": ("Multiplier",),
}


@dataclass(frozen=True)
class StandIns:
    """Stand-ins given out, and the numbers they stand for."""

    numbers: dict[float, float] = field(default_factory=dict)

    def of(self, number: float) -> float:
        """Return what stands for a number where 15 digits do not give it exactly, else the number."""
        taken = _FIRST <= number < _FIRST + 1e6
        if not np.isfinite(number) or (float(f"{number:.15g}") == number and not taken):
            return number
        chosen = _FIRST + len(self.numbers)
        self.numbers[chosen] = number
        return chosen

    def in_document(self, document: libsbml.SBMLDocument) -> None:
        """Put stand-ins into a document."""
        for element in document.getListOfAllElements():
            for name in _ATTRIBUTES.get(element.getElementName(), ()):
                if getattr(element, f"isSet{name}")():
                    old = getattr(element, f"get{name}")()
                    if (new := self.of(old)) != old:
                        getattr(element, f"set{name}")(new)
            if hasattr(element, "isSetMath") and element.isSetMath():
                _change_math(element, self.of)

    def in_antimony(self, text: str) -> str:
        """Put stand-ins into Antimony text."""

        def hidden(match: re.Match) -> str:
            word = match[0]
            if not (word[0].isdigit() or word[0] == "."):
                return word
            number = float(word)
            new = self.of(number)
            return word if new == number else repr(new)

        return _ANTIMONY.sub(hidden, text)

    def replaced(self, text: str) -> str:
        """Put the numbers back into text; without an exponent, as MathML wants them."""
        return _STAND_IN.sub(self._number, text)

    def _number(self, match: re.Match) -> str:
        number = self.numbers.get(float(match[0]))
        return match[0] if number is None else np.format_float_positional(number, trim="-")


def written(document: libsbml.SBMLDocument) -> str:
    """Write a document as SBML text with all digits; the document is of no use afterwards."""
    stand_ins = StandIns()
    stand_ins.in_document(document)
    return stand_ins.replaced(libsbml.writeSBMLToString(document))


def for_antimony(sbml: str) -> tuple[str, StandIns]:
    """Return SBML text for Antimony, and what puts the digits back into its answer."""
    document, stand_ins = libsbml.readSBMLFromString(sbml), StandIns()
    stand_ins.in_document(document)
    return libsbml.writeSBMLToString(document), stand_ins


def real_of(node: libsbml.ASTNode) -> float:
    """Return the number of a node; mantissa and exponent are rounded once, where libSBML multiplies them."""
    if node.getType() == libsbml.AST_REAL_E:
        return float(f"{node.getMantissa()!r}e{node.getExponent()}")
    return float(node.getValue())


def _change_math(element: libsbml.SBase, change: Callable[[float], float]) -> None:
    math = element.getMath().deepCopy()
    changed = False
    for node in _nodes(math):
        if node.getType() in (libsbml.AST_REAL, libsbml.AST_REAL_E):
            old, units = real_of(node), node.getUnits()
            if (new := change(old)) != old:
                node.setValue(new)
                node.setUnits(units)
                changed = True
    if changed:
        element.setMath(math)


def _nodes(node: libsbml.ASTNode) -> Iterator[libsbml.ASTNode]:
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending += [node.getChild(i) for i in range(node.getNumChildren())]
