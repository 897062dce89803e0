"""`summarize`: readouts of a simulated Dataset, fresh or from a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import bad, instance, warn_user
from ..numeric import as_number
from ..units import BLOCKED
from .carried import DOSES, NODE_COORDS, OFFERED, carried
from .catalogue import available, chosen, from_rows
from .marks import as_now, told_once
from .readout import Readout, windows_of
from .reducers import TREND
from .terminal import RATIO
from .windows import Marks, spans_of

if TYPE_CHECKING:
    import xarray as xr

_SLACK = 1e-6  # h
_BENT, _FAR = 0.1, 0.25  # shares by which a half-life may be off the one that its curve leads to: each, and any
_FEW = 0.01  # of many people or draws: of so few the trend beside the number is all that is said
_LONG = 5.0  # half-lives over which a line is straight beyond doubt


def summarize(
    ds: xr.Dataset,
    readouts: str | Readout | Iterable[str | Readout] | None = None,
    *,
    threshold: float = BLOCKED,
) -> xr.Dataset:
    """Compute what a course amounts to: Cmax, AUC, hours blocked, ...

    Where a window is the last dosing interval and doses are not all alike, it is the last complete cycle of the
    regimen: the time after which its final pattern repeats (24 h for unequal doses in the morning and in the
    evening, 168 h for five days on and two off). Where the pattern at the end has no cycle it is the time from
    the last dose to the next one, taken or due; 24 h for a single dose. The description of each number says
    more.

    Parameters
    ----------
    ds : xarray.Dataset
        Result of `ldnsim.simulate`, or the same read back from ``.nc`` or ``.zarr``. It carries the values
        at its nodes (coordinate ``last_interval``), so the output grid does not matter.
    readouts : list of str or Readout, optional
        What is wanted: names of ``model.readouts``, texts such as ``"auc(Cp, 0, 24)"``, or `Readout` values.
        By default all that the model offers: its own; of a model without a table cmax, tmax, cmin and auc of
        every observable.
    threshold : float
        Occupancy from which receptors count as blocked, between 0 and 1.

    Returns
    -------
    xarray.Dataset
        One variable a readout, over the dimensions that remain (regimen, subject, ...), and ``analyte`` where
        a name stands for both; NaN for a trajectory that did not finish; `ldnsim.to_table` lays it out. What is told
        beside a number is a coordinate: the points of a half-life, or whether a stretch lasted as long as was looked
        (``blockade_window_censored``).

    Raises
    ------
    InputError
        If `ds` holds no nodes, none where a window lies, or its courses are no longer those of the run (as in
        ``2 * ds``); if something is asked for twice, or `threshold` is not between 0 and 1.
    UnknownNameError
        If there is no such readout or variable.

    Warns
    -----
    UserWarning
        If the run ends before the first dosing interval does, so that the numbers describe a part of it.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=7, at="22:00"))
    >>> bool(ldn.summarize(ds).hours_blocked_peripheral < 12)
    True
    >>> bool(ldn.summarize(ds, ["mean(endorphin)"])["mean(endorphin)"] > 1)
    True
    """
    import xarray as xr

    from .labels import labelled
    from .measuring import measure

    instance("ds", ds, xr.Dataset, "a Dataset", "the result of simulate(), or open_result(path)")
    ds = told_once(as_now(ds))
    check_threshold(threshold)
    unit = ds["time"].attrs.get("units", "h") if "time" in ds.coords else "h"
    if unit != "h":
        raise bad("ds", f"a course in {unit}", "readouts are counted in h", "simulate model.in_hours()")
    nodes = carried(ds)
    offered = from_rows(nodes.offered)
    wanted = available(offered, nodes.traces) if readouts is None else chosen(readouts, offered, nodes.traces)
    warn_of_the_begun(nodes.complete)
    refuse_unseen(wanted, nodes.marks, nodes.first, nodes.cut)
    numbers = measure(
        nodes.values, nodes.times, nodes.marks, nodes.traces, wanted, float(threshold), nodes.row
    )
    kept = {
        str(name): c.variable
        for name, c in nodes.ds.coords.items()
        if name not in (*NODE_COORDS, *DOSES) and set(c.dims) <= set(nodes.dims)
    }
    attrs = {k: v for k, v in ds.attrs.items() if k != OFFERED} | {"threshold": threshold}
    words = {name: ds.variables[name].attrs for name in nodes.traces if name in ds.variables}
    found = labelled(numbers.reshape(*nodes.shape, -1), wanted, nodes.dims, kept, attrs, words, nodes.marks)
    warn_of_the_bent(found)
    return found


def refuse_unseen(
    readouts: Sequence[Readout],
    marks: Marks,
    first: np.ndarray | None = None,
    cut: tuple[float, float] = (-np.inf, np.inf),
) -> None:
    """Refuse windows that no regimen has, that end after the run, where there are no nodes, or that were cut away.

    Parameters
    ----------
    readouts : sequence of Readout
        What is to be computed.
    marks : Marks
        What windows are laid from.
    first : array, shape (row,), optional
        When the nodes of each row begin (h); None: they lie wherever they are needed.
    cut : (float, float)
        From when to when (h) the courses are left.
    """
    for (window, hour), name in windows_of(readouts).items():
        spans = spans_of(window, marks, hour)[0]
        if spans.size and np.isnan(spans).any(axis=(1, 2)).all():
            rule = f"no regimen has a window {window!r} that ends within the run"
            raise bad("readouts", name, rule, "simulate for longer, or choose another window")
        if np.nanmax(spans - marks.run[:, None, None], initial=0.0) > _SLACK:
            rule = f"reads until {np.nanmax(spans):g} h, and the run ends at {marks.run.min():g} h"
            raise bad("readouts", name, rule, "simulate for longer")
        if first is not None and np.nanmin(spans - first[:, None, None], initial=0.0) < -_SLACK:
            rule = f"reads from {np.nanmin(spans):g} h on, and this result holds nodes from {first.max():g} h on"
            raise bad("readouts", name, rule, f"simulate(..., metrics=[{name!r}])")
        if np.nanmin(spans, initial=np.inf) < cut[0] or np.nanmax(spans, initial=-np.inf) > cut[1]:
            rule = f"reads from {np.nanmin(spans):g} to {np.nanmax(spans):g} h, and these times were cut from ds"
            raise bad("readouts", name, rule, "summarize before selecting")


def warn_of_the_bent(found: xr.Dataset) -> None:
    """Warn of half-lives whose curve had not come to its terminal phase where the window ended."""
    for name, told in found.coords.items():
        if str(name).endswith(f"_{TREND}") and (of := str(name).removesuffix(f"_{TREND}")) in found.data_vars:
            trend, values, hours = np.broadcast_arrays(told.values, found[of].values, _spanned(found, of))
            # Of so long a line the last stretches differ by no more than the solver's errors.
            is_open = np.isfinite(values) & np.isnan(trend) & (hours < _LONG * values)
            off = np.where(np.isfinite(values) & np.isfinite(trend), np.abs(values / trend - 1.0), 0.0)
            bent = off > _BENT
            if (bent | is_open).mean() > _FEW or off.max(initial=0.0) > _FAR:
                k = np.unravel_index(int(np.argmax(off if bent.any() else is_open)), bent.shape)
                leads = f"leads to {trend[k]:.3g} h" if bent.any() else "does not settle yet"
                share = f" in {(bent | is_open).sum()} of {bent.size}" if bent.size > 1 else ""
                warn_user(
                    f"{of}: the curve still bends where its window ends{share}, so {values[k]:.3g} h is no terminal "
                    f"half-life (its trend {leads}): let the run go on after the last dose, by duration="
                )


def _spanned(found: xr.Dataset, of: str) -> np.ndarray:
    """Hours from the first to the last of the points that a half-life is read from."""
    start, points = found.coords[f"{of}_start"].values, found.coords[f"{of}_points"].values
    return start * (RATIO ** (points - 1.0) - 1.0)


def warn_of_the_begun(complete: bool) -> None:
    """Warn of numbers that describe no complete dosing interval."""
    if not complete:
        warn_user(
            "the run ends before the first dosing interval does, so these metrics describe a part of it: "
            "simulate for longer"
        )


def check_threshold(threshold: float) -> None:
    """Refuse a threshold that is no share of receptors."""
    if not 0.0 < as_number(threshold) < 1.0:
        raise bad("threshold", threshold, "must be a number between 0 and 1")
