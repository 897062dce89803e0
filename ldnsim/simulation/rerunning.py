"""`rerun`: run again what a result says was run, and tell how far the two are apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import library
from ..door import check_kinds
from ..errors import bad, warn_user
from ..io.results import read_result
from ..regimen import Regimen
from ..regimen.kept import from_text
from .noise import ERRORS
from .simulating import simulate

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model

AGREE = 10.0  # times rtol of a variable's range: as far as two solvers of this tolerance may lie apart


def rerun(
    result: xr.Dataset | str | Path, *, model: Model | None = None, subjects: pd.DataFrame | None = None
) -> xr.Dataset:
    """Run again what a result says was run.

    Parameters
    ----------
    result : xarray.Dataset, str or Path
        Result of `simulate` with courses, or the file it was saved to.
    model : Model, optional
        By default the shipped one of that name, with the scenario, condition and changed values of the result.
    subjects : DataFrame, optional
        The people or draws of the result, which a file does not hold: ``ldn.population(model, n, seed=...)``,
        ``ldn.posterior(model, n)``.

    Returns
    -------
    xarray.Dataset
        The run of today. ``attrs["rerun_difference"]`` is its largest distance from the result, as a share of
        each variable's range; 0 is bit for bit.

    Raises
    ------
    InputError
        If the result does not say enough to be run again.

    Warns
    -----
    UserWarning
        If the model has other equations or values today, or courses differ by more than ten times `rtol`; it
        names what.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.single(4.5), outputs=["il6"])
    >>> ldn.rerun(ds).attrs["rerun_difference"]
    0.0
    """
    import xarray as xr

    check_kinds(rerun, locals(), "result")
    if isinstance(result, str | Path):
        with read_result("result", result) as opened:
            result = opened.load()
    if not isinstance(result, xr.Dataset) or not {"model", "regimen", "solver"} <= set(result.attrs):
        raise bad("result", type(result).__name__, "must be a result of simulate(), or the file of one")
    _check(result, model, subjects)
    then = result.attrs
    again = _as_then(then) if model is None else model
    names = [str(name) for name in result.data_vars]
    ds = simulate(
        again, _regimens(result), subjects=subjects, times=result["time"].values, outputs=names,
        method="auto" if then.get("why") else then["solver"], rtol=float(then["rtol"]),
        atol=None if isinstance(then["atol"], str) else then["atol"],
    )  # fmt: skip
    apart = {name: _apart(ds[name], result[name]) for name in names}
    _tell(then, ds.attrs, apart)
    return ds.assign_attrs(rerun_difference=max(apart.values(), default=0.0))


def _check(result: xr.Dataset, model: Model | None, subjects: Any) -> None:
    if "time" not in result.dims:
        raise bad(
            "result",
            "readouts alone",
            "must hold courses",
            "simulate with the same arguments gives them again",
        )
    if ERRORS in result.attrs:
        rule = "scatters at random by residual=True"
        raise bad("result", "simulated measurements", rule, "rerun the same result without it")
    if "model" in result.dims:
        remedy = "rerun(result.sel(model=...), model=...), with the model of that name"
        raise bad("result", f"{result.sizes['model']} models", "must be of one", remedy)
    if "model" in result.coords and model is None:
        rule = "must be given: this is one of several models that were run together"
        raise bad("model", None, rule, f"the model that was called {result['model'].item()!r}")
    if "subject" in result.dims and subjects is None:
        seed = result.attrs.get("seed", "")
        remedy = f"subjects=ldn.population(model, n, seed={seed})" if seed != "" else "subjects=..."
        raise bad("subjects", None, "must be given: a result does not hold the values of its people", remedy)
    if from_text(result.attrs["regimen"]) is None:
        raise bad(
            "result",
            "a regimen too long to be kept",
            "says its hash only",
            "simulate with the regimen itself",
        )


def _as_then(then: dict[str, Any]) -> Model:
    """Load the model as it was chosen."""
    found = library.load_model(then["model"])
    if then.get("scenario"):
        found = found.with_scenario(then["scenario"])
    if then.get("condition"):
        found = found.with_condition(then["condition"])
    changed = json.loads(then.get("changed_parameters") or "{}")
    new = [name for name in changed if name not in found.parameter_ids]
    starts = {
        name.rstrip("_").removesuffix("_start"): changed[name] for name in new
    }  # as with_initial calls them
    found = found.with_initial(**{state: value for state, value in starts.items() if state in found.states})
    for name in new:
        if name not in found.parameter_ids:
            rule = f"was set, and the model {then['model']!r} has no such parameter"
            raise bad("result", name, rule, "rerun(result, model=...)")
    return found.with_parameters(**{k: v for k, v in changed.items() if found.parameters.value[k] != v})


def _regimens(result: xr.Dataset) -> dict[str, Regimen | None] | Regimen | None:
    made = from_text(result.attrs["regimen"]) or {}
    if "regimen" not in result.dims:
        label = str(result["regimen"].values) if "regimen" in result.coords else next(iter(made))
        return made[label]
    return {label: made[label] for label in map(str, result["regimen"].values)}


def _apart(one: xr.DataArray, other: xr.DataArray) -> float:
    a, b = one.values, other.transpose(*one.dims).values
    if np.array_equal(a, b, equal_nan=True):
        return 0.0
    span = float(np.nanmax(b) - np.nanmin(b)) or float(np.nanmax(np.abs(b))) or 1.0
    return float(np.nanmax(np.abs(a - b))) / span


def _tell(then: dict[str, Any], now: dict[str, Any], apart: dict[str, float]) -> None:
    said = []
    if now["model_hash"] not in str(then.get("model_hash")).split(", "):
        said.append(f"the model was another one (version {then.get('version')}, now {now['version']})")
    off = {name: share for name, share in apart.items() if not share <= AGREE * float(then["rtol"])}
    if off:
        worst = max(off, key=lambda name: off[name])
        said.append(f"{', '.join(off)} differ, most of all {worst}: by {off[worst]:.2g} of its range")
    if said:
        warn_user(f"run again, and {'; '.join(said)}")
