"""One case of the SBML Test Suite: what it asks, what the suite answers, and how ours compares.

The pass rule is the suite's own: ``|answer - value| <= absolute + relative * |answer|`` for every value, with
the two numbers of the case's settings; infinite and NaN answers must be met exactly.
"""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import ldnsim as ldn
from ldnsim.errors import InputError, ModelError, UnknownNameError
from ldnsim.simulation.request import RESERVED

RTOL, ATOL = 1e-8, 1e-12
PERTURBED = 1.01  # the factor on one rate of a deliberately wrong model
REFUSALS = (ModelError, InputError, UnknownNameError)
_NAMES = re.compile(r"'[^']*'|\"[^\"]*\"|\b[\w.]*\d[\w.]*\b")


@dataclass(frozen=True)
class Case:
    """A model file, when and what to report, and the answer."""

    name: str
    file: Path
    times: np.ndarray
    variables: tuple[str, ...]
    amounts: tuple[str, ...]
    absolute: float
    relative: float
    answer: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Outcome:
    """What came of one case: "passed", "wrong", "refused" or "crashed", and why."""

    name: str
    kind: str
    why: str = ""


def read(folder: Path) -> Case:
    """Read a case from its folder."""
    name = folder.name
    lines = (folder / f"{name}-settings.txt").read_text(encoding="utf-8").splitlines()
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    with (folder / f"{name}-results.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
    columns = np.array(rows, dtype=float).T
    times = np.zeros(1)
    if said["steps"]:  # a flux balance case has no times
        times = float(said["start"]) + np.linspace(0.0, float(said["duration"]), int(said["steps"]) + 1)
    return Case(
        name,
        max(folder.glob(f"{name}-sbml-l*v*.xml")),  # the highest level
        times,
        _names(said["variables"]),
        _names(said["amount"]),
        float(said["absolute"]),
        float(said["relative"]),
        dict(zip(header[1:], columns[1:], strict=True)),  # a parameter may be called "time", too
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def simulated(case: Case, model: ldn.Model) -> dict[str, np.ndarray]:
    """Values of the case's variables; those of a run that fails become a refusal that says why."""
    amounts = [s for s in case.variables if s in case.amounts and s in model.amounts]  # some name parameters
    others = [v for v in case.variables if v not in amounts]
    ds = ldn.simulate(
        model, None, times=case.times, outputs=others or amounts, amounts=amounts, rtol=RTOL, atol=ATOL
    )
    if ds.status.item() != "finished":
        raise ModelError(f"status {ds.status.item()}")
    shown = {name: f"{name}_" if name in RESERVED else name for name in case.variables}
    return {name: ds[shown[name]].values for name in case.variables}


def misses(case: Case, values: Mapping[str, np.ndarray]) -> int:
    """Count the values outside the suite's tolerance."""
    count = 0
    for name in case.variables:
        given, wanted = values[name], case.answer[name]
        with np.errstate(invalid="ignore"):
            near = np.abs(wanted - given) <= case.absolute + case.relative * np.abs(wanted)
        count += int(np.sum(~(near | (given == wanted) | (np.isnan(given) & np.isnan(wanted)))))
    return count


def outcome(folder: Path) -> Outcome:
    """Run one case; the package's own errors are refusals, any other is a crash."""
    name = folder.name
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case = read(folder)
            n = misses(case, simulated(case, ldn.Model.from_sbml(case.file)))
    except REFUSALS as error:
        return Outcome(name, "refused", reason(str(error)))
    except Exception as error:
        return Outcome(name, "crashed", f"{type(error).__name__}: {error}"[:200])
    return Outcome(name, "wrong", f"{n} values outside the tolerance") if n else Outcome(name, "passed")


def reason(message: str) -> str:
    """Reduce a message to its kind: names and numbers left out."""
    return " ".join(_NAMES.sub("..", message.removeprefix("line ")).split())[:90]


def caught(folder: Path) -> Outcome:
    """Run a case that passes once more with one rate a hundredth too fast: is it told from the right one?

    The rate is the first that changes any of the values asked for; a case without one cannot show it.
    """
    from dataclasses import replace

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case = read(folder)
        model = ldn.Model.from_sbml(case.file)
        right = simulated(case, model)
        rates = model.structure.rates
        for k in (k for k, rate in enumerate(rates) if rate != 0.0):
            faster = tuple(["times", PERTURBED, r] if i == k else r for i, r in enumerate(rates))
            try:
                wrong = simulated(case, replace(model, structure=replace(model.structure, rates=faster)))
            except REFUSALS:
                continue
            if any(not np.allclose(wrong[v], right[v], rtol=1e-6, atol=0.0, equal_nan=True) for v in right):
                return Outcome(case.name, "caught" if misses(case, wrong) else "missed", model.states[k])
    return Outcome(case.name, "cannot show it")


def came_home(folder: Path) -> Outcome:
    """Export a case that passes, read the export back, and compare what it does with the suite's answer."""
    name = folder.name
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case = read(folder)
            model = ldn.Model.from_sbml(case.file)
            back = ldn.Model.from_sbml(model.to_sbml())
            n = misses(case, simulated(case, back))
    except Exception as error:
        return Outcome(name, "lost", f"{type(error).__name__}: {error}"[:200])
    return Outcome(name, "lost", f"{n} values outside the tolerance") if n else Outcome(name, "home")


def abroad(folder: Path) -> Outcome:
    """Export a case that passes, and compare what libRoadRunner makes of the export with the suite's answer.

    "neither" where it does not give that answer for the suite's own file, and why; "gained" where it gives it for the
    export alone.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case = read(folder)
        exported = ldn.Model.from_sbml(case.file).to_sbml()
    own, why = _by_libroadrunner(case, str(case.file)), _by_libroadrunner(case, exported)
    if own:
        return Outcome(case.name, "neither" if why else "gained", reason(own))
    return Outcome(case.name, "lost", why) if why else Outcome(case.name, "home")


def _by_libroadrunner(case: Case, sbml: str) -> str:
    """Say in what libRoadRunner's answer to a model differs; nothing if in nothing."""
    import roadrunner

    roadrunner.Logger.disableLogging()
    try:
        runner = roadrunner.RoadRunner(sbml)
        runner.integrator.setValue("relative_tolerance", RTOL)
        runner.integrator.setValue("absolute_tolerance", ATOL)
        runner.integrator.setValue("maximum_num_steps", 100_000)
        species = {*runner.model.getFloatingSpeciesIds(), *runner.model.getBoundarySpeciesIds()}
        shown = [f"[{v}]" if v in species and v not in case.amounts else v for v in case.variables]
        runner.timeCourseSelections = ["time", *shown]
        found = np.asarray(runner.simulate(times=case.times.tolist()))
    except Exception as error:
        return " ".join(str(error).split())[:200]
    n = misses(case, dict(zip(case.variables, found[:, 1:].T, strict=True)))
    return f"{n} values outside the tolerance" if n else ""
