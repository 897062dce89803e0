"""Figures of the qualification report: predictions against measurements, rivals against PET, robustness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..plots import style

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

_MARKS = {
    "calibration": ("o", "fitted"),
    "validation": ("D", "never seen"),
    "context": ("x", "contradicts the rest"),
}
_LOGARITHMIC = ("Cmax", "AUC", "half-life", "tmax", "depot level", "endotoxin")


def scatter(table: pd.DataFrame, *, width: float = style.COLUMN):
    """Draw predicted against observed on logarithmic axes, with the two-fold lines.

    Parameters
    ----------
    table : DataFrame
        From `qualify`.
    width : float, optional
        Width of the figure (mm).

    Returns
    -------
    tuple
        ``(figure, axes)``.
    """
    rows = table[table["endpoint"].isin(_LOGARITHMIC)]
    with style.house():
        fig, axes = style.panels(1, 1, width=width, row_height=70.0)
        axis = axes[0, 0]
        ends = np.array([rows[["observed", "predicted"]].min().min() / 2, rows["observed"].max() * 2])
        for fold, dashes in ((1, "-"), (2, "--"), (0.5, "--")):
            axis.plot(ends, ends * fold, color=style.LINE_COLOUR, linewidth=0.7, linestyle=dashes, zorder=0)
        for k, (use, (mark, label)) in enumerate(_MARKS.items()):
            part = rows[rows["use"] == use]
            spread = np.abs(part[["low", "high"]].to_numpy().T - part["predicted"].to_numpy())
            axis.errorbar(
                part["observed"],
                part["predicted"],
                yerr=None if np.isnan(spread).any() else spread,
                fmt=mark,
                markersize=3.5,
                linewidth=0.7,
                color=style.colour(k),
                label=label,
            )
        axis.set(xscale="log", yscale="log", xlim=ends, ylim=ends)
        axis.set_xlabel("Observed (ng/mL, ng/mL·h, h, pg/mL)")
        axis.set_ylabel("Predicted, 90 % interval")
        style.legend_above(axis)
    return fig, axis


def pet(scans: pd.DataFrame, courses: xr.DataArray, *, width: float = 2 * style.COLUMN):
    """Draw the scans with the model, its readings and its rivals: by dose at 4 h, a week after 50 mg.

    Parameters
    ----------
    scans : DataFrame
        From `against_pet`.
    courses : DataArray
        From `rivals` at 50 mg.
    width : float, optional
        Width of the figure (mm).

    Returns
    -------
    tuple
        ``(figure, axes)``, two Axes.
    """
    early = scans[(scans["drug"] == "naltrexone") & ~scans["relative"]]
    late = scans[(scans["drug"] == "naltrexone") & scans["relative"]]
    names = [str(n) for n in courses["rival"].values]
    with style.house():
        fig, axes = style.panels(1, 2, width=width, row_height=58.0)
        left, right = axes[0]
        for k, name in enumerate(names):
            by_dose = early.groupby("dose")[name].mean()
            left.plot(by_dose.index, by_dose, label=name, **style.line(k))
            course = courses.sel(rival=name)
            course = course / course.sel(time=1.0) * 100 if name != "primer" else course * np.nan
            right.plot(course["time"], course, **style.line(k))
        left.plot(early["dose"], early["observed"], "o", color="black", markersize=4, label="scan")
        right.plot(late["hour"], late["observed"], "o", color="black", markersize=4)
        left.set(xscale="log", ylim=(0, 105), xlabel="Dose (mg), scan before 8 h")
        left.set_ylabel("Brain mu occupancy (%)")
        left.set_xticks(
            sorted(set(early["dose"])), [f"{d:g}" for d in sorted(set(early["dose"]))], minor=False
        )
        left.minorticks_off()
        right.set(xlim=(0, 168), ylim=(0, 130), xlabel="Hours after 50 mg")
        right.set_ylabel("Occupancy, % of 1 h")
        fig.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=len(names) + 1)
    return fig, axes[0]


def map_of(table: pd.DataFrame, *, width: float = style.COLUMN):
    """Draw the share of prior and posterior under which each element of the story holds.

    Parameters
    ----------
    table : DataFrame
        From `robustness`.
    width : float, optional
        Width of the figure (mm).

    Returns
    -------
    tuple
        ``(figure, axes)``.
    """
    with style.house():
        fig, axes = style.panels(1, 1, width=2 * width, row_height=6.0 + 4.6 * len(table))
        axis, rows = axes[0, 0], np.arange(len(table))
        low, high = table[["prior", "posterior"]].min(axis=1), table[["prior", "posterior"]].max(axis=1)
        axis.hlines(rows, 100 * low, 100 * high, color="#cccccc")
        axis.plot(100 * table["prior"], rows, "o", fillstyle="none", color=style.colour(0), label="prior")
        axis.plot(100 * table["posterior"], rows, "o", color=style.colour(1), markersize=3, label="posterior")
        axis.set_yticks(rows, [f"{dose:g} mg: {sentence}" for sentence, dose in table.index])
        axis.invert_yaxis()
        axis.set(xlim=(-2, 102), xlabel="Share of draws (%)")
        axis.axvline(50, color=style.LINE_COLOUR, linewidth=0.5)
        style.legend_above(axis)
    return fig, axis
