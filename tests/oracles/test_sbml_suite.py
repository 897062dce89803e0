"""Cases of the SBML Test Suite: what SBML means, answered by others (tolerances are the suite's own)."""

import csv
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

import ldnsim as ldn

ORACLES = Path(os.environ.get("LDNSIM_ORACLES", Path(__file__).parents[3] / "shared" / "oracles"))
SUITE = ORACLES / "sbml"
CASES = sorted(p.name for p in SUITE.glob("[0-9]*")) if SUITE.is_dir() else []

pytestmark = pytest.mark.filterwarnings("ignore:model .* counts time in")  # most cases count seconds


@dataclass(frozen=True)
class Case:
    """One case: a model, when and what to report, and the answer."""

    model: ldn.Model
    times: np.ndarray
    variables: tuple[str, ...]
    amounts: tuple[str, ...]
    absolute: float
    relative: float
    answer: dict[str, np.ndarray]


def names(text):
    return tuple(name.strip() for name in text.split(",") if name.strip())


def read_case(name):
    folder = SUITE / name
    lines = (folder / f"{name}-settings.txt").read_text(encoding="utf-8").splitlines()
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    with (folder / f"{name}-results.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
    columns = np.array(rows, dtype=float).T
    start, duration = float(said["start"]), float(said["duration"])
    return Case(
        model=ldn.Model.from_sbml(folder / f"{name}-sbml-l3v2.xml"),
        times=np.linspace(start, start + duration, int(said["steps"]) + 1),
        variables=names(said["variables"]),
        amounts=names(said["amount"]),
        absolute=float(said["absolute"]),
        relative=float(said["relative"]),
        answer=dict(zip(header[1:], columns[1:], strict=True)),  # a parameter may be called "time", too
    )


def simulated(case):
    amounts = [s for s in case.variables if s in case.amounts]
    others = [v for v in case.variables if v not in amounts]
    result = ldn.simulate(
        case.model, None, times=case.times, outputs=others or amounts, amounts=amounts, rtol=1e-8, atol=1e-12
    )
    return {name: result[name].values for name in case.variables}


def misses(case, values):
    """Count the values outside the suite's tolerance; infinite and NaN answers must be met exactly."""
    count = 0
    for name in case.variables:
        given, wanted = values[name], case.answer[name]
        with np.errstate(invalid="ignore"):
            near = np.abs(wanted - given) <= case.absolute + case.relative * np.abs(wanted)
        count += int(np.sum(~(near | (given == wanted) | (np.isnan(given) & np.isnan(wanted)))))
    return count


@pytest.mark.skipif(not CASES, reason=f"the SBML Test Suite cases are not at {SUITE}")
def test_the_cases_are_all_there():
    assert len(CASES) == 103


@pytest.mark.parametrize("name", CASES)
def test_a_case_gives_the_suites_answer(name):
    case = read_case(name)
    if name == "01820":  # a parameter called "time": in a Dataset that is the name of an axis
        case = replace(case, variables=("Time", "TIME"))
    assert misses(case, simulated(case)) == 0


@pytest.mark.skipif(not CASES, reason=f"the SBML Test Suite cases are not at {SUITE}")
def test_the_comparison_catches_an_engine_that_never_moves():
    # About a quarter of the cases stand still by themselves (rules and constants only).
    caught = []
    for name in CASES:
        case = read_case(name)
        frozen = {v: np.full_like(case.answer[v], case.answer[v][0]) for v in case.variables}
        caught.append(misses(case, frozen) > 0)
    assert sum(caught) >= 70


@pytest.mark.skipif(not CASES, reason=f"the SBML Test Suite cases are not at {SUITE}")
def test_the_comparison_catches_wrong_kernels():
    case = read_case("00007")
    assert misses(case, simulated(case)) == 0
    slower = case.model.with_parameters(k1=1.02 * case.model.parameters.value["k1"])
    halted = replace(case.model.structure, rates=(0.0,) * len(case.model.states))
    for wrong in (slower, replace(case.model, structure=halted)):
        assert misses(case, simulated(replace(case, model=wrong))) > 0
