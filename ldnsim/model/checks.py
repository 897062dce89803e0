"""What libSBML, and a comparison of unit scales that libSBML leaves out, say about a model's consistency."""

from __future__ import annotations

import math
from collections.abc import Iterator

import libsbml

Dimension = tuple[float, dict[str, float]]

_INCONSISTENT = range(10501, 10600)  # libSBML's numbers of units that do not agree; 995xx: units not given
_CATEGORIES = [getattr(libsbml, name) for name in dir(libsbml) if name.startswith("LIBSBML_CAT_")]


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


def unit_messages(document: libsbml.SBMLDocument) -> list[str]:
    """Say which formulas of a document have another unit than they must; what declares none is passed over.

    Returns
    -------
    list of str
        One line a formula, which it names.
    """
    for category in _CATEGORIES:
        document.setConsistencyChecks(category, category == libsbml.LIBSBML_CAT_UNITS_CONSISTENCY)
    document.getErrorLog().clearLog()
    document.checkConsistency()
    errors = (document.getError(i) for i in range(document.getNumErrors()))
    told = [sentence(e) for e in errors if e.getErrorId() in _INCONSISTENT]
    return [*told, *_scale_messages(document.getModel())]


def sentence(error: libsbml.SBMLError) -> str:
    """Write an error in one line: its title, and what it says of this document rather than of SBML."""
    rule, _, case = error.getMessage().partition("Reference:")
    told = (case.partition("\n")[2] if case else rule).split()
    return " ".join([error.getShortMessage().rstrip(".") + ":", *told]).strip(": ")


def _line(error: libsbml.SBMLError) -> str:
    text = " ".join(error.getMessage().split())
    return f"{error.getSeverityAsString()} {error.getErrorId()}, line {error.getLine()}: {text}"


def _scale_messages(model: libsbml.Model) -> Iterator[str]:
    time = declared_unit(model, model.getTimeUnits())
    for element, variable, per_time in _formulas(model):
        target = model.getElementBySId(variable)
        if target is None or element.containsUndeclaredUnits() or (per_time and time is None):
            continue
        wanted, given = _si(target.getDerivedUnitDefinition()), _si(element.getDerivedUnitDefinition())
        if per_time and wanted is not None:
            wanted = _divided(wanted, time)
        if _only_scales_differ(wanted, given):
            yield (
                f"{element.getElementName()} of {variable!r}: the formula's unit is "
                f"{given[0] / wanted[0]:.9g} times the variable's"
            )


def declared_unit(model: libsbml.Model, name: str) -> Dimension | None:
    """Reduce a unit of the model or of SBML itself, by its id, to SI; None if there is no such unit."""
    definition = model.getUnitDefinition(name) if name else None
    if definition is not None:
        return _si(definition)
    kind = libsbml.UnitKind_forName(name)
    if kind == libsbml.UNIT_KIND_INVALID:
        return None
    unit = (definition := libsbml.UnitDefinition(3, 2)).createUnit()
    unit.setKind(kind), unit.setExponent(1), unit.setScale(0), unit.setMultiplier(1.0)
    return _si(definition)


def _only_scales_differ(wanted: Dimension | None, given: Dimension | None) -> bool:
    if wanted is None or given is None:
        return False
    return wanted[1] == given[1] and not math.isclose(wanted[0], given[0], rel_tol=1e-9)


def _formulas(model: libsbml.Model) -> Iterator[tuple[libsbml.SBase, str, bool]]:
    for rule in model.getListOfRules():
        yield rule, rule.getVariable(), rule.isRate()
    for assignment in model.getListOfInitialAssignments():
        yield assignment, assignment.getSymbol(), False
    for event in model.getListOfEvents():
        for assignment in event.getListOfEventAssignments():
            yield assignment, assignment.getVariable(), False


def _si(definition: libsbml.UnitDefinition) -> Dimension | None:
    """Reduce a unit to a factor and exponents of SI base units; None where libSBML cannot tell it."""
    factor, exponents = 1.0, {}
    base = libsbml.UnitDefinition.convertToSI(definition)  # keep it alive while its units are read
    if base is None:
        return None
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
