"""A profile ready to be integrated: values below the limit by their rules, and a value at the dose."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ..errors import bad, finite, instance, unknown
from .profiles import Profile, Sample

BLQ: Mapping[str, str | float] = {"first": "zero", "middle": "drop", "last": "zero"}  # as PKNCA's
_WORDS = ("zero", "drop", "half")


class Clean(NamedTuple):
    """A profile as points.

    Attributes
    ----------
    t, c : array, shape (n,)
        Hours since the dose and values, as measured or by the rules.
    quantified : array of bool, shape (n,)
        Which were measured above the limit.
    start : float
        Value at the dose, NaN where none can be had.
    flags : list of str
        What was assumed.
    """

    t: np.ndarray
    c: np.ndarray
    quantified: np.ndarray
    start: float
    flags: list[str]


def rules_of(given: Mapping[str, str | float] | None) -> dict[str, str | float]:
    """Check what values below the limit count for."""
    rules = dict(BLQ)
    for place, rule in instance("blq", given or {}, Mapping, "a dict", "{'middle': 'drop'}").items():
        if place not in BLQ:
            raise unknown("blq", place, BLQ)
        if isinstance(rule, str) and rule not in _WORDS:
            raise unknown(f"blq[{place!r}]", rule, _WORDS)
        rules[place] = rule if isinstance(rule, str) else finite(f"blq[{place!r}]", rule, 0.0)
    return rules


def cleaned(profile: Profile, rules: Mapping[str, str | float]) -> Clean:
    """Apply the rules, and find the value at the dose."""
    t, c = profile.times, np.array([s.value for s in profile.samples])
    seen = np.array([not s.below for s in profile.samples], bool)
    at = np.flatnonzero(seen)
    keep = np.ones(len(t), bool)
    for k in np.flatnonzero(~seen):
        place = "first" if not at.size or k < at[0] else "last" if k > at[-1] else "middle"
        value = _by_rule(profile.samples[k], rules[place])
        keep[k], c[k] = value is not None, 0.0 if value is None else value
    t, c, seen = t[keep], c[keep], seen[keep]
    start, flags = _start(profile, t, c, seen)
    return Clean(t, c, seen, start, flags)


def _by_rule(sample: Sample, rule: str | float) -> float | None:
    """Value that stands for one below the limit; None to drop it."""
    if rule == "drop":
        return None
    if rule == "zero":
        return 0.0
    if rule == "half":
        if math.isnan(sample.limit):
            raise bad("blq", "half", f"needs the limit, a column lloq (record {sample.row})")
        return sample.limit / 2.0
    return float(rule)


def _start(profile: Profile, t: np.ndarray, c: np.ndarray, seen: np.ndarray) -> tuple[float, list[str]]:
    """Value at the dose, and what was assumed for it."""
    if len(t) and t[0] == 0.0:
        return float(c[0]), []
    if profile.dose.route == "bolus":
        return _back(t[seen], c[seen])
    if profile.before is not None:
        value = profile.before.value
        return (0.0 if profile.before.below else value), []
    if profile.first:
        return 0.0, []
    if not len(t):
        return math.nan, []
    if math.isclose(t[-1], profile.tau):
        return float(c[-1]), ["starts with the value that ends the interval"]
    return float(c.min()), ["starts with the lowest value"]


def _back(t: np.ndarray, c: np.ndarray) -> tuple[float, list[str]]:
    """Extrapolate a bolus to the dose through the logarithms of its first two values."""
    if len(t) >= 2 and c[1] < c[0]:
        return float(c[0] * (c[0] / c[1]) ** (t[0] / (t[1] - t[0]))), []
    if len(t):
        return float(c[0]), ["c0 is the first value: the second is not lower"]
    return math.nan, []
