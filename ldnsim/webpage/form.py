"""The form of a model: which controls it has, and what they stand at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import library
from ..choices import spoken
from ..errors import bad, unknown
from ..regimen import DRUG, Regimen
from ..simulation.drugs import habitual
from ..units import HOURS_PER_DAY
from .fields import Clock, Days, Field, Number, Pick, plain, spaced

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

ONCE = 0.0  # interval of a single dose
NEVER = -1.0  # interval of a drug that is not taken
NOT_TAKEN = {"not at all": NEVER}
STEADY, RISING = "", "up"
CHALLENGE = "lps"
GIVEN = "*"  # anything but nothing
DEFAULT = NONE = ""
INTERVALS = {
    "every 6 hours": 6.0,
    "every 8 hours": 8.0,
    "twice daily": 12.0,
    "daily": 24.0,
    "every other day": 48.0,
    "every third day": 72.0,
    "weekly": 168.0,
    "every 4 weeks": 672.0,
    "a single dose": ONCE,
}
NEW, USUAL = "new", "usual"
USES = {"starts on day 1": NEW, "long-term use before day 1": USUAL}
ULTRA_LOW = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
_DEPOT = (110, 200, 10), (220, 400, 20)  # an injection for four weeks holds 380 mg
DOSES = (
    *ULTRA_LOW,
    *spaced((0.1, 1, 0.1), (1.25, 6, 0.25), (6.5, 10, 0.5), (11, 20, 1), (25, 100, 5), *_DEPOT),
)
PLACEBO = 0.0
OPIOID_DOSES = spaced((0.1, 1, 0.1), (1.5, 5, 0.5), (6, 20, 1), (25, 100, 5), (120, 400, 20))
MOST_DAYS = 84
CLOCK = spaced((0, 23.75, 0.25))
DRAWS = (1.0, 20.0, 50.0, 100.0, 200.0, 300.0, 400.0, 500.0)

Choices = Mapping[str, Any]


@dataclass(frozen=True)
class Form:
    """The controls of a model, in groups.

    Attributes
    ----------
    groups : mapping of str to tuple of Field
        Heading -> controls.
    model : Model
        What they belong to.
    """

    groups: Mapping[str, tuple[Field, ...]]
    model: Model

    @classmethod
    def of(cls, model: Model, draws: int = 0) -> Form:
        """Build the form of any model.

        Parameters
        ----------
        model : Model
            Any.
        draws : int
            Posterior draws at hand.
        """
        medicine = bool(_formulations(model))
        groups = {
            "Dose": (*(_dose(model) if medicine else _plain_dose(model)), *_course(medicine)),
            "Assumptions": tuple(_assumptions(model)),
            "Person": tuple(_person(model)),
            "Opioid": tuple(_opioid(model)),
            "Endotoxin": tuple(_challenge(model)),
            "Draws": tuple(_draws(draws)) if draws else (),
        }
        return cls({name: fields for name, fields in groups.items() if fields}, model)

    def __iter__(self) -> Iterator[Field]:
        return (field for fields in self.groups.values() for field in fields)

    def __getitem__(self, name: str) -> Field:
        found = {field.name: field for field in self}
        if name not in found:
            raise unknown("control", name, found)
        return found[name]

    def start(self, **given: Any) -> dict[str, Any]:
        """Return the choices when the page opens: those of the fields, and what was given instead.

        Raises
        ------
        InputError, UnknownNameError
            If a name is no control, a value is not allowed, or no dose falls on a day that is missed.
        """
        if "patients" in given:
            rule = "is no control: the band is of draws of what is not known, not of people"
            raise bad("patients", given["patients"], rule, "draws=200")
        choices = {field.name: field.start for field in self}
        if given.get("opioid"):
            choices |= self.usual(str(self["opioid"].read(given["opioid"])))
        choices |= {name: self[name].read(value) for name, value in given.items()}
        self._check_missed(choices)
        return choices

    def _check_missed(self, choices: Choices) -> None:
        """Refuse missed days on which no dose falls, as `Regimen.skip` does."""
        ii, missed = choices["interval"], self["missed"]
        if ii > 0 and isinstance(missed, Days):
            n = math.ceil(choices["days"] * HOURS_PER_DAY / ii - 1e-9)
            Regimen.every(choices["dose"], ii=ii, n=n, at=choices["at"]).skip(missed.days(choices["missed"]))

    def usual(self, drug: str) -> dict[str, float]:
        """Dose (mg) and interval (h) at which an opioid is usually taken, by the model's tables."""
        row = library.table(self.model, "drugs").loc[drug]
        rate, interval = row["opioid_use_rate"], float(row["interval"])
        if rate != rate:  # no entry: the value of the parameter table
            rate = self.model.parameters["value"]["opioid_use_rate"]
        return {"opioid_dose": float(f"{rate * interval:.3g}"), "opioid_interval": interval}


def _dose(model: Model) -> tuple[Field, ...]:
    forms = _formulations(model)
    return (
        Number("dose", "Dose", "mg", (PLACEBO, *DOSES), 4.5),
        Clock("at", "Time of day", CLOCK, "22:00"),
        Pick("interval", "Taken", {**INTERVALS, **NOT_TAKEN}, 24.0, {}),
        Number("days", "Days", "", spaced((1, 14, 1), (21, MOST_DAYS, 7)), 28, entire=True),
        Pick("formulation", "Formulation", plain(forms), forms[0], _told(model)),
    )


def _plain_dose(model: Model) -> tuple[Field, ...]:
    """Dosing of a model without formulations: an amount into one of its states."""
    states = tuple(model.states)
    return (
        Number(
            "dose", "Dose", "", spaced((0.1, 1, 0.1), (1.5, 10, 0.5), (11, 100, 1), (110, 1000, 10)), 100.0
        ),
        Clock("at", "Time of day", CLOCK, "00:00"),
        Pick("interval", "Given", {**INTERVALS, **NOT_TAKEN}, ONCE, {}),
        Number("days", "Days", "", spaced((1, 14, 1), (21, MOST_DAYS, 7)), 2, entire=True),
        Pick("cmt", "Given into", {state: state for state in states}, states[0], {}),
    )


def _course(medicine: bool) -> Iterator[Field]:
    """Titration and missed days."""
    repeated = {"interval": [hours for hours in INTERVALS.values() if hours != ONCE]}
    rising = {**repeated, "titration": RISING}
    unit = "mg" if medicine else ""
    ways = {"the same dose throughout": STEADY, "step up to it": RISING}
    yield Pick("titration", "Course", ways, STEADY, {}, when=repeated)
    yield Number("first_dose", "First dose", unit, DOSES, 1.5, when=rising)
    yield Number("step", "Then add", unit, DOSES, 1.5, when=rising)
    yield Number("step_days", "every so many days", "", spaced((1, 28, 1)), 14, entire=True, when=rising)
    yield Days("missed", "Days missed", "e.g. 5, 10-12", when=repeated)


def _challenge(model: Model) -> Iterator[Field]:
    """Endotoxin on the last day, as volunteers are given it."""
    if CHALLENGE in model.states:
        doses = {"none": 0.0, **{f"{dose:g} ng/kg": dose for dose in (0.5, 1.0, 2.0, 4.0)}}
        yield Pick("endotoxin", "On the last day", doses, 0.0, {})
        yield Clock("endotoxin_at", "Endotoxin at", CLOCK, "10:00", when={"endotoxin": GIVEN})


def _formulations(model: Model) -> list[str]:
    """Name the formulations of naltrexone that the model's folder lists."""
    if not library.has_table(model, "formulations"):
        return []
    forms = library.table(model, "formulations")
    return list(dict.fromkeys(forms.index[forms["drug"] == DRUG]))


def _told(model: Model) -> dict[str, str]:
    """Say what is known of each formulation: its grade and the notes of its rows."""
    forms = library.table(model, "formulations")
    forms = forms[forms["drug"] == DRUG]
    return {
        str(form): f"{rows['grade'].iloc[0]}: {'; '.join(dict.fromkeys(n for n in rows['note'] if n))}"
        for form, rows in forms.groupby(level=0, sort=False)
    }


def _assumptions(model: Model) -> Iterator[Field]:
    for name, label, chosen, says in (
        ("scenario", "Reading of the evidence", model.scenario, model.scenarios),
        ("condition", "Condition", model.condition, model.conditions),
    ):
        if says:
            options = ({} if chosen else {"default": DEFAULT}) | {spoken(one): one for one in says}
            yield Pick(name, label, options, chosen or DEFAULT, says)


def _person(model: Model) -> Iterator[Field]:
    """Covariates of the model's table; a stage stands for the number that sets the same parameter."""
    if not library.has_table(model, "covariates"):
        return
    table, own = library.table(model, "covariates"), model.parameters
    levels = table[table["level"] != ""]
    for name in dict.fromkeys(table.index):
        rows = table.loc[[name]]
        parameter = rows["parameter"].iloc[0]
        value = float(own["value"][parameter])
        if rows["level"].iloc[0]:
            yield _stages(name, rows, value)
        elif parameter not in set(levels["parameter"]):
            low, high = float(own["lower"][parameter]), float(own["upper"][parameter])
            yield Number(name, name.capitalize(), rows["unit"].iloc[0], spaced((low, high, 1.0)), value)


def _stages(name: str, rows: pd.DataFrame, value: float) -> Pick:
    options = dict(zip(rows["level"], rows["value"].astype(float), strict=True))
    if value not in options.values():
        options = {f"as the model has it ({value:g})": value} | options
    return Pick(name, name.capitalize(), options, value, {})


def _opioid(model: Model) -> Iterator[Field]:
    names = [str(n) for n in habitual(model)]
    if "opioid_use_rate" not in model.parameter_ids or not names:
        return
    intervals = {"every 4 hours": 4.0, **{k: v for k, v in INTERVALS.items() if v and v <= 72.0}}
    yield Pick("opioid", "Taken as well", {"none": NONE, **plain(names)}, NONE, {})
    yield Number("opioid_dose", "Opioid dose", "mg", OPIOID_DOSES, 20.0, when={"opioid": GIVEN})
    yield Pick("opioid_interval", "Opioid taken", intervals, 6.0, {}, when={"opioid": GIVEN})
    yield Pick("opioid_use", "Opioid use", USES, NEW, {}, when={"opioid": GIVEN})
    yield Clock("opioid_at", "Opioid first at", CLOCK, "00:00", when={"opioid": GIVEN, "opioid_use": NEW})


def _draws(most: int) -> Iterator[Field]:
    stops = tuple(sorted({*(n for n in DRAWS if n <= most), float(most)}))
    yield Number("draws", "Draws in the band", "", stops, min(200, most), entire=True)
