"""Legends beside the curves, never over them, as wide as their words."""

from __future__ import annotations

import numpy as np

from .style import INCH, POINT, cut, points, width_of

_FREE = 3.0  # mm: beside the legend of a figure
GAPS = (0.5, 1.2)  # in letters: after a handle, between columns
LONG = 3.0  # in letters: a handle in the legend of a figure


def above(axis, handles: list | None = None, labels: list[str] | None = None, **more):
    """Put the legend of one panel above it, where it cannot cover a curve: one row if that fits."""
    if handles is None or labels is None:
        handles, labels = axis.get_legend_handles_labels()
    if not handles:
        return None
    room = room_above(axis)
    labels = shortened(labels, room)
    return axis.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=fitting(labels, room),
        borderaxespad=0.1,
        borderpad=0.2,
        columnspacing=GAPS[1],
        handletextpad=GAPS[0],
        **more,
    )


def of_figure(fig, axes, width: float):
    """Put one legend of the curves of some panels above all of a figure that has a constrained layout."""
    several = [axis.get_legend_handles_labels() for axis in axes]
    handles, labels = ([entry for pair in several for entry in pair[i]] for i in (0, 1))
    labels = shortened(labels, width - _FREE, LONG)
    return fig.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=fitting(labels, width - _FREE, LONG),
        handlelength=LONG,
        handletextpad=GAPS[0],
        columnspacing=GAPS[1],
        borderaxespad=0.1,
        borderpad=0.2,
    )


def room_above(axis) -> float:
    """Width (mm) of a panel, before a layout moves it."""
    return INCH * axis.get_position(original=True).width * axis.figure.get_figwidth()


def shortened(labels: list[str], room: float, handle: float | None = None) -> list[str]:
    """Cut the entries of a legend so that each fits into a row of `room` (mm) of its own."""
    size = points("legend.fontsize")
    return [cut(label, size, room - _beside(handle)) for label in labels]


def _beside(handle: float | None) -> float:
    """Width (mm) of a handle and the gaps around it."""
    import matplotlib as mpl

    letters = (handle or mpl.rcParams["legend.handlelength"]) + GAPS[0] + GAPS[1]
    return points("legend.fontsize") * POINT * letters


def fitting(labels: list[str], room: float, handle: float | None = None) -> int:
    """Return how many legend entries fit side by side into `room` (mm), by the width of their words."""
    size, beside = points("legend.fontsize") * POINT, _beside(handle)
    wide = [width_of(label, points("legend.fontsize")) + beside for label in labels]
    for columns in range(len(labels), 1, -1):
        rows, longer = divmod(len(labels), columns)  # the first columns take one entry more
        ends = np.cumsum([rows + (k < longer) for k in range(columns)])
        if sum(max(part) for part in np.split(np.array(wide), ends[:-1])) <= room + size * GAPS[1]:
            return columns
    return 1
