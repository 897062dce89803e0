"""The benchmark harness: the agreed problem, an honest error measure, and nobody drops out silently."""

import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
if not (ROOT / "benchmarks").is_dir():
    pytest.skip("the benchmarks folder is part of a checkout only", allow_module_level=True)
sys.path.append(str(ROOT))

from benchmarks import compare, contest, kernel, machine, report  # noqa: E402
from benchmarks.cases import BINDING, CASES, FIXED  # noqa: E402
from benchmarks.reference import reference, second_opinion  # noqa: E402
from benchmarks.solvers import (  # noqa: E402
    Solver,
    diffrax_vmap,
    heyoka_taylor,
    numbalsoda_lsoda,
    roadrunner_cvode,
    scipy_lsoda,
)

ADAPTERS = {
    "odeint": scipy_lsoda.odeint,
    "solve_ivp": scipy_lsoda.solve_ivp,
    "numbalsoda": numbalsoda_lsoda.lsoda,
    "heyoka": heyoka_taylor.taylor,
    "roadrunner": roadrunner_cvode.cvode,
    "diffrax": diffrax_vmap.tsit5,
}


@pytest.fixture(scope="module")
def short():
    return replace(CASES["bench19"](), days=2)


@pytest.fixture(scope="module")
def truth(short):
    return reference(short, short.subjects(8))


def test_bench19_is_the_agreed_problem():
    case = CASES["bench19"]()
    assert (len(case.states), len(case.parameters), len(case.hours)) == (19, 40, 673)
    values = case.subjects(4000)
    fixed = [case.parameters.index(p) for p in FIXED]
    assert (values[:, fixed] == case.nominal[fixed]).all()
    free = np.delete(values / case.nominal, fixed, axis=1)
    assert free.std() == pytest.approx(0.30 * free.mean(), rel=0.01)
    draw = np.random.default_rng(1).standard_normal((4000, 40))[7, 3]
    assert values[7, 3] == pytest.approx(94.0 * np.exp(np.sqrt(np.log(1.09)) * draw), rel=1e-14)


@pytest.mark.parametrize("name", sorted(p.stem for p in (ROOT / "benchmarks").glob("*.py") if p.stem != "conftest"))
def test_every_benchmark_can_be_started(name):
    importlib.import_module(f"benchmarks.{name}")


def test_the_stiff_sibling_differs_in_binding_rates_only():
    mild, stiff = CASES["bench19"](), CASES["stiff19"]()
    assert stiff.rates == mild.rates
    changed = {k for k in mild.numbers if stiff.numbers[k] != mild.numbers[k]}
    assert changed == set(BINDING)
    assert all(stiff.numbers[k] == pytest.approx(100 * mild.numbers[k], rel=1e-14) for k in BINDING)


def test_error_is_the_worst_one_and_leaves_dose_instants_out(short, truth):
    found = truth.copy()
    found[:, :, [0, 24]] = 99.0  # the instants of both doses
    assert short.error(found, truth) == 0.0
    found[3, 5, 48] += 2e-4 * (1e-3 + abs(truth[3, 5, 48]))
    assert short.error(found, truth) == pytest.approx(2e-4, rel=1e-6)
    found[0, 0, 7] = np.nan
    assert short.error(found, truth) == np.inf


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_the_reference_agrees_with_an_unrelated_method(name):
    case = CASES[name]()
    assert second_opinion(case, case.subjects(1), days=1) < 1e-8


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_contestant_integrates_the_same_problem(name, short, truth):
    try:
        solver = ADAPTERS[name](short)
    except ImportError as error:
        pytest.skip(f"peer not installed: {error}")
    assert short.error(solver.array(solver.run(1e-8, short.subjects(8))), truth) < 2e-6


def test_a_missing_peer_is_skipped_loudly(short, capsys):
    def absent(case):
        raise ImportError("No module named 'absent'")

    result = contest.contest(short, {"absent": absent}, n=8, budget=0.01, rounds=1)
    assert (
        "SKIPPED absent (bench19): not installed: ImportError: No module named 'absent'"
        in capsys.readouterr().err
    )
    assert result["entries"][0]["failure"].startswith("not installed")
    assert "not installed" in report.table({"machine": machine.describe(1, []), "contests": [result]})


@pytest.mark.slow
def test_a_contest_tunes_to_the_bar_and_reports(short, truth, tmp_path):
    def made(slow):
        # Error 10 x tol, so the loosest tolerance that meets the bar is 1e-6.
        def run(tol, values):
            np.linalg.svd(np.ones((60 * slow, 60)))
            return truth * (1 + 10 * tol)

        return lambda case: Solver(run)

    entrants = {
        "ldnsim": made(1),
        "SciPy": made(4),
        "hopeless": lambda case: Solver(lambda tol, v: 2 * truth),
    }
    result = contest.contest(short, entrants, n=8, budget=0.01, rounds=1)
    ours, _, hopeless = result["entries"]
    assert any(0.3e-6 < rung["tol"] <= 1.0e-6 for rung in ours["ladder"])  # refined up to the bar
    loosest = max(r["tol"] for r in ours["ladder"] if r["error"] <= contest.BAR)
    assert 0.8e-6 < loosest <= 1.0e-6
    assert ours["chosen"]["tol"] <= loosest
    assert ours["chosen"]["error"] <= contest.BAR
    assert hopeless["chosen"] is None
    assert "no tolerance met" in hopeless["failure"]
    results = {"machine": machine.describe(1, []), "contests": [result]}
    (tmp_path / "peers.json").write_text(json.dumps(results))
    text = report.write(tmp_path / "peers.json")
    assert "| ldnsim |" in text
    assert "| 1x |" in text
    assert (tmp_path / "peers.md").read_text() == text
    assert (tmp_path / "peers.png").stat().st_size > 10_000
    assert set(compare.seconds(tmp_path / "peers.json")) == {"bench19: ldnsim", "bench19: SciPy"}


def test_compare_reports_ratios_worst_first():
    text = compare.table({"a": 1.0, "b": 2.0, "gone": 1.0}, {"a": 1.5, "b": 4.0, "new": 1.0})
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert [r.split("|")[4].strip() for r in rows] == ["2.00", "1.50"]
    assert "Only in base: gone." in text
    assert "Only in head: new." in text


def test_instructions_are_counted_through_calls():
    code = kernel.functions(
        "step:\n\tpushq\t%rax\n\tcallq\tstage\n\tcallq\tstage\n\tvaddpd\t%zmm0, %zmm1, %zmm2\n\tretq\n"
        "stage:  # a comment\n\tvfmadd213pd\t(%rdi), %zmm0, %zmm1 # b\n\tvmovapd\t%zmm1, (%rdi)\n"
        "\tvmulsd\t%xmm0, %xmm1, %xmm2\n.LBB0_1:\n\tvrcp14pd\t%zmm1, %zmm1\n\tretq\n"
    )
    assert kernel.arithmetic(code, "stage") == 2
    assert kernel.arithmetic(code, "step") == 5


def test_of_several_ways_the_shortest_counts():
    code = kernel.functions(
        "power:\n\tvmulpd\t%zmm0, %zmm0, %zmm1\n\tja\t.LBB1_9\n\tleaq\t.LJTI1_0(%rip), %rcx\n\tjmpq\t*%rax\n"
        ".LBB1_1:\n\tvmulpd\t%zmm0, %zmm0, %zmm1\n\tvmulpd\t%zmm0, %zmm0, %zmm1\n"
        ".LBB1_2:\n\tvmulpd\t%zmm0, %zmm0, %zmm1\n\tjmp\t.LBB1_4\n"
        ".LBB1_9:\n\tvaddpd\t%zmm0, %zmm0, %zmm1\n\tvsqrtpd\t%zmm0, %zmm1\n"
        ".LBB1_4:\n\tvsubpd\t%zmm0, %zmm0, %zmm1\n\tretq\n"
        ".LJTI1_0:\n\t.long\t.LBB1_1-.LJTI1_0\n\t.long\t.LBB1_2-.LJTI1_0\n"
    )
    assert kernel.arithmetic(code, "power") == 1 + 1 + 1
