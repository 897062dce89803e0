"""The best trades between two metrics, and what they beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..door import check_kinds
from ..errors import a_list, bad
from ..units import unit_shown
from . import legends, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Front(Protocol):
    """What is drawn of a search: the front, and every regimen that was tried."""

    @property
    def table(self) -> pd.DataFrame:
        """Best trades, one row a regimen."""

    @property
    def candidates(self) -> pd.DataFrame:
        """All that were tried, one row a regimen."""


_LABELLED = 6  # regimens of the front that are named, if there is room


def pareto(
    found: Front | pd.DataFrame,
    candidates: pd.DataFrame | None = None,
    ax: Axes | None = None,
    *,
    goals: tuple[str, str] | None = None,
    width: float | None = None,
) -> tuple[Figure, Axes]:
    """Draw the front of two goals with the regimens on it, and faint what they beat.

    Parameters
    ----------
    found : Optimum or pandas.DataFrame
        From `optimize` with two goals, or the table of its front.
    candidates : pandas.DataFrame, optional
        All regimens that were tried; by default those of `found`.
    ax : Axes, optional
        Draw here instead of in a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes one Axes.

    Other Parameters
    ----------------
    goals : tuple of str, optional
        The two metrics, by default those of the search.
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError
        If there are not two goals.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> few = {"days": 3, "candidates": 8, "generations": 3}
    >>> goals = {"change_il6": "min", "hours_blocked_peripheral": "min"}
    >>> found = ldn.optimize(ldn.load_model("ldn"), goals, {"dose": (0.5, 6)}, **few)
    >>> fig, axis = ldn.plots.pareto(found)
    >>> len(axis.get_lines()[0].get_xdata()) == len(found.table)
    True
    """
    check_kinds(pareto, locals(), "found", "goals")
    width = style.wide(width)
    table: pd.DataFrame = getattr(found, "table", found)
    if not hasattr(table, "columns"):
        raise bad("found", type(found).__name__, "must be the result of optimize, or its table")
    told = dict(table.attrs.get("goals", {}))
    if goals is None and not told:
        raise bad("found", type(found).__name__, "does not tell its two goals", "name them with goals=")
    x, y = _two(table, list(told) if goals is None else goals)
    if candidates is None:
        candidates = getattr(found, "candidates", None)
    if candidates is not None:
        _has("candidates", candidates, (x, y))
    with style.house():
        fig, axes = style.panels(1, 1, width=width, row_height=48.0, ax=ax)
        axis = axes[0, 0]
        front = table.sort_values([x, y])
        axis.plot(
            front[x], front[y], marker="o", markersize=4, label="best trades", drawstyle="default",
            zorder=3, **style.line(0),
        )  # fmt: skip
        if candidates is not None:
            _others(axis, candidates, x, y)
        for name, set_label in ((x, axis.set_xlabel), (y, axis.set_ylabel)):
            set_label(_label(table, name, told.get(name)))
        axis.margins(0.1)
        legends.above(axis)
        style.keep_apart(fig, _named(axis, front, x, y))
    return fig, axis


def _two(table, goals: Sequence[str]) -> tuple[str, str]:
    remedy = "optimize(model, {'a': 'max', 'b': 'min'}, ...)"
    if len(a_list("goals", goals, "two metrics", kinds=str, remedy=remedy)) != 2:
        raise bad("goals", goals, "must be two metrics", remedy)
    _has("goals", table, goals)
    return goals[0], goals[1]


def _has(argument: str, table, names: Sequence[str]) -> None:
    for name in names:
        if name not in table.columns:
            raise bad(argument, name, f"is no column of the table: {', '.join(map(str, table.columns))}")


def _others(axis, candidates, x: str, y: str) -> None:
    kept = candidates["feasible"].astype(bool) if "feasible" in candidates else np.ones(len(candidates), bool)
    for part, mark, label in ((kept, ".", "beaten"), (~kept, "x", "breaks a constraint")):
        some = candidates[part]
        if len(some):
            look = {"markersize": 3, "color": "#9a9a9a", "alpha": 0.7, "zorder": 1, "linestyle": "none"}
            axis.plot(some[x], some[y], marker=mark, label=label, gid="beaten", **look)


def _label(table, name: str, way: str | None) -> str:
    unit = table.attrs.get("units", {}).get(name, "")
    wanted = {"max": "more is better", "min": "less is better"}.get(way or "", "")
    inside = ", ".join(t for t in (unit_shown(unit), wanted) if t)
    words = table.attrs.get("long_names", {}).get(name, name.replace("_", " "))
    return f"{words}\n({inside})" if inside else words


def _named(axis, front, x: str, y: str) -> list:
    """Say what some regimens of the front are: its ends first, then evenly between."""
    order = [0, len(front) - 1, *np.linspace(0, len(front) - 1, _LABELLED).round().astype(int).tolist()]
    varied = list(front.columns[: list(front.columns).index(x)]) if x in front else []
    varied = [c for c in varied if c != y]
    texts = []
    rising = front[y].iloc[-1] > front[y].iloc[0]
    for i in dict.fromkeys(order):
        row = front.iloc[i]
        words = ", ".join(f"{row[c]:.3g} mg" if c == "dose" else f"{row[c]}" for c in varied)
        side = "right" if i == len(front) - 1 and len(front) > 1 else "left"
        above = rising == (side == "right")  # on the side that the front leaves free
        shift = (-4 if side == "right" else 4, 3 if above else -3)
        texts.append(
            axis.annotate(
                words,
                (row[x], row[y]),
                shift,
                textcoords="offset points",
                ha=side,
                va="bottom" if above else "top",
                fontsize=style.small(),
            )
        )
    return texts
