"""What a new measurement of the same thing would show: parameters, studies and sampling, each with its share.

A prediction of a measurement is uncertain in three ways. The parameters are: each posterior draw predicts
another value. Studies of the same endpoint scatter about each other: one variance for each class of endpoint,
estimated from the fitted rows alone, each predicted as if its study had not been fitted. And few subjects were
measured: the standard error told, where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .density import TAIL
from .target import Target

if TYPE_CHECKING:
    import pandas as pd

CLASSES = {  # endpoint -> class that shares one variance between studies
    "Cmax": "exposure",
    "AUC": "exposure",
    "depot level": "exposure",
    "tmax": "time",
    "half-life": "time",
}
PRIOR_STUDIES = 2.0  # what the pooled variance counts beside the studies of a class
LEVELS, ENDS = (0.05, 0.95, 0.25, 0.75), ("low", "high", "low50", "high50")
NODES = 41  # quantiles of Student's t that stand for the scatter about each draw


class StudyScatter(NamedTuple):
    """Variance between studies of one class, and how well it is known.

    Attributes
    ----------
    variance : float
        Of logarithms, or in the square of the unit.
    df : float
        Degrees of freedom of Student's t that stands for it.
    """

    variance: float
    df: float


def kind_of(target: Target) -> tuple[str, bool]:
    """Class of a target, and whether its residual is one of logarithms."""
    return CLASSES.get(target.endpoint, target.endpoint), target.log


def fitted_of(rows: Sequence[Target]) -> list[int]:
    """Places of the rows that were fitted."""
    return [k for k, t in enumerate(rows) if t.use == "calibration"]


def scatters(
    rows: Sequence[Target], distance: np.ndarray, fitted: Sequence[int]
) -> dict[tuple[str, bool], StudyScatter]:
    """Estimate the variance between studies of each class of `rows` from the fitted ones.

    Parameters
    ----------
    rows : sequence of Target
    distance : array, shape (target,)
        Predicted less observed, of logarithms where the residual is, each as if its own study had not been fitted.
    fitted : sequence of int
        Places of the rows to learn from.

    Notes
    -----
    Mean over studies of squared distances less sampling variance (method of moments), with the pooled variance
    of all studies on the same scale counted as `PRIOR_STUDIES` more. A study counts once, however many of its
    rows were fitted: what one laboratory got wrong it got wrong in all. Logarithms are pooled as they are, rows
    in units of their own in their standard deviations. A class without a fitted row has the pooled variance.
    """
    excess = distance**2 - np.array([t.sampling**2 for t in rows])
    unit = np.array([1.0 if t.log else t.sd**2 for t in rows])
    found = {}
    for kind in dict.fromkeys(kind_of(t) for t in rows):
        alike = [k for k in fitted if rows[k].log == kind[1]]
        own = [k for k in alike if kind_of(rows[k]) == kind]
        usual = float(np.median([u for t, u in zip(rows, unit, strict=True) if kind_of(t) == kind]))
        pooled = _by_study(rows, excess / unit, alike)
        each = _by_study(rows, excess, own)
        middle = max(float(pooled.mean()), 0.0) if len(pooled) else 1.0
        df = PRIOR_STUDIES + len(each)
        found[kind] = StudyScatter(max(PRIOR_STUDIES * middle * usual + each.sum(), 0.0) / df, df)
    return found


def _by_study(rows: Sequence[Target], values: np.ndarray, places: Sequence[int]) -> np.ndarray:
    """Mean of each study."""
    studies = dict.fromkeys(rows[k].source for k in places)
    return np.array([np.mean([values[k] for k in places if rows[k].source == s]) for s in studies])


def _distance(target: Target, predicted: float) -> float:
    """Predicted less observed, of logarithms where the residual is."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.log(predicted / target.observed) if target.log else predicted - target.observed)


class Cloud(NamedTuple):
    """A new measurement as many weighted values, of logarithms where the residual is.

    Attributes
    ----------
    target : Target
    values, weights : array, shape (n,)
    """

    target: Target
    values: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(
        cls, target: Target, predicted: np.ndarray, scatter: StudyScatter, weights: np.ndarray | None = None
    ) -> Cloud:
        """Scatter studies and samples about each draw.

        Parameters
        ----------
        target : Target
        predicted : array, shape (draw,)
            NaN where a run failed: left out.
        scatter : StudyScatter
            Of its class.
        weights : array, shape (draw,), optional
            Of the draws; all alike if not given.
        """
        from scipy import stats

        good = np.isfinite(predicted) & ((predicted > 0) | (not target.log))
        values = np.log(predicted[good]) if target.log else predicted[good]
        share = np.full(len(values), 1.0) if weights is None else weights[good]
        spread = np.sqrt(scatter.variance + target.sampling**2)
        nodes = stats.t.ppf((np.arange(NODES) + 0.5) / NODES, scatter.df) if spread else np.zeros(NODES)
        cloud, weight = (values[:, None] + spread * nodes).ravel(), np.repeat(share, NODES)
        order = np.argsort(cloud)
        return cls(target, cloud[order], weight[order] / weight.sum())

    @property
    def reached(self) -> np.ndarray:
        """Share of the cloud below each value."""
        return np.cumsum(self.weights) - 0.5 * self.weights

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Quantiles in the unit of the target. A percentage stays between 0 and 100."""
        found = np.interp(levels, self.reached, self.values)
        found = np.exp(found) if self.target.log else found
        bounded = self.target.unit.startswith("%") and self.target.contrast
        return np.clip(found, 0.0, 100.0) if bounded else found

    def rank(self, observed: float) -> float:
        """Place of a measurement among these values: 0 below all, 1 above all."""
        value = np.log(observed) if self.target.log else observed
        return float(np.interp(value, self.values, self.reached, left=0.0, right=1.0))


def without(study: Sequence[int], residuals: np.ndarray) -> np.ndarray:
    """Weights of draws as if some of the fitted rows had not been fitted.

    Parameters
    ----------
    study : sequence of int
        The rows left out.
    residuals : array, shape (draw, target)
        In standard deviations of the measurements.

    Returns
    -------
    array, shape (draw,)
        Importance weights: one over the likelihood of the rows left out, truncated at sqrt(n) times their mean
        (Ionides 2008, J Comput Graph Stat 17:295), with sum 1.
    """
    log = 0.5 * (TAIL + 1) * np.log1p(residuals[:, list(study)] ** 2 / TAIL).sum(axis=1)
    weight = np.exp(log - np.nanmax(log))
    weight = np.nan_to_num(weight)
    weight = np.minimum(weight, weight.mean() * np.sqrt(len(weight)))
    return weight / weight.sum()


def intervals(rows: Sequence[Target], drawn: np.ndarray) -> pd.DataFrame:
    """Intervals of a new measurement of each row.

    Parameters
    ----------
    rows : sequence of Target
    drawn : array, shape (draw, target)
        Predictions of the posterior draws.

    Returns
    -------
    DataFrame
        One row a target: ``low`` and ``high`` (90 %), ``low50`` and ``high50``; ``parameters_low`` and
        ``parameters_high``, 90 % of the parameters alone; ``rank``, the place of the measurement in all that is
        predicted of it (0 to 1); ``unseen_low`` to ``unseen_high50`` and ``unseen_rank``, the same for a fitted
        row as if none of its study had been fitted.
    """
    import pandas as pd

    fitted = fitted_of(rows)
    residuals = np.stack([t.residual(drawn[:, k]) for k, t in enumerate(rows)], axis=1)
    studies = [
        [j for j in fitted if rows[j].source == t.source] if k in fitted else [] for k, t in enumerate(rows)
    ]
    weights = [without(study, residuals) if study else None for study in studies]
    nowhere = StudyScatter(0.0, np.inf)
    middles = [Cloud.of(t, drawn[:, k], nowhere, weights[k]).quantiles((0.5,))[0] for k, t in enumerate(rows)]
    distance = np.array([_distance(t, m) for t, m in zip(rows, middles, strict=True)])
    usual = scatters(rows, distance, fitted)
    found = []
    for k, (target, study) in enumerate(zip(rows, studies, strict=True)):
        others = scatters(rows, distance, [j for j in fitted if j not in study]) if study else usual
        row: dict[str, float] = {}
        for name, scatter, weight in (("", usual, None), ("unseen_", others, weights[k])):
            cloud = Cloud.of(target, drawn[:, k], scatter[kind_of(target)], weight)
            row |= dict(zip((name + end for end in ENDS), cloud.quantiles(LEVELS), strict=True))
            row[f"{name}rank"] = cloud.rank(target.observed)
        low, high = np.nanquantile(drawn[:, k], (0.05, 0.95))
        found.append(row | {"parameters_low": low, "parameters_high": high})
    return pd.DataFrame(found, index=pd.Index([t.id for t in rows], name="id"), dtype=float)


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """Say how many measurements lie within their intervals.

    Parameters
    ----------
    table : DataFrame
        Of `qualify`: ``use``, ``endpoint``, ``observed`` and the columns of `intervals`.

    Returns
    -------
    DataFrame
        One row for the fitted rows, the fitted rows with their study left out, the rows never seen, and each
        endpoint of these: ``rows``, ``within50`` and ``within90`` (shares), ``score`` (median interval score of
        the 90 % interval over the observed value's size), ``width`` (its median width, likewise).
    """
    import pandas as pd

    fitted, unseen = table[table["use"] == "calibration"], table[table["use"] == "validation"]
    parts = {
        ("fitted", "all"): (fitted, ""),
        ("fitted, study left out", "all"): (fitted, "unseen_"),
        ("never seen", "all"): (unseen, ""),
    }
    for use, some in (("fitted", fitted), ("never seen", unseen)):
        parts |= {(use, str(e)): (part, "") for e, part in some.groupby("endpoint", sort=False)}
    rows = {key: _covered(part, prefix) for key, (part, prefix) in parts.items() if len(part)}
    index = pd.MultiIndex.from_tuples(rows, names=["use", "endpoint"])
    return pd.DataFrame(list(rows.values()), index=index)


def _covered(part: pd.DataFrame, prefix: str) -> dict[str, float]:
    low, high, low50, high50 = (part[prefix + end] for end in ENDS)
    observed, size = part["observed"], part["observed"].abs()
    score = [interval_score(*row) for row in zip(low, high, observed, strict=True)]
    return {
        "rows": len(part),
        "within50": float(observed.between(low50, high50).mean()),
        "within90": float(observed.between(low, high).mean()),
        "score": float(np.median(np.array(score) / size)),
        "width": float(((high - low) / size).median()),
    }


def interval_score(low: float, high: float, observed: float) -> float:
    """Width of a 90 % interval and a penalty for what lies outside (Gneiting & Raftery 2007, JASA 102:359)."""
    outside = max(low - observed, 0.0) + max(observed - high, 0.0)
    return high - low + 2.0 / 0.1 * outside
