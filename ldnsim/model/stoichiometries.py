"""Stoichiometries that keep their value, given by rules: older levels have formulas where level 3 has a number.

libSBML brings a formula of level 2 to level 3 as an assignment rule, as if it changed in time; other tools then
have no stoichiometry matrix to work with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import libsbml


def settle(model: libsbml.Model) -> None:
    """Write stoichiometries that follow a rule but never change as numbers, or as initial assignments."""
    for reference in list(_references(model)):
        rule = model.getAssignmentRule(reference.getId()) if reference.isSetId() else None
        if rule is None or not rule.isSetMath() or not _keeps_its_value(rule.getMath(), model):
            continue
        number = libsbml.SBMLTransforms.evaluateASTNode(rule.getMath())
        if math.isfinite(number) and not any(_nodes_with_names(rule.getMath())):
            reference.setStoichiometry(number)
        else:
            first = model.createInitialAssignment()
            first.setSymbol(reference.getId())
            first.setMath(rule.getMath())
        reference.setConstant(True)
        model.removeRule(reference.getId())


def _references(model: libsbml.Model) -> Iterator[libsbml.SpeciesReference]:
    for reaction in model.getListOfReactions():
        yield from reaction.getListOfReactants()
        yield from reaction.getListOfProducts()


def _keeps_its_value(formula: libsbml.ASTNode, model: libsbml.Model) -> bool:
    """Tell whether a formula uses numbers and constants only."""
    return all(node.isName() and _is_constant(node, model) for node in _nodes_with_names(formula))


def _nodes_with_names(formula: libsbml.ASTNode) -> Iterator[libsbml.ASTNode]:
    """Walk what in a formula is more than numbers and arithmetic: ids, `time`, functions of the model."""
    pending = [formula]
    while pending:
        node = pending.pop()
        if node.isName() or node.getType() in _OTHERS:
            yield node
        pending += [node.getChild(i) for i in range(node.getNumChildren())]


_OTHERS = {libsbml.AST_FUNCTION, libsbml.AST_FUNCTION_DELAY, libsbml.AST_FUNCTION_RATE_OF}


def _is_constant(node: libsbml.ASTNode, model: libsbml.Model) -> bool:
    if node.getType() != libsbml.AST_NAME:  # time, and avogadro, which few other tools know
        return False
    element = model.getParameter(node.getName()) or model.getCompartment(node.getName())
    return element is not None and element.getConstant()
