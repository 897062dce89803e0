"""The numbers of one measured profile, by the names of `ldnsim.readouts`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .cleaning import Clean, cleaned
from .profiles import Profile
from .terminal_line import NONE, Line, terminal
from .trapezoids import Curve

MOST_BEYOND = 20.0  # percent of an area beyond the last value: more is flagged
FIRST, STEADY, REPEATED = "first dose", "steady state", "repeated"
_END = 1e-9  # of an interval: a sample so close to its end ends it
_NOTHING = Curve(np.array([math.nan]), np.array([math.nan]), math.nan)


def numbers_of(
    profile: Profile,
    spans: Sequence[tuple[float, float]],
    rules: Mapping[str, str | float],
    least: int,
) -> dict[str, Any]:
    """All numbers of a profile, see `ldnsim.nca`."""
    clean = cleaned(profile, rules)
    line = _terminal(profile, clean, least)
    curve = _curve(clean, line)
    state = FIRST if profile.first else STEADY if profile.dose.steady else REPEATED
    found = _about(profile, state) | _extremes(profile, clean)
    found |= _areas(profile, clean, curve, state)
    found |= {f"auc({a:g}, {b:g})": curve.area(b) - curve.area(a) for a, b in spans}
    found |= _line_numbers(line) | _kinetics(profile, found, line, state)
    found["flag"] = "; ".join([*clean.flags, *_flags(profile, clean, found, line, state)])
    return found


def _about(profile: Profile, state: str) -> dict[str, Any]:
    dose = profile.dose
    return {
        "id": profile.subject,
        "dvid": profile.analyte,
        "period": dose.period + 1,
        "profile": profile.number,
        "time": dose.time,
        "dose": dose.amount,
        "route": dose.route,
        "tau": profile.tau,
        "state": state,
        "samples": len(profile.samples),
        "blq": sum(s.below for s in profile.samples),
    }


def _terminal(profile: Profile, clean: Clean, least: int) -> Line:
    """Line through points after the peak, and after the infusion."""
    if not clean.quantified.any():
        return NONE
    peak = clean.t[int(np.argmax(clean.c))]
    begun = clean.t < profile.dose.duration  # nowhere, if how long it lasts is not known
    late = clean.quantified & (clean.t > peak) & ~begun & (clean.c > 0)
    return terminal(clean.t[late], clean.c[late], least)


def _curve(clean: Clean, line: Line) -> Curve:
    """Curve from the dose to the last quantified value; nothing where there are not two points."""
    t, c = clean.t, clean.c
    if not clean.quantified.any():
        return (
            Curve(np.zeros(1), np.zeros(1), 1.0) if len(t) > 1 else _NOTHING
        )  # all below the limit: no area
    end = int(np.flatnonzero(clean.quantified)[-1]) + 1
    t, c = t[:end], c[:end]
    if t[0] > 0:
        t, c = np.concatenate([[0.0], t]), np.concatenate([[clean.start], c])
    return _NOTHING if len(t) < 2 or math.isnan(c[0]) else Curve(t, c, line.rate)


def _extremes(profile: Profile, clean: Clean) -> dict[str, float]:
    """Highest, lowest and last values, of the interval where there is one."""
    t, c, tau = clean.t, clean.c, profile.tau
    inside = t <= (math.inf if math.isnan(tau) else tau * (1 + _END))
    known = np.flatnonzero(clean.quantified)
    high = int(np.argmax(np.where(inside, c, -1.0))) if inside.any() else 0
    early = [clean.start] if profile.before is not None and len(t) and t[0] > 0 else []
    low = min([*c[inside], *early], default=math.nan)
    at_end = np.flatnonzero(np.isclose(t, tau, rtol=_END, atol=0.0))
    return {
        "cmax": float(c[high]) if inside.any() else math.nan,
        "tmax": float(t[high]) if known.size and inside.any() else math.nan,
        "cmin": math.nan if math.isnan(tau) else float(low),
        "ctrough": float(c[at_end[0]]) if at_end.size else math.nan,
        "c0": clean.start if profile.dose.route == "bolus" else math.nan,
        "clast": float(c[known[-1]]) if known.size else math.nan,
        "tlast": float(t[known[-1]]) if known.size else math.nan,
    }


def _areas(profile: Profile, clean: Clean, curve: Curve, state: str) -> dict[str, float]:
    """Areas over the interval, to the last value and to infinity, and how much of them is beyond."""
    tau, last = profile.tau, float(curve.t[-1])
    auc, aumc = (math.nan, math.nan) if math.isnan(tau) else (curve.area(tau), curve.moment(tau))
    whole = (math.nan, math.nan) if state == REPEATED else (curve.area(), curve.moment())
    of, inside = (whole[0], curve.area(last)) if state == FIRST else (auc, curve.area(min(last, tau)))
    return {
        "cavg": auc / tau,
        "auc": auc,
        "aumc": aumc,
        "auc_last": curve.area(last),
        "aumc_last": curve.moment(last),
        "auc_inf": whole[0],
        "aumc_inf": whole[1],
        "extrapolated": 100.0 * (1.0 - inside / of) if of else math.nan,
    }


def _line_numbers(line: Line) -> dict[str, float]:
    half_life = math.log(2.0) / line.rate
    return {
        "half_life": half_life,
        "lambda_z": line.rate,
        "r2": line.r2,
        "points": line.points,
        "points_from": line.start,
        "points_to": line.end,
        "span": (line.end - line.start) / half_life,
    }


def _kinetics(profile: Profile, found: Mapping[str, Any], line: Line, state: str) -> dict[str, float]:
    """Residence, clearance, volumes, and how much the curve swings."""
    tau, auc, mrt = profile.tau, found["auc"], math.nan
    if state == FIRST:
        mrt = ratio(found["aumc_inf"], found["auc_inf"]) - profile.dose.duration / 2.0
    elif state == STEADY:
        later = tau * (found["auc_inf"] - auc)
        mrt = ratio(found["aumc"] + later, auc) - profile.dose.duration / 2.0
    cl = ratio(
        profile.dose.amount, found["auc_inf"] if state == FIRST else auc if state == STEADY else math.nan
    )
    rise = found["cmax"] - found["cmin"]
    return {
        "mrt": mrt,
        "cl": cl,
        "vz": cl / line.rate,
        "vss": math.nan if profile.dose.route == "extravascular" else cl * mrt,
        "swing": 100.0 * rise / found["cmin"] if found["cmin"] else math.inf,
        "fluctuation": 100.0 * ratio(rise, found["cavg"]),
        "accumulation": math.nan,
    }


def ratio(one: float, two: float) -> float:
    """Quotient, NaN where it is none."""
    return one / two if two else math.nan


def _flags(profile: Profile, clean: Clean, found: Mapping[str, Any], line: Line, state: str) -> list[str]:
    """Say what to look at before the numbers are used."""
    flags = []
    if not clean.quantified.any():
        return ["no value above the limit"]
    if found["extrapolated"] > MOST_BEYOND:
        flags.append(f"{found['extrapolated']:.0f} % of the area is extrapolated")
    if math.isnan(line.rate):
        flags.append("no terminal phase: too few points fall after the peak")
    if math.isnan(profile.dose.duration):
        flags.append("how long the infusion lasts is not known")
    if state == REPEATED:
        flags.append("not known to be at steady state")
    at_once = profile.dose.route == "extravascular" and profile.first and clean.t[0] > 0
    if at_once and found["tmax"] == clean.t[0] and len(clean.t) > 1:
        flags.append("highest at the first sample: was it a bolus?")
    return flags
