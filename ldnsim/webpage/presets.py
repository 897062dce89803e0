"""Named starting points of the page: what they choose, and one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import InputError, UnknownNameError
from .form import ONCE, RISING

if TYPE_CHECKING:
    from .form import Form

OPIOID = "oxycodone"


class PagePreset(NamedTuple):
    """A starting point.

    Attributes
    ----------
    name, says : str
        What stands on the button, and the sentence that explains it.
    choices : dict
        Control -> value; all others stand at their start.
    """

    name: str
    says: str
    choices: dict[str, Any]


PRESETS = (
    PagePreset("LDN at bedtime", "4.5 mg at 22:00 for four weeks.", {"dose": 4.5, "at": "22:00", "days": 28}),
    PagePreset(
        "Standard 50 mg",
        "The dose for dependence, in the morning, for four weeks.",
        {"dose": 50.0, "at": "08:00", "days": 28, "formulation": "tablet"},
    ),
    PagePreset(
        "Titration",
        "1.5 mg, two weeks later 3 mg, two weeks later 4.5 mg.",
        {"dose": 4.5, "days": 42, "titration": RISING, "first_dose": 1.5, "step": 1.5, "step_days": 14},
    ),
    PagePreset(
        "With an opioid",
        "4.5 mg in a person who has long taken oxycodone: naltrexone can precipitate withdrawal. Never advice.",
        {"dose": 4.5, "days": 7, "opioid": OPIOID, "opioid_use": "usual"},
    ),
    PagePreset(
        "Endotoxin",
        "LDN for two weeks in a healthy volunteer, then 2 ng/kg endotoxin.",
        {"dose": 4.5, "days": 14, "condition": "healthy", "endotoxin": 2.0, "endotoxin_at": "10:00"},
    ),
    PagePreset("One tablet", "A single 50 mg tablet, for three days.", {
        "dose": 50.0, "at": "08:00", "interval": ONCE, "days": 3, "formulation": "tablet",
    }),
)  # fmt: skip


def presets_of(form: Form) -> list[PagePreset]:
    """Return the presets that a form allows, with the usual dose where one takes an opioid."""
    found: list[PagePreset] = []
    if "formulation" not in {field.name for field in form}:
        return found
    for preset in PRESETS:
        try:
            found.append(preset._replace(choices=_allowed(form, preset.choices)))
        except (InputError, UnknownNameError):
            continue
    return found


def _allowed(form: Form, choices: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = {name: form[name].read(value) for name, value in choices.items()}
    return read | (form.usual(str(read["opioid"])) if read.get("opioid") else {})
