"""Titrations: fixed ones compared, and one that listens, applied to each subject of an ensemble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..door import check_kinds
from ..errors import bad, instance, unknown, whole
from ..inference.arguments import a_model
from ..readouts import Readout, summarize
from ..readouts.marks import MARKS
from ..regimen import Regimen
from ..regimen.feedback import Feedback
from ..result import provenance
from ..simulation import simulate
from ..units import HOURS_PER_DAY
from .draws import draws_of, interval

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model

# Each subject by itself: what one takes must not change what another's solver does.
ALONE: dict[str, Any] = {"method": "rodas5p-scalar", "atol": 1e-9}
STEP = 1.0  # h between points of the courses that are returned
FINE = 0.1  # h between those that a largest change is sought in: a peak lies a thousandth higher at most
REDUCE = {"max": "cmax", "mean": "mean", "min": "cmin"}


def titrations(
    model: Model,
    schedules: Mapping[str, Sequence[tuple[float, int]]],
    *,
    at: str | float = "22:00",
    draws: int = 200,
    seed: int = 0,
    threads: int | None = None,
) -> pd.DataFrame:
    """Compare titration schedules by the largest change of opioid tone that they cause.

    Parameters
    ----------
    model : Model
        With a posterior.
    schedules : dict
        Name -> steps of (mg, days).
    at : str or float
        Clock time of the dose.
    draws, seed : int
        Draws of the uncertain parameters.
    threads : int, optional
        As for `simulate`.

    Returns
    -------
    pandas.DataFrame
        A row a schedule: ``peak_change`` of tone (largest distance from 1 over the run; median), ``low`` and
        ``high`` (90 % interval), ``day``, the days since the first midnight until it comes
        (median), and ``first_day``, the largest change until 24 h after the first dose.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> schedules = {"at once": [(4.5, 7)], "in two steps": [(1.5, 7), (4.5, 7)]}
    >>> ldn.titrations(ldn.load_model("ldn"), schedules, draws=4).index.tolist()
    ['at once', 'in two steps']
    """
    import pandas as pd

    check_kinds(titrations, locals(), "model", "schedules", "draws", "seed", "at")
    remedy = "{'at once': [(4.5, 7)], 'in two steps': [(1.5, 7), (4.5, 7)]}"
    if not instance("schedules", schedules, Mapping, "a dict of lists of (mg, days)", remedy):
        raise bad("schedules", {}, "must hold at least one", remedy)
    regimens = {name: Regimen.titration(steps, at=at) for name, steps in schedules.items()}
    who, rows = draws_of(model, draws, seed), {}
    for name, regimen in regimens.items():
        ds = simulate(model, regimen, subjects=who, outputs=["opioid_tone"], every=FINE, threads=threads)
        change = np.abs(ds["opioid_tone"].values - 1)
        hours = ds["time"].values
        first = hours <= ds["dose_time"].values.ravel()[0] + HOURS_PER_DAY
        day = float(np.median(hours[change.argmax(axis=1)])) / HOURS_PER_DAY
        rows[name] = [*interval(change.max(axis=1)), day, float(interval(change[:, first].max(axis=1))[0])]
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["peak_change", "low", "high", "day", "first_day"]
    ).rename_axis("schedule")


def titrate(
    model: Model, rule: Feedback | str, *, days: int, subjects: pd.DataFrame, threads: int | None = None
) -> xr.Dataset:
    """Apply a feedback rule to each subject.

    Parameters
    ----------
    model : Model
        What is simulated.
    rule : Feedback or str
        The rule, or its words.
    days : int
        Length; a last stage that is not full is left out.
    subjects : DataFrame
        As for `simulate`.
    threads : int, optional
        As for `simulate`.

    Returns
    -------
    xarray.Dataset
        ``dose`` (subject, stage), mg a day; ``reading`` (subject, stage) at its end; the variable that is
        read and ``opioid_tone`` over (subject, time).

    Raises
    ------
    InputError
        If an argument cannot be used: a rule that cannot be read, fewer days than a stage, no subject.
    UnknownNameError
        If the model has no such variable.

    Notes
    -----
    Subjects with the same doses so far are solved in one call, each by itself, so that `replay` can demand
    the same bits.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> model = ldn.load_model("ldn")
    >>> people = ldn.population(model, n=2, seed=7)
    >>> rule = "from 1.5 mg raise by 1.5 mg each 7 days to 4.5 mg unless max withdrawal > 0.2; hold"
    >>> found = ldn.titrate(model, rule, days=14, subjects=people)
    >>> found.dose.values.tolist()
    [[1.5, 3.0], [1.5, 3.0]]
    """
    from ..labelled import Dataset

    check_kinds(titrate, locals(), "model", "rule", "subjects")
    rule, subjects = _checked(rule, subjects)
    known = [q.id for q in a_model(model).quantities]
    if rule.variable not in known:
        raise unknown("rule", rule.variable, known)
    stages = max(1, whole("days", days, rule.each) // rule.each)
    doses = np.full((len(subjects), 1), rule.start)
    readings = np.empty((len(subjects), 0))
    for _ in range(stages):
        ds, now = _followed(model, rule, doses, subjects, threads)
        readings = np.column_stack([readings, now])
        if doses.shape[1] < stages:
            doses = np.column_stack([doses, rule.next(doses[:, -1], readings[:, -1])])
    found = Dataset(
        {
            "dose": (("subject", "stage"), doses, {"units": "mg", "long_name": "daily dose"}),
            "reading": (("subject", "stage"), readings, {"long_name": f"{rule.read} {rule.variable}"}),
        },
        {"stage": np.arange(1, stages + 1)},
    )
    return ds.merge(found).assign_attrs(provenance(model, rule=repr(rule)) | ds.attrs)


def replay(
    model: Model, rule: Feedback | str, found: xr.Dataset, subjects: pd.DataFrame, threads: int | None = None
) -> xr.DataArray:
    """Give each subject the realised doses as a fixed regimen, alone, and compare bit by bit.

    Parameters
    ----------
    model, rule, subjects, threads
        As for `titrate`.
    found : Dataset
        What `titrate` returned.

    Returns
    -------
    xarray.DataArray
        Over subject: whether all courses have the same bits, and the rule, applied to their readings, gives
        the same doses.

    Raises
    ------
    InputError
        If an argument cannot be used, or `found` and `subjects` are of different lengths.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> model = ldn.load_model("ldn")
    >>> people = ldn.population(model, n=2, seed=7)
    >>> rule = "from 1.5 mg raise by 1.5 mg each 7 days to 4.5 mg unless max withdrawal > 0.2; hold"
    >>> found = ldn.titrate(model, rule, days=14, subjects=people)
    >>> ldn.replay(model, rule, found, people).values.tolist()
    [True, True]
    """
    import xarray as xr

    check_kinds(replay, locals(), "model", "rule", "found", "subjects")
    rule, subjects = _checked(rule, subjects)
    instance("found", found, xr.Dataset, "what titrate returned")
    if "dose" not in found or found.sizes["subject"] != len(subjects):
        raise bad(
            "found", dict(found.sizes), f"must be what titrate returned for these {len(subjects)} subjects"
        )
    names = [name for name, v in found.data_vars.items() if "time" in v.dims]
    doses, same = found["dose"].values, np.empty(len(subjects), bool)
    for k in range(len(subjects)):
        own, who = doses[k : k + 1], subjects.iloc[k : k + 1]
        stages = [_followed(model, rule, own[:, :n], who, threads) for n in range(1, doses.shape[1] + 1)]
        ds, read = stages[-1][0], np.array([now[0] for _, now in stages])
        equal = all(np.array_equal(ds[name].values[0], found[name].values[k]) for name in names)
        told = rule.next(doses[k, :-1], read[:-1]) if len(read) > 1 else doses[k, 1:]
        same[k] = equal and np.array_equal(told, doses[k, 1:])
    return found["dose"].isel(stage=0, drop=True).copy(data=same).rename("same").assign_attrs(units="1")


def _checked(rule: Any, subjects: Any) -> tuple[Feedback, pd.DataFrame]:
    import pandas as pd

    rule = Feedback.of(rule) if isinstance(rule, str) else rule
    remedy = "from 1.5 mg raise by 1.5 mg each 7 days to 4.5 mg unless max withdrawal > 0.2; hold"
    instance("rule", rule, Feedback, "a Feedback, or a rule in words", remedy)
    if not len(instance("subjects", subjects, pd.DataFrame, "a DataFrame", "ldnsim.population(model, n=20)")):
        raise bad("subjects", "no row", "must hold at least one subject", "ldnsim.population(model, n=20)")
    return rule, subjects


def _followed(model, rule, doses, subjects, threads) -> tuple[xr.Dataset, np.ndarray]:
    """Simulate every subject under its own doses, shape (subject, stage), and read the day after the last of them."""
    import xarray as xr

    outputs = list(dict.fromkeys([rule.variable, "opioid_tone"]))
    paths, which = np.unique(doses, axis=0, return_inverse=True)
    which = which.ravel()
    end = rule.each * HOURS_PER_DAY * doses.shape[1]
    due = rule.regimen([rule.start]).doses[0].time + end  # of the next stage
    reading = Readout(rule.variable, REDUCE[rule.read], (due - HOURS_PER_DAY, due))
    parts, readings = [], np.empty(len(doses))
    for k, path in enumerate(paths):
        ds = simulate(
            model,
            rule.regimen(path),
            subjects=subjects[which == k],
            times=np.arange(0, end + HOURS_PER_DAY + STEP, STEP),
            outputs=outputs,
            threads=threads,
            **ALONE,
        )
        readings[which == k] = reading.picked(summarize(ds, [reading])).values
        parts.append(ds[[*outputs, MARKS]])
    joined = xr.concat(parts, "subject", coords="different", compat="equals")
    order = np.argsort(np.argsort(which, kind="stable"), kind="stable")
    return joined.isel(subject=order), readings
