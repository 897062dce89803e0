"""Titration: the steps of the dose, and what each of them does on its day."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad
from ..numeric import FEW, quantiles
from ..regimen.kept import from_text
from ..units import HOURS_PER_DAY
from . import chain, clock, legends, read, style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT = 30.0  # mm, of each panel
_ROOM = 1.08  # upper end of an axis, in highest values: for the marks


def titration_ladder(
    ds: xr.Dataset,
    variable: str = "opioid_tone",
    ax: Axes | Sequence[Axes] | np.ndarray | None = None,
    *,
    width: float | None = None,
) -> tuple[Figure, np.ndarray]:
    """Draw the steps of the dose, and below them the largest change of a variable on each day.

    Parameters
    ----------
    ds : xarray.Dataset
        Result of `simulate` for schedules of one drug, ``{"slow": Regimen.titration(...), ...}``, or of
        `titrate`. Subjects give a median and a 5 to 95 % band.
    variable : str, optional
        What responds: its change from the value before the first dose.
    ax : sequence of Axes, optional
        Draw into these two instead of into a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes an array of two: dose above, response below.

    Other Parameters
    ----------------
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError, UnknownNameError
        If `ds` holds no courses of the variable, or does not tell the doses.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> steps = {"at once": [(4.5, 14)], "in steps": [(1.5, 7), (4.5, 7)]}
    >>> schedules = {name: ldn.Regimen.titration(s, at="22:00") for name, s in steps.items()}
    >>> fig, axes = ldn.plots.titration_ladder(ldn.simulate(ldn.load_model("ldn"), schedules))
    >>> axes[0].get_ylabel()
    'Dose (mg)'
    """
    check_kinds(titration_ladder, locals(), "ds")
    width = style.wide(width)
    listened = "dose" in getattr(ds, "data_vars", ()) and "stage" in ds.dims
    steps = _realised(ds) if listened else None
    ds = read.timed(ds.drop_vars(["dose", "reading"], errors="ignore") if listened else ds)
    read.need(ds, variable, "variable")
    steps = steps or _prescribed(ds)
    unit = read.unit(ds, variable)
    fold = unit == "fold of baseline"
    with style.house():
        fig, axes = style.panels(2, 1, width=width, row_height=_HEIGHT, ax=ax, sharex="col")
        above, below = axes[:, 0]
        for k, ((label, run), (edges, doses)) in enumerate(zip(read.regimens(ds), steps, strict=True)):
            _steps(above, edges, doses, k, label)
            days, change = _by_day(run[variable], edges, fold)
            _band(below, days, change, k, read.spread(ds, len(change)) if k == 0 else None)
        start, stop = float(ds["time"][0]), max(edges[-1] for edges, _ in steps)
        for axis, last in ((above, False), (below, True)):
            clock.time_axis(axis, start, stop, nights=False, label=last, days=True)
            low, high = (_ROOM * end for end in (axis.dataLim.y0, axis.dataLim.y1))
            axis.set_ylim(low if low < -1e-6 else 0.0, high if high > 1e-6 else 0.0 if low < -1e-6 else 1.0)
        above.set_ylabel("Dose (mg)")
        what = read.short(ds, variable)
        words = [*f"Largest change of {what} that day".split(), f"({'% of baseline' if fold else unit})"]
        size = below.yaxis.label.get_fontsize()
        below.set_ylabel("\n".join(style.wrapped(words, size, _HEIGHT)))
        if len(steps) > 1:
            legends.above(above)
        legends.above(below)
        if ax is None:
            fig.align_ylabels(axes[:, 0])
    return fig, axes[:, 0]


def _prescribed(ds: xr.Dataset) -> list[tuple[np.ndarray, np.ndarray]]:
    """Edges (h) and doses, shape (1, dose), of each regimen, as the Dataset tells them."""
    told = from_text(ds.attrs.get("regimen", "")) or {}
    rows = list(told.values())
    if len(rows) != ds.sizes["regimen"]:
        labels = [str(r) for r in ds["regimen"].values] if "regimen" in ds.coords else []
        rows = [told[name] for name in labels if name in told]
    if len(rows) != ds.sizes["regimen"]:
        raise bad("ds", dict(ds.sizes), "does not tell the doses", "pass the result of simulate()")
    found = []
    for regimen in rows:
        if regimen is None or all(r.is_dose and not (r.amt or r.rate) for r in regimen.records):  # untreated
            days = max(1.0, (float(ds["time"][-1]) - float(ds["time"][0])) // HOURS_PER_DAY)
            found.append((float(ds["time"][0]) + np.array([0.0, days * HOURS_PER_DAY]), np.zeros((1, 1))))
            continue
        taken = [d for d in regimen.doses if d.amt > 0]
        if not taken and not regimen.missed:
            raise bad("ds", dict(ds.sizes), "has a regimen without doses")
        names = sorted({d.drug for d in taken})
        if len(names) > 1:
            raise bad("ds", names, "must be doses of one drug")
        found.append(_staircase(taken, regimen.missed))
    return found


def _staircase(taken, missed) -> tuple[np.ndarray, np.ndarray]:
    """Edges (h) and height of the steps: a dose holds for its interval, then nothing until the next one."""
    due = sorted([(d.time, d.amt, d.ii) for d in taken] + [(d.time, 0.0, d.ii) for d in missed])
    edges, heights = [], []
    for k, (time, amount, interval) in enumerate(due):
        ends = time + (interval or HOURS_PER_DAY)
        edges.append(time)
        heights.append(amount)
        if k + 1 == len(due) or due[k + 1][0] > ends + 1e-6:
            edges.append(ends)
            heights.append(0.0)
    return np.array(edges), np.array([heights[:-1]])


def _realised(ds: xr.Dataset) -> list[tuple[np.ndarray, np.ndarray]]:
    """Edges (h) of the stages and doses, shape (subject, stage), of a titration that listens."""
    end = float(read.marked(ds, "interval_end").max())
    first = end % HOURS_PER_DAY
    return [(np.linspace(first, end, ds.sizes["stage"] + 1), ds["dose"].transpose("subject", "stage").values)]


def _steps(axis, edges: np.ndarray, doses: np.ndarray, k: int, label: str) -> None:
    low, middle, high = quantiles(doses, (read.BAND[0], 0.5, read.BAND[1]))
    axis.stairs(middle, edges, baseline=None, label=label, linewidth=1.2, **style.line(k))
    if 1 < len(doses) < FEW:
        for own in doses:
            axis.stairs(own, edges, baseline=None, gid="each", **style.line(k, **chain.EACH))
    elif len(doses) > 1:
        axis.stairs(high, edges, baseline=low, fill=True, color=style.colour(k), alpha=0.2, linewidth=0)


def _by_day(values: xr.DataArray, edges: np.ndarray, fold: bool) -> tuple[np.ndarray, np.ndarray]:
    """Days from the first dose (edges, h) and the largest change in each, a fall below 0, shape (subject, day)."""
    array = values.transpose(..., "time").values.reshape(-1, values.sizes["time"])
    array = array[np.isfinite(array).all(axis=1)]
    if not len(array):
        raise bad("ds", values.name, "is finite for no subject", "see ds.status for the reason")
    time = values["time"].values
    before = array[:, [max(0, np.searchsorted(time, edges[0], side="right") - 1)]]
    change = 100.0 * (array / before - 1.0) if fold else array - before
    days = np.arange(edges[0], edges[-1] + 1e-6, HOURS_PER_DAY)
    parts = [change[:, (time > a) & (time <= b)] for a, b in itertools.pairwise(days)]
    if not parts or any(p.shape[1] == 0 for p in parts):
        raise bad("ds", f"{time.size} times", "must hold the days of the doses, with a time in each")
    return days, np.stack([_furthest(p) for p in parts], axis=1)


def _furthest(change: np.ndarray) -> np.ndarray:
    """Return the change that is furthest from 0, with its sign, shape (subject,)."""
    return np.take_along_axis(change, np.abs(change).argmax(axis=1)[:, None], axis=1)[:, 0]


def _band(axis, days: np.ndarray, change: np.ndarray, k: int, told: str | None) -> None:
    low, middle, high = quantiles(change, (read.BAND[0], 0.5, read.BAND[1]))
    noon = (days[:-1] + days[1:]) / 2
    few = {
        "marker": style.marker(k),
        "markersize": 2.2,
        "markevery": max(1, noon.size // 14),
    }
    axis.plot(noon, middle, **style.line(k), **few)
    if 1 < len(change) < FEW:
        chain.draw_each(axis, noon, change, k, told)
    elif len(change) > 1:
        axis.fill_between(noon, low, high, color=style.colour(k), alpha=0.2, linewidth=0, label=told)
