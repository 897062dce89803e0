"""SBML through libSBML into plain data; no file but this one and `mathml` walks its objects."""

from __future__ import annotations

import re
from typing import Any

import libsbml

from ..errors import ModelError
from .checks import declared_unit
from .expressions import IDENTIFIER, Formula, substitute
from .mathml import Definitions, definitions_of, formula_of
from .unit_names import unit_namer

Data = dict[str, Any]
_EXPONENT = re.compile(r"[eE][0-9]+\Z")


def read(document: libsbml.SBMLDocument) -> Data:
    """Turn a parsed L3V2 document into the fields of `Document`.

    Raises
    ------
    ModelError
        Naming the element, for delays and malformed formulas.
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
        "constraints": [
            libsbml.formulaToL3String(c.getMath()) for c in model.getListOfConstraints() if c.isSetMath()
        ],
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
        "constant": c.getConstant(),
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
        "si": declared_unit(model, substance),
    }


def _parameter(p: libsbml.Parameter, unit_of: Any) -> Data:
    return {
        "id": p.getId(),
        "name": p.getName(),
        "value": p.getValue() if p.isSetValue() else None,
        "constant": p.getConstant(),
        "unit": unit_of(p.getUnits()),
        "unit_id": p.getUnits(),
        "si": declared_unit(p.getModel(), p.getUnits()),
    }


def _reaction(r: libsbml.Reaction, definitions: Definitions, parameters: list[Data], unit_of: Any) -> Data:
    law = r.getKineticLaw()
    where = f"reaction {r.getId()!r}"
    rate: Formula | None = None if law is None else 0.0  # SBML L3V2: a law without a formula does nothing
    if law is not None and law.isSetMath():
        local = _local_names(r, {p["id"] for p in parameters})
        rate = substitute(formula_of(law.getMath(), definitions, where), local)
        for own, name in local.items():
            row = _parameter(law.getLocalParameter(own), unit_of)
            kept = _unshadowed(r, own, name)
            parameters.append(row | {"id": name, "reaction": r.getId(), "local": kept})
    return {
        "id": r.getId(),
        "name": r.getName(),
        "rate": rate,
        "reactants": [_participant(s) for s in r.getListOfReactants()],
        "products": [_participant(s) for s in r.getListOfProducts()],
    }


def _local_names(r: libsbml.Reaction, taken: set[str]) -> dict[str, str]:
    """Give the local parameters of a reaction names that nothing else in the model has."""
    model, prefix = r.getModel(), f"{r.getId()}_"
    found: dict[str, str] = {}
    for own in (p.getId() for p in r.getKineticLaw().getListOfLocalParameters()):
        name = own if own.startswith(prefix) else prefix + own
        while name in taken or name in found.values() or _is_global(model, name):
            name += "_"
        found[own] = name
    return found


def _is_global(model: libsbml.Model, name: str) -> bool:
    lists = (
        model.getCompartment,
        model.getSpecies,
        model.getParameter,
        model.getReaction,
        model.getSpeciesReference,
    )
    return any(get(name) is not None for get in lists)


def _unshadowed(r: libsbml.Reaction, own: str, name: str) -> str:
    """Rename a local parameter that bears the id of a species of its reaction, which level 3 version 2 refuses."""
    sides = (*r.getListOfReactants(), *r.getListOfProducts(), *r.getListOfModifiers())
    if own not in {s.getSpecies() for s in sides}:
        return own
    law = r.getKineticLaw()
    math = law.getMath().deepCopy()
    math.renameSIdRefs(own, name)
    law.setMath(math)
    law.getLocalParameter(own).setId(name)
    return name


def _participant(s: libsbml.SpeciesReference) -> Data:
    return {
        "id": s.getId(),
        "species": s.getSpecies(),
        "stoichiometry": s.getStoichiometry() if s.isSetStoichiometry() else None,
        "constant": s.getConstant(),
    }


def _initial(model: libsbml.Model, definitions: Definitions) -> dict[str, Formula]:
    found = {}
    for a in model.getListOfInitialAssignments():
        if a.isSetMath():
            found[a.getSymbol()] = formula_of(
                a.getMath(), definitions, f"initial assignment of {a.getSymbol()!r}"
            )
    return found


def _rules(model: libsbml.Model, definitions: Definitions) -> dict[str, Any]:
    rules: dict[str, Any] = {"assignment": {}, "rate": {}, "algebraic": []}
    for rule in model.getListOfRules():
        if rule.isAlgebraic():
            if rule.isSetMath():
                text = libsbml.formulaToL3String(rule.getMath())
                formula = formula_of(rule.getMath(), definitions, f"algebraic rule '0 = {text}'")
                rules["algebraic"].append({"formula": formula, "text": text})
            continue
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
