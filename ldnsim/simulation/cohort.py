"""Subjects with doses and samples of their own, run together: values at their observation records, and slopes.

A fit asks for the same subjects thousands of times with other parameters. What does not change with these,
events, times and the decision how to solve, is worked out once; each call is one call of the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..codegen.program import program
from ..engine.dispatch import run
from ..engine.events import Events
from ..engine.problem import Decision, Problem
from ..engine.solve import prepare
from ..errors import bad
from ..formulation import formulations_of
from ..memo import Memo
from ..model import Model
from ..model.influence import reduced
from ..regimen import Regimen
from ..regimen.record import OBSERVATION
from ..regimen.schedule import instants
from . import dosing
from .drugs import drug_of, values_under
from .inputs import may_infuse
from .plan import Plan, pilots
from .request import Subjects
from .solving import Options
from .tangent import MOVED, TangentModel, breaks_move
from .tangent_doses import TangentLowering
from .timeline import stacked

if TYPE_CHECKING:
    from ..codegen.program import Program

ALONE = 64  # so few trajectories are done before further threads have started
KEPT = 64  # problems of so few trajectories, checked and laid out, that are asked with other parameters


class Rows(NamedTuple):
    """What the engine is given for some trajectories: arrays with one row each, and their events."""

    y0: np.ndarray
    constants: np.ndarray
    events: Events


@dataclass(frozen=True, eq=False)
class Cohort:
    """Subjects of one model, each under its own regimen and seen at its own observation records.

    Attributes
    ----------
    model : Model
        Counting in h.
    regimens : sequence of Regimen
        One a subject, with its observation records.
    outputs : tuple of str
        What is seen.
    moving : tuple of str
        Parameters that differ between calls, k of them; all others keep the model's values.
    rtol : float
        Relative tolerance.
    threads : int, optional
        Threads; results do not depend on it.
    by : str
        Column of the records that tells periods apart in which the parameters `moving` are others.
    """

    model: Model
    regimens: Sequence[Regimen]
    outputs: tuple[str, ...]
    moving: tuple[str, ...]
    rtol: float
    threads: int | None = None
    by: str = ""
    _kept: dict[str, Events] = field(default_factory=dict, init=False, repr=False)
    _asked: dict[tuple[bool, bytes], Problem] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def kinds(self) -> list[Regimen]:
        """Regimens that differ."""
        return list(dict(zip((r.records for r in self.regimens), self.regimens, strict=True)).values())

    @cached_property
    def kind(self) -> np.ndarray:
        """Which of `kinds` each subject follows."""
        places = {regimen.records: k for k, regimen in enumerate(self.kinds)}
        return np.array([places[r.records] for r in self.regimens])

    @cached_property
    def _seen(self) -> tuple[np.ndarray, np.ndarray]:
        """Times looked at (h), shape (kind, t), ascending, and where each observation record is among them."""
        found = [_looks(regimen) for regimen in self.kinds]
        times, places = ([pair[k] for pair in found] for k in (0, 1))
        return _even(times), _even(places).astype(np.int64)

    @property
    def end(self) -> float:
        """Last time looked at (h)."""
        return float(self._seen[0].max())

    def values(self, values: np.ndarray, who: np.ndarray) -> np.ndarray:
        """Simulate.

        Parameters
        ----------
        values : array, shape (row, k), or (row, period, k)
            Of the parameters `moving`; those of each period, counted from a subject's first, where there are such.
        who : array of int, shape (row,)
            Which subject each row is.

        Returns
        -------
        array, shape (row, output, record)
            Records beyond a subject's own repeat its last; NaN where a run failed.
        """
        return self._solved(self._program, self._full(values), who, self._decision, self.outputs)

    def slopes(
        self, values: np.ndarray, who: np.ndarray, direction: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Simulate with derivatives.

        Parameters
        ----------
        values, who
            As in `values`.
        direction : array, shaped as `values`
            Along which a row is differentiated.

        Returns
        -------
        tuple of array, shape (row, output, record)
            Values, and their derivatives.
        """
        names = (*self.outputs, *(self._tangent.companion[n] for n in self.outputs))
        full = self._full(values, direction)
        found = self._solved(self._tangent_program, full, who, self._tangent_decision, names)
        return found[:, : len(self.outputs)], found[:, len(self.outputs) :]

    def refuse_moving_breaks(self, arguments: Mapping[str, str]) -> None:
        """Refuse a parameter that moves a time at which the equations jump by themselves: slopes know nothing of it.

        Parameters
        ----------
        arguments : dict
            Parameter -> argument by which it was named.

        Raises
        ------
        InputError
            Naming the parameter.
        """
        n, own = len(self.moving), self.model.values
        values, along = np.repeat(own[None, :], n, axis=0), np.zeros((n, len(own)))
        along[np.arange(n), self._columns] = np.where(own[self._columns] != 0, own[self._columns], 1.0)
        moved = breaks_move(self._program, values, along, self.kinds)
        if moved.any():
            name = self.moving[int(moved.argmax())]
            remedy = "leave it at a value; the lag or the duration of a dose can be estimated: formulations.csv, rate -2"
            raise bad(arguments[name], name, MOVED, remedy)

    # ---- what is worked out once ------------------------------------------------------------------------

    @cached_property
    def core(self) -> Model:
        """The model without the states that nothing seen depends on, with all of its parameters."""
        table, dosed = formulations_of(self.model), set[str]()
        for record in {r for regimen in self.kinds for r in regimen.records if r.is_dose}:
            if not isinstance(record.cmt, str) or record.rate < 0:  # which count the states of the whole model
                return self.model
            shares = table.of(record.drug, record.formulation) if record.cmt == "" else ()
            dosed |= {record.cmt} if record.cmt else {share.cmt for share in shares}
        structure = reduced(self.model.structure, self.outputs, dosed)
        return self.model if structure is self.model.structure else replace(self.model, structure=structure)

    @cached_property
    def _program(self) -> Program:
        return program(self.core)

    @cached_property
    def _tangent(self) -> TangentModel:
        return TangentModel.around(self.core)

    @cached_property
    def _tangent_program(self) -> Program:
        return program(self._tangent)

    @cached_property
    def _columns(self) -> np.ndarray:
        return np.array([self.model.parameter_ids.index(name) for name in self.moving], np.int64)

    @cached_property
    def _lasting(self) -> bool:
        """Whether events are the same whatever the values."""
        if self.by:
            return False
        if set(self.moving) & set(formulations_of(self.model).parameters):
            return False
        known = set(self.model.parameter_ids)
        records = [r for regimen in self.kinds for r in regimen.records]
        return not any(r.ss or r.rate < 0 for r in records) and not any(
            known & set(regimen.covariates) for regimen in self.kinds
        )

    @cached_property
    def _pilots(self) -> list[int]:
        """Some subjects, of whom it is decided how to solve."""
        return pilots(len(self.regimens))

    @cached_property
    def _decision(self) -> Decision:
        import pandas as pd

        name = self.model.parameter_ids[0]
        nominal = float(self.model.values[0])
        two = Subjects(pd.DataFrame({name: [nominal, nominal]}), [self.core])
        some, options = (
            [self.regimens[k] for k in self._pilots],
            Options("auto", self.rtol, None, None, "float64"),
        )
        plan = Plan(
            self.core, some, two, {}, np.empty(0), [self.end] * len(some), (), options, in_order=True
        )
        return replace(plan.decision, inputs=self._infused)  # of all of them

    @cached_property
    def _drugs(self) -> list[str]:
        """Drug of each of `kinds` that sets parameters."""
        return [drug_of(self.model, regimen) for regimen in self.kinds]

    @cached_property
    def _infused(self) -> bool:
        return any(may_infuse(r, formulations_of(self.model)) for r in self.kinds)

    @cached_property
    def _tangent_decision(self) -> Decision:
        """Tolerances of the model itself; a companion is as exact as its state."""
        who = np.array(self._pilots if len(self._pilots) > 1 else self._pilots * 2)  # as one of many
        periods = (1 + max(int(p.max(initial=0)) for p in self.periods),) if self.by else ()
        full = self._full(*(np.empty((len(who), *periods, 0)),) * 2, columns=self._columns[:0])
        rows = self._rows(self._tangent_program, full, who)
        return prepare(
            self._tangent_program.system, rows.y0, rows.constants, rows.events, np.array([self.end]),
            method="auto", rtol=self.rtol, atol=np.tile(self._decision.atol, 2), outputs=np.empty(0, np.int64),
            threads=self.threads, block=1, inputs=self._infused,
        ).decision  # fmt: skip

    # ---- one call ---------------------------------------------------------------------------------------

    def _full(
        self, values: np.ndarray, direction: np.ndarray | None = None, columns: np.ndarray | None = None
    ) -> np.ndarray:
        """Put values into the row of all parameters, shape (..., n_parameters), and directions behind it."""
        columns, n = self._columns if columns is None else columns, len(self.model.values)
        full = np.zeros((*values.shape[:-1], n if direction is None else 2 * n))
        full[..., :n] = self.model.values
        full[..., columns] = values
        if direction is not None:
            full[..., n + columns] = direction
        return full

    @cached_property
    def periods(self) -> list[np.ndarray]:
        """Period of each record, for each of `kinds`, counted from its first."""
        found = []
        for regimen in self.kinds:
            seen = list(dict.fromkeys(record.get(self.by) for record in regimen.records))
            found.append(np.array([seen.index(record.get(self.by)) for record in regimen.records], np.int64))
        return found

    def _rows(self, compiled: Program, full: np.ndarray, who: np.ndarray) -> Rows:
        """Lay out trajectories from their parameters, with the directions behind these where slopes are wanted."""
        kind = self.kind[who]
        if self.by:
            return self._rows_of_periods(compiled, full, kind)
        under = self._under_drugs(full, kind)
        constants = compiled.constants_of(under)
        y0 = compiled.initial_state(constants)
        if self._lasting:
            return Rows(y0, constants, replace(self._kept_events(compiled), row=kind))
        return Rows(y0, constants, self._lowered_all(compiled, kind, under))

    def _rows_of_periods(self, compiled: Program, full: np.ndarray, kind: np.ndarray) -> Rows:
        """Lay out trajectories whose parameters, shape (row, period, n_parameters), change from period to period."""
        n, periods, width = full.shape
        under = self._under_drugs(full.reshape(n * periods, width), np.repeat(kind, periods))
        under = under.reshape(n, periods, width)
        constants = compiled.constants_of(under[:, 0])
        return Rows(compiled.initial_state(constants), constants, self._lowered_all(compiled, kind, under))

    def _lowered_all(self, compiled: Program, kind: np.ndarray, under: np.ndarray) -> Events:
        """Make the events of all rows, regimen by regimen."""
        order = np.argsort(kind, kind="stable")
        bounds = np.flatnonzero(np.diff(kind[order])) + 1
        parts = [self._lowered(compiled, kind[some[0]], under[some]) for some in np.split(order, bounds)]
        events = stacked(parts)
        return replace(events, row=events.row[np.argsort(order, kind="stable")])

    def _kept_events(self, compiled: Program) -> Events:
        key = "values" if compiled is self._program else "slopes"
        if key not in self._kept:
            every, nothing = np.arange(len(self.kinds)), np.empty((len(self.kinds), 0))
            full = self._full(nothing, nothing if key == "slopes" else None, self._columns[:0])
            under = self._under_drugs(full, every)
            parts = [self._lowered(compiled, k, under[k : k + 1]) for k in every.tolist()]
            self._kept[key] = stacked(parts)
        return self._kept[key]

    def _lowered(self, compiled: Program, kind: int, under: np.ndarray) -> Events:
        regimen, table, slopes = self.kinds[kind], formulations_of(self.model), compiled is not self._program
        periods = None
        if self.by:
            periods = dosing.Periods(self.periods[kind], under.transpose(1, 0, 2))
            under = under[:, 0]
            if not slopes:
                line = dosing.DoseLowering(compiled, regimen, under, table, True, periods=periods)
                return line.run().events(len(under))
        if not slopes:
            return dosing.lower(compiled, regimen, under, table, True)
        line = TangentLowering(compiled, regimen, under, table, self._program, True, periods)
        return line.run().events(len(under))

    def _under_drugs(self, full: np.ndarray, kind: np.ndarray) -> np.ndarray:
        """Parameters, and directions behind them, of subjects who take what their regimens say."""
        n, slopes = len(self.model.values), full.shape[1] > len(self.model.values)
        for drug in {d for d in self._drugs if d}:
            some = np.isin(kind, [k for k, d in enumerate(self._drugs) if d == drug])
            own = full[some, :n]
            full[some, :n] = under = values_under(self.model, drug, own)
            if slopes:  # it is linear in them
                full[some, n:] = values_under(self.model, drug, own + full[some, n:]) - under
        return full

    def _solved(
        self,
        compiled: Program,
        full: np.ndarray,
        who: np.ndarray,
        decision: Decision,
        names: Sequence[str],
    ) -> np.ndarray:
        kind = self.kind[who]
        key = compiled is self._program, kind.tobytes()
        if key in self._asked:
            constants = compiled.constants_of(self._under_drugs(full, kind))
            problem = replace(self._asked[key], constants=constants, y0=compiled.initial_state(constants))
        else:
            problem = self._problem(compiled, self._rows(compiled, full, who), kind, decision, names)
            if self._lasting and not compiled.system.n_breaks and len(who) <= ALONE:
                while len(self._asked) >= KEPT:
                    self._asked.pop(next(iter(self._asked)), None)
                self._asked[key] = replace(problem, laid=Memo(1))
        return np.take_along_axis(run(problem).values, self._seen[1][kind][:, None, :], axis=2)

    def _problem(
        self, compiled: Program, rows: Rows, kind: np.ndarray, decision: Decision, names: Sequence[str]
    ) -> Problem:
        return prepare(
            compiled.system, rows.y0, rows.constants, rows.events, self._seen[0], times_row=kind, method=decision,
            rtol=self.rtol, outputs=np.array([compiled.outputs.index(n) for n in names], np.int64),
            threads=1 if len(kind) < ALONE else self.threads, block=1,
        )  # fmt: skip


def _looks(regimen: Regimen) -> tuple[np.ndarray, np.ndarray]:
    """Instants of the observation records (h), ascending, and the place of each record among them."""
    pairs = zip(instants(regimen.records), regimen.records, strict=True)
    seen = [t for t, record in pairs if record.evid == OBSERVATION] or [0.0]
    return np.unique(seen, return_inverse=True)


def _even(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Make a table of rows, the shorter ones with their last entry repeated."""
    width = max(map(len, rows))
    return np.stack([np.concatenate([r, np.repeat(r[-1:], width - len(r))]) for r in rows])
