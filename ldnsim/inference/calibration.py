"""`calibrate`: fit the fitted parameters to the calibration rows, then sample what remains uncertain."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad, whole
from .arguments import a_model, a_seed
from .priors import Prior, fitted_priors
from .structures import (
    DIGITS,
    FULL,
    QUICK,
    candidate,
    comparison,
    diagnostics,
    fitted_table,
    pooled,
    structures,
    weights_of,
)
from .target import all_targets

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

DRAWS = 512


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Attributes
    ----------
    model : Model
        With the fitted values of the structure of the largest weight, and its switches.
    fitted : DataFrame
        One row a fitted parameter: prior median and gsd, fitted value, posterior median, gsd and 90 %
        interval, and ``shrinkage`` (1 - posterior sd / prior sd on the prior's scale: 0 = nothing learnt).
    diagnostics : DataFrame
        One row a sampled parameter: ``rhat``, ``ess`` and ``shrinkage``.
    posterior : DataFrame
        Thinned draws of all uncertain parameters, one row a draw; of several structures by weight, with the
        columns ``structure`` and ``structure_weight``.
    structures : DataFrame
        One row a structure: ``weight``, ``log_evidence``, ``log_posterior``, largest ``rhat``, smallest ``ess``.
    starts_agree : int
        How many of the starts of the fit ended at the best one.
    starts, seed, evaluations : int
    """

    model: Model
    fitted: pd.DataFrame
    diagnostics: pd.DataFrame
    posterior: pd.DataFrame
    structures: pd.DataFrame
    starts_agree: int
    starts: int
    seed: int
    evaluations: int

    def write(self, folder: Path | None = None) -> list[Path]:
        """Write the fitted values, the draws and how well the chains converged.

        They go into ``parameters.csv``, ``posterior.csv`` and ``calibration.csv``, the weights into ``structures.csv``.

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
        switches = {k: v for k, v in self.model.overrides.items() if k not in self.fitted.index}
        _rewrite(table, self.fitted, switches, own / table.name)
        quality, rivals = folder / "calibration.csv", folder / "structures.csv"
        self.diagnostics.to_csv(quality, float_format="%.4g", lineterminator="\n")
        self.structures.to_csv(rivals, float_format="%.6g", lineterminator="\n")
        with draws.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.posterior.columns)
            for row in self.posterior.itertuples(index=False):
                writer.writerow([x if isinstance(x, str) else f"{x:.{DIGITS}g}" for x in row])
        return [table, draws, quality, rivals]


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
    Each structure of the model (a scenario marked so) is fitted and sampled alike. Its weight is its share of the
    evidence, by Laplace's approximation and with all structures alike before (MacKay 2003, Information Theory,
    Inference, and Learning Algorithms, chapter 28); the posterior holds draws of all by weight.

    The fit maximises Student t residuals plus the priors over the parameters in ``priors.csv``, from many
    starts. The sample then covers these and every other uncertain parameter that the measurements speak about
    (were all else known, they would narrow its prior by a twentieth or more).
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
    rows, seed = all_targets(a_model(model), "calibration"), a_seed(seed)
    if not set(Prior.of(model).ids) & set(fitted_priors(model).index):
        raise bad("model", model.name, "has no parameter to fit", "list them in its priors.csv")
    effort = QUICK if quick else FULL
    rng, watch = np.random.default_rng(seed), _watch(progress)
    names = structures(model) or ("",)
    found = [
        candidate(model, name, rows, effort, own, watch, threads)
        for name, own in zip(names, rng.spawn(len(names)), strict=True)
    ]
    best = found[int(weights_of(found).argmax())]
    return Calibration(
        best.model,
        fitted_table(best),
        diagnostics(best),
        pooled(found, draws, rng),
        comparison(found),
        best.fit.agree,
        len(best.fit.z),
        seed,
        sum(one.chains.evaluations for one in found),
    )


def _rewrite(path: Path, fitted: pd.DataFrame, switches: dict[str, float], source: Path) -> None:
    """Copy a parameter table with value and uncertainty of the fitted rows, and the switches, replaced."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    head = rows[0]
    value, spread = head.index("value"), head.index("uncertainty_gsd")
    for row in rows[1:]:
        if row[0] in fitted.index:
            row[value] = f"{fitted['value'][row[0]]:.{DIGITS}g}"
            row[spread] = f"{fitted['gsd'][row[0]]:.3g}"
        elif row[0] in switches:
            row[value] = f"{switches[row[0]]:.{DIGITS}g}"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _watch(progress: bool) -> Callable[[str], None]:
    def tell(line: str) -> None:
        if progress:
            print(line, file=sys.stderr, flush=True)

    return tell
