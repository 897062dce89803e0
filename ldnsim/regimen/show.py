"""How a regimen shows itself, as text and as a table."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ..units import clock_of
from .names import unit_of
from .record import (
    DOSE,
    DURATION_COLUMN,
    MODELLED_DURATION,
    OBSERVATION,
    OTHER,
    RATE_COLUMN,
    RESET,
    Dose,
    Record,
)
from .schedule import day_of, trimmed

if TYPE_CHECKING:
    from .contents import RegimenContents

_ROWS = 12
_HEADS = ("day", "clock", "dose", "of", "repeated", "remarks")
_EVENTS = {OTHER: "change", RESET: "reset"}


def text(regimen: RegimenContents) -> str:
    """One line of summary, then one line a record."""
    lines = [_summary(regimen)]
    for day, clock, dose, what, repeated, remarks in _rows(regimen, _first(regimen)):
        words = " ".join(w for w in (dose, what, repeated) if w)
        lines.append(f"  day {day}, {clock}: {words}" + (f" ({remarks})" if remarks else ""))
    return "\n".join(_shortened(lines, "  ... {} more"))


def sentence(regimen: RegimenContents) -> str:
    """All in one line: what is taken how often, and from which day of the run on."""
    told = []
    for day, clock, dose, what, repeated, remarks in _rows(regimen, 0.0):
        words = " ".join(w for w in (dose, what, repeated) if w)
        told.append(f"{words} from day {day}, {clock}" + (f" ({remarks})" if remarks else ""))
    return "; ".join(_shortened(["", *told], "{} more")[1:]) or "nothing"


def of_dose(dose: Dose) -> str:
    """One dose in words: how much of what, and when in the run."""
    amount, what = _given(dose.record)
    return f"{amount} {what}, day {day_of(dose.time, 0.0)}, {clock_of(dose.time)}"


def html(regimen: RegimenContents) -> str:
    """Table with one row a record, for notebooks."""
    rows = [f"<tr>{''.join(f'<td>{escape(str(c))}</td>' for c in row)}</tr>" for row in _rows(regimen, _first(regimen))]
    rows = _shortened(["", *rows], f'<tr><td colspan="{len(_HEADS)}">... {{}} more</td></tr>')[1:]
    heads = "".join(f"<th>{h}</th>" for h in _HEADS)
    return (
        f"<div><p><b>{escape(_summary(regimen))}</b></p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _shortened(lines: list[str], more: str) -> list[str]:
    if len(lines) <= _ROWS + 1:
        return lines
    return [*lines[: _ROWS + 1], more.format(len(lines) - _ROWS - 1)]


def _summary(regimen: RegimenContents) -> str:
    doses, seen = regimen.doses, len(regimen.observation_times)
    words = [_counted(len(doses), "dose") if doses else "no dose"]
    if doses:
        last = max(doses[-1].time, *(d.time for d in regimen.missed), 0.0)
        words.append(f"over {_counted(day_of(last, doses[0].time), 'day')}")
    if seen:
        words.append(f"and {_counted(seen, 'observation')}")
    late = day_of(doses[0].time, 0.0) if doses else 1
    return f"Regimen: {' '.join(words)}" + (f"; its day 1 is day {late} of the run" if late > 1 else "")


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" + ("" if n == 1 else "s")


def _rows(regimen: RegimenContents, first: float) -> list[tuple]:
    """Rows of all records but observations; days are counted from that of `first` (h)."""
    return [_row(r, first) for r in trimmed(regimen.records) if r.evid != OBSERVATION]


def _first(regimen: RegimenContents) -> float:
    """When the days begin by which `Regimen.skip` counts: with the first dose (h)."""
    records = [r for r in trimmed(regimen.records) if r.evid != OBSERVATION]
    return regimen.doses[0].time if regimen.doses else (records[0].time if records else 0.0)


def _row(r: Record, first: float) -> tuple:
    when = (day_of(r.first, first), clock_of(r.first))
    if not r.is_dose:
        repeated = f"x {r.addl + 1} every {r.ii:g} h" if r.addl else ""
        return (*when, "missed" if r.is_missed else _EVENTS[r.evid], "", repeated, "")
    amount, where = _given(r)
    if r.is_constant_infusion:
        amount = "constant infusion"
    repeated = f"x {r.addl + 1} every {r.ii:g} h" if r.addl else ""
    return (*when, amount, where, repeated, ", ".join(_remarks(r)))


def _given(r: Record) -> tuple[str, str]:
    """How much of what a dose is."""
    if r.cmt != "":
        return f"{r.amt:g}", f"into {r.cmt}"
    return f"{r.amt:g} {unit_of(r.drug)}".rstrip(), f"{r.drug} {r.formulation}".strip()


def _remarks(r: Record) -> list[str]:
    remarks = ["placebo"] if r.amt == 0 and not r.is_constant_infusion else []
    if r.evid != DOSE:
        remarks.append("after a reset")
    if r.ss:
        remarks.append("at steady state" if r.ss == 1 else "steady state added")
    if r.rate > 0:
        remarks.append(f"at {r.rate:g}/h")
    elif r.rate == MODELLED_DURATION:
        remarks.append(_modelled("over", r.get(DURATION_COLUMN), "h"))
    elif r.rate:
        remarks.append(_modelled("at", r.get(RATE_COLUMN), "/h"))
    if r.lag and not r.ss:
        remarks.append(f"lag {r.lag:g} h")
    if r.F != 1.0:
        remarks.append(f"F {r.F:g}")
    return remarks


def _modelled(word: str, value: float | None, unit: str) -> str:
    return (
        f"{word} the model's {'duration' if unit == 'h' else 'rate'}"
        if value is None
        else f"{word} {value:g} {unit}"
    )
