"""States that only collect, as an area under a curve or what urine holds: no rate depends on them."""

from __future__ import annotations

import numpy as np

from .system import System

_SHARES = 0.3, 0.7, 1.1  # of the size of each state


def collecting(system: System, scale: np.ndarray, constants: np.ndarray, time: float) -> np.ndarray:
    """Tell which states no rate depends on, their own included, for any trajectory, shape (n_states,).

    What such a state holds grows or falls for ever, and nothing else answers to it.

    Parameters
    ----------
    system : System
    scale : array, shape (n_states,)
        Size of each state.
    constants : array, shape (n, n_constants)
    time : float
        In h.
    """
    found = np.ones(system.n_states, bool)
    for one in constants:  # the first leaves few, if any
        for k in np.flatnonzero(found).tolist():
            found[k] = not _counts(system, k, scale, one, time)
        if not found.any():
            break
    return found


def _counts(system: System, k: int, scale: np.ndarray, constants: np.ndarray, time: float) -> bool:
    """Tell whether a rate depends on state k."""
    here, there = np.empty(system.n_states), np.empty(system.n_states)
    for share in _SHARES:
        y = share * scale
        system.rhs(time, y, constants, here)
        y[k] *= 1.5
        system.rhs(time, y, constants, there)
        if not np.array_equal(here, there, equal_nan=True):
            return True
    return False
