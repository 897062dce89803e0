"""`fit`: estimates from a user's own data, of one patient or of a population."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import bad, instance, need, one_of, unknown, whole
from ..model import Model
from ..simulation.cohort import Cohort
from ..simulation.request import check_numbers
from ..simulation.watching import Bar
from .checkpoint import Recorded, key_of
from .door import check_columns, check_samples, check_start
from .effects import Effects
from .likelihood import Approximation
from .notes import notes_of, notes_of_learning, notes_of_repeats, notes_of_residual, notes_of_signs
from .penalty import Penalised, narrowed, priors_of
from .prediction import Prediction
from .priors import check_prior, known_of
from .quadrature import Exact
from .residual import Residual
from .result import Fit
from .samples import Samples, observed, samples_of, subjects_model
from .sampling import Density, sample
from .search import Found, searched
from .specification import OCCASION, Wanted, by_occasion, effects_of, wanted
from .spread import Spread
from .tables import entry_names, spread_of_patients
from .uncertainty import Certainty, certainty

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("map", "focei", "laplace", "exact", "posterior")


def fit(
    model: Model,
    data: Any,
    observe: str | Mapping[Any, str] | None = None,
    cmt: str | None = None,
    estimate: Iterable[str] | None = None,
    iiv: Iterable[str] | Mapping[str, Any] | None = None,
    error: str | Mapping[str, str] = "additive",
    method: str = "focei",
    seed: int = 0,
    *,
    iov: Iterable[str] | Mapping[str, float] | None = None,
    covariates: Mapping[str, Any] | None = None,
    fixed: Iterable[str] = (),
    table: pd.DataFrame | str | None = None,
    omega: pd.DataFrame | Mapping[str, float] | None = None,
    sigma: Mapping[str, float] | None = None,
    prior: str | pd.DataFrame | Mapping[str, float | str] = "both",
    starts: int = 1,
    nodes: int | None = None,
    rtol: float = 1e-8,
    threads: int | None = None,
    progress: bool | None = None,
    checkpoint: str | Path | None = None,
) -> Fit:
    """Estimate parameters of a model from a table of doses and measurements.

    Parameters
    ----------
    model : Model
        Its values are where the search starts; for "map" and "posterior" they are the middle of the prior.
    data : StudyData, or what `read_data` reads
        Doses, measurements and covariates.
    observe : str or dict, optional
        Variable that was measured, or ``{DVID: variable}`` (``{CMT: variable}`` where the CMT of observations tells
        analytes apart).
    cmt : str, optional
        State that doses enter if the table does not say where they go.
    estimate : list of str, optional
        Parameters to estimate; ``[]`` evaluates at the values given.
    iiv : list or dict, optional
        Parameters that differ between people: a list (each on its own), ``{"CL": 0.1}`` with variances to start
        from, or ``{"disposition": ["CL", "V"]}`` for those that vary together.
    error : str or dict
        "additive", "proportional", "combined" (the squares of both add up), "combined1" (both add up) or "lognormal";
        ``{variable: word}`` for several.
    method : str
        "focei", "laplace", "exact" (quadrature up to three random effects, importance sampling beyond), "map"
        (patients with a prior: the mode, with the normal approximation about it) or "posterior" (the same sampled
        by NUTS; extra ``fit``).
    seed : int
        Of what is drawn: further starts, importance sampling, chains.

    Returns
    -------
    Fit
        Estimates with standard errors and 90 % intervals, and what follows from them.

    Other Parameters
    ----------------
    iov : list or dict, optional
        Parameters that differ from occasion to occasion of a person (column OCC), all occasions with one variance;
        ``{"CL": 0.03}`` with variances to start from. Between two records the occasion of the later one holds.
    covariates : dict, optional
        ``{"CL": "WT"}``: the covariate moves the parameter, on its scale, by a coefficient times the logarithm of
        its ratio to the median (a power law), or times its value where it may be 0.
    fixed : list of str, optional
        Variances (by their parameter) and residual parameters that keep their values.
    table : DataFrame or path of a CSV file, optional
        The same as a table, one row a parameter: ``estimate``, ``iiv`` (yes, or a variance to start from),
        ``fixed``, ``lower``, ``upper``, ``transform`` ("log", "logit", "none").
    omega : DataFrame or dict, optional
        Variances of the random effects to start from, or to evaluate at; ``fit.omega`` of another fit.
    sigma : dict, optional
        Residual standard deviations to start from; ``fit.sigma`` of another fit.
    prior : str, DataFrame or dict
        For "map" and "posterior": "iiv", "uncertainty" or "both" from the model's table, draws such as
        ``ldnsim.posterior(model)``, or by name a geometric standard deviation or a normal distribution. For the other
        methods a dict of what is known of estimates and residual standard deviations before the data:
        ``{"CL": "lognormal(0.7, 0.3)", "ka": "normal(-1, 0.2) of log10"}`` (normal, laplace, uniform and cauchy, also
        of a logarithm; lognormal, loglaplace, loguniform; gamma, exponential, chisquare, rayleigh).
    starts : int
        Searches from so many starts, the first from the model's values.
    nodes : int, optional
        For "exact": nodes a dimension, or draws.
    rtol : float
        Relative tolerance of the simulations.
    threads : int, optional
        Threads; results do not depend on it.
    progress : bool, optional
        Whether to show progress, on a terminal or in a notebook; by default for long fits.
    checkpoint : str or Path, optional
        File in which every evaluation is kept: the same call goes on after an interruption, with the numbers of an
        uninterrupted one, bit for bit.

    Raises
    ------
    InputError
        If the data or an argument cannot be used; the message says why.
    UnknownNameError
        If a name does not exist.

    Notes
    -----
    Parameters are estimated on the logarithmic scale, shares (bounds 0 and 1) on the logit scale; random effects
    are normal there. The objective is -2 log likelihood with all constants; with priors of the estimates, -2 times
    the logarithm of likelihood times their densities, each of what its words name. A value below the limit of
    quantification counts with the probability of lying there (M3). Standard errors are those of maximum likelihood;
    intervals are wider than 1.645 of them: Student's t times the square root of n / (n - p), as in a regression, of
    n subjects (measurements, where people do not differ) and p fixed effects. What priors tell is not widened.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> text = "model one; A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V; end"
    >>> rows = [{"ID": 1, "TIME": 0, "AMT": 300}] + [
    ...     {"ID": 1, "TIME": t, "DV": v} for t, v in ((1, 9.3), (4, 7.2), (12, 3.4), (24, 1.3))
    ... ]
    >>> f = ldn.fit(ldn.Model.from_antimony(text), ldn.read_data(rows), "Cp", cmt="A",
    ...             estimate=["CL", "V"], iiv=[], error="proportional")
    >>> f.parameters.value.round(1).tolist(), f.converged
    ([..., ...], True)
    """
    one_of("method", method, METHODS)
    if method == "posterior":
        need("nutpie", "fit", "method", method)
    model, data = subjects_model(model, data, cmt)
    check_numbers(threads, rtol)
    seed, starts = whole("seed", seed), whole("starts", starts, 1)
    nodes = None if nodes is None else _nodes(nodes, method)
    check_prior(prior)
    samples = samples_of(data, observed(model, data, observe))
    residual = Residual(_kinds(error, samples), samples.outputs, samples)
    one = method in ("map", "posterior")
    asked = wanted(model, estimate, iiv, fixed, covariates, table, iov)
    if estimate is None and table is None:
        rule = "must say what is estimated"
        raise bad("estimate", estimate, rule, f"such as {list(_likely(model))}; [] evaluates")
    priors = {} if one else priors_of(prior, model, residual)
    narrowed(asked, priors)
    check_samples(model, asked, samples, residual, one, len(priors), omega)
    told = [*notes_of_signs(samples, residual), *notes_of_repeats(samples)]
    told += check_columns(model, asked, samples)
    effects, words = _effects(model, asked, samples, residual, omega, sigma, prior, one)
    regimens = by_occasion(data) if asked.occasional else list(data.regimens.values())
    cohort = Cohort(model, regimens, samples.outputs, effects.moving, rtol, threads,
                    OCCASION if asked.occasional else "")  # fmt: skip
    prediction = Prediction(cohort, effects, residual, samples)
    objective = Exact(prediction, nodes, seed) if method == "exact" else Approximation(
        prediction, method == "laplace"
    )  # fmt: skip
    told += check_start(prediction, effects, asked)
    asked_for: Approximation | Exact | Recorded | Penalised = objective
    if checkpoint is not None:
        key = key_of(objective, method, seed, starts, nodes, rtol, priors)
        asked_for = Recorded(objective, checkpoint, key)
    if priors:
        asked_for = Penalised(asked_for, priors, model, residual)
        told += asked_for.notes
    with Bar(None, progress, " evaluations") as bar:
        tried = searched(asked_for, effects, starts, seed, bar)
    best = min(tried, key=lambda found: (not found.converged, found.answer.total))
    asked_for.answer(best.x)  # its modes
    if method == "posterior":
        found = _sampled(prediction, objective, best, seed, words, threads, progress)
        rough = notes_of_residual(residual, found.point.log_sd)
        return replace(found, notes=(*found.notes, *told, *rough))
    edge = np.array(
        [not lo + 1e-9 < v < hi - 1e-9 for v, (lo, hi) in zip(best.x, effects.box, strict=True)], bool
    )
    known = certainty(asked_for, best.x, best.answer.slopes, edge)
    asked_for.answer(best.x)
    notes = [*notes_of(samples, effects, best, known, edge, entry_names(prediction)), *told]
    notes += notes_of_residual(residual, effects.at(best.x).log_sd)
    found = Fit(
        prediction, objective, best, known, method, seed, tuple(notes), tuple(tried), words, priors=priors
    )
    return replace(found, notes=(*notes, *notes_of_learning(found))) if one else found


def _nodes(nodes: int, method: str) -> int:
    """Check the nodes of quadrature, of which only one method has any."""
    nodes = whole("nodes", nodes, 1)
    if method != "exact":
        raise bad("nodes", nodes, f"is not read by method={method!r}", "leave it out, or take method='exact'")
    return nodes


def _sampled(
    prediction: Prediction,
    objective: Approximation | Exact,
    best: Found,
    seed: int,
    words: str,
    threads: int | None,
    progress: bool | None,
) -> Fit:
    """Sample about the mode, and put the middle of the draws in its place."""
    nothing = Certainty(np.full((len(best.x),) * 2, np.nan), np.nan, ())
    mode = Fit(prediction, objective, best, nothing, "posterior", seed, (), (best,), words)
    unit = np.full(len(prediction.residual.names), 0.5 / np.sqrt(max(1, prediction.samples.count)))
    density = Density(
        prediction, mode.modes.eta, np.linalg.cholesky(spread_of_patients(mode)), mode.point.log_sd, unit
    )
    draws = sample(density, seed, threads, progress)
    x = np.median(draws.residual[:, density.free], axis=0)
    end = Found(x, objective.answer(x), draws.agree, draws.words, best.evaluations)
    free = draws.residual[:, density.free]
    known = Certainty(np.cov(free.T).reshape(len(x), len(x)), np.nan, ())
    edge = np.zeros(len(x), bool)
    notes = notes_of(prediction.samples, prediction.effects, end, known, edge, entry_names(prediction))
    words += "; residual: log-normal about its start, a factor of 5 with 90 %" if len(x) else ""
    found = Fit(prediction, objective, end, known, "posterior", seed, tuple(notes), (best, end), words, draws)
    return replace(found, notes=(*notes, *notes_of_learning(found)))


def _likely(model: Model) -> Iterable[str]:
    table = model.parameters
    names = [n for n in table.index if as_positive(table, n)] or list(table.index)
    return names[:4]


def as_positive(table: pd.DataFrame, name: str) -> bool:
    """Whether a parameter varies between people by the model's table."""
    return "iiv_cv" in table and float(table["iiv_cv"].fillna(0)[name]) > 0


def _kinds(error: Any, samples: Samples) -> list[str]:
    if isinstance(error, str):
        return [error] * len(samples.outputs)
    for name in instance("error", error, Mapping, "a word, or a dict {variable: word}"):
        if name not in samples.outputs:
            raise unknown("error", name, samples.outputs)
    for name in samples.outputs:
        if name not in error:
            raise bad("error", dict(error), f"lacks {name!r}")
    return [error[name] for name in samples.outputs]


def _effects(
    model: Model,
    asked: Wanted,
    samples: Samples,
    residual: Residual,
    omega: Any,
    sigma: Any,
    prior: Any,
    one: bool,
) -> tuple[Effects, str]:
    """Make the statistical model, and say in words where its prior comes from."""
    if not one:
        effects = effects_of(model, asked, samples, residual, omega, sigma)
        return effects if asked.estimate else effects.frozen(), ""
    names = asked.estimate
    known = known_of(model, names, prior)
    plain = replace(asked, estimate=names, blocks=[], variance={}, covariates=[])
    effects = effects_of(model, plain, samples, residual, None, sigma)
    spread = Spread(tuple(names), known.covariance, [])
    return replace(
        effects, scales=known.scales, base=known.middle, estimate=(), spread=spread, varying=np.arange(len(names))
    ), known.words  # fmt: skip
