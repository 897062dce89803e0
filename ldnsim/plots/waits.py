"""How long to wait between an opioid and naltrexone: both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad
from ..units import HOURS_PER_DAY
from . import legends, read, style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LABEL = ("#f4e3c1", "#4d4126")  # window of the label, on light paper and on dark; grey is the night
_LOOKS = {"peripheral": 0, "brain": 1}
_AFTER = 1.3  # the axis shows this much more than the longest wait


def washout(
    ds: xr.Dataset,
    back: xr.Dataset | None = None,
    ax: Axes | Sequence[Axes] | np.ndarray | None = None,
    *,
    width: float | None = None,
) -> tuple[Figure, np.ndarray]:
    """Draw what `washout` found: an opioid before naltrexone, naltrexone before an opioid, or both.

    Parameters
    ----------
    ds : xarray.Dataset
        Result of `washout` in either direction. After an opioid: the share of draws that tolerate the first
        dose of naltrexone, with the window of the label shaded. After naltrexone: the factor by which the
        opioid's dose would have to be multiplied.
    back : xarray.Dataset, optional
        Result for the other direction, drawn below.
    ax : Axes or sequence of Axes, optional
        Draw into these, one for each result, instead of into a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes an array of one or two. For research; not medical advice.

    Other Parameters
    ----------------
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError
        If these are no results of `washout`.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> model = ldn.load_model("ldn")
    >>> first = ldn.washout(model, "oxycodone", dose=30, days=10, draws=8)
    >>> then = ldn.washout(model, "oxycodone", dose=4.5, days=30, direction="ldn_to_opioid", draws=8)
    >>> fig, axes = ldn.plots.washout(first, then)
    >>> axes[0].get_xlabel()
    'Time since the last dose of oxycodone (days)'
    """
    check_kinds(washout, locals(), "ds", "back")
    width = style.wide(width)
    results = [read.dataset(ds)] + ([] if back is None else [read.dataset(back, "back")])
    for argument, one in zip(("ds", "back"), results, strict=False):
        if "wait" not in one or not {"tolerated", "dose_ratio"} & set(one.data_vars):
            raise bad(
                argument, list(one.data_vars)[:6], "is no result of washout", "ldn.washout(model, drug, ...)"
            )
    with style.house():
        fig, axes = style.panels(len(results), 1, width=width, row_height=40.0, ax=ax)
        for axis, one in zip(axes[:, 0], results, strict=True):
            (_after_opioid if "tolerated" in one else _after_naltrexone)(axis, one)
            legends.above(axis)
    return fig, axes[:, 0]


def _after_opioid(axis, ds: xr.Dataset) -> None:
    after = ds["after"].values / HOURS_PER_DAY
    axis.plot(after, 100 * ds["tolerated"].values, label="first dose tolerated", **style.line(0))
    label = [float(d) for d in str(ds.attrs["label_days"]).split("-")]
    told = f"label: {label[0]:g} to {label[1]:g} days"
    axis.axvspan(*label, color=style.on_paper(*_LABEL), linewidth=0, zorder=-5, label=told)
    longest = _wait(axis, ds, after[-1], "wait", 50.0)
    axis.set(ylim=(0, 104), xlim=(0, _AFTER * max(longest, label[1])))
    axis.set_ylabel(f"Draws that tolerate\n{ds.attrs['first_dose']:g} mg naltrexone (%)")
    axis.set_xlabel(f"Time since the last dose of {ds.attrs['drug']} (days)")


def _after_naltrexone(axis, ds: xr.Dataset) -> None:
    after = ds["after"].values / HOURS_PER_DAY
    top = 1.0
    for site in map(str, ds["site"].values):
        low, middle, high = (
            ds["dose_ratio"].sel(site=site, quantile=q).values for q in ("low", "median", "high")
        )
        k = _LOOKS.get(site, 2)
        axis.plot(after, middle, label=f"{site} receptors", **style.line(k))
        axis.fill_between(after, low, high, color=style.colour(k), alpha=0.2, linewidth=0)
        top = max(top, float(np.fmax(high, middle).max()))
    longest = _wait(axis, ds, after[-1], "90 % of the effect is back")
    axis.set_yscale("log")
    axis.set_ylim(0.9, top * 1.5)
    style.plain_ticks(axis.yaxis, 0.9, top * 1.5)
    axis.set_xlim(0, max(_AFTER * longest, 1.0))
    axis.set_ylabel(f"Factor on the dose of\n{ds.attrs['drug']} (times)")
    axis.set_xlabel(f"Time since the last dose of {ds.attrs['dose']:g} mg naltrexone (days)")


def _wait(axis, ds: xr.Dataset, end: float, what: str, height: float | None = None) -> float:
    """Mark the wait and its 90 % interval (days); beyond what was watched it ends in an arrow. Return where it ends.

    At `height` of the axis where that means something, else as a line through the panel between two thin ones.
    """
    low, middle, high = (min(float(ds[n]) / HOURS_PER_DAY, end) for n in ("wait_low", "wait", "wait_high"))
    known = np.isfinite([low, high]).all()  # not of few draws
    look = {"color": style.ink(), "zorder": 5}
    mark = {"marker": "D", "markersize": 3.5, "gid": "wait", "label": f"{what}: median{', 90 % interval' if known else ''}"}
    if height is None:
        look["transform"], height = axis.get_xaxis_transform(), 0.0
        for place, wide in ((low, 0.6), (middle, 1.0), (high, 0.6)) if known else ((middle, 1.0),):
            axis.axvline(place, linewidth=wide, color=style.ink(), linestyle=(0, (1.5, 1.5)), zorder=4)
        mark |= {"clip_on": False}
    elif known:
        axis.plot([low, high], [height, height], linewidth=1.0, marker="|", markersize=4, **look)
    if np.isinf(float(ds["wait_high"])):
        axis.plot([high], [height], marker=">", markersize=4, linestyle="none", **look)
    axis.plot([middle], [height], linestyle="none", **mark, **look)
    return high if known else middle
