"""Run plans slab by slab: into memory, or into a zarr store that may be larger than it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..engine.status import Status
from ..errors import SolverWarning, warn_user
from ..io import append_zarr, checked_target, drop_from_zarr, in_place, open_store, seal, write_zarr
from ..memory import check_room
from .assemble import RECORD, Frame, dataset, joined
from .gathering import Gathered
from .pieces import GROUP, Piece
from .plan import PIECE_BYTES, Plan
from .watching import Bar

if TYPE_CHECKING:
    import xarray as xr

SLAB_BYTES = 128e6
COURSE_BYTES = 256e6  # courses of one piece are returned as they lie in memory, those of several are copied


def checked_store(store: str | Path | None) -> Path | None:
    """Refuse a store that could not be written, before anything is computed."""
    return None if store is None else checked_target(store, (".zarr",), "store")


def check_fits(
    plans: Sequence[Plan], what: str = "metrics=[...] keeps numbers only, store='run.zarr' writes to disk, "
) -> None:
    """Refuse a result that would not fit into memory, before anything is computed."""
    one = plans[0]
    counts = {
        "models": len(plans), "regimens": len(one.regimens), "subjects": len(one.subjects),
        "outputs": len(one.variables), "times": one.times.size,
    }  # fmt: skip
    made_of = " x ".join(f"{n} {name}" for name, n in counts.items() if n > 1)
    size = sum(plan.bytes_kept for plan in plans) * (1 if len(plans) == 1 else 2)  # joined, there are two
    check_room("result", size, made_of, what + "fewer outputs=[...] or a larger every= make it smaller")


class Failures:
    """Trajectories that did not finish, for one warning at the end."""

    def __init__(self) -> None:
        self.n = self.total = self.lost = 0
        self.first = ""
        self.reasons: dict[Status, int] = {}

    def note(self, gathered: Gathered, frame: Frame) -> None:
        """Look at how the trajectories of a slab ended."""
        status = gathered.status
        self.total += status.size
        self.lost += int(gathered.lost.sum())
        for k in np.unique(status[status != Status.FINISHED]):
            self.reasons[Status(k)] = self.reasons.get(Status(k), 0) + int((status == k).sum())
        failed = np.argwhere(status != Status.FINISHED)
        if len(failed) and not self.first:
            self.first = self._described(gathered, frame, *failed[0])
        self.n += len(failed)

    @staticmethod
    def _described(gathered: Gathered, frame: Frame, i: int, k: int) -> str:
        where = [
            f"{name} {labels[j].item() if hasattr(labels[j], 'item') else labels[j]!r}"
            for (name, labels), j in zip(
                frame.axes(gathered.slab).items(),
                [j for j, axis in ((i, frame.regimens), (k, frame.subjects)) if axis.asked],
                strict=True,
            )
        ]
        status = Status(gathered.status[i, k])
        place = ", ".join(where) or "the run"
        return f"{place} at {gathered.fail_time[i, k]:.4g} {gathered.plan.unit}, {status.message}; {status.remedy}"

    def warn(self) -> None:
        """Warn once, if there is anything to warn of."""
        if self.n:
            counts = ", ".join(f"{n} {s.name.lower().replace('_', ' ')}" for s, n in self.reasons.items())
            warn_user(
                f"{self.n} of {self.total} trajectories did not finish ({counts}), missing from then on. "
                f"The first: {self.first}. See ds.status, ds.fail_time and ds.last_state.",
                SolverWarning,
            )
        if self.lost:
            warn_user(
                f"{self.lost} of {self.total} courses turn faster than the nodes of readouts can follow, so that "
                "readouts may be off: ask for metrics of a shorter run, or read them off a course, simulate(..., every=0.01)"
            )


def run(
    plans: Sequence[Plan],
    frame: Frame,
    store: Path | None,
    progress: bool | None,
) -> xr.Dataset:
    """Run the plans of all models and label the result.

    Parameters
    ----------
    plans : sequence of Plan
        One a model.
    frame : Frame
        Dimensions of the result.
    store : Path or None
        Where to stream the result.
    progress : bool or None
        See `simulate`.
    """
    failures = Failures()
    n_regimens, n_subjects = len(frame.regimens), len(frame.subjects)
    with Bar(len(plans) * n_regimens * n_subjects, progress) as bar:
        slabs = _slabs(plans, frame, bounded=store is not None and not plans[0].alone)
        appended = len(slabs) > 1
        parts = (_slab(plans, slab, frame, appended, store is not None, failures, bar) for slab in slabs)
        if store is None:
            (ds,) = parts
        else:
            with in_place(store) as new:
                for k, ds in enumerate(parts):
                    if k:
                        append_zarr(ds, new, _growing(frame), ragged="node")
                    else:
                        write_zarr(ds, new)
                if not failures.n:
                    drop_from_zarr(new, RECORD)
                seal(new)
    failures.warn()
    return ds if store is None else open_store(store, checked=False)


def _slab(plans, slab, frame, appended, stored, failures, bar) -> xr.Dataset:
    """Run one slab of all models and label it; in slabs of a store all models have as many nodes."""
    found = []
    for plan in plans:
        gathered = Gathered(plan, slab)
        gathered.run(PIECE_BYTES if plan.alone or bar.shown else COURSE_BYTES, bar.done)
        failures.note(gathered, frame)
        found.append(gathered)
    width = max(gathered.most_nodes for gathered in found) if appended else 0
    parts = [dataset(gathered, frame, always_report=stored, node_width=width) for gathered in found]
    return joined(parts, frame.models)


def _growing(frame: Frame) -> str:
    return "subject" if len(frame.subjects) > 1 else "regimen"


def _slabs(plans: Sequence[Plan], frame: Frame, bounded: bool) -> list[Piece]:
    """Cut the result along one dimension, so that slabs can be appended to a store."""
    every = Piece(slice(0, len(frame.regimens)), slice(0, len(frame.subjects)))
    if not bounded:
        return [every]
    along = max(every.shape) if 1 in every.shape else every.shape[1]
    across = every.shape[0] * every.shape[1] // along
    size = max(plan.bytes_each for plan in plans) * across
    step = max(GROUP, int(SLAB_BYTES / size) // GROUP * GROUP)
    cuts = [slice(k, min(k + step, along)) for k in range(0, along, step)]
    if len(frame.subjects) > 1:
        return [Piece(every.regimens, cut) for cut in cuts]
    return [Piece(cut, every.subjects) for cut in cuts]
