"""`posterior`: the shipped draws of the uncertain parameters, and what they make of a regimen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import library
from ..choices import BESIDE, CHANCE, noted, settled, unchosen, warn_of_companions
from ..errors import bad, whole
from ..simulation.request import Subjects
from .arguments import a_model, a_seed
from .priors import Prior

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model


def posterior(model: Model, n: int | None = None, seed: int | None = None) -> pd.DataFrame:
    """Return the draws of what is not known that are shipped with a model; see `ldnsim.posterior`."""
    seed = None if seed is None else a_seed(seed)
    n = None if n is None else whole("n", n, 1)
    shipped = _shipped(model)
    warn_of_companions(shipped, model)
    draws = unchosen(shipped, model)
    if n is not None:
        if n > len(draws):
            raise bad("n", n, f"must be at most the {len(draws)} draws shipped")
        rows = slice(n) if seed is None else np.random.default_rng(seed).choice(len(draws), n, replace=False)
        draws = draws.iloc[rows]
    draws = draws.reset_index(drop=True).rename_axis("subject")
    draws.attrs.update(seed="" if seed is None else seed, model=model.name)
    return noted(draws, model, "posterior")


def count_of(model: Model) -> int:
    """Count the draws that are shipped with a model, under its scenario."""
    return len(_shipped(model))


def _shipped(model: Model) -> pd.DataFrame:
    """Read the draws under the structures that a model may have, of the parameters that it has."""
    if not library.has_table(a_model(model), "posterior"):
        raise bad(
            "model", model.name, "has no posterior.csv", "make one with ldnsim.calibrate(model).write()"
        )
    draws = library.table(model, "posterior").reset_index()
    if model.scenario in model.structures and "structure" in draws:
        draws = draws[draws["structure"] == model.scenario]
    beside = [name for name in BESIDE if name in draws]
    return draws[[*beside, *(name for name in draws if name in model.parameter_ids)]]


def draws_given(draws: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Check draws that were given, and leave out what was chosen on the model."""
    found = settled(draws, model)
    Subjects(found, [model], "draws")
    return found


def prior_draws(model: Model, n: int, seed: int = 0) -> pd.DataFrame:
    """Draw the uncertain parameters from their priors, as if nothing had been measured.

    Parameters
    ----------
    model : Model
    n : int
        Number of draws.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    DataFrame, shape (n, parameters)
    """
    n, seed = whole("n", n, 1), a_seed(seed)
    prior = Prior.of(a_model(model))
    draws = prior.frame(prior.draw(n, np.random.default_rng(seed))).rename_axis("subject")
    draws.attrs.update(seed=seed, model=model.name)
    return noted(draws, model, "prior")


def deciding(draws: pd.DataFrame, values: np.ndarray, most: int = 3) -> pd.Series:
    """Name the parameters that decide a result: those whose rank goes with its rank.

    Parameters
    ----------
    draws : DataFrame, shape (n, parameters)
    values : array, shape (n,)
        The result of each draw.
    most : int
        How many to name.

    Returns
    -------
    Series
        Rank correlation by parameter, each given those before it: Spearman's for the first and strongest, then
        partial ones, so that a parameter which only goes along with another is not named. A correlation that
        chance would bring among so few draws (below 3.5 standard errors) is left out; so there are none where
        the result does not vary.
    """
    import pandas as pd

    finite = np.isfinite(values)
    values, draws = np.asarray(values)[finite], draws.drop(columns=[c for c in BESIDE if c in draws])
    if len(values) < 3 or np.ptp(values) <= 1e-9 * np.abs(values).max():
        return pd.Series(dtype=float)
    ranks = draws[finite].rank().to_numpy()
    left, rest = ranks - ranks.mean(axis=0), pd.Series(values).rank().to_numpy()
    rest = rest - rest.mean()
    found: dict[str, float] = {}
    tiny = 1e-9 * len(values) ** 1.5  # of what nothing is left once those before it are known
    while len(found) < most and np.linalg.norm(rest) > tiny:
        size = np.linalg.norm(left, axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            own = np.where(size > tiny, left.T @ rest / size / np.linalg.norm(rest), 0.0)
        k = int(np.abs(own).argmax())
        if abs(own[k]) <= CHANCE / np.sqrt(len(values)):
            break
        found[str(draws.columns[k])] = float(own[k])
        along = left[:, k] / size[k]
        left = left - np.outer(along, along @ left)
        rest = rest - along * (along @ rest)
    return pd.Series(found, dtype=float)
