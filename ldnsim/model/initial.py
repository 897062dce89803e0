"""Where states start as an input: a first value becomes a parameter that can be set, varied and exported."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .digits import written
from .document import Document
from .expressions import Formula, ids, make
from .parameters import Parameter
from .quantities import quantities_of
from .reduction import structure_of
from .roles import Roles

if TYPE_CHECKING:
    from .model import Model


def started(model: Model, values: Mapping[str, float]) -> Model:
    """Let states start elsewhere; what starts in proportion to them follows.

    Parameters
    ----------
    model : Model
    values : mapping of id to float
        First values, in the unit of the output of that id.
    """
    names = {x: _parameter_of(model, x) for x in values}
    new = [x for x in values if names[x] not in model.parameter_ids]
    if new:
        model = _with_parameters_of_start(model, {x: names[x] for x in new})
    chosen = {names[x]: float(v) for x, v in values.items()}
    return dataclasses.replace(model, overrides={**model.overrides, **chosen})


def _parameter_of(model: Model, x: str) -> str:
    """Name the parameter that holds the first value of a state."""
    name, taken = f"{x}_start", _ids(model.document)
    for present in ids(model.document.initial.get(x, 0.0)):
        if present.rstrip("_") == name and present in model.parameter_ids:
            return present  # made here before
    while name in taken:
        name += "_"
    return name


def _ids(document: Document) -> set[str]:
    rows = (*document.compartments, *document.species, *document.parameters, *document.reactions)
    references = (s["id"] for r in document.reactions for s in (*r["reactants"], *r["products"]))
    return {*(row["id"] for row in rows), *references}


def _with_parameters_of_start(model: Model, names: Mapping[str, str]) -> Model:
    units = {q.id: q.unit for q in model.quantities}
    firsts = {x: _first(model.document, x, name) for x, name in names.items()}
    rows = [
        {
            "id": name,
            "name": f"first value of {x}",
            "value": 0.0,
            "constant": True,
            "unit": units[x],
            "unit_id": "",
        }
        for x, name in names.items()
    ]
    document = dataclasses.replace(
        model.document,
        parameters=[*model.document.parameters, *rows],
        initial={**model.document.initial, **firsts},
        sbml=_exported(model.document.sbml, names, firsts),
    )
    own = tuple(Parameter(row["id"], 0.0, row["unit"], row["name"]) for row in rows)
    table = (*model.table, *own)
    tabled = () if model.folder is None else [p.id for p in table]
    structure = dataclasses.replace(structure_of(document, tabled), hours=model.structure.hours)
    if model.folder is None:
        known = {p.id: p for p in table}
        table = tuple(known[p] for p in structure.parameters)
    shown = model.quantities if model.folder is not None else quantities_of(document, structure)
    return dataclasses.replace(model, document=document, structure=structure, table=table, quantities=shown)


def _first(document: Document, x: str, name: str) -> Formula:
    """Write what a state starts with: a concentration, brought to an amount where the species' id means that."""
    roles = Roles(document)
    if x in roles.species and roles.species[x]["substance_only"] and roles.has_size(x):
        return make("times", name, roles.size_of(x))
    return name


def _exported(sbml: str, names: Mapping[str, str], firsts: Mapping[str, Formula]) -> str:
    """Write the parameters and what they start into SBML text."""
    import libsbml

    document = libsbml.readSBMLFromString(sbml)
    target = document.getModel()
    for x, name in names.items():
        parameter = target.createParameter()
        parameter.setId(name)
        parameter.setValue(0.0)
        parameter.setConstant(True)
        target.removeInitialAssignment(x)
        assignment = target.createInitialAssignment()
        assignment.setSymbol(x)
        first = firsts[x]
        text = f"{first[1]} * {first[2]}" if isinstance(first, list) else str(first)
        assignment.setMath(libsbml.parseL3Formula(text))
    return written(document)
