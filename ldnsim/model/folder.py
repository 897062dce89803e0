"""A model as a folder: equations in model.ant, every number and name in the tables beside it.

=================  =======================================================================================
model.ant          equations and units; parameters are declared without values
model.toml         optional: ``title``, ``description``, ``tables_from`` (folder whose tables serve here too)
parameters.csv     one row a parameter, see `ldnsim.model.parameters.Parameter`
outputs.csv        ``id, unit, long_name`` of what a simulation returns, in order
readouts.csv       what `summarize` gives, see `ldnsim.model.readout_rows`
scenarios.toml     ``[name]`` with ``description``, ``source``, ``structure`` (both optional) and
                   ``[name.parameters]``
formulations.csv   with drugs.csv, covariates.csv, correlations.csv, priors.csv, targets.csv: what is given to
                   whom and what is fitted, see `ldnsim.model.tables`
conditions.csv     ``name, description``, a column a parameter (empty: as it is), ``grade, source, note``; optional
                   ``silent``: outputs on which no effect was ever measured there
=================  =======================================================================================
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..textfiles import read_text, read_toml
from ..unit_sizes import contradicts
from .document import Document, read_antimony, warn
from .lines import line_of, nearest, placed
from .model import Model
from .parameters import Parameter, check_possible, number, read_parameters, read_rows
from .presets import Preset
from .quantities import Quantity, quantities_of
from .readout_rows import read_readouts
from .reduction import structure_of
from .tables import check_tables

Table = Mapping[str, Parameter]
_SETTINGS = ("title", "description", "tables_from")


def read_folder(folder: Path) -> Model:
    """Read a model folder.

    Raises
    ------
    ModelError
        Naming file, line and id: a number both in model.ant and in the table, a parameter without a value or
        without a row, a unit that differs, an unknown column, a bad grade, an unknown id.
    """
    text = read_text(folder / "model.ant", ModelError)
    try:
        return _of_text(text, folder)
    except ModelError as error:
        raise placed(error, text, "model.ant, ") from None


def _of_text(text: str, folder: Path) -> Model:
    document = read_antimony(text, folder)
    warn(document, folder.name)
    owner = owner_of(folder, "parameters.csv")
    if owner is None:
        raise ModelError(f"{folder.name}: has no parameters.csv")
    table = _matched(document, read_parameters(owner / "parameters.csv"), borrowed=owner != folder)
    structure = structure_of(document, [p.id for p in table])
    _refuse_untabled(text, structure.values, table)
    by_id = {p.id: p for p in table}
    check_tables(folder, {name: by_id[name] for name in structure.parameters})
    about = settings(folder)
    quantities = _with_display(quantities_of(document, structure), folder)
    return Model(
        name=folder.name,
        document=document,
        structure=structure,
        table=table,
        quantities=quantities,
        scenario_presets=_scenarios(folder, by_id),
        condition_presets=_conditions(folder, by_id),
        folder=folder,
        title=str(about.get("title", "")),
        description=str(about.get("description", "")),
        readout_rows=read_readouts(folder / "readouts.csv", (q.id for q in quantities)),
    )


def owner_of(folder: Path, file: str) -> Path | None:
    """Return the folder that holds a model's table: its own, or the one that ``tables_from`` names."""
    if (folder / file).is_file():
        return folder
    other = settings(folder).get("tables_from")
    lender = folder.parent / str(other) if other else None
    return lender if lender is not None and (lender / file).is_file() else None


def settings(folder: Path) -> dict[str, Any]:
    """Read model.toml; empty where there is none. A word that it does not know is refused."""
    path = folder / "model.toml"
    found = read_toml(path, ModelError) if path.is_file() else {}
    for word, value in found.items():
        if word not in _SETTINGS or not isinstance(value, str):
            rule = "must be a text" if word in _SETTINGS else f"is none of {', '.join(_SETTINGS)}"
            raise ModelError(f"{path.name}: {word!r} {rule}")
    return found


def _matched(document: Document, rows: tuple[Parameter, ...], borrowed: bool) -> tuple[Parameter, ...]:
    """Keep the rows the equations declare; refuse one they do not know, a second value and another unit."""
    declared = {r["id"]: r for r in (*document.parameters, *document.compartments)}
    if borrowed:
        rows = tuple(p for p in rows if p.id in declared)
    found = []
    for p in rows:
        row = declared.get(p.id)
        if row is None:
            raise ModelError(f"parameters.csv, parameter {p.id!r}: model.ant does not declare it")
        if row.get("value", row.get("size")) is not None or p.id in document.initial:
            raise ModelError(f"parameter {p.id!r}: has a value both in model.ant and in parameters.csv")
        if "unit_id" in row and p.unit != row["unit_id"]:
            raise ModelError(
                f"parameter {p.id!r}: unit={p.unit!r} in parameters.csv, {row['unit_id']!r} in model.ant"
            )
        found.append(dataclasses.replace(p, unit=row["unit"] or p.unit))
    return tuple(found)


def _refuse_untabled(text: str, values: dict[str, float], table: tuple[Parameter, ...]) -> None:
    """Refuse parameters that the table does not give, and states that start from nothing."""
    tabled = {p.id for p in table}
    for name, value in values.items():
        if name not in tabled:
            found = "has no value" if math.isnan(value) else f"has its value, {value:g}, in model.ant"
            guess, line = nearest(name, tabled, ", or "), line_of(name, text)
            where = f" (model.ant, line {line})" if line else ""
            raise ModelError(f"parameter {name!r}: {found}; give it a row in parameters.csv{guess}{where}")


def _with_display(quantities: tuple[Quantity, ...], folder: Path) -> tuple[Quantity, ...]:
    """Put the rows of outputs.csv first, as observables."""
    path = folder / "outputs.csv"
    if not path.is_file():
        return quantities
    known = {q.id: q for q in quantities}
    shown: dict[str, Quantity] = {}
    columns = ("id", "unit", "long_name")
    for line, row in read_rows(path, columns, columns, key=("id",)):
        if row["id"] not in known:
            raise ModelError(f"{path.name}, line {line}: {row['id']!r} is no quantity of model.ant")
        if contradicts(row["unit"], own := known[row["id"]].unit):
            rule = f"{row['id']!r} is in {own} in model.ant, and unit={row['unit']!r} would change no number"
            raise ModelError(
                f"{path.name}, line {line}: {rule}; write {own}, or convert it by a rule in model.ant, with its unit"
            )
        shown[row["id"]] = Quantity(**row, kind="observable")
    return (*shown.values(), *(q for q in quantities if q.id not in shown))


_SCENARIO_WORDS = {"description", "source", "structure", "parameters"}


def _scenarios(folder: Path, table: Table) -> dict[str, Preset]:
    path = folder / "scenarios.toml"
    if not path.is_file():
        return {}
    found = {}
    for name, entry in read_toml(path, ModelError).items():
        where = f"{path.name}, scenario {name!r}"
        if not isinstance(entry, dict) or not set(entry) <= _SCENARIO_WORDS:
            raise ModelError(f"{where}: must hold {', '.join(sorted(_SCENARIO_WORDS))} and nothing else")
        if not str(entry.get("description", "")).strip():
            raise ModelError(f"{where}: needs a description, one sentence that says what it assumes")
        values = {p: number(str(v), where, p) for p, v in entry.get("parameters", {}).items()}
        source = str(entry.get("source", ""))
        preset = _preset(name, entry["description"], values, table, where, source)
        found[name] = dataclasses.replace(preset, structure=bool(entry.get("structure", False)))
    return found


_CONDITION_WORDS = ("name", "description", "silent", "grade", "source", "note")


def _conditions(folder: Path, table: Table) -> dict[str, Preset]:
    path = folder / "conditions.csv"
    if not path.is_file():
        return {}
    found: dict[str, Preset] = {}
    for line, row in read_rows(path, ("name", "description", "grade", "source"), key=("name",)):
        where = f"{path.name}, line {line}"
        cells = {p: v for p, v in row.items() if p not in _CONDITION_WORDS and v}
        values = {p: number(v, where, p) for p, v in cells.items()}
        unknown = [p for p in row if p not in _CONDITION_WORDS and p not in table]
        if unknown:
            raise ModelError(f"{path.name}, line 1: {unknown[0]!r} is no parameter of the model")
        preset = _preset(row["name"], row["description"], values, table, where, row["source"])
        silent = tuple(row.get("silent", "").split(";")) if row.get("silent") else ()
        found[row["name"]] = dataclasses.replace(preset, silent=silent)
    return found


def _preset(
    name: str,
    assumes: str,
    values: dict[str, float],
    table: Table,
    where: str,
    source: str,
) -> Preset:
    for p in values:
        if p not in table:
            raise ModelError(f"{where}: {p!r} is no parameter of the model")
    check_possible(values, table, where)
    return Preset(name, " ".join(assumes.split()), values, source)
