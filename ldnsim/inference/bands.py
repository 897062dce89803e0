"""`compare` and `dose_response`: metrics over the posterior draws, with intervals."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds, instead
from ..errors import bad, reals, unknown
from ..numeric import FEW, MIDDLE, QUANTILES
from ..readouts import Readout, asked_of, readouts_of
from ..regimen import Regimen
from ..result import merged
from ..simulation import simulate
from ..simulation.request import models_of, regimens_of
from .draws import draws_given, posterior
from .opioids import EFFECT, LEFT, effect_left, mixed_of, offered

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..annotations import Numbers
    from ..model import Model

DRAWS = 200


@instead(days="say it in the words, '4.5 mg nightly for 28 days'")
def compare(
    model: Model | Mapping[str, Model],
    regimens: Regimen | str | Mapping[str, Regimen | str | None],
    *,
    metrics: str | Readout | Iterable[str | Readout] | None = None,
    against: str | None = None,
    n: int = DRAWS,
    seed: int | None = None,
    draws: pd.DataFrame | None = None,
    threads: int | None = None,
) -> xr.Dataset:
    """Compare regimens over posterior draws: metrics of the last dosing interval with 90 % intervals.

    Parameters
    ----------
    model : Model or dict of Model
        Under the scenario and condition wanted; a dict, name -> model, gives the dimension ``model``, each
        model over its own draws.
    regimens : Regimen, str or dict of these
        Name -> regimen, or one alone: its metrics with their intervals. In words too, with their length:
        "4.5 mg nightly for 28 days".
    metrics : str or list of str, optional
        As in `summarize`; all that the model has, or all models have, if not given. ``opioid_effect_left``
        (% of that of the same opioid alone, over the last days) is among them where a regimen holds an opioid
        beside naltrexone.
    against : str, optional
        Name of a regimen: results are differences from it, draw by draw.

    Returns
    -------
    xarray.Dataset
        One variable a metric over (quantile, model, regimen, ...), quantiles 0.05, 0.5 and 0.95; of fewer
        than 20 draws the outer two are NaN, as no interval can be told of them; `ldnsim.to_table` lays it out. Beside
        ``blockade_window`` ``blockade_window_censored`` is 1 where it is "at least"; of a difference, where a
        number that it is made of was cut off.

    Other Parameters
    ----------------
    n, seed : int, optional
        Posterior draws to use, as in `posterior`.
    draws : DataFrame, optional
        Use these instead of the shipped posterior.
    threads : int, optional
        As in `simulate`.

    Raises
    ------
    InputError, UnknownNameError
        As in `simulate`; or if `against` is no regimen.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> r = {"LDN": ldn.Regimen.daily(4.5, days=3), "standard": ldn.Regimen.daily(50, days=3)}
    >>> ldn.compare(ldn.load_model("ldn"), r, metrics=["rebound_peak"], n=16).rebound_peak.dims
    ('quantile', 'regimen')

    Two readings of the literature:

    >>> ldn_model = ldn.load_model("ldn")
    >>> models = {"clinical": ldn_model, "in vitro": ldn_model.with_scenario("in_vitro_tlr4")}
    >>> ldn.compare(models, r["LDN"], metrics=["change_il6"], n=16).change_il6.dims
    ('quantile', 'model')
    """
    check_kinds(compare, locals(), "model", "regimens")
    labels, models = models_of(model)
    names, taken = regimens_of(regimens, "regimens", models[0])
    if not any(r is not None and r.end for r in taken):
        raise bad("regimens", regimens, "must hold one with doses, which tells how long to run")
    if against is not None and not names.asked:
        raise bad("against", against, "needs regimens by name", "{'LDN': ..., 'standard': ...}")
    if against is not None and against not in names.labels:
        raise unknown("against", against, names.labels)
    given = dict(zip(names.labels, taken, strict=True))
    asked = [metrics] if isinstance(metrics, str | Readout) else metrics
    shared = _of_all(models, taken) if labels.asked else None
    wanted = shared if asked is None else list(asked)
    if wanted == []:
        rule = "must name at least one" if asked is not None else "must be given: these models offer none in common"
        raise bad("metrics", metrics, rule, "such as 'cmax(Cp)'")
    found = [_compared(m, given, wanted, against, n, seed, draws, threads) for m in models]
    found = found if names.asked else [ds.squeeze("regimen", drop=True) for ds in found]
    return _side_by_side(found, labels.array) if labels.asked else found[0]


def _of_all(models: Sequence[Model], regimens: Sequence[Regimen | None]) -> list[str | Readout]:
    """Name the metrics that all models have."""
    first, *others = ([r.name for r in readouts_of(model)] for model in models)
    shared: list[str | Readout] = [name for name in first if all(name in other for other in others)]
    return [*shared, LEFT] if all(offered(model, regimens) for model in models) else shared


def _compared(model, regimens, metrics, against, n, seed, draws, threads) -> xr.Dataset:
    """Compare the regimens on one model."""
    subjects = _subjects(model, n, seed, draws)
    left = offered(model, regimens.values()) if metrics is None else LEFT in metrics
    if left:
        mixed_of(model, regimens)
    others = [] if metrics is None else [m for m in metrics if m != LEFT]
    wanted = readouts_of(model) if metrics is None else asked_of(others, model, "metrics", [LEFT]) if others else ()
    effect = next((r for r in wanted if left and r == Readout.of(EFFECT)), None)
    more = [Readout.of(EFFECT)] if left and effect is None else []
    ds = drawn(model, regimens, [*wanted, *more], draws=subjects, threads=threads)
    if left:
        share = effect_left(model, regimens, subjects, threads, ds[EFFECT if effect is None else effect.name])
        ds = ds.drop_vars([r.name for r in more]).assign({LEFT: share})
    return quantiles(ds) if against is None else _differences(ds, against)


def _side_by_side(found: Sequence[xr.Dataset], labels: np.ndarray) -> xr.Dataset:
    """Join results of models along the dimension ``model``, which comes before that of the regimens."""
    import xarray as xr

    from ..readouts import CUT

    _check_units(found, labels)
    axis = xr.DataArray(labels, dims="model", name="model")
    cut = [name for name in found[0].coords if str(name).endswith(CUT)]
    joined = xr.concat(
        found, axis, coords=cut, compat="override", data_vars="all", join="exact", combine_attrs="override"
    )
    attrs = merged([ds.attrs for ds in found])
    return joined.transpose("quantile", "model", ...).assign_attrs(attrs)


def _check_units(found: Sequence[xr.Dataset], labels: np.ndarray) -> None:
    """Refuse numbers in several units under one name."""
    for name in found[0].data_vars:
        units = [ds[name].attrs.get("units", "") for ds in found]
        other = next((k for k, unit in enumerate(units) if unit != units[0]), None)
        if other is not None:
            told = f"is in {units[0]!r} under {str(labels[0])!r} and in {units[other]!r} under {str(labels[other])!r}"
            raise bad("metrics", name, told, "compare each model by itself")


def _differences(ds: xr.Dataset, against: str) -> xr.Dataset:
    """Quantiles of the differences from one regimen; one of numbers that were cut off bounds nothing."""
    from ..readouts import CUT

    cut = {k: c for k, c in ds.coords.items() if str(k).endswith(CUT)}
    bare = ds.drop_vars(cut)
    found = bare - bare.sel(regimen=against, drop=True)
    for name, values in bare.data_vars.items():
        own = {"long_name": f"{values.attrs['long_name']}, difference from {against}"}
        found[name].attrs = values.attrs | own
    either = {k: np.maximum(c, c.sel(regimen=against, drop=True)).max("subject") for k, c in cut.items()}
    return quantiles(found).assign_coords({k: c.assign_attrs(cut[k].attrs) for k, c in either.items()})


def dose_response(
    model: Model,
    doses: Numbers,
    metric: str | Readout | Sequence[str | Readout] = "rebound_peak",
    *,
    days: int = 28,
    at: str | float = "22:00",
    formulation: str | None = None,
    n: int = DRAWS,
    seed: int | None = None,
    draws: pd.DataFrame | None = None,
    threads: int | None = None,
) -> xr.Dataset:
    """Follow metrics over the dose, with 90 % intervals from the posterior draws.

    Parameters
    ----------
    model : Model
        What is simulated.
    doses : sequence of float
        Doses (mg a day).
    metric : str or list of str
        As in `summarize`.
    days : int, optional
        Days of treatment.
    at : str or float, optional
        Clock time of the dose, or hours.
    formulation : str, optional
        A row of `formulations`.

    Returns
    -------
    xarray.Dataset
        One variable a metric over (quantile, dose, ...), for `ldnsim.plots.dose_response`.

    Other Parameters
    ----------------
    n, seed, draws, threads
        As in `compare`.

    Raises
    ------
    InputError, UnknownNameError
        As in `Regimen.daily` and `simulate`.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.dose_response(ldn.load_model("ldn"), [1.5, 4.5], days=3, n=16).rebound_peak.dims
    ('quantile', 'dose')
    """
    check_kinds(dose_response, locals(), "model", "doses")
    doses = reals("doses", doses, "must be a list of doses in mg, at least one").tolist()
    if min(doses) < 0:
        raise bad("doses", doses, "must be doses in mg >= 0")
    if len(set(doses)) < len(doses):
        raise bad("doses", doses, "holds a dose twice")
    regimens = {
        f"{dose!r} mg": Regimen.daily(dose, days=days, at=at, formulation=formulation) for dose in doses
    }
    metrics = tuple(metric) if isinstance(metric, list | tuple) else (metric,)
    ds = quantiles(drawn(model, regimens, metrics, n, seed, draws, threads))
    ds = ds.rename(regimen="dose").assign_coords(dose=("dose", doses, {"units": "mg", "long_name": "dose"}))
    return ds.assign_attrs(days=days, at=str(at))


def drawn(
    model: Model,
    regimens: Mapping[str, Regimen | None],
    metrics: Iterable[str | Readout] | None,
    n: int = DRAWS,
    seed: int | None = None,
    draws: pd.DataFrame | None = None,
    threads: int | None = None,
) -> xr.Dataset:
    """Metrics of each draw, over (regimen, subject, ...); all metrics of the model if None are named."""
    subjects = _subjects(model, n, seed, draws)
    wanted = readouts_of(model) if metrics is None else metrics
    return simulate(model, dict(regimens), subjects=subjects, metrics=wanted, threads=threads)


def _subjects(model: Model, n: int, seed: int | None, draws: pd.DataFrame | None) -> pd.DataFrame:
    return posterior(model, n, seed) if draws is None else draws_given(draws, model)


def quantiles(ds: xr.Dataset, dim: str = "subject") -> xr.Dataset:
    """Reduce a dimension of draws to the quantiles 0.05, 0.5 and 0.95; draws that failed are left out.

    Of fewer than FEW draws there is the middle one alone.

    A quantile among draws whose number was cut off, as that of ``blockade_window`` may be, is so too.
    """
    from ..readouts import CUT, exact_up_to

    with warnings.catch_warnings():  # what no draw has, such as the half-life of a drug that is not taken
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        found = ds.quantile(list(QUANTILES), dim=dim, skipna=True, keep_attrs=True)
    for name, values in ds.data_vars.items():
        enough = (values.count(dim) >= FEW) | (found["quantile"] == MIDDLE)
        found[name] = found[name].where(enough.reset_coords(drop=True))
    for name in ds.data_vars:
        flag = f"{name}{CUT}"
        if flag in ds.coords and dim in ds.coords[flag].dims:
            cut = (found[name] > exact_up_to(ds, str(name), dim)).astype(float)
            found = found.assign_coords({flag: cut.assign_attrs(ds.coords[flag].attrs)})
    return found
