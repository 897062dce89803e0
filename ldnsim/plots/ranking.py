"""What matters most: bars of what each parameter does to a metric, and how firmly each claim holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad, finite
from ..units import unit_shown
from . import legends, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_SENTENCE = 0.46  # share of the width for sentences
_BETWEEN = 1.3  # mm between two of them


def tornado(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    low: str = "low",
    high: str = "high",
    baseline: float | None = None,
    label: str | None = None,
    most: int = 15,
    width: float | None = None,
) -> tuple[Figure, Axes]:
    """Draw one bar a parameter, the longest on top: the metric at its low and at its high value.

    Parameters
    ----------
    table : pandas.DataFrame
        Indexed by parameter, with the metric at the parameter's low and high value in two columns.
        ``table.attrs`` may give ``baseline``, ``metric`` or ``label`` and ``units``, and in ``names`` what each
        parameter is.
    ax : Axes, optional
        Draw here instead of in a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes one Axes.

    Other Parameters
    ----------------
    low, high : str, optional
        Names of the two columns.
    baseline : float, optional
        The metric at the nominal values; the bars start there. 0 where it is not told.
    label : str, optional
        Label of the axis, with the unit.
    most : int, optional
        Draw at most so many parameters.
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError
        If `table` is no DataFrame with these columns, or holds no finite row.

    Examples
    --------
    >>> import pandas as pd
    >>> import ldnsim as ldn
    >>> table = pd.DataFrame({"low": [0.8, 1.3], "high": [1.4, 0.9]}, index=["ke0", "CL_ntx"])
    >>> fig, axis = ldn.plots.tornado(table, baseline=1.1, label="rebound peak (fold of baseline)")
    >>> [tick.get_text() for tick in axis.get_yticklabels()]
    ['ke0', 'CL_ntx']
    """
    check_kinds(tornado, locals(), "table")
    width = style.wide(width)
    below, above, names = _columns(table, low, high)
    base = float(table.attrs.get("baseline", 0.0)) if baseline is None else finite("baseline", baseline)
    reach = np.maximum(np.abs(below - base), np.abs(above - base))
    order = np.argsort(-reach, kind="stable")[: max(int(most), 1)]
    with style.house():
        letters = style.points("ytick.labelsize")
        words = [_in_words(table, names[i], letters, width) for i in order]
        rows, tall = _rows(words, letters)
        fig, axes = style.panels(1, 1, width=width, row_height=6.0 + tall, ax=ax)
        axis = axes[0, 0]
        for values, name, k, hatch in (
            (below, "low", 0, ""),
            (above, "high", 1, "//////"),
        ):
            axis.barh(
                rows,
                values[order] - base,
                left=base,
                height=0.7 * letters * 1.3 * style.POINT,
                label=name,
                facecolor=style.colour(k),
                edgecolor=style.paper(),
                hatch=hatch,
                linewidth=0.3,
            )
        axis.axvline(base, color=style.level(), linewidth=0.7)
        axis.set_yticks(rows, words)
        axis.tick_params(axis="y", length=0)
        axis.set_ylim(tall + 1.0, -1.0)
        below_axis = style.points("axes.labelsize"), 0.4 * width
        axis.set_xlabel("\n".join(style.wrapped((label or _label(table)).split(), *below_axis)))
        axis.set_ylabel("Parameter")
        legends.above(axis)
    return fig, axis


def robustness(
    table: pd.DataFrame, ax: Axes | None = None, *, width: float | None = None
) -> tuple[Figure, Axes]:
    r"""Draw the share of prior and of posterior draws under which each element of the story holds.

    Parameters
    ----------
    table : pandas.DataFrame
        From `robustness`: indexed by (sentence, dose), with the columns ``prior`` and ``posterior``.
    ax : Axes, optional
        Draw here instead of in a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes one Axes.

    Other Parameters
    ----------------
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError
        If `table` is none of `robustness`.

    Examples
    --------
    >>> import pandas as pd
    >>> import ldnsim as ldn
    >>> index = pd.MultiIndex.from_tuples([("tone rises within the day", 4.5)])
    >>> table = pd.DataFrame({"prior": [0.4], "posterior": [0.2]}, index=index)
    >>> fig, axis = ldn.plots.robustness(table)
    >>> axis.get_xlabel()
    'Share of draws (%),\ndotted: half of them'
    """
    check_kinds(robustness, locals(), "table")
    width = style.wide(width)
    if not hasattr(table, "columns") or not {"prior", "posterior"} <= set(table.columns):
        raise bad("table", type(table).__name__, "must be the table of robustness", "ldn.robustness(model)")
    shares = 100 * table[["prior", "posterior"]]
    with style.house():
        letters = style.points("ytick.labelsize")
        names = [
            "\n".join(style.wrapped([f"{dose:g} mg:", *str(sentence).split()], letters, _SENTENCE * width))
            for sentence, dose in table.index
        ]
        rows, high = _rows(names, letters)
        fig, axes = style.panels(1, 1, width=width, row_height=6.0 + high, ax=ax)
        axis = axes[0, 0]
        axis.hlines(rows, shares.min(axis=1), shares.max(axis=1), color=style.on_paper("#cccccc", "#666666"))
        axis.plot(shares["prior"], rows, "o", fillstyle="none", color=style.colour(0), label="prior")
        axis.plot(shares["posterior"], rows, "o", color=style.colour(1), markersize=3, label="posterior")
        axis.set_yticks(rows, names)
        axis.set_ylim(-1.5, high + 1.5)
        axis.invert_yaxis()
        axis.set(xlim=(-2, 102), xlabel="Share of draws (%),\ndotted: half of them")
        axis.axvline(50, color=style.level(), linewidth=0.7, linestyle=":")
        legends.above(axis)
    return fig, axis


def _rows(names: list[str], letters: float) -> tuple[np.ndarray, float]:
    """Middle of each row of words (mm from the top) and the height of all."""
    line = letters * 1.3 * style.POINT
    high = np.array([(name.count("\n") + 1) * line + _BETWEEN for name in names])
    return np.cumsum(high) - high / 2, float(high.sum())


def _label(table) -> str:
    unit = unit_shown(table.attrs.get("units"))
    named = str(table.attrs.get("label") or table.attrs.get("metric", "metric"))
    return f"{named} ({unit})" if unit else named


def _in_words(table, name: str, letters: float, width: float) -> str:
    """Write what a parameter is, as far as its description goes before it explains, and its id."""
    told = str(table.attrs.get("names", {}).get(name) or "")
    first = re.split(r" \(|[:;,]", told)[0]
    return (
        "\n".join(style.wrapped([*first.split(), f"({name})"], letters, _SENTENCE * width)) if first else name
    )


def _columns(table, low, high):
    if not hasattr(table, "columns"):
        raise bad("table", type(table).__name__, "must be a pandas DataFrame")
    for column in (low, high):
        if column not in table.columns:
            raise bad(
                "table",
                list(table.columns),
                f"has no column {column!r}",
                "name the columns with low= and high=",
            )
    below, above = table[low].to_numpy(float), table[high].to_numpy(float)
    finite = np.isfinite(below) & np.isfinite(above)
    if not finite.any():
        raise bad("table", f"{len(table)} rows", "has no row with finite values")
    return below[finite], above[finite], [str(n) for n in table.index[finite]]
