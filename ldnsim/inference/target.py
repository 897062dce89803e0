"""What the model is held against: each published measurement with the simulation that predicts it.

``models/<name>/targets.csv`` says for a row of the evidence which regimen, variable and quantity predict it.
The measured value, its spread and what the row is used for stay in the evidence.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import library
from ..errors import ModelError, bad, unknown
from ..units import HOURS_PER_DAY
from .arguments import a_model
from .quantity import PLASMA, QUANTITIES

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

CONTRASTS = {  # how a quantity is set against the same without the drug, and its unit
    "": (lambda drug, alone: drug, ""),
    "blocked": (lambda drug, alone: 100 * (1 - drug / alone), "% blocked"),
    "left": (lambda drug, alone: 100 * drug / alone, "% left"),
    "ratio": (lambda drug, alone: drug / alone, "fold"),
    "minus": (lambda drug, alone: drug - alone, "points"),
}
LEVEL = "C_"  # variables that are levels of cytokines
PLASMA_DOSE = 50.0  # mg
PLASMA_MODEL = {"ldn": "naltrexone_pk"}  # the same equations of plasma, alone
PLASMA_UNITS = {"pg/mL": 1e-3, "pg*h/mL": 1e-3}  # to ng/mL; cytokines stay in pg/mL
UNITS = {"days": HOURS_PER_DAY}
USES = ("calibration", "validation", "context")


class Design(NamedTuple):
    """One simulation that several targets share: a drug, and perhaps an opioid or another challenge under it.

    `challenge_at` counts in h from the last dose.
    """

    drug: str
    dose: float
    formulation: str
    ii: float
    n: int
    condition: str
    in_trial: float
    challenge: str = ""
    challenge_dose: float = 0.0
    challenge_form: str = ""
    challenge_at: float = 0.0

    @property
    def alone(self) -> Design:
        """The same without the drug: the challenge, or the trial, as it goes untreated."""
        return self._replace(dose=0.0)

    @property
    def last(self) -> float:
        """Time of the last dose (h)."""
        return self.ii * (self.n - 1)


@dataclass(frozen=True)
class Target:
    """One measurement and how it is predicted.

    Attributes
    ----------
    id : str
        Of the evidence.
    use : str
        ``calibration``, ``validation`` or ``context``.
    endpoint : str
        The kind of measurement, for summaries.
    quantity : str
        A key of `QUANTITIES`.
    variable : str
        Of the model.
    design : Design
    scale : float
        Dose over the dose simulated, in the linear part of the model.
    start, end : float
        Hours after the last dose.
    observed, sd : float
        In the unit of the prediction; `sd` is relative where `log` is true.
    sampling : float
        The standard error told, likewise; 0 where none is.
    log : bool
        Whether the residual is one of logarithms.
    contrast : str
        A key of `CONTRASTS`: how the quantity is set against the same without the drug; empty for not at all.
    factor : float
        What the quantity needs beyond the course.
    unit, source, note : str
    """

    id: str
    use: str
    endpoint: str
    quantity: str
    variable: str
    design: Design
    scale: float
    start: float
    end: float
    observed: float
    sd: float
    sampling: float
    log: bool
    contrast: str
    factor: float
    unit: str
    source: str
    note: str

    def compute(self, times: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Reduce courses, shape (draw, time), to the quantity measured, shape (draw,)."""
        return QUANTITIES[self.quantity].compute(self, times, values)

    def residual(self, predicted: np.ndarray) -> np.ndarray:
        """Distance of predictions from the measurement in units of its standard deviation."""
        if self.log:
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.log(predicted / self.observed) / self.sd
        return (predicted - self.observed) / self.sd


def targets(model: Model, use: str | Sequence[str] | None = None) -> tuple[Target, ...]:
    """Read the targets of a model.

    Parameters
    ----------
    model : Model
        With a ``targets.csv``.
    use : str or list of str, optional
        Only those of this use.

    Raises
    ------
    UnknownNameError
        If the model has no targets, or one names no row of the evidence.
    """
    if not library.has_table(a_model(model), "targets"):
        raise bad("model", model.name, "has no targets.csv, so nothing is known to hold it against")
    wanted = USES if use is None else (use,) if isinstance(use, str) else tuple(use)
    for one in wanted:
        if one not in USES:
            raise unknown("use", one, USES)
    return tuple(t for t in _read(model.folder) if t.use in wanted)


@functools.lru_cache(maxsize=8)
def _read(folder) -> tuple[Target, ...]:
    rows = library.table(library.load_model(folder), "targets")
    evidence = library.evidence().set_index("id")
    return tuple(_target(str(name), row, evidence) for name, row in rows.iterrows())


def _target(name: str, row: pd.Series, evidence: pd.DataFrame) -> Target:
    if name not in evidence.index:
        raise unknown("targets.csv", name, evidence.index)
    if row["quantity"] not in QUANTITIES:
        raise unknown(f"targets.csv[{name!r}].quantity", row["quantity"], QUANTITIES)
    told = evidence.loc[name]
    dose = _number(row["dose"], told["dose_mg"])
    plasma = row["variable"].startswith(PLASMA)
    scale = dose / PLASMA_DOSE if plasma else 1.0
    design = Design(
        row["drug"],
        PLASMA_DOSE if plasma else dose,
        row["formulation"],
        float(row["ii"]),
        int(row["n"]),
        row["condition"],
        float(row["in_trial"]),
        row["challenge"],
        _number(row["challenge_dose"], 0.0),
        row["challenge_form"],
        _number(row["challenge_h"], 0.0),
    )
    if row["contrast"] not in CONTRASTS:
        raise unknown(f"targets.csv[{name!r}].contrast", row["contrast"], CONTRASTS)
    value, sd = _measured(row, told, evidence)
    start = float(row["from_h"])
    via = evidence.loc[row["via"]] if row["via"] else None
    # Recovered in urine (%): renal clearance (mL/min -> L/h) x AUC (ug/L h) / dose (mg -> ug).
    recovery = row["quantity"] == "recovery" and via is not None
    factor = 100 * 0.06 * via["value"] / (1e3 * dose) if recovery else 1.0
    hour = row["quantity"] == "time_of_peak" and told["quantity"] == "cmax"
    return Target(
        f"{name} (hour)" if hour else name,
        told["use"],
        row["endpoint"],
        row["quantity"],
        row["variable"],
        design,
        scale,
        start,
        _number(row["to_h"], start),
        value,
        sd,
        _sampling(row, told, value),
        row["residual"] == "log",
        row["contrast"],
        factor,
        CONTRASTS[row["contrast"]][1] or QUANTITIES[row["quantity"]].unit or _unit(row["variable"]),
        told["source"],
        row["note"],
    )


def _measured(row: pd.Series, told: pd.Series, evidence: pd.DataFrame) -> tuple[float, float]:
    """Value and standard deviation of a measurement in the unit of its prediction."""
    units = UNITS | (PLASMA_UNITS if row["variable"].startswith(PLASMA) else {})
    scale = units.get(told["unit"], 1.0)
    if row["quantity"] == "time_of_peak" and told["quantity"] == "cmax":
        return _number(told["time_h"], ""), _number(row["sd"], "")  # a row of a peak tells its hour too
    value = _number(row["value"], told["value"]) * scale
    if told["spread_kind"] == "range_high":
        value = float(np.sqrt(value * float(told["spread"]) * scale))
    if row["quantity"] == "mean_change":
        value = 100 * (value / float(evidence.loc[row["via"], "value"]) - 1)
    return value, _number(row["sd"], told["spread"])


Z90, Z95 = 1.645, 1.96


def _sampling(row: pd.Series, told: pd.Series, value: float) -> float:
    """Read the standard error of a mean as its source tells it, relative where the residual is of logarithms."""
    if str(row["value"]) not in ("", "nan") or row["quantity"] == "time_of_peak":
        return 0.0
    measured, spread, kind = float(told["value"]), str(told["spread"]), told["spread_kind"]
    log = row["residual"] == "log"
    if kind in ("ci90", "ci95") and spread.count("-") == 1:
        low, high = (float(x) for x in spread.split("-"))
        return (np.log(high / low) if log else high - low) / 2 / (Z90 if kind == "ci90" else Z95)
    if kind in ("SE", "SEM", "SD"):
        error = float(spread) / (np.sqrt(float(told["n"])) if kind == "SD" else 1.0)
        return error / measured if log else error * abs(value / measured)
    return 0.0


def _number(cell: Any, otherwise: Any) -> float:
    """Read a cell that may be empty."""
    text = cell if cell == cell and cell != "" else otherwise
    try:
        return float(text)
    except (TypeError, ValueError):
        raise ModelError(f"targets.csv: {text!r} is no number") from None


def _unit(variable: str) -> str:
    if "occupancy" in variable:
        return "%"
    return "ng/mL" if variable.startswith(PLASMA) else "pg/mL" if variable.startswith(LEVEL) else "fold"
