"""What is known of a patient before the samples: how people differ, and how little is known of the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import bad, instance, one_of, unknown
from ..model import Model
from ..numeric import as_number, number_of
from .densities import distribution_of, refuse_percent
from .scales import Scale

if TYPE_CHECKING:
    import pandas as pd

WORDS = ("both", "iiv", "uncertainty")


class Known(NamedTuple):
    """A normal distribution of parameters on their scales.

    Attributes
    ----------
    scales : tuple of Scale
    middle : array, shape (k,)
    covariance : array, shape (k, k)
    words : str
        Where it comes from.
    """

    scales: tuple[Scale, ...]
    middle: np.ndarray
    covariance: np.ndarray
    words: str


def check_prior(prior: Any) -> None:
    """Refuse what is no prior.

    Raises
    ------
    InputError, UnknownNameError
        Saying what one may be.
    """
    import pandas as pd

    kinds = str | Mapping | pd.DataFrame
    if isinstance(instance("prior", prior, kinds, "a word, draws, or a dict of gsd by name"), str):
        one_of("prior", prior, WORDS)


def known_of(model: Model, names: Sequence[str], prior: Any) -> Known:
    """Read what is known.

    Parameters
    ----------
    model : Model
    names : sequence of str
        Parameters that are estimated.
    prior : str, DataFrame or dict
        "iiv" (``iiv_cv`` of the model's table), "uncertainty" (``uncertainty_gsd``), "both"; draws, one row a
        draw; or geometric standard deviations by name.
    """
    import pandas as pd

    rows = {p.id: p for p in model.table}
    values = [float(model.values[model.parameter_ids.index(n)]) for n in names]
    ends = [(rows[n].lower, rows[n].upper) if n in rows else (np.nan, np.nan) for n in names]
    scales = tuple(Scale.chosen(n, None, v, *e) for n, v, e in zip(names, values, ends, strict=True))
    middle = np.array([float(s.of(v)) for s, v in zip(scales, values, strict=True)])
    if isinstance(prior, pd.DataFrame):
        return _of_draws(names, scales, prior)
    relative = np.array([_relative(s, v) for s, v in zip(scales, values, strict=True)])
    if isinstance(prior, Mapping):
        for name in prior:
            if name not in model.parameter_ids:
                raise unknown("prior", name, model.parameter_ids, listing="model.parameters")
        lacking = [name for name in names if name not in prior]
        if lacking:
            rule = f"lacks {lacking[0]!r}"
            raise bad("prior", sorted(prior), rule, "give a geometric standard deviation for each")
        gsd = [_log_gsd(n, prior[n]) if not isinstance(prior[n], str) else 0.0 for n in names]
        spread = np.array(gsd) * relative
        for k, (name, scale) in enumerate(zip(names, scales, strict=True)):
            if isinstance(prior[name], str):
                middle[k], spread[k] = _normal(name, prior[name], scale)
        return Known(scales, middle, np.diag(spread**2), "as given")
    spread = np.array([_own(model, name, prior) for name in names]) * relative
    words = {"both": "iiv_cv and uncertainty_gsd of the model", "iiv": "iiv_cv of the model"}.get(
        prior, "uncertainty_gsd of the model"
    )
    return Known(scales, middle, np.diag(spread**2), words)


def _relative(scale: Scale, value: float) -> float:
    """Spread on the scale of a parameter for a relative spread of 1 near its value."""
    return float(value / scale.slope(scale.of(value)))


def _log_gsd(name: str, given: Any) -> float:
    gsd = number_of(given)
    if not 1 < gsd < np.inf:
        raise bad(f"prior[{name!r}]", given, "must be a geometric standard deviation > 1")
    refuse_percent(f"prior[{name!r}]", gsd)
    return float(np.log(gsd))


def _normal(name: str, text: str, scale: Scale) -> tuple[float, float]:
    """Read a distribution that is normal on the scale of a parameter: its middle and standard deviation there."""
    argument, found = f"prior[{name!r}]", distribution_of(f"prior[{name!r}]", text)
    if found.family != "normal" or scale.kind != ("log" if found.of else "none"):
        kind = {"log": "the logarithm", "logit": "the logit", "none": "the value"}[scale.kind]
        rule = f"is not normal in {kind} of {name!r}, as the prior of a patient must be"
        raise bad(argument, text, rule, "method='focei' takes other distributions")
    unit = np.log(10.0) if found.of == "log10" else 1.0
    return unit * found.numbers[0], unit * found.numbers[1]


def _own(model: Model, name: str, prior: str) -> float:
    row = model.parameters.loc[name]
    cv, gsd = (as_number(row.get(column, np.nan)) for column in ("iiv_cv", "uncertainty_gsd"))
    people = np.log1p(cv**2) if cv > 0 and prior != "uncertainty" else 0.0
    unknown_part = np.log(gsd) ** 2 if gsd > 1 and prior != "iiv" else 0.0
    if not people + unknown_part > 0:
        columns = {"both": "iiv_cv nor uncertainty_gsd", "iiv": "iiv_cv"}.get(prior, "uncertainty_gsd")
        rule = f"says nothing of {name!r}, which has no {columns} in the model's table"
        raise bad("prior", prior, rule, "prior={'CL': 1.5, ...} gives geometric standard deviations")
    return float(np.sqrt(people + unknown_part))


def _of_draws(names: Sequence[str], scales: tuple[Scale, ...], draws: pd.DataFrame) -> Known:
    for name in names:
        if name not in draws:
            raise unknown("prior column", name, map(str, draws.columns))
    if len(draws) < 10 * len(names):
        raise bad("prior", f"DataFrame of {len(draws)}", f"must hold at least {10 * len(names)} draws")
    z = np.stack([s.of(draws[n].to_numpy(dtype=float)) for s, n in zip(scales, names, strict=True)], axis=1)
    if not np.isfinite(z).all():
        raise bad("prior", "draws", "must lie within the bounds of the parameters")
    return Known(scales, z.mean(axis=0), np.cov(z.T).reshape(len(names), -1), f"{len(draws)} draws")
