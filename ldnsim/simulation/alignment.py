"""Doses that differ between subjects by a delay alone: given to all at one time, and looked at earlier.

Trajectories that share their steps stop at every dose of each of them. Where the equations do not read the
clock and a subject is at rest until the first dose, a delay of all doses is a delay of all that follows: the
subjects of a group get the doses of the first of them, and each is looked at so much earlier.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..engine.events import Events
from ..engine.instants import width as instant
from ..engine.rows import over_rows

if TYPE_CHECKING:
    from ..engine.system import System

AT_REST = 1e-12  # of a state: it may move so far while its first dose waits
CLOCK = (1.234, 9.87, 17.77, 163.1)  # h: what is the same at these does not depend on time


class Start(NamedTuple):
    """Where trajectories begin: arrays of shape (n_traj, n_states) and (n_traj, n_constants)."""

    y0: np.ndarray
    constants: np.ndarray


def aligned(
    system: System, events: Events, start: Start, outputs: np.ndarray, group: int
) -> tuple[Events, np.ndarray]:
    """Let subjects whose doses differ by a delay share them, group by group.

    What is decided for a group depends on its subjects alone, so that results do not depend on how subjects
    are cut into pieces.

    Parameters
    ----------
    system : System
    events : Events
        Of the subjects of one regimen, in their order.
    start : Start
        Of the same.
    outputs : array of int
        Outputs that are looked at.
    group : int
        Subjects that share their steps.

    Returns
    -------
    tuple of Events and array
        Events, and how much earlier each subject is to be looked at, shape (n,) (h); 0 where nothing changed.
    """
    earlier = np.zeros(len(events.row))
    time = events.time[events.row]
    if len(events.time) < 2 or not time.shape[1] or events.states.size or events.constants.size:
        return events, earlier
    if system.n_breaks or system.events is not None or system.delays is not None:
        return events, earlier
    waits = _waits(system, start, outputs)
    row = events.row.copy()
    for first in range(0, len(row), group):
        some = slice(first, first + group)
        lead = first + int(np.argmin(time[some, 0]))
        shift = time[some, 0] - time[lead, 0]
        rests = time[lead, 0] > instant(0.0) and waits[some].all()  # a look before the start shows the start
        if rests and shift.any() and _alike(events, events.row[some], events.row[lead], shift):
            row[some], earlier[some] = events.row[lead], shift
    return replace(events, row=row), earlier


def _alike(events: Events, rows: np.ndarray, lead: int, shift: np.ndarray) -> bool:
    """Whether rows hold the events of the leading one, each later by a shift."""
    live = np.isfinite(events.time[lead])
    if not (np.isfinite(events.time[rows]) == live).all():
        return False
    apart = events.time[rows][:, live] - shift[:, None] - events.time[lead][live]
    what = (getattr(events, name) for name in ("kind", "index", "value"))
    return bool((np.abs(apart) <= instant(events.time[rows][:, live])).all()) and all(
        (w[rows][:, live] == w[lead][live]).all() for w in what
    )


def _waits(system: System, start: Start, outputs: np.ndarray) -> np.ndarray:
    """Tell who stays as he is without a dose, while neither rates nor outputs read the clock, shape (n,)."""
    y0, constants, calls = start.y0, start.constants, system.calls
    rates = over_rows(calls["rhs"].target, 0.0, y0, constants, system.n_states)
    found = (np.abs(rates) <= AT_REST * np.abs(y0)).all(axis=1)
    away = y0 * np.linspace(0.7, 1.6, system.n_states) + 0.1 * (y0 == 0.0)
    for name, width, some in (("rhs", system.n_states, slice(None)), ("observe", system.n_outputs, outputs)):
        early, *more = (over_rows(calls[name].target, t, away, constants, width)[:, some] for t in CLOCK)
        for late in more:
            found &= ((early == late) | (np.isnan(early) & np.isnan(late))).all(axis=1)
    return found
