"""Rival structures of one model: each fitted and sampled alike, weighed by how well it explains the rows.

A structure is a scenario marked ``structure = true``: switches of the model. A model without any is its own
only structure.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..choices import BESIDE
from .density import PosteriorDensity, weights
from .fitting import Mode, fit
from .priors import Prior, fitted_priors
from .sampling import Chains, effective_size, rhat, sample

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model
    from .target import Target

DIGITS = 6
LEARNT = 0.05  # share of a prior that the rows together, all else known, must narrow for it to be sampled


@dataclass(frozen=True)
class Effort:
    """How much is spent: starts of the fit, chains and moves of the sample."""

    starts: int
    iterations: int
    chains: int
    warmup: int
    moves: int


FULL = Effort(starts=4, iterations=20, chains=16, warmup=5, moves=2000)
QUICK = Effort(starts=3, iterations=12, chains=16, warmup=1, moves=40)


class Candidate(NamedTuple):
    """What the calibration of one structure found.

    Attributes
    ----------
    name : str
        Of the scenario; empty for a model without structures.
    model : Model
        With the fitted values, and the switches as parameters.
    fit : Mode
    fitted : tuple of str
        Parameters of the fit.
    values : dict
        Their most probable values.
    sampled, others : Prior
        Parameters that were sampled, and those that stay at their priors.
    chains : Chains
    log_evidence : float
        Of the rows under this structure, by Laplace's approximation; the same constant left out for all.
    """

    name: str
    model: Model
    fit: Mode
    fitted: tuple[str, ...]
    values: dict[str, float]
    sampled: Prior
    others: Prior
    chains: Chains
    log_evidence: float


def structures(model: Model) -> tuple[str, ...]:
    """Name the rival structures of a model, none if it has only one."""
    return tuple(name for name, preset in model.scenario_presets.items() if preset.structure)


def candidate(
    model: Model,
    name: str,
    rows: Sequence[Target],
    effort: Effort,
    rng: np.random.Generator,
    watch: Callable[[str], None],
    threads: int | None,
) -> Candidate:
    """Fit one structure to the rows, then sample it."""
    chosen = model.with_scenario(name) if name else model
    prior = Prior.of(chosen)
    free = tuple(p for p in prior.ids if p in fitted_priors(chosen).index)
    base = _unfitted(chosen, prior.only(free))
    objective = PosteriorDensity(base, rows, prior.only(free), threads)
    starts = objective.prior.draw(effort.starts, rng)
    starts[0] = 0
    found = fit(objective, starts, iterations=effort.iterations, watch=watch)
    values = dict(zip(free, (float(v) for v in prior.only(free).values(found.z[0])), strict=True))
    sampled, chains, evidence = _sample(base, rows, prior, values, effort, rng, watch, threads)
    switches = dict(model.scenario_presets[name].values) if name else {}
    rounded = {k: float(f"{v:.{DIGITS}g}") for k, v in values.items()}
    others = prior.only([p for p in prior.ids if p not in sampled.ids])
    best = model.with_parameters(**switches, **rounded)
    return Candidate(name, best, found, free, values, sampled, others, chains, evidence)


def by_structure(draws: pd.DataFrame, values: np.ndarray) -> dict[str, np.ndarray]:
    """Part the results of draws by their structure; nothing for draws of one structure or of none.

    Parameters
    ----------
    draws : DataFrame
        Of `posterior`.
    values : array, shape (n,)
        A number a draw.
    """
    if "structure" not in draws or draws["structure"].nunique() < 2:
        return {}
    names = draws["structure"].to_numpy()
    return {str(name): values[names == name] for name in sorted(set(names))}


def _unfitted(model: Model, prior: Prior) -> Model:
    """Put prior medians in place of fitted values, so that nothing depends on an earlier fit."""
    median = dict(zip(prior.ids, prior.median, strict=True))
    rows = tuple(dataclasses.replace(p, value=float(median.get(p.id, p.value))) for p in model.table)
    return dataclasses.replace(model, table=rows)


def _sample(model, rows, prior, values, effort, rng, watch, threads) -> tuple[Prior, Chains, float]:
    """Sample the parameters that some measurement speaks about, from about their most probable values."""
    z = np.zeros(len(prior))
    here = [prior.ids.index(name) for name in values]
    z[here] = prior.only(tuple(values)).z_of(np.array(list(values.values())))
    _, slope = PosteriorDensity(model, rows, prior, threads).jacobian(z[None])
    learnt = 1 - 1 / np.sqrt(1 + (slope[0] ** 2).sum(axis=0))
    learnt[here] = 1.0
    told = np.flatnonzero(learnt > LEARNT)
    sampled = prior.only([prior.ids[k] for k in told])
    objective = PosteriorDensity(model, rows, sampled, threads)
    top = fit(objective, z[None, told], iterations=effort.iterations, watch=watch)
    residual, slope = objective.jacobian(top.z)
    precision = np.eye(len(told)) + (slope[0].T * weights(residual[0])) @ slope[0]
    # The prior is standard normal, so that the powers of 2 pi of prior and approximation cancel.
    evidence = float(top.log_posterior[0] - 0.5 * np.linalg.slogdet(precision)[1])
    chains = sample(
        objective,
        top.z[0],
        np.linalg.inv(precision),
        chains=effort.chains,
        warmup=effort.warmup,
        iterations=effort.moves,
        rng=rng,
        watch=watch,
    )
    return sampled, chains, evidence


def weights_of(found: Sequence[Candidate]) -> np.ndarray:
    """Weight of each structure: its share of the evidence, all alike before."""
    evidence = np.array([one.log_evidence for one in found])
    weight = np.exp(evidence - evidence.max())
    return weight / weight.sum()


def pooled(found: Sequence[Candidate], draws: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw from all structures by weight, in random order.

    Returns
    -------
    DataFrame
        One row a draw: ``structure`` and ``structure_weight``, which models without structures lack;
        a column a parameter, the switches included. Each draw counts as any other.
    """
    import pandas as pd

    weight, parts = weights_of(found), []
    for one, n, w in zip(found, _shares(weight, draws), weight, strict=True):
        table = one.sampled.frame(_thinned(one.chains, n, rng)).join(
            one.others.frame(one.others.draw(n, rng))
        )
        switches = {k: v for k, v in one.model.overrides.items() if k not in table}
        if one.name:
            table = table.assign(structure=one.name, structure_weight=w, **switches)
        parts.append(table)
    table = pd.concat(parts, ignore_index=True)
    first = [c for c in BESIDE if c in table]
    order = [p for p in found[0].model.parameter_ids if p in table]
    return table[[*first, *order]].iloc[rng.permutation(len(table))].reset_index(drop=True)


def _shares(weight: np.ndarray, draws: int) -> np.ndarray:
    """Part draws by weight; what is left over goes to the largest remainders."""
    exact = weight * draws
    share = np.floor(exact).astype(int)
    share[np.argsort(share - exact, kind="stable")[: draws - share.sum()]] += 1
    return share


def _thinned(chains: Chains, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Take draws evenly over the iterations and chains, in random order."""
    flat = chains.z.transpose(1, 0, 2).reshape(-1, chains.z.shape[2])
    return rng.permutation(flat[np.linspace(0, len(flat) - 1, draws).round().astype(int)])


def fitted_table(one: Candidate) -> pd.DataFrame:
    """Tell of each fitted parameter its prior, value and posterior."""
    import pandas as pd

    prior = one.sampled.only(one.fitted)
    flat = one.chains.z.reshape(-1, len(one.sampled))[:, [one.sampled.ids.index(p) for p in one.fitted]]
    low, middle, high = np.quantile(prior.values(flat), (0.05, 0.5, 0.95), axis=0)
    columns = {
        "prior_median": prior.median,
        "prior_gsd": prior.gsd,
        "value": list(one.values.values()),
        "median": middle,
        "gsd": np.exp(np.log(prior.values(flat)).std(axis=0)),
        "low": low,
        "high": high,
        "shrinkage": 1 - flat.std(axis=0),
    }
    return pd.DataFrame(columns, index=pd.Index(prior.ids, name="id"))


def diagnostics(one: Candidate) -> pd.DataFrame:
    """Tell of each sampled parameter how well the chains converged and how much was learnt."""
    import pandas as pd

    z = one.chains.z
    spread = z.reshape(-1, z.shape[2]).std(axis=0)
    columns = {"rhat": rhat(z), "ess": effective_size(z), "shrinkage": 1 - spread}
    return pd.DataFrame(columns, index=pd.Index(one.sampled.ids, name="id"))


def comparison(found: Sequence[Candidate]) -> pd.DataFrame:
    """Tell of each structure its weight, and how well its chains converged."""
    import pandas as pd

    quality = [diagnostics(one) for one in found]
    columns = {
        "weight": weights_of(found),
        "log_evidence": [one.log_evidence for one in found],
        "log_posterior": [float(one.fit.log_posterior[0]) for one in found],
        "rhat": [q["rhat"].max() for q in quality],
        "ess": [q["ess"].min() for q in quality],
    }
    return pd.DataFrame(columns, index=pd.Index([one.name for one in found], name="structure"))
