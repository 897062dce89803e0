"""Cases of the SBML Test Suite: what SBML means, answered by others (tolerances are the suite's own)."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
ORACLES = Path(os.environ.get("LDNSIM_ORACLES", ROOT.parent / "shared" / "oracles"))
SUITE = ORACLES / "sbml"
if not ((ROOT / "benchmarks").is_dir() and SUITE.is_dir()):
    pytest.skip(f"the SBML Test Suite cases are not at {SUITE}", allow_module_level=True)
sys.path.append(str(ROOT))

import ldnsim as ldn  # noqa: E402
from benchmarks import sbml, sbml_case  # noqa: E402
from benchmarks.sbml_case import misses, read, simulated  # noqa: E402

from ..referee import referee  # noqa: E402

CASES = [p.name for p in sbml.folders_of(SUITE)]


def loaded(name):
    case = read(SUITE / name)
    return case, ldn.Model.from_sbml(case.file)


def test_the_cases_are_all_there():
    assert len(CASES) == 103


@pytest.mark.filterwarnings("ignore:model .*")
@pytest.mark.parametrize("name", CASES)
def test_a_case_gives_the_suites_answer(name):
    case, model = loaded(name)
    assert misses(case, simulated(case, model)) == 0


def test_the_comparison_catches_an_engine_that_never_moves():
    # About a quarter of the cases stand still by themselves (rules and constants only).
    caught = []
    for name in CASES:
        case = read(SUITE / name)
        frozen = {v: np.full_like(case.answer[v], case.answer[v][0]) for v in case.variables}
        caught.append(misses(case, frozen) > 0)
    assert sum(caught) >= 70


@pytest.mark.filterwarnings("ignore:model .*")
def test_the_comparison_catches_wrong_kernels():
    case, model = loaded("00007")
    assert misses(case, simulated(case, model)) == 0
    slower = model.with_parameters(k1=1.02 * model.parameters.value["k1"])
    halted = replace(model, structure=replace(model.structure, rates=(0.0,) * len(model.states)))
    for wrong in (slower, halted):
        assert misses(case, simulated(case, wrong)) > 0


def test_the_report_counts_refusals_by_reason_and_names_what_is_wrong():
    outcomes = [
        sbml_case.Outcome("00001", "passed"),
        *(sbml_case.Outcome(n, "refused", sbml_case.reason(f"event '{n}': has no meaning")) for n in "ab"),
        sbml_case.Outcome("00002", "wrong", "3 values outside the tolerance"),
        sbml_case.Outcome("00003", "crashed", "TypeError: no"),
    ]
    text = sbml.report(outcomes)
    assert "5 cases: 1 passed, 2 refused, 1 wrong, 1 crashed" in text
    assert "refused    2  event ..: has no meaning" in text
    assert "wrong 00002" in text
    assert "crashed 00003: TypeError" in text
    page = sbml.page(outcomes, [sbml_case.Outcome("00001", "caught", "k")], [], 3.0)
    assert "| event ..: has no meaning | 2 |" in page
    assert "caught in 1 of 1 cases" in page


@pytest.mark.parametrize("name", ["00007", "00060", "00462"])
def test_a_rate_a_hundredth_too_fast_is_caught(name):
    assert sbml_case.caught(SUITE / name).kind == "caught"


def test_a_raw_exception_is_a_crash_and_no_refusal(monkeypatch):
    def broken(*_, **__):
        raise KeyError("raw")

    monkeypatch.setattr(sbml_case, "simulated", broken)
    assert sbml_case.outcome(SUITE / "00007").kind == "crashed"


@pytest.mark.filterwarnings("ignore:model .*")
@pytest.mark.parametrize("name", CASES[::4])
def test_an_export_comes_home_and_means_the_same_to_libroadrunner(name):
    referee()
    assert sbml_case.came_home(SUITE / name).kind == "home"
    found = sbml_case.abroad(SUITE / name)
    assert found.kind in ("home", "neither"), found.why


def test_an_export_that_means_another_thing_is_caught(monkeypatch):
    referee()
    _, model = loaded("00007")
    slower = model.with_parameters(k1=1.02 * model.parameters.value["k1"])
    monkeypatch.setattr(ldn.Model, "from_sbml", lambda *_: slower)
    assert sbml_case.abroad(SUITE / "00007").kind == "lost"
    assert sbml_case.came_home(SUITE / "00007").kind == "lost"
