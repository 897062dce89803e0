"""Formulas that build on each other, handed to libraries so that these need not follow every path.

Antimony: for each ``x := formula`` and ``x = formula`` the library looks for circles along all paths through the
formulas below, and their number can double with each step: 28 rules ``x -> x/(1 + x)`` take it minutes. It does
not look behind rate rules. So in such a text ``x := formula`` is handed over as the rate rule of a carrier,
``x_carrier' = formula``, and in the SBML that comes back the carrier's rule is put where it belongs.

libSBML: its search for circles takes time with the cube of a chain's length, so a long chain is checked with
numbers in place of what its formulas use of each other.

Circles are found by `ldnsim.model.ordering`, when the equations are put in order.
"""

from __future__ import annotations

import graphlib
import re
from collections import Counter
from collections.abc import Iterator, Sized
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import libsbml

MOST_PATHS = 50_000  # Antimony follows a million in a second
MOST_PAIRS = 5_000  # of formulas, one built on the other; libSBML takes 0.2 s for so many
FEW = 15  # formulas among which libraries find a circle at once, with its line
RULE, START = "__ldnsim_rule", "__ldnsim_start"  # endings of carriers

_ASIDE = re.compile(r'/\*.*?\*/|//[^\n]*|#[^\n]*|"[^"\n]*"', re.DOTALL)
_FUNCTION = re.compile(r"^[ \t]*function\b.*?^[ \t]*end\b", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^\s*(?:module|model)\b")
_FORMULA = re.compile(r"\s*([A-Za-z_]\w*)(\s*)(:?=)(?!=)(.*)\Z", re.DOTALL)
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?![\w.])(?!\s*\()")


class _Statement(NamedTuple):
    """``name := formula`` or ``name = formula``, and where its sign stands in the text."""

    name: tuple[int, str]  # number of its block of text, and id
    is_rule: bool
    uses: tuple[tuple[int, str], ...]
    start: int
    stop: int


def split(text: str) -> str:
    """Hand formulas over as carriers where they build on each other along too many paths."""
    found = _statements(text)
    times = Counter(s.name for s in found)
    once = {s.name: s for s in found if times[s.name] == 1}
    if _paths(once) <= MOST_PATHS:
        return text
    for s in reversed(found):
        if s.name in once and any(name in once for name in s.uses):
            text = f"{text[: s.start]}{RULE if s.is_rule else START}' = {text[s.stop :]}"
    return text


def _statements(text: str) -> list[_Statement]:
    bare = _FUNCTION.sub(_blank, _ASIDE.sub(_blank, text))
    found, block, at = [], 0, 0
    for statement in re.split(r"([;\n])", bare):
        block += bool(_BLOCK.match(statement))
        match = _FORMULA.match(statement)
        if match:
            uses = tuple((block, name) for name in _NAME.findall(match[4]))
            place = at + match.start(2), at + match.end(3)
            found.append(_Statement((block, match[1]), match[3] == ":=", uses, *place))
        at += len(statement)
    return found


def _blank(aside: re.Match) -> str:
    return re.sub(r"[^\n]", " ", aside[0])


def _paths(formulas: dict[tuple[int, str], _Statement]) -> int:
    """Count the paths from all formulas down."""
    uses = {name: [u for u in s.uses if u in formulas] for name, s in formulas.items()}
    count: dict[tuple[int, str], int] = {}
    try:
        for name in graphlib.TopologicalSorter(uses).static_order():
            count[name] = len(formulas[name].uses) + sum(count[u] for u in uses[name])
    except graphlib.CycleError:
        return _in_circle(formulas, MOST_PATHS)
    return sum(count.values())


def _in_circle(formulas: Sized, many: int) -> int:
    """Take the paths around a circle for too many, unless the formulas are so few that a library finds it."""
    return many + 1 if len(formulas) > FEW else 0


def join(sbml: str) -> str:
    """Put the formulas of carriers where they belong."""
    import libsbml

    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    for rule in [r.clone() for r in model.getListOfRules() if r.isRate()]:
        carrier = rule.getVariable()
        for ending in (RULE, START):
            if carrier.endswith(ending):
                _put(model, carrier.removesuffix(ending), rule.getMath(), ending == RULE)
                model.removeRule(carrier)
                model.removeParameter(carrier)
    return libsbml.writeSBMLToString(document)


def _put(model: libsbml.Model, name: str, math: libsbml.ASTNode, is_rule: bool) -> None:
    target = model.getElementBySId(name)
    if target is None:  # nothing but its own formula names it
        target = model.createParameter()
        target.setId(name)
        target.setConstant(True)
    if is_rule:
        if target.getElementName() in ("parameter", "species", "compartment"):
            target.setConstant(False)
        place = model.createAssignmentRule()
        place.setVariable(name)
    else:
        place = model.createInitialAssignment()
        place.setSymbol(name)
    place.setMath(math)


def loosened(document: libsbml.SBMLDocument) -> libsbml.SBMLDocument:
    """Return the document, or a copy to be checked in which formulas of a long chain do not use each other."""
    formulas = _formulas(document.getModel())
    if (
        _pairs({name: {n.getName() for n in _names(f.getMath())} for name, f in formulas.items()})
        <= MOST_PAIRS
    ):
        return document
    copy = document.clone()
    for element in _formulas(copy.getModel()).values():
        math = element.getMath().deepCopy()
        for node in _names(math):
            if node.getName() in formulas:
                node.setValue(1.0)
        element.setMath(math)
    return copy


def _formulas(model: libsbml.Model) -> dict[str, Any]:
    """Collect what gives a quantity its value: assignment rules, initial assignments, kinetic laws."""
    found = {r.getVariable(): r for r in model.getListOfRules() if r.isAssignment()}
    found |= {a.getSymbol(): a for a in model.getListOfInitialAssignments()}
    found |= {r.getId(): r.getKineticLaw() for r in model.getListOfReactions() if r.isSetKineticLaw()}
    return {name: element for name, element in found.items() if element.isSetMath()}


def _names(node: libsbml.ASTNode) -> Iterator[libsbml.ASTNode]:
    pending = [node]
    while pending:
        node = pending.pop()
        if node.isName():
            yield node
        pending += [node.getChild(i) for i in range(node.getNumChildren())]


def _pairs(uses: dict[str, set[str]]) -> int:
    """Count the pairs of formulas of which one builds on the other."""
    if len(uses) ** 2 <= 2 * MOST_PAIRS:
        return 0
    below: dict[str, set[str]] = {}
    try:
        for name in graphlib.TopologicalSorter(uses).static_order():
            below[name] = {u for u in uses.get(name, ()) if u in uses}
            below[name] |= {b for u in below[name] for b in below[u]}
    except graphlib.CycleError:
        return _in_circle(uses, MOST_PAIRS)
    return sum(map(len, below.values()))
