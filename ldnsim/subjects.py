"""Who the virtual patients are: variation between people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .choices import noted
from .covariates import names_of, values_of
from .errors import bad, instance, unknown, whole
from .library import rows_of
from .memory import check_room
from .model import Model
from .numeric import number_of

if TYPE_CHECKING:
    import pandas as pd

MAX_REDRAWS = 1000
LEAST_EIGENVALUE = 1e-10  # of a correlation matrix: below, rounding decides whether it is one


def population(
    model: Model, n: int, seed: int = 0, covariates: Mapping[str, object] | None = None
) -> pd.DataFrame:
    """Draw virtual patients of a model: variation between people, and covariates; see `ldnsim.population`."""
    import pandas as pd

    instance("model", model, Model, "a Model", "ldnsim.load_model('ldn')")
    n, seed = whole("n", n, 1), whole("seed", seed)
    given = instance(
        "covariates", {} if covariates is None else covariates, Mapping, "a dict", "covariates={'weight': 60}"
    )
    table = model.parameters
    varying = table[table["iiv_cv"].fillna(0) > 0]
    size = 3.0 * 8 * n * len(varying)  # draws, their values and the table
    check_room(
        "n", size, f"{n} subjects x {len(varying)} parameters", "draw fewer at a time, with other seeds"
    )
    values = _draw(varying, n, _correlation(model, varying.index), seed)
    people = pd.DataFrame(values, columns=varying.index.tolist(), index=pd.RangeIndex(n, name="subject"))
    for parameter, column in values_of(model, given, n).items():
        people[parameter] = column
    people.attrs.update(seed=seed, model=model.name)
    return noted(people, model)


def _draw(varying: pd.DataFrame, n: int, correlation: np.ndarray, seed: int) -> np.ndarray:
    """Values of the varying parameters, shape (n, k); rows that leave the bounds are drawn again."""
    lower = varying["lower"].fillna(-np.inf).to_numpy(float)
    upper = varying["upper"].fillna(np.inf).to_numpy(float)
    root = np.linalg.cholesky(correlation) if len(varying) else correlation

    def spread(z: np.ndarray) -> np.ndarray:
        return _spread(
            varying["value"].to_numpy(float), varying["iiv_cv"].to_numpy(float), upper <= 1, z @ root.T
        )

    # Rows are filled one after another, so subject i does not depend on how many follow.
    values = spread(np.random.default_rng(seed).standard_normal((n, len(varying))))
    for i in np.flatnonzero(~((values >= lower) & (values <= upper)).all(axis=1)):
        stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(i),)))
        for _ in range(MAX_REDRAWS):
            values[i] = spread(stream.standard_normal(len(varying)))
            inside = (values[i] >= lower) & (values[i] <= upper)
            if inside.all():
                break
        else:
            name = varying.index[np.flatnonzero(~inside)[0]]
            bounds = f"[{varying['lower'][name]:g}, {varying['upper'][name]:g}]"
            raise bad(
                f"parameters[{name!r}].iiv_cv",
                float(varying["iiv_cv"][name]),
                f"puts almost every draw outside the bounds {bounds}",
            )
    return values


def _spread(median: np.ndarray, cv: np.ndarray, fraction: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Lognormal about ``median`` with coefficient of variation ``cv``; logit-normal for fractions."""
    sigma = np.sqrt(np.log1p(cv**2))
    # By the delta method a relative spread s of a fraction x is s / (1 - x) on the logit scale.
    share = np.where(fraction, median, 0.5)
    odds = share / (1 - share) * np.exp(sigma / (1 - share) * z)
    return np.where(fraction, odds / (1 + odds), median * np.exp(sigma * z))


def _correlation(model: Model, varying: pd.Index) -> np.ndarray:
    """Correlation matrix of the random effects, from ``correlations.csv`` where the model has one.

    Raises
    ------
    InputError
        If a row is no correlation of two parameters that vary, or the rows contradict each other.
    """
    matrix = np.eye(len(varying))
    places = {str(name): k for k, name in enumerate(varying)}
    pairs: dict[tuple[str, str], float] = {}
    for row in rows_of(model, "correlations"):
        first, second, correlation = _pair(model, row, places)
        if {(first, second), (second, first)} & set(pairs):
            raise bad(
                _called(first, second), correlation, "is the second row of this pair", "keep one of them"
            )
        pairs[first, second] = correlation
        i, j = places[first], places[second]
        matrix[i, j] = matrix[j, i] = correlation
    _check_definite(matrix, places, pairs)
    return matrix


def _check_definite(matrix: np.ndarray, places: Mapping[str, int], pairs: Mapping[tuple, float]) -> None:
    """Refuse what no random effects can have, naming the pair that adds most to the contradiction."""
    if not pairs:
        return
    variances, directions = np.linalg.eigh(matrix)
    if variances[0] >= LEAST_EIGENVALUE:
        return
    v = directions[:, 0]
    worst = min(pairs, key=lambda pair: pairs[pair] * v[places[pair[0]]] * v[places[pair[1]]])
    rule = "contradicts the other correlations: no random effects have them all"
    remedy = "lower those of these parameters, or give the pairs that are missing"
    raise bad(_called(*worst), pairs[worst], rule, remedy)


def _called(first: str, second: str) -> str:
    return f"correlations[{first!r}, {second!r}]"


def _pair(model: Model, row, places: Mapping[str, int]) -> tuple[str, str, float]:
    """Check one row of ``correlations.csv`` by itself."""
    names = [str(getattr(row, column, "")).strip() for column in ("first", "second")]
    for column, name in zip(("first", "second"), names, strict=True):
        if name not in model.parameter_ids:
            raise unknown(f"correlations {column}", name, places)
        if name not in places:
            raise bad(f"correlations {column}", name, "does not vary between people: it has no iiv_cv")
    pair = _called(*names)
    correlation = number_of(getattr(row, "correlation", None))
    if names[0] == names[1]:
        raise bad(pair, correlation, "is a parameter with itself", "name two")
    if not abs(correlation) < 1:
        raise bad(pair, getattr(row, "correlation", None), "must be a number above -1 and below 1")
    return names[0], names[1], correlation


def no_parameter(argument: str, name: object, model: Model) -> Exception:
    """Say of a name that is no parameter what it may be: a covariate moves parameters."""
    if name in names_of(model):
        remedy = f"ldnsim.population(model, n, covariates={{{name!r}: ...}}) sets what it moves"
        return bad(argument, name, "is a covariate, no parameter", remedy)
    return unknown(argument, name, model.parameter_ids, listing="model.parameters")
