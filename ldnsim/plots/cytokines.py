"""Four cytokines side by side: their courses under several regimens, or their changes under several readings."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..choices import spoken
from ..door import check_kinds
from ..errors import bad
from ..units import HOURS_PER_DAY
from . import chain, clock, legends, read, style

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CYTOKINES = ("tnf_alpha", "il6", "il1b", "il10")
_LONG = 10.0  # days; a longer run shows the mean of each day, as its swings would fill the panel


def cytokine_panel(
    data: xr.Dataset | pd.DataFrame,
    ax: Axes | Sequence[Axes] | np.ndarray | None = None,
    *,
    width: float | None = None,
    nights: bool = True,
) -> tuple[Figure, np.ndarray]:
    """Draw TNF-alpha, IL-6, IL-1 beta and IL-10, one small panel each.

    Parameters
    ----------
    data : xarray.Dataset or pandas.DataFrame
        Result of `simulate`: courses with one line for each regimen (or scenario, if that is its dim), and
        the 5 to 95 % band of subjects; the mean of each day where the run is longer than ten. Or the table of
        `cytokine_readings`: the change under each reading of the literature with its interval; readings stand
        beside each other and are never added up.
    ax : sequence of Axes, optional
        Draw into these, one for each cytokine, instead of into a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes an array of shape (2, 2) for courses, (1, cytokine) for readings.

    Other Parameters
    ----------------
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.
    nights : bool, optional
        Shade 23:00 to 07:00.

    Raises
    ------
    InputError
        If there is no cytokine in `data`.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> model = ldn.load_model("ldn")
    >>> week = {"LDN": ldn.Regimen.daily(4.5, days=7), "standard": ldn.Regimen.daily(50, days=7)}
    >>> fig, axes = ldn.plots.cytokine_panel(ldn.simulate(model, week))
    >>> axes[0, 0].get_title(loc="left")
    'TNF-α'
    """
    check_kinds(cytokine_panel, locals(), "data")
    width = style.wide(width)
    if hasattr(data, "columns"):
        return _readings(data, ax, width)
    ds = read.dataset(data, "data")
    if "scenario" in ds.dims:
        if ds.sizes.get("regimen", 1) > 1:
            raise bad(
                "data", dict(ds.sizes), "has two dims that tell runs apart", "choose ds.isel(regimen=0)"
            )
        ds = (
            ds.squeeze("regimen", drop=True)
            if "regimen" in ds.dims
            else ds.drop_vars("regimen", errors="ignore")
        )
        ds = ds.rename(scenario="regimen")
    ds = read.timed(ds, "data")
    ds = ds.sel(time=slice(read.begin(ds), read.common_end(ds)))
    names = _known(read.curves(ds), "data")
    style.check_lines(ds.sizes["regimen"])
    long = float(ds["time"][-1] - ds["time"][0]) > _LONG * HOURS_PER_DAY
    if long:
        ds, nights = _means(ds[names]), False
    with style.house():
        fig, axes = style.panels(
            -(-len(names) // 2), min(2, len(names)), width=width, row_height=28.0, ax=ax, sharex=ax is None
        )  # fmt: skip
        flat = axes.ravel()
        times = ds["time"].values
        for axis, name in zip(flat, names, strict=False):
            for k, (label, run) in enumerate(read.regimens(ds)):
                chain.draw_course(axis, read.course(run, name), k, label)
            panel = chain.by_unit(ds, (name,))[0]
            chain.finish(axis, panel, float(np.nanmax(ds[name].values)))
            below = name in names[-axes.shape[1] :]
            clock.time_axis(axis, float(times[0]), float(times[-1]), nights=nights, label=below)
            if long and below:
                axis.set_xlabel("Time (days),\nmean of each day")
            axis.set_title(read.short(ds, name), loc="left")
            axis.set_ylabel(f"({read.unit(ds, name)})" if axis in axes[:, 0] else "")
        if "subject" in ds.dims:
            chain.explain_spread(flat[0], read.course(ds.isel(regimen=0), names[0]))
        for axis in flat[len(names) :]:
            axis.set_visible(False)
        if ds.sizes["regimen"] > 1 or "subject" in ds.dims:
            legends.of_figure(fig, flat[:1], width) if ax is None else legends.above(flat[0])
    return fig, axes


def _known(available, argument: str) -> list[str]:
    names = [n for n in CYTOKINES if n in available]
    if not names:
        raise bad(argument, list(available)[:8], f"holds none of {', '.join(CYTOKINES)}")
    return names


def _means(ds: xr.Dataset) -> xr.Dataset:
    """Mean of each whole day, counted back from the end, at its middle."""
    stop = float(ds["time"][-1])
    days = int((stop - float(ds["time"][0])) // HOURS_PER_DAY)
    edges = stop - HOURS_PER_DAY * np.arange(days, -1, -1)
    parts = []
    for a, b in itertools.pairwise(edges):
        day = ds.sel(time=slice(a - 1e-6, b + 1e-6))
        parts.append(day.integrate("time") / float(day["time"][-1] - day["time"][0]))
    import xarray as xr

    means = xr.concat(parts, "time").assign_coords(time=(edges[:-1] + edges[1:]) / 2)
    for name in ds.data_vars:
        means[name].attrs.update(ds[name].attrs)
    return means


def _readings(table: pd.DataFrame, ax, width: float):
    if list(table.index.names) != ["scenario", "cytokine"] or not {"change", "low", "high"} <= set(table):
        raise bad("data", list(table.columns), "must be the table of cytokine_readings")
    names = _known(table.index.unique("cytokine"), "data")
    scenarios = list(table.index.unique("scenario"))
    rows = np.arange(len(scenarios))
    with style.house():
        fig, axes = style.panels(
            1, len(names), width=width, row_height=8.0 + 5.0 * len(scenarios), ax=ax, sharey=ax is None
        )  # fmt: skip
        for axis, name in zip(axes[0], names, strict=True):
            part = table.xs(name, level="cytokine").reindex(scenarios)
            spread = np.abs(part[["low", "high"]].to_numpy(float).T - part["change"].to_numpy(float))
            axis.errorbar(
                part["change"], rows, xerr=spread, fmt="o", markersize=3.2, linewidth=0.9,
                color=style.colour(0), gid="readings",
            )  # fmt: skip
            axis.axvline(0.0, color=style.level(), linewidth=0.7, linestyle=(0, (1, 1.5)), zorder=1)
            axis.set_title(read.SHORT.get(name, name), loc="left")
            axis.locator_params(axis="x", nbins=3)
            axis.margins(x=0.1, y=0.06)
            axis.tick_params(axis="y", length=0)
        axes[0, 0].set_yticks(rows, [spoken(str(s)) for s in scenarios])
        axes[0, 0].invert_yaxis()
        label = "Change from baseline (%), median and 90 % interval"
        if ax is None:
            fig.supxlabel(label, fontsize=axes[0, 0].xaxis.label.get_fontsize())
        else:
            axes[0, 0].set_xlabel(label)
    return fig, axes
