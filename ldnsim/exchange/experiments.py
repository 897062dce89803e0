"""Conditions of a PEtab problem as inputs of the model: a value each subject has, before and while it is measured."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import bad
from .formulas import Draft, number_of
from .problem import Problem

NAMES = ("conditionName",)


class Experiment(NamedTuple):
    """Inputs of one combination of conditions, by parameter: while the model comes to rest, and while it is measured."""

    before: dict[str, float]
    during: dict[str, float]


def experiments_of(problem: Problem, draft: Draft) -> dict[tuple[str, str], Experiment]:
    """Put what conditions set into the model; return the inputs of each (before, during) that is measured.

    Raises
    ------
    InputError
        If a condition does not exist, or sets what cannot be an input.
    """
    table = problem.measurements
    earlier = (
        table["preequilibrationConditionId"] if "preequilibrationConditionId" in table else [""] * len(table)
    )
    pairs = list(dict.fromkeys(zip(earlier, table["simulationConditionId"], strict=True)))
    used = list(dict.fromkeys(name for pair in pairs for name in pair if name))
    for name in used:
        if name not in problem.conditions.index:
            raise bad("path", str(problem.path), f"measures under {name!r}, which is no condition")
    rests = any(before for before, _ in pairs)
    inputs: dict[str, dict[str, float]] = {name: {} for name in used}
    for column in problem.conditions.columns:
        if column not in NAMES:
            _set(problem, draft, column, used, rests, inputs)
    return {
        (before, during): Experiment(inputs[before] if before else {}, inputs[during])
        for before, during in pairs
    }


def _set(
    problem: Problem,
    draft: Draft,
    column: str,
    used: list[str],
    rests: bool,
    inputs: dict[str, dict[str, float]],
) -> None:
    """Bring one column of the conditions into the model and into the inputs."""
    entries = problem.conditions.loc[used, column]
    where = str(problem.path)
    if (entries == "").all() or (entries.str.lower() == "nan").all():
        return
    left = (entries == "") | (entries.str.lower() == "nan")
    if left.any():
        own = draft.own_start(column) if draft.model.getSpecies(column) is not None else None
        if own is None:
            raise bad("path", where, f"leaves {column!r} open under some conditions and sets it under others")
        entries = entries.where(~left, own)
    target = column
    if draft.model.getSpecies(column) is not None:
        if rests:
            rule = f"sets the species {column!r} where a measurement follows a rest"
            raise bad("path", where, rule, "set a parameter")
        target = draft.started(column)
    elif not draft.is_parameter(column):
        raise bad(
            "path", where, f"sets {column!r} under conditions, which is no parameter or species of the model"
        )
    distinct = list(dict.fromkeys(entries))
    if all(number_of(entry) is not None for entry in distinct):
        draft.parameter(target, float(distinct[0]))
        if len(distinct) > 1:
            for name, entry in entries.items():
                inputs[str(name)][target] = float(entry)
    elif len(distinct) == 1:
        draft.rule(target, distinct[0])
    else:
        switches = draft.switch(target, distinct)
        for name, entry in entries.items():
            for switch, one in zip(switches, distinct, strict=True):
                inputs[str(name)][switch] = float(one == entry)
