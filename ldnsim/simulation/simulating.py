"""`simulate`: model x regimens x subjects -> xarray.Dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..door import instead
from ..engine.methods import method_named
from ..engine.problem import Decision
from ..engine.solve import MAX_STEPS, RTOL
from ..errors import bad, instance
from ..notebook import watch
from ..readouts import refuse_unseen, warn_of_the_begun, warn_of_the_bent
from . import stream
from .assemble import Frame, run_attrs
from .dosing import warn_of_unread
from .drugs import warn_of_dose, warn_of_opioid
from .grid import given_times, metric_ends, output_times, run_end
from .inputs import check_routes
from .noise import errors_of, scattered
from .observed import RECORDS, Observed
from .plan import Plan
from .reading import read_of, whole_course
from .request import (
    Subjects,
    check_bounds,
    check_numbers,
    models_of,
    named,
    on_one_clock,
    outputs_of,
    refuse_metrics_of_another_clock,
    regimens_of,
    seed_of,
    warn_without_effect,
)
from .solving import Options

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..annotations import Numbers
    from ..model import Model
    from ..readouts import Readout
    from ..regimen import Regimen


@instead(days="give the length in h, duration=672 for 28 days")
def simulate(
    model: Model | Mapping[str, Model],
    regimen: Regimen | str | Mapping[str, Regimen | str | None] | None,
    *,
    subjects: pd.DataFrame | None = None,
    duration: float | None = None,
    every: float = 1.0,
    times: Numbers | str | None = None,
    outputs: Iterable[str] | None = None,
    metrics: Iterable[str | Readout] | None = None,
    amounts: Iterable[str] = (),
    method: str = "auto",
    rtol: float = RTOL,
    atol: float | np.ndarray | None = None,
    max_steps: int = MAX_STEPS,
    threads: int | None = None,
    dtype: str = "float64",
    store: str | Path | None = None,
    progress: bool | None = None,
    seed: int | None = None,
    residual: bool = False,
) -> xr.Dataset:
    """Simulate a model under one or several regimens, for one or many subjects.

    Parameters
    ----------
    model : Model or dict of Model
        What is simulated. A dict adds the dimension ``model``.
    regimen : Regimen, str, dict of these, or None
        What is taken, also in words as `Regimen.parse` reads them, "4.5 mg nightly": for `duration`, or as long
        as they say. A dict adds the dimension ``regimen``; None, also in the dict, is no dose.
    subjects : DataFrame, optional
        One row a subject, a column a parameter; adds the dimension ``subject`` with the index as labels.
        Columns named in ``subjects.attrs["covariates"]`` may be no parameters.
    duration : float, optional
        Time to simulate from the first midnight (h; see Notes). By default to the end of the longest regimen:
        its last dose plus the dosing interval (24 h for a single dose).
    every : float
        Output step (h; see Notes).
    times : sequence of float or "records", optional
        Output times (h, ascending; see Notes), instead of `every`. "records": one value for each observation
        record of the regimen, in the order of its table; one that stands before a dose of the same time shows
        the trough.
    outputs : list of str, optional
        Variables to return; by default ``model.observables``.
    metrics : list of str or Readout, optional
        Return only these readouts, as `summarize` does (threshold 0.8); no time course is stored.

    Returns
    -------
    xarray.Dataset
        Variables over (model, regimen, subject, time), as far as asked for, with ``units`` and ``long_name``;
        ``status`` says "finished" or why not, for each trajectory. A value at a dose instant is the one after
        the dose. Coordinates ``time`` (h since the first midnight) and ``clock`` (hour of day). A trajectory
        that fails is NaN from there on, is counted in one `SolverWarning`, and has its ``fail_time`` and
        ``last_state`` as coordinates.

    Other Parameters
    ----------------
    amounts : list of str
        SBML species to return as amounts, not concentrations.
    method : str
        "auto", "fast", "rodas5p", "tsit5", or SciPy's "LSODA", "BDF", "Radau", "DOP853".
    rtol : float
        Relative tolerance.
    atol : float or array, shape (state,), optional
        Absolute tolerance; by default 1e-3 x rtol x the size of each state in a pilot run.
    max_steps : int
        Steps of the solver that one trajectory may take; one that needs more ends as "too many steps".
    threads : int, optional
        Threads; by default one a core. Results do not depend on it.
    dtype : {"float64", "float32"}
        Of the values returned.
    store : str or Path, optional
        A ``.zarr`` store: results are written as they come, so that memory stays bounded, and are there
        under this name once the run is complete; what was there is replaced.
    progress : bool, optional
        Whether to show a progress bar, on a terminal or in a notebook; by default for long runs.
    seed : int, optional
        Of what is drawn by lot: which of several events of a model goes first where they are due at one time
        and their priorities are equal. By default that of the subjects, or 0. A subject draws the same
        numbers under every regimen and model, whatever the number of threads.
    residual : bool, optional
        Whether the variables that a fit measured scatter as it found: what would be measured of `subjects`,
        which `ldnsim.population` or `ldnsim.posterior` drew from the fit. Drawn with `seed`.

    Raises
    ------
    InputError
        If a value cannot be used; the message names the argument, the value and the rule.
    UnknownNameError
        If a name does not exist; the message suggests the nearest.

    Notes
    -----
    Time is counted in h as soon as any regimen of the call has a dose, and if several models count differently:
    a model in another unit is converted, its parameters stay in its own. Without a dose it is counted in the
    unit of the model, `duration`, `every` and `times` included; ``ds.time.attrs["units"]`` and the attribute
    ``time_unit`` say which. `Model.in_hours` makes it h in any case.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> r = {"LDN": ldn.Regimen.daily(4.5, days=7, at="22:00"), "none": None}
    >>> ldn.simulate(ldn.load_model("ldn"), r).endorphin.dims
    ('regimen', 'time')
    """
    model_axis, models = models_of(model)
    regimen_axis, regimens = regimens_of(regimen, "regimen", models[0], duration, "duration=672")
    who = Subjects(subjects, models)
    check_bounds(models, who)
    models = on_one_clock(models, regimens)
    warn_of_unread(models, regimens)
    if not isinstance(method, Decision):  # what a sweep decided for all its chunks
        method_named(instance("method", method, str, "a name"))
    check_numbers(threads, rtol, dtype, atol, max_steps)
    errors = errors_of(residual, subjects, {"metrics": metrics is not None, "store": store is not None})
    seed = seed_of(seed, models, who, bool(errors))
    for one in models:
        check_routes(one, regimens)
    any(warn_of_opioid(one, regimens) for one in models)
    warn_of_dose(regimens)
    path = stream.checked_store(store)
    if path is not None and isinstance(times, str):
        raise bad("store", store, f"cannot be written with times={times!r}", "save(ds, path) does")
    only = metrics
    outputs = outputs if outputs is None else named("outputs", outputs)
    amounts = named("amounts", amounts)
    if only is not None:
        refuse_metrics_of_another_clock(models)
        stored = {"every": every != 1.0, "times": times is not None, "outputs": outputs is not None}
        warn_without_effect(stored | {"amounts": bool(amounts)}, "when metrics=[...] is given")
    elif times is not None:
        warn_without_effect({"every": every != 1.0}, "when times=[...] is given")
    seen = Observed.of(regimens) if only is None and isinstance(times, str) and times == RECORDS else None
    at = given_times(times if only is None else None) if seen is None else seen.times
    end = run_end(duration, at, regimens)
    ends = metric_ends(duration, at, regimens, end)
    if only is not None:
        at = np.empty(0)
    elif seen is not None:
        at = seen.instants
    elif at is None:
        at = output_times(end, every)
    options = Options(method, rtol, atol, threads, str(dtype), max_steps, seed or 0)
    plans = []
    for one in models:
        shown = outputs_of(outputs, amounts, one) if only is None else {}
        read = read_of(one, shown, only)
        plan = Plan(
            one, regimens, who, shown, at, ends, read.traces, options,
            in_order=seen is not None, readouts=read.wanted, alone=read.alone,
        )  # fmt: skip
        refuse_unseen(read.wanted if read.alone else (), plan.marks)
        plans.append(plan if read.alone or who.axis.asked else replace(plan, whole=whole_course(plan)))
    if only is not None:
        warn_of_the_begun(all(w.complete for w in plans[0].windows))
    if path is None:
        stream.check_fits(plans)
    frame = Frame(model_axis, regimen_axis, who.axis, run_attrs(rtol, atol, seed, who))
    watch()
    ds = stream.run(plans, frame, path, progress)
    ds = ds if seen is None else seen.in_order(ds, regimen_axis.asked)
    warn_of_the_bent(ds)
    return scattered(ds, errors, seed or 0) if errors else ds
