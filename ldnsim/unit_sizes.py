"""What a unit that stands as text measures, and how large it is: so that two that are told can be held together."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import NamedTuple

_PREFIXES = {
    "": 1.0,
    "k": 1e3,
    "c": 1e-2,
    "d": 1e-1,
    "m": 1e-3,
    "u": 1e-6,
    "µ": 1e-6,
    "μ": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
}
_PREFIXED = {"g": "mass", "mol": "substance", "l": "volume"}  # g, mol, L
_WHOLE = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), (1.0, "time")),
    **dict.fromkeys(("d", "day", "days"), (24.0, "time")),
    **dict.fromkeys(("s", "sec", "second", "seconds"), (1 / 3600, "time")),
    **dict.fromkeys(("min", "minute", "minutes"), (1 / 60, "time")),
    **dict.fromkeys(("week", "weeks"), (168.0, "time")),
    "1": (1.0, ""),
    "%": (0.01, ""),
    "percent": (0.01, ""),
    "mcg": (1e-6, "mass"),
    "item": (1.0, "items"),
    "IU": (1.0, "activity"),
}
_MOLAR = re.compile(r"([munpµμ]?)M")
_FACTOR = re.compile(r"(1(?!\d)|[^\d^]+(?=\^?(\d)|$))(?:\^?\d)?")
_PER_DAY = re.compile(r"(?:/| per )(?:d|day|24 ?h)$")


class UnitSize(NamedTuple):
    """How large a unit is, in g, mol, L and h, and what it measures: each of these with its power."""

    value: float
    of: tuple[tuple[str, int], ...]


def size_of(unit: str) -> UnitSize | None:
    """Read a unit, factors and divisors from left to right; None where a part of it is not known.

    Examples
    --------
    >>> size_of("ng/mL") == size_of("ug/L"), size_of("apples")
    (True, None)
    """
    value, powers, sign = 1.0, Counter[str](), 1
    for part in re.split(r"\s*(/|\*|·|\bper\b)\s*", unit.strip()):
        if part in ("/", "*", "·", "per"):
            sign = -1 if part in ("/", "per") else 1
            continue
        factor = _FACTOR.fullmatch(part)
        known = _known(factor[1]) if factor else None
        if factor is None or known is None:
            return None
        power = sign * int(factor[2] or 1)
        value *= known.value**power
        for of, own in known.of:
            powers[of] += power * own
    return UnitSize(value, tuple(sorted((of, n) for of, n in powers.items() if n)))


def contradicts(said: str, own: str, a_day: bool = False) -> bool:
    """Tell whether two units of one number are known and not the same.

    Parameters
    ----------
    said, own : str
        What is said of a number, and what it is computed in; empty where that is not known.
    a_day : bool, optional
        Whether the number is one a day, which `said` may add.
    """
    one, two = size_of(_PER_DAY.sub("", said) if a_day else said), size_of(own)
    if not said or not own or one is None or two is None:
        return False
    return one.of != two.of or not math.isclose(one.value, two.value, rel_tol=1e-9)


def _known(name: str) -> UnitSize | None:
    if name in _WHOLE:
        value, of = _WHOLE[name]
        return UnitSize(value, ((of, 1),) if of else ())
    if molar := _MOLAR.fullmatch(name):
        return UnitSize(_PREFIXES[molar[1]], (("substance", 1), ("volume", -1)))
    for base, of in _PREFIXED.items():
        written = (base, "L") if base == "l" else (base,)
        for ending in written:
            if name.endswith(ending) and name[: -len(ending)] in _PREFIXES:
                return UnitSize(_PREFIXES[name[: -len(ending)]], ((of, 1),))
    return None
