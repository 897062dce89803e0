"""The one description of a page: controls, presets, panels, evidence and words, ready to be JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import __version__, library
from ..numeric import NOTHING
from ..regimen import hints
from ..regimen.names import known
from .fields import Clock, Days, Field, Number, Pick
from .form import DEFAULT, Form
from .measured import measured
from .panels import chain_of, sheets_of, unit_of, words_of
from .presets import presets_of

if TYPE_CHECKING:
    from ..model import Model

NOTICE = "Research use, not medical advice"
HELP = {
    "Opioid": "Long-term use: the person is used to the opioid, at steady state, when naltrexone begins.",
    "Draws": "Draws of what the evidence leaves open, no people; the band holds 90 % of them.",
}
KEY = {  # readout -> what its card is called
    "hours_blocked_peripheral": "Blocked, periphery",
    "hours_blocked_brain": "Blocked, brain",
    "rebound_peak": "Highest tone less baseline, fold",
    "withdrawal_peak": "Peak withdrawal",
    "change_tnf_alpha": "TNF-α",
    "change_il6": "IL-6",
    "cmax naltrexone": "Peak naltrexone",
    "cmax naltrexol": "Peak 6β-naltrexol",
}
MOST_KEYS = 6
CENSORED = "stretch_above"
PER_DAY = "hours_blocked", "rebound_auc"  # h in every 24 h


def spec(form: Form, choices: dict[str, Any]) -> dict[str, Any]:
    """Describe the page of a model.

    Parameters
    ----------
    form : Form
        The controls of a model.
    choices : dict
        What the controls stand at when the page opens, as `Form.start` returns it.
    """
    model = form.model
    sheets = sheets_of(model)
    variables = [v for sheet in sheets for box in sheet.boxes for v in box.variables]
    return {
        "title": "Low-dose naltrexone" if "formulation" in choices else model.name,
        "model": model.name,
        "source": model.name if library.is_shipped(model) else "",
        "hash": model.hash,
        "version": __version__,
        "notice": NOTICE,
        "groups": [
            {"name": name, "help": HELP.get(name, ""), "fields": [_field(f) for f in fields]}
            for name, fields in form.groups.items()
        ],
        "start": choices,
        "person": _person(model, form),
        "absent": _absent(model),
        "made": _made(model),
        "usual": {
            drug: form.usual(drug) for drug in _options(form, "opioid") if drug
        },
        "drugs": {name: drug._asdict() for name, drug in known(model).items()} if "formulation" in choices else {},
        "hints": hints.for_a_page(),
        "presets": [p._asdict() for p in presets_of(form)],
        "panels": [
            {
                "id": sheet.id, "title": sheet.title, "log": sheet.log, "level": sheet.level,
                "levelWords": sheet.level_words, "limits": sheet.limits,
                "unit": unit_of(model, sheet.boxes[0].variables[0]),
                "boxes": [
                    {"id": b.id, "title": b.title, "variables": b.variables, "when": dict(b.when)} for b in sheet.boxes
                ],
            }
            for sheet in sheets
        ],
        "variables": {
            v: {"name": words_of(model, v), "unit": unit_of(model, v), "colour": k}
            for k, v in enumerate(variables)
        },
        "chain": chain_of(model, sheets),
        "keys": KEY,
        "mostKeys": MOST_KEYS,
        "perDay": PER_DAY,
        "nothing": NOTHING,
        "lasting": _lasting(model),
        "evidence": measured(model, form) if "formulation" in choices else [],
    }  # fmt: skip


def _field(field: Field) -> dict[str, Any]:
    """One control; the kinds are those of the fields."""
    common = {"name": field.name, "label": field.label, "start": field.start, "when": dict(field.when)}
    if isinstance(field, Clock):
        return {"kind": "clock", "stops": field.stops, **common}
    if isinstance(field, Number):
        return {"kind": "number", "unit": field.unit, "stops": field.stops, "entire": field.entire, **common}
    if isinstance(field, Days):
        return {"kind": "days", "hint": field.hint, **common}
    says = [[value, text] for value, text in field.says.items()]
    options = [[text, value] for text, value in field.options.items()]
    return {"kind": "pick", "options": options, "says": says, **common}


def _options(form: Form, name: str) -> list[Any]:
    found = next((f for f in form if f.name == name), None)
    return list(found.options.values()) if isinstance(found, Pick) else []


def _person(model: Model, form: Form) -> dict[str, str]:
    """Covariate -> the parameter that it sets."""
    fields = form.groups.get("Person", ())
    if not fields:
        return {}
    table = library.table(model, "covariates")
    return {f.name: str(table.loc[[f.name], "parameter"].iloc[0]) for f in fields}


def _absent(model: Model) -> dict[str, list[str]]:
    """Name what is not known under a condition: condition -> variables."""
    known = {name: set(model.with_condition(name).observables) for name in model.conditions}
    gone = {name: [v for v in model.observables if v not in some] for name, some in known.items()}
    return {name: some for name, some in gone.items() if some}


def _lasting(model: Model) -> list[str]:
    """Name the readouts that are "at least" so long where they last until the run ends."""
    rows = model.readouts
    return [] if rows.empty else [str(n) for n in rows.index[rows["reduce"] == CENSORED]]


def _made(model: Model) -> dict[str, Any]:
    """Say what was chosen on the model before the page was made, for the code that gives the same numbers."""
    return {
        "scenario": model.scenario or DEFAULT,
        "condition": model.condition or DEFAULT,
        "values": dict(model.overrides),
    }
