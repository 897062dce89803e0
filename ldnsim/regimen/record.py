"""One row of a dosing table, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import InputError, bad, finite, positive, whole
from ..units import HOURS_PER_DAY
from . import names

INTERVAL = HOURS_PER_DAY  # taken for a dose that names no interval
MOST_DOSES = 1_000_000  # of one record, as a regimen lists them one by one
MOST = 1e12  # of a drug of the tables, a thousand tonnes of one in mg: beyond, numbers overflow on the way
LEAST_INTERVAL = 1e-5  # h; windows of metrics are told apart by a tenth of it
MOST_DAYS = 3650  # ten years, of what is said in words or asked of a command
MOST_OWN = 1e30  # into a state of one's own, which may count molecules

OBSERVATION, DOSE, OTHER, RESET, RESET_AND_DOSE = range(5)
MODELLED_RATE, MODELLED_DURATION = -1.0, -2.0
OF_THE_RATE = RATE_COLUMN, DURATION_COLUMN = "rat", "dur"


@dataclass(frozen=True, slots=True)
class Record:
    """A dose, an observation or a reset, in the terms of NONMEM's PREDPP.

    Attributes
    ----------
    time : float
        Time since the first midnight (h).
    amt : float
        Amount (mg, or the unit of the drug or of the dosed state).
    cmt : str or int
        Dosed state by name, or by number from 1; empty where the formulation says where the dose goes.
    evid : int
        0 observation, 1 dose, 2 other (with `ii` a dose that is due and not taken), 3 reset, 4 reset and
        dose.
    ii : float
        Interval between doses (h), with `addl` or `ss`.
    addl : int
        Doses that follow this one, `ii` apart.
    rate : float
        0 bolus; > 0 infusion rate (amount/h); -1 the rate is the column ``rat`` or the parameter
        ``R_<cmt>``; -2 the duration is the column ``dur`` or the parameter ``D_<cmt>``.
    ss : int
        1: the system is put into the steady state of this dose; 2: that steady state is added to the present
        one (meant for linear kinetics).
    lag : float
        Delay of the dose (h), added to a lag of the formulation.
    F : float
        Factor on the amount. With a positive `rate` it changes the duration, as in NONMEM.
    drug, formulation : str
        Names in the table of formulations; empty for a dose into `cmt`.
    extra : tuple of (str, float)
        Further columns, by name: ``rat``, ``dur``, and parameters that change with time.

    Notes
    -----
    PREDPP's rules: NONMEM Users Guide VI, chapter V.
    """

    time: float = 0.0
    amt: float = 0.0
    cmt: str | int = ""
    evid: int = DOSE
    ii: float = 0.0
    addl: int = 0
    rate: float = 0.0
    ss: int = 0
    lag: float = 0.0
    F: float = 1.0
    drug: str = ""
    formulation: str = ""
    extra: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        for name in ("time", "lag"):
            object.__setattr__(self, name, finite(name, getattr(self, name), 0.0))
        for name in ("amt", "F"):
            object.__setattr__(self, name, amount(name, getattr(self, name), self.drug, self.cmt))
        for name, none in (("ii", "no interval"), ("rate", "a bolus")):
            object.__setattr__(self, name, _or_zero(name, getattr(self, name), none))
        for name in ("evid", "ss"):
            object.__setattr__(self, name, whole(name, getattr(self, name)))
        object.__setattr__(self, "addl", count("addl", self.addl, 0))
        object.__setattr__(self, "cmt", state(self.cmt))
        object.__setattr__(self, "extra", tuple(sorted((str(k), finite(k, v)) for k, v in self.extra)))
        _check_ranges(self)
        if self.is_dose:
            _check_dose(self)
        else:
            _check_no_dose(self)

    @property
    def is_dose(self) -> bool:
        """Whether an amount is given."""
        return self.evid in (DOSE, RESET_AND_DOSE)

    @property
    def resets(self) -> bool:
        """Whether the state before this record is wiped."""
        return self.evid in (RESET, RESET_AND_DOSE) or self.ss == 1

    @property
    def is_constant_infusion(self) -> bool:
        """Whether this is an infusion without beginning that ends at `time` (ss, rate, no amount)."""
        return self.ss > 0 and self.rate != 0 and self.amt == 0

    @property
    def first(self) -> float:
        """When the first dose is taken (h): with `ss`, `lag` says where in the cycle it falls."""
        return self.time + self.lag if self.ss else self.time

    def get(self, name: str) -> float | None:
        """Value of a further column, None where it is not stated."""
        return next((v for k, v in self.extra if k == name), None)

    @property
    def is_missed(self) -> bool:
        """Whether this is a dose that is due and not taken."""
        return self.evid == OTHER and self.ii > 0

    @property
    def doses(self) -> list[Dose]:
        """Its dose and the additional ones."""
        return self._each if self.is_dose else []

    @property
    def missed(self) -> list[Dose]:
        """Doses that are due and not taken."""
        return self._each if self.is_missed else []

    @property
    def _each(self) -> list[Dose]:
        return [Dose(self.first + k * self.ii, self) for k in range(self.addl + 1)]

    @property
    def span(self) -> tuple[float, float]:
        """From the first dose, taken or due, to the end of the interval of the last one (h)."""
        return self.first, self.first + self.addl * self.ii + (self.ii or INTERVAL)


class Dose(NamedTuple):
    """One dose taken at one time."""

    time: float  # h
    record: Record

    @property
    def amt(self) -> float:
        """Amount (mg, or the unit of the drug or of the dosed state)."""
        return self.record.amt

    @property
    def drug(self) -> str:
        """Name of the drug, empty for a dose into a state."""
        return self.record.drug

    @property
    def given(self) -> str:
        """Name of the drug, or of the state that it goes into."""
        return self.drug or f"into {self.record.cmt}"

    @property
    def ii(self) -> float:
        """Interval to the next dose (h), a day where none is named."""
        return self.record.ii or INTERVAL

    @property
    def what(self) -> tuple:
        """All that tells this dose from another at the same time, the interval aside."""
        r = self.record
        return (r.amt, r.cmt, r.rate, r.F, r.drug, r.formulation, r.extra, 0.0 if r.ss else r.lag)


def in_row(error: InputError, row: object) -> InputError:
    """Say in which row of a table a value was refused."""
    return InputError(f"{error} (record {row})")


def state(cmt: Any) -> str | int:
    """Check the name, or the number from 1, of a state."""
    if isinstance(cmt, str):
        return cmt.strip()
    return whole("cmt", cmt, 1, "name the state, or number it from 1")


def count(argument: str, value: Any, least: int = 1) -> int:
    """Check a number of doses."""
    n = whole(argument, value, least)
    if n > MOST_DOSES:
        remedy = "treatment without end is ss=True, or steady_state(model, regimen)"
        raise bad(argument, value, f"must be at most {MOST_DOSES} doses", remedy)
    return n


def check_days(argument: str, days: float) -> None:
    """Refuse more days than are said in words or asked of a command."""
    if days > MOST_DAYS:
        raise bad(argument, days, f"must be at most {MOST_DAYS}, ten years")


def amount(argument: str, value: Any, drug: str, cmt: Any) -> float:
    """Check an amount, or a factor on one; into a state (`cmt`) it may have any unit."""
    unit = "" if cmt or argument == "F" else names.unit_of(drug or names.DRUG)
    number, most = finite(argument, value, 0.0, unit), MOST_OWN if cmt else MOST
    if number > most:
        remedy = "look at the unit" if argument != "F" else "it is a factor on the amount"
        raise bad(argument, value, f"must be at most {most:g} {unit}".rstrip(), remedy)
    return number


def _or_zero(name: str, value: Any, none: str) -> float:
    """Check a column in which 0 stands for nothing, as NONMEM has it; a rate may also be -1 or -2."""
    number = finite(name, value)
    if number < 0 and not (name == "rate" and number in (MODELLED_RATE, MODELLED_DURATION)):
        codes = ", -1 for a modelled rate, -2 for a modelled duration" if name == "rate" else ""
        raise bad(name, value, f"must be a finite number > 0, or 0 for {none}{codes}")
    return number


def _check_ranges(r: Record) -> None:
    if r.evid > RESET_AND_DOSE:
        raise bad("evid", r.evid, "must be 0 observation, 1 dose, 2 other, 3 reset or 4 reset and dose")
    if r.ss > 2:
        raise bad("ss", r.ss, "must be 0 none, 1 reset to the steady state or 2 add it")
    if 0.0 < r.ii < LEAST_INTERVAL:
        raise bad("ii", r.ii, f"must be 0 (no interval) or at least {LEAST_INTERVAL:g} h")
    for name in (RATE_COLUMN, DURATION_COLUMN):
        value = r.get(name)
        if value is not None:
            positive(name, value)


def _check_dose(r: Record) -> None:
    if r.formulation and r.cmt != "":
        raise bad("cmt", r.cmt, f"contradicts formulation={r.formulation!r}", "name one of the two")
    if r.addl and not r.ii:
        raise bad("addl", r.addl, "needs ii > 0, the interval between the doses")
    if r.is_constant_infusion:
        if r.ii or r.rate == MODELLED_DURATION:
            raise bad(
                "ii" if r.ii else "rate", r.ii or r.rate, "must be 0 and a rate for an infusion without end"
            )
    elif r.ss and r.amt and not r.ii:
        raise bad("ss", r.ss, "needs ii > 0, the interval between the doses")
    elif r.rate > 0 and not r.amt:
        raise bad("amt", r.amt, f"must be > 0 with rate={r.rate:g}", "only with ss=1, ii=0 it is 0")


def _check_no_dose(r: Record) -> None:
    if r.evid == OTHER and r.addl and not r.ii:
        raise bad("addl", r.addl, "needs ii > 0, the interval between the doses missed")
    for name in ("amt", "rate", "ss") if r.evid == OTHER else ("amt", "rate", "ii", "addl", "ss"):
        if getattr(r, name):
            raise bad(name, getattr(r, name), f"must be 0 where evid={r.evid} gives no dose")
