"""From the engine's answers, piece by piece, to one labelled Dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import result
from ..engine.compiled import JIT
from ..engine.solve import threads_of
from ..engine.status import Status
from ..engine.threads import spread
from ..readouts import columns_of, labelled
from ..readouts.measuring import measure
from ..regimen import Dose
from ..units import BLOCKED
from .grid import stretched
from .pieces import Piece
from .plan import Plan, padded
from .reading import offered
from .request import Axis, Subjects
from .solving import Part

if TYPE_CHECKING:
    import xarray as xr

WORDS = np.array([s.name.lower().replace("_", " ") for s in Status])


def run_attrs(rtol: float, atol: Any, seed: int | None, who: Subjects) -> dict[str, Any]:
    """Attributes that say how a result was computed.

    `seed` is that of the run where it draws lots, else that of the subjects; `draws` says which draws these
    are, where they are no people.
    """
    of_subjects = who.seed
    chosen = of_subjects if seed is None else seed
    attrs = {
        "rtol": rtol,
        "atol": "1e-3 rtol scale" if atol is None else atol,
        "seed": "" if chosen is None else chosen,
    }
    attrs |= {"draws": who.draws} if who.draws else {}
    return attrs if of_subjects in (None, chosen) else attrs | {"subjects_seed": of_subjects}


@dataclass(frozen=True)
class Frame:
    """What the result looks like: its leading dimensions and the attributes common to all models."""

    models: Axis
    regimens: Axis
    subjects: Axis
    attrs: dict[str, Any]

    def axes(self, piece: Piece) -> dict[str, np.ndarray]:
        """Dimensions asked for, with the labels of a piece."""
        cuts = ((self.regimens, piece.regimens), (self.subjects, piece.subjects))
        return {axis.name: axis.array[cut] for axis, cut in cuts if axis.asked}

    def strip(self, array: np.ndarray) -> np.ndarray:
        """Drop the dimensions (regimen, subject) nobody asked for from the front of an array."""
        return array[(slice(None) if self.regimens.asked else 0, slice(None) if self.subjects.asked else 0)]


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
        at = _inside(piece, self.slab)
        part = self.plan.run(piece, None if self.courses is None else self.courses[at], threads)
        if self.numbers is None:
            return part
        self.numbers[at] = self._measured(part, piece)
        return replace(part, values=np.empty(0), nodes=np.empty(0))  # a view would keep all of them

    def _keep(self, piece: Piece, part: Part) -> None:
        at = _inside(piece, self.slab)
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

    # --- labels -------------------------------------------------------------------------------------------

    def dataset(self, frame: Frame, always_report: bool = False, node_width: int = 0) -> xr.Dataset:
        """Label what was gathered.

        Without failures their record is left out unless `always_report`; nodes are at least `node_width`.
        """
        plan, axes = self.plan, frame.axes(self.slab)
        dims = tuple(axes)
        attrs = result.provenance(
            plan.model,
            outputs=plan.outputs,
            regimens=dict(zip(frame.regimens.labels, plan.regimens, strict=True)),
            solver=self.method,
            why=plan.decision.why,
            decision=plan.decision.written(plan.program.states),
            time_unit=plan.unit,
            **frame.attrs,
        )
        coords = {"status": (dims, frame.strip(WORDS[self.status]), result.STATUS)}
        if always_report or (self.status != Status.FINISHED).any():
            coords |= self._failures(frame, dims)
        if self.numbers is not None:
            words = result.words_of(plan.model, {name: name for name in plan.traces})
            attrs |= {"threshold": BLOCKED}
            ds = labelled(frame.strip(self.numbers), plan.readouts, dims, axes, attrs, words)
            return ds.assign_coords(coords)
        coords |= self._doses(frame)
        if self.looks:
            coords |= self._nodes(frame, dims, node_width)
            attrs |= offered(plan.model, plan.variables)
        courses = {name: frame.strip(self.courses[:, :, k]) for k, name in enumerate(plan.variables)}
        words = result.words_of(plan.model, plan.variables)
        clock = plan.unit, 1.0 if plan.unit == "h" else plan.model.document.hours
        return result.dataset(courses, words, plan.times, axes, attrs, coords, *clock)

    def _doses(self, frame: Frame) -> dict[str, tuple]:
        each = self.plan.doses
        times = padded([[d.time for d in doses] for doses in each])
        width = times.shape[1]
        if not width:
            return {}
        drugs = np.array([[*map(_given, doses), *[""] * (width - len(doses))] for doses in each])
        found = {"dose_time": (times, result.DOSE_TIME), "dose_drug": (drugs, result.DOSE_DRUG)}
        if self.looks:
            found["dose_end"] = padded(self.plan.interval_ends), result.DOSE_END
        dims = ("regimen", "dose_number") if frame.regimens.asked else ("dose_number",)
        rows = self.slab.regimens if frame.regimens.asked else self.slab.regimens.start
        tables = {name: (dims, table[rows], words) for name, (table, words) in found.items()}
        return {"dose_number": ("dose_number", np.arange(1, width + 1)), **tables}

    def _nodes(self, frame: Frame, dims: tuple[str, ...], width: int) -> dict[str, tuple]:
        width = max(width, *(part.nodes.shape[-1] for _, part in self.looks))
        own = any(part.node_times.shape[1] > 1 for _, part in self.looks)
        n_regimens, n_subjects = self.slab.shape
        times = np.empty((n_regimens, n_subjects if own else 1, width))
        several = len(self.looks) > 1
        shape = (n_regimens, n_subjects, len(self.plan.traces), width)
        values = np.empty(shape, self.plan.options.dtype) if several else stretched(self.looks[0][1].nodes, width)
        for piece, part in self.looks:
            at = _inside(piece, self.slab)
            if several:
                values[at] = stretched(part.nodes, width)
            times[at if own else at[0]] = stretched(part.node_times, width)
        windows = self.plan.windows[self.slab.regimens]
        regimen = slice(None) if frame.regimens.asked else 0
        subject = slice(None) if own and frame.subjects.asked else 0
        by_regimen = ("regimen",) if frame.regimens.asked else ()
        by_subject = ("subject",) if own and frame.subjects.asked else ()
        return {
            "trace": ("trace", np.array(self.plan.traces)),
            "node": ("node", np.arange(width)),
            "last_interval": ((*dims, "trace", "node"), frame.strip(values), result.NODES),
            "node_time": ((*by_regimen, *by_subject, "node"), times[regimen, subject], result.NODE_TIME),
            **{
                name: (by_regimen, np.array([getattr(w, field) for w in windows])[regimen], words)
                for name, field, words in result.WINDOW
            },
        }

    def _failures(self, frame: Frame, dims: tuple[str, ...]) -> dict[str, tuple]:
        plan, states = self.plan, np.array(self.plan.program.states)
        last = self.last_state
        if not last.shape[-1]:
            last = np.full((*self.slab.shape, len(states)), np.nan)
        return {
            "state": ("state", states),
            "fail_time": (dims, frame.strip(self.fail_time), result.FAIL_TIME | {"units": plan.unit}),
            "last_state": ((*dims, "state"), frame.strip(last), result.LAST_STATE),
        }


def _given(dose: Dose) -> str:
    """Name the drug of a dose, or the state that it goes into."""
    return dose.drug or f"into {dose.record.cmt}"


def _inside(piece: Piece, slab: Piece) -> tuple[slice, slice]:
    """Where a piece lies in the arrays of its slab."""
    regimens, subjects = (
        slice(p.start - s.start, p.stop - s.start) for p, s in zip(piece, slab, strict=True)
    )
    return regimens, subjects


def joined(parts: Sequence[xr.Dataset], axis: Axis) -> xr.Dataset:
    """Join the results of several models along their dimension, if it was asked for."""
    if not axis.asked:
        return parts[0]
    import xarray as xr

    ds = xr.concat(
        [p.reset_coords("status") for p in parts],  # which would be told once where all models finish
        xr.DataArray(axis.array, dims=axis.name, name=axis.name),
        join="outer",
        coords="different",
        compat="equals",
        combine_attrs="drop",
    )
    return ds.set_coords("status").assign_attrs(result.merged([p.attrs for p in parts]))
