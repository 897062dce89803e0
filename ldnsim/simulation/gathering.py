"""Solve a slab of a plan piece by piece, on as many threads as there are, and keep the answers side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..engine.compiled import JIT
from ..engine.solve import threads_of
from ..engine.status import Status
from ..engine.threads import spread
from ..readouts import columns_of
from ..readouts.measuring import measure
from .grid import stretched
from .pieces import Piece
from .plan import Plan
from .solving import Part


@dataclass(eq=False)
class Gathered:
    """Answers to all pieces of a slab (some regimens x some subjects) of one plan, side by side."""

    plan: Plan
    slab: Piece
    courses: np.ndarray | None = None
    numbers: np.ndarray | None = None
    status: np.ndarray = field(init=False)
    fail_time: np.ndarray = field(init=False)
    last_state: np.ndarray = field(init=False)
    lost: np.ndarray = field(init=False)
    looks: list[tuple[Piece, Part]] = field(default_factory=list)
    method: str = ""

    def __post_init__(self) -> None:
        shape = self.slab.shape
        self.status = np.zeros(shape, np.int8)
        self.lost = np.zeros(shape, dtype=bool)
        self.fail_time = np.full(shape, np.nan)
        self.last_state = np.full((*shape, 0), np.nan)
        if self.plan.alone:
            self.numbers = np.empty((*shape, len(columns_of(self.plan.readouts))))

    def run(self, most: float | None, done: Callable[[int], Any]) -> Gathered:
        """Solve all pieces, as many at a time as there are threads."""
        pieces = list(self.plan.pieces(self.slab, most))
        if self.numbers is None and len(pieces) > 1:
            shape = (*self.slab.shape, len(self.plan.variables), self.plan.times.size)
            self.courses = np.empty(shape, self.plan.options.dtype)
        for piece, part in zip(pieces, self._solved(pieces), strict=True):
            self._keep(piece, part)
            done(int(np.prod(piece.shape)))
        return self

    def _solved(self, pieces: Sequence[Piece]) -> Iterator[Part]:
        """Solve pieces in their order, each thread one of them.

        A few large ones share the threads of the engine instead; SciPy's solvers and plain Python, which hold
        the interpreter and change settings of the whole process, run one after another.
        """
        threads = threads_of(self.plan.options.threads)
        alone = threads == 1 or not JIT or self.plan.decision.method.family == "scipy"
        if alone or len(pieces) < 2 * threads:
            yield from (self._solve(piece, threads) for piece in pieces)
            return
        self.plan.ready()
        yield from spread(lambda piece: self._solve(piece, 1), pieces, threads)

    def _solve(self, piece: Piece, threads: int) -> Part:
        """Solve one piece; its values are kept in `courses` or `numbers` alone, where there are these."""
        at = inside(piece, self.slab)
        part = self.plan.run(piece, None if self.courses is None else self.courses[at], threads)
        if self.numbers is None:
            return part
        self.numbers[at] = self._measured(part, piece)
        return replace(part, values=np.empty(0), nodes=np.empty(0))  # a view would keep all of them

    def _keep(self, piece: Piece, part: Part) -> None:
        at = inside(piece, self.slab)
        self.method = part.method
        self.status[at] = part.status
        self.lost[at] = part.lost
        failed = part.status != Status.FINISHED
        if failed.any():
            self.fail_time[at] = part.fail_time
            if not self.last_state.shape[-1]:
                self.last_state = np.full((*self.slab.shape, part.last_state.shape[-1]), np.nan)
            self.last_state[at] = np.where(failed[..., None], part.last_state, np.nan)
        if self.courses is None and self.numbers is None:
            self.courses = part.values
        if self.plan.traces and self.numbers is None:
            self.looks.append((piece, part))

    def _measured(self, part: Part, piece: Piece) -> np.ndarray:
        shape, plan = part.status.shape, self.plan
        n, regimens = int(np.prod(shape)), piece.regimens
        times = np.broadcast_to(part.node_times, (*shape, part.node_times.shape[-1])).reshape(n, -1)
        nodes = part.nodes.reshape(n, *part.nodes.shape[2:])
        row = np.repeat(np.arange(regimens.start, regimens.stop), shape[1])
        return measure(nodes, times, plan.marks, plan.traces, plan.readouts, row=row).reshape(*shape, -1)

    @property
    def most_nodes(self) -> int:
        """Most nodes that any trajectory has."""
        return max((part.nodes.shape[-1] for _, part in self.looks), default=0)

    def nodes(self, width: int) -> tuple[np.ndarray, np.ndarray, bool]:
        """Lay the nodes of all pieces side by side.

        Parameters
        ----------
        width : int
            How many each trajectory has at least.

        Returns
        -------
        values : array, shape (regimen, subject, trace, node)
        times : array, shape (regimen, subject or 1, node)
            In h.
        own : bool
            Whether subjects have times of their own.
        """
        own = self._have_own_nodes(in_a_store=width > 0)
        width = max(width, self.most_nodes)
        n_regimens, n_subjects = self.slab.shape
        times = np.empty((n_regimens, n_subjects if own else 1, width))
        several = len(self.looks) > 1
        shape = (n_regimens, n_subjects, len(self.plan.traces), width)
        values = (
            np.empty(shape, self.plan.options.dtype) if several else stretched(self.looks[0][1].nodes, width)
        )
        for piece, part in self.looks:
            at = inside(piece, self.slab)
            if several:
                values[at] = stretched(part.nodes, width)
            times[at if own else at[0]] = stretched(part.node_times, width)
        return values, times, own

    def _have_own_nodes(self, in_a_store: bool) -> bool:
        """Tell whether subjects have node times of their own; in a store all slabs must be alike in this."""
        if in_a_store:
            return True
        first: dict[int, np.ndarray] = {}
        for piece, part in self.looks:
            if part.node_times.shape[1] > 1:
                return True
            for k, row in enumerate(part.node_times[:, 0], start=piece.regimens.start):
                if not np.array_equal(first.setdefault(k, row), row):
                    return True
        return False


def inside(piece: Piece, slab: Piece) -> tuple[slice, slice]:
    """Where a piece lies in the arrays of its slab."""
    regimens, subjects = (
        slice(p.start - s.start, p.stop - s.start) for p, s in zip(piece, slab, strict=True)
    )
    return regimens, subjects
