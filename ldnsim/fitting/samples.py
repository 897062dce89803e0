"""The measurements of a study as arrays, subject by subject, each with its place in the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..data import StudyData
from ..data.analytes import told_by
from ..data.reading import read_as
from ..data.stated_units import check_doses, check_values
from ..errors import bad, instance, one_of
from ..model import Model
from ..regimen.record import OBSERVATION
from ..simulation.request import output_ids


@dataclass(frozen=True, eq=False)
class Samples:
    """What was measured of n subjects, at most m of each; a row of an array is a subject.

    Attributes
    ----------
    data : StudyData
        With doses that know where they go.
    outputs : tuple of str
        Variables that were measured.
    record, output, row : array of int, shape (n, m)
        Which observation record of the subject, which of `outputs`, and which row of the table it is.
    y, limit : array, shape (n, m)
        Value, and limit of quantification of those below it.
    below, used : array of bool, shape (n, m)
        Which lie below the limit, and which are measurements at all.
    """

    data: StudyData
    outputs: tuple[str, ...]
    record: np.ndarray
    output: np.ndarray
    row: np.ndarray
    y: np.ndarray
    limit: np.ndarray
    below: np.ndarray
    used: np.ndarray

    def __len__(self) -> int:
        return len(self.y)

    @cached_property
    def count(self) -> int:
        """Number of measurements."""
        return int(self.used.sum())

    @cached_property
    def time(self) -> np.ndarray:
        """When they were taken (h), in the time in which periods that restart the clock follow each other."""
        found = np.zeros(self.row.shape)
        for i, regimen in enumerate(self.data.regimens.values()):
            taken = np.array(regimen.observation_times)
            found[i, self.used[i]] = taken[self.record[i, self.used[i]]]
        return found

    def seen(self, values: np.ndarray, who: np.ndarray) -> np.ndarray:
        """Take what was measured from simulated records, shape (row, output, record), of subjects `who`."""
        rows = np.arange(len(values))[:, None]
        return values[rows, self.output[who], self.record[who]]

    def undosed(self, values: np.ndarray) -> list[object]:
        """List subjects whom the table gives no dose, and of whom nothing but 0 is predicted, shape (n, m)."""
        regimens = self.data.regimens
        nil = self.used.any(axis=1) & ~(self.used & (values != 0.0)).any(axis=1)
        return [i for i, is_nil in zip(self.data.subjects, nil, strict=True) if is_nil and not regimens[i].doses]


def words_of_undosed(subjects: list[object]) -> str:
    """Say that the data give them no dose."""
    who = ", ".join(map(str, subjects[:5])) + ("" if len(subjects) <= 5 else ", ...")
    whom = f"{len(subjects)} subjects" if len(subjects) > 1 else "the subject"
    return f"the data hold no dose of {whom} {who}, and what was measured is predicted to be 0"


def samples_of(data: StudyData, outputs: Mapping[object, str], every: bool = False) -> Samples:
    """Lay out the measurements.

    Parameters
    ----------
    data : StudyData
    outputs : mapping
        Variable of each label of DVID; None stands for all where there is one variable.
    every : bool
        Whether observation records without a measurement count too.
    """
    table = data.table
    by = told_by(table)
    names = tuple(dict.fromkeys(outputs.values()))
    parts = []
    for subject in data.subjects:
        rows = data.observed_rows(subject)
        measured = table["MDV"].to_numpy()[rows] == 0
        labels = [None] * len(rows) if None in outputs else table["DVID"].to_numpy()[rows]
        is_named = np.array([label in outputs for label in labels], bool)
        which = np.array(
            [
                names.index(_variable(outputs, label, row, by)) if ok or known else 0
                for label, row, ok, known in zip(labels, rows, measured, is_named, strict=True)
            ],
            np.int64,
        )
        places = np.flatnonzero(measured | (every & is_named))
        parts.append((places, which[places], rows[places]))
    m = max((len(p) for p, _, _ in parts), default=0)
    record, output, row = (np.zeros((len(parts), m), np.int64) for _ in range(3))
    used = np.zeros((len(parts), m), bool)
    for i, (places, which, rows) in enumerate(parts):
        k = len(places)
        record[i, :k], output[i, :k], row[i, :k], used[i, :k] = places, which, rows, True
    column = {
        name: np.where(used, table[name].to_numpy(dtype=float)[row], 0.0) for name in ("DV", "LLOQ", "CENS")
    }
    below = used & (column["CENS"] == 1)
    y = np.where(used & ~below, column["DV"], 1.0)
    return Samples(data, names, record, output, row, y, np.where(below, column["LLOQ"], 1.0), below, used)


def _variable(outputs: Mapping[object, str], label: object, row: int, by: str) -> str:
    if label not in outputs:
        rule = f"is the {by} of record {row}, of which observe= does not say what it is"
        raise bad("observe", label, rule, f"name a variable for each {by}, {{1: 'Cp', 2: 'Cm'}}")
    return outputs[label]


def observed(
    model: Model, data: StudyData, observe: str | Mapping[object, str] | None, every: bool = False
) -> dict[object, str]:
    """Say which variable each DVID is; None stands for all.

    With `every`, observation records without a measurement count too, if they have a DVID.

    Raises
    ------
    InputError, UnknownNameError
        If it is not clear, or the model has no such variable.
    """
    table = data.table
    measured = (table["EVID"] == OBSERVATION) & (table["MDV"] == 0)
    by, labels = told_by(table), []
    if "DVID" in table:
        counted = measured | ((table["EVID"] == OBSERVATION) & table["DVID"].notna() & every)
        labels = list(dict.fromkeys(table["DVID"][counted]))
    if observe is None:
        if len(model.observables) > 1:
            rule = "must say which variable was measured"
            raise bad("observe", observe, rule, f"one of {', '.join(model.observables[:8])}")
        observe = model.observables[0]
    if isinstance(observe, str):
        if len(labels) > 1:
            rule = f"is one variable, but {by} tells {len(labels)} apart: {', '.join(map(str, labels))}"
            each = ", ".join(f"{label!r}: {name!r}" for label, name in zip(labels, ("Cp", "Cm"), strict=False))
            raise bad("observe", observe, rule, f"name one for each, {{{each}}}")
        found: dict[object, str] = {None: observe}
    else:
        found = dict(instance("observe", observe, Mapping, "a name, or a dict {DVID: name}"))
        if "DVID" not in table:
            rule = "names variables by DVID, but nothing tells the measurements apart"
            raise bad("observe", found, rule, "observe='Cp' is the one variable that all of them are of")
    if not found:
        raise bad("observe", found, "must name a variable for each DVID, {1: 'Cp', 2: 'Cm'}")
    for name in found.values():
        one_of("observe", name, output_ids(model))
        check_values(table, name, str(model.outputs["unit"].get(name, "") or ""))
    return found


def subjects_model(model: Model, data: Any, cmt: str | None) -> tuple[Model, StudyData]:
    """Bring model and data together: time in h, doses that go where the model can take them.

    Raises
    ------
    InputError, UnknownNameError
        If a dose has no place in the model.
    """
    from ..simulation.counted import counted_in
    from ..simulation.inputs import check_routes

    instance("model", model, Model, "a Model", "ldnsim.load_model('ldn')")
    data = read_as("data", data)
    model = model.in_hours()
    if cmt is not None:
        one_of("cmt", cmt, model.states)
        data = data.dosed_into(cmt)
    check_routes(model, list(data.regimens.values()))
    for records in (regimen.records for regimen in data.regimens.values()):
        for drug, state in {(r.drug, r.cmt): None for r in records if r.amt}:
            check_doses(data.table, state or drug, counted_in(model, drug, state))
    return model, data
