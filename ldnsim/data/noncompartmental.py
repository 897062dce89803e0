"""`nca`: what measured profiles amount to, without a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..door import check_kinds
from ..errors import bad, finite, instance, positive, unknown, whole
from .cleaning import rules_of
from .profile_numbers import numbers_of, ratio
from .profile_units import in_units
from .profiles import ROUTES, profiles
from .reading import read_as
from .stated_units import STATED, agreed
from .terminal_line import LEAST

if TYPE_CHECKING:
    import pandas as pd


def nca(
    data: Any,
    *,
    route: str | None = None,
    tau: float | None = None,
    steady_state: bool | None = None,
    partial: Iterable[tuple[float, float]] = (),
    unit: str | None = STATED,
    dose_unit: str | None = STATED,
    blq: Mapping[str, str | float] | None = None,
    least: int = LEAST,
) -> pd.DataFrame:
    """Analyse measured profiles without a model.

    Parameters
    ----------
    data : StudyData, or what `read_data` reads
        Doses and measurements.
    route : {"extravascular", "bolus", "infusion"}, optional
        How doses were given. By default an infusion where the table says how long it lasts, a bolus where the
        formulation is "iv", else extravascular.
    tau : float, optional
        Dosing interval (h); by default the time to the next dose, else II, else the interval before.
    steady_state : bool, optional
        Whether doses after the first are at steady state (True), or each is a first one, long after the one
        before (False). By default those are whose record has SS.
    partial : list of (float, float)
        Further areas from a to b hours after the dose, as columns ``auc(a, b)``.
    unit, dose_unit : str or None
        Units of measurements (ng/mL, mg/L, ...) and of doses (mg, ug, ...), by default "stated": what the table
        says, in headings or a column of units, else ng/mL and mg. Clearances are in L/h and volumes in L; with
        None they are in the units of the table, dose over value and h.

    Returns
    -------
    DataFrame
        One row a subject, analyte (DVID) and profile, which is what was measured from one dose to the next. The
        unit of each column is in ``attrs["units"]``.

        ``id, dvid, period, profile, time`` (of the dose, h), ``dose, route, tau``; ``samples``, ``blq``: how
        many, and how many below the limit; ``state``: "first dose", "steady state", or "repeated".

        ``cmax, tmax`` (h after the dose), ``cmin, ctrough, cavg`` (over tau), ``c0`` (of a bolus), ``clast,
        tlast``; ``auc, aumc`` (over tau), ``auc_last, aumc_last`` (to the last value), ``auc_inf, aumc_inf``;
        ``extrapolated`` (percent of ``auc_inf``, at steady state of ``auc``, beyond the last value);
        ``half_life, lambda_z`` and from what: ``r2`` (adjusted), ``points, points_from, points_to`` (h), ``span``
        (in half-lives); ``mrt`` (h), ``cl, vz, vss`` (over F unless given into a vein); ``swing, fluctuation``
        (percent), ``accumulation`` (of ``auc``, against the first dose); ``flag``: what to look at,
        such as more than 20 % of an area that is extrapolated.

    Other Parameters
    ----------------
    blq : dict, optional
        What values below the limit count for: "first" (before the first value), "middle", "last": "zero", "drop",
        "half" (of the limit) or a number. By default zero, drop and zero.
    least : int
        Take at least so many points for the terminal line.

    Raises
    ------
    InputError
        If an argument or a value cannot be used, or a unit contradicts the one that the table says.
    UnknownNameError
        If there is no such unit.

    Notes
    -----
    Definitions are those of PKNCA (linear up, logarithmic down; lambda_z from the points after the peak with the
    best adjusted r2, more points within 1e-4 of it) and of `ldnsim.readouts`, whose names they bear. The mean
    residence time has half of an infusion taken off; at steady state it is (aumc + tau (auc_inf - auc)) / auc
    (Smith & Schentag 1984). A curve starts with the value at the dose; without one a bolus is extrapolated back
    from its first two values, a first dose starts at 0, and a later one at the value that ends its interval, or the
    lowest. For "repeated" doses, which the table does not place at steady state, ``auc_inf``, ``cl`` and ``mrt``
    are NaN: they hold the doses before.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> dose = [{"ID": 1, "TIME": 0, "AMT": 100, "DV": None}]
    >>> seen = [{"ID": 1, "TIME": t, "DV": dv} for t, dv in ((1, 8.0), (2, 4.0), (3, 2.0), (4, 1.0))]
    >>> found = ldn.nca(dose + seen, route="bolus", unit="mg/L")
    >>> found.loc[0, ["c0", "half_life", "auc_inf", "cl"]].astype(float).round(4).tolist()
    [16.0, 1.0, 23.0831, 4.3322]
    >>> found.attrs["units"]["cl"]
    'L/h'
    """
    check_kinds(nca, locals(), "data", "partial")
    data = read_as("data", data)
    unit, dose_unit = agreed(data.table, unit, dose_unit)
    if route is not None and route not in ROUTES:
        raise unknown("route", route, ROUTES)
    tau = None if tau is None else positive("tau", tau, "h")
    steady_state = instance("steady_state", steady_state, (bool, type(None)), "True, False or None")
    spans, rules, least = _spans(partial), rules_of(blq), whole("least", least, 2)
    rows, first = [], {}
    for profile in profiles(data, route, tau, steady_state):
        row = numbers_of(profile, spans, rules, least)
        key = profile.subject, profile.analyte, profile.dose.period, profile.dose.amount, profile.tau
        if profile.first:
            first[key] = row["auc"]
        elif key in first:
            row["accumulation"] = ratio(row["auc"], first[key])
        rows.append(row)
    table, units = in_units(_table(rows), unit, dose_unit)
    table.attrs["units"] = units
    return table


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """One row a profile; without analytes there is no column of them."""
    import pandas as pd

    if not rows:
        raise bad("data", "no profile", "holds no measurement from a dose on", "look at data.observations")
    table = pd.DataFrame(rows)
    return table.drop(columns="dvid") if table["dvid"].isna().all() else table


def _spans(partial: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    found = []
    what = "a list of (from, to) in h"
    for k, span in enumerate(instance("partial", partial, (list, tuple), what)):
        try:
            a, b = span
        except (TypeError, ValueError):
            raise bad(f"partial[{k}]", span, "must be (from, to) in h") from None
        a, b = finite(f"partial[{k}][0]", a, 0.0), positive(f"partial[{k}][1]", b, "h")
        if b <= a:
            raise bad(f"partial[{k}]", (a, b), "must end after it starts")
        found.append((a, b))
    return found
