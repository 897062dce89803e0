"""From the answers of all pieces to one labelled Dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import result
from ..arrays import variables
from ..engine.status import Status
from ..readouts import labelled, marks
from ..units import BLOCKED
from .gathering import Gathered
from .pieces import Piece
from .plan import padded
from .reading import offered
from .request import Axis, Subjects

if TYPE_CHECKING:
    import xarray as xr

RECORD = ("fail_time", "last_state", "state")  # what is told of failures, where there are any
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

    def of_each(self, piece: Piece, array: np.ndarray, words: Mapping[str, str]) -> tuple:
        """Make a coordinate of what is told of each run, shape (regimen, subject)."""
        dims, values = tuple(self.axes(piece)), self.strip(array)
        if dims or self.models.asked:
            return dims, values, words
        return marks.RUN, np.reshape(values, 1), words


def dataset(of: Gathered, frame: Frame, always_report: bool = False, node_width: int = 0) -> xr.Dataset:
    """Label what was gathered.

    Without failures their record is left out unless `always_report`, as a part of a result must. Nodes are at least
    `node_width`.
    """
    plan, axes = of.plan, frame.axes(of.slab)
    dims = tuple(axes)
    attrs = result.provenance(
        plan.model,
        outputs=plan.outputs,
        regimens=dict(zip(frame.regimens.labels, plan.regimens, strict=True)),
        solver=of.method,
        why=plan.decision.why,
        decision=plan.decision.written(plan.program.states),
        time_unit=plan.unit,
        **frame.attrs,
    )
    coords = {"status": frame.of_each(of.slab, WORDS[of.status], result.STATUS)}
    if always_report or (of.status != Status.FINISHED).any():
        coords |= _failures(of, frame, dims)
    if of.numbers is not None:
        words = result.words_of(plan.model, {name: name for name in plan.traces})
        attrs |= {"threshold": BLOCKED}
        laid = plan.marks if plan.unit == "h" else None
        ds = labelled(frame.strip(of.numbers), plan.readouts, dims, axes, attrs, words, laid)
        return marks.told_once(ds.assign_coords(variables(coords)))
    coords |= _doses(of, frame)
    if of.looks:
        coords |= _nodes(of, frame, dims, node_width)
        attrs |= offered(plan.model, plan.variables)
    courses = {name: frame.strip(of.courses[:, :, k]) for k, name in enumerate(plan.variables)}
    words = result.words_of(plan.model, plan.variables)
    clock = plan.unit, 1.0 if plan.unit == "h" else plan.model.document.hours
    return result.dataset(courses, words, plan.times, axes, attrs, coords, *clock)


def _doses(of: Gathered, frame: Frame) -> dict[str, tuple]:
    each = of.plan.doses
    times = padded([[d.time for d in doses] for doses in each])
    width = times.shape[1]
    if not width:
        return {}
    drugs = np.array([[*(d.given for d in doses), *[""] * (width - len(doses))] for doses in each])
    found = {"dose_time": (times, result.DOSE_TIME), "dose_drug": (drugs, result.DOSE_DRUG)}
    if of.looks:
        found["dose_end"] = padded(of.plan.interval_ends), result.DOSE_END
    dims = ("regimen", "dose_number") if frame.regimens.asked else ("dose_number",)
    rows = of.slab.regimens if frame.regimens.asked else of.slab.regimens.start
    tables = {name: (dims, table[rows], words) for name, (table, words) in found.items()}
    return {"dose_number": ("dose_number", np.arange(1, width + 1)), **tables}


def _nodes(of: Gathered, frame: Frame, dims: tuple[str, ...], width: int) -> dict[str, tuple]:
    values, times, own = of.nodes(width)
    regimen = slice(None) if frame.regimens.asked else 0
    subject = slice(None) if own and frame.subjects.asked else 0
    by_regimen = ("regimen",) if frame.regimens.asked else ()
    by_subject = ("subject",) if own and frame.subjects.asked else ()
    words = result.NODE_TIME | dict(zip(marks.SHOWN, of.plan.times[[0, -1]].tolist(), strict=True))
    return {
        "trace": ("trace", np.array(of.plan.traces)),
        "node": ("node", np.arange(values.shape[-1])),
        "last_interval": ((*dims, "trace", "node"), frame.strip(values), result.NODES),
        "node_time": ((*by_regimen, *by_subject, "node"), times[regimen, subject], words),
        **marks.coordinates(of.plan.windows[of.slab.regimens], by_regimen),
    }


def _failures(of: Gathered, frame: Frame, dims: tuple[str, ...]) -> dict[str, tuple]:
    plan, states = of.plan, np.array(of.plan.program.states)
    last = of.last_state
    if not last.shape[-1]:
        last = np.full((*of.slab.shape, len(states)), np.nan)
    return {
        "state": ("state", states),
        "fail_time": frame.of_each(of.slab, of.fail_time, result.FAIL_TIME | {"units": plan.unit}),
        "last_state": ((*dims, "state"), frame.strip(last), result.LAST_STATE),
    }


def joined(parts: Sequence[xr.Dataset], axis: Axis) -> xr.Dataset:
    """Join the results of several models along their dimension, if it was asked for."""
    if not axis.asked:
        return parts[0]
    import xarray as xr

    each = [name for name in ("status", "last_interval") if name in parts[0].coords]
    ds = xr.concat(
        [p.reset_coords(each) for p in parts],  # coordinates would be told once where all models are alike
        xr.DataArray(axis.array, dims=axis.name, name=axis.name),
        join="outer",
        coords="different",
        compat="equals",
        combine_attrs="drop_conflicts",  # units and names, where all models have the same
    )
    ds.attrs = result.merged([p.attrs for p in parts])
    return ds.set_coords(each)
