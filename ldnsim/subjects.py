"""Who the virtual patients are: variation between people, and covariates by the names clinicians use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import library
from .choices import noted
from .errors import bad, instance, unknown, whole
from .memory import check_room
from .model import Model
from .numeric import as_number, number_of
from .unit_sizes import contradicts

if TYPE_CHECKING:
    import pandas as pd

MAX_REDRAWS = 1000
LEAST_EIGENVALUE = 1e-10  # of a correlation matrix: below, rounding decides whether it is one


def population(
    model: Model, n: int, seed: int = 0, covariates: Mapping[str, object] | None = None
) -> pd.DataFrame:
    """Draw virtual patients: between-subject variation of the parameters, and covariates.

    Parameters
    ----------
    model : Model
        Its parameter table says how much each parameter varies between people (``iiv_cv``).
    n : int
        Number of subjects, >= 1.
    seed : int, optional
        Whole number >= 0. Subject i is the same for the same seed, whatever ``n`` and the covariates are.
    covariates : mapping, optional
        Covariate name to one value for all, or to one value a subject: a number (``weight=60`` kg,
        ``age``, ``crcl``) or a level (``liver="cirrhosis"``). The model's ``covariates.csv`` lists them with
        the parameter that each one sets; the model's equations hold its effect.

    Returns
    -------
    DataFrame, shape (n, parameters)
        One row a subject, one column a parameter (in the parameter's unit). Use it as
        ``simulate(..., subjects=...)``.

    Raises
    ------
    InputError
        If ``n``, ``seed`` or a covariate's value is not allowed.
    UnknownNameError
        If a covariate or a level has no row in the model's table.

    Notes
    -----
    A parameter varies lognormally about its value as the median, with coefficient of variation ``iiv_cv``;
    a fraction (upper bound 1) varies on the logit scale with the same relative spread near its value.
    Correlations come from the model's ``correlations.csv`` (none where there is none). A draw outside a
    parameter's bounds is drawn again, for that subject alone, so every draw has a rest state.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> people = ldn.population(ldn.load_model("ldn"), n=3, seed=7, covariates={"weight": [60, 75, 90]})
    >>> people["weight"].tolist()
    [60.0, 75.0, 90.0]
    """
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
    set_by: dict[str, str] = {}
    for name, value in given.items():
        for parameter, column in _covariate(model, name, value, n).items():
            _check_alone(name, parameter, set_by)
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
    for row in _rows(model, "correlations"):
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
    if name in _covariates_of(model):
        remedy = f"ldnsim.population(model, n, covariates={{{name!r}: ...}}) sets what it moves"
        return bad(argument, name, "is a covariate, no parameter", remedy)
    return unknown(argument, name, model.parameter_ids, listing="model.parameters")


def _covariates_of(model: Model) -> list[str]:
    return list(dict.fromkeys(row.covariate for row in _rows(model, "covariates")))


def _check_alone(name: str, parameter: str, set_by: dict[str, str]) -> None:
    """Refuse a covariate that sets what another one sets."""
    other = set_by.setdefault(parameter, name)
    if other != name:
        rule = f"sets {parameter!r}, as {other!r} does"
        raise bad("covariates", name, rule, f"give one of the two, {other!r} or {name!r}")


def _check_steady(model: Model, name: str, parameter: str) -> None:
    """Refuse a level that would set what differs from person to person; a number of one's own may."""
    if model.parameters.iiv_cv[parameter] > 0:
        rule = f"sets {parameter!r}, which varies between people (iiv_cv): all would have one value"
        remedy = f"let the equations scale {parameter!r} by a parameter of the covariate's own"
        raise bad("covariates", name, rule, remedy)


def _covariate(model: Model, name: str, value: object, n: int) -> dict[str, np.ndarray]:
    """Find the parameters that a covariate sets, and their values for each of ``n`` subjects."""
    rows = [row for row in _rows(model, "covariates") if row.covariate == name]
    if not rows:
        raise unknown("covariates", name, _covariates_of(model))
    for row in rows:
        own = str(model.parameters.unit[row.parameter])
        if contradicts(str(getattr(row, "unit", "")), own):
            rule = f"is in {row.unit} in covariates.csv, and sets {row.parameter!r}, which is in {own}"
            raise bad("covariates", name, rule, f"write {own} there, and give values in it")
    argument, alone = f"covariates[{name!r}]", _is_alone(value)
    column = _one_each(argument, value, n)
    levels = dict.fromkeys(row.level for row in rows if row.level)
    numbers = np.array([as_number(x) for x in column])
    of_levels = bool(levels) and bool(np.isnan(numbers).any())
    found = {}
    for parameter in dict.fromkeys(row.parameter for row in rows):
        if of_levels:
            _check_steady(model, name, parameter)
            # A level that says nothing of a parameter leaves it as it is.
            values = dict.fromkeys(levels, float(model.parameters.value[parameter]))
            values |= {
                row.level: float(row.value) for row in rows if row.level and row.parameter == parameter
            }
            found[parameter] = np.array([_level(argument, k, x, values, alone) for k, x in enumerate(column)])
        else:
            unit = next(str(getattr(row, "unit", "")) for row in rows if row.parameter == parameter)
            _check_numbers(model, argument, parameter, unit, column, numbers, alone)
            found[parameter] = numbers
    return found


def _check_numbers(
    model: Model,
    argument: str,
    parameter: str,
    unit: str,
    column: np.ndarray,
    numbers: np.ndarray,
    alone: bool,
) -> None:
    """Refuse what is no number, and what the table of parameters does not allow."""
    for k in map(int, np.flatnonzero(np.isnan(numbers))):
        raise bad(argument, column[k], f"must be a number{unit and f' ({unit})'}" + _of_subject(k, alone))
    bounds = model.parameters.loc[parameter, ["lower", "upper"]].astype(float)
    low, high = bounds.fillna({"lower": -np.inf, "upper": np.inf})
    wrong = np.flatnonzero(~((numbers >= low) & (numbers <= high)))
    if wrong.size:
        rule = f"must lie between {low:g} and {high:g} {unit}".rstrip()
        raise bad(argument, float(numbers[wrong[0]]), rule + _of_subject(int(wrong[0]), alone))


def _one_each(argument: str, value: Any, n: int) -> np.ndarray:
    """One value a subject, as it came."""
    check_order(argument, value)
    values = [value] * n if _is_alone(value) else list(value)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    if len(values) != n or any(np.iterable(x) and not isinstance(x, str) for x in values):
        raise bad(argument, value, f"must be one value, or one for each of the {n} subjects")
    return column


def check_order(argument: str, value: Any) -> None:
    """Refuse a Series that holds the subjects 0, 1, 2, ... in another order: its values are taken as they stand."""
    index = getattr(value, "index", ())
    labels = [] if callable(index) else np.asarray(index).tolist()
    if labels != (order := list(range(len(labels)))) and set(labels) == set(order):
        rule = "is not the order of the subjects, 0, 1, 2, ..., in which values are taken"
        raise bad(argument, labels[:5], rule, "give value.sort_index()")


def _level(argument: str, k: int, level: object, levels: Mapping[str, float], alone: bool) -> float:
    if not isinstance(level, str):
        raise bad(argument, level, f"must be one of {', '.join(levels)}" + _of_subject(k, alone))
    if level not in levels:
        raise unknown(argument, level, levels)
    return levels[level]


def _is_alone(value: object) -> bool:
    """Whether a value is one for all."""
    return isinstance(value, str) or not np.iterable(value)


def _of_subject(k: int, alone: bool) -> str:
    return "" if alone else f" (subject {k})"


def _rows(model: Model, name: str) -> list:
    """Rows of one of the model's tables; none where it has no such table."""
    return (
        list(library.table(model, name).reset_index().itertuples()) if library.has_table(model, name) else []
    )
