"""A piece of a plan as the engine is given it, and the engine's answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..engine.events import Events
from ..engine.problem import Decision, Solution
from ..engine.solve import MAX_STEPS, integrate
from ..readouts.rough import BENT, SMOOTH
from .following import followed
from .grid import Look

if TYPE_CHECKING:
    from ..engine.system import System


class Options(NamedTuple):
    """How to solve: handed to the engine as it is."""

    method: str | Decision
    rtol: float
    atol: float | np.ndarray | None
    threads: int | None
    dtype: str
    max_steps: int = MAX_STEPS
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Part:
    """The answer to a piece; every array starts with (regimen, subject).

    Attributes
    ----------
    values : array, shape (regimen, subject, output, time)
        Courses.
    nodes : array, shape (regimen, subject, trace, node)
        Values at the metric nodes.
    node_times : array, shape (regimen, subject or 1, node)
        Their times (h); one row where all subjects share them.
    status, fail_time : array, shape (regimen, subject)
        How each trajectory ended.
    last_state : array, shape (regimen, subject, state)
        State reached.
    lost : array of bool, shape (regimen, subject)
        Whose courses turn faster than the nodes can follow.
    method : str
        The method that ran.
    """

    values: np.ndarray
    nodes: np.ndarray
    node_times: np.ndarray
    status: np.ndarray
    fail_time: np.ndarray
    last_state: np.ndarray
    lost: np.ndarray
    method: str


@dataclass(frozen=True, eq=False)
class Given:
    """Trajectories of a piece, regimen by regimen, subject by subject.

    Attributes
    ----------
    system : System
        The equations.
    y0, constants : array, shape (trajectory, ...)
        Starts and constants.
    events : Events
        Doses and others.
    earlier : array, shape (trajectory,)
        How much earlier each is looked at (h), see `.alignment`.
    streams : array of int, shape (trajectory,)
        Random numbers that each draws from.
    decision : Decision
        How they are solved.
    options : Options
        Tolerances and limits.
    threads : int or None
        Of the engine.
    """

    system: System
    y0: np.ndarray
    constants: np.ndarray
    events: Events
    earlier: np.ndarray
    streams: np.ndarray
    decision: Decision
    options: Options
    threads: int | None

    def solved(self, at: Look, rows: np.ndarray, outputs: np.ndarray, block: int) -> Solution:
        """Solve all; each is looked at by its row of `at`. Without a common block, any may share steps."""
        times = at.times
        if self.earlier.any():
            times, rows = np.maximum(times[rows] - self.earlier[:, None], 0.0), np.arange(len(self.earlier))
        solution = self._solved(slice(None), times, rows, outputs, block)
        return replace(solution, fail_time=solution.fail_time + self.earlier)

    def followed(
        self, part: Part, pace: np.ndarray, last: np.ndarray, outputs: np.ndarray, block: int
    ) -> Part:
        """Look again where courses turn faster than the nodes of a part lie.

        Parameters
        ----------
        part : Part
            The answer.
        pace : array, shape (trajectory,)
            Steps of the solver per hour, about.
        last : array, shape (trajectory,)
            How far each was solved (h): it is solved as far again, so that its last steps stay the same.
        outputs : array of int
            The traces.
        block : int
            That of `solved`.
        """
        shape, (n_traces, n_nodes) = part.status.shape, part.nodes.shape[2:]

        def again(some: np.ndarray, nodes: np.ndarray) -> np.ndarray:
            seen = np.concatenate([nodes, last[some, None]], axis=1) - self.earlier[some, None]
            return self._solved(some, np.maximum(seen, 0.0), np.arange(len(some)), outputs, 1).values[
                ..., :-1
            ]

        times = part.node_times
        if len(times) > 1 or times.shape[1] > 1:
            times = np.broadcast_to(times, (*shape, n_nodes))
        times, values = times.reshape(-1, n_nodes), part.nodes.reshape(-1, n_traces, n_nodes)
        smooth = BENT if self._jumps else SMOOTH
        found = followed(times, values, pace, again, block if block > 1 else len(values), smooth)
        if found.values is values and not found.lost.any():
            return part
        nodes = found.values.reshape(*shape, n_traces, -1)
        times = np.broadcast_to(found.times, (len(found.lost), found.times.shape[1]))
        return replace(
            part, nodes=nodes, node_times=times.reshape(*shape, -1), lost=found.lost.reshape(shape)
        )

    @property
    def _jumps(self) -> bool:
        """Whether the equations jump by themselves: at times of their own, by events, or as the past comes back."""
        own = self.system
        return own.n_breaks > 0 or own.events is not None or own.delays is not None

    def _solved(self, some, times, rows, outputs, block) -> Solution:
        o = self.options
        return integrate(
            self.system, self.y0[some], self.constants[some], replace(self.events, row=self.events.row[some]),
            times, times_row=rows, method=self.decision, rtol=o.rtol, outputs=outputs, dtype=o.dtype,
            threads=self.threads, block=block, max_steps=o.max_steps, seed=o.seed, streams=self.streams[some],
        )  # fmt: skip
