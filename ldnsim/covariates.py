"""What people are known by: covariates by the names clinicians use, and the parameters that each one sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .errors import bad, unknown
from .library import rows_of
from .model import Model
from .numeric import as_number
from .unit_sizes import contradicts


def names_of(model: Model) -> list[str]:
    """Name the covariates of a model."""
    return list(dict.fromkeys(row.covariate for row in rows_of(model, "covariates")))


def values_of(model: Model, given: Mapping[str, object], n: int) -> dict[str, np.ndarray]:
    """Return the parameters that covariates set, and their values for each of ``n`` subjects."""
    found: dict[str, np.ndarray] = {}
    set_by: dict[str, str] = {}
    for name, value in given.items():
        for parameter, column in _covariate(model, name, value, n).items():
            _check_alone(name, parameter, set_by)
            found[parameter] = column
    return found


def _check_alone(name: str, parameter: str, set_by: dict[str, str]) -> None:
    """Refuse a covariate that sets what another one sets."""
    other = set_by.setdefault(parameter, name)
    if other != name:
        rule = f"sets {parameter!r}, as {other!r} does"
        raise bad("covariates", name, rule, f"give one of the two, {other!r} or {name!r}")


def _check_steady(model: Model, name: str, parameter: str) -> None:
    """Refuse a level that would set what differs from person to person; a number of one's own may."""
    if model.parameters.iiv_cv[parameter] > 0:
        rule = f"sets {parameter!r}, which varies between people (iiv_cv): all would have one value"
        remedy = f"let the equations scale {parameter!r} by a parameter of the covariate's own"
        raise bad("covariates", name, rule, remedy)


def _covariate(model: Model, name: str, value: object, n: int) -> dict[str, np.ndarray]:
    """Find the parameters that a covariate sets, and their values for each of ``n`` subjects."""
    rows = [row for row in rows_of(model, "covariates") if row.covariate == name]
    if not rows:
        raise unknown("covariates", name, names_of(model))
    for row in rows:
        own = str(model.parameters.unit[row.parameter])
        if contradicts(str(getattr(row, "unit", "")), own):
            rule = f"is in {row.unit} in covariates.csv, and sets {row.parameter!r}, which is in {own}"
            raise bad("covariates", name, rule, f"write {own} there, and give values in it")
    argument, alone = f"covariates[{name!r}]", _is_alone(value)
    column = _one_each(argument, value, n)
    levels = dict.fromkeys(row.level for row in rows if row.level)
    numbers = np.array([as_number(x) for x in column])
    of_levels = bool(levels) and bool(np.isnan(numbers).any())
    found = {}
    for parameter in dict.fromkeys(row.parameter for row in rows):
        if of_levels:
            _check_steady(model, name, parameter)
            # A level that says nothing of a parameter leaves it as it is.
            values = dict.fromkeys(levels, float(model.parameters.value[parameter]))
            values |= {
                row.level: float(row.value) for row in rows if row.level and row.parameter == parameter
            }
            found[parameter] = np.array([_level(argument, k, x, values, alone) for k, x in enumerate(column)])
        else:
            unit = next(str(getattr(row, "unit", "")) for row in rows if row.parameter == parameter)
            _check_numbers(model, argument, parameter, unit, column, numbers, alone)
            found[parameter] = numbers
    return found


def _check_numbers(
    model: Model,
    argument: str,
    parameter: str,
    unit: str,
    column: np.ndarray,
    numbers: np.ndarray,
    alone: bool,
) -> None:
    """Refuse what is no number, and what the table of parameters does not allow."""
    unit = "" if unit == "1" else unit
    for k in map(int, np.flatnonzero(np.isnan(numbers))):
        raise bad(argument, column[k], f"must be a number{unit and f' ({unit})'}" + _of_subject(k, alone))
    bounds = model.parameters.loc[parameter, ["lower", "upper"]].astype(float)
    low, high = bounds.fillna({"lower": -np.inf, "upper": np.inf})
    wrong = np.flatnonzero(~((numbers >= low) & (numbers <= high)))
    if wrong.size:
        rule = f"must lie between {low:g} and {high:g} {unit}".rstrip()
        raise bad(argument, float(numbers[wrong[0]]), rule + _of_subject(int(wrong[0]), alone))


def _one_each(argument: str, value: Any, n: int) -> np.ndarray:
    """One value a subject, as it came."""
    check_order(argument, value)
    values = [value] * n if _is_alone(value) else list(value)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    if len(values) != n or any(np.iterable(x) and not isinstance(x, str) for x in values):
        raise bad(argument, value, f"must be one value, or one for each of the {n} subjects")
    return column


def check_order(argument: str, value: Any) -> None:
    """Refuse a Series that holds the subjects 0, 1, 2, ... in another order: its values are taken as they stand."""
    index = getattr(value, "index", ())
    labels = [] if callable(index) else np.asarray(index).tolist()
    if labels != (order := list(range(len(labels)))) and set(labels) == set(order):
        rule = "is not the order of the subjects, 0, 1, 2, ..., in which values are taken"
        raise bad(argument, labels[:5], rule, "give value.sort_index()")


def _level(argument: str, k: int, level: object, levels: Mapping[str, float], alone: bool) -> float:
    if not isinstance(level, str):
        raise bad(argument, level, f"must be one of {', '.join(levels)}" + _of_subject(k, alone))
    if level not in levels:
        raise unknown(argument, level, levels)
    return levels[level]


def _is_alone(value: object) -> bool:
    """Whether a value is one for all."""
    return isinstance(value, str) or not np.iterable(value)


def _of_subject(k: int, alone: bool) -> str:
    return "" if alone else f" (subject {k})"
