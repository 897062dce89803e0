"""A metric over two things at once: dose and clock time, two parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad, unknown
from ..readouts import CUT
from ..units import unit_shown
from . import read, style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BAR = 48.0  # mm, height of the map and of the bar beside it
_MOST_NUMBERS = 60  # cells; more than this and the numbers in them cannot be read


def heatmap(
    ds: xr.Dataset,
    metric: str | None = None,
    x: str | None = None,
    y: str | None = None,
    ax: Axes | None = None,
    *,
    numbers: bool | None = None,
    width: float | None = None,
) -> tuple[Figure, Axes]:
    """Draw a metric as a map over two dims, in a colour scale that stays ordered in grey.

    Parameters
    ----------
    ds : xarray.Dataset
        Result of a sweep or of `summarize`: the metric with exactly two dims.
    metric : str, optional
        Variable to draw; needed where there are several with two dims.
    x, y : str, optional
        Dims for the two axes; the last and the first by default.
    ax : Axes, optional
        Draw here instead of in a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes one Axes.

    Other Parameters
    ----------------
    numbers : bool, optional
        Write the values into the cells; by default where there are at most 60. One that was cut off is "at
        least", ``≥``.
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError, UnknownNameError
        If there is no such metric or dim, or the metric has not two dims.

    Examples
    --------
    >>> import xarray as xr
    >>> import ldnsim as ldn
    >>> hours = xr.DataArray([[5.0, 9.0], [5.5, 9.4]], dims=("at", "dose"), attrs={"units": "h"})
    >>> ds = xr.Dataset({"hours": hours}, {"at": ["08:00", "22:00"], "dose": [1.5, 4.5]})
    >>> fig, axis = ldn.plots.heatmap(ds)
    >>> axis.get_xlabel(), axis.get_ylabel()
    ('Dose (mg)', 'Clock time of the dose (hh:mm)')
    """
    check_kinds(heatmap, locals(), "ds")
    width = style.wide(width)
    ds = read.dataset(ds)
    values = _chosen(ds, metric)
    x, y = _dims(values, x, y)
    array = np.asarray(values.transpose(y, x).values, dtype=float)
    with style.house():
        fig, axes = style.panels(1, 1, width=width, row_height=_BAR, ax=ax)
        axis = axes[0, 0]
        image = axis.pcolormesh(array, cmap="cividis", edgecolors="white", linewidth=0.3)
        _ticks(axis, axis.set_xticks, axis.set_xlabel, ds, x)
        _ticks(axis, axis.set_yticks, axis.set_ylabel, ds, y)
        axis.tick_params(length=0)
        bar = fig.colorbar(image, ax=axis)
        words = [*str(values.attrs.get("long_name", values.name)).split(), f"({read.unit(ds, values.name)})"]
        size = bar.ax.yaxis.label.get_fontsize()
        bar.set_label("\n".join(style.wrapped(words, size, _BAR if ax is None else _room(axis))))
        if numbers if numbers is not None else array.size <= _MOST_NUMBERS:
            _write(axis, array, image, _cut(ds, str(values.name), (y, x)))
    return fig, axis


def _room(axis) -> float:
    """Height of an axes on the page (mm)."""
    return style.INCH * axis.get_position(original=True).height * axis.figure.get_figheight()


def _chosen(ds, metric):
    found = [n for n, v in ds.data_vars.items() if v.ndim == 2 and v.dtype.kind in "fiu"]
    if metric is None:
        if not found:
            raise bad("ds", dict(ds.sizes), "has no variable with two dims")
        if len(found) > 1:
            raise bad("metric", None, f"must be chosen among {', '.join(found)}")
        return ds[found[0]]
    if metric not in ds.data_vars:
        raise unknown("metric", metric, ds.data_vars, listing="list(ds)")
    if ds[metric].ndim != 2:
        remedy = "choose with ds.isel(...) or reduce with ds.median(...) until two are left"
        raise bad("metric", metric, f"has the dims {ds[metric].dims}, not two", remedy)
    return ds[metric]


def _dims(values, x, y) -> tuple[str, str]:
    for argument, name in (("x", x), ("y", y)):
        if name is not None and name not in values.dims:
            raise unknown(argument, name, values.dims)
    if x is None:
        x = next(d for d in reversed(values.dims) if d != y)
    if y is None:
        y = next(d for d in values.dims if d != x)
    if x == y:
        raise bad("y", y, "must differ from x")
    return x, y


_AXES = {
    "dose": ("dose", "mg"),
    "at": ("clock time of the dose", "hh:mm"),
    "ii": ("interval between doses", "h"),
    "days": ("length of treatment", "days"),
    "time": ("time", "h"),
    "formulation": ("formulation", ""),
    "scenario": ("reading of the literature", ""),
    "condition": ("condition", ""),
    "subject": ("subject or draw", ""),
}  # what people call the axes of a grid


def _ticks(axis, set_ticks, set_label, ds, dim) -> None:
    labels = ds[dim].values if dim in ds.coords else np.arange(ds.sizes[dim])
    step = -(-len(labels) // 12)
    shown = range(0, len(labels), step)
    set_ticks(
        [i + 0.5 for i in shown],
        _written([labels[i] for i in shown])
        if labels.dtype.kind in "fiu"
        else [str(labels[i]) for i in shown],
    )
    told = ds[dim].attrs if dim in ds.coords else {}
    name, unit = _AXES.get(dim, (dim.replace("_", " "), ""))
    name, unit = str(told.get("long_name", name)), str(told.get("units", unit))
    name = f"{name[:1].upper()}{name[1:]}"
    set_label(f"{name} ({unit})" if unit_shown(unit) else name)


def _written(values: list) -> list[str]:
    """Numbers with three digits, with more where these would not tell them apart or cut a whole number."""
    short = [f"{v:g}" if abs(v) >= 1000 else f"{v:.3g}" for v in values]
    return short if len(set(short)) == len(values) else [f"{v:g}" for v in values]


def _cut(ds, metric: str, dims: tuple[str, str]) -> np.ndarray:
    """Tell which numbers only bound the true ones from below, shape (y, x)."""
    shape = tuple(ds.sizes[d] for d in dims)
    flag = ds.coords.get(f"{metric}{CUT}")
    if flag is None or not set(flag.dims) <= set(dims):
        return np.zeros(shape, bool)
    return np.asarray(flag.variable.set_dims(dict(zip(dims, shape, strict=True))).transpose(*dims)) == 1


def _write(axis, array, image, cut) -> None:
    middle = np.nanmean(image.get_clim())
    for (i, j), value in np.ndenumerate(array):
        if np.isfinite(value):
            shade = "white" if value < middle else "black"
            text = f"≥{value:.3g}" if cut[i, j] else f"{value:.3g}"
            axis.text(j + 0.5, i + 0.5, text, ha="center", va="center", color=shade, fontsize="small")
