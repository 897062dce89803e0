"""Cytokines: an endotoxin challenge against what volunteers showed, and the readings that disagree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from .. import library
from ..errors import positive
from ..metrics.table import CYTOKINES
from ..regimen import Regimen
from ..simulation import simulate
from .draws import draws_of, interval

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

READINGS = (
    "clinical_tlr4", "primed_microglia", "in_vitro_tlr4", "no_tlr4", "opioid_blockade", "ogf", "ogf_spared",
)  # fmt: skip
LEVELS = {"tnf_alpha": "C_tnf_alpha", "il6": "C_il6", "il10": "C_il10"}  # pg/mL
ONSET = 0.1  # share of the rise that counts as seen
BACK = 0.1  # share of the rise below which a cytokine counts as back at baseline
# Measurement -> cytokine, what of the challenge (or which rate) it is compared with, factor to h.
CHECKS = (
    ("lps_copeland2005_tmax_tnf", "tnf_alpha", "peak time", 1.0),
    ("lps_copeland2005_tmax_il6", "il6", "peak time", 1.0),
    ("lps_copeland2005_il6_2h", "il6", "peak level", 1.0),
    ("lps_copeland2005_return", "tnf_alpha", "return", 1.0),
    ("cyt_oliver1993_il1b_onset", "il1b", "onset", 1.0),
    ("cyt_clinsci1994_tnf_t12b", "tnf_alpha", "half-life", 1 / 60),
    ("cyt_oliver1993_tnf_t12", "tnf_alpha", "half-life", 1 / 60),
    ("cyt_il1b_rat_t12", "il1b", "half-life", 1 / 60),
    ("cyt_weber1993_il6_t12", "il6", "half-life", 1.0),
    ("cyt_huhn1997_il10_t12_lo", "il10", "half-life", 1.0),
)
RATES = {"tnf_alpha": "k_tnf", "il6": "k_il6", "il10": "k_il10", "il1b": "k_il1b"}


def endotoxin(model: Model, dose: float = 2.0) -> pd.DataFrame:
    """Challenge a healthy volunteer with endotoxin and compare with measurements.

    Parameters
    ----------
    model : Model
        With a condition "healthy".
    dose : float
        Endotoxin (ng/kg); the measurements are of 2 ng/kg.

    Returns
    -------
    pandas.DataFrame
        A row a measurement, indexed by its id in ``ldn.evidence()``: ``cytokine``, ``quantity``, ``model``,
        ``measured`` (h; pg/mL for a level), ``fold`` = model / measured, ``within`` two-fold, ``note``.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> bool(ldn.endotoxin(ldn.load_model("ldn")).within["lps_copeland2005_tmax_tnf"])
    True
    """
    import pandas as pd

    positive("dose", dose, "ng/kg")
    healthy = model.with_condition("healthy")
    times = np.arange(0, 24.01, 0.05)
    ds = simulate(healthy, Regimen.single(dose, drug="lps"), times=times, outputs=[*LEVELS.values(), "il1b"])
    table, rows = library.evidence().set_index("id"), {}
    for name, cytokine, quantity, factor in CHECKS:
        course = ds[LEVELS.get(cytokine, cytokine)].values
        if quantity == "half-life":
            found = np.log(2) / float(healthy.parameters["value"][RATES[cytokine]])
        else:
            found = _read(quantity, times, course)
        told = float(table["value"][name]) * factor
        fold = found / told
        rows[name] = [cytokine, quantity, found, told, fold, bool(0.5 <= fold <= 2), table["note"][name]]
    columns = ["cytokine", "quantity", "model", "measured", "fold", "within", "note"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("id")


def _read(quantity: str, times: np.ndarray, course: np.ndarray) -> float:
    peak, rise = int(course.argmax()), course - course[0]
    if quantity == "peak level":
        return float(course[peak])
    if quantity == "peak time":
        return float(times[peak])
    if quantity == "onset":
        return float(times[np.argmax(rise >= ONSET * rise[peak])])
    return float(times[peak + np.argmax(rise[peak:] <= BACK * rise[peak])])


def cytokine_readings(
    model: Model,
    regimen: Regimen | None = None,
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
    regimen : Regimen, optional
        By default 4.5 mg at 22:00 for 8 weeks.
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

    Examples
    --------
    >>> import ldnsim as ldn
    >>> some = ldn.cytokine_readings(ldn.load_model("ldn"), scenarios=["in_vitro_tlr4"], draws=4)
    >>> bool(some.change.abs().max() < 0.1)
    True
    """
    import pandas as pd

    regimen = Regimen.daily(4.5, days=56, at="22:00") if regimen is None else regimen
    metrics, rows = [f"change_{name}" for name in CYTOKINES], {}
    for scenario in scenarios:
        own = model.with_scenario(scenario)
        ds = simulate(own, regimen, subjects=draws_of(own, draws, seed), metrics=metrics, threads=threads)
        for name in CYTOKINES:
            rows[scenario, name] = interval(ds[f"change_{name}"].values)
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["change", "low", "high"])
    frame.index = pd.MultiIndex.from_tuples(rows, names=["scenario", "cytokine"])
    return frame
