"""Measurements as they came: each person's points over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.analytes import told_by
from ..errors import bad, in_short
from . import legends, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 48.0  # mm


def profiles(data: Any, ax: Axes | None = None, *, width: float | None = None) -> tuple[Figure, np.ndarray]:
    """Draw the measurements of a study on a logarithmic axis, a line a person, a panel each variable measured.

    Parameters
    ----------
    data : StudyData
        From `read_data`. What lies below the limit of quantification is an open triangle at the limit.
    ax : Axes or sequence of Axes, optional
        Draw into these, one a variable, instead of into a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes an array of one for each variable.

    Other Parameters
    ----------------
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError
        If `data` is none of `read_data`, or holds no measurement.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> data = ldn.read_data([{"ID": 7, "TIME": 0, "AMT": 50}, {"ID": 7, "TIME": 2, "DV": 8.1}])
    >>> fig, axes = ldn.plots.profiles(data)
    >>> axes[0].get_xlabel()
    'Time (h)'
    """
    width = style.wide(width)
    seen = getattr(data, "observations", None)
    if seen is None:
        raise bad("data", in_short(data), "must be the data of a study", "ldn.read_data('study.csv')")
    if not len(seen):
        raise bad("data", "StudyData", "holds no measurement")
    parts = (
        [("", seen)]
        if "DVID" not in seen
        else [(str(n), part) for n, part in seen.groupby("DVID", sort=False, dropna=False)]
    )
    by = told_by(data.table)
    with style.house():
        fig, axes = style.panels(len(parts), 1, width=width, row_height=_ROW, ax=ax, sharex=ax is None)
        for axis, (name, part) in zip(axes[:, 0], parts, strict=True):
            _draw(axis, part)
            told = f"without {by}" if name == "nan" else f"{by} {name}"
            axis.set_ylabel(f"{told} (as in the data)" if len(parts) > 1 else "Measured (as in the data)")
        axes[-1, 0].set_xlabel("Time (h)")
        legends.above(axes[0, 0])
    return fig, axes[:, 0]


def _draw(axis: Axes, seen: pd.DataFrame) -> None:
    people = list(seen.groupby("ID", sort=False))
    is_told = len(people) <= len(style.COLOURS)
    for k, (name, part) in enumerate(people):
        look = style.line(k) if is_told else {"color": style.level(), "alpha": 0.6}
        mark = style.marker(k) if is_told else "o"
        axis.plot(
            part["TIME"],
            part["DV"],
            marker=mark,
            markersize=3,
            label=f"ID {name}" if is_told else None,
            **look,
        )
        below = part[part["CENS"] == 1] if "CENS" in part else part[:0]
        axis.plot(
            below["TIME"],
            below["LLOQ"] if len(below) else [],
            "v",
            markersize=3,
            mfc="none",
            color=look["color"],
        )
    if not is_told:
        axis.plot([], [], marker="o", markersize=3, color=style.level(), label=f"{len(people)} people")
    if (seen["DV"] > 0).any():
        axis.set_yscale("log")
        style.plain_ticks(axis.yaxis, *sorted(axis.get_ylim()))
