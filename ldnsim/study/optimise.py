"""`optimize`: the regimen that does best by one metric, or the best trades between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from ..choices import unchosen
from ..door import check_kinds
from ..engine.solve import RTOL
from ..errors import bad, whole
from ..inference.arguments import a_model, a_seed
from ..regimen import Regimen
from ..result import words_of
from ..simulation.request import Subjects, check_numbers
from ..simulation.watching import Bar
from ..sweeps.grid import Dosing
from .optimise_candidates import Candidates, Judged
from .optimise_search import best, front
from .optimise_space import Space

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

CONTENDERS = 16  # of the search for one goal, judged once more


@dataclass(frozen=True, eq=False)
class Optimum:
    """What `optimize` found.

    Attributes
    ----------
    table : DataFrame
        The best regimen, or one row for each trade on the Pareto front: what was varied, the metrics, and
        with draws their 5 % and 95 % quantiles as ``<metric>_low`` and ``<metric>_high``. Beside
        ``blockade_window`` ``blockade_window_censored`` is 1 where it, or a draw, is "at least".
    regimens : tuple of Regimen
        One a row.
    at_bound : tuple of str
        Sentences that say which variable ended at a bound it was given: the true optimum lies beyond, or the
        metric does not depend on it there.
    evaluated : int
        Different regimens that were simulated.
    message : str
        How the search ended.
    candidates : DataFrame
        All that were tried, at the accuracy of the search, with the columns of the table and ``feasible``:
        whether each keeps the constraints. `ldnsim.plots.pareto` draws them behind the front.
    """

    table: pd.DataFrame
    regimens: tuple[Regimen, ...]
    at_bound: tuple[str, ...]
    evaluated: int
    message: str
    candidates: pd.DataFrame

    @property
    def regimen(self) -> Regimen:
        """The best regimen; the first of a front."""
        return self.regimens[0]

    @property
    def best(self) -> pd.Series:
        """The first row of the table."""
        return self.table.iloc[0]

    def __repr__(self) -> str:
        lines = [self.table.head(10).to_string(index=False), f"{self.evaluated} regimens; {self.message}"]
        return "\n".join([*lines, *self.at_bound])

    def _repr_html_(self) -> str:
        notes = "<br>".join([f"{self.evaluated} regimens; {self.message}", *self.at_bound])
        return f"{self.table.to_html(index=False)}<p>{notes}</p>"


def optimize(
    model: Model,
    goals: Mapping[str, str],
    over: Mapping[str, Any],
    *,
    constraints: Mapping[str, tuple[float | None, float | None]] | None = None,
    draws: pd.DataFrame | None = None,
    robust: float | str = "mean",
    candidates: int = 40,
    generations: int = 30,
    seed: int = 0,
    rtol: float = RTOL,
    threads: int | None = None,
    progress: bool | None = None,
    **regimen: Unpack[Dosing],
) -> Optimum:
    """Find the regimen that makes a metric largest or smallest, or the best trades between two.

    Parameters
    ----------
    model : Model
        What is simulated.
    goals : dict
        One or two metrics of `summarize`, each "max" or "min": ``{"change_il6": "min"}``. "cmax naltrexol"
        names the analyte too.
    over : dict
        What may be varied: an argument of the regimen -> a tuple (low, high) for anything between, or a list
        of choices: ``{"dose": (0.5, 10), "at": ("18:00", 30), "formulation": ["capsule", "slow_release"],
        "steps": [[(1.5, 14), (4.5, 14)], [(4.5, 28)]]}``. Hours of ``at`` may go beyond 24.
    constraints : dict, optional
        Metric -> (lowest, highest) allowed, None for no limit.
    draws : DataFrame, optional
        Draws of uncertain parameters such as ``ldn.posterior(model, 100)``, or people: every regimen is
        judged by all of them.
    **regimen
        Arguments of the regimen that are not varied, such as ``days=14``.

    Returns
    -------
    Optimum
        The best regimen, or the Pareto front of two goals.

    Other Parameters
    ----------------
    robust : "mean" or float
        How draws are judged: by their mean, or by what all but this share of them attain (0.1: goals and
        constraints hold at least for 90 %).
    candidates, generations : int
        Regimens of a generation, and how many generations.
    seed : int
        Of the search.
    rtol, threads, progress
        As for `simulate`.

    Raises
    ------
    InputError
        If a value cannot be used, or no regimen met the constraints; the message tells the nearest.
    UnknownNameError
        If a name does not exist.

    Notes
    -----
    One goal: SciPy's differential evolution (Storn, Price 1997), vectorised: a generation x all draws is one
    call of the engine. Two goals: generalised differential evolution (Kukkonen, Lampinen 2005). A candidate
    that breaks a constraint loses to any that keeps it, and to one that breaks it less. A regimen that comes
    again is not simulated again: doses have 4 digits, clock times are whole minutes.

    The search runs at a tolerance of 1e-4, in single precision where that serves; the best, or the front, is
    then judged once more at `rtol`, and only what keeps the constraints there is reported.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> few = {"days": 3, "candidates": 8, "generations": 3}
    >>> found = ldn.optimize(ldn.load_model("ldn"), {"change_il6": "min"}, {"dose": (0.5, 6)}, **few)
    >>> bool(0.5 <= found.best.dose <= 6)
    True
    """
    check_kinds(
        optimize,
        locals(),
        "model",
        "goals",
        "over",
        "draws",
        "robust",
        "candidates",
        "generations",
        "seed",
        "rtol",
    )
    model = a_model(model)
    candidates, generations = whole("candidates", candidates, 5), whole("generations", generations, 1)
    seed = a_seed(seed)
    check_numbers(threads, rtol)
    if draws is not None:
        Subjects(draws, [model], "draws")  # checks it
        draws = unchosen(draws, model)
    space = Space.of(model, over, regimen)
    judge = Candidates.of(model, space, goals, constraints, draws, robust, rtol, threads)
    with Bar(candidates * generations, progress) as bar:
        judge.done = bar.done
        if len(judge.goals) == 1:
            message = best(judge, candidates, generations, seed)
        else:
            message = front(judge, candidates, generations, seed)
    return _optimum(judge, message)


def _optimum(judge: Candidates, message: str) -> Optimum:
    found = judge.found
    rows = _settled(judge, np.flatnonzero(found.violation == 0))
    if not rows.size:
        nearest = int(np.argmin(found.violation))
        metrics = {r.name: float(found.judged[nearest, k]) for k, r in enumerate(judge.metrics)}
        rule = f"no regimen met them; the nearest of {len(judge.known)} has {metrics}"
        limits = {r.name: pair for r, pair in judge.limits.items()}
        raise bad("constraints", limits, rule, "widen the ranges or the constraints")
    table = _told(judge, judge.table(rows).assign(**judge.cut_off(rows)))
    tried = judge.table(np.arange(len(found.violation))).assign(feasible=found.violation == 0)
    single = len(judge.goals) == 1
    at_bound = judge.space.at_bound(found.x[rows]) if single else ()
    regimens = tuple(judge.regimens[k] for k in rows)
    return Optimum(table, regimens, at_bound, len(judge.known), message, tried)


def _settled(judge: Candidates, left: np.ndarray) -> np.ndarray:
    """Rows of the optimum or the front, chosen among those that were judged once more; none if none keeps."""
    found = judge.found
    while left.size:
        some = _chosen(found, left)
        if len(judge.goals) == 1:
            order = left[np.argsort(found.losses[left, 0], kind="stable")]
            some = np.array(list({judge.regimens[k]: k for k in order[::-1]}.values())[::-1][:CONTENDERS])
        judge.settle(some)
        kept = some[found.violation[some] == 0]
        if kept.size:
            return _chosen(found, kept)
        left = np.setdiff1d(left, some)
    return left


def _told(judge: Candidates, table: pd.DataFrame) -> pd.DataFrame:
    """Let a table say what its metrics are and which way each goal goes."""
    words = words_of(judge.model, {r.variable: r.variable for r in judge.metrics})
    rows = {r.name: r.attrs(words) for r in judge.metrics}
    table.attrs = {
        "goals": {r.name: "min" if sign > 0 else "max" for r, sign in judge.goals.items()},
        "units": {name: row["units"] for name, row in rows.items()},
        "long_names": {name: row["long_name"] for name, row in rows.items()},
    }
    return table


def _chosen(found: Judged, some: np.ndarray) -> np.ndarray:
    """Rows that no other row beats, in the order of the first goal, each point once."""
    losses = found.losses[some]
    if losses.shape[1] == 1:
        return some[[int(np.argmin(losses[:, 0]))]]
    order = np.lexsort((losses[:, 1], losses[:, 0]))
    kept, lowest = [], np.inf
    for k in order:
        if losses[k, 1] < lowest:
            kept.append(k)
            lowest = losses[k, 1]
    return some[kept]
