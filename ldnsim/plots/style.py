"""How the figures look: colours that a colour-blind reader tells apart, dashes that survive a grey print."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import bad
from ..numeric import as_number

if TYPE_CHECKING:
    from matplotlib.transforms import Bbox

# Told apart by colour-blind readers, and one grey from the next: lightness 25, 61, 0, 72, 50, 14 and 36 %.
COLOURS = ("#00508F", "#ED8436", "#000000", "#7FD6B0", "#B05CB5", "#5E0B0B", "#0B7D86")
DASHES = ("-", (0, (4.5, 1.3)), (0, (1.2, 1.1)), (0, (5, 1.2, 1.2, 1.2)), (0, (8, 1.5)), (0, (2.5, 1)), "-.")
MARKERS = "os^Dv<>"
_ORDERED, _LIGHTEST = 3, 0.85  # lines that make an order, and how far their scale goes: what is pale is lost
COLUMN, PAGE = 85.0, 175.0  # mm, one column of a journal, and all of its page
NIGHT_COLOUR = "#e9e9f0"
INCH = 25.4  # mm
POINT = INCH / 72  # mm, of letters

_SHEET = Path(__file__).with_name("column.mplstyle")  # and page.mplstyle, the same but for its width
_OWN = ("figure.figsize", "axes.prop_cycle")  # of the sheet, for figures of others: these set their own


@functools.cache
def _house() -> dict[Any, Any]:
    from matplotlib import rc_params_from_file

    found = rc_params_from_file(_SHEET, use_default_template=False)
    return {key: value for key, value in found.items() if key not in _OWN}


@contextlib.contextmanager
def house() -> Iterator[None]:
    """Apply the house style to every rcParam that still has Matplotlib's own default."""
    from matplotlib import rcParams, rcParamsDefault

    left_alone = {k: v for k, v in _house().items() if rcParams[k] == rcParamsDefault[k]}
    before = {k: rcParams[k] for k in left_alone}
    rcParams.update(left_alone)
    try:
        # Not rc_context: it would also undo what a notebook's backend sets when it is first loaded in here.
        yield
    finally:
        rcParams.update(before)


def ink() -> str:
    """Return the colour of words, for marks that belong to no curve."""
    import matplotlib as mpl

    return mpl.rcParams["text.color"]


def paper() -> str:
    """Return the colour behind the curves."""
    import matplotlib as mpl

    return mpl.rcParams["axes.facecolor"]


def on_paper(light: str, dark: str) -> str:
    """Choose between a shade for light paper and one for dark."""
    from matplotlib.colors import to_rgb

    return light if sum(to_rgb(paper())) > 1.5 else dark


def night() -> str:
    """Return the shade of nights."""
    return on_paper(NIGHT_COLOUR, "#33333f")


def level() -> str:
    """Return the colour of thresholds and baselines."""
    return on_paper("#555555", "#aaaaaa")


def colour(i: int) -> str:
    """Return colour `i` of the user's cycle, or of the house where the cycle is Matplotlib's own."""
    import matplotlib as mpl

    cycle = mpl.rcParams["axes.prop_cycle"]
    if "color" in cycle.keys and not _is_usual(cycle):
        own = cycle.by_key()["color"]
        return own[i % len(own)]
    return COLOURS[i % len(COLOURS)]


def _is_usual(cycle: Any) -> bool:
    """Tell whether a cycle is Matplotlib's own, or that of the sheets of this package."""
    import matplotlib as mpl

    if cycle == mpl.rcParamsDefault["axes.prop_cycle"]:
        return True
    return tuple(c.lower().lstrip("#") for c in cycle.by_key().get("color", ())) == tuple(
        c.lower().lstrip("#") for c in COLOURS
    )


@contextlib.contextmanager
def in_order(labels: Sequence[str]) -> Iterator[None]:
    """Give curves the colours of one ordered scale if their labels are amounts that ascend, such as doses.

    A cycle of the user's own stays.
    """
    import matplotlib as mpl
    from cycler import cycler

    before = mpl.rcParams["axes.prop_cycle"]
    amounts = [found for found in (re.match(r"([\d.]+) ?(\D*)$", label) for label in labels) if found]
    values = [as_number(found[1]) for found in amounts]
    alike = len(values) == len(labels) >= _ORDERED and len({found[2] for found in amounts}) == 1
    if _is_usual(before) and alike and values == sorted(values):
        shades = mpl.colormaps["viridis"](np.linspace(0.0, _LIGHTEST, len(labels)))
        mpl.rcParams["axes.prop_cycle"] = cycler(color=list(map(mpl.colors.to_hex, shades)))
    try:
        yield
    finally:
        mpl.rcParams["axes.prop_cycle"] = before


def line(i: int, **more) -> dict:
    """Colour and dashes of curve `i`, so that either alone tells the curves apart."""
    return {"color": colour(i), "linestyle": DASHES[i % len(DASHES)], **more}


def marker(i: int) -> str:
    """Return the marker of curve `i`."""
    return MARKERS[i % len(MARKERS)]


def small() -> float:
    """Return the size (points) of words inside a panel: below the ticks, and legible in one column."""
    import matplotlib as mpl

    return max(6.0, 0.8 * mpl.rcParams["font.size"])


def points(name: str) -> float:
    """Return the size (points) that an rcParam of a size means, which may be a word."""
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties

    return FontProperties(size=dict[Any, Any](mpl.rcParams)[name]).get_size_in_points()


def width_of(text: str, size: float) -> float:
    """Return the width (mm) of one line of text of `size` points."""
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties, findfont

    if not text:
        return 0.0  # no path can be made of it
    letters = findfont(FontProperties(size=size)), mpl.rcParams["mathtext.fontset"]
    return _width(text, size, letters)


@functools.lru_cache(maxsize=4096)
def _width(text: str, size: float, letters: tuple[str, str]) -> float:
    """Measure once what is asked for at each drawing, under the fonts of now.

    Letters are drawn with a vertex wherever they reach farthest, so that their curves need not be followed.
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), text, prop=FontProperties(size=size))
    x = path.vertices[path.codes != path.CLOSEPOLY, 0]
    return float(x.max() - x.min()) * POINT if x.size else 0.0


def cut(text: str, size: float, room: float) -> str:
    """Leave out the middle of one line of `size` points that is longer than `room` (mm); no sign is a formula."""

    def plainly(text: str) -> str:
        return text.replace("$", r"\$")

    if width_of(plainly(text), size) <= room:
        return plainly(text)
    few, many = 1, len(text)  # letters kept: few fit, many do not
    while many - few > 1:
        kept = (few + many) // 2
        fits = width_of(plainly(_ends(text, kept)), size) <= room
        few, many = (kept, many) if fits else (few, kept)
    return plainly(_ends(text, few))


def _ends(text: str, kept: int) -> str:
    """Both ends, for names often differ at the end only."""
    last = kept // 3
    return f"{text[: kept - last].rstrip()}…{text[len(text) - last :].lstrip()}"


def wrapped(words: list[str], size: float, room: float, between: str = " ") -> list[str]:
    """Fill lines of at most `room` (mm) with words of `size` points, none of them broken."""
    lines: list[str] = []
    for word in words:
        longer = lines[-1] + between + word if lines else word
        if lines and width_of(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def keep_apart(fig, texts: list) -> None:
    """Hide each text that would run into one before it or leave the figure, at the size the figure has now.

    Parameters
    ----------
    fig : Figure
    texts : list of Text
        The most important first.
    """
    fig.draw_without_rendering()
    kept: list[Bbox] = []
    pad = 0.5 * fig.dpi / 72  # half a point
    for text in texts:
        box = text.get_window_extent()
        box = box.from_extents(box.x0 - pad, box.y0 - pad, box.x1 + pad, box.y1 + pad)
        inside = (
            fig.bbox.x0 <= box.x0 and box.x1 <= fig.bbox.x1 and fig.bbox.y0 <= box.y0 <= box.y1 <= fig.bbox.y1
        )
        if inside and not any(box.overlaps(other) for other in kept):
            kept.append(box)
        else:
            text.set_visible(False)


def panels(
    rows: int, columns: int, *, width: float | None, row_height: float, margin: float = 14.0, ax=None, **more
):
    """Make a figure of rows x columns axes, or take the axes handed in, checked for their number.

    Parameters
    ----------
    rows, columns : int
        Number of panels.
    width : float or None
        Width of a new figure (mm), as in `wide`.
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
        given = _flat(ax)
        if len(given) != rows * columns or not all(hasattr(a, "get_figure") for a in given):
            raise bad(
                "ax", f"{len(given)} objects", f"must be {rows * columns} Axes, {rows} x {columns} panels"
            )
        return given[0].figure, np.array(given, dtype=object).reshape(rows, columns)
    import matplotlib.pyplot as plt

    size = (wide(width) / INCH, (rows * row_height + margin) / INCH)
    return plt.subplots(rows, columns, figsize=size, squeeze=False, **{"layout": "constrained", **more})


def _flat(ax) -> list:
    """List Axes that came alone, in a list or in an array of any shape."""
    if isinstance(ax, np.ndarray):
        return ax.ravel().tolist()
    return [one for part in ax for one in _flat(part)] if isinstance(ax, list | tuple) else [ax]


def wide(width: float | None) -> float:
    """Return the width (mm) of a figure: as asked for, or by the style sheet in use a page or a column.

    Raises
    ------
    InputError
        If it is none, or leaves no room for the words.
    """
    if width is None:
        import matplotlib as mpl

        return PAGE if abs(INCH * mpl.rcParams["figure.figsize"][0] - PAGE) < 1 else COLUMN
    if not 40 <= as_number(width) < np.inf:
        raise bad("width", width, "must be a width in mm >= 40")
    return width


def label_above(axis, text: str) -> None:
    """Write the label of the y axis level above its upper end, where a small panel has room for it."""
    axis.set_ylabel(text, rotation=0, horizontalalignment="left", verticalalignment="bottom")
    axis.yaxis.set_label_coords(0.0, 1.03)


def check_lines(
    n: int, argument: str = "ds", least: int = 1, what: str = "regimen", remedy: str = ""
) -> None:
    """Refuse more regimens than can be told apart in one panel, before anything is drawn."""
    if least <= n <= len(COLOURS):
        return
    if n < least:
        single = "simulate a dict of them, or draw the one with timecourse"
        raise bad(argument, f"{n} {what}", f"needs {least} {what}s or more", single)
    choice = f"choose, as in ds.isel({what}=[0, 1, 2]) or ds.sel({what}=[...]) with their names"
    rule = f"only {len(COLOURS)} can be told apart in one figure"
    raise bad(argument, f"{n} {what}s", rule, remedy or choice)


def plain_ticks(axis, low: float, high: float) -> None:
    """Label a logarithmic axis with plain numbers: 1, 2 and 5 of each decade, or fewer where it is long."""
    decades = np.log10(high / low)
    digits = (1.0,) if decades > 2.2 else (1.0, 3.0) if decades > 1.3 else (1.0, 2.0, 5.0)
    powers = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    powers = powers[:: max(1, int(np.ceil(decades / 6)))] if len(digits) == 1 else powers
    ticks = [d * 10.0**p for p in powers for d in digits if low <= d * 10.0**p <= high]
    axis.set_ticks(ticks, [plain(t) for t in ticks])
    axis.set_ticks([], minor=True)


def plain(value: float) -> str:
    """Write a tick of a logarithmic axis without an exponent, as far as that can be read."""
    return (
        f"{value:g}"
        if not 1e-7 < value < 1e-4
        else np.format_float_positional(value, 2, fractional=False, trim="-")
    )
