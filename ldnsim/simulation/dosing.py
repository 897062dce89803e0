"""Lowering: regimens become the engine's events, with NONMEM's rules for lags, resets and steady states."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..engine.events import Events
from ..engine.periodic import Periodic, periodic_state
from ..errors import SolverWarning
from ..formulation import Formulations, formulations_of
from ..regimen import Record, Regimen
from ..regimen.record import INTERVAL, RESET, RESET_AND_DOSE
from .cycles import Cycle, cycle_events, recurring, steady_cycle
from .inputs import Bench, Input, named
from .timeline import Timeline, stacked

if TYPE_CHECKING:
    from ..codegen import Program
    from ..model import Model

__all__ = ["Cycle", "Lowering", "events", "lower", "stacked", "steady_cycle"]

JUST_AFTER = 1e-7  # h: covariates of the next record hold from here: outputs at a record are its own
_SAME = 1e-9  # h


def events(program: Program, model: Model, regimens: Sequence[Regimen | None], values: np.ndarray) -> Events:
    """Make the events of each subject under each regimen.

    Parameters
    ----------
    program : Program
        Compiled equations.
    model : Model
        Where they come from; its table of formulations says how doses split.
    regimens : sequence of Regimen or None
        None is no dose.
    values : array, shape (n, n_parameters)
        Parameters of the subjects, in the program's order.

    Returns
    -------
    Events
        Trajectories ordered regimen by regimen, subject by subject. Subjects share a row where neither lag,
        amount, duration nor steady state differs between them.

    Raises
    ------
    InputError
        If a dose does not fit the model.
    UnknownNameError
        If a state, drug or formulation does not exist.
    """
    table = formulations_of(model)
    return stacked([lower(program, r or Regimen(), values, table) for r in regimens])


def lower(program: Program, regimen: Regimen, values: np.ndarray, formulations: Formulations) -> Events:
    """Make the events of `n` subjects under one regimen; see `events`."""
    alike = len(values) > 0 and bool((values == values[:1]).all())
    lowering = Lowering(program, regimen, values[:1] if alike else values, formulations)
    return lowering.run().events(len(values))


class Lowering:
    """One regimen on its way to events, record by record."""

    def __init__(self, program: Program, regimen: Regimen, values: np.ndarray, formulations: Formulations):
        self.program, self.records, self.values = program, regimen.records, values
        self.formulations = formulations
        self.varying = stated(regimen, program.parameters)
        self.n = len(values)

    def run(self) -> Timeline:
        """Lay out all that happens."""
        doses = [self._inputs(k, r) for k, r in enumerate(self.records)]
        if not self.varying and not any(r.ss for r in self.records) and _alike(doses):
            self.n, doses = 1, [[i.of_one() for i in inputs] for inputs in doses]
        self.line = Timeline(self.n)
        if self.varying:
            self._start()
        for k, (record, inputs) in enumerate(zip(self.records, doses, strict=True)):
            self._happen(k, record, inputs)
            if self._changes_after(k):
                self.line.change(record.time + JUST_AFTER, self._constants(k + 1))
        return self.line

    def _inputs(self, k: int, record: Record) -> list[Input]:
        if not record.is_dose:
            return []
        parameters = named(self.program.parameters, self._values(k))
        return Bench(self.program.states, parameters, self.formulations, self.n).inputs(record)

    def _values(self, k: int) -> np.ndarray:
        """Parameters that hold at record k."""
        if not self.varying:
            return self.values
        values = self.values.copy()
        for name, course in self.varying.items():
            values[:, self.program.parameters.index(name)] = course[k]
        return values

    def _constants(self, k: int) -> np.ndarray:
        return self.program.constants_of(self._values(k))

    def _rest(self, k: int) -> np.ndarray:
        return self.program.initial_state(self._constants(k))

    def _start(self) -> None:
        """Let the covariates of the first record hold from the beginning."""
        self.line.change(0.0, self._constants(0))
        self.line.put(0.0, self._rest(0))

    def _changes_after(self, k: int) -> bool:
        """Whether the next record, if it is later, states something else."""
        later = k + 1 < len(self.records) and self.records[k + 1].time > self.records[k].time
        return later and any(course[k + 1] != course[k] for course in self.varying.values())

    def _happen(self, k: int, record: Record, inputs: list[Input]) -> None:
        if record.resets:
            self.line.cancel(record.time)
        if record.evid in (RESET, RESET_AND_DOSE) and record.ss != 1:
            if self.varying:
                self.line.put(record.time, self._rest(k))
            else:
                self.line.reset(record.time)
        if record.ss:
            self._steady(k, record, inputs)
        if not record.is_constant_infusion:
            for given in inputs:
                self._give(given, record.time + record.ii * np.arange(record.addl + 1) + given.lag[:, None])

    def _give(self, given: Input, time: np.ndarray) -> None:
        if given.is_infusion:
            self.line.infusion(time, time + given.duration[:, None], given.state, given.rate)
        else:
            self.line.bolus(time, given.state, given.amount)

    def _steady(self, k: int, record: Record, inputs: list[Input]) -> None:
        """Put all subjects into the steady state of a dose, just before this dose of it is given."""
        time, period = record.time, record.ii or INTERVAL
        constants, rest = self._constants(k), self._rest(k)
        if record.is_constant_infusion:
            inputs = [Input(i.state, i.amount, i.lag * 0, i.rate, i.lag * 0 + period) for i in inputs]
        longer, doses = recurring(self.program, constants, rest, period, [(0.0, inputs)], time)
        happens = cycle_events(self.n, doses, time, longer)
        state = self._periodic(rest, constants, happens, longer, time)
        if record.ss == 1:
            self.line.put(time, state)
        else:  # what the doses add to the steady state without any
            idle = self._periodic(rest, constants, cycle_events(self.n, [], time, longer), longer, time)
            self.line.increase(time, state - idle)
        if not record.is_constant_infusion:
            for given in inputs:
                self._remains(given, time, period)

    def _periodic(self, rest, constants, happens: Events, period: float, time: float) -> np.ndarray:
        found = periodic_state(self.program.system, rest, constants, happens, period, t0=time)
        _warn(found, self.program.states)
        return found.state

    def _remains(self, given: Input, time: float, period: float) -> None:
        """Let what is left of the doses before a steady-state dose arrive or run on."""
        for k in range(1, int(np.max((given.lag + given.duration) / period)) + 2):
            arrival = time + given.lag - k * period
            start = np.maximum(arrival, time)
            if given.is_infusion:
                self.line.infusion(start, arrival + given.duration, given.state, given.rate)
            else:
                coming = arrival > time - _SAME
                self.line.bolus(np.where(coming, start, np.inf), given.state, given.amount)


def _alike(doses: list[list[Input]]) -> bool:
    return all((a == a[:1]).all() for inputs in doses for given in inputs for a in given.arrays)


def under_records(regimen: Regimen | None, parameters: Sequence[str], values: np.ndarray) -> np.ndarray:
    """Parameters of subjects, shape (n, n_parameters), where a regimen states the same in all its records."""
    found = {} if regimen is None else stated(regimen, parameters)
    if not found:
        return values
    values = values.copy()
    for name, course in found.items():
        values[:, parameters.index(name)] = course[0]
    return values


def stated(regimen: Regimen, parameters: Sequence[str]) -> dict[str, list[float]]:
    """Value of each parameter that the records state, at each record: the next one stated, else the last."""
    low = {p.lower(): p for p in parameters}
    found: dict[str, list[float]] = {}
    for column in regimen.covariates:
        name = column if column in parameters else low.get(column.lower())
        if name is None and column[:2].upper() in ("R_", "D_"):
            continue  # read where a dose is made
        if name is None:
            _warn_of_near_miss(column, parameters)
            continue
        stated = [r.get(column) for r in regimen.records]
        course, following = [], next(v for v in reversed(stated) if v is not None)
        for value in reversed(stated):
            following = following if value is None else value
            course.append(following)
        found[name] = course[::-1]
    return found


def _warn_of_near_miss(column: str, parameters: Sequence[str]) -> None:
    near = difflib.get_close_matches(column, parameters, n=1, cutoff=0.8)
    if near:
        warnings.warn(
            f"the column {column!r} of the records changes nothing: no parameter has this name, "
            f"did you mean {near[0]!r}?",
            UserWarning,
            stacklevel=2,
        )


def _warn(found: Periodic, states: Sequence[str]) -> None:
    if not found.converged.all():
        lost = f"{(~found.converged).sum()} of {len(found.converged)} subjects"
        warnings.warn(f"no steady state for {lost}: {found.why(states)}", SolverWarning, stacklevel=2)
