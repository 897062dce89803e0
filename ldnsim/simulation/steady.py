"""`steady_state`: one period of a regimen that has been going on for ever, found directly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from ..codegen.program import program
from ..engine.events import Events
from ..engine.methods import method_named
from ..engine.problem import Decision
from ..engine.solve import MAX_STEPS, RTOL, prepare
from ..errors import SolverWarning, instance, warn_user
from ..model import Model
from ..readouts.marks import RUN
from ..regimen import Dose, Regimen
from ..regimen.asked import regimen_of
from ..regimen.window import Window, cycle_of, deciding, whole_cycles, window_of
from .assemble import Frame, dataset, run_attrs
from .cycles import Cycle, steady_cycle, words_of_gathering
from .dosing import under_records, warn_of_unread
from .drugs import drug_of, values_under, warn_of_opioid
from .gathering import Gathered
from .grid import output_times
from .inputs import check_routes
from .pieces import Piece
from .plan import Plan
from .reading import read_of
from .request import Axis, Subjects, check_bounds, check_numbers, named, outputs_of
from .solving import Options
from .stream import Failures, check_fits

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

_SOME = 28  # days of doses whose words do not say for how long; how many there are does not matter
NOT_FOUND = "no steady state"


def steady_state(
    model: Model,
    regimen: Regimen | str | None,
    *,
    subjects: pd.DataFrame | None = None,
    every: float = 1.0,
    outputs: Iterable[str] | None = None,
    method: str = "auto",
    rtol: float = RTOL,
    atol: float | np.ndarray | None = None,
    max_steps: int = MAX_STEPS,
    threads: int | None = None,
) -> xr.Dataset:
    """One period at steady state: the state that comes back is solved for, not waited for.

    Parameters
    ----------
    model : Model
        What is simulated.
    regimen : Regimen, str or None
        Or its words, as `simulate` takes them. Its doses must repeat after a common period; how many there are does
        not matter. What its records state of parameters must be the same in all of them. None is no dose: a day of
        a subject at rest.
    subjects : DataFrame, optional
        As for `ldnsim.simulate`.
    every : float
        Output step (h).
    outputs : list of str, optional
        Variables to return; by default ``model.observables``.

    Returns
    -------
    xarray.Dataset
        As `ldnsim.simulate` gives it, over one period from a midnight on; `ldnsim.summarize` works on it. The
        period is the attribute ``period`` (h). A subject for whom no steady state is found is NaN, has the
        status "no steady state", and is counted in one `SolverWarning`.

    Other Parameters
    ----------------
    method, rtol, atol, max_steps, threads
        As for `ldnsim.simulate`, for the period that is returned; see Notes.

    Raises
    ------
    InputError
        If the doses have no common period, or the model depends on time in a way that never repeats.

    Notes
    -----
    The state at the start is found by Newton's method on the map over one period, to 1e-8 of the size of each
    state, whatever `rtol` and `method` are; they govern the one period from there.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> day = ldn.steady_state(ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=1, at="22:00"))
    >>> float(day.time[-1])
    24.0
    """
    instance("model", model, Model, "a Model", "ldnsim.load_model('ldn')")
    regimen = regimen_of("regimen", regimen, model, _SOME)
    method_named(instance("method", method, str, "a name"))
    check_numbers(threads, rtol, atol=atol, max_steps=max_steps)
    who = Subjects(subjects, [model])
    check_bounds([model], who)
    model = model.in_hours()
    check_routes(model, [regimen])
    warn_of_opioid(model, [regimen])
    warn_of_unread([model], [regimen])
    shown = outputs_of(None if outputs is None else named("outputs", outputs), (), model)
    everyone = slice(0, len(who))
    equations = program(model)
    values = values_under(model, drug_of(model, regimen), who.values(model, everyone))
    values = under_records(regimen, equations.parameters, values)
    cycle = steady_cycle(equations, model, regimen, values, threads=threads)
    window = window_of_a_cycle(regimen, cycle.period)
    options = Options(method, rtol, atol, threads, "float64", max_steps)
    at = output_times(cycle.period, every)
    read = read_of(model, shown)
    plan = CyclePlan(
        model, [regimen], who, shown, at, [window.end], read.traces, options,
        cycle=cycle, window=window, values=values, readouts=read.wanted,
    )  # fmt: skip
    check_fits([plan], "")
    attrs = run_attrs(rtol, atol, None, who) | {"period": cycle.period}
    frame = Frame(Axis("model", (model.name,), False), Axis("regimen", ("",), False), who.axis, attrs)
    gathered = Gathered(plan, Piece(slice(0, 1), everyone)).run(None, lambda n: None)
    failures = Failures()
    failures.note(gathered, frame)
    failures.warn()
    return _without_the_lost(dataset(gathered, frame), cycle, plan.program.states)


def doses_of_a_period(regimen: Regimen | None, period: float) -> list[Dose]:
    """Doses from time 0 on, for a period that may hold several of the regimen's own."""
    if regimen is None or not regimen.cycle:
        return []
    own = cast("float", regimen.period)  # steady_cycle refuses a regimen without
    starts = np.arange(round(period / own)) * own
    return [dose._replace(time=dose.time + start) for start in starts for dose in regimen.cycle]


def window_of_a_cycle(regimen: Regimen | None, period: float) -> Window:
    """Choose what the metrics describe: a cycle of the doses; hours per day over periods, days if possible.

    Parameters
    ----------
    regimen : Regimen or None
        Its doses repeat after ``regimen.period``; without doses it is the last day.
    period : float
        After which all repeats (h), a multiple of it.
    """
    if regimen is None or not regimen.cycle:
        return window_of(Regimen(), period)
    doses = deciding(regimen.cycle)
    own = cast("float", regimen.period)
    back, cycle = whole_cycles(period, np.inf), cycle_of(doses, own)
    end = doses[0].time + back
    last = doses[-1].time + back - own
    return Window(end - cycle, end, last, end - back)


@dataclass(frozen=True, eq=False)
class CyclePlan(Plan):
    """Runs that start in the periodic state of each subject and go on into the next periods.

    The metrics' window may end after the period does, and all of it is needed.

    Attributes
    ----------
    cycle : Cycle
        One period.
    window : Window
        What readouts describe.
    values : array, shape (n, n_parameters)
        Parameters of the subjects, under the drug they take.
    """

    cycle: Cycle
    window: Window
    values: np.ndarray

    @cached_property
    def doses(self) -> list[Sequence[Dose]]:
        """Doses of the period."""
        return [doses_of_a_period(self.regimens[0], self.cycle.period)]

    @cached_property
    def windows(self) -> list[Window]:
        """What readouts describe."""
        return [self.window]

    @cached_property
    def decision(self) -> Decision:
        """How all subjects are solved: decided by the first of them."""
        constants, y0, events = self._inputs(self.regimens, self.values)
        some = slice(0, 2)
        o = self.options
        return prepare(
            self.program.system, y0[some], constants[some], replace(events, row=events.row[some]), np.array([self.end]),
            method=o.method, rtol=o.rtol, atol=o.atol, outputs=np.empty(0, np.int64), threads=o.threads,
            max_steps=o.max_steps, inputs=events.infuse,
        ).decision  # fmt: skip

    def pieces(self, slab: Piece, most: float | None) -> Iterator[Piece]:
        """All at once, as their states were found at once."""
        yield slab

    def _inputs(self, regimens: Sequence[Regimen | None], values: np.ndarray):
        once, n = self.cycle.events, int(np.ceil(self.end / self.cycle.period)) + 1
        time = np.concatenate([once.time + k * self.cycle.period for k in range(n)], axis=1)
        order = np.argsort(time, axis=1, kind="stable")
        columns = [np.tile(getattr(once, name), n) for name in ("kind", "index", "value")]
        rows = [np.take_along_axis(array, order, axis=1) for array in (time, *columns)]
        return self.program.constants_of(self.values), self.cycle.found.state, Events(once.row, *rows)


def _without_the_lost(ds: xr.Dataset, cycle: Cycle, states: Sequence[str]) -> xr.Dataset:
    """Blank what has no steady state, and warn once."""
    if words := words_of_gathering(cycle.found, states):
        warn_user(words, SolverWarning)
    lost = ~cycle.found.converged
    if not lost.any():
        return ds
    warn_user(
        f"{int(lost.sum())} of {lost.size} subjects have no steady state: {cycle.found.why(states)}",
        SolverWarning,
    )
    keep = ds.status.copy(data=~lost.reshape(ds.status.shape))
    found = ds.status.where(keep, NOT_FOUND)
    keep = keep.squeeze(RUN, drop=True) if RUN in keep.dims else keep
    blank = {name: v.where(keep) for name, v in ds.data_vars.items()}
    nodes = {"last_interval": ds.last_interval.where(keep)} if "last_interval" in ds.coords else {}
    return ds.assign(blank).assign_coords(nodes | {"status": found})
