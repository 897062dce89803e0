"""What a pilot decides about a run: tolerances, method, kernels; remembered, as the next run often asks the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ..memo import Memo
from . import auto, scales
from .lanes import choice
from .problem import Problem
from .system import System

KEPT = 32  # decisions remembered for one system
_known: WeakKeyDictionary[System, Memo] = WeakKeyDictionary()


def settle(problem: Problem, pilot: Problem, atol: np.ndarray | float | None) -> Problem:
    """Fill in what depends on the nominal trajectory alone.

    Parameters
    ----------
    problem : Problem
        What is asked, without tolerances.
    pilot : Problem
        The nominal trajectory under the same events and times.
    atol : array, float or None
        Absolute tolerance, as the user gave it.
    """
    decisions = _known.setdefault(problem.system, Memo(KEPT))
    found = decisions((), (_key(problem, pilot, atol),), lambda: _decide(problem, pilot, atol))
    return replace(problem, **found)


def _decide(problem: Problem, pilot: Problem, atol: np.ndarray | float | None) -> dict[str, Any]:
    in_lanes = problem.method.lanes or (problem.method.family == "auto" and problem.n_traj > 1)
    split = choice.splits(pilot) if in_lanes else True
    problem, pilot = replace(problem, split=split), replace(pilot, split=split)
    problem = replace(problem, atol=scales.tolerances(problem, pilot, atol))
    if problem.method.family == "auto":
        method, why = auto.choose(problem, replace(pilot, atol=problem.atol))
        problem = replace(problem, method=method, why=why)
    problem = choice.settle_precision(problem, pilot)
    return {"atol": problem.atol, "method": problem.method, "why": problem.why, "split": problem.split}


def _key(problem: Problem, pilot: Problem, atol: np.ndarray | float | None) -> bytes:
    """Hash all that a decision is made from."""
    e = pilot.events
    digest = hashlib.sha256(
        f"{problem.method.name} {problem.rtol!r} {problem.t0!r} {problem.n_traj > 1} {problem.max_steps}".encode()
    )
    arrays = (
        pilot.y0, pilot.constants, e.row, e.time, e.kind, e.index, e.value, e.states, e.constants, pilot.times,
        pilot.times_row, np.asarray([] if atol is None else atol, dtype=np.float64),
    )  # fmt: skip
    for array in arrays:
        digest.update(f"{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()
