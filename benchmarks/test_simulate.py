"""Warm runs of ``simulate``: methods, threads, the shipped model, steady state, growth with subjects."""

import sys
import time

import numpy as np
import pandas as pd
import pytest

from benchmarks.solvers import ours


def peak_memory():
    """Return the most memory this process has held, in MB; NaN on Windows."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


@pytest.mark.parametrize("method", ["auto", "fast", "rodas5p-scalar", "tsit5-scalar"])
def test_256_subjects_of_bench19(benchmark, bench19, method):
    """28 days, hourly output of all states."""
    solver, values = ours.simulate(bench19, method), bench19.subjects(256)
    ds = benchmark.pedantic(solver.run, args=(1e-5, values), rounds=3, warmup_rounds=1)
    assert (ds.status == "finished").all()
    benchmark.extra_info["trajectories_per_s"] = 256 / benchmark.stats.stats.min


@pytest.mark.parametrize("threads", [1, 2])
def test_1000_patients_of_ldn(benchmark, ldn, patients, threads):
    model, regimen, subjects = patients
    ds = benchmark.pedantic(
        ldn.simulate,
        args=(model, regimen),
        kwargs={"subjects": subjects, "threads": threads},
        rounds=3,
        warmup_rounds=1,
    )
    assert (ds.status == "finished").all()


def test_steady_state_found_directly(benchmark, ldn, patients):
    model, regimen, _ = patients
    ds = benchmark.pedantic(ldn.steady_state, args=(model, regimen), rounds=3, warmup_rounds=1)
    assert np.isfinite(ds.opioid_tone).all()


def test_steady_state_by_brute_force(benchmark, ldn, patients):
    """Simulate daily doses until a day repeats, which 200 days ensure: what ``steady_state`` saves."""
    model, _, _ = patients
    regimen = ldn.Regimen.daily(4.5, days=200, at="22:00")
    benchmark.pedantic(ldn.simulate, args=(model, regimen), rounds=3, warmup_rounds=1)


@pytest.mark.parametrize(
    "n", [1_000, 10_000, pytest.param(100_000, marks=pytest.mark.slow)], ids=["1e3", "1e4", "1e5"]
)
def test_metrics_of_many(benchmark, ldn, patients, n):
    """Time a subject and resident memory should stay flat: no time course is stored.

    Seconds of the processor are noted too, as other programs do not count in them.
    """
    model, regimen, few = patients
    subjects = pd.concat([few] * (n // len(few)), ignore_index=True)
    wanted = {"metrics": ["rebound_peak", "hours_blocked_brain"]}
    ldn.simulate(model, regimen, subjects=few, **wanted)  # compiles
    began = time.process_time()
    ds = benchmark.pedantic(
        ldn.simulate, args=(model, regimen), kwargs={"subjects": subjects, **wanted}, rounds=1
    )
    benchmark.extra_info["cpu_us_per_subject"] = 1e6 * (time.process_time() - began) / n
    assert ds.sizes["subject"] == n
    benchmark.extra_info["us_per_subject"] = 1e6 * benchmark.stats.stats.min / n
    benchmark.extra_info["peak_memory_mb"] = peak_memory()
