"""The statistical model as the user writes it: keyword arguments, or a table with one row a parameter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..data import StudyData
from ..errors import a_list, bad, instance, unknown
from ..model import Model
from ..numeric import as_number, number_of
from ..regimen import Regimen
from .covariates import design
from .effects import Effects
from .residual import Residual
from .samples import Samples
from .scales import Scale
from .spread import Spread

VARIANCE = 0.1  # of a random effect, to start from
OCCASION_VARIANCE = 0.03  # of one of an occasion
OCCASION = "of occasion"  # column of records, which no table has
COLUMNS = ("estimate", "iiv", "fixed", "lower", "upper", "transform")
_YES, _NO = ("1", "true", "yes", "y"), ("0", "false", "no", "n", "", "nan", "none", "-")


@dataclass
class Wanted:
    """What is asked of a fit, by the names of parameters.

    Attributes
    ----------
    estimate : list of str
        What is estimated.
    blocks : list of list of str
        Which parameters vary, those of a block together.
    variance : dict
        Of random effects, to start from.
    fixed : list of str
        Random effects whose variance, and residual parameters whose value stays.
    bounds, transform : dict
        Of parameters.
    covariates : list of (str, str)
        Parameter, and covariate that moves it.
    occasional : dict
        Parameters that vary between occasions, with variances to start from.
    """

    estimate: list[str] = field(default_factory=list)
    blocks: list[list[str]] = field(default_factory=list)
    variance: dict[str, float] = field(default_factory=dict)
    fixed: list[str] = field(default_factory=list)
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)
    transform: dict[str, str] = field(default_factory=dict)
    covariates: list[tuple[str, str]] = field(default_factory=list)
    occasional: dict[str, float] = field(default_factory=dict)

    @property
    def varying(self) -> list[str]:
        """Parameters with a random effect."""
        return [name for block in self.blocks for name in block]

    @property
    def moving(self) -> tuple[str, ...]:
        """Parameters that a fit moves."""
        return tuple(self.arguments)

    @property
    def arguments(self) -> dict[str, str]:
        """The argument by which each parameter that a fit moves was named, the first of several."""
        named = {"estimate": self.estimate, "iiv": self.varying, "covariates": [p for p, _ in self.covariates],
                 "iov": self.occasional}  # fmt: skip
        found: dict[str, str] = {}
        for argument, names in named.items():
            found |= {name: argument for name in names if name not in found}
        return found


def wanted(
    model: Model,
    estimate: Iterable[str] | None,
    iiv: Iterable[str] | Mapping[str, Any] | None,
    fixed: Iterable[str],
    covariates: Mapping[str, Any] | None,
    table: Any,
    iov: Any = None,
) -> Wanted:
    """Bring the arguments of `fit` to one form.

    Raises
    ------
    InputError, UnknownNameError
        If a name does not exist, or an argument contradicts another.
    """
    found = Wanted()
    if table is not None:
        _read_table(model, table, found)
    if estimate is not None:
        found.estimate = _names("estimate", estimate, model)
    if iiv is not None:
        _read_iiv(model, iiv, found)
    found.fixed += [fixed] if isinstance(fixed, str) else a_list("fixed", fixed, "a list of names", kinds=str)
    moved = {} if covariates is None else instance("covariates", covariates, Mapping, "a dict {'CL': 'WT'}")
    for parameter, columns in moved.items():
        _names("covariates", [parameter], model)
        listed = (
            [columns]
            if isinstance(columns, str)
            else a_list("covariates", columns, "names of columns", 1, str)
        )
        twice = [name for name in listed if listed.count(name) > 1]
        if twice:
            raise bad(f"covariates[{parameter!r}]", listed, f"names {twice[0]!r} twice", "name each once")
        found.covariates += [(parameter, name) for name in listed]
    if iov is not None:
        named = (
            iov if isinstance(iov, Mapping) else dict.fromkeys(_names("iov", iov, model), OCCASION_VARIANCE)
        )
        _names("iov", list(named), model)
        found.occasional = {name: _variance(f"iov[{name!r}]", v) for name, v in named.items()}
    twice = [name for name in found.varying if found.varying.count(name) > 1]
    if twice:
        raise bad("iiv", twice[0], "stands in two blocks", "put all that vary together into one")
    return found


def _names(argument: str, names: Any, model: Model) -> list[str]:
    listed = [names] if isinstance(names, str) else a_list(argument, names, "a list of names", kinds=str)
    for name in listed:
        if name not in model.parameter_ids:
            raise unknown(argument, name, model.parameter_ids, listing="model.parameters")
        if listed.count(name) > 1:
            raise bad(argument, listed, f"names {name!r} twice", "another parameter may be meant")
    return listed


def _read_iiv(model: Model, iiv: Any, found: Wanted) -> None:
    if not isinstance(iiv, Mapping):
        found.blocks = [[name] for name in _names("iiv", iiv, model)]
        return
    found.blocks = []
    for name, value in iiv.items():
        if isinstance(value, str) or not isinstance(value, Iterable):
            (name,) = _names("iiv", [name], model)
            found.blocks.append([name])
            found.variance[name] = _variance(f"iiv[{name!r}]", value)
        else:
            found.blocks.append(_names(f"iiv[{name!r}]", value, model))


def _variance(argument: str, value: Any) -> float:
    number = number_of(value)
    if not 0 < number < 100:
        raise bad(argument, value, "must be a variance > 0 to start from, or a list of names for a block")
    return number


def _read_table(model: Model, table: Any, found: Wanted) -> None:
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        from ..errors import a_path

        path = a_path("table", table)
        if not path.is_file():
            raise bad("table", str(table), "is no file", "a CSV file with a row a parameter")
        table = pd.read_csv(path)
    for column in ("id", "name", "parameter"):
        if column in table:
            table = table.set_index(column)
    for column in table.columns:
        if column not in COLUMNS and column not in ("value", "unit", "description"):
            raise unknown("table column", column, COLUMNS)
    for name, row in table.iterrows():
        (name,) = _names("table", [name], model)
        if _flag("estimate", name, row.get("estimate")):
            found.estimate.append(name)
        _read_variance(name, row.get("iiv"), found)
        if _flag("fixed", name, row.get("fixed")):
            found.fixed.append(name)
        lower, upper = (as_number(row.get(end)) for end in ("lower", "upper"))
        if not np.isnan([lower, upper]).all():
            found.bounds[name] = lower, upper
        if isinstance(row.get("transform"), str):
            found.transform[name] = row["transform"].strip()


def _read_variance(name: str, cell: Any, found: Wanted) -> None:
    number = number_of(cell)
    if number > 0 and number != 1 and not isinstance(cell, bool | np.bool_):
        found.variance[name] = number
    elif not _flag("iiv", name, cell):
        return
    found.blocks.append([name])


def _flag(column: str, name: str, cell: Any) -> bool:
    text = "" if cell is None else str(cell).strip().lower().removesuffix(".0")
    if text in _YES or text in _NO:
        return text in _YES
    raise bad(
        f"table[{name!r}].{column}",
        cell,
        "must be yes or no" + (", or a variance" if column == "iiv" else ""),
    )


def effects_of(
    model: Model, asked: Wanted, samples: Samples, residual: Residual, omega: Any, sigma: Any
) -> Effects:
    """Make the statistical model, with everything at its start."""
    moving = asked.moving
    ids = model.parameter_ids
    values = np.array([float(model.values[ids.index(name)]) for name in moving])
    bounds = np.array([_bounds(model, asked, name) for name in moving]).reshape(-1, 2)
    scales = tuple(
        Scale.chosen(name, asked.transform.get(name), value, *ends)
        for name, value, ends in zip(moving, values, bounds, strict=True)
    )
    base = np.array([float(s.of(v)) for s, v in zip(scales, values, strict=True)])
    inner = np.array([_inner(s, ends) for s, ends in zip(scales, bounds, strict=True)]).reshape(-1, 2)
    log_sd, free = _residual_start(residual, sigma, asked.fixed)
    known = {*asked.varying, *residual.names, *map(of_occasion, asked.occasional)}
    for name in asked.fixed:
        if name not in known:
            raise unknown("fixed", name, known)
    covariates = [(moving.index(p), c) for p, c in asked.covariates]
    count = occasions(samples.data, asked) if asked.occasional else 0
    spread = Spread.of(
        asked.blocks, _omega_start(model, asked, omega), [n for n in asked.fixed if n in asked.varying]
    )
    kappas = [(moving.index(name), o) for name in asked.occasional for o in range(count)]
    names = [of_occasion(name) for name in asked.occasional]
    varying = [*(moving.index(n) for n in asked.varying), *range(len(moving), len(moving) + len(kappas))]
    return Effects(
        moving, scales, np.concatenate([base, np.zeros(len(kappas))]),
        tuple(moving.index(n) for n in asked.estimate), inner, covariates,
        design(samples, asked.covariates), np.zeros(len(covariates)),
        spread.with_occasions(names, list(asked.occasional.values()), count, asked.fixed),
        np.array(varying, np.int64), log_sd, free, np.array(kappas, np.int64).reshape(-1, 2),
    )  # fmt: skip


def of_occasion(name: str) -> str:
    """Name the effect of occasions on a parameter."""
    return f"{name}~OCC"


def occasions(data: StudyData, asked: Wanted) -> int:
    """Count the occasions of the subject with most of them.

    Raises
    ------
    InputError
        If the data do not tell them apart.
    """
    if "OCC" not in data.table:
        raise bad(
            "iov", list(asked.occasional), "needs a column OCC in the data, which tells occasions apart"
        )
    missing = data.table["OCC"].isna()
    if missing.any():
        raise bad(
            "OCC", None, f"must say for each record which occasion it is of (record {int(missing.argmax())})"
        )
    counts = data.table.groupby("ID")["OCC"].nunique()
    if counts.max() < 2:
        raise bad(
            "iov", list(asked.occasional), "cannot be told: no subject has two occasions", "leave it out"
        )
    return int(counts.max())


def by_occasion(data: StudyData) -> list[Regimen]:
    """Give each record the number of its occasion, counted from the subject's first, whatever the table calls it."""
    found = []
    for subject, regimen in data.regimens.items():
        labels = data.table["OCC"][(data.table["ID"] == subject).to_numpy()].tolist()
        number = {label: float(k) for k, label in enumerate(dict.fromkeys(labels))}
        records = zip(regimen.records, labels, strict=True)
        found.append(Regimen(replace(r, extra=(*r.extra, (OCCASION, number[o]))) for r, o in records))
    return found


def _bounds(model: Model, asked: Wanted, name: str) -> tuple[float, float]:
    """Bounds of a parameter: those asked for, else those of the model's table."""
    row = next((p for p in model.table if p.id == name), None)
    own = (-np.inf, np.inf) if row is None else (row.lower, row.upper)
    ends = [a if a == a else b for a, b in zip(asked.bounds.get(name, (np.nan, np.nan)), own, strict=True)]
    lower, upper = (e if e == e else s * np.inf for e, s in zip(ends, (-1, 1), strict=True))
    value = float(model.values[model.parameter_ids.index(name)])
    if not lower <= value <= upper:
        rule = f"must lie between its bounds {lower:g} and {upper:g} to start from"
        raise bad(f"model parameter {name}", value, rule, f"model.with_parameters({name}=...)")
    return lower, upper


def _inner(scale: Scale, ends: np.ndarray) -> tuple[float, float]:
    if scale.kind == "logit":
        return -12.0, 12.0
    lower, upper = ends
    if scale.kind == "log":
        return (np.log(lower) if lower > 0 else -np.inf), (np.log(upper) if np.isfinite(upper) else np.inf)
    return lower, upper


def _residual_start(residual: Residual, sigma: Any, fixed: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    start = dict(zip(residual.names, residual.start(), strict=True))
    if np.isfinite(as_number(sigma)) and len(start) == 1:
        sigma = dict.fromkeys(start, sigma)
    given = {} if sigma is None else instance("sigma", sigma, Mapping, "a dict", "{'additive': 0.5}")
    for name, value in given.items():
        if name not in start:
            raise unknown("sigma", name, start)
        number = number_of(value)
        if not 0 < number < np.inf:
            raise bad(f"sigma[{name!r}]", value, "must be a standard deviation > 0")
        start[name] = number
    told = [residual.tells(o) for o, _ in residual.places]
    return np.log(list(start.values())), np.array([n not in fixed for n in start]) & told


def _omega_start(model: Model, asked: Wanted, omega: Any) -> np.ndarray:
    """Covariance of the random effects to start from, in the order in which they vary."""
    import pandas as pd

    names = asked.varying
    cv = model.parameters.get("iiv_cv", {})
    found = np.zeros((len(names), len(names)))
    for k, name in enumerate(names):
        own = as_number(cv.get(name, np.nan))
        found[k, k] = asked.variance.get(name, np.log1p(own**2) if own > 0 else VARIANCE)
    if omega is None:
        return found
    if isinstance(omega, pd.DataFrame):
        for name in names:
            if name not in omega.index or name not in omega.columns:
                raise unknown("omega", name, map(str, omega.index))
        given = omega.loc[names, names].to_numpy(dtype=float)
        if not np.allclose(given, given.T, equal_nan=True):
            raise bad("omega", given.tolist(), "must be symmetric, as a covariance is")
        apart = np.array(
            [[any({a, b} <= set(block) for block in asked.blocks) for b in names] for a in names]
        )
        found = np.where(apart.reshape(given.shape), given, 0.0)
    else:
        for name, value in instance("omega", omega, Mapping, "a DataFrame or a dict of variances").items():
            if name not in names:
                raise unknown("omega", name, names)
            found[names.index(name), names.index(name)] = _variance(f"omega[{name!r}]", value)
    if len(names) and not np.linalg.eigvalsh(found)[0] > 0:
        raise bad("omega", found.tolist(), "must be a covariance, with all eigenvalues above 0")
    return found
