"""Rival models, side by side: what others would predict of brain occupancy, and how far each is from PET."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import library
from ..choices import under
from ..door import check_kinds
from ..errors import positive
from ..regimen import Regimen
from ..simulation import simulate
from ..simulation.grid import output_times
from .arguments import a_model
from .headline import READINGS

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..annotations import Numbers
    from ..model import Model

OCCUPANCY = "mu_occupancy_brain"
WITHIN = 8.0  # h: as long as the static curve speaks of a dose
SCAN = 4.0  # h: when a scan "before 8 h" is taken to be
FIRST = 1.0  # h: the scan that later ones are told relative to


class Rival(NamedTuple):
    """One way to predict occupancy after single doses.

    Attributes
    ----------
    name : str
    drug : str
        The drug whose scans it speaks of.
    curve : callable
        (dose in mg, hours) -> occupancy (fraction), NaN where it says nothing.
    about : str
    """

    name: str
    drug: str
    curve: Callable[[float, Numbers], np.ndarray]
    about: str


def rivals_of(model: Model) -> list[Rival]:
    """List the readings of `model`, the static curve of the primer, and nalmefene as analogue."""
    kyhl, primer = library.load_model("rival_kyhl_nalmefene"), library.load_model("rival_primer_mu")
    found = [Rival(model.name, "naltrexone", _curve(model), "as it stands")]
    letters = {s: letter for s, letter in READINGS.items() if s in model.scenarios}
    found += [
        Rival(f"reading {letter}", "naltrexone", _curve(under(model, scenario, letters)), scenario)
        for scenario, letter in letters.items()
    ]
    return [
        *found,
        Rival("primer", "naltrexone", _primer(primer), "static curve within 8 h"),
        Rival("nalmefene", "nalmefene", _kyhl(kyhl), "Kyhl 2016; for naltrexone an analogue, mg for mg"),
    ]


def rivals(model: Model, dose: float = 50.0, *, duration: float = 168.0, every: float = 0.5) -> xr.DataArray:
    """Run one oral dose through the model, the readings A-D and the rival models.

    Parameters
    ----------
    model : Model
        The model `ldn`, under the condition wanted.
    dose : float, optional
        Of naltrexone (mg).
    duration, every : float, optional
        Hours shown, and the step.

    Returns
    -------
    xarray.DataArray
        Brain mu occupancy (fraction) over (rival, time); NaN where a rival says nothing: the static curve
        after 8 h. The coordinate ``about`` says what each is. The binding kinetics of Mann 2022 hold no
        constants of naltrexone and are compared in `binding` instead.

    Raises
    ------
    InputError
        If `dose` is not positive.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.rivals(ldn.load_model("ldn"), 50).dims
    ('rival', 'time')
    """
    import xarray as xr

    check_kinds(rivals, locals(), "model")
    dose = positive("dose", dose, "mg")
    times = output_times(positive("duration", duration, "h"), every)
    several = rivals_of(a_model(model))
    values = np.stack([r.curve(dose, times) for r in several])
    return xr.DataArray(
        values,
        dims=("rival", "time"),
        coords={
            "rival": [r.name for r in several],
            "about": ("rival", [r.about for r in several]),
            "time": ("time", times, {"units": "h", "long_name": "time after the dose"}),
        },
        attrs={"units": "1", "long_name": "brain mu receptors held", "dose": dose},
        name=OCCUPANCY,
    )


def against_pet(model: Model) -> pd.DataFrame:
    """Hold the model, its readings and its rivals against the PET scans.

    Returns
    -------
    DataFrame
        One row a scan: ``drug``, ``dose`` (mg), ``hour``, ``use``, ``observed`` (%, or % of that at 1 h), and
        the prediction of each rival that speaks of it (NaN if it does not). ``attrs["rmse"]`` is a DataFrame
        with one row a rival: scans and RMSE (percentage points) for naltrexone within 8 h, naltrexone after
        8 h, and nalmefene; ``about``.
    """
    import pandas as pd

    table, several = _scans(), rivals_of(model)
    for rival in several:
        table[rival.name] = [_scan(rival, row) for row in table.itertuples()]
    parts = {
        "within_8_h": (table["drug"] == "naltrexone") & ~table["relative"],
        "later": (table["drug"] == "naltrexone") & table["relative"],
        "nalmefene": table["drug"] == "nalmefene",
    }
    rows = []
    for rival in several:
        error = table[rival.name] - table["observed"]
        row: dict[str, Any] = {"rival": rival.name, "about": rival.about}
        for name, part in {**parts, "naltrexone": table["drug"] == "naltrexone"}.items():
            known = error[part].dropna()
            row[name] = float(np.sqrt((known**2).mean())) if len(known) else np.nan
            row[f"{name}_scans"] = len(known)
        rows.append(row)
    table.attrs["rmse"] = pd.DataFrame(rows).set_index("rival")
    return table


def binding() -> pd.DataFrame:
    """Hold the binding kinetics of Mann 2022 against scans with naloxone levels in plasma (rhesus).

    Returns
    -------
    DataFrame
        One row a scan: plasma level (ng/mL), ``observed`` and ``predicted`` occupancy (%), if the level at
        the receptor were that of plasma.
    """
    import pandas as pd

    model, told = library.load_model("rival_mann_binding"), library.evidence().set_index("id")
    rows = []
    for name in told.index[told.index.str.startswith("rhesus_nlx_occ_")]:
        level = float(told["value"][name.replace("_occ_", "_conc_")])
        at = model.with_parameters(antagonist_level=level)
        held = simulate(at, None, times=[0.0, 24.0], outputs=["held_by_antagonist"]).held_by_antagonist
        rows.append([name, level, float(told["value"][name]), 100 * float(held[-1])])
    return pd.DataFrame(rows, columns=["id", "level", "observed", "predicted"]).set_index("id")


def _curve(model: Model) -> Callable:
    def curve(dose: float, hours: Sequence[float]) -> np.ndarray:
        regimen = Regimen.single(dose, formulation="tablet")
        return simulate(model, regimen, times=list(hours), outputs=[OCCUPANCY])[OCCUPANCY].values

    return curve


def _kyhl(model: Model) -> Callable:
    def curve(dose: float, hours: Sequence[float]) -> np.ndarray:
        regimen = Regimen.every(dose, ii=24, n=1, cmt="A_swallowed")
        return simulate(model, regimen, times=list(hours), outputs=[OCCUPANCY])[OCCUPANCY].values

    return curve


def _primer(model: Model) -> Callable:
    def curve(dose: float, hours: Sequence[float]) -> np.ndarray:
        regimen = Regimen.every(dose, ii=24, n=1, cmt="A_taken")
        held = simulate(model, regimen, times=list(hours), outputs=[OCCUPANCY])[OCCUPANCY].values
        return np.where(np.asarray(hours) <= WITHIN, held, np.nan)

    return curve


def _scans() -> pd.DataFrame:
    """Read the scans after single oral doses of naltrexone and nalmefene, from the evidence."""
    import pandas as pd

    told = library.evidence()
    told = told[(told["area"] == "receptor") & told["route"].eq("oral") & told["target"].eq("mu")]
    told = told[told["quantity"].isin(["receptor_occupancy", "occupancy_relative_to_1h_scan"])]
    rows = []
    for row in told.itertuples():
        high = float(row.spread) if row.spread_kind == "range_high" else float(row.value)
        hour = SCAN if str(row.time_h).startswith("<") else float(row.time_h)
        relative = row.quantity.startswith("occupancy_relative")
        rows.append(
            [row.id, row.analyte, float(row.dose_mg), hour, row.use, relative, (row.value + high) / 2]
        )
    columns = ["id", "drug", "dose", "hour", "use", "relative", "observed"]
    return pd.DataFrame(rows, columns=columns).set_index("id")


def _scan(rival: Rival, row: Any) -> float:
    """Prediction of one scan (%); the analogue also stands in for naltrexone, never the other way round."""
    if row.drug == "nalmefene" and rival.drug != "nalmefene":
        return float("nan")
    if row.relative:
        first, later = rival.curve(row.dose, [FIRST, row.hour])
        return float(100 * later / first)
    return float(100 * rival.curve(row.dose, [0.0, row.hour])[1])
