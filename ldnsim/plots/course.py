"""The whole chain over time: plasma, receptors, endogenous opioids, cytokines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad, unknown
from . import chain, clock, legends, read, style

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_COLUMNS = 4


def timecourse(
    ds: xr.Dataset,
    data: pd.DataFrame | None = None,
    ax: Axes | Sequence[Axes] | np.ndarray | None = None,
    *,
    variables: Sequence[str] | None = None,
    width: float | None = None,
    nights: bool = True,
) -> tuple[Figure, np.ndarray]:
    """Draw what happens after the doses, from plasma to cytokines, one panel below the other.

    Parameters
    ----------
    ds : xarray.Dataset
        Result of `simulate`, dims time and, if any, regimen and subject. Regimens stand side by side;
        subjects give a median and a 5 to 95 % band, fewer than 20 of them a line each. Zoom with
        ``ds.sel(time=slice(600, 696))``.
    data : pandas.DataFrame, optional
        Measurements to lay over the curves: columns ``time`` (h), ``variable``, ``value``, and if wanted
        ``low`` and ``high`` (error bars, in the unit of the variable) and ``regimen``.
    ax : sequence of Axes, optional
        Draw into these, one for each panel, row by row, instead of into a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes an array of shape (panel, regimen).

    Other Parameters
    ----------------
    variables : sequence of str, optional
        Draw these, one panel for each unit, instead of the chain of the ldn model.
    width : float, optional
        Width of the figure (mm); 85, one journal column, for one regimen.
    nights : bool, optional
        Shade 23:00 to 07:00.

    Raises
    ------
    InputError, UnknownNameError
        If `ds` is no Dataset of time courses, or a name or a column is missing.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=3, at="22:00"))
    >>> fig, axes = ldn.plots.timecourse(ds)
    >>> axes.shape
    (4, 1)
    """
    check_kinds(timecourse, locals(), "ds", "data")
    ds = read.timed(ds)
    panels = _panels(ds, variables)
    runs = list(read.regimens(ds))
    if len(runs) > _MOST_COLUMNS:
        raise bad(
            "ds",
            f"{len(runs)} regimens",
            f"must be at most {_MOST_COLUMNS} side by side",
            "use ds.isel(regimen=[0, 1])",
        )
    points = _checked(data, ds)
    with style.house():
        fig, axes = style.panels(
            len(panels),
            len(runs),
            width=style.PAGE if width is None and len(runs) > 1 else width,
            row_height=27.0,
            ax=ax,
            sharex="col",
            sharey="row" if ax is None else False,
        )
        for j, (name, run) in enumerate(runs):
            for i, panel in enumerate(panels):
                _draw(axes[i, j], panel, run, points, name, i == len(panels) - 1, nights, i == 0)
                if j == 0:
                    axes[i, j].set_ylabel(chain.label(panel, ds))
                    legends.above(axes[i, j])
                times = chain.doses(ds, panel, i == 0)
                if times:
                    clock.mark_doses(axes[i, j], times[j], *axes[i, j].get_xlim())
        _entitle(axes[0], [name for name, _ in runs])
        for i, panel in enumerate(panels):
            top = max(float(np.nanmax(ds[v].values)) for v in panel.variables)
            for axis in axes[i]:
                chain.finish(axis, panel, top)
        if ax is None:
            fig.align_ylabels(axes[:, 0])
    return fig, axes


def _panels(ds: xr.Dataset, variables) -> list[chain.Panel]:
    if variables is not None:
        return chain.by_unit(ds, read.need(ds, variables))
    panels = chain.whole(ds) or chain.by_unit(ds, tuple(read.curves(ds)))
    if not panels:
        raise bad("ds", list(ds.data_vars), "has no variable with a time course")
    return panels


def _entitle(row, names: list[str]) -> None:
    """Write the names of regimens above their columns: beside the legend of the first, or above that."""
    size = style.points("axes.titlesize")
    names = [style.cut(name, size, legends.room_above(axis)) for name, axis in zip(names, row, strict=True)]
    legend, pad = row[0].get_legend(), None
    if legend:
        box, dpi = legend.get_window_extent(), row[0].figure.dpi
        free = legends.room_above(row[0]) - box.width / dpi * style.INCH
        pad = None if style.width_of(names[0], size) <= free else box.height / dpi * 72 + 2.0
    for name, axis in zip(names, row, strict=True):
        if name:
            axis.set_title(name, loc="right", pad=pad)


def _draw(axis, panel, run, points, regimen, last, nights, explain) -> None:
    for k, variable in enumerate(panel.variables):
        told = explain and k == len(panel.variables) - 1
        chain.draw_course(axis, read.course(run, variable), k, read.short(run, variable), told)
        if points is not None:
            _draw_points(axis, points, variable, regimen, k)
    times = run["time"].values
    clock.time_axis(axis, float(times[0]), float(times[-1]), nights=nights, label=last)


def _checked(data, ds):
    """Return the measurements as a table with all its columns, or None."""
    if data is None:
        return None
    if not hasattr(data, "columns"):
        raise bad("data", type(data).__name__, "must be a pandas DataFrame")
    missing = [c for c in ("time", "variable", "value") if c not in data.columns]
    if missing:
        raise bad(
            "data",
            list(data.columns),
            f"has no column {missing[0]!r}",
            "it needs time (h), variable and value",
        )
    for name in data["variable"].unique():
        if name not in read.curves(ds):
            raise unknown("data.variable", name, read.curves(ds), listing="list(ds)")
    return data


def _draw_points(axis, points, variable, regimen, index) -> None:
    mine = points[points["variable"] == variable]
    if "regimen" in mine.columns and regimen:
        mine = mine[mine["regimen"].astype(str) == regimen]
    if mine.empty:
        return
    bars = None
    if {"low", "high"} <= set(mine.columns):
        bars = np.abs(np.stack([mine["value"] - mine["low"], mine["high"] - mine["value"]]).astype(float))
    axis.errorbar(
        mine["time"],
        mine["value"],
        yerr=bars,
        linestyle="none",
        marker="os^D"[index % 4],
        markersize=3,
        markerfacecolor=style.paper(),
        elinewidth=0.7,
        color=style.colour(index),
        zorder=4,
        gid="data",
    )
