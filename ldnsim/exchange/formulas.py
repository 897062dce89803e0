"""Changes to SBML text that a PEtab problem asks for: observables, inputs of conditions, switches between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import libsbml

from ..errors import bad
from ..model.digits import written

_ID = re.compile(r"[A-Za-z_]\w*")
_LOG2 = re.compile(r"\blog2\s*\(")


def ids_in(formula: str) -> list[str]:
    """Return the names in a formula that no parenthesis follows."""
    return [m.group() for m in _ID.finditer(formula) if not formula[m.end() :].lstrip().startswith("(")]


def filled(formula: str, values: Mapping[str, str]) -> str:
    """Put texts in the places of names."""
    return _ID.sub(lambda m: f"({values[m.group()]})" if m.group() in values else m.group(), formula)


def parsed(formula: str, model: Any = None) -> Any:
    """Read a formula as PEtab means it: `log` is the natural logarithm.

    Parameters
    ----------
    formula : str
    model : libsbml.Model, optional
        Whose ids come before names of constants.
    """
    settings = libsbml.L3ParserSettings()
    settings.setParseLog(libsbml.L3P_PARSE_LOG_AS_LN)
    if model is not None:
        settings.setModel(model)
    math = libsbml.parseL3FormulaWithSettings(_LOG2.sub("log(2, ", formula), settings)
    if math is None:
        words = (libsbml.getLastParseL3Error() or "empty").strip().splitlines()[-1]
        raise bad("formula", formula, f"is none: {words}")
    return _with_natural_logarithms(math)


def _with_natural_logarithms(node: Any) -> Any:
    """Write logarithms to another base than 10 by natural ones: libSBML computes them to the base 10."""
    for k in range(node.getNumChildren()):
        child = node.getChild(k)
        changed = _with_natural_logarithms(child)
        if changed is not child:
            node.replaceChild(k, changed)
    if node.getType() != libsbml.AST_FUNCTION_LOG or node.getNumChildren() < 2:
        return node
    base, argument = node.getChild(0), node.getChild(1)
    if base.isNumber() and base.getValue() == 10:
        return node
    quotient = libsbml.ASTNode(libsbml.AST_DIVIDE)
    for part in (argument, base):
        natural = libsbml.ASTNode(libsbml.AST_FUNCTION_LN)
        natural.addChild(part.deepCopy())
        quotient.addChild(natural)
    return quotient


def value_of(formula: str) -> float:
    """Compute a formula of numbers, by libSBML and never as code; NaN where it has no value."""
    document = libsbml.SBMLDocument(3, 2)  # which has to outlive its model
    return float(libsbml.SBMLTransforms.evaluateASTNode(parsed(formula), document.createModel()))


class Draft:
    """SBML text under change.

    Parameters
    ----------
    sbml : str
        The model.
    """

    def __init__(self, sbml: str) -> None:
        self._document = libsbml.readSBMLFromString(sbml)
        self.model = self._document.getModel()
        if self.model is None:
            raise bad("path", sbml[:40], "is no SBML model")

    @property
    def text(self) -> str:
        """The model as it is now."""
        return written(self._document)

    @property
    def has_events(self) -> bool:
        """Whether something happens in the model by itself."""
        return self.model.getNumEvents() > 0

    def count_time_from(self, name: str) -> None:
        """Let formulas count time from the value of a new parameter on."""
        self.parameter(name, 0.0)
        model = self.model
        places = [*model.getListOfRules(), *model.getListOfInitialAssignments()]
        places += [r.getKineticLaw() for r in model.getListOfReactions() if r.isSetKineticLaw()]
        for place in places:
            if place.isSetMath():
                math = place.getMath().deepCopy()
                _shift_time(math, name)
                place.setMath(math)

    def has(self, name: str) -> bool:
        """Whether the model has an element of this id."""
        return self.model.getElementBySId(name) is not None

    def moves(self, name: str) -> bool:
        """Whether conditions say where an id starts: of a species, a compartment's size, what a rate rule moves."""
        rule = self.model.getRuleByVariable(name)
        if rule is not None and rule.isAssignment():
            return False
        kinds = self.model.getSpecies(name), self.model.getCompartment(name), rule
        return any(kind is not None for kind in kinds)

    def is_ruled(self, name: str) -> bool:
        """Whether a rule sets an id."""
        return self.model.getRuleByVariable(name) is not None

    def is_parameter(self, name: str) -> bool:
        """Whether an id is a parameter."""
        return self.model.getParameter(name) is not None

    def is_compartment(self, name: str) -> bool:
        """Whether an id is a compartment."""
        return self.model.getCompartment(name) is not None

    def free_name(self, name: str) -> str:
        """Return the name, or one like it that is not taken."""
        while self.has(name):
            name += "_"
        return name

    def parameter(self, name: str, value: float) -> None:
        """Let a parameter have a value and nothing else that sets it; a new one where there is none."""
        found = self.model.getParameter(name)
        if found is None:
            found = self.model.createParameter()
            found.setId(name)
            found.setUnits("dimensionless")
        self._released(name)
        found.setConstant(True)
        found.setValue(value)

    def promote(self, reaction: str, own: str, name: str) -> None:
        """Give a parameter of one reaction to the whole model, under another name."""
        law = self.model.getReaction(reaction).getKineticLaw()
        local = law.getLocalParameter(own)
        self.parameter(name, local.getValue())
        if local.isSetUnits():
            self.model.getParameter(name).setUnits(local.getUnits())
        law.removeLocalParameter(own)
        math = law.getMath().deepCopy()
        math.renameSIdRefs(own, name)
        law.setMath(math)

    def rule(self, name: str, formula: str) -> None:
        """Let a parameter follow a formula."""
        math = parsed(formula, self.model)
        self._check(formula)
        if not self.is_parameter(name):
            self.parameter(name, float("nan"))
        self._released(name)
        self.model.getParameter(name).setConstant(False)
        self.model.getParameter(name).unsetValue()
        rule = self.model.createAssignmentRule()
        rule.setVariable(name)
        rule.setMath(math)

    def own_value(self, name: str) -> str | None:
        """Return the value that a parameter has by itself; None if it has none or follows a rule."""
        found = self.model.getParameter(name)
        ruled = (
            self.model.getRuleByVariable(name) is not None
            or self.model.getInitialAssignment(name) is not None
        )
        return None if ruled or not found.isSetValue() else repr(found.getValue())

    def own_start(self, name: str) -> str | None:
        """Return what a state starts with by itself, a species as its id means it; None if that is not given."""
        assignment = self.model.getInitialAssignment(name)
        if assignment is not None and assignment.isSetMath():
            return str(libsbml.formulaToL3String(assignment.getMath()))
        species, size = self.model.getSpecies(name), self.model.getCompartment(name)
        if size is not None:
            return repr(size.getSize()) if size.isSetSize() else None
        if species is None:
            found = self.model.getParameter(name)
            return repr(found.getValue()) if found is not None and found.isSetValue() else None
        whole, size = species.getHasOnlySubstanceUnits(), species.getCompartment()
        if species.isSetInitialAmount():
            return repr(species.getInitialAmount()) + ("" if whole else f" / {size}")
        if species.isSetInitialConcentration():
            return repr(species.getInitialConcentration()) + (f" * {size}" if whole else "")
        return None

    def started(self, name: str) -> str:
        """Let a state start at a parameter; return its name."""
        start = self.free_name(f"{name}_start")
        self.parameter(start, 0.0)
        self.model.removeInitialAssignment(name)
        assignment = self.model.createInitialAssignment()
        assignment.setSymbol(name)
        assignment.setMath(libsbml.parseL3Formula(start))
        return start

    def switch(self, name: str, entries: Iterable[str]) -> list[str]:
        """Let a parameter be one of several entries, each with a parameter that is 1 where it holds."""
        switches = []
        for k, _ in enumerate(entries := list(entries)):
            switches.append(self.free_name(f"{name}_is_{k + 1}"))
            self.parameter(switches[-1], 0.0)
        self.rule(name, " + ".join(f"{s} * ({e})" for s, e in zip(switches, entries, strict=True)))
        return switches

    def dose(self, amount: str, state: str, time: float) -> None:
        """Add the value of a parameter to a state at a time, in the model's unit; a concentration gets its share."""
        species = self.model.getSpecies(state)
        share = amount
        if species is not None and not species.getHasOnlySubstanceUnits():
            share = f"{amount} / {species.getCompartment()}"
        event = self._event_at(time, f"give_{amount}")
        assignment = event.createEventAssignment()
        assignment.setVariable(state)
        assignment.setMath(libsbml.parseL3Formula(f"{state} + {share}"))

    def set_at(self, time: float, formulas: Mapping[str, str]) -> None:
        """Let states follow formulas at a time of the run, before whatever the model does then by itself."""
        event = self._event_at(time, f"set_{self.model.getNumEvents() + 1}")
        if self.model.getNumEvents() > 1:
            event.createPriority().setMath(libsbml.parseL3Formula("1e300"))
        for state, formula in formulas.items():
            self._check(formula)
            self.model.getElementBySId(state).setConstant(False)
            assignment = event.createEventAssignment()
            assignment.setVariable(state)
            assignment.setMath(parsed(formula, self.model))

    def _event_at(self, time: float, name: str) -> libsbml.Event:
        """Begin an event at a time of the run."""
        event = self.model.createEvent()
        event.setId(self.free_name(name))
        event.setUseValuesFromTriggerTime(True)
        trigger = event.createTrigger()
        trigger.setInitialValue(False)
        trigger.setPersistent(True)
        trigger.setMath(libsbml.parseL3Formula(f"time >= {time!r}"))
        return event

    def _released(self, name: str) -> None:
        self.model.removeInitialAssignment(name)
        rule = self.model.getRuleByVariable(name)
        if rule is not None:
            self.model.removeRuleByVariable(name)

    def _check(self, formula: str) -> None:
        for name in ids_in(formula):
            if not self.has(name) and name not in ("time", "pi", "avogadro", "exponentiale"):
                raise bad(
                    "formula", formula, f"names {name!r}, which is neither of the model nor a parameter"
                )


def _shift_time(node: Any, name: str) -> None:
    """Put time less a parameter in the places of time."""
    for k in range(node.getNumChildren()):
        child = node.getChild(k)
        if child.getType() == libsbml.AST_NAME_TIME:
            shifted = libsbml.ASTNode(libsbml.AST_MINUS)
            shifted.addChild(child.deepCopy())
            parameter = libsbml.ASTNode(libsbml.AST_NAME)
            parameter.setName(name)
            shifted.addChild(parameter)
            node.replaceChild(k, shifted)
        else:
            _shift_time(child, name)


def number_of(text: Any) -> float | None:
    """Return the number that a cell is, or None."""
    try:
        return float(text)
    except ValueError:
        return None
