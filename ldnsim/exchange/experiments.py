"""Conditions of a PEtab problem as inputs of the model: a value each subject has, in each period of its course."""

from __future__ import annotations

import math
from typing import NamedTuple

from ..errors import bad
from .formulas import Draft, ids_in, number_of
from .problem import PetabProblem
from .version2 import Course

NAMES = ("conditionName",)


class Period(NamedTuple):
    """When a part of a course begins (time of the run), and the inputs that hold in it, by parameter."""

    begin: float
    inputs: dict[str, float]


class Experiment(NamedTuple):
    """One course as a run of the model.

    Attributes
    ----------
    periods : tuple of Period
        The first begins at 0; where the model rests before, that is the rest.
    held : dict of str to float
        Inputs that hold throughout: what is set after the start.
    origin : float
        Time of the run at which the problem's time is 0.
    rests : bool
        Whether the first period is a pre-equilibration.
    """

    periods: tuple[Period, ...]
    held: dict[str, float]
    origin: float
    rests: bool

    @property
    def begin(self) -> float:
        """Time of the run from which measurements can be."""
        return self.periods[int(self.rests)].begin


def experiments_of(problem: PetabProblem, draft: Draft) -> dict[str, Experiment]:
    """Put what conditions set into the model; return each course.

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
    setting = _Setting(problem, draft, used)
    for column in problem.conditions.columns:
        if column not in NAMES:
            setting.column(str(column))
    setting.write_later()
    return {label: setting.experiment(label) for label in problem.courses}


class _Setting:
    """Inputs under each condition, as columns are brought into the model one by one."""

    def __init__(self, problem: PetabProblem, draft: Draft, used: list[str]) -> None:
        self.problem, self.draft, self.used = problem, draft, used
        self.where = str(problem.path)
        self.first: dict[str, float] = {}  # before any condition
        self.under: dict[str, dict[str, float]] = {name: {} for name in used}
        self.later: dict[float, dict[str, dict[str, str]]] = {}  # by time of the run, state and course
        self.held: dict[str, dict[str, float]] = {label: {} for label in problem.courses}

    def experiment(self, label: str) -> Experiment:
        """Return a course; what a condition leaves open stays as it is."""
        inputs, found, course = dict(self.first), [], self.problem.courses[label]
        begins = self._begins(course)
        for begin, (_, names) in zip(begins, course, strict=True):
            for name in names:
                inputs |= self.under[name]
            found.append(Period(begin, dict(inputs)))
        rests = course[0][0] == -math.inf
        origin = begins[-1] - course[-1][0]
        return Experiment(tuple(found), self.held[label], origin, rests)

    def _begins(self, course: Course) -> list[float]:
        """Return when the periods of a course begin in a run: at 0, or after the time that a rest takes."""
        begin = [time for time, _ in course]
        if begin[0] == -math.inf:
            return [0.0, *(self.problem.run_in + (t - begin[1]) for t in begin[1:])]
        return [t - begin[0] for t in begin]

    def column(self, target: str) -> None:
        """Bring what conditions set of one target into the model."""
        entries = self.problem.conditions.loc[self.used, target]
        given = {str(n): e for n, e in entries.items() if e}
        if not given:
            return
        state = self.draft.moves(target)
        self._check(target, state)
        if state:
            given = self._split(target, given)
        if not given:
            return
        own = None
        if self._is_open(given):
            own = self.draft.own_start(target) if state else self.draft.own_value(target)
            if own is None or not (state or self.problem.version == "2"):  # version 1 has no such words
                rule = f"leaves {target!r} open under some conditions and sets it under others"
                raise bad("path", self.where, rule)
        self._bring(self.draft.started(target) if state else target, given, own)

    def _check(self, target: str, state: bool) -> None:
        if self.draft.is_ruled(target) and not state:
            raise bad(
                "path", self.where, f"sets {target!r} under conditions, which follows a rule of the model"
            )
        if not (state or self.draft.is_parameter(target)):
            rule = f"sets {target!r} under conditions, which is no parameter or species of the model"
            raise bad("path", self.where, rule)
        if self.problem.version == "2" and target in self.problem.parameters.index:
            raise bad("path", self.where, f"sets {target!r} under conditions and in the table of parameters")

    def _split(self, state: str, given: dict[str, str]) -> dict[str, str]:
        """Keep what is set after the start for later; return what is set at the start."""
        early: dict[str, str] = {}
        for label, course in self.problem.courses.items():
            early |= {name: given[name] for name in course[0][1] if name in given}
            for begin, (_, names) in list(zip(self._begins(course), course, strict=True))[1:]:
                for name in names:
                    if name in given and not self._keeps_its_size(state, course, given):
                        self.later.setdefault(begin, {}).setdefault(state, {})[label] = given[name]
        return early

    def _keeps_its_size(self, state: str, course: Course, given: dict[str, str]) -> bool:
        """Tell whether a compartment has one size in a course; refuse one that is set after the start."""
        if not self.draft.is_compartment(state):
            return False
        sizes = {given[name] for _, names in course for name in names if name in given}
        if len(sizes) > 1 or not given.keys() & set(course[0][1]) or self.draft.is_ruled(state):
            raise bad(
                "path", self.where, f"sets the size of {state!r} after the start", "set it at the start"
            )
        return True

    def write_later(self) -> None:
        """Write events that set states after the start; the inputs of a course say which of them it takes."""
        for time, states in sorted(self.later.items()):
            formulas = {state: self._set_later(state, entries) for state, entries in states.items()}
            self.draft.set_at(time, formulas)

    def _set_later(self, state: str, entries: dict[str, str]) -> str:
        """Write what a state becomes at one time: what its course says, else what it is."""
        distinct = list(dict.fromkeys(entries.values()))
        for entry in distinct:
            self._check_entry(state, entry)
        switches = []
        for k in range(len(distinct)):
            switches.append(self.draft.free_name(f"{state}_set_{k + 1}"))
            self.draft.parameter(switches[-1], 0.0)
        for label, held in self.held.items():
            held |= {s: float(entries.get(label) == e) for s, e in zip(switches, distinct, strict=True)}
        kept = f"(1 - {' - '.join(switches)}) * {state}"
        return " + ".join([kept, *(f"{s} * ({e})" for s, e in zip(switches, distinct, strict=True))])

    def _check_entry(self, state: str, entry: str) -> None:
        """Refuse a value that depends on what changes in the same instant."""
        for name in ids_in(entry):
            changing = name in self.problem.conditions.columns and not self.draft.moves(name)
            if changing or name == "time":
                rule = f"sets the state {state!r} after the start to {entry!r}, which names {name!r}"
                raise bad("path", self.where, rule, "a number, a parameter or a formula of states is read")

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
