"""How steeply an opioid is blocked: slope, reserve and size of the challenge trade against each other."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import bad
from ..simulation import simulate
from .arguments import a_model
from .prediction import predict, regimen_of
from .target import Target, targets

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

SLOPES = (1.0, 2.0, 3.0, 4.0)
FIELD = ["pressure_brain", "endorphin_brain", "mu_density_brain", "opioid_pressure"]
STEP = 0.05  # h
CHALLENGE = (0.1, 10.0)  # fold of the model's own


def ridge(model: Model, slopes: Sequence[float] = SLOPES) -> pd.DataFrame:
    """Hold the occupancies of the model and ask what each slope makes of the measured block.

    Parameters
    ----------
    model : Model
        With targets that are blocks of an opioid challenge.
    slopes : sequence of float, optional
        Of the operational model.

    Returns
    -------
    DataFrame
        Rows: "measured", one for each slope at its best reserve (within its bounds) and challenge (least
        squares), and the model's own. Columns: ``slope``, ``reserve``, ``challenge`` (fold of the model's own
        size of the challenge), one for each hour with the percent blocked, and ``occupancy_`` with the hour:
        percent of brain receptors held.

    Raises
    ------
    InputError
        If the model has no such targets.
    """
    import pandas as pd
    from scipy.optimize import least_squares

    rows = [t for t in targets(a_model(model)) if t.contrast == "blocked"]
    if not rows:
        raise bad("model", model.name, "has no target that is the block of an opioid challenge")
    observed = np.array([t.observed for t in rows])
    fields = np.array([_field(model, t) for t in rows])
    own = model.parameters["value"]
    ends = [model.parameters.loc["opioid_reserve", ["lower", "upper"]].to_numpy(float), CHALLENGE]
    found = [{"case": "measured"} | _blocks(rows, observed)]
    for slope in slopes:

        def miss(x, slope=slope):
            return _blocked(fields, own, slope, *np.exp(x)) - observed

        best = least_squares(miss, np.log([own["opioid_reserve"], 1.0]), bounds=np.log(ends).T).x
        told = {"slope": slope, "reserve": np.exp(best[0]), "challenge": np.exp(best[1])}
        found.append({"case": f"slope {slope:g}"} | told | _blocks(rows, miss(best) + observed))
    told = {"slope": own["opioid_slope"], "reserve": own["opioid_reserve"], "challenge": 1.0}
    held = {
        f"occupancy_{t.start:g}": 100 * f[0] / (1 + f[0] + own["e0"] * f[1])
        for t, f in zip(rows, fields, strict=True)
    }
    found.append({"case": "the model"} | told | _blocks(rows, predict(model, rows)[0]) | held)
    return pd.DataFrame(found).set_index("case")


def _blocks(rows: Sequence[Target], values: np.ndarray) -> dict[str, float]:
    return {f"{t.start:g}": float(v) for t, v in zip(rows, values, strict=True)}


def _field(model: Model, target: Target) -> np.ndarray:
    """Read what the challenge meets at its height, shape (4,): the variables of `FIELD`."""
    times = target.design.last + np.arange(target.start, target.end + STEP / 2, STEP)
    with warnings.catch_warnings():  # an opioid under naltrexone, as in the study
        warnings.filterwarnings("ignore", message=".*can precipitate withdrawal", category=UserWarning)
        ds = simulate(model, regimen_of(target.design), times=times, outputs=FIELD)
    height = int(ds["opioid_pressure"].values.argmax())
    return np.array([float(ds[name].values[height]) for name in FIELD])


def _blocked(
    fields: np.ndarray, own: pd.Series, slope: float, reserve: float, challenge: float
) -> np.ndarray:
    """Percent of the effect that is blocked, by the operational model."""
    drug, ligand, density, opioid = fields.T
    opioid = opioid * challenge

    def effect(drug, ligand, density):
        drive = (reserve * density * opioid / (1 + opioid + own["e0"] * ligand + drug)) ** slope
        return drive / (1 + drive)

    return 100 * (1 - effect(drug, ligand, density) / effect(0.0, 1.0, 1.0))
