"""`published_trials`: trials of the literature repeated on virtual patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from .. import library
from ..door import check_kinds
from ..inference.arguments import a_model
from ..regimen import Regimen
from .trial import virtual_trial

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model


class Repetition(TypedDict, total=False):
    """Arguments of `virtual_trial` that the published trials do not settle."""

    washout: float
    dropout: float
    endpoint: str
    analysis: str
    alpha: float
    trials: int
    worlds: int
    patients: int
    threads: int | None


def published_trials(model: Model, seed: int = 0, **how: Unpack[Repetition]) -> pd.DataFrame:
    """Repeat the published trials on virtual patients, and say whether what they found is foreseen.

    Parameters
    ----------
    model : Model
        With a table of trials.
    seed : int
        Of the patients and of the repetitions.
    **how
        Further arguments of `virtual_trial`; by default 160 worlds of 8 patients.

    Returns
    -------
    DataFrame
        A row a trial: ``reported`` difference, ``low``, ``median`` and ``high`` of the 90 % predictive
        interval (points), ``inside``, ``beyond`` (share of repetitions at least as far from the median, on
        the same side), ``power``, ``positive`` (as published).

    Examples
    --------
    >>> import ldnsim as ldn
    >>> found = ldn.published_trials(ldn.load_model("ldn"), trials=20, worlds=2, patients=4)
    >>> {"reported", "median", "inside"} <= set(found.columns)
    True
    """
    import pandas as pd

    check_kinds(published_trials, locals(), "model", "seed")
    rows: dict[str, dict[str, Any]] = {}
    how = {"worlds": 160, "patients": 8, **how}
    for name, row in library.table(a_model(model), "trials").iterrows():
        steps = [(float(a), int(b)) for a, b in (s.split("x") for s in str(row["steps"]).split(";"))]
        drug = Regimen.titration(steps, at="22:00")
        found = virtual_trial(
            model.with_parameters(pain_rest=float(row["baseline"])), {"placebo": None, "drug": drug},
            n=int(row["n"]), weeks={"placebo": row["placebo_weeks"], "drug": row["weeks"]}, seed=seed,
            design=row["design"], order=row["order"] or "random", sd=float(row["sd"]), **how,
        )  # fmt: skip
        low, median, high = found["interval"].values[0]
        below = float((found["difference"].values[0] <= row["difference"]).mean())
        rows[name] = {
            "design": row["design"], "n": int(row["n"]), "reported": row["difference"], "low": low,
            "median": median, "high": high, "inside": bool(low <= row["difference"] <= high),
            "beyond": below if row["difference"] <= median else 1 - below,
            "power": float(found["power"][0]), "positive": bool(row["positive"]),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("trial")
