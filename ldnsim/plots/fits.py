"""Figures of a fit: goodness of fit, visual predictive check, individual curves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import bad, in_short, one_of
from . import legends, read, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DOT = 2.2  # pt
_PANELS = (("PRED", "DV"), ("IPRED", "DV"), ("TIME", "CWRES"), ("PRED", "CWRES"))
_WORDS = {
    "PRED": "PRED ({})",
    "IPRED": "IPRED ({})",
    "DV": "Measured ({})",
    "TIME": "Time (h)",
    "CWRES": "Residual (sd)",
}


def gof(fit: Any, *, width: float | None = None) -> tuple[Figure, np.ndarray]:
    """Draw what was measured against predictions, and residuals against time and prediction.

    Parameters
    ----------
    fit : Fit
        Result of `ldnsim.fit`, or its table ``fit.predictions``.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes an array of shape (2, 2).

    Other Parameters
    ----------------
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> text = "model one; A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V; end"
    >>> rows = [{"ID": 1, "TIME": 0, "AMT": 300}] + [
    ...     {"ID": 1, "TIME": t, "DV": v} for t, v in ((1, 9.3), (4, 7.2), (12, 3.4), (24, 1.3))
    ... ]
    >>> f = ldn.fit(ldn.Model.from_antimony(text), ldn.read_data(rows), "Cp", cmt="A",
    ...             estimate=["CL", "V"], iiv=[], error="proportional")
    >>> fig, axes = ldn.plots.gof(f)
    >>> axes.shape
    (2, 2)
    """
    width = style.wide(width)
    table = _table(fit)
    unit = _unit(table, None)
    seen = table[table["CWRES"].notna()]
    if not len(seen):
        raise bad("fit", "predictions", "holds no measurement above the limit of quantification")
    with style.house():
        fig, axes = style.panels(2, 2, width=width, row_height=0.4 * width)
        for ax, (x, y) in zip(axes.ravel(), _PANELS, strict=True):
            ax.plot(seen[x], seen[y], "o", ms=_DOT, color=style.colour(0), alpha=0.6, mew=0)
            _guide(ax, seen, x, y)
            for told, name, room in ((ax.set_xlabel, x, 0.36 * width), (ax.set_ylabel, y, 0.3 * width)):
                told(_label(name, unit, room))
    return fig, axes


def _label(name: str, unit: str, room: float) -> str:
    """Word an axis in lines of at most `room` (mm)."""
    word, _, beside = _WORDS[name].partition(" ")
    return "\n".join(style.wrapped([word, beside.format(unit)], style.points("axes.labelsize"), room))


def _guide(ax: Axes, seen: pd.DataFrame, x: str, y: str) -> None:
    """Draw the line on which dots would lie, or about which residuals would."""
    if y == "DV":
        ends = [min(seen[x].min(), seen[y].min()), max(seen[x].max(), seen[y].max())]
        ax.plot(ends, ends, color=style.level(), lw=0.8, zorder=0)
        return
    ax.axhline(0.0, color=style.level(), lw=0.8, zorder=0)
    for end in (-1.96, 1.96):
        ax.axhline(end, color=style.level(), lw=0.6, ls=(0, (3, 2)), zorder=0)
    most = 1.15 * max(2.5, float(seen[y].abs().max()))
    ax.set_ylim(-most, most)


def vpc(
    fit: Any,
    ax: Axes | None = None,
    *,
    bins: int | None = None,
    corrected: bool = True,
    sets: int = 300,
    seed: int = 0,
    variable: str | None = None,
    width: float | None = None,
) -> tuple[Figure, Axes]:
    """Draw measured quantiles over the 90 % ranges of those of simulated data sets.

    Parameters
    ----------
    fit : Fit
        Result of `ldnsim.fit`.
    ax : Axes, optional
        Draw here instead of in a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes one Axes.

    Other Parameters
    ----------------
    bins : int, optional
        Number of bins over the time since the last dose; by default as many as hold eight measurements each.
    corrected : bool, optional
        Whether measurements are brought to the middle prediction of their bin.
    sets : int, optional
        Simulated data sets.
    seed : int, optional
        Of these.
    variable : str, optional
        Which variable, where several were measured; by default the first.
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> text = "model one; A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V; end"
    >>> rows = [{"ID": 1, "TIME": 0, "AMT": 300}] + [
    ...     {"ID": 1, "TIME": t, "DV": v} for t, v in ((1, 9.3), (4, 7.2), (12, 3.4), (24, 1.3))
    ... ]
    >>> f = ldn.fit(ldn.Model.from_antimony(text), ldn.read_data(rows), "Cp", cmt="A",
    ...             estimate=["CL", "V"], iiv=[], error="proportional")
    >>> fig, axis = ldn.plots.vpc(f, sets=50, bins=2)
    >>> axis.get_xlabel()
    'Time since the last dose (h)'
    """
    width = style.wide(width)
    table = _a_fit(fit).visual_check(bins=bins, corrected=corrected, sets=sets, seed=seed)
    names = list(dict.fromkeys(table["variable"]))
    variable = names[0] if variable is None else variable
    one_of("variable", variable, names)
    table = table[table["variable"] == variable]
    with style.house():
        fig, axes = style.panels(1, 1, width=width, row_height=0.7 * width, ax=ax)
        axis = axes[0, 0]
        for q, rows in table.groupby("quantile"):
            middle = q == 0.5
            shade = style.colour(1 if middle else 0)
            low = rows["low"].where(rows["low"].notna() | rows["high"].isna(), 0.0)  # below the limit
            axis.fill_between(rows["time"], low, rows["high"], color=shade, alpha=0.3, lw=0,
                            label="simulated median" if middle else "simulated 5 and 95 %" if q < 0.5 else None)  # fmt: skip
            axis.plot(rows["time"], rows["observed"], color=style.ink(), lw=1.0, marker="o", ms=_DOT,
                    ls="-" if middle else (0, (3, 2)), label="measured" if middle else None)  # fmt: skip
        axis.set_xlabel("Time since the last dose (h)")
        words = f"{read.SHORT.get(variable, variable)} ({_unit(table, variable)})"
        axis.set_ylabel(words + ("\nat the middle prediction" if corrected else ""))
        axis.set_ylim(bottom=min(0.0, axis.get_ylim()[0]))
        legends.above(axis)
    return fig, axis


def individual_fits(
    fit: Any, *, most: int = 12, variable: str | None = None, width: float | None = None
) -> tuple[Figure, np.ndarray]:
    """Draw the samples of each subject with the curves of the typical and of the own parameters.

    Parameters
    ----------
    fit : Fit
        Result of `ldnsim.fit`.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes an array with one Axes a subject.

    Other Parameters
    ----------------
    most : int, optional
        How many subjects, from the first.
    variable : str, optional
        Which variable, where several were measured; by default the first.
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> text = "model one; A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V; end"
    >>> rows = [{"ID": 1, "TIME": 0, "AMT": 300}] + [
    ...     {"ID": 1, "TIME": t, "DV": v} for t, v in ((1, 9.3), (4, 7.2), (12, 3.4), (24, 1.3))
    ... ]
    >>> f = ldn.fit(ldn.Model.from_antimony(text), ldn.read_data(rows), "Cp", cmt="A",
    ...             estimate=["CL", "V"], iiv=[], error="proportional")
    >>> fig, axes = ldn.plots.individual_fits(f)
    >>> axes.size
    1
    """
    width = style.wide(width)
    import matplotlib.pyplot as plt

    lines = _a_fit(fit).curves(most=most)
    names = list(dict.fromkeys(lines["variable"]))
    variable = names[0] if variable is None else variable
    one_of("variable", variable, names)
    lines = lines[lines["variable"] == variable]
    seen = fit.measured(variable)
    people = list(dict.fromkeys(lines["ID"]))
    columns = min(3 if width < 1.5 * style.COLUMN else 4, len(people))
    n_rows = math.ceil(len(people) / columns)
    with style.house():
        size = (width / style.INCH, (n_rows * 26.0 + 16.0) / style.INCH)
        fig, axes = plt.subplots(
            n_rows, columns, figsize=size, sharey=True, squeeze=False, layout="constrained"
        )
        for ax, who in zip(axes.ravel(), people, strict=False):
            _one(ax, who, lines[lines["ID"] == who], seen[seen["ID"] == who])
        for ax in axes.ravel()[len(people) :]:
            ax.set_axis_off()
        axes[0, 0].set_ylim(bottom=0.0)
        fig.supxlabel("Time (h)", fontsize=7)
        fig.supylabel(f"{read.SHORT.get(variable, variable)} ({_unit(lines, variable)})", fontsize=7)
        handles, labels = axes[0, 0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside upper center", ncols=4)
    return fig, axes.ravel()[: len(people)]


def _one(ax: Axes, who: Any, lines: pd.DataFrame, seen: pd.DataFrame) -> None:
    ax.plot(lines["TIME"], lines["PRED"], color=style.level(), lw=0.8, ls=(0, (3, 2)), label="typical")
    ax.plot(lines["TIME"], lines["IPRED"], color=style.colour(0), label="individual")
    if "LOW" in lines:
        ax.fill_between(lines["TIME"], lines["LOW"], lines["HIGH"], color=style.colour(0), alpha=0.25, lw=0,
                        label="90 %")  # fmt: skip
    live = seen["CENS"] == 0
    ax.plot(seen["TIME"][live], seen["DV"][live], "o", ms=_DOT, color=style.ink(), mew=0, label="measured")
    below = seen[~live]
    ax.plot(below["TIME"], below["LLOQ"], "v", ms=_DOT + 1, mfc="none", mec=style.ink(), mew=0.6)
    ax.set_title(str(who), pad=2)


def _unit(table: pd.DataFrame, variable: str | None) -> str:
    """Return the unit of a variable, or that of all; in words where there is none."""
    units = table.attrs.get("units", {})
    found = {units.get(variable, "")} if variable is not None else set(units.values())
    return (found.pop() if len(found) == 1 else "") or "unit of the data"


def _a_fit(fit: Any) -> Any:
    """Return a fit, or refuse what is none."""
    if not callable(getattr(fit, "visual_check", None)) or isinstance(fit, type):
        raise bad("fit", in_short(fit), "must be a Fit", "ldnsim.fit(model, data, ...)")
    return fit


def _table(fit: Any) -> pd.DataFrame:
    """Predictions of a fit, or a table of them."""
    table = getattr(fit, "predictions", fit)
    missing = [c for c in ("DV", "TIME", "PRED", "IPRED", "CWRES") if c not in getattr(table, "columns", ())]
    if missing:
        raise bad(
            "fit", type(fit).__name__, f"lacks {', '.join(missing)}", "ldnsim.plots.gof(ldnsim.fit(...))"
        )
    return table
