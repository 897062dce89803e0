"""Everything numeric that a page needs to run a model by itself, as JSON can hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import library
from ..errors import bad, whole
from ..formulation import Product, Share, formulations_of
from ..inference import posterior
from ..readouts import readouts_of
from ..readouts.readout import Readout
from ..regimen import DRUG
from ..simulation.drugs import opioids, settings_of
from .wasm import module_of

if TYPE_CHECKING:
    from ..model import Model
    from ..model.presets import Preset

FORM = 1  # of this description; the shell refuses another one


def engine_data(model: Model, draws: int = 200, seed: int | None = None) -> dict[str, Any]:
    """Describe a model for the engine of a page.

    Parameters
    ----------
    model : Model
        Under the scenario, condition and parameters that the page opens with.
    draws : int
        Posterior draws in the page; none where the model has no posterior.
    seed : int, optional
        Choose them at random; by default they are the first.

    Returns
    -------
    dict
        As ``shell/src/engine/data.ts`` reads it.

    Raises
    ------
    InputError
        If the page cannot simulate the model, or there are fewer draws.
    """
    draws = whole("draws", draws, 0)
    facts = module_of(model).facts
    hourly = model.in_hours()
    return {
        "form": FORM,
        "described": _described(model, hourly, draws),
        "facts": facts,
        "hours": hourly.structure.hours,
        "table": {p.id: p.value for p in model.table},
        "base": {
            "scenario": model.scenario,
            "condition": model.condition,
            "overrides": dict(model.overrides),
        },
        "scenarios": _values_of(model.scenario_presets),
        "conditions": _values_of(model.condition_presets),
        "structured": list(model.structures),
        "drugs": settings_of(model),
        "opioids": list(opioids(model)),
        "counts": DRUG,
        "formulations": _formulations(hourly),
        "draws": _draws(model, draws, seed),
        "shipped": library.is_shipped(model) and bool(model.readout_rows),
    }


def _described(model: Model, hourly: Model, draws: int) -> dict[str, Any]:
    """Describe what the page shows names of."""
    outputs = model.outputs
    shown = {q.id: q for q in model.quantities}
    words = {name: {"units": row["unit"], "long_name": row["long_name"]} for name, row in outputs.iterrows()}
    table = model.parameters
    return {
        "model": model.name,
        "states": list(model.states),
        "timeUnit": hourly.time_unit or "",
        "outputs": [_output(name, words, shown) for name in module_of(model).facts["outputs"]],
        "observables": list(model.observables),
        "parameters": [_parameter(str(name), row) for name, row in table.iterrows()],
        "readouts": [_readout(r, words) for r in readouts_of(model)],
        "draws": draws if library.has_table(model, "posterior") else 0,
    }


def _output(name: str, words: Mapping[str, Mapping[str, str]], shown: Mapping[str, Any]) -> dict[str, str]:
    own = words.get(name, {})
    quantity = shown.get(name)
    unit = own.get("units") or (getattr(quantity, "unit", "") if quantity is not None else "")
    label = own.get("long_name") or (getattr(quantity, "long_name", "") if quantity is not None else "")
    return {"id": name, "unit": unit or "1", "label": label or name}


def _parameter(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    bounds = {k: None if row[k] != row[k] else float(row[k]) for k in ("lower", "upper")}
    words = {"unit": row["unit"], "label": row["description"], "grade": row["grade"], "source": row["source"]}
    return {"id": name, "value": float(row["value"]), **{k: str(v) for k, v in words.items()}, **bounds}


def _readout(r: Readout, words: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    told = r.attrs(words)
    return {
        "id": r.name,
        "output": r.variable,
        "reduce": r.reduce,
        "window": r.window,
        "against": r.reducer.against,
        "level": r.level,
        "hour": r.hour,
        "unit": told["units"] or "1",
        "label": told["long_name"],
        "words": told["description"],
        "group": r.group,
    }


def _values_of(presets: Mapping[str, Preset]) -> dict[str, dict[str, float]]:
    return {name: dict(preset.values) for name, preset in presets.items()}


def _formulations(model: Model) -> list[dict[str, Any]]:
    """List how doses of each drug and formulation split, those that this model has the states for."""
    table = formulations_of(model)
    found = []
    for (drug, form), shares in table.items():
        if all(share.cmt in model.states for share in shares):
            usual = form == table.usual(drug)
            found.append(
                {"drug": drug, "form": form, "usual": usual, "shares": _shares(table.of(drug, form), model)}
            )
    return found


def _shares(shares: Iterable[Share], model: Model) -> list[dict[str, Any]]:
    hourly = (share.in_hours(model.structure.hours) for share in shares)
    return [
        {
            "state": model.states.index(share.cmt),
            **{name: _product(getattr(share, name)) for name in ("fraction", "lag", "duration")},
        }
        for share in hourly
    ]


def _product(product: Product) -> list[Any]:
    """Write a product: its number, then its parameters, a complement with a minus before its name."""
    return [product.number, *(("-" if complement else "") + name for name, complement in product.factors)]


def _draws(model: Model, n: int, seed: int | None) -> dict[str, Any]:
    """Posterior draws of all parameters, whatever is chosen on the model: the page leaves out what is chosen."""
    if not n or not library.has_table(model, "posterior"):
        return {"columns": [], "rows": [], "structures": []}
    table = posterior(replace(model, overrides={}, scenario=None, condition=None))
    if model.scenario in model.structures and "structure" in table:
        table = table[table["structure"] == model.scenario]
    if n > len(table):
        raise bad("draws", n, f"must be at most the {len(table)} draws shipped")
    places = slice(n) if seed is None else np.random.default_rng(seed).choice(len(table), n, replace=False)
    table = table.iloc[places]
    columns = [name for name in table if name in model.parameter_ids]
    structures = table["structure"].tolist() if "structure" in table else []
    return {"columns": columns, "rows": table[columns].to_numpy().tolist(), "structures": structures}
