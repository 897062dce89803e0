"""People and draws that follow from a fit: what was fitted can be simulated like any other population."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .. import inference, subjects
from ..covariates import check_order
from ..errors import bad, instance, reals, unknown, whole
from ..memory import check_room
from .draws import DRAWS, draws_of, framed, typical, vectors
from .result import Fit

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model


def population(
    model: Model | Fit,
    n: int,
    seed: int = 0,
    covariates: Mapping[str, object] | None = None,
    *,
    uncertain: bool = False,
) -> pd.DataFrame:
    """Draw virtual patients: between-subject variation of a model's table, or of a fit.

    Parameters
    ----------
    model : Model or Fit
        The table of a model says how much each parameter varies between people (``iiv_cv``); a fit, what was found.
    n : int
        Number of subjects, >= 1.
    seed : int, optional
        Whole number >= 0. Subject i is the same for the same seed, whatever ``n`` and the covariates are.
    covariates : mapping, optional
        Covariate name to one value for all, or to one value a subject: a number (``weight=60`` kg,
        ``age``, ``crcl``) or a level (``liver="cirrhosis"``). The model's ``covariates.csv`` lists them with
        the parameter that each one sets; the model's equations hold its effect. Of a fit: those it estimated.
    uncertain : bool, optional
        Of a fit: whether each subject comes from a population of its own, drawn from what is not known of the
        estimates.

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
    Of a fit with variation between occasions each subject is drawn as on one occasion, with its deviation.
    Correlations come from the model's ``correlations.csv`` (none where there is none). A draw outside a
    parameter's bounds is drawn again, for that subject alone, so every draw has a rest state.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> people = ldn.population(ldn.load_model("ldn"), n=3, seed=7, covariates={"weight": [60, 75, 90]})
    >>> people["weight"].tolist()
    [60.0, 75.0, 90.0]
    """
    instance("uncertain", uncertain, bool, "True or False")
    if not isinstance(model, Fit):
        if uncertain:
            raise bad(
                "uncertain", uncertain, "is for a fit", "ldnsim.posterior(model) draws what is not known"
            )
        return subjects.population(model, n, seed, covariates)
    return _people(model, whole("n", n, 1), whole("seed", seed), covariates or {}, uncertain)


def posterior(model: Model | Fit, n: int | None = None, seed: int | None = None) -> pd.DataFrame:
    """Return draws of what is not known of the parameters: those shipped with a model, or those of a fit.

    Parameters
    ----------
    model : Model or Fit
        A model with a ``posterior.csv``, as `calibrate` writes it, or what `fit` returned.
    n : int, optional
        So many draws; all that are shipped, or 500 of a fit, if not given. Without a seed the first `n`, which
        are in random order already.
    seed : int, optional
        Choose them at random.

    Returns
    -------
    DataFrame, shape (n, parameters)
        One row a draw, a column a parameter; use it as ``simulate(..., subjects=...)``. Sampled parameters
        carry their joint posterior, all others their priors. What the model's scenario, condition or
        `Model.with_parameters` sets has no column: a choice is not uncertain. Where a model has rival structures
        (`Model.structures`), ``structure`` names that of each draw and ``structure_weight`` is the structure's
        share of the evidence; there are as many draws of each as it weighs, so that a draw counts as any other.
        Under the scenario of a structure only its draws are returned. Of a fit: the parameters of the typical
        patient, or of the one patient.

    Raises
    ------
    InputError
        If `n` is not between 1 and the number of draws shipped, the model has none, or the data of the fit do
        not tell its estimates.

    Warns
    -----
    UserWarning
        If `Model.with_parameters` sets a parameter that goes together with others in the draws: those keep
        their draws, so that intervals are wider than what is known.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> len(ldn.posterior(ldn.load_model("ldn"))) >= 500
    True
    """
    if not isinstance(model, Fit):
        return inference.posterior(model, n, seed)
    n = whole("n", DRAWS if n is None else n, 1)
    return framed(model, draws_of(model, n, 0 if seed is None else whole("seed", seed)), "given", seed)


def _people(fit: Fit, n: int, seed: int, covariates: Mapping[str, object], uncertain: bool) -> pd.DataFrame:
    e = fit.prediction.effects
    if fit.of_one:
        raise bad("model", f"fit of one patient by {fit.method}", "says nothing of how people differ",
                  "ldnsim.posterior(fit) draws what is not known of the patient")  # fmt: skip
    check_room("n", 8.0 * 6 * n * max(1, len(e.moving)), f"{n} subjects", "draw fewer at a time")
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal((n, len(e.spread)))
    x = np.repeat(fit.best.x[None, :], n, axis=0)
    if uncertain:
        x = vectors(fit, n, np.random.default_rng([seed, 1]))
    z = typical(fit, x)
    _moved_by_covariates(fit, covariates, x, z)
    a, b = e.sizes
    roots = [e.spread.root(row[a:b]) for row in (x if uncertain else x[:1])]
    eta = np.einsum("nij,nj->ni", np.broadcast_to(np.array(roots), (n, len(e.spread), len(e.spread))), normal)
    z[:, e.varying] += eta
    return framed(fit, e.in_occasions(z)[:, 0] if len(e.kappas) else z, "", seed)


def _moved_by_covariates(fit: Fit, covariates: Mapping[str, object], x: np.ndarray, z: np.ndarray) -> None:
    e = fit.prediction.effects
    known = {name for _, name in e.covariates}
    for name in covariates:
        if name not in known:
            raise unknown("covariates", name, known)
    for c, (k, name) in enumerate(e.covariates):
        if name not in covariates:
            continue
        value = covariates[name]
        check_order(f"covariates[{name!r}]", value)
        own = reals(f"covariates[{name!r}]", value if np.iterable(value) else [value])
        if own.size not in (1, len(z)):
            raise bad(f"covariates[{name!r}]", own.size, f"must be one value, or one for each of {len(z)}")
        measured = fit.data.covariates[name].to_numpy(dtype=float)
        if (measured > 0).all() and (own <= 0).any():
            rule = "must be > 0, as it was in all subjects of the fit: a power of it moves the parameter"
            raise bad(f"covariates[{name!r}]", float(own[own <= 0][0]), rule)
        moved = np.log(own / np.median(measured)) if (measured > 0).all() else own
        z[:, k] += x[:, len(e.estimate) + c] * moved
