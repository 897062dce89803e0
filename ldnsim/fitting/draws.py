"""Draws of what is not known of the parameters of a fit, and what they amount to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..choices import noted
from ..errors import a_list, bad, instance, whole
from ..model import Model
from ..numeric import quantiles
from ..simulation import simulate
from ..simulation.noise import ERRORS
from .tables import spread_of_patients
from .uncertainty import widened

if TYPE_CHECKING:
    import pandas as pd

    from ..regimen import Regimen
    from .result import Fit

DRAWS = 500


def draws_of(fit: Fit, n: int, seed: int) -> np.ndarray:
    """Parameters of the typical patient, or of the one patient, on their scales, shape (n, k)."""
    rng = np.random.default_rng(seed)
    if not fit.of_one:
        return typical(fit, vectors(fit, n, rng))
    if len(fit.prediction.samples) > 1:
        rule = f"is of {len(fit.prediction.samples)} patients"
        raise bad("fit", fit.method, rule, "fit them one by one, or as a population")
    return of_patient(fit, 0, n, rng)


def of_patient(fit: Fit, i: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Parameters of patient `i` with a prior on their scales, shape (n, k)."""
    if fit.sampled is not None:
        known = fit.sampled.of_patients[:, i]
        return known[rng.choice(len(known), n, replace=n > len(known))]
    e = fit.prediction.effects
    root = np.linalg.cholesky(spread_of_patients(fit)[i])
    return e.placed(fit.modes.eta, fit.point.centre)[i] + rng.standard_normal((n, len(e.moving))) @ root.T


def vectors(fit: Fit, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw what was estimated, shape (n, parameter), as wide as its intervals."""
    covariance = fit.known.covariance
    known = np.isfinite(np.diag(covariance))
    if fit.known.untold or not known.any():
        why = "; ".join(fit.notes) or "nothing was estimated"
        raise bad("fit", fit.method, "has no standard errors to draw from", why)
    found = np.repeat(fit.best.x[None, :], n, axis=0)
    root = np.linalg.cholesky(widened(fit)[np.ix_(known, known)])
    found[:, known] += rng.standard_normal((n, known.sum())) @ root.T
    return found


def typical(fit: Fit, x: np.ndarray) -> np.ndarray:
    """Return the parameters of the typical patient on their scales, shape (n, k), from drawn vectors."""
    e = fit.prediction.effects
    z = np.repeat(e.base[None, :], len(x), axis=0)
    z[:, list(e.estimate)] = x[:, : len(e.estimate)]
    return z


def model_of(fit: Fit) -> Model:
    """Put the estimates into the model; see `Fit.model`."""
    effects, z = fit.prediction.effects, fit.point.centre[0]
    if fit.of_one and len(fit.prediction.samples) == 1:
        z = effects.placed(fit.modes.eta, fit.point.centre)[0]
    if effects.covariates:
        z = effects.at(fit.best.x).theta
    values = dict(zip(effects.moving, effects.natural(z).tolist(), strict=True))
    model = fit.prediction.cohort.model
    return model.with_parameters(**values) if values else model


def scatter_of(fit: Fit) -> dict[str, dict[str, float]]:
    """Residual standard deviations of each variable, as `simulate(..., residual=True)` takes them."""
    r = fit.prediction.residual
    found: dict[str, dict[str, float]] = {name: {} for name in r.outputs}
    for (o, part), log_sd in zip(r.places, fit.point.log_sd.tolist(), strict=True):
        found[r.outputs[o]][part] = float(np.exp(log_sd))
        if r.kinds[o] == "combined1":
            found[r.outputs[o]]["summed"] = 1.0
    return found


def framed(fit: Fit, z: np.ndarray, draws: str, seed: int | None) -> pd.DataFrame:
    """Make a table of subjects from parameters on their scales."""
    import pandas as pd

    e = fit.prediction.effects
    index = pd.RangeIndex(len(z), name="subject")
    table = pd.DataFrame(e.natural(z), columns=list(e.moving), index=index)
    table.attrs.update(seed="" if seed is None else seed, model=fit.prediction.cohort.model.name)
    table.attrs[ERRORS] = scatter_of(fit)
    return noted(table, model_of(fit), draws)


def readouts_of(
    fit: Fit,
    metrics: Iterable[str],
    regimen: Regimen | str,
    model: Model | None,
    n: int,
    seed: int,
    how: Mapping[str, Any],
) -> pd.DataFrame:
    """Quantiles of readouts over draws; see `Fit.readouts`."""
    import pandas as pd

    wanted = [metrics] if isinstance(metrics, str) else a_list("metrics", metrics, "names of readouts", 1)
    draws = framed(fit, draws_of(fit, whole("n", n, 1), whole("seed", seed)), "", seed)
    base = fit.prediction.cohort.model if model is None else model
    if model is not None:
        instance("model", model, Model, "a Model", "ldnsim.load_model('ldn')")
    draws.attrs.clear()  # columns are checked against the model that is run
    noted(draws, base)
    ds = simulate(base, regimen, subjects=draws, metrics=wanted, **how)
    rows = {}
    for name, values in ds.data_vars.items():
        for label, part in _parts(str(name), values):
            rows[label] = quantiles(part)
    return pd.DataFrame(rows, index=["low", "median", "high"]).T


def _parts(name: str, values):
    """Each label of a further dimension is a readout of its own."""
    rest = [d for d in values.dims if d != "subject"]
    if not rest:
        return [(name, values.values)]
    (dim,) = rest
    return [(f"{name} {label}", values.sel({dim: label}).values) for label in values[dim].values]
