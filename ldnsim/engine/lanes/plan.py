"""Lay a problem out as the compiled driver reads it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..problem import Problem, Solution
from ..status import Status
from ..threads import steps_of_a_slice
from . import facts as at
from . import way
from .failure import HELD_UP

LINE = 64  # bytes of a cache line, where memory begins


class GroupLayout:
    """What of a plan stays where only starts and constants change: groups, events, what is read of the states.

    Parameters
    ----------
    problem : Problem
        What is asked.
    kernels : LaneKernels
        Compiled code, and where things lie for it.
    """

    def __init__(self, problem: Problem, kernels: Any) -> None:
        p, e = problem, problem.events
        self.starts, self.counts = groups(p.n_traj, p.block, kernels.place["WIDTH"])
        self.table = np.stack([e.row, p.times_row], axis=1)
        events = np.stack([e.time, e.kind, e.index, e.value], axis=2)
        others = e.constants if e.constants.size else np.empty((0, p.constants.shape[1]))
        self.happens = tuple(map(_own, (events, e.states, others, p.times)))
        self.atol = _own(p.atol)
        self._lay_out_outputs(p, kernels)
        self.facts = self._collect(p, kernels)

    @classmethod
    def of(cls, problem: Problem, kernels: Any) -> GroupLayout:
        """Lay a problem out, or find one laid out that differs in starts and constants only."""
        p = problem
        if p.laid is None:
            return cls(p, kernels)
        same = kernels, p.events, p.times, p.times_row, p.outputs, p.decision
        return p.laid(same, (p.n_traj, p.block, p.max_steps, p.dtype.str), lambda: cls(p, kernels))

    def _lay_out_outputs(self, p: Problem, kernels: Any) -> None:
        """Lay out which states are evaluated at an output time, and where they go."""
        row, n = 8 * kernels.place["WIDTH"], kernels.n_states
        states = kernels.output_states[p.outputs]
        self.direct = bool((states >= 0).all())
        wanted = [(s, i * at.TIMES) for i, s in enumerate(states)] if self.direct else [(s, s) for s in range(n)]
        tables: dict[str, list] = {"free": [], "block": []}
        for s, place in wanted:
            kind, offset = kernels.inside[s]
            tables[kind].append((row * s, offset, row * place))
        chosen = np.where(states >= 0, states, n + p.outputs) * row
        self._tables = {k: np.array(t, np.int64) for k, t in {**tables, "chosen": chosen}.items()}

    def _collect(self, p: Problem, k: Any) -> np.ndarray:
        facts = np.zeros(at.N_FACTS, np.int64)
        suffix = "32" if p.dtype == np.float32 else ""
        for name in ("derive", "step", "check", "evaluate", "store", "some"):
            facts[getattr(at, name.upper())] = k.address(name + (suffix if name in ("store", "some") else ""))
        facts[at.NOTE_PEAK] = k.address("peak")
        for name, place in k.place.items():
            facts[getattr(at, name)] = place
        for name, table in self._tables.items():
            facts[getattr(at, name.upper())] = table.ctypes.data
        facts[[at.N_FREE, at.N_BLOCK]] = len(self._tables["free"]), len(self._tables["block"])
        facts[[at.N_OUT, at.DIRECT, at.SIZE]] = len(p.outputs), self.direct, p.dtype.itemsize
        facts[[at.SHARED, at.MAX_STEPS]] = p.block > 1 or len(p.times) == 1, p.max_steps
        facts[at.JUMPS] = p.system.n_breaks > 0
        facts[at.SLICE] = steps_of_a_slice(k.work)
        return facts


class LanePlan:
    """All arguments of the driver for one problem.

    Parameters
    ----------
    problem : Problem
        What is asked.
    kernels : LaneKernels
        Compiled code, and where things lie for it.
    """

    def __init__(self, problem: Problem, kernels: Any) -> None:
        self.problem, self.kernels, self.layout = problem, kernels, GroupLayout.of(problem, kernels)
        self._keep: list[Any] = []  # memory known to facts by address only
        p = problem
        self.values = padded((p.n_traj, len(p.outputs), p.times.shape[1]), p.dtype)
        self.report = np.zeros((p.n_traj, 4))
        self.last_state = p.y0.copy()
        # A run without outputs is one that asks how large states become.
        self.peak = np.abs(p.y0) if not len(p.outputs) else np.empty((0, 0))
        self.starts, self.counts = self.layout.starts, self.layout.counts
        self._given = (_own(p.y0), _own(p.constants), self.layout.table, *self.layout.happens)
        self._facts = self.layout.facts.copy()
        self._facts[at.VALUES], self._facts[at.STRIDE] = self.values.ctypes.data, self.values.strides[1]
        self._facts[at.PEAKS] = self.peak.size > 0

    def arguments(self) -> tuple[Any, ...]:
        """Return the driver's arguments but for the range of groups, with memory of their own."""
        p, k = self.problem, self.kernels
        width = k.place["WIDTH"]
        facts = self._facts.copy()
        group, work = np.zeros((5, width), np.int64), aligned(k.size)
        point = aligned(0 if self.layout.direct else (k.n_states + k.n_outputs) * 8 * width)
        buffer, spare = (
            aligned(len(p.outputs) * at.TIMES * 8 * width),
            aligned(len(p.outputs) * self.values.strides[1]),
        )
        for name, memory in (("WORK", work), ("TARGETS", group), ("BUFFER", buffer), ("SPARE", spare)):
            facts[getattr(at, name)] = memory.ctypes.data
        facts[at.SELF] = facts.ctypes.data
        facts[at.POINT] = facts[at.BUFFER] if self.layout.direct else point.ctypes.data
        facts[at.COMPUTED] = point.ctypes.data + k.n_states * 8 * width
        self._keep.append((point, buffer, spare))
        return (
            facts, self.starts, self.counts, *self._given, p.t0, p.rtol, self.layout.atol, self.report,
            self.last_state, self.peak, group, np.zeros(width, np.bool_), np.zeros(way.N_SLOTS), work,
        )  # fmt: skip

    def leave_the_held_up(self) -> bool:
        """Turn to the trajectories whose group ran out of steps for others, each alone; say whether there are any."""
        held = np.flatnonzero(self.report[:, at.STATUS] == HELD_UP)
        self.report[held] = 0.0
        self.starts, self.counts = held, np.ones_like(held)
        return held.size > 0

    def solution(self) -> Solution:
        """Return what the driver left; a failed trajectory has no values from its failure on."""
        p, report = self.problem, self.report
        status = report[:, at.STATUS].astype(np.int8)
        failed = status != Status.FINISHED
        for i in np.flatnonzero(failed):
            self.values[i][:, p.times[p.times_row[i]] > report[i, at.FAIL_TIME]] = np.nan
        return Solution(
            self.values,
            status,
            np.where(failed, report[:, at.FAIL_TIME], np.nan),
            self.last_state,
            report[:, at.STEPS].astype(np.int64),
            report[:, at.REJECTED].astype(np.int64),
            p.method.name,
            p.decision.why,
            self.peak if self.peak.size else None,
        )


def groups(n_traj: int, block: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first trajectory of each group and how many it has; no group crosses a block's end."""
    block = n_traj if block == 1 else block
    first = np.arange(0, n_traj, block)[:, None] + np.arange(0, block, width)
    end = np.minimum(first + width, np.minimum(np.arange(block, n_traj + block, block), n_traj)[:, None])
    count = (end - first).ravel()
    return first.ravel()[count > 0], count[count > 0]


def _own(array: np.ndarray) -> np.ndarray:
    """Return an array that may be written: for others the driver would be compiled once more."""
    return array if array.flags.writeable and array.flags.c_contiguous else array.copy()


def aligned(size: int) -> np.ndarray:
    """Return zeroed doubles, `size` bytes or a few more, that begin on a cache line."""
    size = -(-size // LINE) * LINE
    memory = np.zeros(size + LINE, np.uint8)
    first = -memory.ctypes.data % LINE
    return memory[first : first + size].view(np.float64)


def padded(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Return an array not filled yet, each of whose rows begins on a cache line, to be written by whole lines."""
    per_line = LINE // dtype.itemsize
    length = -(-shape[-1] // per_line) * per_line
    memory = np.empty(int(np.prod(shape[:-1])) * length + per_line, dtype)
    first = -memory.ctypes.data % LINE // dtype.itemsize
    rows = memory[first : first + memory.size - per_line].reshape(*shape[:-1], length)
    return rows[..., : shape[-1]]
