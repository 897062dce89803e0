"""What the constructors of a regimen accept, resolved into records at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import a_list, bad, finite, instance, positive
from ..units import hours_of
from . import names
from .record import DURATION_COLUMN, MODELLED_DURATION, Record, amount, count, state


@dataclass(frozen=True)
class How:
    """The arguments that all constructors share; see `Regimen.every`."""

    formulation: str | None
    drug: str | None
    cmt: str | int | None
    rate: float | None
    duration: float | None
    lag: float
    F: float
    ss: bool = False

    def __post_init__(self) -> None:
        for name in ("formulation", "drug"):
            if getattr(self, name) is not None:
                instance(name, getattr(self, name), str, "a name, that of a row of its table")
            if getattr(self, name) == "":
                raise bad(name, "", "must be a name", "leave it out for the usual one")
        if self.cmt is not None:
            state(self.cmt)
        instance("ss", self.ss, bool, "True or False")


def train(dose: float, ii: float, n: int, at: str | float, how: How) -> list[Record]:
    """Resolve a train of doses into one record."""
    start, lag = hours_of(at), finite("lag", how.lag, 0.0)
    fields = _route(how.formulation, how.drug, how.cmt) | _speed(dose, how.rate, how.duration)
    if how.ss and start + lag >= ii:
        raise bad("at", at, f"must lie in the first interval ({ii:g} h) with ss=True")
    # NONMEM's way to start at time 0 in the cycle's phase: an ss record there, its doses lagging.
    time, lag = (0.0, start + lag) if how.ss else (start, lag)
    return [Record(time, amt=dose, ii=ii, addl=n - 1, ss=int(how.ss), lag=lag, F=how.F, **fields)]


def given(argument: str, dose: Any, how: How) -> float:
    """Check the amount of a dose."""
    return amount(argument, dose, how.drug or "", how.cmt)


def _route(formulation: str | None, drug: str | None, cmt: str | int | None) -> dict[str, Any]:
    if cmt is None:
        drug, formulation = names.resolve(drug, formulation)
        return {"drug": drug, "formulation": formulation}
    if formulation is not None:
        raise bad("cmt", cmt, f"contradicts formulation={formulation!r}", "name one of the two")
    if cmt == "":
        raise bad("cmt", cmt, "must name a state, or number it from 1")
    return {"cmt": cmt, "drug": drug or ""}


def _speed(dose: float, rate: float | None, duration: float | None) -> dict[str, Any]:
    if rate is not None and duration is not None:
        raise bad("rate", rate, f"contradicts duration={duration!r}", "give one of the two")
    for name, value in (("rate", rate), ("duration", duration)):
        if value is not None:
            positive(name, value, remedy="leave it out for a bolus")
    if (rate or duration) and not dose:
        return {}  # nothing to infuse
    if duration is not None:
        return {"rate": MODELLED_DURATION, "extra": ((DURATION_COLUMN, float(duration)),)}
    return {} if rate is None else {"rate": float(rate)}


def pairs_of(steps: Any, how: How) -> list[tuple[float, int]]:
    """Check the steps of a titration: (dose, days) each."""
    found, pairs = [], a_list("steps", steps, "a list of (mg, days), at least one", 1)
    for k, pair in enumerate(pairs):
        try:
            dose, days = pair
        except (TypeError, ValueError):
            raise bad(f"steps[{k}]", pair, "must be (mg, days)") from None
        found.append((given(f"steps[{k}] dose", dose, how), count(f"steps[{k}] days", days)))
    return found
