"""Profiles of a subject: what was measured from one dose to the next."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..engine.instants import width
from ..errors import bad
from ..regimen import Record, Regimen
from ..regimen.record import DURATION_COLUMN, OBSERVATION, RATE_COLUMN, RESET, RESET_AND_DOSE
from ..regimen.schedule import trimmed
from .study_data import StudyData

ROUTES = ("extravascular", "bolus", "infusion")
LEAST = 3  # samples from a dose on that make a profile
_FIRST = -1  # place of an additional dose at its time: before what the table lists there, as in NONMEM


class Sample(NamedTuple):
    """One measurement: time (h) and place in the table, value (NaN below the limit), that limit; its period."""

    time: float
    place: int
    value: float
    below: bool
    limit: float
    row: int
    period: int


class DoseGiven(NamedTuple):
    """What is given at one time: an amount, over how long (h), and how long until the next (h; NaN unknown)."""

    time: float
    place: int
    amount: float
    duration: float
    ii: float
    steady: bool
    route: str
    drug: str
    period: int


@dataclass(frozen=True)
class Profile:
    """What was measured from one dose to the next.

    Attributes
    ----------
    subject, analyte : label
        Whose it is, and of what; None for an analyte where the data name none.
    number : int
        1 for the profile of the first dose that is sampled.
    dose : DoseGiven
        The dose.
    tau : float
        Dosing interval (h), NaN where there is none.
    first : bool
        Whether no dose came before.
    before : Sample or None
        The sample before the dose, at its time.
    samples : tuple of Sample
        From the dose to the end of the interval, in the order of their times.
    """

    subject: Any
    analyte: Any
    number: int
    dose: DoseGiven
    tau: float
    first: bool
    before: Sample | None
    samples: tuple[Sample, ...]

    @property
    def times(self) -> np.ndarray:
        """Hours since the dose, shape (sample,)."""
        return np.array([max(s.time - self.dose.time, 0.0) for s in self.samples])


def profiles(
    data: StudyData, route: str | None, tau: float | None, steady_state: bool | None
) -> Iterator[Profile]:
    """Find the profiles of all subjects: intervals with at least `LEAST` samples, else the best sampled one.

    A reset begins a period: doses before it have nothing to do with what comes after.
    """
    for subject, regimen in data.regimens.items():
        periods = _periods(regimen.records)
        samples = _samples(data, subject, regimen, periods)
        doses = _doses(subject, regimen, periods, route)
        for analyte, some in samples.items():
            yield from _numbered(subject, analyte, doses, some, tau, steady_state)


def _numbered(subject, analyte, doses, samples, tau, steady_state) -> Iterator[Profile]:
    """Profiles of one analyte in one subject."""
    found = []
    for period in sorted({d.period for d in doses}):
        own = [d for d in doses if d.period == period]
        seen = [s for s in samples if s.period == period]
        found += [_profile(subject, analyte, own, k, seen, tau, steady_state) for k in range(len(own))]
    chosen = [p for p in found if len(p.samples) >= LEAST]
    if not chosen and any(p.samples for p in found):
        chosen = [max(found, key=lambda p: len(p.samples))]
    yield from (replace(p, number=k) for k, p in enumerate(chosen, 1))


def _profile(subject, analyte, doses, k, samples, tau, steady_state) -> Profile:
    """Profile of the dose k of a period."""
    dose = doses[k]
    repeated = k > 0 and steady_state is not False
    if steady_state and repeated:
        dose = dose._replace(steady=True)
    interval = tau if tau is not None else _interval(doses, k)
    return Profile(
        subject, analyte, 0, dose, interval, not (repeated or dose.steady), *_between(doses, k, samples)
    )


def _periods(records: Sequence[Record]) -> list[int]:
    """Period of each record: one more from every reset on."""
    return list(itertools.accumulate(int(r.evid in (RESET, RESET_AND_DOSE)) for r in records))


def _samples(
    data: StudyData, subject: Any, regimen: Regimen, periods: Sequence[int]
) -> dict[Any, list[Sample]]:
    """Collect the samples of each analyte at the times of the regimen."""
    rows = data.observed_rows(subject)
    table = data.table.iloc[rows]
    places = [(r.time, k) for k, r in enumerate(regimen.records) if r.evid == OBSERVATION]
    found: dict[Any, list[Sample]] = {}
    for (time, place), (row, one) in zip(places, table.iterrows(), strict=True):
        if one["MDV"] == 0:
            value, limit = float(one["DV"]), float(one["LLOQ"])
            sample = Sample(time, place, value, bool(one["CENS"]), limit, int(row), periods[place])
            analyte = one.get("DVID")
            found.setdefault(None if pd.isna(analyte) else analyte, []).append(_checked(sample))
    return found


def _checked(sample: Sample) -> Sample:
    """Refuse a value below 0; 0 lies below the limit, whatever that is."""
    if sample.value < 0:
        raise bad("dv", sample.value, f"must be >= 0 for a concentration (record {sample.row})")
    return sample._replace(value=math.nan, below=True) if sample.value == 0 else sample


def _doses(subject: Any, regimen: Regimen, periods: Sequence[int], route: str | None) -> list[DoseGiven]:
    """Doses in the order of their times; those of one time are one."""
    single = [
        _given(record, record.time + k * record.ii, _FIRST if k else place, periods[place], route)
        for place, record in enumerate(trimmed(regimen.records))
        if record.is_dose and record.amt > 0
        for k in range(record.addl + 1)
    ]
    drugs = sorted({d.drug for d in single})
    if len(drugs) > 1:
        rule = f"takes {' and '.join(map(repr, drugs))}: whose profile it is, cannot be told"
        raise bad("data", f"ID {subject}", rule, "keep the doses of one of them")
    joined: list[DoseGiven] = []
    for one in sorted(single, key=lambda d: (d.time, d.place)):
        if joined and joined[-1].period == one.period and _same(joined[-1].time, one.time):
            joined[-1] = _together(joined[-1], one)
        else:
            joined.append(one)
    return joined


def _given(record: Record, time: float, place: int, period: int, route: str | None) -> DoseGiven:
    duration = _duration(record)
    found = "infusion" if duration != 0 else "bolus" if record.formulation == "iv" else "extravascular"
    ii = record.ii or math.nan
    amount = record.amt * record.F
    return DoseGiven(time, place, amount, duration, ii, record.ss > 0, route or found, record.drug, period)


def _duration(record: Record) -> float:
    """How long a dose runs in (h); NaN where the model says so."""
    if record.rate == 0:
        return 0.0
    if record.rate > 0:
        return record.amt * record.F / record.rate
    duration, rate = record.get(DURATION_COLUMN), record.get(RATE_COLUMN)
    return duration if duration else record.amt * record.F / rate if rate else math.nan


def _together(one: DoseGiven, two: DoseGiven) -> DoseGiven:
    longest = max(one.duration, two.duration)
    route = one.route if one.duration >= two.duration else two.route
    return one._replace(
        amount=one.amount + two.amount, duration=longest, place=max(one.place, two.place),
        steady=one.steady or two.steady, route=route,
    )  # fmt: skip


def _interval(doses: Sequence[DoseGiven], k: int) -> float:
    """Dosing interval that a dose begins: to the next one, else as it says, else as the one before."""
    if k + 1 < len(doses):
        return doses[k + 1].time - doses[k].time
    if not math.isnan(doses[k].ii):
        return doses[k].ii
    return doses[k].time - doses[k - 1].time if k else math.nan


def _between(
    doses: Sequence[DoseGiven], k: int, samples: Sequence[Sample]
) -> tuple[Sample | None, tuple[Sample, ...]]:
    """Sample before a dose at its time, and those from it on up to the next one.

    What is given over time or through the gut is not seen at once, so a sample at the time of the next dose ends
    the interval wherever it is listed; after a bolus the order of the table decides.
    """
    dose, following = doses[k], doses[k + 1] if k + 1 < len(doses) else None
    at_dose = [s for s in samples if _same(s.time, dose.time)]
    before = next((s for s in reversed(at_dose) if s.place < dose.place), None)
    inside = [s for s in samples if s.time >= dose.time or _same(s.time, dose.time)]
    inside = [s for s in inside if not (_same(s.time, dose.time) and s.place < dose.place)]
    if following is not None:
        at_end = [s for s in samples if _same(s.time, following.time)]
        ends = [s for s in at_end if s.place < following.place]
        if not ends and following.route != "bolus":
            ends = at_end[:1]
        inside = [s for s in inside if s.time < following.time and not _same(s.time, following.time)] + ends
    return before, _distinct(inside)


def _distinct(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    for one, two in itertools.pairwise(samples):
        if _same(one.time, two.time):
            rule = f"is measured twice (records {one.row} and {two.row}), in one profile of one analyte"
            raise bad("time", two.time, rule, "keep one of them, or tell analytes apart by dvid")
    return tuple(samples)


def _same(one: float, two: float) -> bool:
    return abs(one - two) <= width(max(one, two))
