"""Headlines: what a regimen does, with its interval, what decides it, and where nobody has measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from ..choices import unchosen, under
from ..door import check_kinds, instead
from ..errors import a_dict, unknown
from ..model.parameters import GRADES
from ..numeric import quantiles
from ..readouts import readouts_of
from ..regimen import Regimen
from ..regimen.asked import regimens_by_name
from .arguments import a_model
from .bands import DRAWS, drawn
from .draws import deciding, posterior
from .structures import by_structure

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model

READINGS = {  # of the same PET scans: scenario -> letter in the literature review
    "brain_plasma_driven": "A",
    "brain_retained": "B",
    "brain_6bn_pool": "C",
    "brain_slow_dissociation": "D",
}
BRAIN = "occupancy_brain", "blocked_brain"
LOW_DOSE = 10.0  # mg: below, no scan was made later than 8 h after a dose
UNMEASURED = "no PET scan at these doses later than 8 h after a dose: extrapolated from 50 mg"


class Headline(NamedTuple):
    """One number people ask for."""

    metric: str
    analyte: str = ""

    @property
    def name(self) -> str:
        """Metric and analyte in one word."""
        return f"{self.metric} {self.analyte}".strip()


HEADLINES = (
    Headline("cmax", "naltrexone"),
    Headline("cmax", "naltrexol"),
    Headline("hours_blocked_peripheral"),
    Headline("peak_mu_occupancy_brain"),
    Headline("trough_mu_occupancy_brain"),
    Headline("hours_blocked_brain"),
    Headline("rebound_peak"),
    Headline("rebound_auc"),
    Headline("change_tnf_alpha"),
    Headline("change_il6"),
    Headline("pain_change"),
)


def usual() -> dict[str, Regimen]:
    """Four weeks of the regimens people compare: 1.5, 3 and 4.5 mg at bedtime, 50 mg in the morning."""
    low = {f"{dose:g} mg": Regimen.daily(dose, days=28, at="22:00") for dose in (1.5, 3.0, 4.5)}
    return {**low, "50 mg": Regimen.daily(50, days=28, at="08:00")}


def _given(model: Model, regimens: Mapping[str, Regimen | str]) -> dict[str, Regimen]:
    a_dict("regimens", regimens, object, "a Regimen")
    return cast("dict[str, Regimen]", regimens_by_name("regimens", regimens, model, kind="a Regimen or its words"))


@instead(days="say it in the words, '4.5 mg nightly for 28 days'")
def headlines(
    model: Model,
    regimens: Mapping[str, Regimen | str] | None = None,
    *,
    n: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
) -> pd.DataFrame:
    """Give the headlines of regimens over the posterior draws.

    Parameters
    ----------
    model : Model
        With a posterior.
    regimens : dict of Regimen or str, optional
        Name -> regimen, also in words ("4.5 mg nightly for 28 days"). By default 1.5, 3 and 4.5 mg at
        22:00 and 50 mg at 08:00, four weeks each.
    n, seed : int, optional
        Posterior draws to use, as in `posterior`; all by default.
    threads : int, optional
        As in `simulate`.

    Returns
    -------
    DataFrame
        One row a regimen and headline: ``median``, ``low``, ``high`` (90 %), ``unit``, ``deciding`` (the
        three or fewer parameters whose rank goes most with the result's), ``rests_on`` (the
        weakest grade among these), ``readings_low`` and ``readings_high`` (smallest and largest median over
        the four readings of the PET scans; brain headlines only), ``structures`` (median under each rival
        structure of the feedback; headlines on tone only), ``note`` (where nothing was measured).

    Raises
    ------
    InputError, UnknownNameError
        As in `simulate`.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> night = {"LDN": ldn.Regimen.daily(4.5, days=3, at="22:00")}
    >>> list(ldn.headlines(ldn.load_model("ldn"), night, n=16).columns[:3])
    ['median', 'low', 'high']
    """
    import pandas as pd

    check_kinds(headlines, locals(), "model", "regimens", "n", "seed")
    model = a_model(model)
    regimens = usual() if regimens is None else _given(model, regimens)
    offered = {name for r in readouts_of(model) for name in (r.name, r.place[0])}
    told = [h for h in HEADLINES if h.metric in offered]
    metrics = list(dict.fromkeys(h.metric for h in told))
    draws = posterior(model, n, seed)
    ds = drawn(model, regimens, metrics, draws=draws, threads=threads)
    spread = readings(model, regimens, [m for m in metrics if _of_brain(m)], draws=draws, threads=threads)
    grades = model.parameters["grade"]
    rows = []
    for name, regimen in regimens.items():
        for headline in told:
            values = _values(ds, headline, name)
            row = {"regimen": name, "headline": headline.name, **_band(values)}
            decide = deciding(draws, values)
            row["unit"] = ds[headline.metric].attrs.get("units", "")
            row["deciding"] = ", ".join(f"{p} {r:+.2f}" for p, r in decide.items())
            row["rests_on"] = max(
                (grades[p] for p in decide.index), key=lambda grade: _WEAKNESS.get(grade, 0), default=""
            )
            row |= _between(spread, headline, name) if _of_brain(headline.metric) else {}
            row["structures"] = _by_structure(draws, values) if "rebound" in headline.metric else ""
            row["note"] = UNMEASURED if _of_brain(headline.metric) and _is_low(regimen) else ""
            rows.append(row)
    columns = [*rows[0], "readings_low", "readings_high"]
    found = pd.DataFrame(rows, columns=list(dict.fromkeys(columns))).set_index(["regimen", "headline"])
    found.attrs["draws"] = len(draws)
    return found


_WEAKNESS = {grade: k for k, grade in enumerate(GRADES)}


def readings(
    model: Model,
    regimens: Mapping[str, Regimen],
    metrics: list[str],
    *,
    draws: pd.DataFrame | None = None,
    n: int = DRAWS,
    threads: int | None = None,
) -> xr.Dataset:
    """Give metrics under each reading of the PET scans, medians over the draws.

    Returns
    -------
    xarray.Dataset
        Over (reading, regimen, ...), readings A-D.

    Raises
    ------
    UnknownNameError
        If the model lacks a scenario of that name.
    """
    import xarray as xr

    draws = posterior(model, n) if draws is None else draws
    found = []
    for scenario in READINGS:
        if scenario not in model.scenarios:
            raise unknown("scenario", scenario, model.scenarios)
        read = under(model, scenario, READINGS)
        ds = drawn(read, regimens, metrics, draws=unchosen(draws, read), threads=threads)
        found.append(ds[metrics].median("subject", keep_attrs=True))
    labels = xr.DataArray(list(READINGS.values()), dims="reading", name="reading")
    return xr.concat(found, dim=labels)


def _values(ds: xr.Dataset, headline: Headline, regimen: str) -> np.ndarray:
    values = ds[headline.metric].sel(regimen=regimen)
    return (values.sel(analyte=headline.analyte) if headline.analyte else values).values


def _band(values: np.ndarray) -> dict[str, float]:
    low, middle, high = quantiles(values)
    return {"median": float(middle), "low": float(low), "high": float(high)}


def _by_structure(draws: pd.DataFrame, values: np.ndarray) -> str:
    """Median under each rival structure, in words."""
    return ", ".join(f"{name} {np.nanmedian(v):.3g}" for name, v in by_structure(draws, values).items())


def _between(spread: xr.Dataset, headline: Headline, regimen: str) -> dict[str, float]:
    values = spread[headline.metric].sel(regimen=regimen)
    return {"readings_low": float(values.min()), "readings_high": float(values.max())}


def _of_brain(metric: str) -> bool:
    return any(part in metric for part in BRAIN)


def _is_low(regimen: Regimen) -> bool:
    return max((dose.amt for dose in regimen.doses), default=0.0) < LOW_DOSE
