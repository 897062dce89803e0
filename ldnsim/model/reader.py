"""SBML through libSBML into plain data; no file but this one and `mathml` walks its objects."""

from __future__ import annotations

import re
from typing import Any

import libsbml

from ..errors import ModelError
from .checks import declared_unit, sentence
from .expressions import IDENTIFIER, Formula, substitute
from .mathml import Definitions, definitions_of, formula_of
from .unit_names import unit_namer

Data = dict[str, Any]
HARMLESS_PACKAGES = {"comp", "l3v2extendedmath"}
_ENCODING = re.compile(r"""(\A<\?xml[^>]*?encoding=)["'][^"']*["']""")  # the text is decoded already
_EXPONENT = re.compile(r"[eE][0-9]+\Z")
UNCHECKED = (
    libsbml.LIBSBML_CAT_UNITS_CONSISTENCY,
    libsbml.LIBSBML_CAT_SBO_CONSISTENCY,
    libsbml.LIBSBML_CAT_MODELING_PRACTICE,
)


def parse(text: str, lines: bool = True) -> libsbml.SBMLDocument:
    """Parse SBML of any level and bring it to L3V2, flattened; refuse what libSBML calls an error.

    Parameters
    ----------
    text : str
    lines : bool, optional
        Whether lines of this text mean something to the user.

    Raises
    ------
    ModelError
        With the line and libSBML's own sentence, or the name of an element that cannot be simulated.
    """
    document = libsbml.readSBMLFromString(_ENCODING.sub(r'\1"UTF-8"', text, count=1))
    _refuse_errors(document, lines)
    if document.getModel() is None:
        raise ModelError("this is not an SBML document with a model in it")
    for category in UNCHECKED:
        document.setConsistencyChecks(category, False)
    document.checkConsistency()
    _refuse_errors(document, lines)
    _refuse_packages(document)
    _refuse_fast(document.getModel())
    document = _flattened(document)
    if (document.getLevel(), document.getVersion()) != (3, 2):
        document.setLevelAndVersion(3, 2, False)
        if (document.getLevel(), document.getVersion()) != (3, 2):
            raise ModelError(f"this SBML cannot be brought to level 3 version 2: {_first_message(document)}")
    return document


def _refuse_errors(document: libsbml.SBMLDocument, lines: bool) -> None:
    """Raise the first message of severity error, if reading or checking the document gave one."""
    for i in range(document.getNumErrors()):
        error = document.getError(i)
        if error.getSeverity() >= libsbml.LIBSBML_SEV_ERROR:
            raise ModelError((f"line {error.getLine()}: " if lines else "") + sentence(error))


def _first_message(document: libsbml.SBMLDocument) -> str:
    return sentence(document.getError(0)) if document.getNumErrors() else "no reason given"


def _refuse_packages(document: libsbml.SBMLDocument) -> None:
    if document.getLevel() < 3:  # packages came with level 3; before, layouts lay in annotations
        return
    for i in range(document.getNumPlugins()):
        name = document.getPlugin(i).getPackageName()
        if name not in HARMLESS_PACKAGES and document.getPackageRequired(name):
            raise ModelError(f"the SBML package {name!r} changes the mathematics and is not known here")
    for i in range(document.getNumUnknownPackages()):
        if document.getUnknownPackagePrefix(i):
            prefix = document.getUnknownPackagePrefix(i)
            if document.getPackageRequired(prefix):
                raise ModelError(f"the SBML package {prefix!r} changes the mathematics and is not known here")


def _refuse_fast(model: libsbml.Model) -> None:
    for reaction in model.getListOfReactions():
        if reaction.isSetFast() and reaction.getFast():
            raise ModelError(f"reaction {reaction.getId()!r}: fast reactions cannot be simulated here")


def _flattened(document: libsbml.SBMLDocument) -> libsbml.SBMLDocument:
    if not document.isPackageEnabled("comp"):
        return document
    options = libsbml.ConversionProperties()
    options.addOption("flatten comp", True)
    options.addOption("performValidation", False)
    if document.convert(options) != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise ModelError(f"the submodels cannot be flattened: {_first_message(document)}")
    return document


def read(document: libsbml.SBMLDocument) -> Data:
    """Turn a parsed L3V2 document into the fields of `Document`.

    Raises
    ------
    ModelError
        Naming the element, for algebraic rules, delays and malformed formulas.
    """
    model = document.getModel()
    _refuse_swallowed_numbers(model)
    definitions = definitions_of(model)
    unit_of = unit_namer(model)
    parameters = [_parameter(p, unit_of) for p in model.getListOfParameters()]
    reactions = [_reaction(r, definitions, parameters, unit_of) for r in model.getListOfReactions()]
    data = {
        "name": model.getId(),
        "title": model.getName(),
        "time_unit": unit_of(model.getTimeUnits()) if model.isSetTimeUnits() else "",
        "hours": _hours(model),
        "conversion": model.getConversionFactor(),
        "compartments": [_compartment(c, unit_of) for c in model.getListOfCompartments()],
        "species": [_species(s, model, unit_of) for s in model.getListOfSpecies()],
        "parameters": parameters,
        "reactions": reactions,
        "initial": _initial(model, definitions),
        "rules": _rules(model, definitions),
        "events": [_event(e, definitions) for e in model.getListOfEvents()],
        "constraints": [c.getId() for c in model.getListOfConstraints()],
    }
    _check_ids(data)
    return data


def _hours(model: libsbml.Model) -> float | None:
    """Hours in the model's unit of time; 1 where none is given, None where what is given is no time."""
    if not model.isSetTimeUnits():
        return 1.0
    unit = declared_unit(model, model.getTimeUnits())
    if unit is None or unit[1] != {"second": 1.0}:
        return None
    return float(f"{unit[0] / 3600.0:.14g}")  # 3.6 x 10^3 s is an hour


def _refuse_swallowed_numbers(model: libsbml.Model) -> None:
    """Refuse 1e400, which Antimony takes for 1 in a unit called ``e400``."""
    for definition in model.getListOfUnitDefinitions():
        if _EXPONENT.match(definition.getId()) and not definition.getNumUnits():
            raise ModelError(f"a number ending in {definition.getId()!r} is too large for double precision")


def _compartment(c: libsbml.Compartment, unit_of: Any) -> Data:
    return {
        "id": c.getId(),
        "name": c.getName(),
        "size": c.getSize() if c.isSetSize() else None,
        "dimensions": c.getSpatialDimensionsAsDouble() if c.isSetSpatialDimensions() else None,
        "unit": unit_of(c.getDerivedUnitDefinition()),
    }


def _species(s: libsbml.Species, model: libsbml.Model, unit_of: Any) -> Data:
    substance = s.getSubstanceUnits() or model.getSubstanceUnits()
    return {
        "id": s.getId(),
        "name": s.getName(),
        "compartment": s.getCompartment(),
        "amount": s.getInitialAmount() if s.isSetInitialAmount() else None,
        "concentration": s.getInitialConcentration() if s.isSetInitialConcentration() else None,
        "substance_only": s.getHasOnlySubstanceUnits(),
        "boundary": s.getBoundaryCondition(),
        "constant": s.getConstant(),
        "conversion": s.getConversionFactor() or model.getConversionFactor(),
        "unit": unit_of(substance),
    }


def _parameter(p: libsbml.Parameter, unit_of: Any) -> Data:
    return {
        "id": p.getId(),
        "name": p.getName(),
        "value": p.getValue() if p.isSetValue() else None,
        "unit": unit_of(p.getUnits()),
        "unit_id": p.getUnits(),
    }


def _reaction(r: libsbml.Reaction, definitions: Definitions, parameters: list[Data], unit_of: Any) -> Data:
    law = r.getKineticLaw()
    where = f"reaction {r.getId()!r}"
    rate: Formula | None = None if law is None else 0.0  # SBML L3V2: a law without a formula does nothing
    if law is not None and law.isSetMath():
        local = {p.getId(): f"{r.getId()}_{p.getId()}" for p in law.getListOfLocalParameters()}
        taken = {p["id"] for p in parameters}
        for own, name in local.items():
            while name in taken:
                name += "_"
            local[own] = name
            row = _parameter(law.getLocalParameter(own), unit_of)
            parameters.append(row | {"id": name, "reaction": r.getId(), "local": own})
        rate = substitute(formula_of(law.getMath(), definitions, where), local)
    return {
        "id": r.getId(),
        "name": r.getName(),
        "rate": rate,
        "reactants": [_participant(s) for s in r.getListOfReactants()],
        "products": [_participant(s) for s in r.getListOfProducts()],
    }


def _participant(s: libsbml.SpeciesReference) -> Data:
    return {
        "id": s.getId(),
        "species": s.getSpecies(),
        "stoichiometry": s.getStoichiometry() if s.isSetStoichiometry() else None,
    }


def _initial(model: libsbml.Model, definitions: Definitions) -> dict[str, Formula]:
    found = {}
    for a in model.getListOfInitialAssignments():
        if a.isSetMath():
            found[a.getSymbol()] = formula_of(
                a.getMath(), definitions, f"initial assignment of {a.getSymbol()!r}"
            )
    return found


def _rules(model: libsbml.Model, definitions: Definitions) -> dict[str, dict[str, Formula]]:
    rules: dict[str, dict[str, Formula]] = {"assignment": {}, "rate": {}}
    for rule in model.getListOfRules():
        if rule.isAlgebraic():
            formula = libsbml.formulaToL3String(rule.getMath()) if rule.isSetMath() else ""
            raise ModelError(f"algebraic rule '0 = {formula}': algebraic rules cannot be simulated here")
        kind = "rate" if rule.isRate() else "assignment"
        if rule.isSetMath():
            where = f"{kind} rule of {rule.getVariable()!r}"
            rules[kind][rule.getVariable()] = formula_of(rule.getMath(), definitions, where)
    return rules


def _event(e: libsbml.Event, definitions: Definitions) -> Data:
    where = f"event {e.getId() or e.getMetaId()!r}"

    def math_of(element: Any) -> Formula | None:
        if element is None or not element.isSetMath():
            return None
        return formula_of(element.getMath(), definitions, where)

    trigger = e.getTrigger()
    return {
        "id": e.getId(),
        "trigger": math_of(trigger),
        "initial_value": trigger.getInitialValue() if trigger is not None else True,
        "persistent": trigger.getPersistent() if trigger is not None else True,
        "delay": math_of(e.getDelay()),
        "priority": math_of(e.getPriority()),
        "values_from_trigger_time": e.getUseValuesFromTriggerTime(),
        "assignments": {a.getVariable(): math_of(a) for a in e.getListOfEventAssignments() if a.isSetMath()},
    }


def _check_ids(data: Data) -> None:
    names = [row["id"] for key in ("compartments", "species", "parameters", "reactions") for row in data[key]]
    references = [s["id"] for r in data["reactions"] for s in (*r["reactants"], *r["products"]) if s["id"]]
    for name in (*names, *references):
        if not IDENTIFIER.match(name):
            raise ModelError(f"id {name!r}: an id is made of letters, digits and _, and starts with no digit")
