"""What a model offers, and what was asked for, as readouts."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import a_list, bad, instance, unknown
from ..memo import Memo
from ..model.readout_rows import USUAL
from ..numeric import number_of
from .readout import THRESHOLD, Readout

if TYPE_CHECKING:
    from ..model import Model

_known = Memo(64)
OF_TWO_RUNS = "opioid_effect_left"  # which `ldnsim.inference.opioids` reads
OUTPUTS = "model.outputs or `ldnsim models NAME --json`"
_LISTING = "model.readouts or `ldnsim models NAME --metrics`"


def readouts_of(model: Model) -> tuple[Readout, ...]:
    """Readouts that a model offers: those of its readouts.csv, else the usual ones of its observables.

    Those of outputs that are silent in its condition are left out.
    """
    return tuple(r for r in _all_of(model) if r.variable not in model.silent)


def _all_of(model: Model) -> tuple[Readout, ...]:
    rows = model.readout_rows
    return _known((rows,), (), lambda: from_rows(rows)) if rows else usual_of(model.observables)


def asked_of(
    asked: Any, model: Model, argument: str, beside: Sequence[str] = ()
) -> tuple[Readout, ...]:
    """Bring what was asked for to readouts of a model.

    `beside` names what else may be asked for, which a misspelt name may have meant.

    Raises
    ------
    InputError, UnknownNameError
        As `chosen` does, or if one reads an output on which no effect was ever measured in the model's condition.
    """
    found = chosen(asked, _all_of(model), (q.id for q in model.quantities), argument, beside)
    refuse_silent(found, model.silent, repr(model.condition), argument)
    return found


def refuse_silent(found: Iterable[Readout], silent: Iterable[str], where: str, argument: str) -> None:
    """Refuse readouts of outputs that are silent in the condition that `where` names."""
    for one in found:
        if one.variable in silent:
            rule = f"reads {one.variable}, on which no effect was ever measured in the condition {where}"
            raise bad(argument, one.name, rule, "leave it out, or choose a condition in which it was")


def from_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Readout, ...]:
    """Make readouts of rows of text."""
    return tuple(Readout(**{**row, "level": _level(row["level"])}) for row in rows)


def _level(cell: Any) -> float | str | None:
    if cell in ("", None) or cell == THRESHOLD:
        return cell or None
    number = number_of(cell)
    if not math.isfinite(number):
        raise bad("level", cell, f"must be a number, or {THRESHOLD!r}")
    return number


def usual_of(variables: Iterable[str]) -> tuple[Readout, ...]:
    """Give what is read of each variable where nothing says more."""
    return _usual(tuple(variables))


@functools.lru_cache(64)
def _usual(variables: tuple[str, ...]) -> tuple[Readout, ...]:
    return tuple(Readout(v, reduce) for v in variables for reduce in USUAL)


def available(offered: Sequence[Readout], variables: Iterable[str]) -> tuple[Readout, ...]:
    """Keep what reads the variables at hand; the usual ones of these where nothing does."""
    have = dict.fromkeys(variables)
    return tuple(r for r in offered if r.variable in have) or usual_of(have)


def chosen(
    asked: Any,
    offered: Sequence[Readout],
    variables: Iterable[str],
    argument: str = "readouts",
    beside: Sequence[str] = (),
) -> tuple[Readout, ...]:
    """Bring what was asked for to readouts, each called as it was asked for.

    Parameters
    ----------
    asked : str, Readout, or sequence of these
        Names of the model's readouts, texts such as "auc(Cp, 0, 24)", or values. A name that stands for
        several ("cmax" for both analytes) gives those whose variables are at hand.
    offered : sequence of Readout
        What the model offers.
    variables : iterable of str
        Variables at hand.
    argument : str
        For messages.
    beside : sequence of str
        What else may be asked for, for messages.

    Raises
    ------
    UnknownNameError
        If there is no such readout, or no such variable.
    InputError
        If one is asked for twice, or reads a variable that is not at hand.
    """
    listed = [asked] if isinstance(asked, str | Readout) else asked
    have = dict.fromkeys(variables)
    listed = a_list(argument, listed, "a list of readouts, at least one", 1, remedy="['cmax(Cp)']")
    found = [r for one in listed for r in _meant(one, offered, have, argument, beside)]
    for k, r in enumerate(found):
        twin = next((o for o in found[:k] if r == o or r.name == o.name), None)
        if twin is not None:
            also = "" if twin.name == r.name else f", as {twin.name!r} too"
            raise bad(argument, r.name, f"is asked for twice{also}", "leave one of them out")
    return tuple(found)


def the_one(asked: Any, model: Model, argument: str) -> Readout:
    """Bring what was asked for to a single readout of a model.

    Raises
    ------
    InputError, UnknownNameError
        As `chosen` does, or if it stands for several.
    """
    instance(argument, asked, (str, Readout), "the name of a metric, or a Readout")
    found = asked_of(asked, model, argument)
    if len(found) > 1:
        raise bad(argument, asked, "must name one number", f"such as {found[0].name!r}")
    return found[0]


def _meant(
    one: Any, offered: Sequence[Readout], have: Mapping[str, None], argument: str, beside: Sequence[str]
) -> list[Readout]:
    if isinstance(one, str) and "(" not in one:
        rows = [r for r in offered if one in (r.name, r.place[0])]
        if not rows:
            raise _no_such(one, offered, have, argument, beside)
        own = [r for r in rows if r.variable in have]
        if not own:
            needs = " or ".join(r.variable for r in rows)
            raise bad(argument, one, f"reads {needs}, which is not among the variables here")
        return own
    readout = Readout.of(one) if isinstance(one, str) else one
    instance(
        argument,
        readout,
        Readout,
        "names, texts such as 'auc(Cp)', or Readouts",
        "ldnsim.Readout('Cp', 'auc')",
    )
    if readout.variable not in have:
        raise unknown(argument, readout.variable, have, listing=OUTPUTS)
    found = next((r for r in offered if r == readout), readout)
    return [replace(found, name=one.strip() if isinstance(one, str) else readout.name)]


def _no_such(
    name: str, offered: Sequence[Readout], have: Mapping[str, None], argument: str, beside: Sequence[str]
) -> Exception:
    from .reducers import REDUCERS

    names = [r.place[0] for r in offered]
    if name in REDUCERS and have:
        variable = next(iter(have))
        return bad(argument, name, "needs the variable that it is of", f"such as '{name}({variable})'")
    if name == OF_TWO_RUNS:
        remedy = f"ldnsim.compare(model, regimen, metrics=[{name!r}]) makes both"
        return bad(argument, name, "is read of two runs, with naltrexone and without", remedy)
    every = dict.fromkeys([*names, *(r.name for r in offered), *beside])
    return unknown(argument, name, every, listing=_LISTING)
