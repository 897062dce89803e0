"""The size of each state, found by a pilot run at the nominal parameters: it sets the absolute tolerance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import bad
from .events import Kind
from .methods import METHODS
from .problem import Problem

PILOT_RTOL = 1e-3
RELATIVE = 1e-3  # atol = RELATIVE * rtol * scale
NOTHING = 1e-18  # of the overall size: less than this is the rounding of a state that stays at 0
SEEN = 1e-12  # of the overall size: the pilot does not resolve less, or it would chase rounding for ever


def tolerances(problem: Problem, pilot: Problem, atol: np.ndarray | float | None) -> np.ndarray:
    """Absolute tolerance of each state, shape (n_states,); checks what the user gave."""
    n = problem.system.n_states
    if atol is None:
        return RELATIVE * problem.rtol * scales(pilot)
    given = np.asarray(atol, dtype=np.float64)
    if given.shape not in ((), (n,)) or not np.isfinite(given).all() or (given < 0).any():
        raise bad("atol", atol, f"must be finite numbers >= 0, one or {n}")
    # A state that is exactly 0 must not divide 0 by 0.
    return np.ascontiguousarray(np.broadcast_to(np.maximum(given, 1e-300), (n,)))


def scales(pilot: Problem) -> np.ndarray:
    """Largest |y_i| over the pilot trajectories, 1 for a state that never leaves 0, shape (n_states,).

    Two loose runs: the first knows only the overall size, the second the size of each state.
    """
    from .solve import run

    method = "rodas5p" if pilot.system.jac is not None else "tsit5-scalar"
    overall = _overall(pilot)
    size = np.full(pilot.system.n_states, overall)
    pilot = replace(pilot, method=METHODS[method], rtol=PILOT_RTOL, outputs=np.empty(0, np.int64))
    for _ in range(2):
        atol = RELATIVE * PILOT_RTOL * np.maximum(size, SEEN * overall)
        peak = run(replace(pilot, atol=atol)).peak.max(axis=0)
        size = np.where((peak > NOTHING * overall) & np.isfinite(peak), peak, 1.0)
    return size


def _overall(pilot: Problem) -> float:
    events = pilot.events
    kinds = np.isin(events.kind, (Kind.ADD, Kind.SET)) & np.isfinite(events.time)
    values = np.concatenate([np.abs(pilot.y0).ravel(), np.abs(events.value[kinds])])
    values = values[np.isfinite(values) & (values > 0)]
    return float(values.max()) if values.size else 1.0
