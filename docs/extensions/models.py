"""The pages of the models: equations, quantities, numbers, readings, written from the models themselves."""

from pathlib import Path

import pandas as pd

import ldnsim as ldn
from ldnsim import library

from .bibliography import links
from .equations import equations, introduction
from .formulas import latex, symbol
from .text import cell, heading, table, write

MAIN = "ldn"
_ZERO = "\nStates begin at 0 unless their start is given. *t* is the time in h.\n"
_KINDS = {"observable": "Observables", "assigned": "Other computed quantities"}


def write_pages(folder: Path) -> None:
    """Write a folder for the main model and a page for each of the others."""
    model = ldn.load_model(MAIN)
    for page, title, text in (
        ("equations", "Equations", introduction(model) + _ZERO + equations(model)),
        ("quantities", "States and outputs", _quantities(model)),
        ("parameters", "Parameters", _parameters(model)),
        ("scenarios", "Scenarios and conditions", _presets(model)),
        ("doses", "Drugs, formulations, covariates", _doses(model)),
    ):
        write(folder / f"{MAIN}_{page}.md", f"# {title}\n\n{text}")
    for name in ldn.list_models():
        if name != MAIN:
            write(folder / f"{name}.md", _small(ldn.load_model(name)))


def _small(model: ldn.Model) -> str:
    parts = [
        f"# {model.title}\n\n`{model.name}`: {cell(model.description)}\n",
        introduction(model),
        heading("Equations", 2) + _ZERO + equations(model, 3),
        heading("States and outputs", 2) + _quantities(model, 3),
        heading("Parameters", 2) + _parameters(model),
        heading("Scenarios", 2) + _presets(model, 3) if model.scenarios else "",
    ]
    return "".join(parts)


def _quantities(model: ldn.Model, level: int = 2) -> str:
    outputs = model.outputs
    start = dict(zip(model.states, model.structure.initial, strict=True))
    lines = [[*_about(i, outputs.loc[i]), f"${latex(start[i])}$"] for i in model.states]
    text = "Simulated by name: `simulate(..., outputs=[...])`; by default the observables. Unit 1: a ratio.\n"
    text += (
        heading("States", level) + f"In the order of NONMEM's compartment numbers, {len(lines)} of them.\n\n"
    )
    text += table(["name", "unit", "meaning", "at the start"], lines)
    for kind, title in _KINDS.items():
        rows = outputs[outputs.kind == kind]
        if len(rows):
            lines = [_about(i, row) for i, row in rows.iterrows()]
            text += heading(title, level) + table(["name", "unit", "meaning"], lines)
    return text


def _about(name: str, row: pd.Series) -> list[str]:
    meaning = "" if row.long_name == name else cell(row.long_name)
    return [_named(name), cell(row.unit), meaning]


def _parameters(model: ldn.Model) -> str:
    p = model.parameters
    text = (
        f"{len(p)} numbers: {model.grades}. *measured*: read in a source; *fitted*: calibrated on the evidence; "
        "*assumed*: chosen. `CV` is the variation between people (lognormal), `GSD` the geometric standard "
        "deviation of what is not known. The same table: `model.parameters`.\n\n"
    )
    return text + table(
        ["id", "value", "meaning", "CV", "GSD", "grade", "source"],
        (
            (
                _named(i),
                f"{cell(r.value)} {cell(r.unit) if r.unit != '1' else ''}",
                _meaning(r),
                cell(r.iiv_cv),
                cell(r.uncertainty_gsd),
                r.grade,
                links(r.source),
            )
            for i, r in p.iterrows()
        ),
    )


def _named(name: str) -> str:
    """Write an id, and its symbol where that looks different."""
    short = symbol(name)
    return f"`{name}`" if short == rf"\text{{{name}}}" else f"`{name}` ${short}$"


def _meaning(row: pd.Series) -> str:
    return cell(row.description) + (f". *{cell(row.note)}*" if row.note else "")


def _presets(model: ldn.Model, level: int = 2) -> str:
    text = (
        "A scenario is a named reading of the literature, a condition a disease; each sets parameters, and "
        "says what it assumes. Choose one with `model.with_scenario(name)` and `model.with_condition(name)`. "
        "Readings exclude each other: they are shown side by side and never added up.\n"
    )
    groups = (("Scenarios", model.scenario_presets), ("Conditions", model.condition_presets))
    for title, presets in groups:
        if presets:
            rows = [
                [f"`{n}`", cell(p.assumes), _values(p.values), links(p.source)] for n, p in presets.items()
            ]
            text += heading(title, level) + table(["name", "what it assumes", "what it sets", "source"], rows)
    return text


def _values(values: dict[str, float]) -> str:
    return ", ".join(f"`{name}` = {cell(float(value))}" for name, value in values.items())


def _doses(model: ldn.Model) -> str:
    covariates = library.table(model, "covariates").reset_index()
    shown = (
        ("Drugs", "`Regimen.daily(30, days=14, drug=...)`", ldn.drugs().reset_index()),
        ("Formulations", "`Regimen.daily(4.5, days=28, formulation=...)`", ldn.formulations().reset_index()),
        ("Covariates", "`population(model, n=100, covariates={...})`", covariates),
    )
    text = ""
    for title, call, frame in shown:
        text += heading(title, 2) + call + "\n\n" + _framed(frame)
    return text


def _framed(frame: pd.DataFrame) -> str:
    columns = [c for c in frame.columns if frame[c].notna().any() and (frame[c] != "").any()]
    rows = [[links(r[c]) if c == "source" else cell(r[c]) for c in columns] for _, r in frame.iterrows()]
    return table([c.replace("_", " ") for c in columns], rows)
