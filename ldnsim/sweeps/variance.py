"""How much of the spread of a metric is what we do not know, and how much is that people differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def variance_split(ds: xr.Dataset, uncertainty: str = "draw", people: str = "subject") -> pd.DataFrame:
    """Split the variance of every metric between uncertainty of the parameters and variation of people.

    Parameters
    ----------
    ds : xarray.Dataset
        From ``sweep(..., draws=posterior, subjects=population)``: every person under every draw.
    uncertainty, people : str
        Names of the two dimensions.

    Returns
    -------
    DataFrame
        One row for each metric (and each point of the dimensions that remain): ``mean``, ``sd``, and the
        shares of the variance ``uncertainty`` (would vanish if the parameters were known), ``people`` (would
        stay) and ``both`` (people differ by another amount under another draw). NaN where a trajectory did
        not finish.

    Raises
    ------
    InputError
        If a dimension is missing or has fewer than two labels.

    Notes
    -----
    Two-way analysis of variance with random effects and one value a cell: with the mean squares MS,
    var(uncertainty) = (MS_u - MS_both) / n_people, var(people) = (MS_p - MS_both) / n_draws, and
    var(both) = MS_both; a negative estimate counts as 0.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> model = ldn.load_model("ldn")
    >>> people, draws = ldn.population(model, n=8), ldn.posterior(model).head(8)
    >>> ds = ldn.sweep(model, {}, subjects=people, draws=draws, metrics=["change_il6"], dose=4.5, days=3)
    >>> ldn.variance_split(ds).columns.tolist()
    ['mean', 'sd', 'uncertainty', 'people', 'both']
    """
    import pandas as pd

    check_kinds(variance_split, locals())
    for name, dim in (("uncertainty", uncertainty), ("people", people)):
        if ds.sizes.get(dim, 0) < 2:
            rule = f"must be a dimension of ds with at least two labels (it has {dict(ds.sizes)})"
            raise bad(name, dim, rule, "sweep(..., draws=ldn.posterior(model), subjects=ldn.population(...))")
    rows: dict[tuple[str, ...], np.ndarray] = {}
    for metric, values in ds.data_vars.items():
        if values.dtype.kind != "f" or not {uncertainty, people} <= set(values.dims):
            continue
        rest = [d for d in values.dims if d not in (uncertainty, people)]
        cells = values.transpose(*rest, uncertainty, people)
        split = _split(cells.values)
        if not rest:
            rows[(str(metric),)] = split
            continue
        for place in np.ndindex(split.shape[:-1]):
            labels = (cells[d].values[k] for d, k in zip(rest, place, strict=True))
            shown = " ".join(f"{d}={label}" for d, label in zip(rest, labels, strict=True))
            rows[str(metric), shown] = split[place]
    names = ["metric", "at"] if any(len(k) > 1 for k in rows) else ["metric"]
    padded = [(*key, "")[: len(names)] for key in rows]
    index = (
        pd.MultiIndex.from_tuples(padded, names=names) if len(names) > 1 else pd.Index([k[0] for k in padded])
    )
    columns = ["mean", "sd", "uncertainty", "people", "both"]
    return pd.DataFrame(list(rows.values()), index=index.set_names(names), columns=columns)


def _split(y: np.ndarray) -> np.ndarray:
    """Mean, sd and the three shares of values of shape (..., draw, person)."""
    n, m = y.shape[-2:]
    mean = y.mean(axis=(-2, -1))
    by_draw, by_person = y.mean(axis=-1), y.mean(axis=-2)
    left = y - by_draw[..., :, None] - by_person[..., None, :] + mean[..., None, None]
    both = (left**2).sum(axis=(-2, -1)) / ((n - 1) * (m - 1))
    draws = np.maximum(by_draw.var(axis=-1, ddof=1) - both / m, 0.0)
    people = np.maximum(by_person.var(axis=-1, ddof=1) - both / n, 0.0)
    total = draws + people + both
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.stack([draws, people, both], axis=-1) / total[..., None]
    return np.concatenate([np.stack([mean, np.sqrt(total)], axis=-1), shares], axis=-1)
