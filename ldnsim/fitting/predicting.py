"""`predict`: what the model says of each measurement of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data import StudyData
from ..errors import SolverWarning, bad, instance, unknown, warn_user
from ..model import Model
from ..simulation.cohort import Cohort
from ..simulation.dosing import warn_of_unread
from ..simulation.request import check_numbers
from .samples import Samples, observed, samples_of, subjects_model, words_of_undosed

if TYPE_CHECKING:
    import pandas as pd


def predict(
    model: Model,
    data: Any,
    observe: str | Mapping[Any, str] | None = None,
    cmt: str | None = None,
    individual: pd.DataFrame | None = None,
    *,
    rtol: float = 1e-6,
    threads: int | None = None,
) -> pd.DataFrame:
    """Predict the measurements of a table, each in its row.

    Parameters
    ----------
    model : Model
        What is simulated.
    data : StudyData, or what `read_data` reads
        Doses, measurements and covariates.
    observe : str or dict, optional
        Variable that was measured, or ``{DVID: variable}`` (``{CMT: variable}`` where the CMT of observations tells
        analytes apart); may be left out where the model has one observable.
    cmt : str, optional
        State that doses enter if the table does not say where they go.
    individual : DataFrame, optional
        Parameters of each subject: one row a subject, by its label, a column a parameter (``fit.individual``).

    Returns
    -------
    DataFrame
        The rows of the data in their places, with PRED by the model's own parameters and, where
        `individual` is given, IPRED by those, in the unit of the variable. Rows that are no observations have
        NaN.

    Other Parameters
    ----------------
    rtol : float
        Relative tolerance.
    threads : int, optional
        Threads; by default one a core. Results do not depend on it.

    Raises
    ------
    InputError
        If doses have no place in the model, or it is not clear what was measured.
    UnknownNameError
        If a name does not exist.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> rows = [{"ID": 1, "TIME": "22:00", "AMT": 4.5}, {"ID": 1, "TIME": "23:30", "DV": 0.9}]
    >>> data = ldn.read_data(rows)
    >>> ldn.predict(ldn.load_model("naltrexone_pk"), data, "plasma_naltrexone").PRED.round(2).tolist()
    [nan, ...]
    """
    model, data = subjects_model(model, data, cmt)
    check_numbers(threads, rtol)
    warn_of_unread([model], list(data.regimens.values()))
    samples = samples_of(data, observed(model, data, observe, every=True), every=True)
    table = data.table
    table["PRED"] = _column(model, samples, {}, rtol, threads)
    if individual is not None:
        table["IPRED"] = _column(model, samples, _own(model, data, individual), rtol, threads)
    return table


def _own(model: Model, data: StudyData, individual: Any) -> dict[str, np.ndarray]:
    """Parameters of each subject in the order of the data."""
    import pandas as pd

    instance("individual", individual, pd.DataFrame, "a DataFrame, one row a subject", "fit.individual")
    for subject in data.subjects:
        if subject not in individual.index:
            raise unknown("individual", subject, map(str, individual.index))
    for name in individual.columns:
        if name not in model.parameter_ids:
            raise unknown("individual column", name, model.parameter_ids, listing="model.parameters")
        if any(name in regimen.covariates for regimen in data.regimens.values()):
            rule = "is set by a column of the data, which would overrule it"
            raise bad("individual column", name, rule, f"leave {name!r} out of one of the two")
    found = individual.loc[list(data.subjects)].to_numpy(dtype=float)
    if found.shape[0] != len(data.subjects):
        raise bad("individual", len(individual), "must have one row for each subject")
    if not np.isfinite(found).all():
        raise bad("individual", "NaN", "must hold finite numbers")
    return dict(zip(map(str, individual.columns), found.T, strict=True))


def _column(model: Model, samples: Samples, own: Mapping[str, np.ndarray], rtol: float, threads: int | None):
    """Predictions in the rows of the table; NaN elsewhere."""
    n = len(samples)
    cohort = Cohort(model, list(samples.data.regimens.values()), samples.outputs, tuple(own), rtol, threads)
    values = np.stack(list(own.values()), axis=1) if own else np.zeros((n, 0))
    who = np.arange(n)
    found = samples.seen(cohort.values(values, who), who)
    if not own and (undosed := samples.undosed(found)):
        warn_user(f"{words_of_undosed(undosed)}; look at data.regimens")
    column = np.full(len(samples.data.table), np.nan)
    column[samples.row[samples.used]] = found[samples.used]
    lost = ~np.isfinite(found[samples.used])
    if lost.any():
        warn_user(
            f"{lost.sum()} of {lost.size} predictions could not be computed; they are NaN", SolverWarning
        )
    return column
