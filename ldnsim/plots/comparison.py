"""Regimens over one another: how they build up, and what one day and night looks like then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import instance, positive
from ..units import HOURS_PER_DAY
from . import chain, clock, legends, read, style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW, _ABOVE, _BELOW = 16.5, 6.0, 12.0  # mm: a row with its label, the legend, the time axis
_LEFT, _RIGHT, _LABEL = 9.0, 2.0, 4.5  # mm: tick labels, free edge, the label over each panel
_LINE = 3.1  # mm: one more line of the legend
_SHADES = {2: 0.3, 3: 0.12}  # of the range of a day by number of regimens; of more the means are drawn
_COLUMNS = (1.0, 1.2)  # widths of the build-up and of the last days


def compare(
    ds: xr.Dataset,
    ax: Axes | Sequence[Axes] | np.ndarray | None = None,
    *,
    variables: Sequence[str] | None = None,
    window: float = 48.0,
    build_up: bool = True,
    width: float | None = None,
) -> tuple[Figure, np.ndarray]:
    """Draw regimens over one another: left the build-up day by day, right the last two days by the hour.

    The left column shows the range between the lowest and the highest value of every 24 h from a day after the
    first dose on, of more than three regimens the mean; a run of a few days has the right column only. Both end
    with the last dosing interval of the regimen that ends first.

    Parameters
    ----------
    ds : xarray.Dataset
        Result of `simulate` with the dim regimen; subjects give a median and a 5 to 95 % band, fewer than 20 of
        them a line each.
    ax : sequence of Axes, optional
        Draw into these, row by row, instead of into a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes an array of shape (variable, 2), or (variable, 1) for a short run.

    Other Parameters
    ----------------
    variables : sequence of str, optional
        One panel each, instead of the headline of the ldn model.
    window : float, optional
        Length of the right column (h).
    build_up : bool, optional
        Whether to draw the left column.
    width : float, optional
        Width of the figure (mm), 85 by default: one journal column.

    Raises
    ------
    InputError, UnknownNameError
        If `ds` is no Dataset of time courses of two or more regimens, or a name is missing.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> pair = {"LDN": ldn.Regimen.daily(4.5, days=3, at="22:00"), "standard": ldn.Regimen.daily(50, days=3)}
    >>> ds = ldn.simulate(ldn.load_model("ldn"), pair)
    >>> fig, axes = ldn.plots.compare(ds, variables=["endorphin", "opioid_tone"])
    >>> axes.shape
    (2, 1)
    """
    check_kinds(compare, locals(), "ds")
    ds = read.timed(ds)
    _check(ds, window)
    instance("build_up", build_up, bool, "True or False")
    panels = _panels(ds, variables)
    ds = ds.sel(time=slice(None, read.common_end(ds)))
    start, stop = float(ds["time"][0]), float(ds["time"][-1])
    late = max(start, stop - window)
    width = style.wide(width)
    long = build_up and late - start > HOURS_PER_DAY
    names = [name for name, _ in read.regimens(ds)]
    with style.house(), style.in_order(names):
        names += list(filter(None, [read.course(ds.isel(regimen=-1), panels[0].variables[0]).spread]))
        names = legends.shortened(names, width - _RIGHT, legends.LONG)
        columns = legends.fitting(names, width - _RIGHT, legends.LONG)
        above = _ABOVE + _LINE * (math.ceil(len(names) / columns) - 1)
        fig, axes = style.panels(
            len(panels),
            2 if long else 1,
            width=width,
            row_height=_ROW,
            margin=above + _BELOW,
            layout=None,
            ax=ax,
            sharex="col",
            sharey="row" if ax is None else False,
            gridspec_kw={"width_ratios": _COLUMNS} if long else None,
        )
        for i, panel in enumerate(panels):
            last = i == len(panels) - 1
            if long:
                cut = _build_up(axes[i, 0], panel, ds)
                clock.time_axis(axes[i, 0], start, stop, nights=False, label=last, days=True)
            _last_days(axes[i, -1], panel, ds.sel(time=slice(late, None)))
            clock.time_axis(axes[i, -1], late, stop, label=last)
            style.label_above(axes[i, 0], _title(chain.label(panel, ds, " "), axes[i, 0], long))
            for axis in axes[i]:
                chain.finish(axis, panel, float(np.nanmax(ds[panel.variables[0]].values)))
        for i, panel in enumerate(panels):
            for k, times in enumerate(chain.doses(ds, panel, i == 0)):
                clock.mark_doses(axes[i, -1], times, late, stop, k)
        if long:
            what = "range" if ds.sizes["regimen"] in _SHADES else "mean"
            left = " but the first" if cut else ""
            axes[-1, 0].set_xlabel(f"Time (days), {what} of\neach 24 h{left}")
            axes[-1, 1].set_xlabel(f"{axes[-1, 1].get_xlabel()},\nlast {stop - late:g} h")
        if ax is None:
            _arrange(fig, axes, above, names, columns)
        else:
            legends.above(axes[0, -1])
    return fig, axes


def _check(ds: xr.Dataset, window: float) -> None:
    positive("window", window, "h")
    style.check_lines(ds.sizes["regimen"], least=2)


def _panels(ds: xr.Dataset, variables) -> list[chain.Panel]:
    if variables is None:
        panels = chain.headline(ds)
        if panels:
            return panels
    names = read.need(ds, read.curves(ds) if variables is None else variables)
    return [p for n in names for p in chain.by_unit(ds, (n,))]


def _title(label: str, axis, long: bool) -> str:
    """Shorten the label of a row that would run far into the right column."""
    if not long or style.width_of(label, style.points("axes.labelsize")) <= legends.room_above(axis):
        return label
    return label.replace("receptors held", "held").replace(" in plasma", ", plasma")


def _build_up(axis, panel: chain.Panel, ds: xr.Dataset) -> bool:
    """Range of each day as a band between two steps, edged so that it reads in grey; of many regimens the mean.

    Return whether the first day is left out, as it holds what was there before the first dose.
    """
    shade = _SHADES.get(ds.sizes["regimen"])
    taken, cut = read.doses(ds), False
    for k, (_, run) in enumerate(read.regimens(ds)):
        course = read.course(run, panel.variables[0])
        first = float(taken[k][0].min()) if taken and taken[k][0].size else -np.inf
        edges, low, high, mean = read.days_of(course, first)
        cut |= bool(edges[0] > course.time[0])
        look = style.line(k)
        if shade is None:
            axis.stairs(mean, edges, baseline=None, linewidth=1.0, **look)
            continue
        axis.stairs(high, edges, baseline=low, fill=True, color=look["color"], alpha=shade, linewidth=0)
        for values in (low, high):
            axis.stairs(values, edges, baseline=None, linewidth=0.8, **look)
    return cut


def _last_days(axis, panel: chain.Panel, ds: xr.Dataset) -> None:
    for k, (label, run) in enumerate(read.regimens(ds)):
        last = k == ds.sizes["regimen"] - 1
        chain.draw_course(axis, read.course(run, panel.variables[0]), k, label, last)


def _arrange(fig, axes, above: float, names: list[str], columns: int) -> None:
    """Place the panels by the millimetre and one legend above them all."""
    width, height = style.INCH * fig.get_size_inches()
    fig.subplots_adjust(
        left=_LEFT / width,
        right=1 - _RIGHT / width,
        bottom=_BELOW / height,
        top=1 - (above + _LABEL) / height,
        wspace=0.14,
        hspace=1.25 * _LABEL / (_ROW - _LABEL),
    )
    handles, _ = axes[0, -1].get_legend_handles_labels()
    look = {"handlelength": legends.LONG, "handletextpad": legends.GAPS[0], "columnspacing": legends.GAPS[1]}
    fig.legend(handles, names, loc="upper center", ncols=columns, borderaxespad=0.3, **look)
