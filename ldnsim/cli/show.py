"""What the commands print: aligned tables of at most 100 columns, or JSON."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from ..io.about import NOTICE
from ..numeric import FEW, NOTHING, quantiles, three_digits
from ..units import unit_shown
from .layout import GAP, cell_width, lines_of, wrapped

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import xarray as xr

WIDTH = 100
TOO_FEW = f"too few for an interval, which takes --draws {FEW} or more"


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = (), widths: Sequence[int] = ()
) -> None:
    """Print an aligned table; long cells are wrapped.

    Parameters
    ----------
    head : sequence of str
        Names of the columns.
    rows : iterable of sequence of str
        The cells.
    right : sequence of int, optional
        Columns set flush right, as numbers are.
    widths : sequence of int, optional
        Of the columns; by default as wide as they need.
    """
    for line in lines_of(head, list(rows), _room(), right, widths):
        click.echo(line)


def sentence(text: str) -> None:
    """Print a sentence, wrapped between words."""
    for line in wrapped(text, _room()):
        click.echo(line)


def _room() -> int:
    """Columns that may be filled."""
    return min(shutil.get_terminal_size((WIDTH, 24)).columns, WIDTH) if sys.stdout.isatty() else WIDTH


def as_json(content: object) -> None:
    """Print JSON; what is not finite becomes null."""
    click.echo(json.dumps(_plain(content), indent=2, ensure_ascii=False, allow_nan=False))


def _plain(thing):
    if isinstance(thing, dict):
        return {str(k): _plain(v) for k, v in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [_plain(v) for v in thing]
    if hasattr(thing, "item"):
        thing = thing.item()
    return None if isinstance(thing, float) and not math.isfinite(thing) else thing


def end(files: Sequence[Path]) -> dict[str, object]:
    """Close an answer in JSON: the files written, and that it is no advice."""
    return {"files": [str(file) for file in files], "notice": NOTICE}


def finish(files: Sequence[Path], notice: str = NOTICE) -> None:
    """Close an answer in words; see `end`."""
    for file in files:
        click.echo(f"wrote {file}")
    click.echo(notice)


def few(draws: int) -> None:
    """Say why there are no intervals, where they are of few draws."""
    if draws < FEW:
        click.echo(f"{draws} draws: {TOO_FEW}.")


def rests_on(names: str, words: str = "Rests on assumed") -> None:
    """Name the assumed parameters behind an answer in one line, as many as fit."""
    listed = names.split()
    if not listed:
        return
    for k in range(len(listed), 0, -1):
        rest = f" and {len(listed) - k} more (--json names all)" if k < len(listed) else ""
        line = f"{words}: {', '.join(listed[:k])}{rest}."
        if len(line) <= WIDTH or k == 1:
            click.echo(line)
            return


def number(value: float) -> str:
    """Three significant digits, or a dash where there is no number."""
    if not math.isfinite(value):
        return "-"
    return three_digits(value) if value == 0 or 1e-3 <= abs(value) < 1e6 else f"{value:.2e}"


def metrics(summary: xr.Dataset) -> dict[str, dict[str, dict]]:
    """Take a summary apart: regimen -> metric -> value, units and meaning.

    A metric with the dim analyte gives one entry for each, as in ``cmax naltrexone``; of draws there is the
    median, with ``low`` and ``high``, which hold 90 % of them.
    """
    if "regimen" not in summary.dims:
        summary = summary.expand_dims(regimen=[""])
    return {str(r): _entries(summary.sel(regimen=r)) for r in summary["regimen"].values}


def _entries(summary: xr.Dataset) -> dict[str, dict]:
    from ..readouts import CUT, exact_up_to, meaning

    entries = {}
    for name, values in summary.data_vars.items():
        if values.dtype.kind != "f":
            continue
        about = {"units": values.attrs.get("units", ""), "long_name": meaning(values.attrs, str(name))}
        if "window" in values.attrs:
            about["window"] = values.attrs["window"]
        if f"{name}{CUT}" in summary.coords and "analyte" not in values.dims:
            about["at_least"] = bool((values > exact_up_to(summary, str(name))).mean() >= 0.5)
        if "analyte" in values.dims:
            for analyte in values["analyte"].values:
                entries[f"{name} {analyte}"] = {**_middle(values.sel(analyte=analyte)), **about}
        else:
            entries[str(name)] = {**_middle(values), **about}
    return entries


def _middle(values: xr.DataArray) -> dict[str, float]:
    """Give a number, or of many the median with the interval that holds 90 % of those that finished."""
    if not values.ndim:
        return {"value": float(values)}
    low, middle, high = quantiles(values.values.ravel()).tolist()
    return {"value": middle} | ({} if values.size < FEW else {"low": low, "high": high})


def _told(entry: dict) -> str:
    """Write a number, and whether it is one that only bounds the true one from below."""
    value, low, high = (readout(entry.get(name, math.nan), entry["units"]) for name in ("value", "low", "high"))
    text = value if math.isnan(entry.get("low", math.nan)) else f"{value} ({low} to {high})"
    return f">= {text}" if entry.get("at_least") else text


def readout(value: float, unit: str = "") -> str:
    """Write a readout; what the solver leaves of nothing is 0."""
    return "0" if abs(value) < (_NOTHING_OF_A_CHANGE if unit == "%" else NOTHING) else number(value)


def metric_table(found: dict[str, dict[str, dict]]) -> None:
    """Print metrics, one row each: one column a regimen, the unit, and what it means.

    Names too long to stand side by side are listed first, and numbered; where there is no room for the meaning
    either, it is left out.
    """
    names = list(found)
    heads = ["value"] if len(names) == 1 else names
    entries = found[names[0]].items()
    rows = [
        [metric, *(_told(found[name][metric]) for name in names), unit_shown(about["units"]), about["long_name"]]
        for metric, about in entries
    ]
    if len(names) > 1 and sum(w + GAP for w in _widths(["metric", *names, "unit"], rows)) - GAP > WIDTH:
        heads = [f"({k})" for k in range(1, len(names) + 1)]
        click.echo("\n".join(f"{short}  {name}" for short, name in zip(heads, names, strict=True)) + "\n")
    head, right = ["metric", *heads, "unit", "meaning"], range(1, 1 + len(names))
    widths = _widths(head[:-1], rows)
    left = _room() - sum(widths) - GAP * len(widths)
    if left >= _MEANING:
        table(head, rows, right, [*widths, left])
        return
    table(head[:-1], [row[:-1] for row in rows], right=right)
    for metric, about in entries:
        if "window" in about:
            sentence(f"{metric}: {about['long_name']}.")


def metric_frame(found: dict[str, dict[str, dict]]) -> pd.DataFrame:
    """Make a table of metrics, a row for each regimen and metric, with the interval where there is one."""
    import pandas as pd

    names = {"units": "unit", "long_name": "meaning"}
    rows = [
        {"regimen": regimen, "metric": metric, **{names.get(k, k): v for k, v in entry.items()}}
        for regimen, entries in found.items()
        for metric, entry in entries.items()
    ]
    columns = ["regimen", "metric", "value", "low", "high", "at_least", "unit", "window", "meaning"]
    table = pd.DataFrame(rows)
    table["at_least"] = table["at_least"].eq(True) if "at_least" in table else False
    return table[[c for c in columns if c in table]]


_NOTHING_OF_A_CHANGE = 1e-4  # %, the tolerance of the solver
_MEANING = 22  # columns of the screen that the meaning takes at least


def _widths(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return how many columns of the screen the cells take without wrapping, the meanings left out."""
    return [max(map(cell_width, cells)) for cells in zip(head, *(row[:-1] for row in rows), strict=True)]


