"""One dose of every subject as inputs into states: how much, how late, for how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BoundsWarning, bad, unknown, warn_user
from ..formulation import Formulations, Product, Share, formulations_of
from ..model.dose_units import is_scaled, unit_of
from ..model.parameters import possible
from ..regimen.record import DURATION_COLUMN, MODELLED_DURATION, MODELLED_RATE, RATE_COLUMN, Record
from ..units import DOSE
from .stated_times import check_modelled, check_times

if TYPE_CHECKING:
    from ..model import Model
    from ..regimen import Regimen

MODELLED_LETTERS = {MODELLED_RATE: "R", MODELLED_DURATION: "D"}
_ZERO = Product(0.0)
_FEW, _PERCENT = 5.0, 100.0  # a factor between these may be meant in percent; conversions of units are larger
_WHOLE = 1.0 + 1e-6  # of a dose, but for rounding


@dataclass(frozen=True, eq=False)
class Input:
    """What one dose feeds into one state; arrays have one entry a subject, or one for all.

    Attributes
    ----------
    state : int
        The state.
    amount : array
        Amount that arrives.
    lag : array
        Delay (h).
    rate : array
        Rate of arrival (amount/h); 0: all at once.
    duration : array
        How long it arrives (h).
    """

    state: int
    amount: np.ndarray
    lag: np.ndarray
    rate: np.ndarray
    duration: np.ndarray

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """All that may differ between subjects."""
        return self.amount, self.lag, self.rate, self.duration

    @property
    def is_infusion(self) -> bool:
        """Whether the amount arrives over time."""
        return bool(self.rate.any())

    def of_one(self) -> Input:
        """Keep one subject, who stands for all."""
        return Input(self.state, *(a[:1] for a in self.arrays))


@dataclass(frozen=True, eq=False)
class Bench:
    """What is needed to turn a record into inputs.

    Attributes
    ----------
    states : tuple of str
        The model's states.
    parameters : mapping of str to array, shape (n,)
        Values at the time of the record.
    formulations : Formulations
        How doses split.
    n : int
        Number of subjects.
    hours : float
        Hours in the unit of time of the parameters and formulations; a record counts in h.
    """

    states: tuple[str, ...]
    parameters: Mapping[str, np.ndarray]
    formulations: Formulations
    n: int
    hours: float

    def inputs(self, record: Record) -> list[Input]:
        """Turn one dose of a record into inputs.

        Notes
        -----
        Bioavailability F multiplies the amount: with a given rate it changes the duration, with a given
        duration the rate (NONMEM Users Guide VI, V.E and III.F.3). The fractions of a formulation divide what
        arrives and leave its duration alone.
        """
        return [self._input(record, share) for share in self.shares(record)]

    def shares(self, record: Record) -> tuple[Share, ...]:
        """Say how a dose divides over the states.

        Raises
        ------
        InputError, UnknownNameError
            If the model has no such state, drug or formulation.
        """
        if record.cmt != "":
            return (self.formulations.into(self.states[self._index(record.cmt)]),)
        found = self.formulations.of(record.drug, record.formulation)
        for share in found:
            if share.cmt not in self.states:
                rule = f"doses the state {share.cmt!r}, which this model does not have"
                raise bad("formulation", record.formulation, rule, _cmt_remedy(self.states[0]))
        return found if self.hours == 1.0 else tuple(share.in_hours(self.hours) for share in found)

    def _index(self, cmt: str | int) -> int:
        if isinstance(cmt, str):
            if cmt not in self.states:
                raise unknown("cmt", cmt, self.states, listing="model.states")
            return self.states.index(cmt)
        if cmt > len(self.states):
            raise bad("cmt", cmt, f"must be a state's number, 1..{len(self.states)}", "or its name")
        return cmt - 1

    def _input(self, record: Record, share: Share) -> Input:
        state = self.states.index(share.cmt)
        fraction = self._value(record, share, "fraction")
        lag = self._value(record, share, "lag") + record.lag
        given = np.full(self.n, record.amt * record.F)
        duration, rate = self._speed(record, share, given)
        return Input(state, given * fraction, lag, rate * fraction, duration)

    def _value(self, record: Record, share: Share, name: str) -> np.ndarray:
        value = getattr(share, name)(self.parameters, self.n)
        if not (value >= 0).all():
            where = f"{name} of {record.drug} {record.formulation}"
            remedy = "check the parameters it is made of"
            raise bad(where, float(value[~(value >= 0)][0]), "must be >= 0", remedy)
        return value

    def _speed(self, record: Record, share: Share, given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Duration (h) and rate (amount given/h) of arrival; zeros for a bolus."""
        nothing = np.zeros(self.n)
        released = self._value(record, share, "duration")
        if record.rate == 0.0:
            live = released > 0
            return released, np.divide(given, released, out=nothing, where=live)
        if released.any():
            rule = f"contradicts the formulation {record.formulation!r}, which is released over time itself"
            raise bad("rate", record.rate, rule, "leave out rate and duration")
        if record.rate == MODELLED_DURATION:
            duration = self._modelled(record, share, DURATION_COLUMN, "D")
            return duration, given / duration
        given_rate = np.full(self.n, record.rate) if record.rate > 0 else None
        rate = self._modelled(record, share, RATE_COLUMN, "R") if given_rate is None else given_rate
        return given / rate, rate

    def _modelled(self, record: Record, share: Share, column: str, letter: str) -> np.ndarray:
        stated, name = self.modelled_by(record, share, column, letter)
        if stated is None and name == column:
            wanted = f"{letter}_{share.cmt}"
            raise bad("rate", record.rate, f"needs a column {column!r} or a parameter {wanted!r}")
        value = self._in_hours(letter, self.parameters[name]) if stated is None else np.full(self.n, stated)
        if not (value > 0).all():
            raise bad(name, float(value[~(value > 0)][0]), f"must be > 0 with rate={record.rate:g}")
        return value

    def _in_hours(self, letter: str, value: np.ndarray) -> np.ndarray:
        """Bring a parameter that is a duration ("D") or a rate ("R") from the model's unit of time to h."""
        return value * self.hours if letter == "D" else value / self.hours

    def modelled_by(self, record: Record, share: Share, column: str, letter: str) -> tuple[float | None, str]:
        """Say what gives a modelled rate or duration: the value in the record, or None and a parameter."""
        names = modelled_names(letter, share.cmt, self.states.index(share.cmt))
        stated = next((v for v in map(record.get, (column, *names)) if v is not None), None)
        return stated, next((n for n in names if n in self.parameters), column)


def check_routes(model: Model, regimens: Iterable[Regimen | None]) -> None:
    """Refuse doses that have no place in a model, and tell of those whose unit is taken for mg, before anything is run.

    Raises
    ------
    InputError, UnknownNameError
        If the model has no such state, drug or formulation, a state counts what no dose can be brought to, or
        records set a parameter to what cannot be.
    """
    given = [regimen for regimen in regimens if regimen is not None]
    _check_stated(model, given)
    _tell_of_percent(given)
    bench, seen = Bench(model.states, {}, formulations_of(model), 0, model.structure.hours), set()
    for record in (r for regimen in given for r in regimen.records if r.is_dose):
        _check_modelled(model, bench, record)
        route = record.cmt, record.drug, record.formulation
        if route in seen:
            continue
        seen.add(route)
        (first, *_) = shares = bench.shares(record)
        _check_whole(model, bench.formulations, record, shares)
        if record.cmt == "":
            _check_known(model, record, shares)
            check_times(model, shares, record.drug, record.formulation)
        if record.cmt != "" and is_scaled(model, first.cmt):
            own = unit_of(model, first.cmt)
            warn_user(
                f"doses into {first.cmt!r} are taken for mg and brought to {own}, its unit; model.with_dose_units("
                f"{first.cmt}='mg') agrees, with_dose_units({first.cmt}={own!r}) takes them as they are"
            )


def _cmt_remedy(state: str) -> str:
    remedy = f"name the dosed state: cmt={state!r} where a regimen or a fit is made (words name none), "
    return remedy + f"a column cmt in a table, or data.dosed_into({state!r}) of what read_data read"


def _check_known(model: Model, record: Record, shares: Sequence[Share]) -> None:
    """Refuse a formulation that is made of parameters which the model does not have, as of another model."""
    known = set(model.parameter_ids)
    for name in (name for share in shares for name in sorted(share.parameters - known)):
        called = f"{record.drug} {record.formulation}".strip()
        rule = f"is made of the parameter {name!r}, which this model does not have"
        raise bad("formulation", called, rule, _cmt_remedy(shares[0].cmt))


def _check_modelled(model: Model, bench: Bench, record: Record) -> None:
    """Refuse a rate or duration that a parameter gives in another unit than it is read in."""
    letter = MODELLED_LETTERS.get(record.rate)
    column = DURATION_COLUMN if letter == "D" else RATE_COLUMN
    if letter is None or record.get(column) is not None:
        return
    for share in bench.shares(record):
        names = modelled_names(letter, share.cmt, model.states.index(share.cmt))
        for name in [n for n in names if n in model.parameter_ids and record.get(n) is None][:1]:
            # What is dosed in another unit, by `with_dose_units` or its drug, has its rates in that one.
            is_own = share.cmt in model.arrivals or (record.drug and bench.formulations.unit(record.drug) != DOSE)
            check_modelled(model, letter, name, "" if is_own else unit_of(model, share.cmt))


def _check_stated(model: Model, regimens: Iterable[Regimen]) -> None:
    """Refuse values in records that cannot be, such as a negative weight; warn once of those beyond the table."""
    table, beyond = {p.id: p for p in model.table}, {}
    for regimen in regimens:
        for parameter in (table[name] for name in regimen.covariates if name in table):
            for value in (v for v in (r.get(parameter.id) for r in regimen.records) if v is not None):
                if value < parameter.lower or value > parameter.upper:
                    beyond[parameter.id] = f"{parameter.id}={possible(value, parameter):g}"
    if beyond:
        warn_user(
            f"outside the bounds of the parameter table, in the records: {', '.join(beyond.values())}; the run goes on",
            BoundsWarning,
        )


def _tell_of_percent(regimens: Iterable[Regimen]) -> None:
    """Warn once of a factor on doses that looks like a bioavailability in percent."""
    factors = [r.F for regimen in regimens for r in regimen.records if r.is_dose and _FEW <= r.F <= _PERCENT]
    if factors:
        f = factors[0]
        warn_user(f"F={f:g} multiplies the dose by {f:g}; a bioavailability of {f:g} % is F={f / _PERCENT:g}")


def _check_whole(model: Model, formulations: Formulations, record: Record, shares: Sequence[Share]) -> None:
    """Refuse a formulation whose fractions are more than the dose, where nothing has to be converted."""
    if record.cmt != "" or any(share.fraction.factors for share in shares):
        return
    unit, total = formulations.unit(record.drug), sum(share.fraction.number for share in shares)
    if total > _WHOLE and all(unit_of(model, share.cmt) == unit for share in shares):
        name = f"{record.drug} {record.formulation}".strip()
        rule = f"has fractions that are {total:g} doses together, all of them in {unit}"
        raise bad("formulation", name, rule, "write shares, 0.5 for 50 %; a parameter may hold more")


def modelled_names(letter: str, state: str, index: int) -> tuple[str, str, str]:
    """Names that the rate ("R") or duration ("D") of doses into a state may have: R_gut, R_1, R1."""
    return f"{letter}_{state}", f"{letter}_{index + 1}", f"{letter}{index + 1}"


def may_infuse(regimen: Regimen, formulations: Formulations) -> bool:
    """Whether some dose of a regimen may arrive over time, for whomever."""
    kinds = {(r.drug, r.formulation, r.cmt == "") for r in regimen.records if r.is_dose}
    released = (formulations.of(drug, form) for drug, form, by_table in kinds if by_table)
    return any(r.rate for r in regimen.records) or any(
        s.duration != _ZERO for shares in released for s in shares
    )


def named(parameters: Sequence[str], values: np.ndarray) -> dict[str, np.ndarray]:
    """Give each column of values, shape (n, n_parameters), the id of its parameter."""
    return {name: values[:, k] for k, name in enumerate(parameters)}
