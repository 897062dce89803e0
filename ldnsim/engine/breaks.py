"""Times at which the equations themselves jump, added to the events so that no step crosses one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import bad
from .events import EventKind, Events
from .system import System

MOST = 100_000  # jumps of one trajectory; more mean a period far below the span of a study


def with_breaks(system: System, constants: np.ndarray, events: Events, t0: float, t_end: float) -> Events:
    """Merge a system's own break times into the rows of events; rows are shared where they stay equal."""
    families = np.array([_families(system, c, t0) for c in constants])
    tables = [_families(system, c, t0) for c in events.constants]
    keys, row = np.unique(
        np.column_stack([events.row, families.reshape(len(families), -1)]), axis=0, return_inverse=True
    )
    rows = []
    for key in keys:
        pairs = np.concatenate([key[1:].reshape(-1, 2), *tables])
        rows.append(_merged(events, int(key[0]), _times(pairs, t0, t_end)))
    width = max(len(r[0]) for r in rows)
    filled = [_filled([r[k] for r in rows], width, end) for k, end in enumerate((np.inf, 0, 0, 0.0))]
    return replace(events, row=row.ravel(), time=filled[0], kind=filled[1], index=filled[2], value=filled[3])


def _families(system: System, constants: np.ndarray, t0: float) -> np.ndarray:
    out = np.empty(2 * system.n_breaks)
    with np.errstate(all="ignore"):
        system.breaks(t0, constants, constants, out)
    return out.reshape(-1, 2)


def _times(families: np.ndarray, t0: float, t_end: float) -> np.ndarray:
    times = []
    for first, period in families:
        if not np.isfinite(first):
            continue
        if not period or not np.isfinite(period):
            times.append([first])
            continue
        period = abs(period)
        low, high = np.ceil((t0 - first) / period), np.floor((t_end - first) / period)
        if high - low > MOST:
            raise bad("model", period, f"the equations jump more than {MOST} times from {t0} to {t_end} h")
        times.append(first + period * np.arange(low, high + 1))
    found = np.unique(np.concatenate(times)) if times else np.empty(0)
    return found[(found > t0) & (found < t_end)]


def _merged(events: Events, row: int, breaks: np.ndarray) -> tuple[np.ndarray, ...]:
    live = np.isfinite(events.time[row])
    m = len(breaks)
    time = np.concatenate([events.time[row][live], breaks])
    kind = np.concatenate([events.kind[row][live], np.full(m, EventKind.BREAK)])
    order = np.argsort(time, kind="stable")
    columns = [np.concatenate([a[row][live], np.zeros(m)]) for a in (events.index, events.value)]
    return time[order], kind[order], *(c[order] for c in columns)


def _filled(rows: list[np.ndarray], width: int, end: float) -> np.ndarray:
    return np.array([np.pad(r.astype(float), (0, width - len(r)), constant_values=end) for r in rows])
