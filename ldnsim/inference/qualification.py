"""`qualify`: every measurement against its prediction, fitted rows apart from those the model never saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import whole
from ..numeric import FEW
from .draws import draws_given, posterior
from .intervals import coverage, intervals
from .prediction import predict
from .target import Target, all_targets

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

GOALS = {  # endpoint: what is asked of the calibration rows, and how it is summarised
    "Cmax": ("geometric mean fold error", 1.5),
    "AUC": ("geometric mean fold error", 1.5),
    "half-life": ("largest error, %", 30.0),
    "PET occupancy": ("RMSE, percentage points", 7.0),
}


def qualify(
    model: Model, *, n: int = 100, draws: pd.DataFrame | None = None, threads: int | None = None
) -> pd.DataFrame:
    """Hold the model against every measurement that it predicts.

    Parameters
    ----------
    model : Model
        With a ``targets.csv``.
    n : int, optional
        Posterior draws for the intervals of each prediction; of fewer than 20 there are none.

    Returns
    -------
    DataFrame
        Indexed by evidence id: ``use``, ``endpoint``, ``regimen``, ``observed``, ``predicted`` (the model's
        own values), ``unit``, ``fold`` (predicted / observed), ``error`` (predicted - observed), ``residual``
        (in standard deviations of the measurement), ``within_two_fold``, ``source``, ``note``; with draws, the
        columns of `ldnsim.inference.intervals.intervals`: ``low`` and ``high`` are the 90 % interval of a new
        measurement (parameters, studies and sampling). The worst rows of each use come first.
        ``attrs["summary"]`` is the table of `summary_of`, ``attrs["coverage"]`` that of `coverage`.

    Other Parameters
    ----------------
    draws : DataFrame, optional
        Use these instead of the shipped posterior.
    threads : int, optional
        As in `simulate`.

    Raises
    ------
    InputError
        If the model has no targets.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> table = ldn.qualify(ldn.load_model("ldn"), n=0)
    >>> bool((table.use == "validation").any())
    True
    """
    import pandas as pd

    check_kinds(qualify, locals(), "model", "n")
    n = whole("n", n)
    rows = all_targets(model)
    predicted = predict(model, rows, threads=threads)[0]
    table = pd.DataFrame([_row(t, predicted[k]) for k, t in enumerate(rows)]).set_index("id")
    some = draws_given(draws, model) if draws is not None else posterior(model, n) if n else ()
    if len(some) >= FEW:
        table = table.join(intervals(rows, predict(model, rows, some, threads=threads)))
    else:
        table = table.assign(low=np.nan, high=np.nan)
    order = {"calibration": 0, "validation": 1, "context": 2}
    keys = pd.DataFrame({"use": table["use"].map(order), "far": -table["residual"].abs()})
    table = table.loc[keys.sort_values(["use", "far"], kind="stable").index]
    table.attrs["summary"] = summary_of(table)
    if "rank" in table:
        table.attrs["coverage"] = coverage(table)
    return table


def _row(target: Target, predicted: float) -> dict:
    fold = predicted / target.observed if target.observed * predicted > 0 else np.nan
    return {
        "id": target.id,
        "use": target.use,
        "endpoint": target.endpoint,
        "regimen": _words(target),
        "observed": target.observed,
        "predicted": float(predicted),
        "unit": target.unit,
        "fold": float(fold),
        "error": float(predicted - target.observed),
        "residual": float(target.residual(np.asarray(predicted))),
        "within_two_fold": bool(0.5 <= fold <= 2),
        "source": target.source,
        "note": target.note,
    }


def _words(target: Target) -> str:
    design = target.design
    dose = design.dose * target.scale
    unit = "ng/kg" if design.drug == "lps" else "mg"
    what = f"{dose:g} {unit} {design.drug if design.drug == 'lps' else design.formulation}"
    if not dose:
        what = "placebo"
    return what if design.n == 1 else f"{what} daily, {design.n} d"


def summary_of(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise a table of `qualify` by use and endpoint.

    Returns
    -------
    DataFrame
        Indexed by (use, endpoint): ``rows``, ``gmfe`` (geometric mean fold error), ``two_fold`` (share within
        two-fold), ``largest`` (largest error, %), ``rmse`` (in the unit of the measurement).
    """
    import pandas as pd

    found = {}
    for key, part in table.groupby(["use", "endpoint"], sort=False):
        logs = np.abs(np.log(part["fold"]))
        found[key] = {
            "rows": len(part),
            "gmfe": float(np.exp(logs.mean())),
            "two_fold": float(part["within_two_fold"].mean()),
            "largest": float(100 * np.abs(part["fold"] - 1).max()),
            "rmse": float(np.sqrt((part["error"] ** 2).mean())),
        }
    index = pd.MultiIndex.from_tuples(found, names=["use", "endpoint"])
    return pd.DataFrame(list(found.values()), index=index)


def goals_of(table: pd.DataFrame) -> pd.DataFrame:
    """Say for each goal what was asked, what was reached and whether it is met."""
    import pandas as pd

    summary = table.attrs["summary"].loc["calibration"]
    column = {"geometric": "gmfe", "largest": "largest", "RMSE,": "rmse"}
    rows = []
    for endpoint, (measure, most) in GOALS.items():
        reached = float(summary[column[measure.split()[0]]][endpoint])
        rows.append([endpoint, measure, most, reached, bool(reached <= most)])
    return pd.DataFrame(rows, columns=["endpoint", "measure", "goal", "reached", "met"]).set_index("endpoint")
