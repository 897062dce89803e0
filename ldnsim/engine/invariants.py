"""Sums of states that the equations conserve, found by looking at rates of change."""

from __future__ import annotations

import numpy as np

from .system import System

_SAMPLES_EACH = 3
_ZERO = 1e-9


def conserved_directions(
    system: System, y: np.ndarray, constants: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    """Vectors w with w . f(0, y) = 0 for all y, each of length 1 in units of the scale.

    Parameters
    ----------
    system : System
        The equations.
    y, constants : array, shape (n_states,), (n_constants,)
        Around this state.
    scale : array, shape (n_states,)
        Size of each state.

    Returns
    -------
    array, shape (number of sums, n_states)
        Empty where nothing is conserved.

    Notes
    -----
    The rates at random states span all directions in which the system can move; what is orthogonal to them
    cannot change. The random states are the same in every call.
    """
    n = system.n_states
    random = np.random.default_rng(0).random((_SAMPLES_EACH * n + 3, n))
    states = np.abs(y) * (0.5 + random) + 0.2 * scale * random[:, ::-1]
    rates = np.zeros((len(states), n))
    for state, rate in zip(states, rates, strict=True):
        system.rhs(0.0, state, constants, rate)
    rates = rates[np.isfinite(rates).all(axis=1)] / scale
    size = np.abs(rates).max(axis=0, initial=0.0)
    size[size == 0.0] = 1.0
    _, singular, right = np.linalg.svd(rates / size, full_matrices=False)
    rank = int((singular > _ZERO * singular.max(initial=0.0)).sum())
    directions = right[rank:] / size / scale
    return directions / np.maximum(np.linalg.norm(directions * scale, axis=1, keepdims=True), 1e-300)
