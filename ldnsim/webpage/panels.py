"""What a page draws of a model: panels of curves, and the chain of boxes that picks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import library
from ..plots.chain import CHAIN, OPIOID
from ..plots.graph import links
from ..plots.read import SHORT
from ..units import BLOCKED
from .form import GIVEN

if TYPE_CHECKING:
    from ..model import Model

MOST = 12  # curves of a model of one's own that are drawn; the rest can be downloaded
FRACTIONS = "fraction", "dimensionless"


@dataclass(frozen=True)
class Box:
    """One step of the chain: a box to press, and the curves that it shows.

    Attributes
    ----------
    id, title : str
        Short id, and what stands in the box.
    variables : tuple of str
        Curves it shows.
    hidden : tuple of str
        Variables of the same step that are not drawn, so that causes pass through it.
    when : mapping of str to object
        Controls that must stand so for the step to take part; see `Number.when`.
    """

    id: str
    title: str
    variables: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """One panel: curves that share an axis."""

    id: str
    title: str
    boxes: tuple[Box, ...]
    log: bool = False
    level: float | None = None
    level_words: str = ""
    limits: tuple[float, float] | None = None


_PLASMA, _RECEPTORS, _TONE, _CYTOKINES = CHAIN
_BLOCKED_WORDS = f"{BLOCKED:.0%} held: the level usually asked of a blockade"
_REST_WORDS = "untreated"
LDN = (
    Sheet(
        "plasma",
        _PLASMA.title,
        (Box("plasma", "Plasma", _PLASMA.variables, ("A_ntx_central", "A_ntxol_central")),),
        log=True,
    ),
    Sheet(
        "receptors",
        "μ receptors held by naltrexone",
        (
            Box("periphery", "μ, periphery", ("mu_occupancy_peripheral",), ("site_ntx", "site_ntxol")),
            Box("brain", "μ, brain", ("mu_occupancy_brain",), ("slow_ntx", "slow_ntxol")),
        ),
        level=BLOCKED,
        level_words=_BLOCKED_WORDS,
        limits=(0.0, 1.0),
    ),
    Sheet(
        "tone",
        _TONE.title,
        (Box("tone", "Endogenous opioids", _TONE.variables, ("enkephalin", "precursor", "mu_density")),),
        level=1.0,
        level_words=_REST_WORDS,
    ),
    Sheet(
        "cytokines",
        _CYTOKINES.title,
        (Box("cytokines", "Cytokines", _CYTOKINES.variables, ("microglia",)),),
        level=1.0,
        level_words=_REST_WORDS,
    ),
    Sheet("pain", "Pain", (Box("pain", "Pain", ("pain",)),), level=1.0, level_words=_REST_WORDS),
    Sheet(
        "opioid",
        "Opioid taken as well",
        (Box("opioid", "Opioid", tuple(v for p in OPIOID for v in p.variables), when={"opioid": GIVEN}),),
        limits=(0.0, 1.0),
    ),
)


def sheets_of(model: Model) -> tuple[Sheet, ...]:
    """Return the panels of a model: the chain of low-dose naltrexone, or one for each unit."""
    have = set(model.observables)
    found = []
    for sheet in LDN:
        boxes = tuple(box for b in sheet.boxes if (box := _kept(b, have)).variables)
        if boxes:
            found.append(Sheet(sheet.id, sheet.title, boxes, sheet.log, *_rest(sheet)))
    if found and library.has_table(model, "formulations"):
        return tuple(found)
    drawn = {v for sheet in found for box in sheet.boxes for v in box.variables}
    return (*_own(model, [v for v in model.observables if v not in drawn]), *found)


def _rest(sheet: Sheet) -> tuple:
    return sheet.level, sheet.level_words, sheet.limits


def _kept(box: Box, have: set[str]) -> Box:
    return Box(box.id, box.title, tuple(v for v in box.variables if v in have), box.hidden, box.when)


def _own(model: Model, names: list[str]) -> tuple[Sheet, ...]:
    """One panel for each unit of some outputs, a box for each output."""
    outputs = model.outputs
    groups: dict[str, list[str]] = {}
    for name in names[:MOST]:
        groups.setdefault(str(outputs["unit"][name]), []).append(name)
    return tuple(
        Sheet(f"unit{k}", words_of(model, some[0]) if len(some) == 1 else "Outputs", tuple(
            Box(name, words_of(model, name), (name,)) for name in some
        ))
        for k, some in enumerate(groups.values())
    )  # fmt: skip


def words_of(model: Model, name: str) -> str:
    """Name a variable shortly."""
    if name in SHORT:
        return SHORT[name]
    long = str(model.outputs["long_name"].get(name, "") or "")
    return long if 0 < len(long) <= 24 else name.replace("_", " ")


def unit_of(model: Model, name: str) -> str:
    """Return the unit of a variable as an axis bears it."""
    unit = str(model.outputs["unit"].get(name, "") or "")
    if unit not in ("1", ""):
        return unit
    words = str(model.outputs["long_name"].get(name, "") or "")
    return "fold of untreated" if "fold of untreated" in words else "fraction" if "held" in words else "1"


def chain_of(model: Model, sheets: tuple[Sheet, ...]) -> dict[str, Any]:
    """Arrows between boxes: all that some reading of the evidence has, and those of each reading.

    Only arrows that lead on along the chain are told; what acts back (competition at a receptor) is not drawn.
    """
    boxes = [box for sheet in sheets for box in sheet.boxes]
    groups = {box.id: (*box.variables, *(h for h in box.hidden if _is_known(model, h))) for box in boxes}
    place = {box.id: k for k, box in enumerate(boxes)}
    beside = {frozenset(b.id for b in sheet.boxes) for sheet in sheets if len(sheet.boxes) > 1}

    def onward(chosen: Model) -> list[list[str]]:
        pairs = links(chosen, groups)
        keep = (
            p for p in pairs if place[p[0]] < place[p[1]] and not any(set(p) <= sheet for sheet in beside)
        )
        return [list(p) for p in sorted(keep, key=lambda p: (place[p[0]], place[p[1]]))]

    readings = {name: onward(model.with_scenario(name)) for name in model.scenarios}
    return {"now": onward(model), "readings": readings}


def _is_known(model: Model, name: str) -> bool:
    return name in model.states or name in model.observables
