"""How a model looks in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from .parameters import GRADES

if TYPE_CHECKING:
    from .model import Model

_CELL = 'style="text-align:left"'


def html_of(model: Model) -> str:
    """Write a model as HTML: what it is, its states, and its parameters by grade."""
    head = f"<b>{escape(model.name)}</b>" + (f": {escape(model.title)}" if model.title else "")
    rows = [("states", _listed(model.states)), ("observables", _listed(model.observables))]
    for kind, name, presets in (
        ("scenario", model.scenario, model.scenario_presets),
        ("condition", model.condition, model.condition_presets),
    ):
        if name is not None:
            rows.append((kind, f"{escape(name)}: {escape(presets[name].assumes)}"))
        elif presets:
            rows.append((kind, f"default; to choose from: {_listed(presets)}"))
    if model.overrides:
        changed = ", ".join(f"{name} = {value:g}" for name, value in model.overrides.items())
        rows.append(("changed", escape(changed)))
    rows += [(f"{len(ids)} {grade}", _listed(ids)) for grade, ids in _by_grade(model).items()]
    body = "".join(f"<tr><th {_CELL}>{escape(k)}</th><td {_CELL}>{v}</td></tr>" for k, v in rows)
    return f"<div>{head}<table>{body}</table>{_details(model)}</div>"


def _by_grade(model: Model) -> dict[str, list[str]]:
    return {g: ids for g in GRADES if (ids := [p.id for p in model.table if p.grade == g])}


def _listed(ids: Iterable[str], limit: int = 40) -> str:
    names = [escape(str(n)) for n in ids]
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")


def _details(model: Model) -> str:
    head = "".join(f"<th {_CELL}>{c}</th>" for c in ("id", "value", "unit", "description", "grade", "source"))
    rows = []
    for p, value in zip(model.table, model.values, strict=True):
        cells = (p.id, f"{value:.6g}", p.unit, p.description, p.grade, p.source)
        rows.append("<tr>" + "".join(f"<td {_CELL}>{escape(c)}</td>" for c in cells) + "</tr>")
    return (
        f"<details><summary>{len(model.table)} parameters</summary>"
        f"<table><tr>{head}</tr>{''.join(rows)}</table></details>"
    )
