"""`which_study`: which measurement would tell competing readings of the literature apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..choices import unchosen, under
from ..door import check_kinds
from ..errors import bad, positive, unknown, whole
from ..model import Model
from ..regimen import Regimen
from ..simulation import simulate
from ..simulation.request import Subjects, outputs_of
from ..subjects import population
from ..sweeps.grid import DOSING, regimen_from
from ..units import no_share, told_apart
from .arguments import a_seed
from .draws import posterior

if TYPE_CHECKING:
    import pandas as pd

    Readings = Mapping[str, Model]

OWN = ("variable", "hours", "n", "sd", "log")
TAKEN = tuple(name for name in DOSING if name != "n")
PEOPLE = 100  # subjects from whom the spread between people is taken
REPEATS = 2  # studies simulated for each draw
BELOW = 1e-9  # of a value, where its logarithm is measured


@dataclass(frozen=True)
class Study:
    """A candidate study: the mean of a variable over `n` people at some hours under a regimen.

    Attributes
    ----------
    variable : str
        What is measured.
    regimen : Regimen or None
    hours : tuple of float
        When (h since the first midnight).
    n : int
        People.
    sd : float
        Of one measurement, beside the variation of people; of the natural logarithm if `log`.
    log : bool
        Whether errors are relative.
    """

    variable: str
    regimen: Regimen | None
    hours: tuple[float, ...]
    n: int
    sd: float
    log: bool


def which_study(
    model: Model | Readings,
    studies: Mapping[str, Mapping[str, Any]],
    *,
    scenarios: Sequence[str] | None = None,
    draws: int | pd.DataFrame | None = 200,
    seed: int = 0,
    threads: int | None = None,
) -> pd.DataFrame:
    """Say how much each candidate study would tell about which reading is right.

    Parameters
    ----------
    model : Model or dict of Model
        With `scenarios`, or the competing readings by name.
    studies : dict
        Name -> what is done and measured: ``{"variable": "mu_occupancy_brain", "dose": 50, "days": 1,
        "hours": [4, 48], "n": 8, "sd": 0.07}``: ``n`` people; ``sd`` of one measurement beside the variation
        of people (``"log": True``: of its logarithm); arguments of the regimen as in `sweep`, or
        ``"regimen"``, or neither.
    scenarios : list of str
        Competing scenarios of the model.

    Returns
    -------
    DataFrame
        One row a study, the most telling first: ``information`` (bits about which reading is right; log2 of
        their number would settle it) with ``information_low`` and ``information_high``, ``recovered`` (share
        of simulated studies in which the true reading comes out as the likeliest) with its interval, and
        ``confused``, the two readings most often taken for each other. Intervals are 95 %, of the simulation.
        ``attrs["chance"]`` is the share that guessing would recover.

    Other Parameters
    ----------------
    draws : int or DataFrame, optional
        Posterior draws of the uncertain parameters, or how many of the shipped ones; what a scenario sets is
        not drawn. None: the parameters are known.
    seed : int
        Of people and measurements.
    threads : int, optional
        As for `simulate`.

    Raises
    ------
    InputError
        If a value cannot be used.
    UnknownNameError
        If a name does not exist.

    Notes
    -----
    The mutual information of reading and data (Lindley 1956), by simulation. Data are normal about the mean
    that a draw predicts, with the covariance of people (a population of the reading) plus the error of
    measurement, over `n`. The probability of data under each reading is the average over all draws but the one
    that made them, so that no study is judged by it, nor by the same draw under another reading.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> pet = {"variable": "mu_occupancy_brain", "dose": 50, "days": 1, "n": 4, "sd": 0.07}
    >>> table = ldn.which_study(
    ...     ldn.load_model("ldn"),
    ...     {"4 h": pet | {"hours": [4]}, "72 h": pet | {"hours": [72]}},
    ...     scenarios=["brain_plasma_driven", "brain_retained"],
    ...     draws=20,
    ... )
    >>> table.index[0]
    '72 h'
    """
    import pandas as pd

    check_kinds(which_study, locals(), "model", "studies")
    studies, readings, seed = _named(studies), _readings(model, scenarios), a_seed(seed)
    planned = {name: _study(name, told, readings) for name, told in studies.items()}
    rng = np.random.default_rng(seed)
    predicted = [_predicted(one, planned, _draws_of(one, draws), threads) for one in readings.values()]
    spread = [
        _predicted(one, planned, population(one, PEOPLE, seed=seed), threads) for one in readings.values()
    ]
    rows = {}
    for name, study in planned.items():
        means = [p[name] for p in predicted]
        noise = [_covariance(s[name], study) for s in spread]
        rows[name] = _judged(means, noise, list(readings), rng)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("study")
    table.attrs = {
        "chance": 1 / len(readings),
        "readings": list(readings),
        "most": float(np.log2(len(readings))),
    }
    return table.sort_values("information", ascending=False, kind="stable")


def _readings(model: Model | Readings, scenarios: Sequence[str] | None) -> dict[str, Model]:
    if isinstance(model, Mapping):
        if scenarios is not None:
            raise bad("scenarios", list(scenarios), "has no effect with a dict of models", "leave it out")
        found = dict(model)
    elif isinstance(model, Model):
        if scenarios is None or isinstance(scenarios, str):
            raise bad(
                "scenarios", scenarios, "must be a list of scenarios", f"some of {', '.join(model.scenarios)}"
            )
        found = {name: under(model, name, scenarios) for name in _known(model, scenarios)}
    else:
        raise bad("model", type(model).__name__, "must be a Model or a dict of models")
    if len(found) < 2 or not all(isinstance(one, Model) for one in found.values()):
        raise bad("model" if scenarios is None else "scenarios", list(found), "must be at least two readings")
    return found


def _known(model: Model, scenarios: Iterable[str]) -> list[str]:
    for name in scenarios:
        if name not in model.scenarios:
            raise unknown("scenarios", name, model.scenarios)
    return list(scenarios)


def _named(studies: Any) -> Mapping[str, Mapping[str, Any]]:
    if (
        not isinstance(studies, Mapping)
        or not studies
        or not all(isinstance(s, Mapping) for s in studies.values())
    ):
        raise bad("studies", type(studies).__name__, "must be a dict of dicts, at least one study")
    return studies


def _study(name: str, told: Mapping[str, Any], readings: Readings) -> Study:
    where = f"studies[{name!r}]"
    for key in told:
        if key not in (*OWN, *TAKEN):
            raise unknown(where, key, (*OWN, *TAKEN), limit=len(OWN) + len(TAKEN))
    for key in ("variable", "hours", "n", "sd"):
        if key not in told:
            raise bad(f"{where}[{key!r}]", None, "must be given")
    for one in readings.values():
        outputs_of((told["variable"],), (), one)
    hours = told["hours"] if isinstance(told["hours"], Iterable) else [told["hours"]]
    hours = tuple(float(h) for h in hours)
    if not hours or min(hours) < 0 or any(b <= a for a, b in pairwise(hours)):
        raise bad(f"{where}['hours']", told["hours"], "must be hours >= 0 that ascend")
    n, sd = whole(f"{where}['n']", told["n"], 1), positive(f"{where}['sd']", told["sd"])
    for one in readings.values():
        row = one.outputs.loc[told["variable"]]
        unit = told_apart(str(row["long_name"]), str(row["unit"]))[1]
        if not told.get("log", False) and (how := no_share(sd, unit)):
            raise bad(f"{where}['sd']", sd, f"is above 1, and {told['variable']} is a {unit}", how)
    regimen = regimen_from({key: value for key, value in told.items() if key in TAKEN})
    return Study(told["variable"], regimen, hours, n, sd, bool(told.get("log", False)))


def _draws_of(model: Model, draws: int | pd.DataFrame | None) -> pd.DataFrame | None:
    if draws is None:
        return None
    if hasattr(draws, "columns"):
        Subjects(draws := unchosen(draws, model), [model], "draws")  # checks it
        return draws
    return posterior(model, whole("draws", draws, 1))


def _predicted(
    model: Model, studies: Mapping[str, Study], who: pd.DataFrame | None, threads: int | None
) -> dict[str, np.ndarray]:
    """Predict what each study sees, shape (who, hour), without noise; those of one regimen share a run."""
    found = {}
    for regimen in dict.fromkeys(s.regimen for s in studies.values()):
        own = {name: s for name, s in studies.items() if s.regimen == regimen}
        times = np.unique(np.concatenate([s.hours for s in own.values()]))
        ds = simulate(
            model, regimen, subjects=who, times=times, outputs=sorted({s.variable for s in own.values()}),
            threads=threads, progress=False,
        )  # fmt: skip
        for name, study in own.items():
            values = ds[study.variable].sel(time=list(study.hours)).values.reshape(-1, len(study.hours))
            values = values[np.isfinite(values).all(axis=1)]
            found[name] = np.log(np.maximum(values, BELOW)) if study.log else values
    return found


def _covariance(people: np.ndarray, study: Study) -> np.ndarray:
    """Covariance of the mean of a study over its hours."""
    between = np.atleast_2d(np.cov(people, rowvar=False))
    return (between + study.sd**2 * np.eye(len(study.hours))) / study.n


def _judged(means: list[np.ndarray], noise: list[np.ndarray], names: list[str], rng) -> dict[str, Any]:
    """Simulate a study many times under each reading, and see what it tells."""
    roots = [np.linalg.cholesky(c) for c in noise]
    logs, recovered, taken = [], [], np.zeros((len(means), len(means)))
    for true, (mean, root) in enumerate(zip(means, roots, strict=True)):
        made = np.repeat(np.arange(len(mean)), REPEATS if len(mean) > 1 else 200)
        y = mean[made] + rng.standard_normal((len(made), mean.shape[1])) @ root.T
        density = np.stack(
            [
                _log_density(y, means[k], roots[k], made if len(mean) == len(means[k]) > 1 else None)
                for k in range(len(means))
            ],
            axis=1,
        )
        total = np.logaddexp.reduce(density, axis=1) - np.log(len(means))
        logs.append((density[:, true] - total) / np.log(2))
        guess = density.argmax(axis=1)
        recovered.append(guess == true)
        taken[true] = np.bincount(guess, minlength=len(means)) / len(guess)
    bits = np.array([each.mean() for each in logs])
    error = 1.96 * np.sqrt(sum(each.var() / len(each) for each in logs)) / len(logs)
    share = np.mean([each.mean() for each in recovered])
    low, high = _wilson(share, sum(map(len, recovered)))
    np.fill_diagonal(taken, 0)
    a, b = np.unravel_index(np.argmax(np.triu(taken + taken.T)), taken.shape)
    information = max(float(bits.mean()), 0.0)
    return {
        "information": information,
        "information_low": max(information - error, 0.0),
        "information_high": information + error,
        "recovered": float(share),
        "recovered_low": low,
        "recovered_high": high,
        "confused": f"{names[a]} / {names[b]}" if a != b else "",
    }


def _log_density(
    y: np.ndarray, means: np.ndarray, root: np.ndarray, without: np.ndarray | None
) -> np.ndarray:
    """Log of the average normal density of y about the means, without the mean that made each y."""
    z = np.linalg.solve(root, (y[:, None, :] - means[None, :, :]).reshape(-1, y.shape[1]).T)
    log = -0.5 * (z**2).sum(axis=0).reshape(len(y), len(means))
    log -= np.log(np.diag(root)).sum()
    if without is not None:
        log[np.arange(len(y)), without] = -np.inf
    count = len(means) - (without is not None)
    return np.logaddexp.reduce(log, axis=1) - np.log(count)


def _wilson(share: float, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    z2 = 1.96**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = 1.96 / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return float(centre - half), float(centre + half)
