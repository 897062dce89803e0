"""Opioid tone against occupancy: the loop that one day of doses draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import InputError, bad
from ..readouts.carried import Carried, carried
from ..units import HOURS_PER_DAY, clock_of
from . import chain, legends, read, style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

_SMALL = 0.5  # share of the panel; a smaller loop has no room for an arrow
_LEAST = 0.25  # h between marks; more of them would be one line
_FAR = 7.0  # points between a mark and its clock time


def phase_portrait(
    ds: xr.Dataset,
    x: str = "mu_occupancy_peripheral",
    y: str = "opioid_tone",
    ax: Axes | None = None,
    *,
    every: float = 6.0,
    width: float | None = None,
) -> tuple[Figure, Axes]:
    """Draw one variable against another over the last cycle of the doses, one loop for each regimen.

    Parameters
    ----------
    ds : xarray.Dataset
        Result of `simulate`; of several subjects the median is drawn.
    x, y : str, optional
        Variables of the two axes: receptors held, and opioid tone (fold of baseline).
    ax : Axes, optional
        Draw here instead of in a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes one Axes.

    Other Parameters
    ----------------
    every : float, optional
        Mark the time of day along the loop every so many hours.
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError, UnknownNameError
        If `ds` holds no time courses, or not these variables.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> pair = {"LDN": ldn.Regimen.daily(4.5, days=7, at="22:00"), "standard": ldn.Regimen.daily(50, days=7)}
    >>> fig, axis = ldn.plots.phase_portrait(ldn.simulate(ldn.load_model("ldn"), pair))
    >>> axis.get_ylabel()
    'Opioid tone (fold of baseline)'
    """
    check_kinds(phase_portrait, locals(), "ds")
    width = style.wide(width)
    ds = read.timed(ds)
    read.need(ds, x, "x")
    read.need(ds, y, "y")
    if not _LEAST <= every <= HOURS_PER_DAY:
        raise bad("every", every, f"must be a number of hours from {_LEAST:g} to {HOURS_PER_DAY:g}")
    with style.house():
        fig, axes = style.panels(1, 1, width=width, row_height=52.0, ax=ax)
        axis, marks, arrows = axes[0, 0], [], []
        for k, (label, run) in enumerate(read.regimens(ds)):
            time, across, up = _loop(run, x, y)
            axis.plot(across, up, label=label, **style.line(k))
            arrows.append((across, up, k))
            marks += _mark_hours(axis, time, across, up, every, k)
        for name, set_label, line in ((x, axis.set_xlabel, axis.axvline), (y, axis.set_ylabel, axis.axhline)):
            panel = chain.by_unit(ds, (name,))[0]
            set_label(chain.label(panel, ds, " "))
            if panel.level is not None:
                line(panel.level, color=style.level(), linewidth=0.7, linestyle=(0, (1, 1.5)), zorder=1)
        axis.margins(0.12)
        if ds.sizes["regimen"] > 1:
            legends.above(axis)
        for loop in arrows:
            _arrow(axis, *loop)
        _settle(axis, marks)
    return fig, axis


def _loop(run: xr.Dataset, x: str, y: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times (h) of the last cycle, at least a day, and both variables, medians of subjects."""
    nodes = _nodes(run)
    if nodes is not None and {x, y} <= set(nodes.traces):
        time, end = nodes.times[0], read.marked(run, "interval_end").max()
        start = read.marked(run, "interval_start").min()
        first = min(start, end - HOURS_PER_DAY) - 1e-6  # nodes before belong to the first doses
        if time[0] <= first + 2e-6 and time[-1] >= end - 1e-6:
            pair = np.nanmedian(nodes.values[:, [nodes.traces.index(x), nodes.traces.index(y)]], axis=0)
            moves = np.r_[True, np.diff(time) > 0]  # short rows are filled up with their last node
            kept = moves & (time >= first) & (time <= end + 1e-6)
            return time[kept], pair[0][kept], pair[1][kept]
    stop = float(run["time"][-1])
    length = HOURS_PER_DAY
    if (ends := read.marked(run, "interval_end")).size:
        end = float(ends.max())
        stop, length = min(stop, end), max(length, end - read.marked(run, "interval_start").min())
    cut = run.sel(time=slice(stop - length - 1e-6, stop + 1e-6))
    if cut.sizes["time"] < 3:
        raise bad("ds", f"{cut.sizes['time']} times in the last cycle", "is too coarse to draw a loop")
    found = (read.course(cut, name) for name in (x, y))
    (time, across), (_, up) = ((c.time, c.middle) for c in found)
    return time, across, up


def _nodes(run: xr.Dataset) -> Carried | None:
    """Return the nodes beside the courses, if they are theirs and at the same times for all subjects."""
    try:
        nodes = carried(run)
    except InputError:
        return None
    return nodes if (nodes.times == nodes.times[0]).all() else None


def _mark_hours(axis, time, across, up, every: float, k: int) -> list:
    """Put a mark at each clock time, labelled on the side away from the middle of the loop."""
    hours = np.arange(np.ceil(time[0] / every - 1e-9) * every, time[-1] - 1e-6, every)
    hours = hours[hours < hours[0] + HOURS_PER_DAY - 1e-6] if hours.size else hours
    px, py = np.interp(hours, time, across), np.interp(hours, time, up)
    axis.plot(
        px, py, linestyle="none", marker=style.marker(k), markersize=3.2,
        markerfacecolor=style.paper(), color=style.colour(k), zorder=4, gid="hours",
    )  # fmt: skip
    away = _outward(time, across, up, hours)
    return [
        axis.annotate(
            clock_of(hour), (a, b), _FAR * towards, textcoords="offset points",
            ha=("right", "center", "left")[round(towards[0]) + 1], va="center",
            fontsize=style.small(),
        )
        for hour, a, b, towards in zip(hours, px, py, away, strict=True)
    ]  # fmt: skip


def _outward(time, across, up, hours) -> np.ndarray:
    """Return unit vectors at right angles to the loop, out of it; shape (hour, 2)."""
    x, y = (v / (np.ptp(v) or 1.0) for v in (across, up))
    slope = [np.interp(hours, time, np.gradient(v, time)) for v in (x, y)]
    across_it = np.stack([slope[1], -slope[0]], axis=1)
    across_it /= np.maximum(np.hypot(*across_it.T), 1e-9)[:, None]
    area = np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])  # its sign says which way round the loop is run
    return across_it if area >= 0 else -across_it


def _settle(axis, marks: list) -> None:
    """Put each clock time on the outer side of its loop, or the inner one, or nowhere: where it is free."""
    axis.figure.draw_without_rendering()
    drawn = [
        line.get_xydata()
        for line in axis.get_lines()
        if len(line.get_xdata()) > 2 or line.get_gid() == "hours"
    ]
    points = axis.transData.transform(np.concatenate(drawn))
    kept: list[Bbox] = []
    for text in marks:
        for side in (1.0, -1.0):
            across, up = (side * v for v in text.get_position()) if side < 0 else text.get_position()
            text.set_position((across, up))
            text.set_horizontalalignment(("right", "center", "left")[round(across / _FAR) + 1])
            box = text.get_window_extent()
            inside = axis.bbox.x0 <= box.x0 and box.x1 <= axis.bbox.x1 and box.y1 <= axis.bbox.y1
            if inside and not box.count_contains(points) and not box.count_overlaps(kept):
                kept.append(box)
                break
        else:
            text.set_visible(False)


def _arrow(axis, across, up, k: int) -> None:
    """Say which way round a loop is run, where it is large enough to see."""
    x, y = axis.transAxes.inverted().transform(axis.transData.transform(np.stack([across, up], axis=1))).T
    if np.hypot(np.ptp(x), np.ptp(y)) < _SMALL:
        return
    way = np.r_[0.0, np.cumsum(np.hypot(np.diff(x), np.diff(y)))]
    for share in (0.2, 0.75):
        i = int(np.clip(np.searchsorted(way, share * way[-1]), 1, way.size - 1))
        axis.annotate(
            "", (across[i], up[i]), (across[i - 1], up[i - 1]), gid="direction", zorder=3,
            arrowprops={"arrowstyle": "-|>,head_length=0.5,head_width=0.25", "color": style.colour(k), "linewidth": 1,
                        "shrinkA": 0, "shrinkB": 0, "mutation_scale": 10},
        )  # fmt: skip
