"""Lowering: regimens become the engine's events, with NONMEM's rules for lags, resets and steady states."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..engine.events import Events
from ..engine.instants import width
from ..engine.periodic import Periodic, periodic_state
from ..errors import InputError, SolverWarning, nearest, warn_user
from ..formulation import Formulations, formulations_of
from ..regimen import Record, Regimen
from ..regimen.record import INTERVAL, RESET, RESET_AND_DOSE
from ..regimen.schedule import instants
from .cycles import Cycle, cycle_events, recurring, steady_cycle, strays, words_of_gathering
from .inputs import MODELLED_LETTERS, Bench, Input, modelled_names, named
from .timeline import Timeline, stacked

if TYPE_CHECKING:
    from ..codegen.program import Program
    from ..model import Model

__all__ = ["Cycle", "DoseLowering", "events", "lower", "stacked", "steady_cycle"]

JUST_AFTER = 1e-7  # h: covariates of the next record hold from here: outputs at a record are its own
_OF_NONMEM = {"F": "F", "BIO": "F", "ALAG": "lag", "TLAG": "lag"}  # with a state's number: what it is here


def events(
    program: Program,
    model: Model,
    regimens: Sequence[Regimen | None],
    values: np.ndarray,
    in_order: bool = False,
    nominal: np.ndarray | None = None,
) -> Events:
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
    in_order : bool
        Whether records act at their `instants`, so that each observation can be seen at its place.
    nominal : array, shape (1, n_parameters), optional
        Parameters of the nominal subject; None: the first subject leads a search for a steady state.

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
    return stacked([lower(program, r or Regimen(), values, table, in_order, nominal) for r in regimens])


def lower(
    program: Program,
    regimen: Regimen,
    values: np.ndarray,
    formulations: Formulations,
    in_order: bool = False,
    nominal: np.ndarray | None = None,
) -> Events:
    """Make the events of `n` subjects under one regimen; see `events`."""
    alike = len(values) > 0 and bool((values == values[:1]).all())
    own = values[:1] if alike else values
    if nominal is not None and any(r.ss for r in regimen.records):
        with contextlib.suppress(InputError):  # of the nominal subject, who may have no such dose
            line = DoseLowering(
                program, regimen, np.vstack([own, nominal]), formulations, in_order, True
            ).run()
            found = line.events(len(own) + 1)
            return replace(found, row=np.zeros(len(values), np.int64) if alike else found.row[:-1])
    return DoseLowering(program, regimen, own, formulations, in_order).run().events(len(values))


class Periods(NamedTuple):
    """Parameters of subjects that are others in each period of a regimen.

    Attributes
    ----------
    which : array of int, shape (record,)
        Period of each record, from 0.
    values : array, shape (period, n, n_parameters)
    """

    which: np.ndarray
    values: np.ndarray


class DoseLowering:
    """One regimen on its way to events, record by record.

    The last of the subjects may lead: the nominal one, by whom a search for a steady state decides how to solve,
    so that what is found for the others does not depend on who they are.
    """

    def __init__(
        self,
        program: Program,
        regimen: Regimen,
        values: np.ndarray,
        formulations: Formulations,
        in_order: bool = False,
        led: bool = False,
        periods: Periods | None = None,
    ) -> None:
        self.program, self.records, self.values, self.led = program, regimen.records, values, led
        self.periods = periods
        self.times = instants(regimen.records) if in_order else [r.time for r in regimen.records]
        self.formulations = formulations
        self.varying = stated(regimen, program.parameters)
        self.n = len(values)

    def run(self) -> Timeline:
        """Lay out all that happens."""
        doses = [self._inputs(k, r) for k, r in enumerate(self.records)]
        if not self._changes and not any(r.ss for r in self.records) and _alike(doses):
            self.n, doses = 1, [[i.of_one() for i in inputs] for inputs in doses]
        self.line = Timeline(self.n)
        if self._changes:
            self._start()
        for k, (record, inputs) in enumerate(zip(self.records, doses, strict=True)):
            self._bring_in_force(k, self.times[k])
            self._happen(k, record, inputs)
            self._look_ahead(k)
        return self.line

    @property
    def _changes(self) -> bool:
        """Whether parameters change from record to record."""
        return bool(self.varying) or self.periods is not None

    def _inputs(self, k: int, record: Record) -> list[Input]:
        if not record.is_dose:
            return []
        parameters = named(self.program.parameters, self._values(k))
        return Bench(self.program.states, parameters, self.formulations, self.n, self.program.hours).inputs(
            record
        )

    def _values(self, k: int) -> np.ndarray:
        """Parameters that hold at record k."""
        values = self.values if self.periods is None else self.periods.values[self.periods.which[k]]
        if not self.varying:
            return values
        values = values.copy()
        for name, course in self.varying.items():
            values[:, self.program.parameters.index(name)] = course[k]
        return values

    def _constants(self, k: int) -> np.ndarray:
        return self.program.constants_of(self._values(k))

    def _rest(self, k: int) -> np.ndarray:
        return self.program.initial_state(self._constants(k))

    def _start(self) -> None:
        """Let the covariates of the first record hold from the beginning."""
        self.in_force = 0
        self.line.change(0.0, self._constants(0))
        self.line.put(0.0, self._rest(0))

    def _bring_in_force(self, k: int, time: float) -> None:
        """Let the covariates of record k hold from a time on."""
        if self._changes and self._differ(k, self.in_force):
            self.line.change(time, self._constants(k))
            self.in_force = k

    def _differ(self, k: int, other: int) -> bool:
        """Whether other parameters hold at a record than at another."""
        if self.periods is not None and self.periods.which[k] != self.periods.which[other]:
            return True
        return any(course[k] != course[other] for course in self.varying.values())

    def _look_ahead(self, k: int) -> None:
        """Between two records the covariates of the later one hold, as in NONMEM."""
        if self._changes and k + 1 < len(self.records) and self.times[k + 1] > self.times[k]:
            self._bring_in_force(k + 1, min(self.times[k] + JUST_AFTER, self.times[k + 1]))

    def _happen(self, k: int, record: Record, inputs: list[Input]) -> None:
        time = self.times[k]
        if record.resets:
            self.line.cancel(time)
        if record.evid in (RESET, RESET_AND_DOSE) and record.ss != 1:
            if self._changes:
                self.line.put(time, self._rest(k))
            else:
                self.line.reset(time)
        if record.ss:
            self._steady(k, record, inputs)
        if not record.is_constant_infusion:
            for given in inputs:
                self._give(given, time + record.ii * np.arange(record.addl + 1) + given.lag[:, None])

    def _give(self, given: Input, time: np.ndarray) -> None:
        if not given.is_infusion:
            self.line.bolus(time, given.state, given.amount)
            return
        end = time + given.duration[:, None]
        lasts = end > time  # else it is shorter than the clock can tell, or takes no time for this subject
        amount = np.broadcast_to(given.amount[:, None], lasts.shape)
        rate = np.divide(amount, end - time, out=np.zeros(lasts.shape), where=lasts)
        self.line.infusion(time, end, given.state, rate)
        if not lasts.all():
            self.line.bolus(np.where(lasts, np.inf, time), given.state, given.amount)

    def _steady(self, k: int, record: Record, inputs: list[Input]) -> None:
        """Put all subjects into the steady state of a dose, just before this dose of it is given."""
        time, period = self.times[k], record.ii or INTERVAL
        constants, rest = self._constants(k), self._rest(k)
        if record.is_constant_infusion:
            inputs = [Input(i.state, i.amount, i.lag * 0, i.rate, i.lag * 0 + period) for i in inputs]
        longer, doses = recurring(self.program, constants, rest, period, [(0.0, inputs)], time)
        happens = cycle_events(self.n, doses, time, longer)
        found = self._periodic(rest, constants, happens, longer, time)
        lost = strays(found)
        lost[len(rest) - 1 :] &= not self.led  # who only leads the others
        if record.ss == 1:
            self.line.put(time, found.state)
        else:  # what the doses add to the steady state without any
            idle = self._periodic(rest, constants, cycle_events(self.n, [], time, longer), longer, time)
            self.line.increase(time, found.state - idle.state)
        if lost.any():
            self.line.put(np.where(lost, time, np.inf), np.full_like(found.state, np.nan))
        if not record.is_constant_infusion:
            for given in inputs:
                self._remains(given, time, period)

    def _periodic(self, rest, constants, happens: Events, period: float, time: float) -> Periodic:
        pilot = len(rest) - 1 if self.led else 0
        found = periodic_state(self.program.system, rest, constants, happens, period, t0=time, pilot=pilot)
        _warn(found, self.program.states, slice(0, pilot or None))
        return found

    def _remains(self, given: Input, time: float, period: float) -> None:
        """Let what is left of the doses before a steady-state dose arrive or run on."""
        for k in range(1, int(np.max((given.lag + given.duration) / period)) + 2):
            arrival = time + given.lag - k * period
            start = np.maximum(arrival, time)
            if given.is_infusion:
                self.line.infusion(start, arrival + given.duration, given.state, given.rate)
            else:
                coming = arrival > time - width(time)
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
    found: dict[str, list[float]] = {}
    for name in (column for column in regimen.covariates if column in parameters):
        stated = [r.get(name) for r in regimen.records]
        course, following = [], next(v for v in reversed(stated) if v is not None)
        for value in reversed(stated):
            following = following if value is None else value
            course.append(following)
        found[name] = course[::-1]
    return found


def warn_of_unread(models: Sequence[Model], regimens: Sequence[Regimen | None]) -> None:
    """Warn once of columns of the records that change nothing in any of the models."""
    given = dict.fromkeys(
        (column, codes)
        for regimen in regimens
        if regimen is not None
        for codes in [frozenset(r.rate for r in regimen.records if r.rate < 0)]
        for column in regimen.covariates
    )
    unread = [c for c, codes in given if not any(_is_read(m, c, codes) for m in models)]
    if unread:
        parameters = dict.fromkeys(name for model in models for name in model.parameter_ids)
        words = ", ".join(_with_hint(column, parameters) for column in dict.fromkeys(unread))
        warn_user(
            f"columns of the records that change nothing: {words}; a column changes the parameter that has "
            "exactly its name",
        )


def _is_read(model: Model, column: str, codes: frozenset[float]) -> bool:
    """Whether a column is a parameter, or the rate or duration of doses that leave it open."""
    letters = [letter for code, letter in MODELLED_LETTERS.items() if code in codes]
    modelled = {
        name
        for letter in letters
        for k, state in enumerate(model.states)
        for name in modelled_names(letter, state, k)
    }
    return column in model.parameter_ids or column in modelled


def _with_hint(column: str, parameters: Iterable[str]) -> str:
    """Name a column, and what may have been meant."""
    meant = next((w for start, w in _OF_NONMEM.items() if column.upper().rstrip("0123456789") == start), "")
    near = nearest(column, parameters, 0.8)[:1]
    return repr(column) + (
        f" (write {meant!r})" if meant else f" (did you mean {near[0]!r}?)" if near else ""
    )


def _warn(found: Periodic, states: Sequence[str], subjects: slice) -> None:
    if words := words_of_gathering(found, states):
        warn_user(words, SolverWarning)
    converged = found.converged[subjects]
    if not converged.all():
        lost = f"{(~converged).sum()} of {len(converged)} subjects"
        warn_user(f"no steady state for {lost}: {found.why(states)}", SolverWarning)
