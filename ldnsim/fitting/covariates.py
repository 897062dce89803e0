"""Covariates of the subjects of a fit, on the scale on which they move parameters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import bad, unknown
from .samples import Samples


def design(samples: Samples, covariates: Sequence[tuple[str, str]]) -> np.ndarray:
    """Lay out covariates, shape (n, covariate).

    Parameters
    ----------
    samples : Samples
    covariates : sequence of (str, str)
        Parameter, and covariate that moves it.

    Returns
    -------
    array
        Logarithm of the ratio to the median where all are above 0, else the value (such as 0 or 1).

    Raises
    ------
    InputError, UnknownNameError
        If a covariate is no number, is missing, changes within a subject, or is the same for all.
    """
    found = np.zeros((len(samples), len(covariates)))
    for c, (_, name) in enumerate(covariates):
        x = _of_subjects(samples, name)
        found[:, c] = np.log(x / np.median(x)) if (x > 0).all() else x
    return found


def _of_subjects(samples: Samples, name: str) -> np.ndarray:
    data = samples.data
    table = data.covariates
    if name in data.labels:
        raise bad("covariates", name, "holds words", "write them as 0 and 1")
    if name not in table:
        raise unknown("covariates", name, [x for x in table if x not in data.labels])
    x = table[name].to_numpy(dtype=float)
    if np.isnan(x).any():
        raise bad("covariates", name, f"has no value for subject {data.subjects[int(np.isnan(x).argmax())]!r}")
    rows = data.table
    changes = rows.groupby("ID", sort=False)[name].nunique()
    if changes.max() > 1:
        rule = f"changes within subject {changes.idxmax()!r}, so that no one value moves the parameter"
        raise bad("covariates", name, rule, "give each subject one value")
    if np.ptp(x) == 0:
        raise bad("covariates", name, "is the same for all subjects, so its effect cannot be told")
    return x
