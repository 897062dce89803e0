"""`open_sweep`: what a store holds, finished or not, with what is damaged in it named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import a_path, warn_user
from .assemble import assembled, sorted_dims
from .description import axes_in, chunks_in, dims_in
from .grid import Dim
from .store import Store
from .work import Chunk, place_of

if TYPE_CHECKING:
    import xarray as xr


def open_sweep(store: str | os.PathLike) -> xr.Dataset:
    """Open what a sweep has finished so far; also while it runs.

    Parameters
    ----------
    store : str or Path
        The folder of the sweep.

    Returns
    -------
    xarray.Dataset
        As `sweep` gives it; what is not there yet is NaN, and its ``status`` is "not yet computed". A chunk
        whose file is not as it was written is NaN too, with the status "damaged", and a warning names it.

    Raises
    ------
    InputError
        If the folder holds no sweep, or its plan is not as it was written.

    Examples
    --------
    >>> import tempfile
    >>> import ldnsim as ldn
    >>> store = tempfile.mkdtemp() + "/run"
    >>> grid = {"dose": [1.5, 4.5]}
    >>> ds = ldn.sweep(ldn.load_model("ldn"), grid, days=3, metrics=["change_il6"], store=store)
    >>> ldn.open_sweep(store).change_il6.dims
    ('dose',)
    """
    kept = Store(a_path("store", store))
    frame = kept.plan()["frame"]
    kept.check()
    every, dims = chunks_in(frame), dims_in(frame)
    damaged = [c for c in every if c.number in kept.spoilt]
    _tell_of_damage(kept, damaged, dims)
    chunks = [c for c in every if c.number in kept.finished]
    parts = ((c, kept.read(c.number)) for c in chunks)
    attrs = {"seed": frame["seed"], "finished": f"{len(chunks)} of {len(every)} chunks"}
    return assembled(tuple(frame["shape"]), dims, axes_in(frame), parts, attrs, damaged)


def _tell_of_damage(kept: Store, damaged: list[Chunk], dims: list[Dim]) -> None:
    """Warn of chunks that were computed and are not in the result."""
    outer, dosing, _ = sorted_dims(dims)
    told = [
        f"{kept.file(c.number)}: {kept.spoilt[c.number]} ({place_of(c, tuple(outer), tuple(dosing))})"
        for c in damaged
    ]
    lines = kept.journal.damaged()
    if lines:
        told.append(f"{kept.journal.path}: line {lines[0]} cannot be read")
    if len(kept.unlisted) > 1:
        told.append(f"{kept.journal.path}: says nothing of {kept.unlisted[0].name}, so lines are missing")
    if told:
        more = f" and {len(told) - 3} more" if len(told) > 3 else ""
        warn_user(
            f"{'; '.join(told[:3])}{more}: missing from the result, and computed again by the same sweep "
            "with resume=True",
        )
