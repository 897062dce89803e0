"""What is varied: the dimensions of a sweep, each a list of labels and of the settings behind them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np

from ..errors import bad, unknown, whole
from ..model import Model
from ..numeric import as_number
from ..regimen import Regimen
from ..regimen.asked import days_of, regimen_of, regimens_by_name
from ..regimen.language import doses_for
from ..simulation.request import Axis
from ..units import HOURS_PER_DAY

PRESETS = ("scenario", "condition")
RESERVED = ("subject", "draw", "time", "clock", "analyte", "trace", "node", "mark", "marks", "run", "status")


class Dosing(TypedDict, total=False):
    """Arguments of a regimen that can be varied or held: those of its constructors, or a whole one."""

    dose: float
    at: str | float
    ii: float
    n: int
    days: int
    formulation: str
    drug: str
    cmt: str | int
    rate: float
    lag: float
    F: float
    ss: bool
    steps: Sequence[tuple[float, int]]
    regimen: Regimen | str


DOSING = tuple(Dosing.__annotations__)


@dataclass(frozen=True, eq=False)
class Dim:
    """One dimension of the grid.

    Attributes
    ----------
    name : str
        Of the dimension; the names joined by "_" where several are varied together.
    keys : tuple of str
        What is varied.
    points : tuple of tuple
        For each label a value for each key.
    labels : tuple of tuple
        The same as they are shown.
    """

    name: str
    keys: tuple[str, ...]
    points: tuple[tuple[Any, ...], ...]
    labels: tuple[tuple[Any, ...], ...]

    def __len__(self) -> int:
        return len(self.points)

    @property
    def kind(self) -> str:
        """Where it acts: "model" (scenario, condition), "dosing", "values" (parameters), or "mixed"."""
        kinds = {kind_of(key) for key in self.keys}
        return kinds.pop() if len(kinds) == 1 else "mixed"

    def coords(self) -> dict[str, tuple[str, np.ndarray]]:
        """Labels as coordinates: an index for one key; else one coordinate a key along the dimension."""
        columns = zip(*self.labels, strict=True)
        return {
            key: (self.name, Axis(key, tuple(column), True).array)
            for key, column in zip(self.keys, columns, strict=True)
        }

    def settings(self, k: int) -> dict[str, Any]:
        """Say what the k-th point sets."""
        return dict(zip(self.keys, self.points[k], strict=True))


def kind_of(key: str) -> str:
    """Where a key acts."""
    return "model" if key in PRESETS else "dosing" if key in DOSING else "values"


def dims_of(model: Model, over: Mapping[Any, Any]) -> tuple[Dim, ...]:
    """Check what is to be varied.

    Parameters
    ----------
    model : Model
        Whose parameters, scenarios and conditions may be varied.
    over : mapping
        Name -> values; a tuple of names -> a list of tuples of values, varied together; "regimen" -> a dict
        of regimens.

    Raises
    ------
    InputError
        If a list is empty, a value is no number where one is needed, or a name comes twice.
    UnknownNameError
        If a name is no regimen argument, parameter, "scenario" or "condition".
    """
    if not isinstance(over, Mapping):
        raise bad("over", type(over).__name__, "must be a dict, such as {'dose': [1.5, 4.5]}")
    dims = tuple(_dim(model, key, values) for key, values in over.items())
    seen: set[str] = set()
    for name in (key for dim in dims for key in dim.keys):
        if name in seen:
            raise bad("over", name, "is varied twice")
        seen.add(name)
    return dims


def _dim(model: Model, key: Any, values: Any) -> Dim:
    keys = (key,) if isinstance(key, str) else tuple(key) if isinstance(key, tuple) else (key,)
    for name in keys:
        _check_name(model, name)
    if keys == ("regimen",):
        if not isinstance(values, Mapping) or not values:
            raise bad("over['regimen']", type(values).__name__, "must be a dict of regimens, at least one")
        return Dim("regimen", keys, tuple((v,) for v in values.values()), tuple((k,) for k in values))
    shown = key if isinstance(key, str) else keys
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        raise bad(f"over[{shown!r}]", values, "must be a list of values")
    points = [(v,) for v in values] if isinstance(key, str) else [_tuple(keys, v) for v in values]
    if not points:
        raise bad(f"over[{shown!r}]", list(values), "must hold at least one value")
    checked = [
        tuple(_checked(model, name, v) for name, v in zip(keys, point, strict=True)) for point in points
    ]
    labels = tuple(tuple(map(_label, point)) for point in checked)
    if len(set(labels)) < len(labels):
        twice = next(one for one in labels if labels.count(one) > 1)
        raise bad(f"over[{shown!r}]", twice if len(keys) > 1 else twice[0], "is there twice")
    return Dim("_".join(keys), keys, tuple(checked), labels)


def _tuple(keys: tuple[str, ...], values: Any) -> tuple[Any, ...]:
    found = tuple(values) if isinstance(values, Iterable) and not isinstance(values, str) else (values,)
    if len(found) != len(keys):
        raise bad(f"over[{keys!r}]", values, f"must hold one value for each of the {len(keys)} names")
    return found


def _check_name(model: Model, name: Any) -> None:
    known = (*DOSING, *PRESETS, *model.parameter_ids)
    if not isinstance(name, str) or name not in known:
        raise unknown("over", name, known, listing="help(ldnsim.sweep)")
    if kind_of(name) != "values" and name in model.parameter_ids:
        rule = "is an argument of the regimen and also a parameter of this model"
        raise bad("over", name, rule, "vary the parameter as a column of subjects, or give it another id")
    if name in RESERVED:
        raise bad(
            "over", name, "is the name of a dimension of every result", "vary it as a column of subjects"
        )


def _checked(model: Model, name: str, value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) and value.dtype.kind in "biufU" else value
    if kind_of(name) == "model":
        presets = model.scenario_presets if name == "scenario" else model.condition_presets
        if value is not None and value not in presets:
            raise unknown(f"over[{name!r}]", value, presets)
    elif kind_of(name) == "values" and not math.isfinite(as_number(value)):
        raise bad(f"over[{name!r}]", value, "must be a finite number")
    return value


def _label(value: Any) -> Any:
    if value is None:
        return "none"
    return value if isinstance(value, bool | int | float | str) else str(value)


def worded(
    model: Model, over: Mapping[Any, Any], held: Mapping[str, Any], duration: float | None
) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Read regimens in words, of what is varied and of what is held: for `days`, else for `duration` (h)."""
    varied, held = dict(over), dict(held)
    texts = [held.get("regimen")]
    if isinstance(varied.get("regimen"), Mapping):
        texts += varied["regimen"].values()
    if not any(isinstance(text, str) for text in texts):
        return varied, held
    held_days = held.pop("days", None)
    days = days_of(duration) if held_days is None else whole("days", held_days, 1)
    how = model, days
    _refuse_idle_days(varied.get("regimen"), held_days)
    if isinstance(held.get("regimen"), str):
        held["regimen"] = regimen_of("regimen", held["regimen"], *how, lengthened="days=28")
    if isinstance(varied.get("regimen"), Mapping):
        varied["regimen"] = regimens_by_name("over['regimen']", varied["regimen"], *how, lengthened="days=28")
    return varied, held


def _refuse_idle_days(regimens: Any, days: Any) -> None:
    """Refuse days that would lengthen the regimens in words and leave those beside them as they are."""
    if days is None or not isinstance(regimens, Mapping):
        return
    for name, regimen in regimens.items():
        if isinstance(regimen, Regimen):
            rule = f"has no effect on over['regimen'][{name!r}], which has its own doses"
            raise bad("days", days, rule, f"give {name!r} in words too, or leave days out for duration=")


def variant(model: Model, settings: Mapping[str, Any]) -> Model:
    """Return the model under the scenario and condition that `settings` name."""
    if "scenario" in settings:
        model = model.with_scenario(settings["scenario"])
    return model.with_condition(settings["condition"]) if "condition" in settings else model


def regimen_from(arguments: Mapping[str, Any]) -> Regimen | None:
    """Build a regimen from arguments by name.

    Parameters
    ----------
    arguments : mapping
        "regimen" alone; or "dose" with "days" (one a day; with "ii" as many as fall within them) or with "n";
        or "steps" (a titration); and what else `Regimen.every` takes.

    Raises
    ------
    InputError
        If arguments contradict each other, or one is missing.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    if "regimen" in arguments:
        beside = next((name for name in given if name != "regimen"), None)
        if beside is not None:
            raise bad(beside, given[beside], "has no effect beside regimen=", "give one of the two")
        return regimen_of("regimen", arguments["regimen"])
    if "steps" in given:
        for name in ("dose", "days", "n", "ii", "ss"):
            if name in given:
                raise bad(name, given[name], "contradicts steps, which say how much and how long")
        return Regimen.titration(given.pop("steps"), **given)
    if not given:
        return None
    if "dose" not in given:
        raise bad(
            "dose", None, "must be given, or varied", "sweep(model, over={'dose': [1.5, 4.5]}, days=14)"
        )
    if "n" in given:
        if "days" in given:
            raise bad("n", given["n"], "contradicts days", "give one of the two")
        return Regimen.every(**{"ii": HOURS_PER_DAY, **given})
    if "days" not in given:
        raise bad("days", None, "must be given, or varied", "days=14 for two weeks")
    return doses_for(Regimen, **given)
