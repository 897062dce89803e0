"""Regimens in words as arguments of a command: "4.5 mg at 22:00", "LDN = 4.5 mg slow_release every 48 h"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import bad
from ..regimen.language import FORM, clock, doses_for
from ..regimen.language import GRAMMAR as WORDS
from ..regimen.record import MOST_DAYS
from ..units import HOURS_PER_DAY

if TYPE_CHECKING:
    from ..model import Model
    from ..regimen import Regimen

GRAMMAR = f"[NAME =] {WORDS}"


def one_of(regimen: str | None, days: int, model: Model, how: Mapping[str, Any]) -> Regimen:
    """Make the regimen of a command that takes one: in words, or of its options.

    Parameters
    ----------
    regimen : str or None
        In words.
    days : int
        Days of treatment, where the words do not say.
    model : Model
        Whose own drugs and formulations may be named.
    how : mapping
        ``dose, at, ii, formulation, drug, cmt``; None where an option is not given.
    """
    import ldnsim as ldn

    given = {name: value for name, value in how.items() if value is not None}
    if regimen is not None:
        if given:
            name, value = next(iter(given.items()))
            raise bad(f"--{name}", value, "contradicts the regimen in words", "say it there")
        return ldn.Regimen.parse(regimen, days, model=model)
    if "dose" not in given:
        raise bad("--dose", None, "must be given, or a regimen in words", "'4.5 mg at 22:00'")
    if "at" in given:
        given["at"] = clock(given["at"])
    for name in ("ii", "at"):
        if isinstance(given.get(name), float) and MOST_DAYS * HOURS_PER_DAY < given[name] < math.inf:
            raise bad(f"--{name}", given[name], f"must be at most {MOST_DAYS * HOURS_PER_DAY:g} h, ten years")
    return doses_for(ldn.Regimen, days, **given)


def regimens(texts: tuple[str, ...], days: int, model: Model | None = None) -> dict[str, Regimen]:
    """Read regimens in words.

    Parameters
    ----------
    texts : tuple of str
        Each as in GRAMMAR; parts joined by ``+`` are taken together.
    days : int
        Days of treatment, where the words do not say.
    model : Model, optional
        Whose own drugs and formulations may be named.

    Returns
    -------
    dict
        Name -> Regimen; a regimen without a name goes by its text.
    """
    import ldnsim as ldn

    found: dict[str, Regimen] = {}
    for text in texts:
        name, sign, words = text.partition("=")
        name, words = (name, words) if sign else (text, text)
        name = " ".join(name.split())
        if not name:
            raise bad("regimen", text, "has an empty name before '='", FORM)
        if name in found:
            raise bad("regimen", text, "is there twice", "give names, as in 'evening = 4.5 mg at 22:00'")
        found[name] = ldn.Regimen.parse(words, days, model=model)
    return found
