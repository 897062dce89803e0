"""`read_petab`: a PEtab problem as a model, its data, and the arguments of `ldnsim.fit`."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..data import StudyData, read_data
from ..errors import SolverWarning, a_path, bad, warn_user
from ..model import Model
from .experiments import Experiment, experiments_of
from .formulas import Draft, filled, ids_in, number_of
from .noise import Noise, noise_of
from .priors import priors_of
from .problem import PetabProblem, read_problem

if TYPE_CHECKING:
    import pandas as pd

SCALES = {"lin": "none", "log": "log", "log10": "log", "": "none"}
NO_EXPERIMENT = "no experiment"
SETTLED = 1e-4  # largest relative change over the second half of that time


class Variable(NamedTuple):
    """One observable with one set of overrides.

    Attributes
    ----------
    name : str
        Of the model's variable.
    noise : Noise
    """

    name: str
    noise: Noise


def read_petab(path: str | Path) -> tuple[Model, StudyData, dict[str, Any]]:
    """Read a PEtab problem of version 1 or 2.

    Parameters
    ----------
    path : str or Path
        The YAML file; the tables and the SBML model lie beside it.

    Returns
    -------
    model : Model
        The model at the nominal values, with the observables as variables.
    data : StudyData
        The measurements; each combination of conditions, or experiment, is a subject, inputs that differ are
        covariates. A condition that holds before (pre-equilibration) is given for so long that the model rests.
    arguments : dict
        What ``ldnsim.fit(model, data, **arguments)`` needs: `observe`, `estimate`, `iiv`, `error`, `sigma`, `fixed`,
        `table` (bounds and scales) and, where there are any, `prior`.

    Raises
    ------
    InputError
        If a file is missing, or the problem has what cannot be read, named.

    Notes
    -----
    ``ldnsim.fit(model, data, **(arguments | {"estimate": []})).objective`` is -2 times the log likelihood of the
    problem at its nominal parameters, and with objective priors the logarithm of their densities beside it: of the
    value, or of its logarithm where PEtab says `parameterScale`; a truncation at the bounds, which is a constant, does
    not count. Measurements are normal about the observable, or their logarithm is about
    its logarithm (`log10` differs from `log` by a constant factor of the standard deviation).

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.read_petab("problem.yaml")
    Traceback (most recent call last):
    ...
    ldnsim.errors.InputError: path='problem.yaml': is no file; ...
    """
    path = a_path("path", path)
    if not path.is_file():
        raise bad("path", str(path), "is no file", "the .yaml file of a PEtab problem")
    problem = _measured(read_problem(path))
    draft = Draft(problem.sbml)
    nominal = _nominal(problem)
    for name, value in nominal.items():
        if draft.is_ruled(name):
            raise bad("path", str(path), f"gives {name!r} a value, which follows a rule of the model")
        if draft.is_parameter(name) or _is_used(problem, draft, name):
            draft.parameter(name, value)
    variables = _variables(problem, draft, nominal)
    own_events = draft.has_events
    experiments = experiments_of(problem, draft)
    clock = _clock(problem, draft, own_events) if any(e.origin for e in experiments.values()) else None
    model = Model.from_sbml(draft.text)
    data = _data(problem, model, variables, experiments, clock)
    return model, data, _arguments(problem, model, variables, nominal)


def _measured(problem: PetabProblem) -> PetabProblem:
    """Pass over rows that measure nothing, with a warning; refuse measurements and times that are no numbers."""
    table = problem.measurements
    for column in ("measurement", "time"):
        wrong = table.index[[bool(cell) and number_of(cell) is None for cell in table[column]]]
        if len(wrong):
            rule = f"has the {column} {table[column][wrong[0]]!r} in row {wrong[0] + 1}"
            raise bad("path", str(problem.path), rule, "a number")
    if (table["time"] == "").any():
        raise bad("path", str(problem.path), f"has no time in row {int((table['time'] == '').argmax()) + 1}")
    empty = table["measurement"] == ""
    if empty.any():
        warn_user(f"rows that measure nothing are passed over: {int(empty.sum())}")
    return replace(problem, measurements=table[~empty])


def _nominal(problem: PetabProblem) -> dict[str, float]:
    """Return the nominal values."""
    found = {}
    for name, row in problem.parameters.iterrows():
        value = number_of(row["nominalValue"])
        if value is None:
            raise bad("path", str(problem.path), f"gives {name!r} no nominal value")
        found[str(name)] = value
    return found


def _is_used(problem: PetabProblem, draft: Draft, name: str) -> bool:
    """Whether a parameter of the table, which the model lacks, stands in a formula, an override or a condition."""
    if draft.has(name):
        raise bad("path", str(problem.path), f"estimates {name!r}, which is no parameter of the model")
    cells = [*problem.observables["observableFormula"], *problem.conditions.to_numpy().ravel()]
    if "observableParameters" in problem.measurements:
        cells += list(problem.measurements["observableParameters"])
    return any(name in _words(cell) for cell in cells)


def _words(cell: str) -> set[str]:
    return set(ids_in(cell.replace(";", " ; ")))


def _variables(
    problem: PetabProblem, draft: Draft, nominal: dict[str, float]
) -> dict[tuple[str, ...], Variable]:
    """Give each observable, for each set of overrides of its measurements, a variable in the model."""
    found: dict[tuple[str, ...], Variable] = {}
    keys = list(dict.fromkeys(_key(row) for _, row in problem.measurements.iterrows()))
    for key in keys:
        observable, *overrides = key
        if observable not in problem.observables.index:
            raise bad("path", str(problem.path), f"measures {observable!r}, which is no observable")
        row = problem.observables.loc[observable]
        values: dict[str, str] = {}
        for word, given in zip(("observable", "noise"), overrides, strict=True):
            texts = [text.strip() for text in given.split(";")]
            names = row.get(f"{word}Placeholders", "").replace(" ", "").split(";")  # version 2
            usual = [f"{word}Parameter{k + 1}_{observable}" for k in range(len(texts))]
            values |= {n: t for n, t in zip(names if names != [""] else usual, texts, strict=False) if t}
        alone = sum(k[0] == observable for k in keys) == 1
        name = draft.free_name(observable if alone else f"{observable}__{len(found) + 1}")
        draft.rule(name, filled(row["observableFormula"], values))
        noise = noise_of(problem, observable, row, values, nominal)
        found[key] = Variable(name, noise)
    return found


def _key(row: pd.Series) -> tuple[str, ...]:
    return row["observableId"], row.get("observableParameters", ""), row.get("noiseParameters", "")


def _clock(problem: PetabProblem, draft: Draft, own_events: bool) -> str:
    """Let the model count time as the problem does; return the parameter that says when its time is 0."""
    if own_events:
        rule = (
            "lets the model rest before a measurement, or begin at another time than 0, though it has events"
        )
        raise bad("path", str(problem.path), rule)
    name = draft.free_name("measured_from")
    draft.count_time_from(name)
    return name


def _data(
    problem: PetabProblem, model: Model, variables: dict[tuple[str, ...], Variable],
    experiments: dict[str, Experiment], clock: str | None,
) -> StudyData:  # fmt: skip
    """Lay the measurements out as a table; times in h.

    What stands in a record holds since the one before, so that a period ends with a record of its own.
    """
    import pandas as pd

    place = {key: k for k, key in enumerate(variables)}
    hours = model.in_hours().structure.hours
    rows = []
    for label, experiment in experiments.items():
        who, periods = label or NO_EXPERIMENT, experiment.periods
        fixed = {} if clock is None else {clock: experiment.origin}
        measured = problem.measurements[problem.measurements["experimentId"] == label]
        times = _times(problem, experiment, measured["time"].astype(float), str(who))
        if experiment.rests or (times == math.inf).any():
            _check_rest(problem, model, periods[0].inputs | fixed, problem.run_in * hours)
        times = times.clip(upper=experiment.begin + problem.run_in)
        own = fixed | experiment.held
        begins = [p.begin for p in periods]
        if len(periods) > 1:
            ends = [*zip(begins[:1], periods[:1], strict=True), *zip(begins[1:], periods[:-1], strict=True)]
            rows += [
                {"ID": who, "TIME": t * hours, "AMT": 0.0, "EVID": 2, **p.inputs, **own} for t, p in ends
            ]
        for k, row in measured.iterrows():
            now = periods[max(n for n, begin in enumerate(begins) if n == 0 or begin <= times[k])]
            rows.append({
                "ID": who, "TIME": times[k] * hours, "AMT": 0.0, "DV": number_of(row["measurement"]), "EVID": 0,
                "DVID": place[_key(row)], **now.inputs, **own,
            })  # fmt: skip
    order = {label or NO_EXPERIMENT: k for k, label in enumerate(experiments)}
    rows.sort(key=lambda row: (order[str(row["ID"])], row["TIME"]))
    return read_data(pd.DataFrame(rows))


def _times(problem: PetabProblem, experiment: Experiment, times: pd.Series, who: str) -> pd.Series:
    """Bring times of measurements to those of the run."""
    found = experiment.origin + times
    early = found.index[found < experiment.begin]
    if len(early):
        begin = experiment.begin - experiment.origin
        rule = f"measures {who!r} at {times[early[0]]:g}, before it begins at {begin:g}"
        raise bad("path", str(problem.path), rule)
    if (found == math.inf).any() and len(experiment.periods) > 1:
        rule = "measures at infinity where more than one condition holds in turn"
        raise bad("path", str(problem.path), rule, "leave one of the two out")
    return found


def _check_rest(problem: PetabProblem, model: Model, before: dict[str, float], end: float) -> None:
    """Refuse a time after which the model still moves."""
    from ..simulation import simulate

    placed = model.with_parameters(**before) if before else model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SolverWarning)
        ds = simulate(placed.in_hours(), None, times=[0.5 * end, end], outputs=list(model.states), rtol=1e-8)
    if (ended := ds.status.item()) != "finished":
        rule = f"takes the model for one at rest, but its run up to there ends with {ended!r}"
        raise bad("path", str(problem.path), rule)
    for name in model.states:
        half, whole = ds[name].to_numpy()
        if not abs(whole - half) <= SETTLED * max(abs(whole), 1e-9):
            rule = f"takes the model for one at rest, but {name!r} does not settle"
            raise bad("path", str(problem.path), rule)


def _arguments(
    problem: PetabProblem, model: Model, variables: dict[tuple[str, ...], Variable], nominal: dict[str, float]
) -> dict[str, Any]:
    import pandas as pd

    estimated = [str(n) for n, e in problem.parameters["estimate"].items() if str(e).startswith("1")]
    error = {v.name: v.noise.error for v in variables.values()}
    parts = [(v, part, told) for v in variables.values() for part, told in v.noise.parts.items()]
    alone = len(error) == 1
    keys = [part if alone else f"{part} {v.name}" for v, part, _ in parts]
    sigma = {key: told.value for key, (_, _, told) in zip(keys, parts, strict=True)}
    shared = [told.parameter for _, _, told in parts]
    fixed, kept = [], []
    for key, (variable, _, told) in zip(keys, parts, strict=True):
        if told.parameter not in estimated or shared.count(told.parameter) > 1:
            fixed.append(key)
            kept += [p for p in variable.noise.names if p in estimated]
    if kept:
        words = ", ".join(dict.fromkeys(kept))
        warn_user(
            f"noise parameters that several variables share, or products of such, keep their values: {words}"
        )
    chosen = [n for n in estimated if n in model.parameter_ids]
    rows = problem.parameters.loc[chosen]
    table = pd.DataFrame({
        "lower": [number_of(v) for v in rows["lowerBound"]] if "lowerBound" in rows else np.nan,
        "upper": [number_of(v) for v in rows["upperBound"]] if "upperBound" in rows else np.nan,
        "transform": [_scale(problem, str(n), s, nominal) for n, s in rows["parameterScale"].items()],
    }, index=pd.Index(chosen, name="id"))  # fmt: skip
    noises = {
        key: (told.parameter, math.log(10.0) if v.noise.scale == "log10" else 1.0)
        for key, (v, _, told) in zip(keys, parts, strict=True) if key not in fixed
    }  # fmt: skip
    priors = priors_of(problem, chosen, noises)
    return {
        "observe": {k: v.name for k, v in enumerate(variables.values())},
        "estimate": chosen, "iiv": [], "error": error, "sigma": sigma, "fixed": fixed, "table": table,
        **({"prior": priors} if priors else {}),
    }  # fmt: skip


def _scale(problem: PetabProblem, name: str, scale: str, nominal: dict[str, float]) -> str:
    if scale not in SCALES:
        raise bad("path", str(problem.path), f"gives {name!r} the scale {scale!r}", "lin, log or log10")
    return SCALES[scale]
