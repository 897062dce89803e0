"""From choices to calls of the library: the same calls are run for the page and written into its script."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from .. import library
from ..plots.chain import CHAIN, OPIOID, Panel
from ..regimen import DRUG, Regimen
from ..units import HOURS_PER_DAY, hours_of
from ..webpage.form import ONCE, USUAL, Choices, Form
from .labels import Aspect, aspects_of, labels_of

RTOL = 1e-4  # what it changes is far below the width of a line
SHORT = 4 * HOURS_PER_DAY  # h; a run up to here is shown whole
LATE = 2 * HOURS_PER_DAY  # h; of a longer one the end by the hour, the rest by the day
COARSE, FINE = 2.0, 192  # h between outputs before the end; outputs at the end
PEAKS = 0.6, 0.8, 1.0, 1.5  # h after a dose: plasma, receptors and tone; looked at besides, for the range of each day
BESIDE = ("pain",)  # read by metrics, not drawn


class Call(NamedTuple):
    """One call: on a thing, or as a line of code."""

    verb: str
    values: tuple[Any, ...] = ()
    named: dict[str, Any] = {}  # noqa: RUF012 (never changed)

    def on(self, thing: Any) -> Any:
        """Make it."""
        return getattr(thing, self.verb)(*self.values, **self.named)

    def __str__(self) -> str:
        given = [*map(repr, self.values), *(f"{k}={v!r}" for k, v in self.named.items())]
        return f"{self.verb}({', '.join(given)})"


@dataclass(frozen=True)
class Request:
    """What one side of the page shows.

    Attributes
    ----------
    source : str
        What `load_model` is given.
    model : tuple of Call
        Verbs that make the model wanted of it.
    regimen : tuple of Call
        Constructors of `Regimen`; the regimens are taken together.
    draws : int or None
        Posterior draws; None for the model's own values alone.
    times : tuple of (float, float, float)
        Output times (h): the union of stretches of (start, stop, step), the stop left out.
    panels : tuple of Panel
        What is drawn.
    outputs : tuple of str
        Variables returned.
    aspects : tuple of Aspect
        What is chosen, in words.
    late : float
        Where the part begins that is shown by the hour (h); 0 where that is all. The fine times begin up to a
        day earlier, so that a regimen with another clock time can be laid over it.
    """

    source: str
    model: tuple[Call, ...]
    regimen: tuple[Call, ...]
    draws: int | None
    times: tuple[tuple[float, float, float], ...]
    panels: tuple[Panel, ...] = field(repr=False)
    outputs: tuple[str, ...]
    aspects: tuple[Aspect, ...]
    late: float

    @property
    def label(self) -> str:
        """What is chosen, in a few words."""
        return labels_of({"": self})[""]

    @property
    def taken(self) -> Regimen:
        """The regimen."""
        return sum(call.on(Regimen) for call in self.regimen)

    @property
    def marked(self) -> list[float]:
        """Times (h) that are marked as doses: those of naltrexone, not of an opioid taken beside."""
        return [dose.time for dose in self.taken.doses if dose.drug == DRUG]

    @property
    def grid(self) -> np.ndarray:
        """Output times (h)."""
        return np.unique(np.concatenate([np.arange(*stretch) for stretch in self.times]))


def request_of(form: Form, choices: Choices) -> Request:
    """Turn choices into a request.

    Parameters
    ----------
    form : Form
        The controls of a model.
    choices : mapping
        Name -> value, each as `Field.read` returned it.
    """
    panels, more = CHAIN, BESIDE
    if choices.get("opioid"):
        panels = (*CHAIN, OPIOID)
    observables = set(form.model.with_condition(choices.get("condition") or None).observables)
    panels = tuple(p for p in panels if set(p.variables) <= observables)
    outputs = [v for p in panels for v in p.variables] + [v for v in more if v in observables]
    dosing = _dosing(choices)
    end = max(dosing.on(Regimen).end, choices["days"] * HOURS_PER_DAY)
    late, times = _times(choices, end)
    draws = choices.get("draws")
    source = form.model.name if library.is_shipped(form.model) else str(form.model.folder)
    return Request(
        source,
        tuple(_model(form, choices)),
        (*_opioid(choices, end), dosing),
        None if draws is None else int(draws),
        times,
        panels,
        tuple(outputs),
        aspects_of(form, choices),
        late,
    )


def _model(form: Form, choices: Choices) -> Iterable[Call]:
    """Choices that differ from the model's own values; what is left alone keeps its posterior draws."""
    if choices.get("condition"):
        yield Call("with_condition", (choices["condition"],))
    if choices.get("scenario"):
        yield Call("with_scenario", (choices["scenario"],))
    values = dict(form.model.overrides)
    for person in form.groups.get("Person", ()):
        if choices[person.name] != person.start:
            parameter = library.table(form.model, "covariates").loc[[person.name], "parameter"].iloc[0]
            values[parameter] = choices[person.name]
    if values:
        yield Call("with_parameters", (), values)


def _dosing(choices: Choices) -> Call:
    how = {"at": choices["at"], "formulation": choices["formulation"]}
    ii = choices["interval"]
    if ii == ONCE:
        return Call("single", (choices["dose"],), how)
    n = math.ceil(choices["days"] * HOURS_PER_DAY / ii)
    return Call("every", (choices["dose"],), {"ii": ii, "n": n, **how})


def _opioid(choices: Choices, end: float) -> Iterable[Call]:
    """Doses of the opioid until the last interval of naltrexone ends."""
    if choices.get("opioid"):
        ii = choices["opioid_interval"]
        usual = {"ss": True} if choices["opioid_use"] == USUAL else {}
        how = {"ii": ii, "n": math.ceil(end / ii), "drug": choices["opioid"], **usual}
        yield Call("every", (choices["opioid_dose"],), how)


def _times(choices: Choices, end: float) -> tuple[float, tuple[tuple[float, float, float], ...]]:
    """Where the part begins that is shown by the hour (h), and the stretches of output times."""
    late = 0.0 if end <= SHORT else max(0.0, end - max(LATE, choices["interval"]))
    step = (end - late) / FINE
    first = late - math.floor(min(late, HOURS_PER_DAY) / step) * step
    at = hours_of(choices["at"])
    before = [(at % COARSE, first, COARSE)]
    before += [(at + peak, first, choices["interval"] or HOURS_PER_DAY) for peak in PEAKS]
    return late, (*(stretch for stretch in before if stretch[0] < first), (first, end + step / 2, step))
