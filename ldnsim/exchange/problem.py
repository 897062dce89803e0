"""A PEtab problem as its files hold it: one model and four tables, checked for what cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import bad, need
from ..textfiles import read_text

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("parameter_file", "condition_files", "observable_files", "measurement_files")
NEEDED = {
    "parameter_file": ("parameterId", "parameterScale", "nominalValue", "estimate"),
    "condition_files": ("conditionId",),
    "observable_files": ("observableId", "observableFormula", "noiseFormula"),
    "measurement_files": ("observableId", "simulationConditionId", "measurement", "time"),
}


@dataclass(frozen=True)
class Problem:
    """Files of one problem; cells of the tables are text, empty where there is nothing.

    Attributes
    ----------
    path : Path
        Of the YAML file.
    sbml : str
        Text of the model.
    parameters, conditions, observables, measurements : DataFrame
        Its tables; all but the last indexed by their ids.
    """

    path: Path
    sbml: str
    parameters: pd.DataFrame
    conditions: pd.DataFrame
    observables: pd.DataFrame
    measurements: pd.DataFrame


def read_problem(path: Path) -> Problem:
    """Read the files that a YAML file names.

    Raises
    ------
    InputError
        If a file is missing, or the problem has what this version cannot read.
    """
    described = _described(path)
    found = {}
    for name in TABLES:
        names = described.get(name) or []
        found[name] = _table(path, name, [names] if isinstance(names, str) else names)
    models = described["models"]
    return Problem(
        path,
        read_text(path.parent / models[0]),
        found["parameter_file"].set_index("parameterId"),
        found["condition_files"].set_index("conditionId"),
        found["observable_files"].set_index("observableId"),
        found["measurement_files"],
    )


def _described(path: Path) -> dict[str, Any]:
    """Read the YAML file: names of the tables, and of the one model."""
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
    if str(whole["format_version"]).split(".")[0] != "1":
        raise bad("path", str(path), f"is PEtab version {whole['format_version']}", "version 1 is read")
    problems = whole.get("problems") or []
    if len(problems) != 1:
        raise bad("path", str(path), f"describes {len(problems)} problems", "one problem a file is read")
    models = problems[0].get("sbml_files") or []
    if len(models) != 1:
        raise bad("path", str(path), f"has {len(models)} SBML models", "one model a problem is read")
    return {**problems[0], "parameter_file": whole.get("parameter_file"), "models": models}


def _table(path: Path, kind: str, names: list[str]) -> pd.DataFrame:
    """Read the tables of one kind as one."""
    import io

    import pandas as pd

    parts = []
    for name in names:
        text = read_text(path.parent / name)
        part = pd.read_csv(io.StringIO(text), sep="\t", dtype=str, keep_default_na=False, comment=None)
        part.columns = [str(c).strip() for c in part.columns]
        lacking = [c for c in NEEDED[kind] if c not in part]
        if lacking:
            raise bad(name, list(part.columns), f"has no column {lacking[0]}")
        parts.append(part.apply(lambda column: column.str.strip()))
    if not parts:
        raise bad("path", str(path), f"names no {kind}")
    return pd.concat(parts, ignore_index=True).fillna("")
