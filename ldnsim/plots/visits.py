"""When a study looks: its assessment windows on the curve, with the receptors held in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import bad
from ..units import HOURS_PER_DAY, hours_of
from . import chain, clock, read, style
from .packing import apart

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SHADES = ("#f4d9a8", "#5a4520")  # on light and on dark paper
_SPACING = 1.15
_ROW, _GAP, _LEADER = 26.0, 1.5, 3.4  # mm: height for the curve, between words, from words to window
_LINE = 13.0  # mm of a line of a name


def study_view(
    ds: xr.Dataset,
    windows: Mapping[str, tuple[float | str, float | str]],
    variable: str = "opioid_tone",
    ax: Axes | Sequence[Axes] | np.ndarray | None = None,
    *,
    occupancy: str = "mu_occupancy_peripheral",
    nights: bool = True,
    width: float | None = None,
) -> tuple[Figure, np.ndarray]:
    """Mark assessment windows on the curve and write into each the mean share of receptors held.

    Parameters
    ----------
    ds : xarray.Dataset
        Result of `simulate`; regimens are drawn below one another, subjects as median and band. Zoom with
        ``ds.sel(time=slice(600, 696))``.
    windows : dict
        Name -> (start, stop): hours since the first midnight, or two clock times ("09:00", "12:00") of the
        last day on which both are in `ds`.
    variable : str, optional
        The curve: what the study would see.
    ax : sequence of Axes, optional
        Draw into these, one for each regimen, instead of into a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes an array with one Axes a regimen.

    Other Parameters
    ----------------
    occupancy : str, optional
        The variable whose mean over each window is written (%).
    nights : bool, optional
        Shade 23:00 to 07:00.
    width : float, optional
        Width of the figure (mm); 85 by default, or that of the style sheet in use.

    Raises
    ------
    InputError, UnknownNameError
        If a window is empty or outside the run, or there is no such variable.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=3, at="22:00"))
    >>> visits = {"blood sample": ("08:00", "10:00"), "evening diary": ("19:00", "21:00")}
    >>> fig, axes = ldn.plots.study_view(ds.sel(time=slice(44, 70)), visits)
    >>> axes[0].texts[0].get_text().split()[:2]
    ['blood', 'sample']
    """
    check_kinds(study_view, locals(), "ds", "windows")
    width = style.wide(width)
    ds = read.timed(ds)
    read.need(ds, variable, "variable")
    read.need(ds, occupancy, "occupancy")
    if float(ds[occupancy].max()) > 1 + 1e-6:
        raise bad("occupancy", occupancy, "must be a share from 0 to 1, such as receptors held")
    times = np.asarray(ds["time"].values, dtype=float)
    spans = _spans(windows, times)
    runs = list(read.regimens(ds))
    style.check_lines(len(runs))
    panel = chain.by_unit(ds, (variable,))[0]
    with style.house():
        letters = style.small()
        names = ["\n".join(style.wrapped(name.split(), letters, _LINE)) for name in spans]
        words = max(n.count("\n") + 2 for n in names) * letters * _SPACING * style.POINT + _LEADER
        fig, axes = style.panels(len(runs), 1, width=width, row_height=_ROW + words, ax=ax, sharex="col")
        for k, (axis, (label, run)) in enumerate(zip(axes[:, 0], runs, strict=True)):
            chain.draw_course(axis, read.course(run, variable), k, label)
            chain.finish(axis, panel, float(np.nanmax(ds[variable].values)))
            low, high = axis.get_ylim()
            axis.set_ylim(low, low + (high - low) * (1 + words / _ROW))
            clock.time_axis(axis, times[0], times[-1], nights=nights, label=k == len(runs) - 1)
            axis.set_ylabel(chain.label(panel, ds))
            if label:
                axis.set_title(label, loc="left")
            held = read.course(run, occupancy)
            shares = [
                f"{n}\n{_mean(held, *span):.0f} %" for n, span in zip(names, spans.values(), strict=True)
            ]
            _mark(axis, list(spans.values()), shares)
        for k, (doses, axis) in enumerate(zip(chain.doses(ds, panel, True), axes[:, 0], strict=False)):
            clock.mark_doses(axis, doses, times[0], times[-1], colour=style.colour(k))
        note = f"%: {read.short(ds, occupancy)} receptors held, mean of the window"
        axes[-1, 0].set_xlabel(f"{axes[-1, 0].get_xlabel()}\n{note}")
    return fig, axes[:, 0]


def _spans(windows, times: np.ndarray) -> dict[str, tuple[float, float]]:
    """Windows in hours, in the order of time."""
    example = "{'visit': ('09:00', '12:00')}, or hours since the first midnight"
    if not isinstance(windows, Mapping) or not windows:
        raise bad("windows", windows, "must be a dict of name -> (start, stop)", example)
    found = {}
    for name, pair in windows.items():
        argument = f"windows[{name!r}]"
        try:
            start, stop = pair
        except (TypeError, ValueError):
            raise bad(argument, pair, "must be (start, stop)", example) from None
        clocks = isinstance(start, str)
        if clocks != isinstance(stop, str):
            raise bad(argument, pair, "must be two clock times or two numbers of hours", example)
        start, stop = hours_of(start, argument), hours_of(stop, argument)
        if clocks:
            stop += HOURS_PER_DAY if stop <= start else 0.0
            back = HOURS_PER_DAY * np.floor((times[-1] + 1e-9 - stop) / HOURS_PER_DAY)
            start, stop = start + back, stop + back
        if not start < stop:
            raise bad(argument, pair, "must start before it stops")
        if start < times[0] - 1e-6 or stop > times[-1] + 1e-6:
            raise bad(argument, pair, f"lies outside the run, {times[0]:g} to {times[-1]:g} h")
        found[str(name)] = (float(start), float(stop))
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _mean(held: read.Course, start: float, stop: float) -> float:
    """Mean over a window (%), by trapezoids between the times that are known."""
    inside = held.time[(held.time > start) & (held.time < stop)]
    times = np.concatenate([[start], inside, [stop]])
    return 100 * float(np.trapezoid(np.interp(times, held.time, held.middle), times)) / (stop - start)


def _mark(axis, spans: list[tuple[float, float]], words: list[str]) -> None:
    """Shade the windows; words stand above, apart from one another and inside, tied to their window by a line."""
    for start, stop in spans:
        axis.axvspan(
            start, stop, color=style.on_paper(*_SHADES), alpha=0.8, linewidth=0, zorder=-3, gid="window"
        )
    letters, (left, right) = style.small(), axis.get_xlim()
    axis.figure.draw_without_rendering()
    per_mm = (right - left) / (axis.get_window_extent().width / axis.figure.dpi * style.INCH)
    widths = [per_mm * max(style.width_of(line, letters) for line in word.split("\n")) for word in words]
    at = apart([(a + b) / 2 for a, b in spans], widths, (left, right), _GAP * per_mm)
    for word, x in zip(words, at, strict=True):
        axis.text(
            x, 1.0, word, transform=axis.get_xaxis_transform(), ha="center", va="top", fontsize=letters,
            linespacing=_SPACING,
        )  # fmt: skip
    deepest = max(w.count("\n") + 1 for w in words) * letters * _SPACING * style.POINT
    high = axis.get_window_extent().height / axis.figure.dpi * style.INCH
    for (start, stop), word, x in zip(spans, words, at, strict=True):
        own = (word.count("\n") + 1) * letters * _SPACING * style.POINT
        axis.plot(
            [x, (start + stop) / 2], [1 - (own + 0.9) / high, 1 - (deepest + _LEADER) / high], linewidth=0.5,
            color=style.level(), transform=axis.get_xaxis_transform(), gid="leader",
        )  # fmt: skip
