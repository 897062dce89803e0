"""What the model is held against: each published measurement with the simulation that predicts it.

``models/<name>/targets.csv`` says for a row of the evidence which regimen and readout predict it.
The measured value, its spread and what the row is used for stay in the evidence.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import library
from ..errors import ModelError, bad, unknown
from ..readouts import REDUCERS, Readout
from ..units import HOURS_PER_DAY
from .arguments import a_model

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

CONTRASTS = {  # how a number is set against another one, and the unit of what that gives
    "": (lambda own, other: own, ""),
    "blocked": (lambda own, other: 100 * (1 - own / other), "% blocked"),
    "fall": (lambda own, other: 100 * (1 - own / other), "%"),
    "left": (lambda own, other: 100 * own / other, "% left"),
    "ratio": (lambda own, other: own / other, "fold"),
    "minus": (lambda own, other: own - other, "points"),
}
PLASMA = "plasma_"  # variables of a linear system: one dose serves all
START = "start"  # of the course, instead of an hour after the last dose
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
    readout : Readout
        What is read of the course.
    since : Readout or None
        What it is set against: the same variable at an earlier hour.
    change : str
        A key of `CONTRASTS`: how; empty for not at all.
    contrast : str
        A key of `CONTRASTS`: how the result is set against the same without the drug; empty for not at all.
    design : Design
    scale : float
        Dose over the dose simulated, in the linear part of the model.
    factor : float
        From the readout to the number that was measured.
    shift : float
        What comes to it: an hour counts from the last dose, that of a readout from the start of its window.
    start, end : float
        Hours after the last dose.
    observed, sd : float
        In the unit of the prediction; `sd` is relative where `log` is true.
    sampling : float
        The standard error told, likewise; 0 where none is.
    log : bool
        Whether the residual is one of logarithms.
    unit, source, note : str
    """

    id: str
    use: str
    endpoint: str
    readout: Readout
    since: Readout | None
    change: str
    contrast: str
    design: Design
    scale: float
    factor: float
    shift: float
    start: float
    end: float
    observed: float
    sd: float
    sampling: float
    log: bool
    unit: str
    source: str
    note: str

    @property
    def readouts(self) -> tuple[Readout, ...]:
        """What has to be read of a course."""
        return (self.readout,) if self.since is None else (self.readout, self.since)

    def compute(self, numbers: Mapping[Readout, np.ndarray]) -> np.ndarray:
        """Make the number that was measured of what was read, each of shape (draw,)."""
        own = self.factor * numbers[self.readout] + self.shift
        if self.since is None:
            return own
        with np.errstate(invalid="ignore", divide="ignore"):
            return CONTRASTS[self.change][0](own, self.factor * numbers[self.since])

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
    InputError
        If the model has no targets.
    UnknownNameError
        If one names no row of the evidence.
    """
    if not library.has_table(a_model(model), "targets"):
        raise bad("model", model.name, "has no targets.csv, so nothing is known to hold it against")
    wanted = USES if use is None else (use,) if isinstance(use, str) else tuple(use)
    for one in wanted:
        if one not in USES:
            raise unknown("use", one, USES)
    return tuple(t for t in _read(model.folder) if t.use in wanted)


def all_targets(model: Model, use: str | Sequence[str] | None = None) -> tuple[Target, ...]:
    """Read the targets of a model that must have all that they are read from, see `targets`.

    Raises
    ------
    InputError
        Also if it lacks a variable.
    """
    found, have = targets(model, use), {quantity.id for quantity in model.quantities}
    lacking = next((r.variable for t in found for r in t.readouts if r.variable not in have), None)
    if lacking is not None:
        raise bad("model", model.name, f"has no {lacking!r}, which its targets are read from")
    return found


@functools.lru_cache(maxsize=8)
def _read(folder) -> tuple[Target, ...]:
    rows = library.table(library.load_model(folder), "targets")
    evidence = library.evidence().set_index("id")
    return tuple(_target(str(name), row, evidence) for name, row in rows.iterrows())


def _target(name: str, row: pd.Series, evidence: pd.DataFrame) -> Target:
    if name not in evidence.index:
        raise unknown("targets.csv", name, evidence.index, listing="ldnsim.evidence()")
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
    for column in ("change", "contrast"):
        if row[column] not in CONTRASTS:
            raise unknown(f"targets.csv[{name!r}].{column}", row[column], CONTRASTS)
    value, sd = _measured(row, told, evidence)
    start = float(row["from_h"])
    end = _number(row["to_h"], start)
    readout, since = _readouts(row, design.last, start, end)
    factor, unit = _unit(readout, scale)
    if _recovery(row):  # renal clearance (mL/min -> L/h) x AUC (ug/L h) / dose (mg -> ug)
        factor, unit = scale * 100 * 0.06 * evidence.loc[row["via"], "value"] / (1e3 * dose), "% of dose"
    return Target(
        f"{name} (hour)" if _is_hour(row, told) else name,
        told["use"],
        row["endpoint"],
        readout,
        since,
        row["change"],
        row["contrast"],
        design,
        scale,
        factor,
        start if readout.reduce == "tmax" else 0.0,
        start,
        end,
        value,
        sd,
        _sampling(row, told, value),
        row["residual"] == "log",
        CONTRASTS[row["contrast"]][1] or CONTRASTS[row["change"]][1] or unit,
        told["source"],
        row["note"],
    )


def _readouts(row: pd.Series, last: float, start: float, end: float) -> tuple[Readout, Readout | None]:
    """Read what is read of the course, and what that is set against."""
    variable, reduce = row["variable"], row["reduce"]
    if reduce not in REDUCERS:
        raise unknown(f"targets.csv[{row.name!r}].reduce", reduce, REDUCERS, limit=len(REDUCERS))
    if row["since_h"] == START:
        since = Readout(variable, "at", level=0.0)
    else:
        since = Readout(variable, "at", level=last + float(row["since_h"])) if row["since_h"] else None
    if reduce == "at":
        return Readout(variable, "at", level=last + start), since
    level = 1.0 if reduce == "percent_change" else None  # against the state untreated
    return Readout(variable, reduce, (last + start, last + end), level), since


def _unit(readout: Readout, scale: float) -> tuple[float, str]:
    """From a readout to the unit of measurements, and that unit."""
    if not readout.reducer.unit.startswith("x"):  # an hour or a share: nothing of the variable's unit in it
        return 1.0, readout.reducer.unit
    if "occupancy" in readout.variable:
        return 100.0 * scale, "%"
    plasma, level = (readout.variable.startswith(w) for w in (PLASMA, LEVEL))
    own = "ng/mL" if plasma else "pg/mL" if level else "fold"
    return scale, readout.attrs({readout.variable: {"units": own}})["units"]


def _recovery(row: pd.Series) -> bool:
    """Whether an area tells the share of a dose in urine."""
    return bool(row["reduce"] == "auc" and row["via"])


def _is_hour(row: pd.Series, told: pd.Series) -> bool:
    """Whether a row of a peak is read for its hour, which it tells too."""
    return bool(row["reduce"] == "tmax" and told["quantity"] == "cmax")


def _measured(row: pd.Series, told: pd.Series, evidence: pd.DataFrame) -> tuple[float, float]:
    """Value and standard deviation of a measurement in the unit of its prediction."""
    units = UNITS | (PLASMA_UNITS if row["variable"].startswith(PLASMA) else {})
    scale = units.get(told["unit"], 1.0)
    if _is_hour(row, told):
        return _number(told["time_h"], ""), _number(row["sd"], "")
    value = _number(row["value"], told["value"]) * scale
    if told["spread_kind"] == "range_high":
        value = float(np.sqrt(value * float(told["spread"]) * scale))
    if row["reduce"] == "percent_change":
        value = 100 * (value / float(evidence.loc[row["via"], "value"]) - 1)
    return value, _number(row["sd"], told["spread"])


Z90, Z95 = 1.645, 1.96


def _sampling(row: pd.Series, told: pd.Series, value: float) -> float:
    """Read the standard error of a mean as its source tells it, relative where the residual is of logarithms."""
    if str(row["value"]) not in ("", "nan") or row["reduce"] == "tmax":
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

