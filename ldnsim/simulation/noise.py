"""Residual error on simulated outputs, as a fit found it: what would have been measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import bad, in_short, instance

if TYPE_CHECKING:
    import xarray as xr

ERRORS = "residual"  # attribute of a table of subjects, and of a result


def errors_of(residual: Any, subjects: Any, refused: Mapping[str, bool]) -> dict[str, dict[str, float]]:
    """Read from a table of subjects how measurements scatter; nothing where nobody asks.

    Parameters
    ----------
    residual : bool
        Whether it is asked for.
    subjects : DataFrame or None
        As ``ldnsim.population(fit, n)`` makes it.
    refused : mapping
        Arguments, and whether they are given, of calls that have no place for it.

    Raises
    ------
    InputError
        If the table says nothing of it.
    """
    if not instance("residual", residual, bool, "True or False"):
        return {}
    for argument, given in refused.items():
        if given:
            raise bad("residual", residual, f"has no place beside {argument}=", "leave one of them out")
    found = getattr(subjects, "attrs", {}).get(ERRORS)
    if not found:
        rule = "needs subjects of a fit, which says how measurements scatter"
        raise bad(
            "residual", residual, rule, "subjects=ldnsim.population(fit, n) or ldnsim.posterior(fit, n)"
        )
    return found


def scattered(ds: xr.Dataset, errors: Mapping[str, Mapping[str, float]], seed: int) -> xr.Dataset:
    """Let measured variables scatter about what was simulated; a subject draws the same whoever else is there.

    Parameters
    ----------
    ds : Dataset
        Result of a simulation.
    errors : mapping
        Variable -> standard deviations by "additive", "proportional" or "lognormal"; "summed" where two add up.
    seed : int

    Raises
    ------
    InputError
        If none of the variables is in the result.
    """
    seen = [name for name in errors if name in ds]
    if not seen:
        raise bad(
            "outputs", in_short(list(ds.data_vars)), f"hold none of {', '.join(errors)}, which a fit measured"
        )
    found = ds.copy()
    for k, name in enumerate(errors):
        if name in seen:
            values = _measured(ds[name], errors[name], [seed, k])
            found[name] = ds[name].copy(data=values.values.astype(ds[name].dtype))
    found.attrs[ERRORS] = json.dumps({name: errors[name] for name in seen})
    return found


def _measured(values: xr.DataArray, sd: Mapping[str, float], seed: list[int]) -> xr.DataArray:
    rest = [n for d, n in values.sizes.items() if d != "subject"]
    draws = [
        np.random.default_rng([*seed, i]).standard_normal(rest) for i in range(values.sizes.get("subject", 1))
    ]
    noise = np.stack(draws, axis=values.dims.index("subject")) if "subject" in values.dims else draws[0]
    if "lognormal" in sd:
        return values * np.exp(sd["lognormal"] * noise)
    additive, proportional = sd.get("additive", 0.0), sd.get("proportional", 0.0) * values
    width = np.maximum(additive + proportional, 0.0) if sd.get("summed") else np.hypot(additive, proportional)
    return values + width * noise
