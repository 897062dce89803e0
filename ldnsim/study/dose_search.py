"""`dose_for`: the doses whose readout lies where it is wanted, with an interval over the draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..door import check_kinds
from ..errors import InputError, as_number, bad, positive, warn_user
from ..inference.arguments import a_model
from ..numeric import QUANTILES, quantiles
from ..readouts import CUT, Readout, meaning
from ..readouts.catalogue import the_one
from ..regimen import Regimen
from ..regimen.language import doses_for
from ..result import provenance
from ..simulation import simulate
from ..simulation.counted import counted_in
from ..units import HOURS_PER_DAY
from .draws import deciding_assumed, draws_of, interval

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

BETWEEN = (0.1, 100.0)  # mg: from microgram dosing to twice the largest dose in use
COARSE = 17  # doses tried over the whole range
FINE = (0.05, 0.15, 0.25, 0.35, 0.45, 0.5, 0.55, 0.65, 0.75, 0.85, 0.95)  # then these quantiles of the answers
NEAR = 1e-3  # relative distance below which two doses are one
CLOSE = 1e-3  # relative distance of the two doses tried between which each of those that are told lies


def dose_for(
    model: Model,
    metric: str | Readout,
    target: float | tuple[float, float],
    *,
    days: int = 28,
    at: str | float = 0.0,
    ii: float | None = None,
    formulation: str | None = None,
    drug: str | None = None,
    cmt: str | None = None,
    between: tuple[float, float] = BETWEEN,
    draws: int | None = 200,
    seed: int = 0,
    threads: int | None = None,
) -> pd.DataFrame:
    """Find the doses whose readout lies where it is wanted, with a 90 % interval over posterior draws.

    Parameters
    ----------
    model : Model
        Under the scenario and condition wanted.
    metric : str or Readout
        One number: a name of ``model.readouts`` ("hours_blocked_peripheral", "cmax naltrexone"), or a text
        such as ``"auc(plasma_naltrexone)"``.
    target : float or (float, float)
        The value wanted, or its least and largest, in the unit of the metric.
    days : int, optional
        Days of treatment.
    at : str or float, optional
        Clock time of the dose, or hours; midnight by default, as in `Regimen.daily`.
    ii : float, optional
        Hours between doses; 24 by default.

    Returns
    -------
    DataFrame
        A row for each end of the target: ``dose`` (mg, or the unit of the drug; median of the draws; of the
        smallest dose that has the value), ``low`` and ``high`` (90 % interval; NaN of fewer than 20 draws),
        ``within`` (share of the draws in which a dose of the range has it). Infinite where no dose up to the
        largest one tried gets so far, 0 where even the smallest one goes beyond. ``attrs["best_dose"]`` is the
        dose at which the largest share of the draws, ``attrs["best_share"]``, lies within a target of two ends;
        ``attrs["decided_by_assumed"]`` names the assumed parameters that decide the dose of the last row;
        ``attrs["tried"]`` holds the doses that were tried with the quantiles of the metric,
        ``attrs["dose_units"]`` what doses are counted in.

    Other Parameters
    ----------------
    formulation, drug, cmt : str, optional
        As in `Regimen.daily`.
    between : (float, float)
        Least and largest dose tried (mg, or the unit of the drug).
    draws : int or None
        Draws of the uncertain parameters; None: the nominal values alone, without an interval.
    seed : int
        Which draws.
    threads : int, optional
        As in `simulate`.

    Raises
    ------
    InputError
        If the target or the range is none, the metric stands for several numbers, or is cut off before the
        target.
    UnknownNameError
        If there is no such metric.

    Warns
    -----
    UserWarning
        If in some draws more than one dose has the value: the smallest one is given.

    Notes
    -----
    The readout of each draw is followed over doses in equal ratios, again over doses about the answers, and then
    about each dose that is told, until it lies between two that were tried and are a thousandth apart.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> found = ldn.dose_for(ldn.load_model("ldn"), "hours_blocked_peripheral", (4, 6), days=3, draws=8)
    >>> bool(found.dose[4.0] < found.dose[6.0])
    True
    """
    check_kinds(dose_for, locals(), "model", "metric", "target", "between", "draws", "seed")
    levels, doses = _levels(target), _range(between)
    readout = the_one(metric, a_model(model), "metric")
    _refuse_impossible(target, levels, readout)
    subjects = None if draws is None else draws_of(model, draws, seed)
    given: dict[str, Any] = {"formulation": formulation, "drug": drug, "cmt": cmt}
    how = {"at": at} | {name: value for name, value in given.items() if value is not None}
    if ii is not None:
        how["ii"] = positive("ii", ii, "h")

    def tried(these: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
        regimens = {f"{dose!r}": doses_for(Regimen, days, dose, **how) for dose in these.tolist()}
        ds = simulate(model, regimens, subjects=subjects, metrics=[readout], threads=threads)
        return _values(ds, readout, max(levels)), dict(ds.attrs)

    values, attrs = tried(doses)
    doses, values = _settled(*_closer(doses, values, levels, tried), levels, tried)
    found = np.array([_first(doses, values, level) for level in levels])
    _warn_of_several(doses, values, levels)
    _warn_of_none(found, levels, readout.name, between)
    told = provenance(
        model, outputs=[readout.variable], metric=readout.name, units=attrs.pop("units", ""),
        dose_units=counted_in(model, drug, cmt),
        meaning=attrs.pop("meaning", ""), days=days, at=at,
        draws=0 if subjects is None else len(subjects), seed=seed, between=list(between),
        draws_from="" if subjects is None else subjects.attrs["draws"], label=readout.label or readout.name,
    )  # fmt: skip
    told["tried"] = {
        "quantile": list(QUANTILES), "dose": doses.tolist(),
        "values": quantiles(values, axis=1).tolist(),
    }  # fmt: skip
    told["decided_by_assumed"] = deciding_assumed(model, subjects, found[-1])
    return _table(levels, found, told | _best(doses, values, levels))


def _levels(target: Any) -> list[float]:
    levels = [as_number(value) for value in _two(target) or [target]]
    if not np.isfinite(levels).all() or levels != sorted(set(levels)):
        raise bad("target", target, "must be a number, or a low and a high one", "(4, 6)")
    return levels


def _refuse_impossible(target: Any, levels: list[float], readout: Readout) -> None:
    """Refuse more hours than a day has."""
    if readout.reduce == "hours_above" and (levels[-1] > HOURS_PER_DAY or levels[0] < 0):
        raise bad("target", target, f"cannot be: {readout.name} counts hours of a day, 0 to 24")


def _range(between: Any) -> np.ndarray:
    ends = [as_number(end) for end in _two(between)]
    if not ends or not np.isfinite(ends).all() or not 0 < ends[0] < ends[1]:
        raise bad("between", between, "must be a least and a larger dose, finite and > 0 mg", str(BETWEEN))
    return np.geomspace(ends[0], ends[1], COARSE)


def _two(values: Any) -> list[Any]:
    """Return the two values of a pair; none if it is no pair."""
    return list(values) if isinstance(values, tuple | list) and len(values) == 2 else []


def _values(ds: Any, readout: Readout, highest: float) -> np.ndarray:
    """Return the readout, shape (dose, draw), without draws that failed."""
    name, label = readout.place
    column = ds[name].sel(analyte=label) if label else ds[name]
    ds.attrs["units"], ds.attrs["meaning"] = column.attrs.get("units", ""), meaning(column.attrs, name)
    values = column.values.reshape(ds.sizes["regimen"], -1)
    if f"{name}{CUT}" in ds.coords:
        cut = (ds.coords[f"{name}{CUT}"] == 1).values.reshape(values.shape)
        if (cut & (values < highest)).any():
            least = values[cut].min()
            raise bad("target", highest, f"lies beyond the {least:g} h that {name} can be looked for")
    kept = np.isfinite(values).all(axis=0)
    if not kept.any():
        raise InputError(
            f"metric={name!r}: has no number at some dose in every draw; {ds.status.values.flat[0]}"
        )
    return np.where(kept, values, np.nan)


def _closer(
    doses: np.ndarray, values: np.ndarray, levels: list[float], tried
) -> tuple[np.ndarray, np.ndarray]:
    """Try further doses where the answers lie."""
    roots = [_first(doses, values, level) for level in levels]
    inside = [r[np.isfinite(r) & (r > 0)] for r in roots]
    more = np.concatenate([np.quantile(r, FINE, method="inverted_cdf") for r in inside if r.size] or [np.empty(0)])
    more = np.array([d for k, d in enumerate(more) if not _is_near(d, [*doses, *more[:k]])])
    if not more.size:
        return doses, values
    doses = np.concatenate([doses, more])
    values = np.concatenate([values, tried(more)[0]])
    order = np.argsort(doses)
    return doses[order], values[order]


def _settled(
    doses: np.ndarray, values: np.ndarray, levels: list[float], tried
) -> tuple[np.ndarray, np.ndarray]:
    """Try doses about each that is told, until two that are close to each other hold it between them.

    How far a line between neighbours misses a curve is not known where that bends or begins between them.
    """
    missed = False
    while True:
        told = np.unique([_summed_up(_first(doses, values, level)) for level in levels])
        told = told[np.isfinite(told) & (told > doses[0])]
        below, above = np.searchsorted(doses, told) - 1, np.searchsorted(doses, told, "right")
        low, high = doses[below], doses[np.minimum(above, len(doses) - 1)]  # on both sides of one that was tried
        wide = high > low * (1.0 + CLOSE)
        if not wide.any():
            return doses, values
        low, high, told = low[wide], high[wide], told[wide]
        halves = [np.sqrt(low * high)] if missed else []  # so that it ends where a line never hits
        about = np.stack([told * (1.0 - CLOSE / 3), told * (1.0 + CLOSE / 3), *halves])
        more = np.unique(about[(about > low) & (about < high)])
        doses, order = np.unique(np.concatenate([doses, more]), return_index=True)
        values, missed = np.concatenate([values, tried(more)[0]])[order], True


def _summed_up(found: np.ndarray) -> np.ndarray:
    """Median and ends of the doses of draws, as they are told."""
    return interval(found[~np.isnan(found)])


def _is_near(dose: float, others: list[float]) -> bool:
    return bool((np.abs(np.log(np.array(others) / dose)) < NEAR).any())


def _first(doses: np.ndarray, values: np.ndarray, level: float) -> np.ndarray:
    """Smallest dose with the value in each draw; 0 or infinite outside the range, NaN for a draw that failed."""
    over = values >= level
    passes = over[1:] != over[:-1]
    k, draw = passes.argmax(axis=0), np.arange(values.shape[1])
    below, above, x = values[k, draw], values[k + 1, draw], np.log(doses)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        root = np.exp(x[k] + (x[k + 1] - x[k]) * (level - below) / (above - below))
        root = np.clip(root, doses[k], doses[k + 1])  # exactly at an end whose value is the level
    is_beyond = over[0] == (values[-1] >= values[0])
    found = np.where(passes.any(axis=0), root, np.where(is_beyond, 0.0, np.inf))
    return np.where(np.isnan(values[0]), np.nan, found)


def _warn_of_several(doses: np.ndarray, values: np.ndarray, levels: list[float]) -> None:
    for level in levels:
        over = values >= level
        several = int(((over[1:] != over[:-1]).sum(axis=0) > 1).sum())
        if several:
            warn_user(
                f"more than one dose has the value {level:g} in {several} of {values.shape[1]} draws; "
                "the smallest is given, ldnsim.dose_response shows the whole course"
            )


def _warn_of_none(found: np.ndarray, levels: list[float], name: str, between: tuple[float, float]) -> None:
    for level, doses in zip(levels, found, strict=True):
        if not (np.isfinite(doses) & (doses > 0)).any():
            warn_user(
                f"no dose between {between[0]:g} and {between[1]:g} mg brings {name} to {level:g}: "
                "dose is 0 or inf; between=(...) looks elsewhere"
            )


def _best(doses: np.ndarray, values: np.ndarray, levels: list[float]) -> dict[str, float]:
    """Dose at which most draws lie within the target, and their share."""
    if len(levels) < 2:
        return {}
    kept = values[:, np.isfinite(values[0])]
    fine = np.geomspace(doses[0], doses[-1], 20 * len(doses))
    course = np.array([np.interp(np.log(fine), np.log(doses), column) for column in kept.T])
    share = ((course >= levels[0]) & (course <= levels[1])).mean(axis=0)
    most = np.flatnonzero(share == share.max())
    return {"best_dose": float(fine[most[len(most) // 2]]), "best_share": float(share.max())}


def _table(levels: list[float], found: np.ndarray, attrs: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    from ..frames import shown_whole

    rows = []
    for doses in found:
        kept = doses[~np.isnan(doses)]
        dose, low, high = _summed_up(doses)
        inside = np.isfinite(kept) & (kept > 0)
        rows.append((dose, low, high, inside.mean()))
    index = pd.Index(levels, name=attrs["metric"])
    table = pd.DataFrame(rows, index=index, columns=["dose", "low", "high", "within"], dtype=float)
    table.attrs.update(attrs)
    return shown_whole(table)
