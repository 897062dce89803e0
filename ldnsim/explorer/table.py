"""Metrics in words: the key numbers, the table, the warnings, as HTML."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from ..study.pages import number
from .compute import NOW, PINNED
from .labels import labels_of

if TYPE_CHECKING:
    from .compute import Picture, Row

NOTICE = "Research use, not medical advice"
KEY = {
    "hours_blocked_peripheral": "Blocked, periphery",
    "hours_blocked_brain": "Blocked, brain",
    "rebound_peak": "Peak tone above baseline",
    "change_tnf_alpha": "TNF-α",
    "change_il6": "IL-6",
    "withdrawal_peak": "Peak withdrawal",
    "cmax naltrexone": "Peak naltrexone",
    "cmax naltrexol": "Peak 6β-naltrexol",
}
MOST_KEYS = 5
_PER_DAY = ("hours_blocked", "rebound_auc")  # h in every 24 h
GROUPS = {
    "Plasma": ("cmax", "tmax", "auc", "half_life"),
    "Receptors held": ("peak_mu", "trough_mu", "peak_kappa", "trough_kappa", "hours_", "blockade"),
    "Opioid tone and symptoms": ("rebound", "pain", "withdrawal"),
    "Cytokines, against the untreated baseline": ("change",),
}


def keys(pictures: Mapping[str, Picture]) -> str:
    """Write the key numbers as cards: median and 90 % interval."""
    found = _by_name(pictures)
    names = [n for n in KEY if n in found[NOW]]
    if "withdrawal_peak" in names:
        names.remove("change_tnf_alpha")  # of five, withdrawal counts for more with an opioid
    cards = []
    for name in names[:MOST_KEYS]:
        row = found[NOW][name]
        pinned = ""
        if PINNED in found and name in found[PINNED]:
            pinned = f'<span class="pinned">A {_value(found[PINNED][name])}</span>'
        cards.append(
            f'<div class="card"><dt>{escape(KEY[name])}</dt>'
            f"<dd><b>{_value(row)}</b><small>{_interval(row)}</small>{pinned}</dd></div>"
        )
    return f'<dl class="keys">{"".join(cards)}</dl>'


def table(pictures: Mapping[str, Picture]) -> str:
    """All metrics of the last dosing interval, in groups; a column a side."""
    found = _by_name(pictures)
    sides = [s for s in (PINNED, NOW) if s in found]
    heads = "".join(f'<th scope="col" class="number">{_head(s, len(sides))}</th>' for s in sides)
    body = []
    names = list(dict.fromkeys(n for side in sides for n in found[side]))
    for group, starts in GROUPS.items():
        mine = [n for n in names if n.startswith(starts)]
        if mine:
            body.append(
                f'<tr class="group"><th colspan="{len(sides) + 2}" scope="rowgroup">{group}</th></tr>'
            )
        for name in mine:
            row = next(found[s][name] for s in sides if name in found[s])
            cells = "".join(f'<td class="number">{_cell(found[s].get(name))}</td>' for s in sides)
            body.append(
                f'<tr><th scope="row" title="{escape(row.about)}">{escape(_label(row))}</th>{cells}'
                f'<td class="unit">{escape(_unit(row))}</td></tr>'
            )
    several = any(p.finished > 1 for p in pictures.values())
    return (
        '<table class="metrics"><caption>Metrics of the last dosing interval '
        f"<span>{'median and 90 % interval of the draws' if several else _of(pictures[NOW])}</span></caption>"
        f'<thead><tr><th scope="col">Metric</th>{heads}<th scope="col">Unit</th></tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>"
    )


def status(pictures: Mapping[str, Picture], count: int) -> str:
    """Say what is shown and for how many draws; read aloud when it changes."""
    now, labels = pictures[NOW], labels_of({side: p.request for side, p in pictures.items()})
    draws = f"{now.asked} draws" if now.asked > 1 else _of(now).removeprefix("of ")
    if now.finished < now.asked:
        draws = f"{now.finished} of {draws} reached the end"
    draws = f"medians of {draws}" if now.asked > 1 else draws
    parts = [f"<b>{escape(labels[NOW])}</b>", draws]
    if PINNED in pictures:
        parts.insert(0, f'<span class="dashed">A {escape(labels[PINNED])}</span>')
        parts[1] = f'<span class="solid">B <b>{escape(labels[NOW])}</b></span>'
    data = f'data-count="{count}" data-ms="{1000 * now.seconds:.0f}"'
    return f'<p class="status" role="status" {data}>{" <i>·</i> ".join(parts)}</p>'


def _of(picture: Picture) -> str:
    """Say what the numbers of a run of one are of."""
    return "of the nominal values" if picture.request.draws is None else "of one draw"


def told(pictures: Mapping[str, Picture], trouble: str = "") -> str:
    """Warnings of the package, and what went wrong."""
    texts = dict.fromkeys(w for p in pictures.values() for w in p.warnings)
    items = [f'<p class="trouble" role="alert">{escape(trouble)}</p>'] if trouble else []
    items += [f'<p class="warning" role="alert">{escape(_sentence(text))}</p>' for text in texts]
    return "".join(items)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].replace("`", "")


def _by_name(pictures: Mapping[str, Picture]) -> dict[str, dict[str, Row]]:
    return {side: {row.name: row for row in p.metrics} for side, p in pictures.items()}


def _head(side: str, sides: int) -> str:
    return "Value" if sides == 1 else {PINNED: "A, pinned", NOW: "B, now"}[side]


def _label(row: Row) -> str:
    words = row.label.replace("mu ", "μ ").replace("kappa ", "κ ")
    return _sentence(words) if not words.startswith(("μ", "κ")) else words


def _unit(row: Row) -> str:
    return "" if row.unit == "1" else row.unit


def _value(row: Row) -> str:
    unit = "h/day" if row.name.startswith(_PER_DAY) else _unit(row)
    sign = "+" if row.unit == "%" and row.middle > 0 else ""
    return f"{_least(row, row.middle)}{sign}{_number(row.middle)} {unit}".strip()


def _interval(row: Row) -> str:
    low, high = (f"{_least(row, value)}{_number(value)}" for value in (row.low, row.high))
    return "" if row.low == row.high else f"{low} to {high}"


def _cell(row: Row | None) -> str:
    if row is None or math.isnan(row.middle):
        return "-"
    interval = _interval(row)
    middle = f"<b>{_least(row, row.middle)}{_number(row.middle)}</b>"
    return middle + (f" <small>({interval})</small>" if interval else "")


def _least(row: Row, value: float) -> str:
    """Mark a number that only bounds the true one from below."""
    return "≥ " if value > row.exact else ""


def _number(value: float) -> str:
    text = number(float(value))
    return text.replace("-", "−") if value < 0 else text
