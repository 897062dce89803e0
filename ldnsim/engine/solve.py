"""The engine's verb: integrate many trajectories with one method, and say how each ended."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import bad
from ..numeric import as_number
from .breaks import with_breaks
from .dispatch import run
from .events import Events
from .methods import method_named
from .problem import Decision, Problem, Solution, checked_arrays, checked_outputs, checked_times
from .settle import settle
from .system import System

RTOL, MAX_STEPS = 1e-6, 1_000_000  # what users get who say nothing
MOST_PILOTS = 16  # rows of events and times that the pilot runs, spread over all


def integrate(
    system: System,
    y0: np.ndarray,
    constants: np.ndarray | None,
    events: Events | None,
    times: np.ndarray,
    **options: Any,
) -> Solution:
    """Integrate trajectories from a start to the last of their times.

    Parameters
    ----------
    system, y0, constants, events, times, **options
        See `prepare`.

    Returns
    -------
    Solution
        Values, and the status of every trajectory.

    Raises
    ------
    InputError
        If an argument does not fit the system.
    """
    return run(prepare(system, y0, constants, events, times, **options))


def prepare(
    system: System,
    y0: np.ndarray,
    constants: np.ndarray | None,
    events: Events | None,
    times: np.ndarray,
    *,
    method: str | Decision = "auto",
    rtol: float = RTOL,
    atol: np.ndarray | float | None = None,
    outputs: np.ndarray | None = None,
    threads: int | None = None,
    block: int | None = None,
    max_steps: int = MAX_STEPS,
    dtype: np.dtype | str = np.float64,
    t0: float = 0.0,
    times_row: np.ndarray | None = None,
    pilot: tuple[np.ndarray, np.ndarray] | None = None,
    inputs: bool = False,
    seed: int = 0,
    streams: np.ndarray | None = None,
) -> Problem:
    """Check what `integrate` is given, and decide on tolerances and method; only a pilot is run.

    Parameters
    ----------
    system : System
        The equations.
    y0 : array, shape (n_traj, n_states) or (n_states,)
        State at `t0`.
    constants : array, shape (n_traj, n_constants) or (n_constants,), or None
        Constants of each trajectory; one row serves all.
    events : Events or None
        Doses and other timed events; hit exactly.
    times : array, shape (n_t,) or (n_rows, n_t)
        Output times (h), ascending. The value at an event's time is the one after it.

    Other Parameters
    ----------------
    method : str or Decision
        A name of `ldnsim.engine.methods.METHODS`; "auto" counts work on the pilot. What was decided before is
        not decided again: `atol`, `pilot` and `inputs` are not looked at.
    rtol : float
        Relative tolerance of a step, for the worst state.
    atol : array, shape (n_states,), float or None
        Absolute tolerance; None: 1e-3 x rtol x the state's scale in the pilot.
    outputs : array of int, optional
        Indexes of the system's outputs to return; None: all.
    threads : int, optional
        Threads; None: one a core. The bits do not depend on it.
    block : int, optional
        Trajectories come as consecutive blocks of this length that share events and times; a group of lanes
        never crosses a block's end. None: one block if they all share them, else 1.
    max_steps : int
        Steps allowed to a trajectory.
    dtype : dtype
        Of the values returned: float64 or float32.
    t0 : float
        Start (h).
    times_row : array of int, shape (n_traj,), optional
        The row of `times` of each trajectory.
    pilot : tuple of array, optional
        y0 and constants of the nominal trajectory, from which scales and the method are found; None: the
        first trajectory.
    inputs : bool
        Whether other trajectories of the same call have infusions, if these do not.
    seed : int
        Of what is drawn by lot, see `ldnsim.engine.triggers`.
    streams : array of int, shape (n_traj,), optional
        The stream of random numbers that each trajectory draws from; None: all from the first.

    Returns
    -------
    Problem
        `run` solves it; `Problem.of` gives it other trajectories of the same kind.

    Raises
    ------
    InputError
        If an argument does not fit the system.
    """
    decision = method if isinstance(method, Decision) else Decision(method_named(method))
    y0, constants = checked_arrays(system, y0, constants)
    n_traj = len(y0)
    events = events or Events.none(n_traj)
    events.check(n_traj, system.n_states, system.n_constants, t0)
    times, times_row = checked_times(times, times_row, n_traj, t0)
    block, given = _block(block, events, times_row), events
    if system.n_breaks and n_traj:
        events = with_breaks(system, constants, events, float(t0), float(times.max()))
        block = block if _blocks_share(block, events, times_row) else 1
    _check_numbers(rtol, max_steps, dtype)
    inputs = inputs or decision.inputs or events.infuse
    problem = Problem(
        system,
        y0,
        constants,
        events,
        times,
        times_row,
        float(t0),
        float(rtol),
        checked_outputs(system, outputs),
        threads_of(threads),
        block,
        int(max_steps),
        np.dtype(dtype),
        replace(decision, inputs=inputs),
        seed,
        streams,
    )
    if n_traj == 0 or isinstance(method, Decision):
        return problem
    return settle(problem, _pilot_of(problem, given, pilot), atol)


def _pilot_of(problem: Problem, events: Events, pilot: tuple[np.ndarray, np.ndarray] | None) -> Problem:
    """Make the problem of the nominal trajectory alone, under the rows of events and times in use."""
    system = problem.system
    y0, constants = checked_arrays(system, *(pilot or (problem.y0[:1], problem.constants[:1])))
    rows = np.stack([events.row, problem.times_row])
    rows = rows[:, :1] if (rows == rows[:, :1]).all() else np.unique(rows, axis=1)
    if rows.shape[1] > MOST_PILOTS:
        rows = rows[:, np.linspace(0, rows.shape[1] - 1, MOST_PILOTS).astype(int)]
    n = rows.shape[1]
    y0, constants = np.repeat(y0[:1], n, axis=0), np.repeat(constants[:1], n, axis=0)
    events = replace(events, row=rows[0])
    if system.n_breaks:
        events = with_breaks(system, constants, events, problem.t0, float(problem.times.max()))
    return replace(
        problem, y0=y0, constants=constants, events=events, times_row=rows[1], seed=0, streams=None
    )


def check_rtol(rtol: float) -> None:
    """Refuse a relative tolerance that double precision cannot keep, or that is none."""
    if not 1e-13 <= as_number(rtol) <= 0.1:
        raise bad("rtol", rtol, "must be a number from 1e-13 to 0.1")


def _check_numbers(rtol: float, max_steps: int, dtype: np.dtype | str) -> None:
    check_rtol(rtol)
    if max_steps < 1:
        raise bad("max_steps", max_steps, "must be at least 1")
    if np.dtype(dtype) not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise bad("dtype", dtype, "must be 'float64' or 'float32'")


def threads_of(threads: int | None) -> int:
    """Return how many threads to use: as many as asked for, or one a core that this process may use."""
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if threads < 1:
        raise bad("threads", threads, "must be at least 1")
    return int(threads)


def _block(block: int | None, events: Events, times_row: np.ndarray) -> int:
    n = len(times_row)
    if block is None:
        return n if _blocks_share(n, events, times_row) else 1
    if block < 1:
        raise bad("block", block, "must be at least 1")
    if not _blocks_share(block, events, times_row):
        raise bad("block", block, "all trajectories of a block must share one row of events and of times")
    return int(block)


def _blocks_share(block: int, events: Events, times_row: np.ndarray) -> bool:
    """Whether all trajectories of each block follow one row of events and of times."""
    rows = np.stack([events.row, times_row], axis=1)
    heads = rows[np.arange(len(rows)) // max(block, 1) * block]
    return bool((rows == heads).all())
