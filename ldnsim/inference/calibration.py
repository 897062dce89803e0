"""`calibrate`: fit the fitted parameters to the calibration rows, then sample what remains uncertain."""

from __future__ import annotations

import csv
import dataclasses
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad, whole
from .doors import a_model, a_seed
from .fitting import Fit, fit
from .objective import Objective, weights
from .priors import Prior, fitted_priors
from .sampling import Chains, effective_size, rhat, sample
from .target import targets

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

DRAWS = 512
DIGITS = 6
INFORMED = 0.1  # a parameter is sampled if its prior spread moves a target by so many of its sds


@dataclass(frozen=True)
class Effort:
    """How much is spent: starts of the fit, chains and moves of the sample."""

    starts: int
    iterations: int
    chains: int
    warmup: int
    moves: int


FULL = Effort(starts=12, iterations=30, chains=64, warmup=40, moves=240)
QUICK = Effort(starts=3, iterations=12, chains=64, warmup=6, moves=12)


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Attributes
    ----------
    model : Model
        With the fitted values.
    fitted : DataFrame
        One row a fitted parameter: prior median and gsd, fitted value, posterior median, gsd and 90 %
        interval, and ``shrinkage`` (1 - posterior sd / prior sd on the prior's scale: 0 = nothing learnt).
    diagnostics : DataFrame
        One row a sampled parameter: ``rhat``, ``ess`` and ``shrinkage``.
    posterior : DataFrame
        Thinned draws of all uncertain parameters, one row a draw.
    starts_agree : int
        How many of the starts of the fit ended at the best one.
    starts, seed, evaluations : int
    """

    model: Model
    fitted: pd.DataFrame
    diagnostics: pd.DataFrame
    posterior: pd.DataFrame
    starts_agree: int
    starts: int
    seed: int
    evaluations: int

    def write(self, folder: Path | None = None) -> list[Path]:
        """Write the fitted values, the draws and how well the chains converged.

        They go into ``parameters.csv``, ``posterior.csv`` and ``calibration.csv``.

        Parameters
        ----------
        folder : Path, optional
            By default the model's own.

        Returns
        -------
        list of Path
            The files written.
        """
        own = self.model.folder
        if own is None:
            raise bad(
                "model", self.model.name, "was not read from a folder, which holds the table to be rewritten"
            )
        folder = own if folder is None else Path(folder)
        table, draws = folder / "parameters.csv", folder / "posterior.csv"
        _rewrite(table, self.fitted, own / table.name)
        quality = folder / "calibration.csv"
        self.diagnostics.to_csv(quality, float_format="%.4g", lineterminator="\n")
        with draws.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.posterior.columns)
            writer.writerows([f"{x:.{DIGITS}g}" for x in row] for row in self.posterior.to_numpy())
        return [table, draws, quality]


def calibrate(
    model: Model,
    *,
    seed: int = 1,
    draws: int = DRAWS,
    quick: bool = False,
    threads: int | None = None,
    progress: bool = False,
) -> Calibration:
    """Fit the fitted parameters to the calibration rows of the evidence, then sample the posterior.

    Parameters
    ----------
    model : Model
        With ``targets.csv`` (what predicts which measurement) and ``priors.csv`` (what is fitted).
    seed : int, optional
        The same seed gives the same numbers.
    draws : int, optional
        Thinned posterior draws to keep, >= 500.
    quick : bool, optional
        A short budget, to see that all works: fewer starts, shorter chains.

    Returns
    -------
    Calibration
        Fitted values, posterior draws and diagnostics; its ``write`` makes the files of the model.

    Other Parameters
    ----------------
    threads : int, optional
        As in `simulate`.
    progress : bool, optional
        Print a line for each step to stderr.

    Raises
    ------
    InputError
        If the model has no targets or nothing to fit, or `draws` is below 500.

    Notes
    -----
    The fit maximises Student t residuals plus the priors over the parameters in ``priors.csv``, from many
    starts. The sample then covers these and every other uncertain parameter that the measurements speak about
    (its prior spread moves some prediction by more than a tenth of the measurement's standard deviation).
    The remaining ones are drawn from their priors, so that bands carry what is assumed as well as what is
    fitted.

    Examples
    --------
    A minute or two:

    >>> import ldnsim as ldn
    >>> found = ldn.calibrate(ldn.load_model("ldn"), quick=True)  # doctest: +SKIP
    >>> found.fitted  # doctest: +SKIP
    """
    check_kinds(calibrate, locals(), "model", "seed", "draws")
    draws = whole("draws", draws, 500)
    rows, seed = targets(a_model(model), "calibration"), a_seed(seed)
    prior = Prior.of(model)
    free = tuple(name for name in prior.ids if name in fitted_priors(model).index)
    if not free:
        raise bad("model", model.name, "has no parameter to fit", "list them in its priors.csv")
    base = _unfitted(model, prior.only(free))
    effort = QUICK if quick else FULL
    rng = np.random.default_rng(seed)
    watch = _watch(progress)
    found = _fit(Objective(base, rows, prior.only(free), threads), effort, rng, watch)
    values = dict(zip(free, prior.only(free).values(found.z[0]), strict=True))
    best = model.with_parameters(**{k: float(f"{v:.{DIGITS}g}") for k, v in values.items()})
    sampled, chains = _sample(base, rows, prior, values, effort, rng, watch, threads)
    kept = _thinned(chains, draws, rng)
    others = prior.only([name for name in prior.ids if name not in sampled.ids])
    table = sampled.frame(kept).join(others.frame(others.draw(draws, rng)))[list(prior.ids)]
    return Calibration(
        best,
        _fitted(sampled.only(free), values, chains.z[..., [sampled.ids.index(n) for n in free]]),
        _diagnostics(sampled, chains),
        table,
        found.agree,
        len(found.z),
        seed,
        chains.evaluations,
    )


def _unfitted(model: Model, prior: Prior) -> Model:
    """Put prior medians in place of fitted values, so that nothing depends on an earlier fit."""
    median = dict(zip(prior.ids, prior.median, strict=True))
    rows = tuple(dataclasses.replace(p, value=float(median.get(p.id, p.value))) for p in model.table)
    return dataclasses.replace(model, table=rows)


def _fit(objective: Objective, effort: Effort, rng: np.random.Generator, watch: Callable) -> Fit:
    starts = objective.prior.draw(effort.starts, rng)
    starts[0] = 0
    return fit(objective, starts, iterations=effort.iterations, watch=watch)


def _sample(model, rows, prior, values, effort, rng, watch, threads) -> tuple[Prior, Chains]:
    """Sample the parameters that some measurement speaks about, from about their most probable values."""
    z = np.zeros(len(prior))
    here = [prior.ids.index(name) for name in values]
    z[here] = prior.only(tuple(values)).z_of(np.array(list(values.values())))
    residual, slope = Objective(model, rows, prior, threads).jacobian(z[None])
    moves = np.abs(slope[0]).max(axis=0)
    moves[here] = np.inf
    told = np.flatnonzero(moves > INFORMED)
    sampled = prior.only([prior.ids[k] for k in told])
    objective = Objective(model, rows, sampled, threads)
    top = fit(objective, z[None, told], iterations=effort.iterations, watch=watch).z
    residual, slope = objective.jacobian(top)
    precision = np.eye(len(told)) + (slope[0].T * weights(residual[0])) @ slope[0]
    chains = sample(
        objective,
        top[0],
        np.linalg.inv(precision),
        chains=effort.chains,
        warmup=effort.warmup,
        iterations=effort.moves,
        rng=rng,
        watch=watch,
    )
    return sampled, chains


def _thinned(chains: Chains, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Take draws evenly over the iterations and chains, in random order."""
    flat = chains.z.transpose(1, 0, 2).reshape(-1, chains.z.shape[2])
    return rng.permutation(flat[np.linspace(0, len(flat) - 1, draws).round().astype(int)])


def _fitted(prior: Prior, values: dict[str, float], z: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    flat = z.reshape(-1, z.shape[2])
    low, middle, high = np.quantile(prior.values(flat), (0.05, 0.5, 0.95), axis=0)
    gsd = np.exp(np.log(prior.values(flat)).std(axis=0))
    columns = {
        "prior_median": prior.median,
        "prior_gsd": prior.gsd,
        "value": list(values.values()),
        "median": middle,
        "gsd": gsd,
        "low": low,
        "high": high,
        "shrinkage": 1 - flat.std(axis=0),
    }
    return pd.DataFrame(columns, index=pd.Index(prior.ids, name="id"))


def _diagnostics(prior: Prior, chains: Chains) -> pd.DataFrame:
    import pandas as pd

    spread = chains.z.reshape(-1, len(prior)).std(axis=0)
    columns = {"rhat": rhat(chains.z), "ess": effective_size(chains.z), "shrinkage": 1 - spread}
    return pd.DataFrame(columns, index=pd.Index(prior.ids, name="id"))


def _rewrite(path: Path, fitted: pd.DataFrame, source: Path) -> None:
    """Copy a parameter table with value and uncertainty of the fitted rows replaced."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    head = rows[0]
    value, spread = head.index("value"), head.index("uncertainty_gsd")
    for row in rows[1:]:
        if row[0] in fitted.index:
            row[value] = f"{fitted['value'][row[0]]:.{DIGITS}g}"
            row[spread] = f"{fitted['gsd'][row[0]]:.3g}"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _watch(progress: bool) -> Callable[[str], None]:
    def tell(line: str) -> None:
        if progress:
            print(line, file=sys.stderr, flush=True)

    return tell
