"""Conditions of a PEtab problem as inputs of the model: a value each subject has, in each period of its course."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import bad
from .formulas import Draft, number_of
from .problem import PetabProblem

NAMES = ("conditionName",)


class Period(NamedTuple):
    """When a part of a course begins (-inf: before the start), and the inputs that hold in it, by parameter."""

    begin: float
    inputs: dict[str, float]


def experiments_of(problem: PetabProblem, draft: Draft) -> dict[str, tuple[Period, ...]]:
    """Put what conditions set into the model; return the inputs of each period of each course.

    Raises
    ------
    InputError
        If a condition does not exist, or sets what cannot be an input.
    """
    courses = problem.courses.values()
    used = list(dict.fromkeys(name for course in courses for _, names in course for name in names))
    for name in used:
        if name not in problem.conditions.index:
            raise bad("path", str(problem.path), f"measures under {name!r}, which is no condition")
    late = {name for course in courses for _, names in course[1:] for name in names}
    setting = _Setting(problem, draft, used, late)
    for column in problem.conditions.columns:
        if column not in NAMES:
            setting.column(str(column))
    return {label: setting.periods(label) for label in problem.courses}


class _Setting:
    """Inputs under each condition, as columns are brought into the model one by one."""

    def __init__(self, problem: PetabProblem, draft: Draft, used: list[str], late: set[str]) -> None:
        self.problem, self.draft, self.used, self.late = problem, draft, used, late
        self.first: dict[str, float] = {}  # before any condition
        self.under: dict[str, dict[str, float]] = {name: {} for name in used}

    def periods(self, label: str) -> tuple[Period, ...]:
        """Return the periods of a course; what a condition leaves open stays as it is."""
        inputs, found = dict(self.first), []
        for begin, names in self.problem.courses[label]:
            for name in names:
                inputs |= self.under[name]
            found.append(Period(begin, dict(inputs)))
        return tuple(found)

    def column(self, target: str) -> None:
        """Bring what conditions set of one target into the model."""
        entries = self.problem.conditions.loc[self.used, target]
        given = {str(n): e for n, e in entries.items() if e}
        if not given:
            return
        where = str(self.problem.path)
        state = self.draft.moves(target)
        if state and self.late & given.keys():
            raise bad("path", where, f"sets the state {target!r} after the start", "set a parameter")
        if self.draft.is_ruled(target) and not state:
            raise bad("path", where, f"sets {target!r} under conditions, which follows a rule of the model")
        if not (state or self.draft.is_parameter(target)):
            rule = f"sets {target!r} under conditions, which is no parameter or species of the model"
            raise bad("path", where, rule)
        if self.problem.version == "2" and target in self.problem.parameters.index:
            raise bad("path", where, f"sets {target!r} under conditions and in the table of parameters")
        own = None
        if self._is_open(given):
            own = self.draft.own_start(target) if state else self.draft.own_value(target)
            if own is None or not (state or self.problem.version == "2"):  # version 1 has no such words
                rule = f"leaves {target!r} open under some conditions and sets it under others"
                raise bad("path", where, rule)
        self._bring(self.draft.started(target) if state else target, given, own)

    def _is_open(self, given: dict[str, str]) -> bool:
        """Whether a course begins without a value of a target."""
        return any(not given.keys() & set(course[0][1]) for course in self.problem.courses.values())

    def _bring(self, target: str, given: dict[str, str], own: str | None) -> None:
        distinct = list(dict.fromkeys([*([] if own is None else [own]), *given.values()]))
        if all(number_of(entry) is not None for entry in distinct):
            self.draft.parameter(target, float(distinct[0]))
            if len(distinct) > 1:
                self._set(given, own, lambda entry: {target: float(entry)})
        elif len(distinct) == 1:
            self.draft.rule(target, distinct[0])
        else:
            switches = self.draft.switch(target, distinct)
            places = dict(zip(distinct, switches, strict=True))
            self._set(given, own, lambda entry: {s: float(s == places[entry]) for s in switches})

    def _set(self, given: dict[str, str], own: str | None, inputs) -> None:
        if own is not None:
            self.first |= inputs(own)
        for name, entry in given.items():
            self.under[name] |= inputs(entry)
