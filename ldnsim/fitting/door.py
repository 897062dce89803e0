"""What data must be like to be fitted."""

from __future__ import annotations

import numpy as np

from ..errors import bad, warn_user
from ..model import Model
from .effects import Effects
from .prediction import Prediction
from .residual import Residual
from .samples import Samples, words_of_undosed
from .specification import Wanted

_OF_PEOPLE = {
    "wt": "weight",
    "bw": "weight",
    "bwt": "weight",
    "weightb": "weight",
    "clcr": "crcl",
    "crclb": "crcl",
}
APART = 200.0  # ratio of measurements and predictions at the start that speaks of other units


def check_samples(
    model: Model,
    asked: Wanted,
    samples: Samples,
    residual: Residual,
    one: bool,
    known: int,
    omega: object,
) -> None:
    """Refuse measurements that cannot be fitted, and what is asked in vain; `known` priors tell of as many numbers.

    Raises
    ------
    InputError
        Saying which record, or what is missing.
    """
    if not samples.count:
        raise bad("data", repr(samples.data).split("\n")[0], "hold no measurements", "rows with a DV")
    nothing = samples.below[samples.used].all()
    if nothing and (asked.estimate or asked.blocks):
        rule = f"hold {samples.count} measurements, all below the limit of quantification"
        raise bad("data", repr(samples.data).split("\n")[0], rule, "there is nothing to estimate from")
    _refuse(
        samples,
        samples.below & np.isnan(samples.limit),
        "LLOQ",
        "must be given where a measurement lies below it",
        "in a column LLOQ, or in DV as '<0.5'; MDV=1 leaves the measurement out",
    )
    log = residual.is_log[samples.output] & samples.used
    value = np.where(samples.below, samples.limit, samples.y)
    _refuse(samples, log & (value <= 0), "DV", "must be > 0 for error='lognormal'")
    free = len(asked.estimate) + len(residual.names) - len(set(asked.fixed) & set(residual.names))
    if one:
        if not asked.estimate:
            raise bad("estimate", [], "must name what the samples are to tell", "method='laplace' evaluates")
        for argument, given in (
            ("iiv", asked.varying),
            ("iov", list(asked.occasional)),
            ("covariates", asked.covariates),
            ("omega", [] if omega is None else ["variances"]),
            ("table", [f"lower, upper of {n}" for n in asked.bounds]),
            ("table", [f"transform of {n}" for n in asked.transform]),
        ):
            if given:
                raise bad(argument, given, "has no place beside a prior", "leave it out")
        return
    if asked.covariates and not asked.estimate:
        rule = "have coefficients to be estimated, and with estimate=[] nothing is"
        raise bad("covariates", asked.covariates, rule, "leave them out, or write them into the equations")
    if asked.estimate and samples.count < free - known:
        rule = f"hold {samples.count} measurement" + "s" * (samples.count > 1)
        rule += f", which cannot tell {free} numbers"
        remedy = "method='map' with a prior, or fewer in estimate="
        raise bad("data", repr(samples.data).split("\n")[0], rule, remedy)
    loose = [n for n in asked.varying if n not in asked.fixed]
    if asked.estimate and loose and np.count_nonzero(samples.used.any(axis=1)) < 2:
        raise bad("iiv", loose, "cannot be told from one subject", "iiv=[], or method='map' with a prior")


def _refuse(samples: Samples, wrong: np.ndarray, column: str, rule: str, remedy: str = "") -> None:
    if wrong.any():
        row = int(samples.row[wrong][0])
        cell = samples.data.table[column][row]
        raise bad(column.lower(), cell, f"{rule} (record {row})", remedy)


def check_columns(model: Model, asked: Wanted, samples: Samples) -> list[str]:
    """Refuse columns that set what is to be found; say which columns nothing reads.

    Raises
    ------
    InputError
        If a column of the data sets a parameter that is estimated or varies.
    """
    columns = [str(c) for c in samples.data.covariates if c not in samples.data.labels]
    for name in asked.moving:
        if name in columns:
            raise bad(
                "estimate",
                name,
                "is set by a column of the data",
                f"rename the column {name!r}, or leave it out",
            )
    read = {*model.parameter_ids, *(c for _, c in asked.covariates)}
    unread = [c for c in columns if c not in read]
    notes = []
    for column in list(unread):
        meant = _parameter_of(column, model)
        if meant:
            unread.remove(column)
            value = float(model.values[model.parameter_ids.index(meant)])
            notes.append(
                f"the column {column} is not read: {meant} stays {value:g} for all; call the column {meant!r}"
            )
            warn_user(notes[-1])
    if unread:
        notes.append(f"nothing reads the columns {', '.join(unread)}")
    return notes


def _parameter_of(column: str, model: Model) -> str:
    """Return the parameter that a column of another name describes, if there is one."""
    low = column.lower()
    meant = {low, _OF_PEOPLE.get(low, low)}
    return next((p for p in model.parameter_ids if p.lower() in meant), "")


def check_start(prediction: Prediction, effects: Effects, asked: Wanted) -> list[str]:
    """Refuse a start at which the likelihood does not exist, naming the record; say which subjects take nothing.

    Raises
    ------
    InputError
        If a prediction is not finite, or is 0 where the error is relative, or all are, as nobody has a dose; if a
        parameter moves a jump of the equations.
    """
    prediction.cohort.refuse_moving_breaks(asked.arguments)
    samples, point = prediction.samples, effects.at(effects.x0)
    f = prediction.values(point.centre, np.arange(len(samples)))
    log = prediction.residual.is_log[samples.output]
    notes = _check_doses(samples, np.where(log, np.exp(np.where(log, f, 0.0)), f), bool(len(effects.x0)))
    wrong = samples.used & ~np.isfinite(f)
    nil = samples.used & np.where(log, np.isneginf(f), prediction.residual.spread(f, point.log_sd) <= 0)
    for bad_here, rule, remedy in (
        (nil, "is predicted to be 0 or less, of which a relative error has no width",
         "leave records before the first dose out, or take error='additive' or 'combined'"),
        (wrong, "has no finite prediction at the start", "model.with_parameters(...) starts elsewhere"),
    ):  # fmt: skip
        if bad_here.any():
            row = int(samples.row[bad_here][0])
            who, time = samples.data.table.loc[row, ["ID", "TIME"]]
            raise bad("data", f"record {row} (subject {who}, {time:g} h)", rule, remedy)
    if len(effects.x0):
        _refuse_other_units(samples, np.where(log, np.exp(np.where(log, f, 0.0)), f))
    return notes


def _check_doses(samples: Samples, f: np.ndarray, estimates: bool) -> list[str]:
    """Refuse data without a dose of which nothing but 0 is predicted; tell of subjects of whom that holds."""
    undosed = samples.undosed(f)
    if not undosed:
        return []
    if estimates and len(undosed) == np.count_nonzero(samples.used.any(axis=1)):
        rule = "hold no dose, and without one all that was measured is predicted to be 0"
        raise bad("data", repr(samples.data).split("\n")[0], rule, "name the column of the amounts 'amt'")
    note = words_of_undosed(undosed)
    warn_user(note)
    return [note]


def _refuse_other_units(samples: Samples, f: np.ndarray) -> None:
    """Refuse measurements that lie far from all that is predicted at the start."""
    for o, name in enumerate(samples.outputs):
        here = samples.used & ~samples.below & (samples.output == o) & (samples.y > 0) & (f > 0)
        ratio = float(np.exp(np.median(np.log(samples.y[here] / f[here])))) if here.any() else 1.0
        if not 1.0 / APART < ratio < APART:
            rule = f"are {ratio:.2g} times what the model says of {name} at the start (median)"
            raise bad("data", f"measurements of {name}", rule,
                      "check the units of AMT and DV; model.with_parameters(...) starts elsewhere")  # fmt: skip
