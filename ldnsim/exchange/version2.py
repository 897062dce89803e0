"""PEtab 2 brought to the tables of `PetabProblem`: experiments of several periods, conditions in long form."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import bad
from .formulas import number_of

if TYPE_CHECKING:
    import pandas as pd

Course = tuple[tuple[float, tuple[str, ...]], ...]  # periods: when each begins, and the conditions it brings
TABLES = {
    "parameter_files": ("parameterId", "nominalValue", "estimate"),
    "condition_files": ("conditionId", "targetId", "targetValue"),
    "experiment_files": ("experimentId", "time", "conditionId"),
    "observable_files": ("observableId", "observableFormula", "noiseFormula"),
    "measurement_files": ("observableId", "measurement", "time"),
}
MAPPED = ("petabEntityId", "modelEntityId")
NEEDED = ("parameter_files", "observable_files", "measurement_files")


def described(path: Path, whole: dict[str, Any]) -> Path:
    """Return the path of the one model that a description names; refuse what is not read.

    Raises
    ------
    InputError
        If there are several models, another language than SBML, or extensions.
    """
    models = list((whole.get("model_files") or {}).values())
    if len(models) != 1:
        raise bad("path", str(path), f"has {len(models)} models", "one model a problem is read")
    language = str(models[0].get("language", ""))
    if language.lower() != "sbml":
        raise bad("path", str(path), f"has a model in {language!r}", "SBML is read")
    if whole.get("extensions"):
        raise bad("path", str(path), "has extensions, which are not read", "leave out extensions")
    return path.parent / str(models[0]["location"])


def tables(
    path: Path, read: Callable[[str, tuple[str, ...], list[str]], pd.DataFrame], whole: dict[str, Any]
) -> dict[str, Any]:
    """Read the tables, and bring them to those of `PetabProblem`.

    Parameters
    ----------
    path : Path
    read : callable
        Reads the tables of one kind as one: ``read(kind, columns, names)``.
    whole : dict
        The description.
    """
    import pandas as pd

    found = {}
    for kind, columns in TABLES.items():
        names = whole.get(kind) or []
        if names or kind in NEEDED:
            found[kind] = read(kind, columns, names)
        else:
            found[kind] = pd.DataFrame(columns=list(columns), dtype=str)
    _check_mappings(path, read, whole)
    conditions = found["condition_files"]
    for name, target in conditions[conditions.duplicated(["conditionId", "targetId"])][
        ["conditionId", "targetId"]
    ].to_numpy():
        raise bad("path", str(path), f"sets {target!r} twice under {name!r}")
    measurements = found["measurement_files"].copy()
    if "experimentId" not in measurements:
        measurements["experimentId"] = ""
    return {
        "parameters": _parameters(found["parameter_files"]).set_index("parameterId"),
        "conditions": conditions.pivot(index="conditionId", columns="targetId", values="targetValue").fillna(
            ""
        ),
        "observables": found["observable_files"].set_index("observableId"),
        "measurements": measurements,
        "courses": _courses(path, found["experiment_files"], measurements["experimentId"]),
    }


def _check_mappings(path: Path, read: Callable[..., pd.DataFrame], whole: dict[str, Any]) -> None:
    """Refuse names that stand for others; a mapping of a name to itself or to nothing only describes it."""
    names = whole.get("mapping_files")
    if not names:
        return
    for own, model in read("mapping_files", MAPPED, names)[list(MAPPED)].to_numpy():
        if model and model != own:
            raise bad("path", str(path), f"maps {own!r} to {model!r}", "use the ids of the model")


def _parameters(table: pd.DataFrame) -> pd.DataFrame:
    """Give parameters the words of version 1; without scales, one that must be positive is searched by its logarithm."""
    lower = table["lowerBound"] if "lowerBound" in table else [""] * len(table)
    positive = [(number_of(v) or 0.0) > 0 for v in lower]
    names = {"priorDistribution": "objectivePriorType", "priorParameters": "objectivePriorParameters"}
    return table.rename(columns=names).assign(
        parameterScale=["log" if p else "lin" for p in positive],
        estimate=[str(int(str(e).lower() in ("true", "1"))) for e in table["estimate"]],
    )


def _courses(path: Path, table: pd.DataFrame, used: pd.Series) -> dict[str, Course]:
    found: dict[str, Course] = {}
    for name in dict.fromkeys(used):
        rows = table[table["experimentId"] == name]
        if name and not len(rows):
            raise bad("path", str(path), f"measures in {name!r}, which is no experiment")
        periods: dict[float, list[str]] = {}
        for time, condition in rows[["time", "conditionId"]].to_numpy():
            begin = number_of(time)
            if begin is None or math.isnan(begin) or begin == math.inf:
                raise bad("path", str(path), f"begins a period of {name!r} at {time!r}", "a time, or -inf")
            periods.setdefault(begin, []).extend([condition] if condition else [])
        course = tuple((t, tuple(periods[t])) for t in sorted(periods)) or ((0.0, ()),)
        if course[-1][0] == -math.inf:
            raise bad("path", str(path), f"lets {name!r} rest and then end", "a period that begins at a time")
        found[name] = course
    return found
