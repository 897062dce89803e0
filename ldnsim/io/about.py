"""What a result says of itself in the words of people: who made it, what was taken, what the numbers are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

NOTICE = "For research; not medical advice."


def about(ds: xr.Dataset) -> list[tuple[str, str]]:
    """Give pairs of what is told, and what is told of it; nothing is told that the result does not know."""
    return [(what, told) for what, told in _pairs(ds) if told]


def _pairs(ds: xr.Dataset) -> Iterator[tuple[str, str]]:
    attrs = ds.attrs
    if "model" in attrs:
        yield "Made by", f"ldnsim {attrs.get('version', '')}, model {attrs['model']}"
        yield "Reading of the literature", _each(attrs.get("scenario"), "the default one")
        yield "Condition", _each(attrs.get("condition"), "none: a healthy volunteer")
        yield "Parameters changed", _changed(attrs)
    yield from _taken(attrs)
    yield "Numbers", _numbers(ds)
    if "threshold" in attrs:
        yield "Counts as blocked", f"from {float(attrs['threshold']):.0%} of the receptors held"
    yield "Rests on assumed", ", ".join(str(attrs.get("rests_on_assumed", "")).split())
    yield "What the columns mean", 'sheet "columns"'
    yield "All that was set for the run", 'sheet "run"'
    yield "How to cite", "ldnsim cite prints it as BibTeX"
    yield "Mind", NOTICE


def _each(names: Any, usual: str) -> str:
    """Tell what was chosen, of several models one after another, as `ldnsim.result.merged` joins them."""
    return ", ".join(name or usual for name in str(names or "").split(", "))


def _changed(attrs: Mapping[str, Any]) -> str:
    told = json.loads(attrs.get("changed_parameters") or "{}")
    several = told if isinstance(told, list) else [told]
    said = [", ".join(f"{name} = {value:g}" for name, value in one.items()) or "none" for one in several]
    return "; ".join(said) + (" (of one model each)" if len(said) > 1 else "")


def _taken(attrs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Tell each regimen in words; one of very many doses is kept as a hash alone, and nothing is told of it."""
    from ..regimen.kept import from_text  # pandas, which a command that prints `NOTICE` does without

    for label, regimen in (from_text(attrs.get("regimen", "")) or {}).items():
        lines = repr(regimen).splitlines() if regimen is not None else ["no dose"]
        name = f"Regimen {label}" if label else "Regimen"
        yield name, "; ".join(line.strip() for line in lines).removeprefix("Regimen: ")


def _numbers(ds: xr.Dataset) -> str:
    if "quantile" in ds.dims:
        return "quantiles over draws of what is not known: 0.5 is the median, 0.05 to 0.95 holds 90 % of them"
    if "subject" in ds.dims:
        return f"{ds.sizes['subject']} subjects or draws, one by one"
    return "nominal: every parameter at the value of its table, or as given" if "model" in ds.attrs else ""
