"""Runs of a model together with its derivatives along directions in the space of parameters."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..codegen.program import program
from ..engine.problem import Decision
from ..engine.rows import over_rows
from ..errors import bad
from ..formulation import formulations_of
from ..model import Model
from ..model.parameters import Parameter
from ..readouts.nodes import BEFORE
from ..readouts.readout import Readout
from ..readouts.windows import Marks
from ..regimen import Regimen
from .dosing import stated
from .drugs import drug_of, values_under
from .grid import stretched
from .pieces import Piece
from .plan import Plan
from .request import Subjects
from .solving import Options
from .tangent_doses import TangentLowering

if TYPE_CHECKING:
    import pandas as pd

    from ..codegen.program import Program
    from ..model.equations import Equations

PIECE_BYTES = 48e6
ALONG = 1e-3  # of a direction, to see whether a time depends on it
MOVED = "moves a time at which the equations jump, so that slopes jump there"


def breaks_move(
    base: Program, values: np.ndarray, along: np.ndarray, regimens: Sequence[Regimen | None] = ()
) -> np.ndarray:
    """Tell whether times at which the equations jump by themselves move along directions, shape (row,).

    Parameters
    ----------
    base : Program
        Equations without companions.
    values, along : array, shape (row, parameter)
        Parameters, and directions.
    regimens : sequence of Regimen
        Whose records may set parameters, under which a time may move that stands still without.
    """
    moved = np.zeros(len(values), bool)
    if not base.system.n_breaks:
        return moved
    moved |= _move(base, values, along)
    for setting in _settings(base.parameters, regimens):
        columns = [base.parameters.index(name) for name, _ in setting]
        under, still = values.copy(), along.copy()
        under[:, columns], still[:, columns] = [value for _, value in setting], 0.0
        moved |= _move(base, under, still)
    return moved


def _settings(parameters: Sequence[str], regimens: Sequence[Regimen | None]) -> set[tuple[tuple[str, float], ...]]:
    """Values of parameters that records set together, each set of them once."""
    found = [stated(regimen, parameters) for regimen in regimens if regimen is not None]
    return {
        tuple(zip(courses, values, strict=True)) for courses in found for values in zip(*courses.values(), strict=True)
    }


def _move(base: Program, values: np.ndarray, along: np.ndarray) -> np.ndarray:
    system = base.system
    here, there = (
        over_rows(system.calls["breaks"].target, 0.0, c, c, 2 * system.n_breaks)
        for c in map(base.constants_of, (values, values + ALONG * along))
    )
    return ((here != there) & ~(np.isnan(here) & np.isnan(there))).any(axis=1)


@dataclass(frozen=True, eq=False, repr=False)
class TangentModel(Model):
    """A model in which every quantity has a companion, its derivative along a direction of the parameters.

    Attributes
    ----------
    base : Model
        The model.
    companion : dict
        Id of each quantity -> id of its derivative. Those of the parameters are parameters: the direction,
        0 unless a subject sets it.
    """

    base: Model = None
    companion: dict[str, str] = field(default_factory=dict)

    @classmethod
    def around(cls, model: Model) -> TangentModel:
        """Add the companions."""
        from ..codegen.tangent import companions

        s = model.structure
        ids = (
            *s.states,
            *s.parameters,
            *(n for part in (s.constants, s.assignments, s.outputs) for n, _ in part),
        )
        names = companions(tuple(dict.fromkeys(ids)), set(ids))
        parameters = tuple(names[p] for p in s.parameters)
        structure = dataclasses.replace(
            s, states=(*s.states, *(names[x] for x in s.states)), parameters=(*s.parameters, *parameters)
        )
        own = {f.name: getattr(model, f.name) for f in dataclasses.fields(Model)}
        own |= {"structure": structure, "table": (*model.table, *(Parameter(p, 0.0) for p in parameters))}
        return cls(**own | {"name": f"{model.name} with slopes"}, base=model, companion=names)

    def equations(self) -> Equations:
        """Write the equations with their derivatives in SymPy."""
        from ..codegen.tangent import tangent

        return tangent(self.base.equations(), self.companion)

    @property
    def structure_hash(self) -> str:
        """Hash of the equations without values."""
        return hashlib.sha256(f"tangent {self.base.structure_hash}".encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class TangentPlan(Plan):
    """All runs of a `TangentModel`; subjects carry their direction in the companions of the parameters.

    Attributes
    ----------
    finer : int
        Nodes to put between two of the usual ones: the derivative of an interpolated peak asks for them.
    """

    finer: int = 0

    @cached_property
    def base(self) -> Program:
        """Compiled equations without companions."""
        return program(self.model.base)

    @cached_property
    def decision(self) -> Decision:
        """Tolerances of the model itself; a companion, along a direction as long as p, is as exact as its state."""
        alone = Plan(
            self.model.base, self.regimens, Subjects(None, [self.model.base]), {}, self.times, self.ends,
            self.traces[: len(self.traces) // 2], self.options,
        ).decision  # fmt: skip
        own = dataclasses.replace(self, options=self.options._replace(atol=np.tile(alone.atol, 2)))
        return super(TangentPlan, own).decision

    def _inputs(self, regimens: Sequence[Regimen | None], values: np.ndarray):
        (regimen,) = regimens
        alike = bool((values == values[:1]).all())
        lowering = self._lowering(regimen, values[:1] if alike else values)
        constants = np.broadcast_to(
            self.program.constants_of(lowering.values), (len(values), len(self.program.constants))
        )
        return constants, self.program.initial_state(constants), lowering.run().events(len(values))

    def _lowering(self, regimen: Regimen | None, values: np.ndarray) -> TangentLowering:
        model, n = self.model.base, len(self.model.base.parameter_ids)
        drug, own, dots = drug_of(model, regimen), values[:, :n], values[:, n:]
        under = values_under(model, drug, own)
        if under is not own:  # it is linear in them
            values = np.hstack([under, values_under(model, drug, own + dots) - under])
        return TangentLowering(self.program, regimen or Regimen(), values, formulations_of(model), self.base)

    @property
    def more_nodes(self) -> int:
        """Nodes put into each usual gap, since slopes turn faster than courses."""
        return max(self.finer, super().more_nodes)

    def refuse_moving_breaks(self) -> None:
        """Refuse a direction along which a time moves at which the equations jump by themselves.

        Raises
        ------
        InputError
            Naming the parameter.
        """
        values, n = self.subjects.values(self.model, slice(None)), len(self.base.parameters)
        moved = breaks_move(self.base, values[:, :n], values[:, n:], self.regimens)
        if moved.any():
            name = self.base.parameters[int(np.argmax(values[moved][0, n:] != 0))]
            raise bad("parameters", name, MOVED, "leave it out, or take a global method")

    def touched(self) -> np.ndarray:
        """Tell for which subjects doses depend on their direction, shape (subject,)."""
        return self._lowering(self.regimens[0], self.subjects.values(self.model, slice(None))).touched()

    def drift(self, subjects: slice, times: np.ndarray) -> np.ndarray:
        """Differentiate node times along the direction: those at a dose that moves, else 0.

        Parameters
        ----------
        subjects : slice
            Who.
        times : array, shape (subject or 1, node)
            Their nodes (h).
        """
        values = self.subjects.values(self.model, subjects)
        found = np.zeros((len(values), times.shape[-1]))
        for train, slope in self._lowering(self.regimens[0], values).moving():
            for train_time in np.broadcast_to(train, (len(values), train.shape[1])).T:
                near = (times >= train_time[:, None] - 2 * BEFORE) & (
                    times <= train_time[:, None] + BEFORE / 2
                )
                found = np.where(near, slope[:, None], found)
        return found


class Tangents(NamedTuple):
    """Values and their derivatives along each subject's direction.

    Attributes
    ----------
    courses, course_slopes : array, shape (subject, output, time)
    nodes, node_slopes : array, shape (subject, trace, node)
    node_times, node_drift : array, shape (subject, node)
        Node times (h) and their derivatives.
    finished : array of bool, shape (subject,)
    marks : Marks
        What windows of readouts are laid from: one row, for all.
    """

    courses: np.ndarray
    course_slopes: np.ndarray
    nodes: np.ndarray
    node_slopes: np.ndarray
    node_times: np.ndarray
    node_drift: np.ndarray
    finished: np.ndarray
    marks: Marks


def tangents(
    model: TangentModel,
    regimen: Regimen | None,
    subjects: pd.DataFrame,
    outputs: Sequence[str],
    times: np.ndarray,
    traces: Sequence[str],
    readouts: tuple[Readout, ...],
    end: float,
    rtol: float,
    threads: int | None,
    finer: int = 0,
    alone: bool = True,
) -> Tangents:
    """Run subjects along their directions.

    Parameters
    ----------
    model : TangentModel
    regimen : Regimen or None
    subjects : DataFrame
        One row a subject: parameters, and the companions of those along which it is differentiated.
    outputs, times
        Of the courses (h).
    traces : sequence of str
        Variables wanted at the nodes.
    readouts : tuple of Readout
        What the nodes must serve.
    end : float
        End of the run (h).
    rtol, threads
        As for `ldnsim.simulate`.
    finer : int
        See `TangentPlan`.
    alone : bool
        Whether nodes serve the readouts only, see `Plan`.
    """
    both = lambda names: [*names, *(model.companion[n] for n in names)]  # noqa: E731
    variables, options = dict.fromkeys(both(outputs)), Options("auto", rtol, None, threads, "float64")
    parts = []

    def plan_of(table: pd.DataFrame) -> TangentPlan:
        who = Subjects(table, [model])
        shown = {name: name for name in variables}
        how = {"readouts": readouts, "alone": alone, "finer": finer}
        return TangentPlan(model, [regimen], who, shown, times, [end], tuple(both(traces)), options, **how)

    everyone = plan_of(subjects)
    everyone.refuse_moving_breaks()
    touched = everyone.touched()
    for some in map(np.flatnonzero, (~touched, touched)):  # who share their doses share their steps
        if not some.size:
            continue
        plan = plan_of(subjects.iloc[some])
        for piece in plan.pieces(Piece(slice(0, 1), slice(0, some.size)), PIECE_BYTES):
            parts.append((some[piece.subjects], _part(plan, piece, len(outputs), len(traces))))
    order = np.argsort(np.concatenate([who for who, _ in parts]))
    columns = zip(*(part for _, part in parts), strict=True)
    return Tangents(*(_joined(column)[order] for column in columns), everyone.marks)


def _part(plan: TangentPlan, piece: Piece, n_outputs: int, n_traces: int) -> tuple[np.ndarray, ...]:
    """Arrays of `Tangents` for a piece."""
    part = plan.run(piece)
    values, nodes, n = part.values[0], part.nodes[0], piece.shape[1]
    times = np.broadcast_to(part.node_times[0], (n, part.node_times.shape[-1]))
    return (
        values[:, :n_outputs],
        values[:, n_outputs:],
        nodes[:, :n_traces],
        nodes[:, n_traces:],
        times,
        plan.drift(piece.subjects, times),
        part.status[0] == 0,
    )


def _joined(blocks: Sequence[np.ndarray]) -> np.ndarray:
    """Join along the subjects; nodes that some have more of repeat the last one, which changes nothing."""
    if blocks[0].ndim == 1:
        return np.concatenate(blocks)
    width = max(b.shape[-1] for b in blocks)
    return np.concatenate([stretched(b, width) for b in blocks])
