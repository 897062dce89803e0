"""The size of each state, found by a pilot run at the nominal parameters: it sets the absolute tolerance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import bad
from .dispatch import run
from .events import EventKind
from .methods import METHODS
from .problem import Problem, Solution
from .status import Status

SAMPLES = 3  # states at which rates are looked at
PILOT_RTOL = 1e-3
RELATIVE = 1e-3  # atol = RELATIVE * rtol * scale
NOTHING = 1e-18  # of the overall size: less than this is the rounding of a state that stays at 0
MOST_JUMPS = 100  # of the rates, beside which they are looked at
SEEN = 1e-12  # of the overall size: the pilot does not resolve less, or it would chase rounding for ever


def tolerances(problem: Problem, pilot: Problem, atol: np.ndarray | float | None) -> np.ndarray:
    """Absolute tolerance of each state, shape (n_states,); checks what the user gave."""
    n = problem.system.n_states
    if atol is None:
        in_lanes = problem.n_traj > 1 and problem.method.family in ("auto", "lanes")
        return RELATIVE * problem.rtol * scales(pilot, in_lanes)
    given = np.asarray(atol, dtype=np.float64)
    if given.shape not in ((), (n,)) or not np.isfinite(given).all() or (given < 0).any():
        raise bad("atol", atol, f"must be finite numbers >= 0, one or {n}")
    # A state that is exactly 0 must not divide 0 by 0.
    return np.ascontiguousarray(np.broadcast_to(np.maximum(given, 1e-300), (n,)))


def scales(pilot: Problem, in_lanes: bool = False) -> np.ndarray:
    """Largest |y_i| over the pilot trajectories, shape (n_states,); at most 1 for a state that never leaves 0.

    Two loose runs: the first knows only the overall size, the second the size of each state. They run on the
    engine that the trajectories will run on, so that no other one has to be compiled. Less than `NOTHING` of the
    overall size is the rounding of a state that starts at 0, and so is what is seen of one that nothing feeds.
    """
    stiff = "rodas5p" if in_lanes else "rodas5p-scalar"
    method = stiff if pilot.system.jac is not None else "tsit5-scalar"
    overall, starts = _overall(pilot), np.abs(pilot.y0).max(axis=0, initial=0.0)
    least = np.where(starts > 0, 0.0, NOTHING * overall)
    size = np.full(pilot.system.n_states, overall)
    pilot = replace(pilot.deciding(method=METHODS[method]), rtol=PILOT_RTOL, outputs=np.empty(0, np.int64))
    for _ in range(2):
        atol = RELATIVE * PILOT_RTOL * np.maximum(size, SEEN * overall)
        solution = run(pilot.deciding(atol=atol))
        peak = _peak(solution, overall)
        told = (peak > least) & np.isfinite(peak) & ~_unfed(pilot, solution, peak, overall)
        size = np.where(told, peak, min(1.0, overall))
    return size


def _peak(solution: Solution, overall: float) -> np.ndarray:
    """Largest |y_i| of the runs that finished: the size of one that blows up would end error control."""
    finished = solution.status == int(Status.FINISHED)
    if finished.any():
        return solution.peak[finished].max(axis=0)
    return np.minimum(np.nan_to_num(solution.peak.max(axis=0), nan=overall), overall)


def _unfed(pilot: Problem, solution: Solution, peak: np.ndarray, overall: float) -> np.ndarray:
    """Tell which states stay at 0, whatever rounding makes of them.

    They start there, are tiny, and have no rate where all of them are 0, beside the others' first and last values,
    on either side of each jump of the rates. Where doses, events, delays or a rate that moves with the clock could
    feed them in between, none is told to stay there.
    """
    system, events = pilot.system, pilot.events
    timed = np.isfinite(events.time)
    jumps = np.unique(events.time[timed])
    fed_by_others = any(found is not None for found in (system.events, system.delays, system.dfdt))
    if fed_by_others or (events.kind[timed] != EventKind.BREAK).any() or len(jumps) > MOST_JUMPS:
        return np.zeros(system.n_states, bool)
    starts = np.abs(pilot.y0).max(axis=0, initial=0.0)
    tiny = (starts == 0) & (peak <= SEEN * max(overall, peak.max(initial=0.0, where=np.isfinite(peak))))
    ends = np.unique([pilot.t0, *jumps.tolist(), float(pilot.times[pilot.times_row, -1].max())])
    instants = [pilot.t0, *((ends[1:] + ends[:-1]) / 2.0).tolist()]
    states = [*zip(pilot.y0, pilot.constants, strict=True), *zip(solution.last_state, pilot.constants, strict=True)]
    looks = [(t, y, c) for t in instants for y, c in states]
    fed, rate = np.ones_like(tiny), np.zeros(system.n_states)
    while (tiny & fed).any():
        fed[:] = False
        for t, y, constants in looks:
            system.rhs(t, np.where(tiny, 0.0, y), constants, rate)
            fed |= rate != 0.0
        tiny &= ~fed
    return tiny


def _overall(pilot: Problem) -> float:
    """Largest value that a state starts with or is given, of those that move between events."""
    events, moving = pilot.events, _moving(pilot)
    kinds = (
        np.isin(events.kind, (EventKind.ADD, EventKind.SET)) & np.isfinite(events.time) & moving[events.index]
    )
    values = np.concatenate([np.abs(pilot.y0[:, moving]).ravel(), np.abs(events.value[kinds])])
    values = values[np.isfinite(values) & (values > 0)]
    return float(values.max()) if values.size else 1.0


def _moving(pilot: Problem) -> np.ndarray:
    """Tell which states have a rate: the equations' own events set others, such as rate constants, of any size."""
    system = pilot.system
    if system.events is None:
        return np.ones(system.n_states, bool)
    random = np.random.default_rng(0).random((SAMPLES, system.n_states))
    rate, moving = np.zeros(system.n_states), np.zeros(system.n_states, bool)
    for start, constants in zip(pilot.y0, pilot.constants, strict=True):
        for k, y in enumerate((0.5 + random) * (1.0 + np.abs(start))):
            system.rhs(float(k), y, constants, rate)
            moving |= rate != 0.0
    return moving
