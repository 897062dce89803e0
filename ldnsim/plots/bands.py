"""A population: the middle subject and where the others lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad
from ..numeric import FEW
from . import chain, clock, legends, read, style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SHADE = 0.22  # of one band; nested bands add up


def population_band(
    ds: xr.Dataset,
    variable: str = "mu_occupancy_peripheral",
    ax: Axes | None = None,
    *,
    quantiles: Sequence[float] = (0.05, 0.25, 0.75, 0.95),
    width: float | None = None,
    nights: bool = True,
) -> tuple[Figure, Axes]:
    """Draw the median subject over time with nested bands of the others, one colour for each regimen.

    Fewer than 20 subjects have no bands: each is drawn by a line.
    Of several regimens, each ends with its own last dosing interval, or the run.

    Parameters
    ----------
    ds : xarray.Dataset
        Result of `simulate` with the dim subject, and regimen if any.
    variable : str, optional
        What to draw.
    ax : Axes, optional
        Draw here instead of in a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes one Axes.

    Other Parameters
    ----------------
    quantiles : tuple of float, optional
        Edges of the bands, an even number between 0 and 1: the outermost two make the widest band.
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.
    nights : bool, optional
        Shade 23:00 to 07:00.

    Raises
    ------
    InputError, UnknownNameError
        If there is no dim subject, no such variable, or the quantiles are no pairs.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> model = ldn.load_model("ldn")
    >>> week = ldn.Regimen.daily(4.5, days=7, at="22:00")
    >>> ds = ldn.simulate(model, week, subjects=ldn.population(model, n=8, seed=7))
    >>> fig, axis = ldn.plots.population_band(ds, "endorphin")
    >>> axis.get_ylabel().splitlines()
    ['β-Endorphin', '(fold of baseline)']
    """
    check_kinds(population_band, locals(), "ds")
    width = style.wide(width)
    ds = read.timed(ds)
    read.need(ds, variable, "variable")
    edges = _pairs(quantiles)
    if "subject" not in ds[variable].dims:
        raise bad("ds", dict(ds.sizes), "has no dim 'subject'", "simulate with subjects=population(model, n)")
    ds = ds.sel(time=slice(read.begin(ds), None))
    panel = chain.by_unit(ds, (variable,))[0]
    with style.house():
        fig, axes = style.panels(1, 1, width=width, row_height=38.0, ax=ax)
        axis, counts = axes[0, 0], []
        for k, (label, run) in enumerate(read.regimens(ds)):
            own = read.until_its_end(run) if ds.sizes["regimen"] > 1 else run
            counts.append(_bands(axis, own[variable], edges, k, label))
        times = ds["time"].values
        clock.time_axis(axis, float(times[0]), float(times[-1]), nights=nights)
        axis.set_ylabel(chain.label(panel, ds))
        chain.finish(axis, panel, float(np.nanmax(ds[variable].values)))
        _explain(axis, edges, ds, counts)
    return fig, axis


def _pairs(quantiles) -> list[tuple[float, float]]:
    q = np.sort(np.asarray(quantiles, dtype=float))
    if q.size == 0 or q.size % 2 or not ((q > 0) & (q < 1)).all():
        raise bad("quantiles", quantiles, "must be an even number of values between 0 and 1")
    return [(float(q[i]), float(q[-1 - i])) for i in range(q.size // 2)]


def _bands(axis, values, pairs, index: int, label: str) -> int:
    """Draw the subjects of one regimen, each by a line where they are few, and return how many there are."""
    array = np.asarray(values.transpose("subject", "time").values, dtype=float)
    array = array[np.isfinite(array).all(axis=1)]
    if not len(array):
        raise bad("ds", values.name, "is finite for no subject", "see ds.status for the reason")
    time = values["time"].values
    if 1 < len(array) < FEW:
        chain.draw_each(axis, time, array, index)
    for low, high in pairs if len(array) >= FEW else ():
        below, above = np.quantile(array, (low, high), axis=0)
        axis.fill_between(time, below, above, color=style.colour(index), alpha=_SHADE, linewidth=0)
        if (low, high) == pairs[0]:  # its edges tell two regimens apart in grey
            for edge in (below, above):
                axis.plot(time, edge, gid="edge", **style.line(index, linewidth=0.5))
    name = f"{label}, median" if label else "median"
    axis.plot(time, np.median(array, axis=0), label=name, **style.line(index))
    return len(array)


def _explain(axis, pairs, ds: xr.Dataset, counts: list[int]) -> None:
    """Legend: the lines, then what share of the subjects each shade holds, or that each has a line."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles, labels = axis.get_legend_handles_labels()
    for n in dict.fromkeys(n for n in counts if 1 < n < FEW):
        handles.append(Line2D([], [], color=style.level(), **chain.EACH))
        labels.append(read.spread(ds, n))
    for depth in reversed(range(len(pairs) if max(counts) >= FEW else 0)):
        low, high = pairs[depth]
        handles.append(Patch(facecolor=style.level(), alpha=1 - (1 - _SHADE) ** (depth + 1), linewidth=0))
        labels.append(f"{100 * low:.3g} to {100 * high:.3g} %")
    legends.above(axis, handles, labels)
