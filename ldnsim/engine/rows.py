"""One kernel over the rows of a table: constants of many subjects, initial states, outputs of many states."""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled import invoke_rows, kernel


def over_rows(target: Any, time: float, states: np.ndarray, constants: np.ndarray, width: int) -> np.ndarray:
    """Call a kernel for every row of `states` and `constants`, shape (n, width)."""
    out = np.empty((len(constants), width))
    # Of one kind, for which the kernel is prepared: what is read-only, as what NumPy broadcasts, is another one.
    states, constants = (np.require(rows, np.float64, ("C", "W")) for rows in (states, constants))
    with np.errstate(all="ignore"):
        _over_rows(target, float(time), states, constants, out)
    return out


@kernel
def _over_rows(target, time, states, constants, out):
    for i in range(len(out)):
        invoke_rows(target, time, states, i, constants[i], out, i)
