"""Slopes of a metric at the present values, and its values at the ends of what is uncertain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..simulation.request import Subjects
from .sensitivities import Runs
from .sensitivity_ranges import Ranges

if TYPE_CHECKING:
    import pandas as pd

STEP = 0.005  # of a parameter: truncation (fourth order) and the solver's noise are both below 1e-7
ENDS = (0.05, 0.95)
# Weights of f at offsets in steps (Fornberg, Math. Comp. 51, 1988); the second row of each has a lower order.
CENTRAL = (np.array([-2, -1, 1, 2]), np.array([[1, -8, 8, -1], [0, -6, 6, 0]]) / 12)
BELOW = (np.array([-4, -3, -2, -1]), np.array([[3, -16, 36, -48], [0, -4, 18, -36]]) / 12)
BELOW_HERE = np.array([25, 22]) / 12


def local(run: Runs, space: Ranges, draws: pd.DataFrame | None) -> pd.DataFrame:
    """Differentiate; see `sensitivity`."""
    import pandas as pd

    nominal = space.nominal
    slope, error, here = slopes(run, space, pd.DataFrame([nominal], columns=list(space.ids)))
    baseline = float(here[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        elasticity = np.where(baseline != 0, slope[0] * nominal / baseline, np.nan)
    low, high = ends(run, space)
    table = pd.DataFrame(
        {
            "value": nominal,
            "slope": slope[0],
            "error": error[0],
            "elasticity": elasticity,
            "low": low,
            "high": high,
        },
        index=list(space.ids),
    )
    if draws is not None:
        Subjects(draws, [run.model])  # checks it
        each = slopes(run, space, draws)[0]
        table["slope_low"], table["slope_high"] = np.quantile(each, ENDS, axis=0)
    table.attrs["baseline"] = baseline
    reach = (table.high - table.low).abs()
    order = reach if reach.notna().any() else (table.slope * table.value).abs()
    return table.loc[order.sort_values(ascending=False, kind="stable", na_position="last").index]


def slopes(run: Runs, space: Ranges, draws: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes at draws, in one batch.

    Returns
    -------
    tuple of array
        Slopes and the difference to those of a lower order, a bound of their error, shape (draw, k); the
        metric itself, shape (draw,).
    """
    import pandas as pd

    full = draws.reset_index(drop=True)
    for name, value in zip(space.ids, space.nominal, strict=True):
        if name not in full:
            full[name] = value
    full = full[[c for c in full.columns if c in run.model.parameter_ids]]
    base = full.to_numpy(dtype=float)
    columns = [full.columns.get_loc(name) for name in space.ids]
    at = base[:, columns]
    step = STEP * np.where(at != 0, np.abs(at), 1.0)
    upper = {p.id: p.upper for p in run.model.table}
    bound = np.array([np.inf if np.isnan(upper[name]) else upper[name] for name in space.ids])
    below = at + 2 * step > bound
    offsets = np.where(below[..., None], BELOW[0], CENTRAL[0])
    rows = np.repeat(base[:, None, None, :], len(columns), axis=1).repeat(4, axis=2)
    for j, column in enumerate(columns):
        rows[:, j, :, column] += offsets[:, j] * step[:, j, None]
    table = np.concatenate([base, rows.reshape(-1, base.shape[1])])
    values = run(pd.DataFrame(table, columns=full.columns))
    here, moved = values[: len(base)], values[len(base) :].reshape(offsets.shape)
    found = []
    for k in range(2):
        weights = np.where(below[..., None], BELOW[1][k], CENTRAL[1][k])
        own = np.where(below, BELOW_HERE[k], 0.0) * here[:, None]
        found.append(((weights * moved).sum(axis=-1) + own) / step)
    return found[0], np.abs(found[0] - found[1]), here


def ends(run: Runs, space: Ranges) -> tuple[np.ndarray, np.ndarray]:
    """Return the metric where one parameter is at its 5 % and 95 % quantile; NaN where none is known."""
    import pandas as pd

    known = [k for k, name in enumerate(space.ids) if space.known(name)]
    found = np.full((2, len(space.ids)), np.nan)
    if known:
        rows = np.repeat(space.nominal[None, :], 2 * len(known), axis=0)
        for j, k in enumerate(known):
            rows[2 * j : 2 * j + 2, k] = space.quantiles(space.ids[k], np.array(ENDS))
        found[:, known] = run(pd.DataFrame(rows, columns=list(space.ids))).reshape(-1, 2).T
    return found[0], found[1]
