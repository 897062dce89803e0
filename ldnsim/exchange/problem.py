"""A PEtab problem as its files hold it: one model and its tables, checked for what cannot be read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import bad, need
from ..textfiles import read_text
from . import version2
from .version2 import Course

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("parameter_file", "condition_files", "observable_files", "measurement_files")
RUN_IN = 1e5  # of the span of the measurements
NEEDED = {
    "parameter_file": ("parameterId", "parameterScale", "nominalValue", "estimate"),
    "condition_files": ("conditionId",),
    "observable_files": ("observableId", "observableFormula", "noiseFormula"),
    "measurement_files": ("observableId", "simulationConditionId", "measurement", "time"),
}


@dataclass(frozen=True)
class PetabProblem:
    """Files of one problem; cells of the tables are text, empty where there is nothing.

    Attributes
    ----------
    path : Path
        Of the YAML file.
    sbml : str
        Text of the model.
    parameters, conditions, observables, measurements : DataFrame
        Its tables; all but the last indexed by their ids. Each measurement names its course (`experimentId`).
    courses : dict
        What is done, by name: when each period begins (-inf: before the start, until the model rests), and the
        conditions that it brings.
    """

    path: Path
    sbml: str
    parameters: pd.DataFrame
    conditions: pd.DataFrame
    observables: pd.DataFrame
    measurements: pd.DataFrame
    courses: dict[str, Course]
    version: str = "1"

    @property
    def run_in(self) -> float:
        """How long a condition holds before the measured one, in the model's unit of time."""
        times = self.measurements["time"].astype(float)
        last = times[times.abs() < math.inf].max()
        return RUN_IN * (float(last) if last > 0 else 1.0)


def read_problem(path: Path) -> PetabProblem:
    """Read the files that a YAML file names.

    Raises
    ------
    InputError
        If a file is missing, or the problem has what this version cannot read.
    """
    whole = _whole(path)
    version = str(whole["format_version"]).split(".")[0]
    if version == "2":
        model = version2.described(path, whole)
        found = version2.tables(path, lambda *asked: _table(path, *asked), whole)
        return PetabProblem(path, read_text(model), **found, version="2")
    if version != "1":
        raise bad(
            "path", str(path), f"is PEtab version {whole['format_version']}", "versions 1 and 2 are read"
        )
    return _version1(path, whole)


def _version1(path: Path, whole: dict[str, Any]) -> PetabProblem:
    described = _described(path, whole)
    found = {}
    for name in TABLES:
        names = described.get(name) or []
        found[name] = _table(path, name, NEEDED[name], [names] if isinstance(names, str) else names)
    measurements = found["measurement_files"]
    during = measurements["simulationConditionId"]
    before = measurements.get("preequilibrationConditionId", during.str.slice(0, 0))
    courses: dict[str, Course] = {}
    for first, second in dict.fromkeys(zip(before, during, strict=True)):
        rest = ((-math.inf, (first,)),) if first else ()
        courses[_label(first, second)] = (*rest, (0.0, (second,)))
    return PetabProblem(
        path,
        read_text(path.parent / described["models"][0]),
        found["parameter_file"].set_index("parameterId"),
        found["condition_files"].set_index("conditionId"),
        found["observable_files"].set_index("observableId"),
        measurements.assign(experimentId=[_label(*two) for two in zip(before, during, strict=True)]),
        courses,
    )


def _label(before: str, during: str) -> str:
    return f"{before} > {during}" if before else during


def _whole(path: Path) -> dict[str, Any]:
    """Read the YAML file."""
    need("yaml", "petab", "path", str(path))
    import yaml

    try:
        whole = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        raise bad("path", str(path), f"is no YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(whole, dict) or "format_version" not in whole:
        raise bad(
            "path", str(path), "is no description of a PEtab problem", "the .yaml file beside its tables"
        )
    return whole


def _described(path: Path, whole: dict[str, Any]) -> dict[str, Any]:
    """Return the names of the tables of version 1, and of the one model."""
    problems = whole.get("problems") or []
    if len(problems) != 1:
        raise bad("path", str(path), f"describes {len(problems)} problems", "one problem a file is read")
    models = problems[0].get("sbml_files") or []
    if len(models) != 1:
        raise bad("path", str(path), f"has {len(models)} SBML models", "one model a problem is read")
    return {**problems[0], "parameter_file": whole.get("parameter_file"), "models": models}


def _table(path: Path, kind: str, needed: tuple[str, ...], names: list[str]) -> pd.DataFrame:
    """Read the tables of one kind as one."""
    import io

    import pandas as pd

    parts = []
    for name in names:
        text = read_text(path.parent / name)
        part = pd.read_csv(io.StringIO(text), sep="\t", dtype=str, keep_default_na=False, comment=None)
        part.columns = [str(c).strip() for c in part.columns]
        lacking = [c for c in needed if c not in part]
        if lacking:
            raise bad(name, list(part.columns), f"has no column {lacking[0]}")
        parts.append(part.apply(lambda column: column.str.strip()))
    if not parts:
        raise bad("path", str(path), f"names no {kind}")
    return pd.concat(parts, ignore_index=True).fillna("").replace(dict.fromkeys(("NaN", "nan"), ""))
