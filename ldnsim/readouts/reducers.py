"""The table of reducers: how a curve in a window becomes one number, and how that number moves with the curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from ..units import is_pure
from . import areas, extremes, levels, terminal

INTERVAL, DAYS, AFTER, WHOLE = "last interval", "last days", "after last dose", "whole course"
SAME, HOURS, AREA, MOMENT, PERCENT, SHARE = "x", "h", "x*h", "x*h^2", "%", "1"

TREND = "trend"  # beside a half-life: what it would become


class Beside(NamedTuple):
    """A number that says how another one was come by; results hold it as a coordinate."""

    value: Callable
    unit: str
    words: str


class Reducer(NamedTuple):
    """One way to make a number of a curve.

    Attributes
    ----------
    value, slope : callable
        The number, and its derivative along a direction; `ldnsim.readouts.extremes` says what they take.
    unit : str
        Of the number, where ``x`` stands for that of the variable.
    words : str
        What the number is, to be followed by "of" and the variable.
    number : str
        What the reducer takes beside the curve: "level", "hour" (an instant, since the start of the window),
        "share"; empty for nothing.
    usual : float or None
        That number where none is given; None: one must be given.
    window : str
        The window where none is given.
    against : str
        A window that comes before the own one, for reducers of two.
    beside : mapping of str to Beside
        What is told beside the number.
    """

    value: Callable
    slope: Callable
    unit: str
    words: str
    number: str = ""
    usual: float | None = 0.0
    window: str = INTERVAL
    against: str = ""
    beside: Mapping[str, Beside] = MappingProxyType({})


_LINE = {
    "points": Beside(terminal.half_life_points, SHARE, "points that the terminal half-life is read from"),
    "start": Beside(terminal.half_life_start, HOURS, "from the window's start to the first of these points"),
    TREND: Beside(terminal.half_life_trend, HOURS, "half-life that the end of the window leads to"),
}
_CUT = {
    "censored": Beside(
        levels.stretch_is_cut, SHARE, "1 where the stretch lasts as long as was looked: it may be longer"
    )
}
_BEYOND = {
    "extrapolated": Beside(terminal.extrapolated, PERCENT, "share of the area that lies beyond the end")
}

REDUCERS: Mapping[str, Reducer] = MappingProxyType({
    "cmax": Reducer(extremes.cmax, extremes.cmax_slope, SAME, "highest value"),
    "tmax": Reducer(extremes.tmax, extremes.tmax_slope, HOURS, "time of the highest value", "level"),
    "cmin": Reducer(extremes.cmin, extremes.cmin_slope, SAME, "lowest value"),
    "ctrough": Reducer(extremes.ctrough, extremes.ctrough_slope, SAME, "value at the end"),
    "cavg": Reducer(areas.mean, areas.mean_slope, SAME, "average"),
    "mean": Reducer(areas.mean, areas.mean_slope, SAME, "mean"),
    "auc": Reducer(areas.auc, areas.auc_slope, AREA, "area under the curve"),
    "aumc": Reducer(areas.aumc, areas.aumc_slope, MOMENT, "area under the first moment curve"),
    "auc_inf": Reducer(
        terminal.auc_inf, terminal.auc_inf_slope, AREA, "area under the curve to infinity", "level",
        window=AFTER, beside=_BEYOND,
    ),
    "aumc_inf": Reducer(
        terminal.aumc_inf, terminal.aumc_inf_slope, MOMENT,
        "area under the first moment curve to infinity", "level", window=AFTER,
    ),
    "mrt": Reducer(terminal.mrt, terminal.mrt_slope, HOURS, "mean residence time", "level", window=AFTER),
    "half_life": Reducer(
        terminal.half_life, terminal.half_life_slope, HOURS, "terminal half-life", "level", window=AFTER,
        beside=_LINE,
    ),
    "decay_half_life": Reducer(
        terminal.decay_half_life, terminal.decay_half_life_slope, HOURS, "half-life over the whole window",
        "level", window=AFTER,
    ),
    "accumulation": Reducer(
        areas.accumulation, areas.accumulation_slope, SHARE, "mean against that of the first interval",
        against="first dose",
    ),
    "swing": Reducer(extremes.swing, extremes.swing_slope, PERCENT, "swing (highest - lowest over lowest)"),
    "fluctuation": Reducer(
        extremes.fluctuation, extremes.fluctuation_slope, PERCENT,
        "fluctuation (highest - lowest over mean)",
    ),
    "at": Reducer(extremes.at, extremes.at_slope, SAME, "value", "hour", None, WHOLE),
    "peak_over": Reducer(
        extremes.peak_over, extremes.cmax_slope, SAME, "highest value above the level", "level", None
    ),
    "percent_change": Reducer(
        areas.percent_change, areas.percent_change_slope, PERCENT, "mean against the level", "level", None
    ),
    "time_above": Reducer(levels.time_above, levels.time_above_slope, HOURS, "time above the level", "level", None),
    "time_below": Reducer(levels.time_below, levels.time_below_slope, HOURS, "time below the level", "level", None),
    "hours_above": Reducer(
        levels.hours_above, levels.hours_above_slope, HOURS, "hours a day above the level", "level", None, DAYS
    ),
    "area_above": Reducer(
        levels.area_above, levels.area_above_slope, AREA, "area a day above the level", "level", None, DAYS
    ),
    "stretch_above": Reducer(
        levels.stretch_above, levels.stretch_above_slope, HOURS, "first unbroken stretch above the level",
        "level", None, AFTER, beside=_CUT,
    ),
    "time_to": Reducer(
        levels.time_to, levels.time_to_slope, HOURS, "time to a share of the change", "share", None, WHOLE
    ),
})  # fmt: skip


def unit_of(rule: str, own: str) -> str:
    """Return the unit of a number by the rule of its reducer; empty where that of the variable is not known."""
    power = rule.removeprefix("x")
    if power == rule:
        return rule
    if not power:
        return own
    return f"{own}{power}" if not is_pure(own) else power.removeprefix("*") if own else ""
