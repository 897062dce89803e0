"""`robustness`: whether the story of low-dose naltrexone is a region of what is plausible, or a point."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..door import check_kinds
from ..errors import whole
from ..regimen import Regimen
from ..simulation import simulate
from ..units import HOURS_PER_DAY
from .arguments import a_model, a_seed
from .draws import deciding, posterior, prior_draws

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

DOSES = (0.5, 1.5, 3.0, 4.5, 50.0)  # mg
DAYS = 28
BEDTIME = 22.0
AFTER = 96.0  # h watched after the last dose
STEP = 0.25  # h between points at which courses are set against one another
HOURS, LEAST, MOST, MEAN, LATER = (
    "hours_blocked_peripheral", "cmin(endorphin)", "cmax(opioid_tone)", "mean(opioid_tone)",
    "cmax(opioid_tone, after last dose)",
)  # fmt: skip
APART = "tone above that of 50 mg"  # lowest distance over the day


class Element(NamedTuple):
    """One sentence of the story, the number it is about, and the margin by which it holds (positive: it does)."""

    sentence: str
    dose: float
    readout: str
    margin: Callable[[np.ndarray], np.ndarray]


def _elements() -> list[Element]:
    low = [d for d in DOSES if d < DOSES[-1]]
    ldn, high = low[-2:], DOSES[-1]

    def some_hours(x):
        return np.minimum(x - 1e-9, 12 - x)

    def above_baseline(x):
        return x - 1

    def below_baseline(x):
        return 1 - x

    found = [Element("blocked for some hours of the day, below 12", d, HOURS, some_hours) for d in ldn]
    found += [Element("blocked around the clock", high, HOURS, lambda x: x - 24 + 1e-6)]
    found += [Element("endorphin above baseline all day", d, LEAST, above_baseline) for d in (ldn[-1], high)]
    found += [Element("tone below baseline all day", high, MOST, below_baseline)]
    found += [Element("tone above that of 50 mg at every hour", d, APART, lambda x: x) for d in ldn]
    found += [Element("tone above baseline within the day", d, MOST, above_baseline) for d in low]
    found += [
        Element("tone above baseline within 4 days of the last dose", d, LATER, above_baseline) for d in ldn
    ]
    found += [Element("mean tone of the day below baseline", d, MEAN, below_baseline) for d in ldn]
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
    numbers = {name: _numbers(model, draws, threads) for name, draws in sets.items()}
    rows = []
    for element in _elements():
        margins = {
            name: element.margin(told[element.readout, element.dose]) for name, told in numbers.items()
        }
        row = {"element": element.sentence, "dose": element.dose}
        row |= {name: float((m[np.isfinite(m)] > 0).mean()) for name, m in margins.items()}
        found = deciding(sets["prior"], margins["prior"])
        row["deciding"] = ", ".join(f"{p} {r:+.2f}" for p, r in found.items())
        rows.append(row)
    table = pd.DataFrame(rows).set_index(["element", "dose"])
    table.attrs.update(n=int(n), seed=int(seed), model=model.name)
    return table


def _numbers(model: Model, draws: pd.DataFrame, threads: int | None) -> dict[tuple[str, float], np.ndarray]:
    """Give the numbers of each dose, one a draw."""
    regimens = {f"{d:g} mg": Regimen.daily(d, days=DAYS, at=BEDTIME) for d in DOSES}
    last = BEDTIME + HOURS_PER_DAY * (DAYS - 1)
    names = [HOURS, LEAST, MOST, MEAN, LATER]
    found: dict[tuple[str, float], np.ndarray] = {}
    told = simulate(model, regimens, subjects=draws, metrics=names, duration=last + AFTER, threads=threads)
    day = last + np.arange(0, HOURS_PER_DAY + STEP / 2, STEP)
    tone = simulate(
        model, regimens, subjects=draws, times=day, outputs=["opioid_tone"], threads=threads
    ).opioid_tone
    for label, dose in zip(regimens, DOSES, strict=True):
        found |= {(name, dose): told[name].sel(regimen=label).values for name in names}
        apart = tone.sel(regimen=label) - tone.sel(regimen=f"{DOSES[-1]:g} mg")
        found[APART, dose] = apart.min("time").values
    return found
