"""The draws that a study rests on: the posterior where a model ships one, else its priors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import bad, whole
from ..inference.arguments import a_model, a_seed
from ..inference.draws import count_of, deciding, posterior, prior_draws
from ..library import has_table
from ..numeric import quantiles

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

LOW, HIGH = 0.05, 0.95  # ends of the 90 % intervals that all studies give


def draws_of(model: Model, n: int, seed: int = 0, argument: str = "draws") -> pd.DataFrame:
    """Choose draws of the uncertain parameters.

    Parameters
    ----------
    model : Model
    n : int
        How many.
    seed : int
        Which.
    argument : str
        What `n` is called where it was given, for messages.

    Returns
    -------
    DataFrame, shape (n, parameters)
        ``attrs["draws"]`` is "posterior" or "prior".

    Raises
    ------
    InputError
        If ``n`` is not a whole number >= 1 or more than are shipped, or ``seed`` none >= 0.
    """
    n, seed = whole(argument, n, 1), a_seed(seed)
    if not has_table(a_model(model), "posterior"):
        return prior_draws(model, n, seed)
    most = count_of(model)
    if n > most:
        remedy = "more come from ldnsim.calibrate(model, draws=...).write()"
        raise bad(argument, n, f"must be at most the {most} draws shipped", remedy)
    return posterior(model, n, seed) if n < most else posterior(model)


def interval(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """Median and 90 % interval, stacked first: (median, low, high). An infinite value stays what it is.

    Of few draws there is no interval, see `ldnsim.numeric.quantiles`.
    """
    return quantiles(values, (0.5, LOW, HIGH), axis, method="inverted_cdf")


def deciding_assumed(model: Model, subjects: pd.DataFrame | None, values: np.ndarray) -> str:
    """Name the assumed parameters among those that decide a result, in order; empty where there are none.

    Parameters
    ----------
    model : Model
    subjects : DataFrame or None
        The draws; None for nominal values, where nothing varies.
    values : array, shape (draw,)
        The result of each draw.
    """
    if subjects is None:
        return ""
    assumed = {p.id for p in model.table if p.grade == "assumed"}
    return " ".join(name for name in deciding(subjects, values).index if name in assumed)
