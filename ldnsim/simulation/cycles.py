"""One period of dosing at steady state: what happens in it, and the state that comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..engine.events import Events
from ..engine.instants import width
from ..engine.periodic import Periodic, periodic_state, recurrence
from ..errors import bad
from ..formulation import formulations_of
from ..regimen import Record, Regimen
from ..regimen.record import INTERVAL
from .inputs import Bench, Input, named
from .timeline import Timeline

if TYPE_CHECKING:
    from ..codegen.program import Program
    from ..model import Model

_DRIFT = 1e-6  # of its size, over a period: a state that moves more is in no steady state


class Cycle(NamedTuple):
    """One period at steady state.

    Attributes
    ----------
    events : Events
        What happens from midnight over one period, remains of earlier doses included.
    period : float
        In h.
    found : Periodic
        The state at the start, and whether it comes back.
    """

    events: Events
    period: float
    found: Periodic


def steady_cycle(
    program: Program, model: Model, regimen: Regimen | None, values: np.ndarray, **options
) -> Cycle:
    """Find one period of a regimen at steady state.

    Parameters
    ----------
    program, model, values
        See `events`; values as the records of the regimen have them.
    regimen : Regimen or None
        Its doses must repeat after a common period; without doses a day is one.
    **options
        For `ldnsim.engine.periodic.periodic_state`.

    Raises
    ------
    InputError
        If the regimen has no common period, or the model depends on time in a way that never comes back.
    """
    period = INTERVAL if regimen is None or not regimen.doses else regimen.period
    if period is None:
        rule = "has no common period: its doses, or what its records state, do not repeat"
        raise bad("regimen", repr(regimen).splitlines()[0], rule, "use daily, every, or a sum of them")
    given = () if regimen is None else regimen.cycle
    bench = Bench(
        program.states, named(program.parameters, values), formulations_of(model), len(values), program.hours
    )
    doses = [(d.time, [_without_phase(i, d.record) for i in bench.inputs(d.record)]) for d in given]
    constants = program.constants_of(values)
    rest = program.initial_state(constants)
    period, doses = recurring(program, constants, rest, period, doses, 0.0)
    happens = cycle_events(len(values), doses, 0.0, period)
    found = periodic_state(program.system, rest, constants, happens, period, t0=0.0, **options)
    return Cycle(happens, period, found)


def _without_phase(given: Input, record: Record) -> Input:
    """Take out the lag that `Dose.time` already holds."""
    if not record.ss:
        return given
    return Input(given.state, given.amount, given.lag - record.lag, given.rate, given.duration)


def recurring(
    program: Program,
    constants: np.ndarray,
    rest: np.ndarray,
    period: float,
    doses: list[tuple[float, list[Input]]],
    start: float,
) -> tuple[float, list[tuple[float, list[Input]]]]:
    """Lengthen the period until the equations' own dependence on time comes back too."""
    n = recurrence(program.system, rest, constants, start, period)
    if n is None:
        rule = "cannot reach a steady state: the equations depend on time and do not repeat with the doses"
        raise bad("regimen", f"period {period:g} h", rule)
    return n * period, [(t + k * period, inputs) for k in range(n) for t, inputs in doses]


def cycle_events(n: int, doses: Sequence[tuple[float, list[Input]]], start: float, period: float) -> Events:
    """Make the events of one period in which all has been going on for ever.

    Lags and infusions longer than the period wrap around: what is still to come of earlier doses arrives,
    what is still running runs from the start.
    """
    line = Timeline(n)
    for phase, inputs in doses:
        for given in inputs:
            _wrapped(line, given, phase, start, period)
    return line.events(n)


def _wrapped(line: Timeline, given: Input, phase: float, start: float, period: float) -> None:
    arrival = np.mod(phase + given.lag, period)
    same = width(phase + given.lag + period)
    arrival[period - arrival <= same] = 0.0
    if not given.is_infusion:
        line.bolus(start + arrival, given.state, given.amount)
        return
    whole = np.floor((given.duration + same) / period)
    rest = np.maximum(given.duration - whole * period, 0.0)
    rest[rest <= same] = 0.0
    end = arrival + rest
    over = end > period
    full = start + np.zeros_like(arrival)
    never = np.full_like(arrival, start)
    line.infusion(full, np.where(whole > 0, start + period, never), given.state, whole * given.rate)
    line.infusion(full, np.where(over, start + end - period, never), given.state, given.rate)
    line.infusion(start + arrival, start + np.minimum(end, period), given.state, given.rate)


def strays(found: Periodic) -> np.ndarray:
    """Tell which trajectories are in no steady state that could be gone on from, shape (n,)."""
    drift = np.where(np.isfinite(found.drift), np.abs(found.drift) / found.scale, np.inf)
    return (drift > _DRIFT).any(axis=1) & ~found.converged


def words_of_gathering(found: Periodic, states: Sequence[str]) -> str:
    """Say which states only collect, so that they begin anew at a steady state; empty where there are none."""
    names = ", ".join(states[k] for k in np.flatnonzero(found.gathers).tolist())
    return names and f"no steady state for {names}, on which nothing depends: what it holds begins anew there"
