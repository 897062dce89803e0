"""`sweep`: a grid of regimens, parameters, scenarios and conditions as one labelled, resumable result."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from ..engine.methods import method_named
from ..engine.solve import RTOL, check_rtol
from ..errors import a_path, bad, instance, positive, unknown, warn_user, whole
from ..model import Model
from ..readouts import asked_of, readouts_of, refuse_silent
from ..simulation.grid import given_times, output_times, run_end
from ..simulation.inputs import check_routes
from ..simulation.request import named, on_one_clock, outputs_of, warn_without_effect
from ..simulation.watching import Bar
from . import executors
from .assemble import of_work, warn_of_failures
from .description import described
from .grid import DOSING, Dosing, dims_of, worded
from .interrupt import told_how_to_resume
from .rows import GridRows
from .store import Store
from .work import NODES, Work

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from distributed import Client

    from ..annotations import Numbers
    from ..readouts import Readout

CHUNK = 4096  # trajectories
CHUNK_BYTES = 64e6


def sweep(
    model: Model,
    over: Mapping[Any, Any],
    *,
    subjects: pd.DataFrame | None = None,
    draws: pd.DataFrame | None = None,
    metrics: Iterable[str | Readout] | None = None,
    outputs: Iterable[str] | None = None,
    store: str | os.PathLike | None = None,
    resume: bool = False,
    executor: str | Client | None = None,
    workers: int | None = None,
    progress: bool | None = None,
    duration: float | None = None,
    every: float = 1.0,
    times: Numbers | None = None,
    chunk: int | None = None,
    method: str = "auto",
    rtol: float = RTOL,
    threads: int | None = None,
    **regimen: Unpack[Dosing],
) -> xr.Dataset:
    """Simulate every point of a grid.

    Parameters
    ----------
    model : Model
        What is simulated.
    over : dict
        What is varied: name -> values. A name is an argument of the regimen (``dose, at, ii, n, days,
        formulation, drug, cmt, rate, lag, F, ss, steps``), a parameter, ``"scenario"``, ``"condition"``, or
        ``"regimen"`` with a dict of regimens, also in words (for `days`, or as long as they say). Names in a
        tuple are varied together: ``{("dose", "at"): [(4.5, "22:00"), (50, "08:00")]}`` gives one dimension
        ``dose_at``.
    subjects : DataFrame, optional
        People, as for `simulate`; adds the dimension ``subject``.
    draws : DataFrame, optional
        Draws of uncertain parameters, such as ``ldn.posterior(model)``; adds the dimension ``draw``. With
        both, every person is simulated under every draw, and `variance_split` tells the two apart.
    metrics : list of str or Readout, optional
        Readouts to compute, as `summarize` takes them; by default all that the model offers, unless `outputs`
        are given.
    outputs : list of str, optional
        Variables whose time course is wanted instead.
    store : str or Path, optional
        A folder in which finished chunks are kept, so that the sweep survives any death of the process. At
        the end it holds ``result.nc`` too.
    resume : bool
        Go on with what `store` holds.
    executor : None, "dask" or distributed.Client
        Where chunks are computed. See Notes.
    workers : int, optional
        Workers of "dask"; by default one a core.
    progress : bool, optional
        A bar with rate and time left, on a terminal or in a notebook; by default for long runs.
    **regimen
        Arguments of the regimen that are not varied: ``days=14, at="22:00"``, or ``regimen=`` a Regimen or its words.

    Returns
    -------
    xarray.Dataset
        The grid as dimensions in the order given, then ``draw``, ``subject`` and what a variable has beside.
        The same bits in memory, from a store, after a resume, and from Dask.

    Other Parameters
    ----------------
    duration, every, times, method, rtol, threads
        As for `simulate`. All points are simulated to the same end, by default that of the longest regimen. What is
        read is then the last interval that is over by that end, where `simulate` and `compare` without a `duration`
        take the last one that is over by the end of each regimen: they differ for one whose drugs end apart.
    chunk : int, optional
        Trajectories of a chunk, about; by default some 4096, fewer where time courses are long.

    Raises
    ------
    InputError
        If a value cannot be used, or a store was begun with another plan; the message names what differs.
        Without a store, also if the result would not fit into memory.
    UnknownNameError
        If a name does not exist.

    Notes
    -----
    A ``distributed.Client`` of any cluster will do. On SLURM::

        from dask_jobqueue import SLURMCluster
        from distributed import Client
        cluster = SLURMCluster(cores=1, memory="4GB", walltime="04:00:00")
        cluster.scale(64)
        ldn.sweep(..., store="run", resume=True, executor=Client(cluster))

    On Kubernetes, with an image that has ldnsim in it::

        from dask_kubernetes.operator import KubeCluster
        cluster = KubeCluster(image="registry/ldnsim:0.1", n_workers=64)
        ldn.sweep(..., store="run", resume=True, executor=Client(cluster))

    Workers compute, this process writes; so only this machine needs the folder, and a lost worker costs at
    most the chunks it had. Give workers one thread each.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> model = ldn.load_model("ldn")
    >>> ds = ldn.sweep(model, {"dose": [1.5, 4.5], "at": ["08:00", "22:00"]}, days=3, metrics=["change_il6"])
    >>> ds.change_il6.dims
    ('dose', 'at')
    """
    instance("resume", resume, bool, "True or False")
    work = work_of(
        model, over, subjects=subjects, draws=draws, metrics=metrics, outputs=outputs, duration=duration,
        every=every, times=times, chunk=chunk, method=method, rtol=rtol, **regimen,
    )  # fmt: skip
    attrs = {"seed": "" if work.rows.persons.seed is None else work.rows.persons.seed}
    with executors.cluster(executor, workers) as client:
        if store is None:
            if resume:
                raise bad("resume", resume, "needs the store to resume from")
            work.check_fits()
            found = dict(_run(work, range(len(work.chunks)), client, threads, progress, None))
            ds = of_work(work, ((c, found[c.number]) for c in work.chunks), attrs)
        else:
            ds = _stored(work, Store(a_path("store", store)), resume, client, threads, progress, attrs)
    warn_of_failures(ds)
    return ds


def work_of(
    model, over, *, subjects=None, draws=None, metrics=None, outputs=None, duration=None, every=1.0,
    times=None, chunk=None, method="auto", rtol=RTOL, **regimen,
) -> Work:  # fmt: skip
    """Check everything before anything is computed; arguments as for `sweep`."""
    if not isinstance(model, Model):
        raise bad("model", type(model).__name__, "must be a Model", "ldnsim.load_model('ldn')")
    method_named(instance("method", method, str, "a name"))
    check_rtol(rtol)
    for name in regimen:
        if name not in DOSING:
            raise unknown("argument", name, DOSING, limit=len(DOSING))
    if isinstance(over, Mapping):
        over, regimen = worded(model, over, regimen, duration)
    dims = dims_of(model, over)
    varied = {key for dim in dims for key in dim.keys}
    for name in regimen:
        if name in varied:
            raise bad(name, regimen[name], "is varied too", f"leave it out, or take it out of over[{name!r}]")
    rows = GridRows(model, tuple(d for d in dims if d.kind == "values"), draws, subjects)
    for table, who in (("subjects", rows.persons), ("draws", rows.drawn)):
        for name in who.columns:
            if name in varied:
                rule = f"is varied too, which would overrule the column of {table}"
                raise bad(f"over[{name!r}]", "...", rule, f"{table}.drop(columns={name!r})")
    if metrics is not None and outputs is not None:
        raise bad("outputs", outputs, "contradicts metrics", "give one of the two")
    size = CHUNK if chunk is None else whole("chunk", chunk, 1)
    work = Work(model, dims, dict(regimen), rows, {}, size)
    how = {"duration": duration, "every": every, "times": times, "method": method, "rtol": rtol}
    return _looked_at(work, how, metrics, outputs, chunk is None)


def _looked_at(work: Work, how: dict, metrics, outputs, free: bool) -> Work:
    """Add what is looked at, and to which end, the same in all chunks."""
    at = given_times(how["times"])
    regimens = dict.fromkeys(r for o in work.outer_of_regimens for r in work.regimens(o))
    check_routes(work.model, regimens)
    work = replace(work, model=on_one_clock([work.model], regimens)[0])  # decided once, for all chunks
    end = run_end(how["duration"], at if outputs is not None else None, list(regimens))
    positive("every", how["every"], "h")
    own = {"duration": end, "method": how["method"], "rtol": how["rtol"]}
    if outputs is None:
        stored = {"every": how["every"] != 1.0, "times": at is not None}
        warn_without_effect(stored, "unless outputs=[...] are given")
        quiet = _silent(work)
        if metrics is None:
            none = {name for silent in quiet.values() for name in silent}
            wanted = tuple(r for r in readouts_of(work.model) if r.variable not in none)
        else:
            wanted = asked_of(metrics, work.model, "metrics")
            for condition, silent in quiet.items():
                refuse_silent(wanted, silent, repr(condition), "metrics")
        return replace(work, how={**own, "metrics": wanted})
    shown = list(outputs_of(named("outputs", outputs), (), work.model))
    for condition in _silent(work):
        outputs_of(tuple(shown), (), work.model.with_condition(condition))
    look = {"every": how["every"]} if at is None else {"times": at.tolist()}
    n_times = len(output_times(end, how["every"]) if at is None else at)
    size = (
        min(work.size, max(1, int(CHUNK_BYTES / (8 * len(shown) * (n_times + NODES))))) if free else work.size
    )
    return replace(work, how={**own, **look, "outputs": shown}, size=size)


def _silent(work: Work) -> dict[str, tuple[str, ...]]:
    """Name what is not to be had in a condition of the grid, by condition."""
    points = [dim.settings(k) for dim in work.dims for k in range(len(dim)) if "condition" in dim.keys]
    presets = work.model.condition_presets
    return {c: presets[c].silent for c in (p["condition"] for p in points) if c and presets[c].silent}


# --- running ----------------------------------------------------------------------------------------------


def _run(work: Work, numbers: Sequence[int], client, threads, progress, keep) -> Iterator[tuple[int, Any]]:
    """Compute chunks, hand each to `keep` as it comes, and yield it."""
    work = work.decided(numbers)
    source = (
        executors.here(work, numbers, threads)
        if client is None
        else executors.on_dask(work, numbers, client, threads)
    )
    with Bar(sum(work.chunks[n].size for n in numbers), progress) as bar:
        for number, answer, seconds in source:
            if keep is not None:
                keep(number, answer, seconds)
            bar.done(work.chunks[number].size)
            yield number, answer


def _stored(work: Work, store: Store, resume: bool, client, threads, progress, attrs) -> xr.Dataset:
    plan = described(work, attrs["seed"])
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(store.locked())
        except OSError as error:  # it cannot be written; what is finished can be read all the same
            if resume and store.exists:
                return _finished(work, store, plan, attrs, error)
            raise
        store.begin(plan, resume)
        store.check()
        for number, wrong in store.spoilt.items():
            where = work.where(work.chunks[number])
            warn_user(
                f"{store.file(number)}: {wrong}; chunk {number} ({where}) is computed again"
            )
        missing = [c.number for c in work.chunks if c.number not in store.finished]
        with told_how_to_resume(store, len(work.chunks)):
            for _ in _run(work, missing, client, threads, progress, store.keep):
                pass
            ds = _assembled(work, store, attrs)
            store.write_result(ds, bool(missing))
    return ds


def _finished(work: Work, store: Store, plan: dict, attrs: dict, error: OSError) -> xr.Dataset:
    """Read a sweep that is finished; raise the error if it is not."""
    store.refuse_other(plan)
    store.check()
    if any(c.number not in store.finished for c in work.chunks):
        raise error
    return _assembled(work, store, attrs)


def _assembled(work: Work, store: Store, attrs: dict) -> xr.Dataset:
    return of_work(work, ((c, store.read(c.number)) for c in work.chunks), attrs)
