"""A metric against the dose, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad, finite, unknown
from ..numeric import quantiles
from ..readouts import CUT
from . import legends, read, style

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT, _TALL = 40.0, 46.0  # mm: of the panel, and with what is above and below it
_LONGEST = 5  # letters of a tick
_TICK_GAP = 0.06  # least distance of two labelled doses, share of the axis


def dose_response(
    table: xr.Dataset | pd.DataFrame,
    metric: str | None = None,
    ax: Axes | None = None,
    *,
    level: float | None = None,
    width: float | None = None,
) -> tuple[Figure, Axes]:
    """Draw a metric against the dose on a logarithmic axis, with a band where there is a spread.

    Parameters
    ----------
    table : xarray.Dataset or pandas.DataFrame
        A Dataset with a dim ``dose`` (mg): from another dim (subject, draw) come median and 5 to 95 % band,
        from a dim ``quantile`` its lowest, middle and highest. Or a table with the columns ``dose``,
        ``median`` and, if wanted, ``low``, ``high`` and ``regimen`` (one curve each).
    metric : str, optional
        Variable of the Dataset; needed where it has several. For a table, the label of the axis.
    ax : Axes, optional
        Draw here instead of in a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes one Axes.

    Other Parameters
    ----------------
    level : float, optional
        Draw a horizontal line here, in the unit of the metric.
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError, UnknownNameError
        If there are no doses, fewer than two, or no such metric.

    Examples
    --------
    >>> import pandas as pd
    >>> import ldnsim as ldn
    >>> table = pd.DataFrame({"dose": [1.5, 3.0, 4.5], "median": [6.1, 8.0, 9.2]})
    >>> fig, axis = ldn.plots.dose_response(table, "hours blocked (h)")
    >>> axis.get_xlabel()
    'Dose (mg)'
    """
    check_kinds(dose_response, locals(), "table")
    width = style.wide(width)
    if level is not None:
        finite("level", level)
    told = _from_table(table, metric) if hasattr(table, "columns") else _from_dataset(table, metric)
    curves, label, spread, bounds = told
    with style.house():
        fig, axes = style.panels(1, 1, width=width, row_height=_HEIGHT, ax=ax)
        axis = axes[0, 0]
        for k, (name, dose, low, middle, high) in enumerate(curves):
            axis.plot(
                dose, middle, marker=style.marker(k), markersize=2.5, label=name or "median", **style.line(k)
            )
            if bounds[k].any():
                axis.plot(
                    dose[bounds[k]], middle[bounds[k]], linestyle="none", marker=style.marker(k), markersize=3.2,
                    markerfacecolor=style.paper(), color=style.colour(k), zorder=4, gid="at least",
                    label="at least" if not bounds[:k].any() else None,
                )  # fmt: skip
            if low is not None:
                axis.fill_between(
                    dose, low, high, color=style.colour(k), alpha=0.2, linewidth=0, label=spread
                )
                spread = None  # said once for all
        _dose_axis(axis, np.unique(np.concatenate([c[1] for c in curves])), _unit(table))
        size = axis.yaxis.label.get_fontsize()
        if max(style.width_of(line, size) for line in label.split("\n")) > _TALL:
            label = "\n".join(style.wrapped(label.split(), size, _HEIGHT))
        axis.set_ylabel(label)
        if level is not None:
            axis.axhline(level, color=style.level(), linewidth=0.7, linestyle=":", zorder=1, gid="level")
        if len(curves) > 1 or any(low is not None for _, _, low, _, _ in curves):
            legends.above(axis)
    return fig, axis


def _unit(table) -> str:
    """In what the doses of a Dataset are counted, empty where they share no unit; those of a table are mg."""
    return "mg" if hasattr(table, "columns") else str(table["dose"].attrs.get("units", "mg"))


def _dose_axis(axis, doses: np.ndarray, unit: str) -> None:
    """Logarithmic, or linear below the smallest dose where 0 mg is among them; ticks at the doses, if short."""
    positive = doses[doses > 0]
    if doses.size < 2 or not positive.size:
        raise bad("table", doses.tolist(), "must hold at least two doses (mg), one of them > 0")
    if doses.min() < 0:
        raise bad("table", float(doses.min()), "holds a negative dose (mg)")
    if positive.size < doses.size:
        axis.set_xscale("symlog", linthresh=float(positive.min()), linscale=0.5)
    else:
        axis.set_xscale("log")
    place = axis.transAxes.inverted().transform(axis.transData.transform([(d, 0.0) for d in doses]))[:, 0]
    shown = [0]
    for i in range(1, doses.size):
        if place[i] - place[shown[-1]] > _TICK_GAP:
            shown.append(i)
    axis.set_xticks(doses[shown], [f"{d:g}" for d in doses[shown]])
    axis.minorticks_off()
    if max(len(f"{d:g}") for d in doses) > _LONGEST:  # doses of a search, which nobody asked for by name
        style.plain_ticks(axis.xaxis, float(positive.min()), float(positive.max()))
    axis.set_xlabel(f"Dose ({unit})" if unit else "Dose")


def _from_dataset(ds, metric):
    ds = read.dataset(ds, "table")
    found = [n for n, v in ds.data_vars.items() if "dose" in v.dims and v.dtype.kind in "fiu"]
    if not found:
        raise bad("table", dict(ds.sizes), "has no variable with a dim 'dose'")
    if metric is None and len(found) > 1:
        raise bad("metric", None, f"must be chosen among {', '.join(found)}")
    metric = metric or found[0]
    if metric not in found:
        raise unknown("metric", metric, found, listing="list(ds)")
    label = f"{ds[metric].attrs.get('long_name', metric)}\n({read.unit(ds, metric)})"
    names = [str(r) for r in ds["regimen"].values] if "regimen" in ds[metric].dims else [None]
    curves = []
    for i, name in enumerate(names):
        values = ds[metric] if name is None else ds[metric].isel(regimen=i)
        curves.append((name or "", np.asarray(ds["dose"].values, dtype=float), *_interval(values)))
    bounds = _bounds(ds, metric, len(curves))
    return curves, label, _spread(ds[metric]), bounds


def _bounds(ds, metric: str, n: int) -> np.ndarray:
    """Tell which middles are only bounds from below, as the numbers were cut off; shape (curve, dose)."""
    flag, doses = f"{metric}{CUT}", ds.sizes["dose"]
    if flag not in ds.coords:
        return np.zeros((n, doses), bool)
    cut = ds.coords[flag]
    if "quantile" in cut.dims:
        cut = cut.sel(quantile=0.5) if 0.5 in cut["quantile"] else cut.min("quantile")
    others = [d for d in cut.dims if d not in ("dose", "regimen")]
    cut = (cut.mean(others) if others else cut) >= 0.5
    return np.broadcast_to(cut.transpose(..., "dose").values, (n, doses))


def _spread(values) -> str:
    """Say what the band is: the quantiles of the Dataset, or those drawn of subjects or draws."""
    if "quantile" not in values.dims:
        return "5 to 95 %"
    told = np.sort(np.asarray(values["quantile"].values, dtype=float))
    return f"{100 * told[0]:g} to {100 * told[-1]:g} %"


def _interval(values):
    """Lowest, middle and highest over the dims other than dose; no band where there are none."""
    others = [d for d in values.dims if d != "dose"]
    array = values.transpose("dose", *others).values.reshape(values.sizes["dose"], -1)
    if array.shape[1] == 1:
        return None, array[:, 0], None
    if others == ["quantile"]:
        array = array[:, np.argsort(values["quantile"].values)]
        low, middle, high = array[:, 0], array[:, array.shape[1] // 2], array[:, -1]
    else:
        low, middle, high = quantiles(array, (read.BAND[0], 0.5, read.BAND[1]), axis=1)
    return (None, middle, None) if np.isnan(low).all() else (low, middle, high)


def _from_table(table, metric):
    for column in ("dose", "median"):
        if column not in table.columns:
            raise bad("table", list(table.columns), f"has no column {column!r}")
    groups = table.groupby("regimen", sort=False) if "regimen" in table.columns else [("", table)]
    curves = []
    for name, rows in groups:
        rows = rows.sort_values("dose")
        spread = {"low", "high"} <= set(rows.columns)
        low, high = (rows[c].to_numpy(float) if spread else None for c in ("low", "high"))
        curves.append((str(name), rows["dose"].to_numpy(float), low, rows["median"].to_numpy(float), high))
    unit, none = table.attrs.get("units"), np.zeros((len(curves), 1), bool)
    return curves, (metric or "metric") + (f"\n({unit})" if unit else ""), "low to high", none
