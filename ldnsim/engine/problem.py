"""What is asked of an engine, checked once at the door, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..errors import bad
from ..memo import Memo
from .events import Events
from .methods import METHODS, Method
from .status import Status
from .system import System


@dataclass(frozen=True, eq=False)
class Decision:
    """What is decided once for all trajectories of a call, whoever computes which of them, and when.

    Attributes
    ----------
    method : Method
        See `ldnsim.engine.methods`.
    why : str
        Why this method, if it was chosen here.
    atol : array, shape (n_states,)
        Absolute tolerance of each state.
    inputs : bool
        Whether lanes are ready for infusions.
    takeover : int
        Steps after which a stiff method takes over from an explicit one; 0: never.
    """

    method: Method = METHODS["auto"]
    why: str = ""
    atol: np.ndarray = field(default_factory=lambda: np.empty(0))
    inputs: bool = False
    takeover: int = 0

    def written(self, states: Sequence[str]) -> str:
        """Write it as JSON, for the attributes of a result."""
        tolerances = dict(zip(states, self.atol.tolist(), strict=True))
        rest = {name: getattr(self, name) for name in ("inputs", "takeover")}
        return json.dumps({"method": self.method.name, **rest, "atol": tolerances})


@dataclass(frozen=True, eq=False)
class Problem:
    """One call of `integrate`, with every default filled in; each engine family runs one of these.

    Attributes
    ----------
    system : System
        The equations.
    y0 : array, shape (n_traj, n_states)
        State at `t0`.
    constants : array, shape (n_traj, n_constants)
        Constants of each trajectory.
    events : Events
        Timed events.
    times : array, shape (n_rows, n_t)
        Output times (h), ascending in each row.
    times_row : array of int, shape (n_traj,)
        The row of `times` of each trajectory.
    t0 : float
        Start (h).
    rtol : float
        Relative tolerance.
    outputs : array of int, shape (n_out,)
        Which of the system's outputs to return.
    threads, block, max_steps : int
        Threads to use; trajectories of one regimen come in blocks of this length; steps allowed to each.
    dtype : dtype
        Of the values returned.
    decision : Decision
        Method and all that goes with it.
    seed : int
        Of what is drawn by lot: which of several events goes first.
    streams : array of int, shape (n_traj,), or None
        The stream of random numbers that each trajectory draws from; None: the first.
    laid : Memo or None
        Where it is kept how problems are laid out in memory that differ in starts and constants only.
    """

    system: System
    y0: np.ndarray
    constants: np.ndarray
    events: Events
    times: np.ndarray
    times_row: np.ndarray
    t0: float
    rtol: float
    outputs: np.ndarray
    threads: int
    block: int
    max_steps: int
    dtype: np.dtype
    decision: Decision
    seed: int = 0
    streams: np.ndarray | None = None
    laid: Memo | None = None

    @property
    def n_traj(self) -> int:
        """Number of trajectories."""
        return len(self.y0)

    @property
    def method(self) -> Method:
        """The method decided on."""
        return self.decision.method

    @property
    def atol(self) -> np.ndarray:
        """Absolute tolerance of each state, shape (n_states,)."""
        return self.decision.atol

    def deciding(self, **changes: Any) -> Problem:
        """Return the same problem with another decision on some points."""
        return replace(self, decision=replace(self.decision, **changes))

    def of(self, who: np.ndarray, **changes: Any) -> Problem:
        """Return the same problem for some of the trajectories, in the order given."""
        own = {
            "y0": self.y0[who],
            "constants": self.constants[who],
            "events": replace(self.events, row=self.events.row[who]),
            "times_row": self.times_row[who],
            "streams": None if self.streams is None else self.streams[who],
        }
        return replace(self, **own | changes)


@dataclass(frozen=True, eq=False)
class Solution:
    """Trajectories at the times asked for, and how each of them ended.

    Attributes
    ----------
    values : array, shape (n_traj, n_out, n_t)
        Outputs; the value at an event's time is the one after it; NaN from a failure on.
    status : array of int8, shape (n_traj,)
        A `Status` each.
    fail_time : array, shape (n_traj,)
        Time reached by a trajectory that failed (h), NaN for the others.
    last_state : array, shape (n_traj, n_states)
        State at the last output time, or the last one reached.
    steps, rejected : array of int, shape (n_traj,)
        Steps accepted and rejected (of its lane group, where trajectories share steps).
    peak : array, shape (n_traj, n_states), or None
        Largest |y| met at the ends of steps, where the engine keeps it.
    method, why : str
        The method that ran, and why if it was chosen by the engine.
    """

    values: np.ndarray
    status: np.ndarray
    fail_time: np.ndarray
    last_state: np.ndarray
    steps: np.ndarray
    rejected: np.ndarray
    method: str
    why: str = ""
    peak: np.ndarray | None = None

    @classmethod
    def before(cls, problem: Problem) -> Solution:
        """Return the answer before anything is computed: no values yet, nobody failed."""
        n = problem.n_traj
        return cls(
            np.full((n, len(problem.outputs), problem.times.shape[1]), np.nan, problem.dtype),
            np.zeros(n, np.int8),
            np.full(n, np.nan),
            problem.y0.copy(),
            np.zeros(n, np.int64),
            np.zeros(n, np.int64),
            problem.method.name,
            problem.decision.why,
            np.abs(problem.y0),
        )

    @property
    def finished(self) -> np.ndarray:
        """Which trajectories reached the end, shape (n_traj,)."""
        return self.status == Status.FINISHED


def checked_arrays(
    system: System, y0: np.ndarray, constants: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Bring y0 to (n_traj, n_states) and constants to (n_traj, n_constants); one row serves all."""
    y0 = np.atleast_2d(np.asarray(y0, dtype=np.float64))
    constants = np.zeros((1, system.n_constants)) if constants is None else constants
    constants = np.atleast_2d(np.asarray(constants, dtype=np.float64))
    if y0.shape[1] != system.n_states:
        raise bad("y0", y0.shape, f"must have {system.n_states} states a row")
    if constants.shape[1] != system.n_constants:
        raise bad("constants", constants.shape, f"must have {system.n_constants} constants a row")
    n_traj = max(len(y0), len(constants))
    if len(y0) not in (1, n_traj) or len(constants) not in (1, n_traj):
        raise bad("constants", constants.shape, f"must have one row, or one for each of {len(y0)} states")
    y0 = np.ascontiguousarray(np.broadcast_to(y0, (n_traj, system.n_states)))
    return y0, np.ascontiguousarray(np.broadcast_to(constants, (n_traj, system.n_constants)))


def checked_times(
    times: np.ndarray, times_row: np.ndarray | None, n_traj: int, t0: float
) -> tuple[np.ndarray, np.ndarray]:
    """Bring times to (n_rows, n_t) with one row index a trajectory."""
    times = np.atleast_2d(np.ascontiguousarray(times, dtype=np.float64))
    row = np.zeros(n_traj, np.int64) if times_row is None else np.asarray(times_row, dtype=np.int64)
    if times.ndim != 2 or times.shape[1] == 0:
        raise bad("times", times.shape, "must be (n_t,) or (rows, n_t) with at least one time")
    if not np.isfinite(times).all() or (times[:, 1:] < times[:, :-1]).any() or (times[:, 0] < t0).any():
        raise bad("times", times, f"must be finite, ascending and not before the start, {t0} h")
    if row.shape != (n_traj,) or (row.size and not (row.min() >= 0 and row.max() < len(times))):
        raise bad("times_row", row, f"must name a row of times, 0..{len(times) - 1}, for each trajectory")
    return times, row


def checked_outputs(system: System, outputs: np.ndarray | None) -> np.ndarray:
    """Bring the choice of outputs to an index array; None means all."""
    if outputs is None:
        return np.arange(system.n_outputs)
    chosen = np.atleast_1d(np.asarray(outputs, dtype=np.int64))
    if chosen.size and not (chosen.min() >= 0 and chosen.max() < system.n_outputs):
        raise bad("outputs", chosen, f"must be indexes of outputs, 0..{system.n_outputs - 1}")
    return chosen
