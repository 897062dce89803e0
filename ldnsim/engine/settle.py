"""What a pilot decides about a run: tolerances, method, kernels; remembered, as the next run often asks the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np

from ..memo import Memo
from . import auto, scales
from .lanes import choice
from .problem import Decision, Problem
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
    return replace(problem, decision=found)


def _decide(problem: Problem, pilot: Problem, atol: np.ndarray | float | None) -> Decision:
    problem = problem.deciding(atol=scales.tolerances(problem, pilot, atol))
    if problem.method.family == "auto":
        problem = auto.choose(problem, pilot.deciding(atol=problem.atol))
    return choice.settle_precision(problem, pilot).decision


def _key(problem: Problem, pilot: Problem, atol: np.ndarray | float | None) -> bytes:
    """Hash all that a decision is made from."""
    e = pilot.events
    digest = hashlib.sha256(
        f"{problem.method.name} {problem.rtol!r} {problem.t0!r} {problem.n_traj > 1} {problem.max_steps} "
        f"{problem.decision.inputs}".encode()
    )
    arrays = (
        pilot.y0, pilot.constants, e.row, e.time, e.kind, e.index, e.value, e.states, e.constants, pilot.times,
        pilot.times_row, np.asarray([] if atol is None else atol, dtype=np.float64),
    )  # fmt: skip
    for array in arrays:
        digest.update(f"{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()
