"""How the figures look: colours that a colour-blind reader tells apart, dashes that survive a grey print."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np

from ..errors import bad

# Okabe & Ito (2008), ordered so that neighbours differ in lightness too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", (0, (4.5, 1.3)), (0, (1.2, 1.1)), (0, (5, 1.2, 1.2, 1.2)), (0, (8, 1.5)), (0, (2.5, 1)), "-.")
COLUMN = 85.0  # mm, one column of a journal
NIGHT_COLOUR = "#e9e9f0"
LINE_COLOUR = "#555555"  # thresholds and baselines
_MM = 1 / 25.4

_HOUSE = {
    "figure.dpi": 200,
    "font.size": 7.5,
    "axes.labelsize": 7.0,
    "axes.titlesize": 7.5,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "legend.fontsize": 6.5,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "lines.linewidth": 1.2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "pdf.fonttype": 42,
}


@contextlib.contextmanager
def house() -> Iterator[None]:
    """Apply the house style to every rcParam that still has Matplotlib's own default."""
    from matplotlib import rcParams, rcParamsDefault

    left_alone = {k: v for k, v in _HOUSE.items() if rcParams[k] == rcParamsDefault[k]}
    before = {k: rcParams[k] for k in left_alone}
    rcParams.update(left_alone)
    try:
        # Not rc_context: it would also undo what a notebook's backend sets when it is first loaded in here.
        yield
    finally:
        rcParams.update(before)


def colour(i: int) -> str:
    """Return colour `i` of the user's cycle, or of Okabe and Ito where the cycle is Matplotlib's own."""
    import matplotlib as mpl

    cycle = mpl.rcParams["axes.prop_cycle"]
    if cycle != mpl.rcParamsDefault["axes.prop_cycle"] and "color" in cycle.keys:
        own = cycle.by_key()["color"]
        return own[i % len(own)]
    return COLOURS[i % len(COLOURS)]


def line(i: int, **more) -> dict:
    """Colour and dashes of curve `i`, so that either alone tells the curves apart."""
    return {"color": colour(i), "linestyle": DASHES[i % len(DASHES)], **more}


def panels(
    rows: int, columns: int, *, width: float, row_height: float, margin: float = 14.0, ax=None, **more
):
    """Make a figure of rows x columns axes, or take the axes handed in, checked for their number.

    Parameters
    ----------
    rows, columns : int
        Number of panels.
    width : float
        Width of a new figure (mm).
    row_height : float
        Height of one row (mm).
    margin : float, optional
        Height for what is above and below the rows (mm).
    ax : Axes or sequence of Axes, optional
        Draw here instead of in a new figure.
    **more
        Passed to `matplotlib.pyplot.subplots`.

    Returns
    -------
    tuple
        Figure and an object array of Axes, shape (rows, columns).
    """
    if ax is not None:
        given = np.array(ax, dtype=object).reshape(-1)
        if given.size != rows * columns or not all(hasattr(a, "plot") for a in given):
            raise bad(
                "ax", f"{given.size} objects", f"must be {rows * columns} Axes, {rows} x {columns} panels"
            )
        return given[0].figure, given.reshape(rows, columns)
    import matplotlib.pyplot as plt

    if not np.isfinite(width) or width < 40:
        raise bad("width", width, "must be a width in mm >= 40")
    size = (width * _MM, (rows * row_height + margin) * _MM)
    return plt.subplots(rows, columns, figsize=size, squeeze=False, **{"layout": "constrained", **more})


def label_above(axis, text: str) -> None:
    """Write the label of the y axis level above its upper end, where a small panel has room for it."""
    axis.set_ylabel(text, rotation=0, horizontalalignment="left", verticalalignment="bottom")
    axis.yaxis.set_label_coords(0.0, 1.03)


def legend_above(axis, **more):
    """Put the legend of one panel above it, where it cannot cover a curve: one row if that fits."""
    handles, labels = axis.get_legend_handles_labels()
    if not handles:
        return None
    return axis.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=fitting(labels, 25.4 * axis.get_position(original=True).width * axis.figure.get_figwidth()),
        borderaxespad=0.1,
        borderpad=0.2,
        columnspacing=1.2,
        handletextpad=0.5,
        **more,
    )


def fitting(labels: list[str], room: float) -> int:
    """Return how many legend entries fit side by side into `room` (mm), by the width of their letters."""
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties

    size = FontProperties(size=mpl.rcParams["legend.fontsize"]).get_size_in_points()
    entry = size * (0.6 * max(map(len, labels)) + mpl.rcParams["legend.handlelength"] + 1.7)
    return max(1, min(len(labels), int(room / 25.4 * 72 / entry)))
