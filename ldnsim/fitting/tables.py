"""Tables of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import one_of
from ..regimen.record import OBSERVATION
from . import residuals
from .prediction import Prediction
from .uncertainty import LEVEL, level_of, widened

if TYPE_CHECKING:
    import pandas as pd

    from .result import Fit

COLUMNS = ("value", "se", "rse", "low", "high")


def square(names, values: np.ndarray) -> pd.DataFrame:
    """Make a table with the same names on both sides."""
    import pandas as pd

    return pd.DataFrame(values, index=list(names), columns=list(names))


def entry_names(prediction: Prediction) -> list[str]:
    """Name each entry of the vector of a fit."""
    e = prediction.effects
    names = [e.moving[k] for k in e.estimate] + [f"{e.moving[k]}~{c}" for k, c in e.covariates]
    for i, j in e.spread.entries:
        a, b = e.spread.names[j], e.spread.names[i]
        names.append(f"omega {a}" if a == b else f"omega {a},{b}")
    return names + [n for n, free in zip(prediction.residual.names, e.free_sd, strict=True) if free]


def _framed(rows: list, names: list) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, index=names, columns=list(COLUMNS), dtype=float)


def _on_scale(scale, z: float, sd: float, level: float = LEVEL) -> tuple[float, ...]:
    """Estimate, standard error, relative one (%), and interval, back from a scale."""
    with np.errstate(over="ignore"):  # of an interval that has no end
        value, *ends = (float(scale.back(v)) for v in (z, z - level * sd, z + level * sd))
    se = float(abs(scale.slope(z)) * sd)
    ends.sort()
    return value, se, 100.0 * se / abs(value) if value else np.nan, *ends


def _levels(fit: Fit) -> np.ndarray:
    """Say how many standard errors each end of an interval lies away, shape (parameter,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return LEVEL * np.sqrt(np.diag(widened(fit))) / fit.known.errors


def of_population(fit: Fit) -> pd.DataFrame:
    """List fixed effects and covariate effects; a parameter that was not estimated has its value alone."""
    e, x, sd = fit.prediction.effects, fit.best.x, fit.known.errors
    rows, names, levels = [], [], _levels(fit)
    for j, k in enumerate(e.estimate):
        names.append(e.moving[k])
        rows.append(_on_scale(e.scales[k], x[j], sd[j], levels[j]))
    for c, (k, name) in enumerate(e.covariates):
        j = len(e.estimate) + c
        names.append(f"{e.moving[k]}~{name}")
        relative = 100.0 * sd[j] / abs(x[j]) if x[j] else np.nan
        rows.append((x[j], sd[j], relative, x[j] - levels[j] * sd[j], x[j] + levels[j] * sd[j]))
    for k, name in enumerate(e.moving):
        if name not in names:
            rows.append((float(e.scales[k].back(e.base[k])), *[np.nan] * 4))
            names.append(name)
    return _framed(rows, names)


def spread_of_patients(fit: Fit) -> np.ndarray:
    """Covariance of each patient's parameters on their scales, shape (n, q, q): the inverse second derivative."""
    m, v = fit.modes, fit.prediction.effects.varying
    own = m.slopes[:, :, v]
    h = np.einsum("nm,nmi,nmj->nij", m.scatter.info, own, own) + fit.point.precision
    z = fit.prediction.effects.placed(m.eta, fit.point.centre)
    bend = fit.prediction.curvature(z, np.arange(len(z)))[:, :, v][:, :, :, v]
    g = np.einsum("nm,nmi,nmj->nij", m.scatter.ddf, own, own) + fit.point.precision
    g += np.einsum("nm,nmij->nij", m.scatter.df, bend)
    positive = np.linalg.eigvalsh(g)[:, 0] > 0
    return np.linalg.inv(np.where(positive[:, None, None], g, h))


def of_patients(fit: Fit) -> pd.DataFrame:
    """List the parameters of each patient with a prior."""
    e = fit.prediction.effects
    if fit.sampled is not None:
        p = e.natural(fit.sampled.of_patients)
        return _of_each(fit, _framed(_of_draws(p.reshape(len(p), -1)), list(e.moving) * p.shape[1]))
    sd = np.sqrt(np.diagonal(spread_of_patients(fit), axis1=1, axis2=2))
    z = e.placed(fit.modes.eta, fit.point.centre)
    rows = [_on_scale(s, z[i, k], sd[i, k]) for i in range(len(z)) for k, s in enumerate(e.scales)]
    return _of_each(fit, _framed(rows, list(e.moving) * len(z)))


def _of_each(fit: Fit, found: pd.DataFrame) -> pd.DataFrame:
    """Put the patients before the names of their parameters, where there are several."""
    import pandas as pd

    if len(fit.data.subjects) > 1:
        moving = fit.prediction.effects.moving
        found.index = pd.MultiIndex.from_product([fit.data.subjects, moving], names=["ID", "parameter"])
    return found


def _of_draws(draws: np.ndarray) -> list[tuple[float, ...]]:
    """Return medians and quantiles of draws, shape (draw, entry), in the columns of `COLUMNS`."""
    value, sd = np.median(draws, axis=0), draws.std(axis=0)
    low, high = np.quantile(draws, (0.05, 0.95), axis=0)
    return list(zip(value, sd, 100.0 * sd / np.abs(value), low, high, strict=True))


def of_chains(fit: Fit) -> pd.DataFrame:
    """List how well the chains of a sampled posterior agree."""
    import pandas as pd

    s, e = fit.sampled, fit.prediction.effects
    if s is None:
        return pd.DataFrame(columns=["rhat", "ess_bulk", "ess_tail"])
    found = pd.DataFrame({"rhat": s.rhat, "ess_bulk": s.ess_bulk, "ess_tail": s.ess_tail})
    who = [f"{i} " if len(fit.data.subjects) > 1 else "" for i in fit.data.subjects]
    names = [f"{i}{name}" for i in who for name in e.moving]
    found.index = pd.Index([*names, *free_residual(fit)])
    return found


def free_residual(fit: Fit) -> list[str]:
    """Name the residual parameters that were estimated."""
    p = fit.prediction
    return [n for n, free in zip(p.residual.names, p.effects.free_sd, strict=True) if free]


def of_variances(fit: Fit) -> pd.DataFrame:
    """Estimated variances and residual standard deviations."""
    if fit.sampled is not None:
        free = fit.prediction.effects.free_sd
        return _framed(_of_draws(np.exp(fit.sampled.residual[:, free])), free_residual(fit))
    e, x, covariance = fit.prediction.effects, fit.best.x, fit.known.covariance
    a, b = e.sizes
    slopes, omega = e.spread.slopes(x[a:b]), fit.point.omega
    rows, names, level, levels = [], [], level_of(fit.prediction), _levels(fit)
    for i, j in e.spread.entries:
        turn = slopes[:, i, j]
        se = float(np.sqrt(turn @ covariance[a:b, a:b] @ turn))
        value = float(omega[i, j])
        relative = se / abs(value) if value else np.nan
        ends = (value * np.exp(-level * relative), value * np.exp(level * relative)) if i == j else (
            value - level * se, value + level * se)  # fmt: skip
        rows.append((value, se, 100.0 * relative, *ends))
    names += [n for n in entry_names(fit.prediction) if n.startswith("omega ")]
    for k, name in enumerate(free_residual(fit)):
        value, sd = float(np.exp(x[b + k])), float(np.sqrt(covariance[b + k, b + k]))
        with np.errstate(over="ignore"):  # of an interval that has no end
            low, high = value * np.exp(-levels[b + k] * sd), value * np.exp(levels[b + k] * sd)
        rows.append((value, value * sd, 100.0 * sd, low, high))
        names.append(name)
    return _framed(rows, names)


def of_shrinkage(fit: Fit) -> pd.DataFrame:
    """Shrinkage of standard deviations (Savic & Karlsson, AAPS J 11, 2009)."""
    import pandas as pd

    variance: np.ndarray = np.diag(fit.point.omega)
    told: np.ndarray = _told(fit.prediction)
    names = fit.prediction.effects.spread.names
    found = {}
    for name in dict.fromkeys(names):
        at = [k for k, other in enumerate(names) if other == name]
        own = fit.modes.eta[:, at][told[:, at]]
        sd = own.std(ddof=1) if own.size > 1 else np.nan
        found[name] = 100.0 * (1.0 - sd / np.sqrt(variance[at[0]]))
    own = residuals.individual(fit.prediction, fit.point, fit.modes)
    own = own[np.isfinite(own)]
    last = 100.0 * (1.0 - own.std(ddof=1)) if own.size > 1 else np.nan
    return pd.DataFrame({"shrinkage": [*found.values(), last]}, index=[*found, "residual"])


def _told(prediction: Prediction) -> np.ndarray:
    """Whether a subject has measurements that tell of each random effect, shape (n, q)."""
    e, s, cohort = prediction.effects, prediction.samples, prediction.cohort
    found: np.ndarray = np.repeat(np.any(s.used, axis=1)[:, None], len(e.spread), axis=1)
    first = len(e.spread) - len(e.kappas)
    for i, regimen in enumerate(cohort.regimens if len(e.kappas) else ()):
        looked_at = np.array([r.evid == OBSERVATION for r in regimen.records], bool)
        seen = cohort.periods[cohort.kind[i]][looked_at][s.record[i][s.used[i]]]
        found[i, first:] = np.isin(e.kappas[:, 1], seen)
    return found


def of_learning(fit: Fit) -> pd.DataFrame:
    """Prior and posterior of each parameter of the patients."""
    import pandas as pd

    if not fit.of_one:
        return pd.DataFrame(columns=["prior", "prior_low", "prior_high", "value", "low", "high", "learnt"])
    e, known = fit.prediction.effects, np.sqrt(np.diag(fit.point.omega))
    found = fit.parameters[["value", "low", "high"]].copy()
    n = len(fit.prediction.samples)
    rows = [_on_scale(s, e.base[k], known[k]) for k, s in enumerate(e.scales)] * n
    for place, column in ((0, "prior"), (3, "prior_low"), (4, "prior_high")):
        found[column] = [row[place] for row in rows]
    if fit.sampled is None:
        after = np.diagonal(spread_of_patients(fit), axis1=1, axis2=2)
    else:
        after = fit.sampled.of_patients.var(axis=0)
    found["learnt"] = (1.0 - after / known**2).ravel()
    return found[["prior", "prior_low", "prior_high", "value", "low", "high", "learnt"]]


def units_of(fit: Fit) -> dict[str, str]:
    """Return the unit of each variable that was measured; empty where the model tells none."""
    told = fit.prediction.cohort.model.outputs["unit"]
    return {name: str(told.get(name, "") or "") for name in fit.prediction.samples.outputs}


def of_measurements(fit: Fit, variable: str) -> pd.DataFrame:
    """Take the rows of the data that measure a variable, in the time in which periods follow each other."""
    s = fit.prediction.samples
    one_of("variable", variable, s.outputs)
    here = s.used & (s.output == s.outputs.index(variable))
    order = np.argsort(s.row[here])
    found = fit.data.table.loc[s.row[here][order], ["ID", "TIME", "DV", "CENS", "LLOQ"]]
    return found.assign(TIME=s.time[here][order])


def of_predictions(fit: Fit) -> pd.DataFrame:
    """Put predictions and residuals into the rows of the data."""
    p, point, m = fit.prediction, fit.point, fit.modes
    who = np.arange(len(p.samples))
    is_log = p.residual.is_log[p.samples.output]

    def natural(f: np.ndarray) -> np.ndarray:
        return np.where(is_log, np.exp(np.where(is_log, f, 0.0)), f)

    columns: dict[str, np.ndarray] = {
        "PRED": natural(p.values(point.centre, who)),
        "IPRED": natural(m.f),
        "IWRES": residuals.individual(p, point, m),
        "CWRES": residuals.conditional(p, point, m),
        "NPDE": residuals.by_simulation(p, point, fit.seed),
    }
    table = fit.data.table
    table.attrs["units"] = units_of(fit)
    for name, values in columns.items():
        column = np.full(len(table), np.nan)
        column[p.samples.row[p.samples.used]] = values[p.samples.used]
        table[name] = column
    return table
