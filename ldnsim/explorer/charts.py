"""The curves: Bokeh figures whose data sources are filled anew, so that the browser redraws only lines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from bokeh.models import (
    AdaptiveTicker,
    ColumnDataSource,
    CustomJSTickFormatter,
    HoverTool,
    LogTicker,
    Range1d,
    Span,
)
from bokeh.plotting import figure

from ..plots import read
from ..plots.chain import Panel
from ..plots.clock import nights_between
from ..plots.style import COLOURS, NIGHT_COLOUR
from ..units import HOURS_PER_DAY, clock_of
from .compute import NOW, PINNED

if TYPE_CHECKING:
    from .compute import Picture

HEIGHT = 138
SOFT, EDGE, GRID = "#6f7280", "#c9ccd6", "#eceef3"
FLOOR = 1e-9  # ng/mL, below any logarithmic axis
LEAST = 0.5  # fold; so that what hardly moves looks as if it hardly moved
DECADES = 4.0  # a logarithmic panel shows this much below its highest value
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 5, 20  # px around a panel, the same for all so that axes stand in line

_CLOCK = """
const step = ticks.length > 1 ? ticks[1] - ticks[0] : 6;
if (step >= 24) return "day " + (Math.floor(tick / 24) + 1);
const minutes = Math.round((((tick % 24) + 24) % 24) * 60);
return String(Math.floor(minutes / 60)).padStart(2, "0") + ":" + String(minutes % 60).padStart(2, "0");
"""
_DAYS = 'return tick + " d";'
_PLAIN = "return String(Number(tick.toPrecision(3)));"


class Charts:
    """All panels of the chain, each in two parts: day by day, and the last days by the hour.

    Parameters
    ----------
    panels : tuple of Panel
        What can be shown.
    """

    def __init__(self, panels: tuple[Panel, ...]) -> None:
        self.panels = panels
        self._log = {v for panel in panels if panel.log for v in panel.variables}
        self.late = {side: ColumnDataSource(name=f"late {side}") for side in (NOW, PINNED)}
        self.days = {side: ColumnDataSource(name=f"days {side}") for side in (NOW, PINNED)}
        self.nights = ColumnDataSource({"left": [], "right": []})
        self.doses = ColumnDataSource({"time": []})
        self.hours, self.span = Range1d(0, 48), Range1d(0, 28)
        self.values = [Range1d(0, 1) for _ in panels]
        for sources, empty in ((self.late, _no_course), (self.days, _no_days)):
            for source in sources.values():
                source.data = empty(self._variables)
        self.of_hours = [self._hour_part(k) for k in range(len(panels))]
        self.of_days = [self._day_part(k) for k in range(len(panels))]

    @property
    def _variables(self) -> list[str]:
        return [v for panel in self.panels for v in panel.variables]

    # --- what is drawn ------------------------------------------------------------------------------------

    def _hour_part(self, k: int):
        panel = self.panels[k]
        plot = _empty(panel, self.hours, self.values[k])
        plot.vstrip(
            x0="left", x1="right", source=self.nights, color=NIGHT_COLOUR, line_width=0, level="underlay"
        )
        plot.vspan(x="time", source=self.doses, line_color="#9a9cab", line_dash=[2, 3], line_width=1)
        plot.xaxis.ticker = AdaptiveTicker(
            base=HOURS_PER_DAY, mantissas=[1, 2, 3, 6, 12], desired_num_ticks=4, num_minor_ticks=2
        )
        plot.xaxis.formatter = CustomJSTickFormatter(code=_CLOCK)
        lines = []
        for colour, name in zip(COLOURS, panel.variables, strict=False):
            now, pinned = self.late[NOW], self.late[PINNED]
            band = {"y1": f"{name}_low", "y2": f"{name}_high", "fill_color": colour}
            plot.varea("time", source=now, fill_alpha=0.18 if len(panel.variables) <= 2 else 0.11, **band)
            plot.line("time", name, source=pinned, color=colour, line_width=1.5, line_dash=[5, 3], alpha=0.75)
            lines.append(plot.line("time", name, source=now, color=colour, line_width=2))
        plot.add_tools(_hover(panel, lines[0]))
        return plot

    def _day_part(self, k: int):
        panel = self.panels[k]
        plot = _empty(panel, self.span, self.values[k])
        plot.xaxis.ticker = AdaptiveTicker(
            base=7, mantissas=[1, 2, 4], min_interval=1, desired_num_ticks=5, num_minor_ticks=0
        )
        plot.xaxis.formatter = CustomJSTickFormatter(code=_DAYS)
        for colour, name in zip(COLOURS, panel.variables, strict=False):
            low, high = f"{name}_low", f"{name}_high"
            how = {"source": self.days[NOW], "step_mode": "after"}
            plot.varea_step(
                "day",
                low,
                high,
                fill_color=colour,
                fill_alpha=0.28 if len(panel.variables) <= 2 else 0.1,
                **how,
            )
            for edge in (low, high):
                how = {"color": colour, "mode": "after"}
                plot.step("day", edge, source=self.days[NOW], line_width=1, **how)
                plot.step("day", edge, source=self.days[PINNED], line_dash=[5, 3], alpha=0.75, **how)
        return plot

    # --- what changes -------------------------------------------------------------------------------------

    def show(self, pictures: Mapping[str, Picture]) -> None:
        """Fill the sources with one picture, or with two.

        Parameters
        ----------
        pictures : mapping of str to Picture
            ``"B"`` is what the controls stand at; ``"A"``, if there, is drawn dashed, moved by whole days so
            that both are seen at their end.
        """
        now = pictures[NOW]
        start, stop = now.request.late, _stop(now)
        for side in (NOW, PINNED):
            picture = pictures.get(side)
            if picture is None:
                self.late[side].data = _no_course(self._variables)
                self.days[side].data = _no_days(self._variables)
                continue
            shift = HOURS_PER_DAY * math.ceil((stop - _stop(picture)) / HOURS_PER_DAY)
            self.late[side].data = _course(picture, self._variables, shift, self._log)
            self.days[side].data = _days(picture, self._variables, self._log)
        self.hours.update(start=start, end=stop)
        last = max(d.edges[-1] for p in pictures.values() for d in p.days.values())
        self.span.update(start=0.0, end=float(last / HOURS_PER_DAY))
        nights = nights_between(start, stop)
        self.nights.data = {"left": [a for a, _ in nights], "right": [b for _, b in nights]}
        self.doses.data = {"time": [time for time in now.request.marked if start <= time <= stop]}
        for panel, limits in zip(self.panels, self.values, strict=True):
            low, high = _limits(panel, pictures)
            limits.update(start=low, end=high)


def _empty(panel: Panel, x: Range1d, y: Range1d):
    plot = figure(
        x_range=x,
        y_range=y,
        height=HEIGHT,
        sizing_mode="stretch_width",
        y_axis_type="log" if panel.log else "linear",
        toolbar_location=None,
        tools="",
        min_border_left=_LEFT,
        min_border_right=_RIGHT,
        min_border_top=_TOP,
        min_border_bottom=_BOTTOM,
        outline_line_color=None,
        background_fill_color=None,
        border_fill_color=None,
    )
    plot.xgrid.visible = False
    plot.ygrid.grid_line_color = GRID
    for axis in plot.axis:
        axis.axis_line_color = EDGE
        axis.major_tick_line_color = EDGE
        axis.minor_tick_line_color = None
        axis.major_tick_in, axis.major_tick_out = 0, 4
        axis.major_label_text_color, axis.major_label_text_font_size = SOFT, "11px"
        axis.major_label_standoff = 4
    if panel.log:
        plot.yaxis.ticker = LogTicker(mantissas=[1], desired_num_ticks=3, num_minor_ticks=0)
        plot.yaxis.formatter = CustomJSTickFormatter(code=_PLAIN)
    elif panel.limits:
        plot.yaxis.ticker = [0.0, 0.4, 0.8]
    else:
        plot.yaxis.ticker.desired_num_ticks = 4
    if panel.level is not None:
        look = {"line_color": SOFT, "line_dash": [1, 3], "line_width": 1.2}
        plot.add_layout(Span(location=panel.level, dimension="width", **look))
    return plot


def _hover(panel: Panel, line) -> HoverTool:
    rows = [("", "@clock")]
    for name in panel.variables:
        rows.append((read.SHORT.get(name, name.replace("_", " ")),
                     f"@{{{name}}}{{%.3g}} (@{{{name}_low}}{{%.3g}} to @{{{name}_high}}{{%.3g}})"))  # fmt: skip
    formatters = {f"@{{{n}{part}}}": "printf" for n in panel.variables for part in ("", "_low", "_high")}
    return HoverTool(
        tooltips=rows, formatters=formatters, renderers=[line], mode="vline", line_policy="nearest"
    )


# --- data -----------------------------------------------------------------------------------------------------


def _no_course(variables) -> dict[str, list]:
    return {
        "time": [],
        "clock": [],
        **{f"{v}{part}": [] for v in variables for part in ("", "_low", "_high")},
    }


def _no_days(variables) -> dict[str, list]:
    return {"day": [], **{f"{v}{part}": [] for v in variables for part in ("_low", "_high")}}


def _small(values: np.ndarray, log: bool = False) -> np.ndarray:
    """Half the bytes, far finer than a pixel; a logarithmic axis gets no zero."""
    return np.asarray(np.maximum(values, FLOOR) if log else values, dtype=np.float32)


def _course(picture: Picture, variables, shift: float, log: set[str]) -> dict[str, object]:
    time = next(iter(picture.courses.values())).time
    gap = np.full(time.size, np.nan, np.float32)  # a variable that only the other side has
    data = {
        "time": time + shift,
        "clock": [f"day {int(t // HOURS_PER_DAY) + 1}, {clock_of(t)}" for t in time],
    }
    for name in variables:
        course = picture.courses.get(name)
        parts = {"": gap, "_low": gap, "_high": gap}
        if course is not None:
            low, high = (course.middle, course.middle) if course.low is None else (course.low, course.high)
            parts = {"": course.middle, "_low": low, "_high": high}
        data |= {f"{name}{part}": _small(values, name in log) for part, values in parts.items()}
    return data


def _days(picture: Picture, variables, log: set[str]) -> dict[str, object]:
    """Repeat the last value, as steps need one at their last edge too."""
    edges = next(iter(picture.days.values())).edges
    data = {"day": edges / HOURS_PER_DAY}
    for name in variables:
        days = picture.days.get(name)
        for part in ("low", "high"):
            values = np.full(edges.size - 1, np.nan) if days is None else getattr(days, part)
            data[f"{name}_{part}"] = _small(np.append(values, values[-1]), name in log)
    return data


def _stop(picture: Picture) -> float:
    return float(next(iter(picture.courses.values())).time[-1])


def _limits(panel: Panel, pictures: Mapping[str, Picture]) -> tuple[float, float]:
    """Limits of an axis, so that all that is drawn of both sides fits."""
    spans = [_span(picture, side, panel) for side, picture in pictures.items()]
    spans = [span for span in spans if span]
    if panel.limits or not spans:
        return panel.limits or (0.0, 1.0)
    if panel.log:
        tops = [high if high > 0 else 1.0 for _, high in spans]
        return min(tops) * 10.0**-DECADES, max(tops) * 2.0
    level = () if panel.level is None else (panel.level,)
    low, high = min(*level, *(a for a, _ in spans)), max(*level, *(b for _, b in spans))
    room = 0.12 * max(high - low, LEAST)
    return low - room, high + room


def _span(picture: Picture, side: str, panel: Panel) -> tuple[float, float] | None:
    """Lowest and highest value drawn of one side; the pinned one has no band."""
    lows, highs = [], []
    for name in (v for v in panel.variables if v in picture.courses):
        course, days = picture.courses[name], picture.days[name]
        banded = side == NOW and course.low is not None
        lows += [np.min(course.low if banded else course.middle), np.min(days.low)]
        highs += [np.max(course.high if banded else course.middle), np.max(days.high)]
    return (float(min(lows)), float(max(highs))) if lows else None
