"""States that only collect, as an area under a curve or what urine holds: no rate depends on them."""

from __future__ import annotations

import numpy as np

from .system import System

_SHARES = 0.3, 0.7, 1.1  # of the size of each state
_MORE = 1.5, 1e3, 1e6  # times as much of one, which a threshold may lie beyond
_LOOKS = 500  # times of a period, as a rate may count at some hours only


def collecting(
    system: System, scale: np.ndarray, constants: np.ndarray, t0: float, period: float
) -> np.ndarray:
    """Tell which states no rate depends on, their own included, for any trajectory, shape (n_states,).

    What such a state holds grows or falls for ever, and nothing else answers to it. Where events or the past may
    answer, none is told. All times are tried for the first trajectory.

    Parameters
    ----------
    system : System
    scale : array, shape (n_states,)
        Size of each state.
    constants : array, shape (n, n_constants)
    t0, period : float
        Times that are looked at (h): from `t0` on.
    """
    found = np.full(system.n_states, system.events is None and system.delays is None)
    every = t0 + period * np.arange(_LOOKS) / _LOOKS
    for one, times in zip(constants, [every, *[every[:1]] * (len(constants) - 1)], strict=True):
        for k in np.flatnonzero(found).tolist():
            found[k] = not any(_counts(system, k, scale, one, time) for time in times)
        if not found.any():
            break
    return found


def _counts(system: System, k: int, scale: np.ndarray, constants: np.ndarray, time: float) -> bool:
    """Tell whether a rate depends on state k; one that is no number may."""
    here, there = np.empty(system.n_states), np.empty(system.n_states)
    for share in _SHARES:
        system.rhs(time, share * scale, constants, here)
        for more in _MORE:
            y = share * scale
            y[k] *= more
            system.rhs(time, y, constants, there)
            if not np.array_equal(here, there):
                return True
    return False
