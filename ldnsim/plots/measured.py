"""Predictions against measurements: the whole qualification, and brain receptors against PET."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad
from ..units import HOURS_PER_DAY
from . import legends, style

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANELS = {"Fitted": ("calibration",), "Never seen by the fit": ("validation", "context")}
_MARKS = {
    "calibration": ("o", "fitted"),
    "validation": ("D", "never seen"),
    "context": ("x", "contradicts the rest"),
}
_KINDS = {
    "Cmax": "peak",
    "AUC": "area",
    "half-life": "half-life",
    "tmax": "time of peak",
    "depot level": "depot level",
    "endotoxin": "endotoxin",
}  # what is drawn, each in its own unit, which a ratio does not have
_FOLD = 2.0
_ROW, _SPREAD = 7.5, 0.38  # mm for one kind, and how much of it its points take to either side
_AROUND = 24.0  # mm above and below the panels: legend, titles, labels
_SCAN = 4.0  # h: when a scan "before 8 h" is taken to be


def qualification(
    table: pd.DataFrame, ax: Axes | Sequence[Axes] | np.ndarray | None = None, *, width: float | None = None
) -> tuple[Figure, np.ndarray]:
    """Draw predicted by observed for each kind of measurement, what was fitted apart from what was not.

    Parameters
    ----------
    table : pandas.DataFrame
        From `qualify`. Drawn are concentrations, areas, half-lives and times of peaks.
    ax : sequence of Axes, optional
        Draw into these two instead of into a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes an array of two: fitted rows, rows that the fit never saw. The solid line is
        equality, dashed are the two-fold lines; bars are the 90 % interval of the prediction; crosses are
        measurements that contradict the rest. A ratio has no unit, so that all kinds share the axis.

    Other Parameters
    ----------------
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError
        If `table` is none of `qualify`.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> fig, axes = ldn.plots.qualification(ldn.qualify(ldn.load_model("ldn"), n=0))
    >>> [axis.get_title() for axis in axes]
    ['Fitted', 'Never seen by the fit']
    """
    check_kinds(qualification, locals(), "table")
    width = style.wide(width)
    wanted = {"use", "endpoint", "observed", "predicted", "low", "high"}
    if not hasattr(table, "columns") or not wanted <= set(table.columns):
        raise bad("table", type(table).__name__, "must be the table of qualify", "ldn.qualify(model)")
    rows = table[table["endpoint"].isin(_KINDS)]
    if rows.empty:
        raise bad("table", sorted(set(table["endpoint"])), f"holds none of {', '.join(_KINDS)}")
    kinds = [kind for kind in _KINDS if (rows["endpoint"] == kind).any()]
    ratios = rows[["predicted", "low", "high"]].div(rows["observed"], axis=0).to_numpy(float)
    most = 1.1 * max(_FOLD, float(np.nanmax(ratios)), 1 / float(np.nanmin(ratios)))
    with style.house():
        fig, axes = style.panels(1, 2, width=width, row_height=_ROW * len(kinds), margin=_AROUND, ax=ax)
        for axis, (title, uses) in zip(axes[0], _PANELS.items(), strict=True):
            part = rows[rows["use"].isin(uses)]
            _folds(axis, most, axis is axes[0, 0])
            for k, use in enumerate(uses):
                _points(axis, part, _heights(part, kinds), use, k)
            axis.set_yticks(range(len(kinds)), [_KINDS[kind] for kind in kinds])
            axis.set_ylim(len(kinds) - 0.5, -0.5)
            axis.tick_params(axis="y", length=0)
            axis.set_title(title, pad=3)
            axis.set_xlabel("Predicted by observed\n(times, 90 % interval)")
        if ax is None:
            axes[0, 1].tick_params(labelleft=False)
            legends.of_figure(fig, axes[0], width)
    return fig, axes[0]


def _folds(axis, most: float, told: bool) -> None:
    """Lay out the axis of ratios, with lines at equality and at two-fold."""
    axis.set(xscale="log", xlim=(1 / most, most))
    for fold, dashes, name in ((1, "-", None), (_FOLD, "--", "two-fold"), (1 / _FOLD, "--", None)):
        look = {"color": style.level(), "linewidth": 0.7, "linestyle": dashes, "zorder": 0, "gid": "fold"}
        axis.axvline(fold, label=name if told else None, **look)
    style.plain_ticks(axis.xaxis, 1 / most, most)


def _heights(part: pd.DataFrame, kinds: list[str]) -> np.ndarray:
    """Return the height of each measurement: those of one kind lie about its number, each at its own."""
    found = np.zeros(len(part))
    for k, kind in enumerate(kinds):
        own = (part["endpoint"] == kind).to_numpy()
        found[own] = k + _SPREAD * (np.linspace(-1, 1, own.sum()) if own.sum() > 1 else 0.0)
    return found


def _points(axis, part: pd.DataFrame, heights: np.ndarray, use: str, k: int) -> None:
    own = (part["use"] == use).to_numpy()
    if not own.any():
        return
    mark, label = _MARKS[use]
    told = part[own]
    observed = told["observed"].to_numpy(float)
    spread = np.abs(told[["low", "high"]].to_numpy(float).T - told["predicted"].to_numpy(float)) / observed
    axis.errorbar(
        told["predicted"] / observed, heights[own], xerr=None if np.isnan(spread).any() else spread, fmt=mark,
        markersize=3, linewidth=0.6, color=style.colour(k), markerfacecolor=style.paper(), label=label, gid=use,
    )  # fmt: skip


def occupancy(
    courses: xr.DataArray | Sequence[xr.DataArray],
    scans: pd.DataFrame,
    ax: Axes | Sequence[Axes] | np.ndarray | None = None,
    *,
    width: float | None = None,
) -> tuple[Figure, np.ndarray]:
    """Draw PET scans of brain receptors with the model and its rivals: by dose within 8 h, then over a week.

    Parameters
    ----------
    courses : DataArray or sequence of DataArray
        From `rivals`, one for each dose: ``[ldn.rivals(model, dose) for dose in (2, 5, 15, 50)]``. The one
        of the largest dose is drawn over time; several make the curve by dose.
    scans : pandas.DataFrame
        Published measurements: ``ldn.evidence()``.
    ax : sequence of Axes, optional
        Draw into these two instead of into a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes an array of two: occupancy (%) by dose, and over time relative to the scan at
        1 h (%), as the later scans were published, up to 150 %. A rival says nothing where it is not drawn.

    Other Parameters
    ----------------
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError
        If `courses` are none of `rivals`, or `scans` holds no such scan.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> model = ldn.load_model("ldn")
    >>> courses = [ldn.rivals(model, dose) for dose in (5, 50)]
    >>> fig, axes = ldn.plots.occupancy(courses, ldn.evidence())
    >>> axes[0].get_ylabel()
    'Brain μ receptors held (%)'
    """
    check_kinds(occupancy, locals(), "courses", "scans")
    width = style.wide(width)
    several = _by_dose(courses)
    early, late = _scans(scans)
    longest = several[-1]
    names = [str(n) for n in longest["rival"].values]
    style.check_lines(len(names), "courses", what="rival")
    with style.house():
        fig, axes = style.panels(2, 1, width=width, row_height=36.0, ax=ax)
        above, below = axes[:, 0]
        doses = np.array([float(c.attrs["dose"]) for c in several])
        for k, name in enumerate(names):
            held = [100 * float(c.sel(rival=name).interp(time=_SCAN)) for c in several]
            mark = {"marker": style.marker(k), "markersize": 2.5}
            own = {"linewidth": 2.0, "zorder": 4} if k == 0 else {}  # the model lies over its rivals
            above.plot(doses, held, label=_rival(longest, k), **style.line(k, **own), **mark)
            course = longest.sel(rival=name)
            first = float(course.sel(time=1.0, method="nearest"))
            share = 100 * course.values / first if np.isfinite(first) and np.isfinite(course[-1]) else None
            if share is not None:
                below.plot(course["time"].values / HOURS_PER_DAY, share, **style.line(k, **own))
        _scatter(above, early["dose"], early["observed"], None, "PET scan")
        _scatter(below, late["hour"] / HOURS_PER_DAY, late["observed"], late["spread"])
        _finish_by_dose(above, doses, early)
        below.set(xlim=(0, float(longest["time"][-1]) / HOURS_PER_DAY), ylim=(0, 150))
        below.set_xlabel(f"Time after {float(longest.attrs['dose']):g} mg (days)")
        below.set_ylabel("Relative to the scan\nat 1 h (%)")
        legends.of_figure(fig, [above], width) if ax is None else legends.above(above)
    return fig, axes[:, 0]


_READINGS = {
    "brain_plasma_driven": "follows plasma",
    "brain_retained": "retained pool",
    "brain_6bn_pool": "naltrexol retained",
    "brain_slow_dissociation": "slow binding",
}  # of PET, in the few words that a legend has room for


def _rival(longest: xr.DataArray, k: int) -> str:
    """Say in a legend what a rival is: its letter in the review with what it assumes, not its id."""
    name = str(longest["rival"].values[k])
    about = str(longest["about"].values[k]) if "about" in longest.coords else ""
    if k == 0:
        return "this model"
    if about in _READINGS:
        return f"{name.removeprefix('reading ')}: {_READINGS[about]}"
    return {"primer": "static curve", "nalmefene": "nalmefene's model"}.get(name, name)


def _by_dose(courses) -> list[xr.DataArray]:
    several = list(courses) if isinstance(courses, list | tuple) else [courses]
    if not several:
        raise bad("courses", several, "holds no course", "ldn.rivals(model, 50)")
    for one in several:
        if "rival" not in getattr(one, "dims", ()) or "dose" not in getattr(one, "attrs", {}):
            raise bad("courses", type(one).__name__, "must be the result of rivals", "ldn.rivals(model, 50)")
    return sorted(several, key=lambda c: float(c.attrs["dose"]))


def _finish_by_dose(axis, doses: np.ndarray, early: pd.DataFrame) -> None:
    axis.set_xscale("log")
    told = np.unique(np.concatenate([doses, early["dose"].to_numpy(float)]))
    axis.set_xlim(told[0] / 1.25, told[-1] * 1.25)
    axis.set_xticks(told, [f"{d:g}" for d in told])
    axis.minorticks_off()
    axis.set(ylim=(0, 104))
    axis.set_xlabel(f"Dose (mg), {_SCAN:g} h after it; scans before 8 h")
    axis.set_ylabel("Brain μ receptors held (%)")


def _scatter(axis, x, y, spread, label: str | None = None) -> None:
    axis.errorbar(
        x, y, yerr=spread, fmt="o", color=style.ink(), markersize=3.8, markerfacecolor=style.paper(), linewidth=0.8,
        label=label, zorder=5, gid="scans",
    )  # fmt: skip


def _scans(evidence: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read scans after single oral doses of naltrexone: within 8 h, and later ones relative to that at 1 h."""
    import pandas as pd

    needed = {"area", "quantity", "analyte", "target", "route", "dose_mg", "time_h", "value", "spread"}
    if not hasattr(evidence, "columns") or not needed <= set(evidence.columns):
        raise bad("scans", type(evidence).__name__, "must be the published measurements", "ldn.evidence()")
    told = evidence[(evidence["analyte"] == "naltrexone") & evidence["route"].eq("oral")]
    told = told[(told["area"] == "receptor") & told["target"].eq("mu")]
    early = told[told["quantity"] == "receptor_occupancy"]
    late = told[told["quantity"] == "occupancy_relative_to_1h_scan"]
    if early.empty and late.empty:
        raise bad("scans", f"{len(evidence)} rows", "holds no scan of brain receptors after oral naltrexone")
    number = {"dose": "dose_mg", "observed": "value", "spread": "spread"}
    parts = [
        pd.DataFrame({k: pd.to_numeric(p[c], errors="coerce") for k, c in number.items()})
        for p in (early, late)
    ]
    parts[1]["hour"] = pd.to_numeric(late["time_h"], errors="coerce")
    return parts[0], parts[1]
