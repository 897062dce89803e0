"""What is asked of the engine for one model, piece by piece, and its answer in the order of the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..codegen.program import program
from ..engine.events import Events
from ..engine.problem import Decision, Solution
from ..engine.solve import prepare
from ..formulation import formulations_of
from ..memo import Memo
from ..model import Model
from ..readouts.readout import Readout, windows_of
from ..readouts.windows import Marks, compressed, spans_of
from ..regimen import Dose, Regimen
from ..regimen.window import Window, interval_ends, window_of
from . import dosing
from .alignment import Start, aligned
from .drugs import drug_of, settings_of, values_under
from .grid import Look, look
from .inputs import may_infuse
from .pieces import GROUP, Piece, cuts, fair, groups
from .request import Subjects, on_one_clock
from .solving import Given, Options, Part
from .timeline import stacked

if TYPE_CHECKING:
    import pandas as pd

PIECE_BYTES = 24e6  # small enough that the allocator hands the same memory out again
_decisions, _lowered = Memo(16), Memo(64)
_EXACT, _MORE = 1e-8, 3  # a tolerance below which nodes lie closer too, by so many in each gap
_NODES, _ADDED = 140, 1.15  # about as many as a trajectory has, and those that follow it: estimates of memory


def pilots(n: int) -> list[int]:
    """Choose some of n, spread over all, by whom it is decided how to solve."""
    return np.unique(np.linspace(0, n - 1, 8).astype(int)).tolist()


@dataclass(frozen=True, eq=False)
class Plan:
    """All runs of one model.

    Attributes
    ----------
    model : Model
        What is run.
    regimens : sequence of Regimen or None
        One a label.
    subjects : Subjects
        Who takes them.
    variables : dict
        Variables whose course is wanted: name -> the model's output.
    times : array, shape (n_t,)
        Output times (h); empty where only metrics are wanted.
    ends : sequence of float
        How long each regimen is followed for its metrics (h); the run takes the longest.
    traces : tuple of str
        Variables wanted at the metric nodes: names of `variables`, else outputs of the model.
    options : Options
        How to solve.
    in_order : bool
        Whether records act at their instants, see `dosing.events`.
    readouts : tuple of Readout
        What is read of the traces at the nodes.
    alone : bool
        Whether these are wanted instead of the nodes; else nodes are kept over the last days too.
    whole : int
        How many nodes lie over the whole course, if they are kept of all of it; else 0.
    """

    model: Model
    regimens: Sequence[Regimen | None]
    subjects: Subjects
    variables: Mapping[str, str]
    times: np.ndarray
    ends: Sequence[float]
    traces: tuple[str, ...]
    options: Options
    in_order: bool = field(default=False, kw_only=True)
    readouts: tuple[Readout, ...] = field(default=(), kw_only=True)
    alone: bool = field(default=False, kw_only=True)
    whole: int = field(default=0, kw_only=True)

    @property
    def unit(self) -> str:
        """Unit of time of the run; where it is not h, docstrings that say h mean it."""
        return self.model.time_unit or "h"

    @cached_property
    def program(self):
        """Compiled equations."""
        return program(self.model)

    @cached_property
    def windows(self) -> list[Window]:
        """What the metrics of each regimen describe."""
        return [window_of(r or Regimen(), end) for r, end in zip(self.regimens, self.ends, strict=True)]

    @cached_property
    def interval_ends(self) -> list[np.ndarray]:
        """When the dosing interval that each dose begins ends (h); NaN for doses that do not count."""
        due = [r.missed if r is not None else () for r in self.regimens]
        return [interval_ends(d, m, end) for d, m, end in zip(self.doses, due, self.ends, strict=True)]

    @cached_property
    def marks(self) -> Marks:
        """What windows of readouts are laid from, a row a regimen."""
        *w, until = (
            np.array(x, dtype=float) for x in zip(*((*w[:4], w.until) for w in self.windows), strict=True)
        )
        dose = padded([[d.time for d in doses] for doses in self.doses])
        ends = np.array(self.ends, dtype=float)
        return Marks(*w, ends, *compressed(dose, padded(self.interval_ends)), np.minimum(until, ends))

    @cached_property
    def reads(self) -> list[np.ndarray]:
        """What is read of the course of each regimen (h), shape (k, 2)."""
        m = self.marks
        spans = [spans_of(window, m, hour)[0] for window, hour in windows_of(self.readouts)]
        if not self.alone:
            start = np.zeros_like(m.day) if self.whole else m.day
            spans.append(np.stack([start, m.run], axis=-1)[:, None, :])
        every = np.concatenate(spans, axis=1)
        return [np.unique(row[np.isfinite(row).all(axis=1)], axis=0) for row in every]

    @property
    def end(self) -> float:
        """End of the run (h)."""
        return max(*self.ends, self.times[-1] if self.times.size else 0.0)

    @cached_property
    def doses(self) -> list[Sequence[Dose]]:
        """Doses of each regimen."""
        return [r.doses if r is not None else () for r in self.regimens]

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """All variables the engine is asked for."""
        return tuple(
            dict.fromkeys((*self.variables.values(), *(self.variables.get(t, t) for t in self.traces)))
        )

    @cached_property
    def _columns(self) -> np.ndarray:
        """Where the traces are among the outputs."""
        return np.array([self.outputs.index(self.variables.get(t, t)) for t in self.traces], np.int64)

    @property
    def more_nodes(self) -> int:
        """Nodes put into each usual gap: what is read between nodes is to be as exact as what is solved."""
        return _MORE if self.options.rtol < _EXACT else 0

    @property
    def many(self) -> bool:
        """Whether more than one trajectory is asked for."""
        return len(self.regimens) * len(self.subjects) > 1

    @cached_property
    def decision(self) -> Decision:
        """How all pieces are solved: decided by the nominal subject under some of the regimens, if not before."""
        o = self.options
        if isinstance(o.method, Decision):
            return o.method
        some = tuple(self.regimens[k] for k in pilots(len(self.regimens)))
        infused = any(may_infuse(r, formulations_of(self.model)) for r in self.regimens if r is not None)
        atol = None if o.atol is None else np.asarray(o.atol, dtype=np.float64).tobytes()
        tables = formulations_of(self.model), settings_of(self.model)
        equal = some, self.many, infused, self.in_order, self.end, o._replace(atol=atol)
        return _decisions((self.model, *tables), equal, lambda: self._decide(some, infused))

    def _decide(self, some: Sequence[Regimen | None], infused: bool) -> Decision:
        values = np.repeat(self.model.values[None, :], 2 if self.many else 1, axis=0)
        constants, y0, events = self._inputs(some, values)
        o = self.options
        return prepare(
            self.program.system, y0, constants, events, [self.end], method=o.method, rtol=o.rtol, atol=o.atol,
            outputs=np.empty(0, np.int64), threads=o.threads, block=len(values), max_steps=o.max_steps,
            inputs=infused,
        ).decision  # fmt: skip

    def _inputs(self, regimens: Sequence[Regimen | None], values: np.ndarray):
        """Constants, start and events of trajectories, regimen by regimen, subject by subject."""
        under: dict[str, tuple[np.ndarray, ...]] = {}
        rows = []
        for regimen in regimens:
            drug = drug_of(self.model, regimen)
            if drug not in under:
                own = values_under(self.model, drug, values)
                constants = self.program.constants_of(own)
                under[drug] = own, constants, self.program.initial_state(constants)
            own, constants, y0 = under[drug]
            nominal = values_under(self.model, drug, self.model.values[None, :])
            rows.append((constants, y0, self._events(regimen, own, nominal)))
        constants, y0, events = zip(*rows, strict=True)
        return np.concatenate(constants), np.concatenate(y0), stacked(events)

    def _events(self, regimen: Regimen | None, values: np.ndarray, nominal: np.ndarray) -> Events:
        """Events of subjects under one regimen; those that all are certain to share are made once."""
        if not self._shared:
            return dosing.events(self.program, self.model, [regimen], values, self.in_order, nominal)
        tables = formulations_of(self.model), settings_of(self.model)
        one = _lowered(
            (self.model, *tables),
            (regimen, self.in_order),
            lambda: dosing.events(self.program, self.model, [regimen], values[:1], self.in_order),
        )
        return replace(one, row=np.zeros(len(values), np.int64))

    @cached_property
    def _shared(self) -> bool:
        """Whether it is certain that all subjects of a regimen have the same events."""
        own = set(self.subjects.columns)
        own = own and own & set(formulations_of(self.model).parameters)
        records = [r for regimen in self.regimens if regimen is not None for r in regimen.records]
        return not own and not any(r.ss or r.rate < 0 or r.extra for r in records)

    @property
    def _nodes_each(self) -> float:
        """Nodes of one trajectory, about."""
        return _ADDED * (self.whole or _NODES) if self.traces else 0.0

    @property
    def bytes_each(self) -> float:
        """Size of the answer for one trajectory."""
        return 8.0 * max(1, len(self.outputs)) * (self.times.size + self._nodes_each)

    @property
    def bytes_kept(self) -> float:
        """Size of the courses and nodes of all trajectories."""
        nodes = 0.0 if self.alone else self._nodes_each
        per = len(self.variables) * self.times.size + len(self.traces) * nodes
        each = len(self.subjects) * per * float(np.dtype(self.options.dtype).itemsize)
        return len(self.regimens) * (each + 8.0 * nodes)

    def pieces(self, slab: Piece, most: float | None) -> Iterator[Piece]:
        """Cut a slab into pieces whose answers take at most about `most` bytes each; None: no limit.

        As many are in memory at a time as there are threads, but the cuts do not depend on how many that are.
        A group of trajectories that share their steps must not hold subjects of two regimens, or it would
        depend on how the subjects were cut.
        """
        n_regimens, n_subjects = slab.shape
        at_once = n_regimens * n_subjects + GROUP if most is None else int(most / self.bytes_each)
        if len(self.subjects) == 1:
            regimens, subjects = groups(at_once), 1
        else:
            apart = self._shared or len(self.subjects) % GROUP == 0
            regimens = max(1, min(n_regimens, at_once // GROUP)) if apart else 1
            subjects = fair(n_subjects, groups(at_once // regimens))
        for i in cuts(slab.regimens, regimens):
            for k in cuts(slab.subjects, subjects):
                yield Piece(i, k)

    def _look(self, events: Events, piece: Piece) -> Look:
        """When the trajectories of a piece are looked at."""
        if not self.traces:
            return look(self.times, events.time, (), (), ())
        regimen_of_row = np.zeros(len(events.time), np.int64)
        first, last = piece.regimens.start, piece.regimens.stop
        regimen_of_row[events.row] = np.repeat(np.arange(first, last), piece.shape[1])
        own = ([table[k] for k in regimen_of_row] for table in (self.reads, self.windows, self.ends))
        return look(self.times, events.time, *own).refined(self.more_nodes)

    def ready(self) -> None:
        """Work out what all pieces need, so that threads find it instead of each working it out."""
        _ = self.program, self.decision, self.outputs, self.reads, self._shared

    def run(self, piece: Piece, into: np.ndarray | None = None, threads: int | None = None) -> Part:
        """Solve a piece; write the courses to `into`, shape (regimen, subject, output, time), if given."""
        n_regimens, n_subjects = piece.shape
        regimens = self.regimens[piece.regimens]
        constants, y0, events = self._inputs(regimens, self.subjects.values(self.model, piece.subjects))
        heads = events.row.reshape(n_regimens, n_subjects)
        shared = bool((heads == heads[:, :1]).all())
        at = self._look(events, piece)
        rows = heads if len(at.times) > 1 else np.zeros_like(heads)
        outputs = np.array([self.program.outputs.index(name) for name in self.outputs], np.int64)
        earlier = np.zeros(len(constants))
        if not shared and (n_regimens == 1 or n_subjects % GROUP == 0):
            events, earlier = aligned(self.program.system, events, Start(y0, constants), outputs, GROUP)
        streams = np.tile(self.subjects.numbers[piece.subjects], n_regimens)
        how = self.decision, self.options, threads or self.options.threads
        given = Given(self.program.system, y0, constants, events, earlier, streams, *how)
        block = n_subjects if shared else 1
        solution = given.solved(at, rows.ravel(), outputs, block)
        part = self._part(solution, at, rows, shared, into)
        if not self.traces:
            return part
        pace, last = solution.steps / max(self.end, np.finfo(float).tiny), at.times[rows.ravel(), -1]
        return given.followed(part, pace, last, outputs[self._columns], block)

    def _part(self, solution: Solution, at: Look, rows, shared, into) -> Part:
        shape = rows.shape
        values = solution.values.reshape(*shape, *solution.values.shape[1:])
        if self.traces:
            courses, nodes = self._split(values, at, rows[:, :1] if shared else rows, into)
        else:
            courses, nodes = values, values[:, :, :0, :0]
            if into is not None:
                into[...] = values
                courses = into
        return Part(
            courses,
            nodes,
            at.node_times[rows[:, :1] if shared else rows],
            solution.status.reshape(shape),
            solution.fail_time.reshape(shape),
            solution.last_state.reshape(*shape, -1),
            np.zeros(shape, dtype=bool),
            solution.method,
        )

    def _split(self, values: np.ndarray, at: Look, rows: np.ndarray, into: np.ndarray | None):
        """Part the user's times from the nodes; `rows` has one column where all subjects share them.

        Nodes are put behind the user's times where all values lie, so that courses need no memory of their own.
        """
        n, n_times = len(self.variables), self.times.size
        for i, k in np.ndindex(rows.shape):
            some = slice(None) if rows.shape[1] == 1 else slice(k, k + 1)
            _move(values[i, some], np.concatenate([at.user[rows[i, k]], at.node[rows[i, k]]]))
        nodes = values[..., n_times:]
        if not np.array_equal(self._columns, np.arange(len(self.outputs))):
            nodes = nodes[:, :, self._columns]
        courses = values[:, :, :n, :n_times]
        if into is None:
            return courses, nodes
        into[...] = courses
        return into, nodes


def decide(
    model: Model,
    regimens: Sequence[Regimen | None],
    subjects: pd.DataFrame,
    end: float,
    method: str,
    rtol: float,
) -> Decision:
    """Decide how `simulate` is to solve runs that are asked for in parts, as it would for all of them."""
    (model,) = on_one_clock([model], regimens)
    who, options = Subjects(subjects, [model]), Options(method, rtol, None, None, "float64")
    return Plan(model, regimens, who, {}, np.empty(0), [end], (), options).decision


def _move(values: np.ndarray, columns: np.ndarray) -> None:
    """Bring columns of the last axis to an order, in place; those before the first node stay where they are."""
    moved = np.flatnonzero(columns != np.arange(columns.size))
    if moved.size:
        tail = values[..., moved[0] :]
        for k in range(0, len(tail), GROUP):
            tail[k : k + GROUP] = tail[k : k + GROUP][..., columns[moved[0] :] - moved[0]]


def padded(rows: Sequence[Sequence[float]]) -> np.ndarray:
    """Make a table of rows, with NaN behind the shorter ones."""
    width = max(map(len, rows), default=0)
    return np.array([[*row, *[np.nan] * (width - len(row))] for row in rows]).reshape(len(rows), width)
