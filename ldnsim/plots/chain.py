"""The panels of the chain from dose to cytokine, and how one panel is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from ..regimen import DRUG
from ..units import BLOCKED
from . import read
from .style import level, line, plain

_FRACTION = (0.0, 1.02)
_SHARES = (0.0, BLOCKED / 2, BLOCKED)  # ticks of a fraction: its threshold is one of them
_DECADES = 4.0  # a logarithmic panel shows this much below its highest value
ENDOTOXIN = "lps"
EACH: dict[str, Any] = {"linewidth": 0.4, "alpha": 0.55, "zorder": 1.9}  # of one among few subjects
_STILL = 1e-6  # of a value; less than that is rounding


@dataclass(frozen=True)
class Panel:
    """One axis: what it shows and how.

    Attributes
    ----------
    title : str
        First line of the label; the unit comes from the Dataset.
    variables : tuple of str
        Variables drawn in it, all of one unit.
    log : bool
        Logarithmic axis.
    level : float or None
        A horizontal line that means something: the blockade threshold, the untreated baseline.
    limits : tuple or None
        Fixed limits of the axis.
    """

    title: str
    variables: tuple[str, ...]
    log: bool = False
    level: float | None = None
    limits: tuple[float, float] | None = None


CHAIN = (
    Panel("Plasma level", ("plasma_naltrexone", "plasma_naltrexol"), log=True),
    Panel(
        "Receptors held",
        ("mu_occupancy_peripheral", "mu_occupancy_brain"),
        level=BLOCKED,
        limits=_FRACTION,
    ),
    Panel("Endogenous opioids", ("endorphin", "opioid_tone"), level=1.0),
    Panel("Cytokines", ("tnf_alpha", "il6", "il1b", "il10"), level=1.0),
)
HEADLINE = (
    Panel("Naltrexone in plasma", ("plasma_naltrexone",), log=True),
    Panel("μ receptors held, periphery", ("mu_occupancy_peripheral",), level=BLOCKED, limits=_FRACTION),
    Panel("μ receptors held, brain", ("mu_occupancy_brain",), level=BLOCKED, limits=_FRACTION),
    Panel("β-Endorphin", ("endorphin",), level=1.0),
    Panel("Opioid tone", ("opioid_tone",), level=1.0),
    Panel("TNF-α", ("tnf_alpha",), level=1.0),
    Panel("IL-6", ("il6",), level=1.0),
)
OPIOID = (  # each on its own scale: a withdrawal may be ten times an effect
    Panel("Effect of the opioid", ("opioid_effect",)),
    Panel("Withdrawal", ("withdrawal",)),
)
_NEVER_BELOW_0 = frozenset({"opioid_effect", "withdrawal"})
_LEAST_INDEX = 0.1  # an axis from 0 to 1 shows at least this much
_CYTOKINES = frozenset(CHAIN[-1].variables)
_OF_THE_OPIOID = frozenset({"opioid_effect", "opioid_occupancy", "opioid_pressure"})


def whole(ds: xr.Dataset) -> list[Panel]:
    """Panels of the chain, and that of an opioid where one is taken."""
    return present((*CHAIN, *_of_an_opioid(ds)), ds)


def headline(ds: xr.Dataset) -> list[Panel]:
    """Panels of one variable each that tell the most, and those of an opioid where one is taken."""
    return present((*HEADLINE, *_of_an_opioid(ds)), ds)


def _of_an_opioid(ds: xr.Dataset) -> list[Panel]:
    """Panels of an opioid that have anything to show; they are 0 without one."""
    shown = [n for n in read.curves(ds) if n in _NEVER_BELOW_0 and float(np.nanmax(np.abs(ds[n]))) > _STILL]
    return [p for p in OPIOID if set(shown) & set(p.variables)]


def doses(ds: xr.Dataset, panel: Panel, top: bool) -> list[np.ndarray]:
    """Return the times (h) of the doses of each regimen that a panel marks.

    Naltrexone is marked in the `top` panel, endotoxin with the cytokines, an opioid with its effect; all doses
    in the top panel of a model that has none of these, and where a Dataset does not tell what was given.
    """
    found = read.doses(ds)
    variables = set(panel.variables)
    told = any(drugs.size and drugs[0] for _, drugs in found)
    if not told or not variables & set(read.SHORT):
        return [times for times, _ in found] if top else []
    if variables & _OF_THE_OPIOID:
        return [times[(drugs != DRUG) & (drugs != ENDOTOXIN)] for times, drugs in found]
    if variables & _CYTOKINES:
        return [times[drugs == ENDOTOXIN] for times, drugs in found]
    return [times[drugs == DRUG] for times, drugs in found] if top else []


def present(panels: tuple[Panel, ...], ds: xr.Dataset) -> list[Panel]:
    """Keep the panels, and the variables in them, that the Dataset has."""
    have = set(read.curves(ds))
    kept = []
    for p in panels:
        names = tuple(n for n in p.variables if n in have)
        if names:
            kept.append(Panel(p.title, names, p.log, p.level, p.limits))
    return kept


def by_unit(ds: xr.Dataset, names: tuple[str, ...]) -> list[Panel]:
    """One panel for each unit among the variables, for a choice or a model of the user's own."""
    titles = {p.variables[0]: p.title for p in (*HEADLINE, *OPIOID)}
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name if name in _NEVER_BELOW_0 else read.unit(ds, name), []).append(name)
    logarithmic = {name for p in CHAIN if p.log for name in p.variables}
    panels = []
    for members in groups.values():
        unit = read.unit(ds, members[0])
        title = titles.get(members[0], read.short(ds, members[0])) if len(members) == 1 else ""
        level = {"fraction": BLOCKED, "fold of baseline": 1.0}.get(unit)
        limits, log = _FRACTION if unit == "fraction" else None, logarithmic.issuperset(members)
        panels.append(Panel(title, tuple(members), log, level, limits))
    return panels


def label(panel: Panel, ds: xr.Dataset, gap: str = "\n") -> str:
    """Axis label: what is shown and, after `gap`, the unit in brackets."""
    return f"{panel.title}{gap}({read.common_unit(ds, panel.variables)})".strip()


def draw_course(axis, course: read.Course, index: int, name: str, explain: bool = False) -> None:
    """Draw one curve and its band, or the few it is the middle of; `explain` enters these into the legend."""
    axis.plot(course.time, course.middle, label=name, **line(index))
    told = course.spread if explain else None
    if course.low is not None:
        fill = {"color": line(index)["color"], "alpha": 0.2, "linewidth": 0}
        axis.fill_between(course.time, course.low, course.high, label=told, **fill)
    if course.each is not None:
        draw_each(axis, course.time, course.each, index, told)


def draw_each(axis, time, each, index: int, told: str | None = None) -> None:
    """Draw few subjects one by one, shape (subject, time), thinner than what is their middle."""
    look = line(index, **EACH)
    for k, values in enumerate(each):
        axis.plot(time, values, gid="each", label=told if k == 0 else None, **look)


def explain_spread(axis, course: read.Course) -> None:
    """Enter the bands or thin lines of all curves into the legend by one swatch, which is of no curve's colour."""
    if course.low is not None:
        axis.fill_between([], [], [], color=level(), alpha=0.3, linewidth=0, label=course.spread)
    elif course.each is not None:
        axis.plot([], [], color=level(), label=course.spread, **EACH)


def finish(axis, panel: Panel, top: float) -> None:
    """Scale, limits and the level line of a panel whose highest value is `top`."""
    if panel.level is not None:
        look = {"color": level(), "linewidth": 0.7, "linestyle": (0, (1, 1.5)), "zorder": 1}
        axis.axhline(panel.level, gid="level", **look)
    if panel.log and top > 0:
        axis.set_yscale("log")
        axis.set_ylim(top * 10.0**-_DECADES, top * 2.0)
        highest = np.floor(np.log10(top))
        ticks = 10.0 ** np.arange(highest, highest - _DECADES + 0.5, -2.0)
        axis.set_yticks(ticks, [plain(t) for t in ticks])
        axis.set_yticks(ticks / 10.0, [], minor=True)  # the decades between: a scale that shows it is no line
    elif panel.limits:
        axis.set_ylim(*panel.limits)
        axis.set_yticks(_SHARES)
    else:
        axis.use_sticky_edges = False
        axis.margins(y=0.12)
        low, high = axis.get_ylim()
        if _NEVER_BELOW_0.issuperset(panel.variables):
            axis.set_ylim(0.0, max(high, _LEAST_INDEX))
            return
        middle = (low + high) / 2
        if high - low < _STILL * abs(middle):  # nothing moves: no axis of rounding errors
            axis.set_ylim(0.95 * middle, 1.05 * middle)
