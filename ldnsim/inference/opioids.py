"""What naltrexone leaves of an opioid's effect: the same regimen with and without it, draw by draw."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import bad
from ..readouts.catalogue import OF_TWO_RUNS
from ..regimen import DRUG, Record, Regimen
from ..simulation import simulate
from ..simulation.drugs import opioids

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model

LEFT = OF_TWO_RUNS
EFFECT = "mean(opioid_effect, last days)"
_NO_EFFECT = 1e-6  # of the largest: what is left of less says nothing
_NEXT_TO_NONE = 1e-12  # of a dose: no effect, but the doses keep their pattern, so that both share their windows
WHY_MISSING = (
    "missing where a regimen holds no opioid beside naltrexone, or one that does nothing even alone, "
    "as where its doses ended before the last days, which are read"
)
_WORDS = {
    "units": "%",
    "long_name": "effect of the opioid left beside naltrexone, of that of the opioid alone",
    "description": f"Over the last days, against the same doses without naltrexone; {WHY_MISSING}.",
}


def offered(model: Model, regimens: Iterable[Regimen | None]) -> bool:
    """Say whether any regimen holds an opioid of the model beside naltrexone."""
    return any(_both(model, r) for r in regimens)


def mixed_of(model: Model, regimens: Mapping[Any, Regimen | None]) -> dict[Any, Regimen]:
    """Return the regimens that hold an opioid beside naltrexone; refuse where none does."""
    mixed = {label: r for label, r in regimens.items() if r is not None and _both(model, r)}
    if not mixed:
        rule = f"{LEFT} compares an opioid beside naltrexone with the same alone, and no regimen holds both"
        raise bad("metrics", LEFT, rule, "Regimen.parse('4.5 mg at 22:00 + tramadol 50 mg every 6 h from 08:00')")
    return mixed


def _both(model: Model, regimen: Regimen | None) -> bool:
    if regimen is None:
        return False
    taken = {dose.drug for dose in regimen.doses if dose.amt > 0}
    return DRUG in taken and any(name in taken for name in opioids(model))


def effect_left(
    model: Model,
    regimens: Mapping[Any, Regimen | None],
    subjects: pd.DataFrame | None,
    threads: int | None,
    beside: xr.DataArray,
) -> xr.DataArray:
    """Return the share of an opioid's effect that is left beside naltrexone (%), over (regimen, subject).

    Parameters
    ----------
    model : Model
    regimens : dict of Regimen
        NaN for those without both an opioid and naltrexone, or whose opioid does nothing even alone.
    subjects : DataFrame, shape (n, parameters), or None
        Draws; None for nominal values.
    threads : int or None
        As in `simulate`.
    beside : DataArray
        `EFFECT` of the same regimens and draws, over (regimen, subject): they are not solved again.

    Raises
    ------
    InputError
        If no regimen holds both.
    """
    mixed = mixed_of(model, regimens)
    alone = {label: _alone(r) for label, r in mixed.items()}
    with warnings.catch_warnings():  # the run beside naltrexone has said it
        warnings.filterwarnings("ignore", ".*can precipitate withdrawal", UserWarning)
        ds = simulate(model, alone, subjects=subjects, metrics=[EFFECT], threads=threads)
    of_alone = ds[EFFECT].where(ds[EFFECT] > _NO_EFFECT)
    share = (100.0 * beside.sel(regimen=list(mixed)) / of_alone).reset_coords(drop=True)
    share = share.reindex(regimen=list(regimens)).rename(LEFT)
    share.attrs = dict(_WORDS)
    return share


def _alone(regimen: Regimen) -> Regimen:
    """Return the regimen with next to no naltrexone; an infusion lasts as long as before."""

    def less(record: Record) -> Record:
        rate = record.rate * _NEXT_TO_NONE if record.rate > 0 else record.rate
        return dataclasses.replace(record, amt=record.amt * _NEXT_TO_NONE, rate=rate)

    return Regimen(less(r) if r.is_dose and r.drug == DRUG else r for r in regimen.records)
