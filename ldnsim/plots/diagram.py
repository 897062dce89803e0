"""A model as a picture: compartments and influences, drawn from its equations."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from ..door import check_kinds
from ..errors import bad
from ..model import Model
from . import read, style
from .graph import Arrow, DrawnBox, boxes_and_arrows
from .layers import Places, placed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FEW = 10  # boxes; a model with more is drawn in groups
_LETTERS = 28  # a name longer than this goes by its id
_MOST = 15  # names in a box
_LINE = 30.0  # mm, the longest line in a box that holds several names
_PAD, _BETWEEN, _KEY, _NOTE = 1.1, 6.5, 6.0, 3.0  # mm: around words, between layers, for legend and note
# States of the ldn model, which only this figure shows.
_STATES = {
    "A_gut": "gut",
    "A_release": "slow release",
    "A_depot": "depot",
    "A_ntx_central": "naltrexone in blood",
    "A_ntx_tissue": "naltrexone in tissue",
    "A_ntxol_central": "6β-naltrexol in blood",
    "A_ntxol_tissue": "6β-naltrexol in tissue",
    "site_ntx": "naltrexone at receptors",
    "site_ntxol": "naltrexol at receptors",
    "slow_ntx": "naltrexone held in brain",
    "slow_ntxol": "naltrexol held in brain",
    "precursor": "precursor",
    "precursor_brain": "precursor in brain",
    "precursor_enkephalin": "precursor of enkephalin",
    "endorphin_brain": "the brain's own opioids",
    "mu_density_brain": "μ density in brain",
    "opioid_tone_delta": "tone, δ",
    "ogf_signal": "OGF signal",
    "lps": "endotoxin",
    "monocytes_activated": "activated monocytes",
    "monocytes_resting": "resting monocytes",
    "C_tnf_alpha": "TNF-α level",
    "C_il6": "IL-6 level",
    "C_il10": "IL-10 level",
    "il1b_transit1": "IL-1β, step 1",
    "il1b_transit2": "step 2",
    "il1b_transit3": "step 3",
    "placebo_response": "placebo response",
    "pain_score": "pain score",
    "A_opioid": "opioid dose",
    "opioid_pressure": "opioid at receptors",
    "opioid_occupancy": "held by the opioid",
    "opioid_dependence": "dependence",
    "opioid_effect": "opioid effect",
}
_SPACING = 1.2
_SHORTENED = "Left out: what others make up for, and what is off"
_FLOW: dict[str, Any] = {"linewidth": 1.1, "linestyle": "-"}
_ACT: dict[str, Any] = {"linewidth": 0.8, "linestyle": (0, (3, 1.5))}


def model_diagram(
    model: Model,
    ax: Axes | None = None,
    *,
    group: bool | None = None,
    every: bool = False,
    width: float | None = None,
) -> tuple[Figure, Axes]:
    """Draw the states of any model as boxes, causes above effects, and arrows for what its equations say.

    Parameters
    ----------
    model : Model
        From `load_model`.
    ax : Axes, optional
        Draw here instead of in a new figure.

    Returns
    -------
    tuple
        ``(figure, axes)``, axes one Axes. Solid arrows: what one state loses the other gains. Dashed: one
        acts on the other at the present values; what a parameter of 0 puts out of action has no arrow, so that
        ``model.with_scenario`` shows another mechanism. A heavy frame holds states that act on one another.
        Below a line stand the outputs that a box decides alone.

    Other Parameters
    ----------------
    group : bool, optional
        Put what acts on one another in a circle, chains, and what has the same causes and effects into one
        box; by default for models of more than ten states.
    every : bool, optional
        Between groups, draw also the arrows that a longer way of other arrows makes up for.
    width : float, optional
        Width of the figure (mm); its height follows.

    Raises
    ------
    InputError
        If `model` is no Model or has no states.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> model = ldn.Model.from_antimony("A' = -k*A; B' = k*A - m*B; A = 1; B = 0; k = 0.5; m = 0.1")
    >>> fig, axis = ldn.plots.model_diagram(model)
    >>> [text.get_text() for text in axis.texts]
    ['A', 'B']
    """
    check_kinds(model_diagram, locals(), "model")
    width = style.wide(width)
    if not isinstance(model, Model):
        raise bad("model", type(model).__name__, "must be a Model", "ldnsim.load_model('ldn')")
    if not model.states:
        raise bad("model", model.name, "has no states to draw")
    group = len(model.states) > _FEW if group is None else group
    boxes, arrows = boxes_and_arrows(model, group, every)
    with style.house():
        letters = style.small()
        words = [_words(model, box, letters) for box in boxes]
        sizes = [_size(lines, letters) for lines in words]
        room = max(float(width) - 2.0, *(w for w, _ in sizes))
        places = placed(sizes, [(a.tail, a.head) for a in arrows], room, _BETWEEN)
        left, right = _ends(places, sizes)
        note = _SHORTENED if group and not every else None
        key = _KEY + (_NOTE if note else 0.0)
        high = (places.height + 2) * min(1.0, width / (right - left))
        fig, axes = style.panels(1, 1, width=width, row_height=high, margin=key, layout=None, ax=ax)
        axis = axes[0, 0]
        if ax is None:
            fig.subplots_adjust(left=0, right=1, bottom=0, top=high / (high + key))
        axis.set(xlim=(left, right), ylim=(places.height + 1, -1))
        axis.set_aspect("equal")
        axis.set_axis_off()
        scale = _scale(axis, right - left, places.height + 2)
        for arrow in arrows:
            _draw_arrow(axis, arrow, places, sizes, (arrow.head, arrow.tail) in places.ways)
        for k, (box, lines, size) in enumerate(zip(boxes, words, sizes, strict=True)):
            _draw_box(axis, box, lines, (places.x[k], places.y[k]), size, letters, scale)
        _key(axis, boxes, arrows, note)
    return fig, axis


def _scale(axis, wide: float, high: float) -> float:
    """How large a millimetre of the drawing is on the page: 1 where it fits."""
    box, inches = axis.get_position(original=True), axis.figure.get_size_inches()
    return min(style.INCH * inches[0] * box.width / wide, style.INCH * inches[1] * box.height / high)


def _ends(places: Places, sizes) -> tuple[float, float]:
    """Left and right end of the drawing (mm), at least as wide as asked for."""
    half = [sizes[k][0] / 2 if isinstance(k, int) else 1.0 for k in places.x]
    x = list(places.x.values())
    return min(a - b for a, b in zip(x, half, strict=True)) - 1, max(
        a + b for a, b in zip(x, half, strict=True)
    ) + 1


def _words(model: Model, box: DrawnBox, letters: float) -> tuple[list[str], list[str]]:
    """Lines of what a box holds, and of what it decides alone."""
    names = {q.id: q.long_name for q in model.quantities}

    def name(member: str) -> str:
        told = names.get(member, member)
        return read.SHORT.get(member) or _STATES.get(member) or (told if len(told) <= _LETTERS else member)

    def lines(some) -> list[str]:
        told = [name(m) for m in some[:_MOST]]
        more = [f"and {len(some) - _MOST} more"] if len(some) > _MOST else []
        return style.wrapped(told, letters, _LINE, " · ") + more

    return lines(box.members), lines(box.reads)


def _size(lines: tuple[list[str], list[str]], letters: float) -> tuple[float, float]:
    """Width and height (mm) of a box around its lines."""
    all_lines = [*lines[0], *lines[1]]
    wide = max(style.width_of(line, letters) for line in all_lines)
    extra = 1.0 if lines[1] else 0.0
    return wide + 2 * _PAD, len(all_lines) * letters * _SPACING * style.POINT + 2 * _PAD + extra


def _draw_box(axis, box: DrawnBox, lines, middle, size, letters: float, scale: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    (x, y), (wide, high) = middle, size
    axis.add_patch(
        FancyBboxPatch(
            (x - wide / 2, y - high / 2), wide, high, boxstyle="round,pad=0,rounding_size=0.9",
            **_frame(box.loop), zorder=3, gid="box",
        )
    )  # fmt: skip
    line = letters * _SPACING * style.POINT
    look = {"ha": "center", "va": "center", "fontsize": letters * scale, "linespacing": _SPACING, "zorder": 4}
    top = y - high / 2 + _PAD
    upper, lower = len(lines[0]) * line, len(lines[1]) * line
    axis.text(x, top + upper / 2, "\n".join(lines[0]), **look)
    if lines[1]:
        between = top + upper + 0.5
        axis.plot(
            [x - wide / 2 + 1, x + wide / 2 - 1], [between] * 2, color=style.ink(), linewidth=0.4, zorder=4
        )
        axis.text(x, between + 0.5 + lower / 2, "\n".join(lines[1]), style="italic", **look)


def _frame(loop: bool) -> dict:
    fill = style.on_paper("#f2f5f9", "#26303c") if loop else style.paper()
    return {"facecolor": fill, "edgecolor": style.ink(), "linewidth": 1.5 if loop else 0.6}


def _draw_arrow(axis, arrow: Arrow, places: Places, sizes, both: bool) -> None:
    """Draw a smooth line through the bends, upright where it meets a layer."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    way = places.ways[arrow.tail, arrow.head]
    down = 1.0 if places.y[way[-1]] > places.y[way[0]] else -1.0
    passed = [(places.x[way[0]], places.y[way[0]])]
    for bend in way[1:-1]:  # upright past the whole layer
        passed += [(places.x[bend], places.y[bend] + side * down * places.tall[bend] / 2) for side in (-1, 1)]
    points = np.array([*passed, (places.x[way[-1]], places.y[way[-1]])])
    points[:, 0] += (1.5 if arrow.tail < arrow.head else -1.5) if both else 0.0
    _aim(points, sizes[arrow.tail], sizes[arrow.head], both)
    points[0, 1] += down * sizes[arrow.tail][1] / 2
    points[-1, 1] -= down * (sizes[arrow.head][1] / 2 + 0.3)
    vertices, codes = [points[0]], [Path.MOVETO]
    for a, b in itertools.pairwise(points):
        half = (b[1] - a[1]) / 2
        vertices += [(a[0], a[1] + half), (b[0], b[1] - half), b]
        codes += [Path.CURVE4] * 3
    look = _FLOW if arrow.flow else _ACT
    axis.add_patch(
        FancyArrowPatch(
            path=Path(vertices, codes), arrowstyle="-|>,head_length=2.2,head_width=1.1", facecolor=style.ink(),
            edgecolor=style.ink(), zorder=2, gid="flow" if arrow.flow else "acts", **look,
        )
    )  # fmt: skip


def _aim(points: np.ndarray, tail, head, both: bool) -> None:
    """Let an arrow leave and meet a wide box nearer to where it comes from, not always at the middle."""
    if both or len(points) < 2:
        return
    for end, other, (wide, _) in ((0, 1, tail), (-1, -2, head)):
        reach = max(0.0, wide / 2 - 2.0) * 0.6
        points[end, 0] += np.clip(points[other, 0] - points[end, 0], -reach, reach)


def _key(axis, boxes: list[DrawnBox], arrows: list[Arrow], note: str | None) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[Line2D | Patch] = []
    if any(a.flow for a in arrows):
        entries.append(Line2D([], [], color=style.ink(), label="material moves", **_FLOW))
    if any(not a.flow for a in arrows):
        entries.append(Line2D([], [], color=style.ink(), label="acts on", **_ACT))
    if any(b.loop for b in boxes):
        entries.append(Patch(label="act on one another", **_frame(loop=True)))
    if entries:
        axis.legend(
            handles=entries, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(entries),
            borderaxespad=0.1, borderpad=0.2, columnspacing=1.2, handletextpad=0.5, title=note, title_fontsize=style.small(),
        )  # fmt: skip
