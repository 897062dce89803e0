"""`robustness`: whether the story of low-dose naltrexone is a region of what is plausible, or a point."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..door import check_kinds
from ..errors import whole
from ..regimen import Regimen
from ..simulation import simulate
from ..units import BLOCKED
from .doors import a_model, a_seed
from .draws import deciding, posterior, prior_draws

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model

DOSES = (0.5, 1.5, 3.0, 4.5, 50.0)  # mg
DAYS = 28
BEDTIME = 22.0
AFTER = 96.0  # h watched after the last dose
OUTPUTS = ("mu_occupancy_peripheral", "endorphin", "opioid_tone")
STEP = 0.25  # h


class Element(NamedTuple):
    """One sentence of the story, and the number that must be positive for it to hold."""

    sentence: str
    dose: float
    margin: Callable[[xr.Dataset, float], np.ndarray]


def _hours(ds: xr.Dataset, dose: float) -> np.ndarray:
    day = _day(ds, dose).mu_occupancy_peripheral
    return STEP * (day.isel(time=slice(0, -1)) >= BLOCKED).sum("time").values


def _day(ds: xr.Dataset, dose: float) -> xr.Dataset:
    return ds.sel(regimen=f"{dose:g} mg").isel(time=slice(0, int(24 / STEP) + 1))


def _low_against_high(ds: xr.Dataset, dose: float) -> np.ndarray:
    return (_day(ds, dose).opioid_tone - _day(ds, DOSES[-1]).opioid_tone).min("time").values


def _elements() -> list[Element]:
    low = [d for d in DOSES if d < DOSES[-1]]
    ldn, high = low[-2:], DOSES[-1]

    def hours_are_few(ds, dose):
        return np.minimum(_hours(ds, dose) - 1e-9, 12 - _hours(ds, dose))

    def endorphin_is_up(ds, dose):
        return _day(ds, dose).endorphin.min("time").values - 1

    def tone_exceeds(ds, dose):
        return _day(ds, dose).opioid_tone.max("time").values - 1

    def mean_is_below(ds, dose):
        return 1 - _day(ds, dose).opioid_tone.mean("time").values

    def tone_after(ds, dose):
        return ds.opioid_tone.sel(regimen=f"{dose:g} mg").max("time").values - 1

    found = [Element("blocked for some hours of the day, below 12", d, hours_are_few) for d in ldn]
    found += [Element("blocked around the clock", high, lambda ds, d: _hours(ds, d) - 24 + STEP / 2)]
    found += [Element("endorphin above baseline all day", d, endorphin_is_up) for d in (ldn[-1], high)]
    found += [Element("tone below baseline all day", high, lambda ds, d: -tone_exceeds(ds, d))]
    found += [Element("tone above that of 50 mg at every hour", d, _low_against_high) for d in ldn]
    found += [Element("tone above baseline within the day", d, tone_exceeds) for d in low]
    found += [Element("tone above baseline within 4 days of the last dose", d, tone_after) for d in ldn]
    found += [Element("mean tone of the day below baseline", d, mean_is_below) for d in ldn]
    return found


def robustness(model: Model, *, n: int = 300, seed: int = 1, threads: int | None = None) -> pd.DataFrame:
    """Give the share of prior and posterior draws under which each element of the story holds.

    Parameters
    ----------
    model : Model
        With priors and a posterior.
    n : int, optional
        Draws of each.
    seed : int, optional
        Of the prior draws.

    Returns
    -------
    DataFrame
        Indexed by (element, dose in mg): ``prior`` and ``posterior`` (shares of draws), ``deciding`` (the
        three parameters whose rank goes most with the margin by which it holds, over the prior).
        Four weeks at 22:00, read over the last day (and four days more where the sentence says so).

    Other Parameters
    ----------------
    threads : int, optional
        As in `simulate`.

    Raises
    ------
    InputError
        If `n` is below 10.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> list(ldn.robustness(ldn.load_model("ldn"), n=10).columns)
    ['prior', 'posterior', 'deciding']
    """
    import pandas as pd

    check_kinds(robustness, locals(), "model", "n", "seed")
    model, n, seed = a_model(model), whole("n", n, 10), a_seed(seed)
    shipped = posterior(model)
    sets = {"prior": prior_draws(model, n, seed), "posterior": shipped.iloc[: min(n, len(shipped))]}
    courses = {name: _courses(model, draws, threads) for name, draws in sets.items()}
    rows = []
    for element in _elements():
        margins = {name: element.margin(ds, element.dose) for name, ds in courses.items()}
        row = {"element": element.sentence, "dose": element.dose}
        row |= {name: float((m[np.isfinite(m)] > 0).mean()) for name, m in margins.items()}
        found = deciding(sets["prior"], margins["prior"])
        row["deciding"] = ", ".join(f"{p} {r:+.2f}" for p, r in found.items())
        rows.append(row)
    table = pd.DataFrame(rows).set_index(["element", "dose"])
    table.attrs.update(n=int(n), seed=int(seed), model=model.name)
    return table


def _courses(model: Model, draws: pd.DataFrame, threads: int | None) -> xr.Dataset:
    regimens = {f"{d:g} mg": Regimen.daily(d, days=DAYS, at=BEDTIME) for d in DOSES}
    last = BEDTIME + 24 * (DAYS - 1)
    times = last + np.arange(0, AFTER + STEP / 2, STEP)
    return simulate(model, regimens, subjects=draws, times=times, outputs=list(OUTPUTS), threads=threads)
