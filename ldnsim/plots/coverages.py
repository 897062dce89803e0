"""How many measurements lie within the intervals predicted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad
from . import legends, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINES = (
    ("fitted", "calibration", "rank"),
    ("fitted, its study left out", "calibration", "unseen_rank"),
    ("never seen", "validation", "rank"),
)


def coverage(
    table: pd.DataFrame, ax: Axes | None = None, *, width: float | None = None
) -> tuple[Figure, Axes]:
    """Draw the share of measurements within central intervals against what the intervals promise.

    Parameters
    ----------
    table : pandas.DataFrame
        From `qualify`, with 20 draws or more.
    ax : Axes, optional
        Draw into this one instead of into a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``. On the dotted diagonal intervals hold what they promise; below it they are too
        narrow, above it too wide.

    Other Parameters
    ----------------
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError
        If `table` is none of `qualify`, or was made without draws or of fewer than 20.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> fig, axis = ldn.plots.coverage(ldn.qualify(ldn.load_model("ldn"), n=20))
    >>> axis.get_ylabel()
    'Measurements within it (%)'
    """
    check_kinds(coverage, locals(), "table")
    width = style.wide(width)
    if not {"use", "rank", "unseen_rank"} <= set(getattr(table, "columns", ())):
        raise bad(
            "table", type(table).__name__, "must be the table of qualify with 20 draws or more", "ldn.qualify(model)"
        )
    with style.house():
        fig, axes = style.panels(1, 1, width=width, row_height=0.62 * width, ax=ax)
        axis = axes[0, 0]
        look = {"color": style.level(), "linestyle": ":", "linewidth": 0.7, "zorder": 0}
        axis.plot((0, 100), (0, 100), label="as promised", **look)
        for k, (label, use, column) in enumerate(_LINES):
            ranks = table.loc[table["use"] == use, column].dropna().to_numpy(float)
            if not len(ranks):
                continue
            needed = np.sort(2 * np.abs(ranks - 0.5))  # size of the central interval that just holds it
            x = 100 * np.concatenate([[0.0], needed, [1.0]])
            y = np.concatenate([[0.0], np.arange(1, len(needed) + 1), [len(needed)]]) * 100 / len(needed)
            axis.plot(x, y, drawstyle="steps-post", label=f"{label} ({len(ranks)})", **style.line(k))
        axis.set(xlim=(0, 100), ylim=(0, 102))
        axis.set_xlabel("Central interval (%)")
        axis.set_ylabel("Measurements within it (%)")
        legends.of_figure(fig, [axis], width) if ax is None else legends.above(axis)
    return fig, axis
