"""`level_at`: what is there at one moment after a dose, with an interval over the draws."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import InputError, bad, finite, instance, unknown, whole
from ..inference.arguments import a_model
from ..regimen import Dose, Regimen
from ..regimen.asked import once_or_repeated
from ..regimen.show import of_dose
from ..regimen.window import deciding
from ..result import provenance
from ..simulation import simulate
from ..units import HOURS_PER_DAY, hours_of
from .draws import deciding_assumed, draws_of, interval

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

_SLACK = 1e-9  # h


def level_at(
    model: Model,
    regimen: Regimen | str,
    *,
    after: float | None = None,
    clock: str | None = None,
    outputs: str | Iterable[str] | None = None,
    days: int | None = None,
    drug: str | None = None,
    draws: int | None = 200,
    seed: int = 0,
    threads: int | None = None,
) -> pd.DataFrame:
    """Tell the values of variables at one moment after the last dose, with a 90 % interval over the draws.

    Where several drugs are taken, the last dose is that of naltrexone if it is among them, as for readouts,
    else the last of all.

    Parameters
    ----------
    model : Model
        Under the scenario and condition wanted.
    regimen : Regimen or str
        Or its words: "3 mg sublingual", "4.5 mg at 22:00 for 14 days".
    after : float
        Hours since the last dose. Either this or `clock`.
    clock : str
        Clock time, "02:00": the first one after the last dose.
    outputs : str or list of str, optional
        What is wanted; by default all observables of the model.
    days : int, optional
        Days of treatment, where the words do not say. Without it words that name no interval are a single dose;
        those that do, "4.5 mg nightly", must say for how long.
    drug : str, optional
        Whose last dose counts instead.

    Returns
    -------
    DataFrame
        A row a variable: ``median``, ``low`` and ``high`` (90 % interval; NaN of fewer than 20 draws), ``unit``,
        ``decided_by_assumed``, the assumed parameters that decide it, and ``since``, the dose that the moment
        comes after. ``attrs`` tell ``time`` (h since the first midnight), ``after`` (h since that dose) and
        ``since``.

    Other Parameters
    ----------------
    draws : int or None
        Draws of the uncertain parameters; None: the nominal values alone, without an interval.
    seed : int
        Which draws.
    threads : int, optional
        As in `simulate`.

    Raises
    ------
    InputError, UnknownNameError
        As in `Regimen.parse` and `simulate`; or if not exactly one of `after` and `clock` is given, or the
        regimen has no dose of `drug`.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> level = ldn.level_at(ldn.load_model("ldn"), "3 mg sublingual", after=2, draws=8)
    >>> str(level.unit["plasma_naltrexone"])
    'ng/mL'
    """
    import pandas as pd

    from ..frames import shown_whole

    check_kinds(level_at, locals(), "model", "regimen", "after", "clock", "draws", "seed")
    days = None if days is None else whole("days", days, 1)
    taken = once_or_repeated("regimen", regimen, a_model(model), days)
    dose = _last_dose(taken, drug)
    last, since = dose.time, _since(dose.time, after, clock)
    subjects = None if draws is None else draws_of(model, draws, seed)
    ds = simulate(model, taken, subjects=subjects, times=[last + since], outputs=outputs, threads=threads)
    rows = {}
    for name, values in ds.data_vars.items():
        of_draws = values.values.ravel()
        middle, low, high = interval(of_draws[np.isfinite(of_draws)])
        assumed = deciding_assumed(model, subjects, of_draws)
        rows[str(name)] = (middle, low, high, values.attrs.get("units", ""), assumed, of_dose(dose))
    columns = ["median", "low", "high", "unit", "decided_by_assumed", "since"]
    table = pd.DataFrame.from_dict(rows, "index", columns=columns)
    table.attrs.update(
        provenance(
            model, outputs=list(rows), regimens={"": taken}, time=last + since, after=since,
            since=of_dose(dose), seed=seed,
            draws=0 if subjects is None else len(subjects),
            draws_from="" if subjects is None else subjects.attrs["draws"],
        )
    )  # fmt: skip
    return shown_whole(table.rename_axis("variable"))


def _last_dose(regimen: Regimen, drug: str | None) -> Dose:
    """Last dose of a drug; by default of the one whose doses windows are laid from."""
    if not regimen.doses:
        raise bad("regimen", regimen, "holds no dose", "'3 mg sublingual'")
    given = deciding(regimen.doses)
    if drug is not None:
        given = [d for d in regimen.doses if d.drug == drug]
        if not given:
            raise unknown("drug", drug, regimen.drugs)
    return max(given, key=lambda d: d.time)


def check_moment(
    after: object, clock: object, names: str = "after, clock", example: str = "after=2 (h) or clock='02:00'"
) -> None:
    """Refuse none and two of what says when."""
    if (after is None) == (clock is None):
        given = "neither is given" if after is None else "both are given"
        raise InputError(f"{names}: {given}; give one of the two, {example}")


def _since(last: float, after: float | None, clock: str | None) -> float:
    """Hours since the last dose."""
    check_moment(after, clock)
    if after is not None:
        return finite("after", after, 0.0, "h")
    hour = hours_of(instance("clock", clock, str, "a clock time", "'02:00'"), "clock")
    return (hour - last + _SLACK) % HOURS_PER_DAY - _SLACK
