"""The time axis: nights, dose marks, and ticks in days or clock hours."""

from __future__ import annotations

import numpy as np

from ..units import ASLEEP, HOURS_PER_DAY
from . import style
from .style import night

_SHORT = 60.0  # h; up to here the axis shows clock times, beyond it days: every tick would be midnight
_END = 0.02  # share of the axis that counts as its end
_MOST_NIGHTS = 60  # more stripes than this are only grey noise


def time_axis(
    axis, start: float, stop: float, *, nights: bool = True, label: bool = True, days: bool | None = None
) -> None:
    """Set limits, ticks, label and night shading of an axis that holds hours since the first midnight.

    Beyond two days and a half, or where `days` says so, the ticks count days instead of clock hours.
    """
    axis.set_xlim(start, stop)
    if nights and (stop - start) / HOURS_PER_DAY <= _MOST_NIGHTS:
        shade_nights(axis, start, stop)
    if not (stop - start > _SHORT if days is None else days):
        _clock_ticks(axis, start, stop)
        text = "Time of day (hh:mm)"
    else:
        _day_ticks(axis, start, stop)
        text = "Time (days)"
    axis.set_xlabel(text if label else "")
    axis.tick_params(labelbottom=label)


def _clock_ticks(axis, start: float, stop: float) -> None:
    step = next(s for s in (6.0, 12.0, 24.0, 48.0) if stop - start <= 5 * s or s == 48.0)
    ticks = np.arange(np.ceil(start / step) * step, stop + 1e-9, step)
    labels = [f"{int(t) % 24:02d}:00" for t in ticks]
    if ticks.size > 2 and stop - ticks[-1] < _END * (stop - start):
        labels[-1] = ""  # it would hang over the edge
    axis.set_xticks(ticks, labels)


def _day_ticks(axis, start: float, stop: float) -> None:
    days = (stop - start) / HOURS_PER_DAY
    step = next((s for s in (1, 2, 4, 7, 14, 28, 56, 91, 182, 364) if days / s <= 5), 728)
    ticks = np.arange(np.ceil(start / HOURS_PER_DAY / step) * step, stop / HOURS_PER_DAY + 1e-9, step)
    axis.set_xticks(HOURS_PER_DAY * ticks, [f"{t:g}" for t in ticks])
    if stop / HOURS_PER_DAY - ticks[-1] < _END * days:
        axis.xaxis.get_major_ticks()[-1].label1.set_horizontalalignment("right")


def shade_nights(axis, start: float, stop: float) -> None:
    """Shade 23:00 to 07:00 of every night between two times (h)."""
    for left, right in nights_between(start, stop):
        axis.axvspan(left, right, color=night(), linewidth=0, zorder=-5)


def nights_between(start: float, stop: float) -> list[tuple[float, float]]:
    """Return when each night between two times begins and ends (h), cut off at these."""
    midnights = HOURS_PER_DAY * np.arange(start // HOURS_PER_DAY, stop // HOURS_PER_DAY + 2)
    nights = [(max(float(m) + ASLEEP[0], start), min(float(m) + ASLEEP[1], stop)) for m in midnights]
    return [(left, right) for left, right in nights if left < right]


def mark_doses(
    axis, doses: np.ndarray, start: float, stop: float, index: int = 0, colour: str | None = None
) -> None:
    """Put a small triangle on the lower edge of the panel at each dose; curve `index` gives its row and colour."""
    times = doses[(doses >= start) & (doses <= stop)]
    if times.size:
        axis.plot(
            times,
            np.full(times.size, 0.045 + 0.09 * index),
            linestyle="none",
            marker="^",
            markersize=2.6 if times.size <= 10 else 1.6,
            markeredgewidth=0,
            color=colour or style.colour(index),
            transform=axis.get_xaxis_transform(),
            clip_on=False,  # the first and the last may lie on the edge
            zorder=5,
            gid="doses",
        )
