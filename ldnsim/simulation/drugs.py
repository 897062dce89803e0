"""What taking a drug changes in a model: its row of the drug table sets parameters for that regimen."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import bad, warn_user
from ..library import table_file, table_of
from ..regimen import DRUG

MOST_GIVEN = 1000.0  # mg at once; beyond twice the largest dose in use

if TYPE_CHECKING:
    from ..model import Model
    from ..regimen import Regimen


def drug_of(model: Model, regimen: Regimen | None) -> str:
    """Name the drug of a regimen that sets parameters, empty if there is none.

    Raises
    ------
    InputError
        If there are two: the model has one slot for such a drug.
    """
    table = settings_of(model)
    found = [d for d in regimen.drugs if table.get(d)] if regimen is not None and table else []
    if len(found) > 1:
        rule = "the model has one slot for an agonist, so a regimen can hold one of these drugs"
        raise bad("drug", found, rule, "simulate them one at a time")
    return found[0] if found else ""


def opioids(model: Model) -> tuple[str, ...]:
    """Name the opioids of a model's drug table; none where it has no such table."""
    path = table_file(model, "drugs")
    return _opioids(path, path.stat().st_mtime_ns) if path is not None else ()


def habitual(model: Model) -> tuple[str, ...]:
    """Name the opioids that are taken for long: those with a window of the label, not those of challenges."""
    path = table_file(model, "drugs")
    told = table_of(path)["free_from"] if path is not None else {}
    return tuple(name for name in opioids(model) if told[name] == told[name])


@functools.lru_cache(maxsize=32)
def _opioids(path: Path, changed: int) -> tuple[str, ...]:
    drugs = table_of(path)
    return tuple(drugs.index[drugs["kind"] == "opioid"]) if "kind" in drugs else ()


def warn_of_opioid(model: Model, regimens: Iterable[Regimen | None]) -> bool:
    """Warn once, in one sentence, if a regimen gives naltrexone beside an opioid.

    Returns
    -------
    bool
        Whether it warned.
    """
    taken = {regimen.drugs for regimen in regimens if regimen is not None}  # few, also of a thousand regimens
    for drugs in (d for d in taken if DRUG in d and len(d) > 1):
        found = [d for d in opioids(model) if d in drugs]
        if found:
            warn_user(
                f"{DRUG} together with {found[0]} can precipitate withdrawal and blocks the opioid: "
                "see `withdrawal` and ldnsim.washout; for research, never advice"
            )
            return True
    return False


def warn_of_dose(regimens: Iterable[Regimen | None]) -> None:
    """Warn once of a dose of naltrexone beyond any that people got, which may be one in micrograms."""
    most = 0.0
    for records in {regimen.records for regimen in regimens if regimen is not None}:
        most = max(most, *(r.amt for r in records if r.is_dose and r.drug == DRUG), 0.0)
    if most > MOST_GIVEN:
        warn_user(
            f"{most:g} mg of {DRUG} at once is beyond any dose that was given to people (380 mg, as a depot); "
            f"{most:g} micrograms are {most / 1000:g} mg"
        )


def values_under(model: Model, drug: str, values: np.ndarray) -> np.ndarray:
    """Parameters of subjects who take a drug.

    The row of the drug takes the place of the model's nominal values; what makes a subject differ from them
    stays as a factor. What was chosen on the model (`Model.chosen`) keeps its value.

    Parameters
    ----------
    model : Model
        With a table of drugs.
    drug : str
        As `drug_of` names it; empty for none.
    values : array, shape (n, n_parameters)
        Of the subjects.
    """
    settings = settings_of(model).get(drug) if drug else None
    if not settings:
        return values
    values = values.copy()
    for name, value in settings.items():
        if name in model.chosen:
            continue
        k = model.parameter_ids.index(name)
        nominal = model.values[k]
        values[:, k] = value * values[:, k] / nominal if nominal else value
    return values


_NONE: dict[str, dict[str, float]] = {}


def settings_of(model: Model) -> dict[str, dict[str, float]]:
    """Drug -> parameter -> value, only the cells that are filled in; nothing for a model without drugs."""
    path = table_file(model, "drugs")
    return _read(path, path.stat().st_mtime_ns, model.parameter_ids) if path else _NONE


@functools.lru_cache(maxsize=32)
def _read(path: Path, changed: int, parameters: tuple[str, ...]) -> dict[str, dict[str, float]]:
    rows = table_of(path)
    columns = [c for c in rows.columns if c in parameters]
    return {
        str(drug): {c: float(x) for c, x in row.items() if x == x and x != ""}
        for drug, row in rows[columns].iterrows()
    }
