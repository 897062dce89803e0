"""Cytokines: an endotoxin challenge against what volunteers showed, and the readings that disagree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .. import library
from ..choices import under
from ..door import check_kinds
from ..errors import bad, positive, unknown
from ..inference.arguments import a_model
from ..readouts import readouts_of
from ..regimen import Regimen
from ..regimen.asked import regimen_of
from ..simulation import simulate
from ..simulation.request import named
from .draws import draws_of, interval

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

READINGS = (
    "clinical_tlr4", "primed_microglia", "in_vitro_tlr4", "no_tlr4", "opioid_blockade", "ogf", "ogf_spared",
)  # fmt: skip
GROUP = "Cytokines"  # of readouts: changes against the untreated baseline
LEVELS = {"tnf_alpha": "C_tnf_alpha", "il6": "C_il6", "il10": "C_il10"}  # pg/mL
ONSET = 0.1  # share of the rise that counts as seen
BACK = 0.1  # share of the rise below which a cytokine counts as back at baseline
TWO_FOLD, AT_MOST = "two-fold", "at most"


class Check(NamedTuple):
    """One measurement and what of the challenge, or which turnover, it is compared with."""

    id: str
    cytokine: str
    quantity: str
    asked: str = TWO_FOLD
    unit: float = 1.0  # of the measurement, in h (or pg/mL, or fold)
    dose: float = 1.0  # of the challenge, over the one asked for


CHECKS = (
    Check("lps_copeland2005_tmax_tnf", "tnf_alpha", "peak time"),
    Check("lps_cannon1990_tmax_tnf", "tnf_alpha", "peak time"),
    Check("lps_copeland2005_tmax_il6", "il6", "peak time"),
    Check("lps_ejim2000_tmax_il10", "il10", "peak time", dose=2.0),
    Check("lps_cannon1990_tmax_il1b", "il1b", "peak time"),
    Check("lps_copeland2005_il6_2h", "il6", "peak level"),
    Check("lps_cannon1990_il1b_fold", "il1b", "peak over baseline"),
    Check("lps_copeland2005_return", "tnf_alpha, il6", "return"),
    Check("cyt_oliver1993_il1b_onset", "il1b", "onset"),
    Check("cyt_clinsci1994_tnf_t12b", "tnf_alpha", "half-life", unit=1 / 60),
    Check("cyt_oliver1993_tnf_t12", "tnf_alpha", "half-life", unit=1 / 60),
    Check("cyt_il1b_rat_t12", "il1b", "half-life", unit=1 / 60),
    Check("cyt_radwanski1998_il10_turnover", "il10", "half-life"),
    # From under the skin a cytokine leaves plasma no faster than it is absorbed.
    Check("cyt_weber1993_il6_t12", "il6", "half-life", AT_MOST),
    Check("cyt_huhn1997_il10_t12_lo", "il10", "half-life", AT_MOST),
)
RATES = {"tnf_alpha": "k_tnf", "il6": "k_il6", "il10": "k_il10", "il1b": "k_il1b"}


def endotoxin(model: Model, dose: float = 2.0) -> pd.DataFrame:
    """Challenge a healthy volunteer with endotoxin and compare with measurements.

    Parameters
    ----------
    model : Model
        With a condition "healthy".
    dose : float
        Endotoxin (ng/kg); the measurements are of 2 ng/kg, save one of twice as much.

    Returns
    -------
    pandas.DataFrame
        A row a measurement, indexed by its id in ``ldn.evidence()``: ``cytokine``, ``quantity``, ``model``,
        ``measured`` (h; pg/mL for a level), ``fold`` = model / measured, ``asked`` ("two-fold", or "at most"
        where the measurement is an upper bound), ``within`` what is asked, ``note``.

    Raises
    ------
    InputError
        If `dose` is not positive, or `model` has another condition than "healthy", or none of that name.

    Notes
    -----
    A half-life is that of turnover, ln 2 / clearance constant: after a challenge plasma falls more slowly, as
    production goes on. It is compared with that of cytokine given into a vein, or bounded by the slower one
    of cytokine given under the skin.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> bool(ldn.endotoxin(ldn.load_model("ldn")).within["lps_copeland2005_tmax_tnf"])
    True
    """
    import pandas as pd

    dose = positive("dose", dose, "ng/kg")
    if a_model(model).condition not in (None, "healthy"):
        rule = f"is under the condition {model.condition!r}, and the volunteers measured were healthy"
        raise bad("model", model.name, rule, "model.with_condition(None)")
    healthy = model.with_condition("healthy")
    times = np.arange(0, 24.01, 0.05)
    doses = {f"{k:g}": Regimen.single(k * dose, drug="lps") for k in sorted({c.dose for c in CHECKS})}
    ds = simulate(healthy, doses, times=times, outputs=[*LEVELS.values(), "il1b"])
    table, rows = library.evidence().set_index("id"), {}
    for check in CHECKS:
        own = ds.sel(regimen=f"{check.dose:g}")
        names = check.cytokine.split(", ")
        if check.quantity == "half-life":
            found = np.log(2) / float(healthy.parameters["value"][RATES[check.cytokine]])
        else:
            found = max(_read(check.quantity, times, own[LEVELS.get(n, n)].values) for n in names)
        told = float(table["value"][check.id]) * check.unit
        fold = found / told
        within = bool(fold <= 1 if check.asked == AT_MOST else 0.5 <= fold <= 2)
        note = table["note"][check.id]
        rows[check.id] = [check.cytokine, check.quantity, found, told, fold, check.asked, within, note]
    columns = ["cytokine", "quantity", "model", "measured", "fold", "asked", "within", "note"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("id")


def _read(quantity: str, times: np.ndarray, course: np.ndarray) -> float:
    peak, rise = int(course.argmax()), course - course[0]
    if quantity == "peak level":
        return float(course[peak])
    if quantity == "peak over baseline":
        return float(course[peak] / course[0])
    if quantity == "peak time":
        return float(times[peak])
    if quantity == "onset":
        return float(times[np.argmax(rise >= ONSET * rise[peak])])
    return float(times[peak + np.argmax(rise[peak:] <= BACK * rise[peak])])


def cytokine_readings(
    model: Model,
    regimen: Regimen | str | None = None,
    *,
    scenarios: Iterable[str] = READINGS,
    draws: int = 100,
    seed: int = 0,
    threads: int | None = None,
) -> pd.DataFrame:
    """Show changes of cytokines under each reading of the literature, side by side, never added up.

    Parameters
    ----------
    model : Model
        With the scenarios.
    regimen : Regimen or str, optional
        Or its words; by default 4.5 mg at 22:00 for 8 weeks.
    scenarios : sequence of str
        Names of the readings.
    draws, seed : int
        Draws of the uncertain parameters.
    threads : int, optional
        As for `simulate`.

    Returns
    -------
    pandas.DataFrame
        Indexed by (scenario, cytokine): ``change``, ``low``, ``high``, percent of baseline over the last
        dosing interval, with a 90 % interval.

    Raises
    ------
    InputError, UnknownNameError
        If an argument cannot be used.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> some = ldn.cytokine_readings(ldn.load_model("ldn"), scenarios=["in_vitro_tlr4"], draws=4)
    >>> bool(some.change.abs().max() < 0.1)
    True
    """
    import pandas as pd

    check_kinds(cytokine_readings, locals(), "model", "draws", "seed", "scenarios")
    model = a_model(model)
    regimen = regimen_of("regimen", "4.5 mg at 22:00 for 56 days" if regimen is None else regimen, model)
    changes, rows = [r for r in readouts_of(model) if r.group.startswith(GROUP)], {}
    scenarios = named("scenarios", scenarios)
    for scenario in scenarios:
        if scenario not in model.scenarios:
            raise unknown("scenarios", scenario, model.scenarios)
    for scenario in scenarios:
        own = under(model, scenario, scenarios)
        ds = simulate(own, regimen, subjects=draws_of(own, draws, seed), metrics=changes, threads=threads)
        for change in changes:
            rows[scenario, change.variable] = interval(change.picked(ds).values)
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["change", "low", "high"])
    frame.index = pd.MultiIndex.from_tuples(rows, names=["scenario", "cytokine"])
    return frame
