"""What libSBML, and a comparison of unit scales that libSBML leaves out, say about a model's consistency."""

from __future__ import annotations

import math
from collections.abc import Iterator

import libsbml

Dimension = tuple[float, dict[str, float]]


def messages_of(sbml: str) -> tuple[str, ...]:
    """Check SBML text for consistency and units.

    Returns
    -------
    tuple of str
        One line a message, empty if all is well. Beside libSBML's own messages (all categories, warnings
        too) there is one for each rule, initial assignment and event assignment whose formula has another
        scale than its variable: libSBML compares dimensions only, so ``mg/L`` passes for ``ng/mL``.
    """
    document = libsbml.readSBMLFromString(sbml)
    document.checkConsistency()
    found = [_line(document.getError(i)) for i in range(document.getNumErrors())]
    return (*found, *_scale_messages(document.getModel()))


def _line(error: libsbml.SBMLError) -> str:
    text = " ".join(error.getMessage().split())
    return f"{error.getSeverityAsString()} {error.getErrorId()}, line {error.getLine()}: {text}"


def _scale_messages(model: libsbml.Model) -> Iterator[str]:
    second = libsbml.UnitDefinition(3, 2)
    time = model.getUnitDefinition(model.getTimeUnits()) or second
    for element, variable, per_time in _formulas(model):
        target = model.getElementBySId(variable)
        if target is None or element.containsUndeclaredUnits():
            continue
        wanted, given = _si(target.getDerivedUnitDefinition()), _si(element.getDerivedUnitDefinition())
        if per_time:
            wanted = _divided(wanted, _si(time))
        if wanted[1] == given[1] and not math.isclose(wanted[0], given[0], rel_tol=1e-9):
            yield (
                f"{element.getElementName()} of {variable!r}: the formula's unit is "
                f"{given[0] / wanted[0]:.9g} times the variable's"
            )


def _formulas(model: libsbml.Model) -> Iterator[tuple[libsbml.SBase, str, bool]]:
    for rule in model.getListOfRules():
        yield rule, rule.getVariable(), rule.isRate()
    for assignment in model.getListOfInitialAssignments():
        yield assignment, assignment.getSymbol(), False
    for event in model.getListOfEvents():
        for assignment in event.getListOfEventAssignments():
            yield assignment, assignment.getVariable(), False


def _si(definition: libsbml.UnitDefinition) -> Dimension:
    """Reduce a unit to a factor and exponents of SI base units."""
    factor, exponents = 1.0, {}
    base = libsbml.UnitDefinition.convertToSI(definition)  # keep it alive while its units are read
    for unit in (base.getUnit(i) for i in range(base.getNumUnits())):
        exponent = unit.getExponentAsDouble()
        factor *= (unit.getMultiplier() * 10.0 ** unit.getScale()) ** exponent
        kind = libsbml.UnitKind_toString(unit.getKind())
        if kind != "dimensionless" and exponent:
            exponents[kind] = exponents.get(kind, 0.0) + exponent
    return factor, {kind: e for kind, e in exponents.items() if e}


def _divided(a: Dimension, b: Dimension) -> Dimension:
    kinds = {*a[1], *b[1]}
    exponents = {k: a[1].get(k, 0.0) - b[1].get(k, 0.0) for k in kinds}
    return a[0] / b[0], {k: e for k, e in exponents.items() if e}
