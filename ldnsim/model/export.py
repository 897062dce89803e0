"""A model as one self-contained SBML or Antimony text: equations, present values, units and provenance."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from ..errors import ModelError
from . import bibliography
from .antimony_text import antimony_of_sbml
from .parameters import Parameter
from .roles import Roles

if TYPE_CHECKING:
    import libsbml

    from .model import Model

_DOI = re.compile(
    r"^\s*doi\s*=\s*[{\"]\s*(?:https?://(?:dx\.)?doi\.org/)?([^}\"]+)[}\"]", re.MULTILINE | re.I
)
_XHTML = '<body xmlns="http://www.w3.org/1999/xhtml">{}</body>'


def sbml_of(model: Model) -> str:
    """Write a model as SBML L3V2 with its present values.

    Each parameter carries its description as name, and in its notes the spread between subjects, the
    uncertainty, the bounds, grade and source; sources with a DOI become ``isDescribedBy`` annotations. Algebraic
    rules are written as the assignment rules that they come to.
    """
    import libsbml

    from .digits import written

    sbml = libsbml.readSBMLFromString(model.document.sbml)
    target = sbml.getModel()
    target.setId(_as_id(model.name))
    if model.title:
        target.setName(model.title)
    target.setNotes(_XHTML.format("".join(f"<p>{escape(line)}</p>" for line in _about(model))))
    local = {p["id"]: p for p in model.document.parameters if "local" in p}
    roles = Roles(model.document)
    dois = _dois(model)
    for parameter, value in zip(model.table, model.values, strict=True):
        element = _element(target, parameter.id, local)
        _set_value(target, element, float(value), roles)
        _describe(element, parameter, dois)
    _solve_algebraic_rules(target, roles)
    for quantity in model.quantities:
        element = target.getElementBySId(quantity.id) if quantity.kind == "observable" else None
        if element is not None and not element.isSetName():
            element.setName(quantity.long_name)
    return written(sbml)


def antimony_of(model: Model) -> str:
    """Write a model as Antimony with its present values."""
    return antimony_of_sbml(sbml_of(model))


def _as_id(name: str) -> str:
    return re.sub(r"\W", "_", name if name[:1].isalpha() else f"model_{name}")


def _about(model: Model) -> list[str]:
    lines = [model.description] if model.description else []
    for kind, name, presets in (
        ("Scenario", model.scenario, model.scenario_presets),
        ("Condition", model.condition, model.condition_presets),
    ):
        if name is not None:
            lines.append(f"{kind} {name}: {presets[name].assumes}")
    return [
        *lines,
        f"Parameters: {model.grades}. Exported by ldnsim; equations and values {model.hash[:12]}.",
    ]


def _element(target: libsbml.Model, name: str, local: Mapping[str, dict]) -> libsbml.SBase:
    """Return what holds the value of a parameter: a parameter, a local one, a compartment or a species."""
    if name in local:
        law = target.getReaction(local[name]["reaction"]).getKineticLaw()
        return law.getLocalParameter(local[name]["local"])
    element = target.getElementBySId(name)
    if element is None:
        raise ModelError(f"parameter {name!r}: the equations do not declare it")
    return element


def _set_value(target: libsbml.Model, element: libsbml.SBase, value: float, roles: Roles) -> None:
    kind = element.getElementName()
    if kind == "compartment":
        element.setSize(value)
    elif kind == "species":
        amount = roles.amount_like(element.getId())
        (element.setInitialAmount if amount else element.setInitialConcentration)(value)
    else:
        element.setValue(value)
    if kind != "localParameter" and target.getInitialAssignmentBySymbol(element.getId()) is not None:
        target.removeInitialAssignment(element.getId())


def _solve_algebraic_rules(target: libsbml.Model, roles: Roles) -> None:
    """Write algebraic rules as the assignment rules that they come to, which every tool runs."""
    import libsbml

    from .mathml_text import mathml_of

    if not roles.document.rules["algebraic"]:
        return
    for k in reversed(range(target.getNumRules())):
        if target.getRule(k).isAlgebraic():
            target.removeRule(k)
    for name, formula in roles.rules.items():
        if name not in roles.document.rules["assignment"]:
            target.removeInitialAssignment(name)
            rule = target.createAssignmentRule()
            rule.setVariable(name)
            rule.setMath(libsbml.readMathMLFromString(mathml_of(formula)))


def _describe(element: libsbml.SBase, parameter: Parameter, dois: Mapping[str, str]) -> None:
    import libsbml

    if parameter.description:
        element.setName(parameter.description)
    facts = _facts(parameter)
    if not facts:
        return
    rows = "".join(f"<p>{escape(key)}: {escape(text)}</p>" for key, text in facts.items())
    element.setNotes(_XHTML.format(rows))
    keys = [key for key in bibliography.keys_of([parameter.source]) if key in dois]
    if keys:
        element.setMetaId(f"meta_{parameter.id}")
        term = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
        term.setBiologicalQualifierType(libsbml.BQB_IS_DESCRIBED_BY)
        for key in keys:
            term.addResource(f"https://identifiers.org/doi:{dois[key]}")
        element.addCVTerm(term)


def _facts(parameter: Parameter) -> dict[str, str]:
    """List what is known about a number; nothing for one whose model says nothing."""
    if parameter == Parameter(parameter.id, parameter.value, parameter.unit, parameter.description):
        return {}
    facts = {
        "grade": parameter.grade,
        "source": parameter.source,
        "between subjects, CV": _shown(parameter.iiv_cv),
        "uncertainty, geometric SD": _shown(parameter.uncertainty_gsd),
        "lower": _shown(parameter.lower),
        "upper": _shown(parameter.upper),
        "note": parameter.note,
    }
    return {key: text for key, text in facts.items() if text}


def _shown(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.12g}"


def _dois(model: Model) -> dict[str, str]:
    """Map the keys of the model's references to their DOIs, where they have one."""
    path = model.bibliography_path
    if path is None:
        return {}
    found = {key: _DOI.search(entry) for key, entry in bibliography.entries(path).items()}
    return {key: match[1].strip() for key, match in found.items() if match}
