"""Choices made once a run, on the nominal trajectory alone: so chunks, threads and company change none of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..dispatch import run
from ..methods import METHODS
from ..problem import Problem
from .kernels import kernels_of

SINGLE_FROM = 1e-5  # from this tolerance on single precision is accurate enough
TRUST = 30.0  # deviation of single from double precision, in units of the tolerance, that is let pass
CHECKED = 0.125  # share of the time over which they are compared


def settle_precision(problem: Problem, pilot: Problem) -> Problem:
    """Return the problem with double instead of single precision where the latter does not hold."""
    if problem.method.name != "fast":
        return problem
    if problem.rtol < SINGLE_FROM:
        why = f"rodas5p: single precision is good to {SINGLE_FROM:g}, not to rtol={problem.rtol:g}"
        return problem.deciding(method=METHODS["rodas5p"], why=why)
    if kernels_of(problem) is None or _single_holds(pilot.deciding(atol=problem.atol)):
        return problem
    why = "rodas5p: on the nominal trajectory single precision strayed from double by more than the tolerance"
    return problem.deciding(method=METHODS["rodas5p"], why=why)


def _single_holds(pilot: Problem) -> bool:
    """Compare the states of both precisions over the first part of the pilot."""
    end = pilot.t0 + CHECKED * (pilot.times.max() - pilot.t0)
    times = np.linspace(pilot.t0, end, 17)
    outputs = np.flatnonzero(pilot.system.output_states >= 0)
    short = replace(pilot, times=times[None], times_row=0 * pilot.times_row, outputs=outputs)
    single, double = (run(short.deciding(method=METHODS[name])).values for name in ("fast", "rodas5p"))
    atol = pilot.atol[pilot.system.output_states[outputs]][:, None]
    allowed = TRUST * (atol + pilot.rtol * np.abs(double))
    return bool((np.abs(single - double) <= allowed)[np.isfinite(double)].all())
