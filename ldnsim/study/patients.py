"""Virtual patients of several worlds: what is uncertain differs between worlds, what varies, within them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..choices import BESIDE, noted
from ..subjects import population
from .draws import draws_of

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model


def worlds_of(model: Model, worlds: int, patients: int, seed: int = 0) -> pd.DataFrame:
    """Draw patients of several worlds.

    Parameters
    ----------
    model : Model
    worlds : int
        Draws of the uncertain parameters.
    patients : int
        Patients of each world, who vary about its draw.
    seed : int

    Returns
    -------
    DataFrame, shape (worlds * patients, parameters)
        World by world. A world's value is multiplied by a patient's deviation from the typical patient; for a
        share the odds are.
    """
    import pandas as pd

    draws = draws_of(model, worlds, seed, "worlds")
    world = draws.drop(columns=[name for name in BESIDE if name in draws])
    people = world.loc[world.index.repeat(patients)].reset_index(drop=True)
    varied = population(model, len(people), seed=seed)
    table, own = model.parameters, {}
    for name in varied:
        middle, nominal = people[name] if name in people else table["value"][name], table["value"][name]
        if table["upper"][name] == 1:
            odds = middle / (1 - middle) * _odds(varied[name]) / _odds(nominal)
            own[name] = odds / (1 + odds)
        else:
            own[name] = middle * varied[name] / nominal if nominal else np.zeros(len(people))
    kept = people.drop(columns=[name for name in own if name in people])
    people = pd.concat([kept, pd.DataFrame(own, index=people.index)], axis=1)
    people = people[[*world.columns, *(name for name in own if name not in world)]]
    people.attrs = {"seed": seed, "worlds": len(draws)}
    return noted(people, model, draws.attrs["draws"])


def _odds(share):
    return share / (1 - share)
