"""Phases of a trial: what is taken in them, and when they begin and are read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from ..errors import warn_user
from ..regimen import Regimen
from ..units import HOURS_PER_DAY

WEEK = 168.0  # h
READ = 72.0  # h at the end of a phase over which the endpoint is averaged


def warn_of_early_ends(arms: Mapping[str, Regimen | None], weeks: Mapping[str, float]) -> None:
    """Name arms whose repeated doses end before their phase is read, where little may be left of them."""
    for name, regimen in arms.items():
        times = sorted({d.time for d in regimen.doses}) if regimen is not None and regimen.records else []
        if len(times) < 2:  # a single dose is meant to be one
            continue
        due, end = 2 * times[-1] - times[-2], weeks[name] * WEEK
        if due <= end - READ:
            warn_user(
                f"arms[{name!r}] takes its last dose on day {int(times[-1] // 24) + 1}, and its phase of "
                f"{weeks[name]:g} weeks is read on its last {READ / 24:g} days; give words without a length, which "
                "hold for the phase, or a regimen as long, unless the end is meant"
            )


def until(regimen: Regimen, end: float) -> Regimen:
    """Leave out what is due at the end of a phase or later."""
    due = {id(r): sum(d.time < end for d in r.doses) for r in regimen.records}
    kept = [replace(r, addl=due[id(r)] - 1) if due[id(r)] else r for r in regimen.records if r.time < end]
    return Regimen(kept)


def midnight(hours: float) -> float:
    """Return the first midnight that is no earlier, so that doses of a later phase keep their clock times."""
    return HOURS_PER_DAY * math.ceil(round(hours / HOURS_PER_DAY, 9))
