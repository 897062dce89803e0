"""A fit as ArviZ takes it: draws, what was measured, and what the draws predict of it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import need
from .draws import DRAWS, draws_of, framed
from .sampling import Sampled

if TYPE_CHECKING:
    from .result import Fit


def inference_data(fit: Fit):
    """Draws and data as ArviZ takes them; see `Fit.to_arviz`."""
    need("arviz", "fit", "to_arviz", fit.method)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ArviZ, about its next release
        import arviz
    groups, dims = _of_estimates(fit) if fit.sampled is None else _of_draws(fit, fit.sampled)
    s = fit.prediction.samples
    groups["observed_data"] = {"DV": fit.data.table["DV"].to_numpy()[np.sort(s.row[s.used])]}
    dims["DV"] = ["record"]
    coords: dict[str, Any] = {"record": np.sort(s.row[s.used])}
    if any("ID" in d for d in dims.values()):
        coords["ID"] = list(fit.data.subjects)
    how: dict[str, Any] = {"dims": dims, "coords": coords}
    old = int(arviz.__version__.partition(".")[0]) < 1  # takes groups by name
    make: Any = arviz.from_dict
    return make(**groups, **how) if old else make(groups, **how)


def _of_estimates(fit: Fit) -> tuple[dict[str, dict[str, np.ndarray]], dict[str, list[str]]]:
    """Take draws from the normal approximation as one chain."""
    draws = framed(fit, draws_of(fit, DRAWS, 0), "given", 0)
    return {"posterior": {str(n): draws[n].to_numpy()[None] for n in draws}}, {}


def _of_draws(fit: Fit, s: Sampled) -> tuple[dict[str, dict[str, np.ndarray]], dict[str, list[str]]]:
    """Take the chains of a sampled posterior, with the prior beside them."""
    p, e = fit.prediction, fit.prediction.effects
    several = len(p.samples) > 1
    natural, names = e.natural(s.z), list(e.moving)
    posterior = {n: natural[..., k] if several else natural[..., 0, k] for k, n in enumerate(names)}
    posterior |= {f"sigma {n}": np.exp(s.log_sd[..., k]) for k, n in enumerate(p.residual.names)}
    rng = np.random.default_rng([fit.seed, 1])
    eta = rng.standard_normal((1, DRAWS, len(p.samples), len(names))) @ np.linalg.cholesky(fit.point.omega).T
    known = e.natural(e.placed(eta, e.base))
    prior = {n: known[..., k] if several else known[..., 0, k] for k, n in enumerate(names)}
    likelihood, predicted = _of_records(fit, s, rng)
    groups = {
        "posterior": posterior, "sample_stats": {"diverging": s.diverging}, "prior": prior,
        "log_likelihood": {"DV": likelihood}, "posterior_predictive": {"DV": predicted},
    }  # fmt: skip
    return groups, {n: ["ID"] for n in names} if several else {}


def _of_records(fit: Fit, s: Sampled, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Log likelihood and a simulated value of each measurement for each draw, shape (chain, draw, record)."""
    p, z = fit.prediction, s.of_patients
    n = len(p.samples)
    who, place = np.arange(n), np.argsort(p.samples.row[p.samples.used])
    log = p.residual.is_log[p.samples.output]
    f = p.values(z.reshape(-1, z.shape[2]), np.tile(who, len(z))).reshape(len(z), n, -1)
    noise = rng.standard_normal(f.shape)
    likelihood, predicted = np.empty((len(z), p.samples.count)), np.empty((len(z), p.samples.count))
    for d, log_sd in enumerate(s.residual):
        y = f[d] + p.residual.spread(f[d], log_sd) * noise[d]
        predicted[d] = np.where(log, np.exp(np.where(log, y, 0.0)), y)[p.samples.used][place]
        likelihood[d] = -p.residual.scatter(f[d], log_sd).l[p.samples.used][place]
    shape = (*s.diverging.shape, -1)
    return likelihood.reshape(shape), predicted.reshape(shape)
