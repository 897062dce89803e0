"""Where the literature disagrees: the same question under each reading, by scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..choices import under
from .prediction import predict
from .target import PLASMA, targets

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model


class Reading(NamedTuple):
    """One reading: the scenario (empty: the default) and the measurement whose prediction shows it."""

    question: str
    reading: str
    scenario: str
    shown_by: str


CLEARANCE = "clearance of naltrexone: level 30 days after a depot of 200 mg"
READINGS = (
    Reading(CLEARANCE, "140 L/h (depot)", "", "pk_wang2014_c30d_200"),
    Reading(CLEARANCE, "94 L/h", "clearance_low", "pk_wang2014_c30d_200"),
    Reading(CLEARANCE, "211 L/h", "clearance_high", "pk_wang2014_c30d_200"),
    Reading("half-life of naltrexone", "4 h", "", "pk_verebey1976_t12_ntx_acute"),
    Reading("half-life of naltrexone", "9 to 10 h", "naltrexone_slow_phase", "pk_verebey1976_t12_ntx_acute"),
    Reading("peak of naltrexol, 100 mg", "between the two", "", "pk_meyer1984_cmax_6bn_100"),
    Reading("peak of naltrexol, 100 mg", "207 ng/mL", "naltrexol_peak_high", "pk_meyer1984_cmax_6bn_100"),
    Reading("peak of naltrexol, 100 mg", "87 ng/mL", "naltrexol_peak_low", "pk_verebey1976_cmax_6bn_acute"),
    Reading("brain occupancy, 48 h after 50 mg", "slow pools", "", "lee1988_occ_48h"),
    Reading("brain occupancy, 48 h after 50 mg", "as plasma", "brain_plasma_driven", "lee1988_occ_48h"),
)


def both_readings(model: Model) -> pd.DataFrame:
    """Predict what the literature disagrees about, under each reading.

    Returns
    -------
    DataFrame
        ``question``, ``reading``, ``scenario``, ``predicted`` and ``unit`` of the measurement that shows it,
        and ``rows_rmse``: root mean square of the residuals of the fitted plasma rows (Cmax, AUC, half-life,
        tmax), in standard deviations of the measurements.
    """
    import pandas as pd

    rows = targets(model)
    fitted = [k for k, t in enumerate(rows) if t.use == "calibration" and t.readout.variable.startswith(PLASMA)]
    where = {t.id: k for k, t in enumerate(rows)}
    some = sorted({where[r.shown_by] for r in READINGS} | set(fitted))
    found = []
    for reading in READINGS:
        chosen = under(model, reading.scenario) if reading.scenario else model
        predicted = dict(zip(some, predict(chosen, [rows[k] for k in some])[0], strict=True))
        residuals = [float(rows[k].residual(predicted[k])) for k in fitted]
        k = where[reading.shown_by]
        found.append(
            [*reading[:3], predicted[k], rows[k].unit, float(np.sqrt(np.mean(np.square(residuals))))]
        )
    columns = ["question", "reading", "scenario", "predicted", "unit", "rows_rmse"]
    return pd.DataFrame(found, columns=columns)
