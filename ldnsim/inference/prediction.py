"""Predict the targets for one or many draws of the parameters, one simulation a design."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .. import library
from ..choices import unchosen
from ..regimen import Regimen
from ..simulation import simulate
from .target import CONTRASTS, PLASMA, PLASMA_MODEL, Design, Target

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model
    from ..readouts import Readout


def predict(
    model: Model,
    targets: Sequence[Target],
    draws: pd.DataFrame | None = None,
    *,
    threads: int | None = None,
    rtol: float = 1e-6,
) -> np.ndarray:
    """Predict measurements.

    Parameters
    ----------
    model : Model
        What a draw does not say is taken from it.
    targets : sequence of Target
        What is to be predicted.
    draws : DataFrame, optional
        One row a draw, a column a parameter; the model's own values if not given.
    threads, rtol : optional
        As in `simulate`.

    Returns
    -------
    array, shape (draw, target)
        In the unit of each target; NaN where a simulation failed.
    """
    import pandas as pd

    draws = pd.DataFrame(index=[0]) if draws is None else draws
    found = np.full((len(draws), len(targets)), np.nan)
    groups: dict[tuple[Design, bool], list[int]] = {}
    untreated = np.full_like(found, np.nan)
    for k, target in enumerate(targets):
        groups.setdefault((target.design, True), []).append(k)
        if target.contrast:
            groups.setdefault((target.design.alone, False), []).append(k)
    for (design, treated), columns in groups.items():
        some = [targets[k] for k in columns]
        read = list(dict.fromkeys(r for t in some for r in t.readouts))
        end = design.last + max(t.end for t in some)
        numbers = _numbers(model, design, read, end, draws, threads, rtol)
        for k, target in zip(columns, some, strict=True):
            (found if treated else untreated)[:, k] = target.compute(numbers)
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = [CONTRASTS[t.contrast][0](found[:, k], untreated[:, k]) for k, t in enumerate(targets)]
    return np.stack(columns, axis=1) if columns else found


def _numbers(
    model: Model,
    design: Design,
    readouts: list[Readout],
    end: float,
    draws: pd.DataFrame,
    threads: int | None,
    rtol: float,
) -> dict[Readout, np.ndarray]:
    """Read the courses under one design, followed to `end` (h); each readout of shape (draw,)."""
    plasma = library.is_shipped(model) and all(r.variable.startswith(PLASMA) for r in readouts)
    small = PLASMA_MODEL.get(model.name) if plasma else None
    chosen = model.with_condition(design.condition) if design.condition else model
    subjects = drawn = unchosen(draws, chosen)
    if design.in_trial:
        subjects = subjects.assign(in_trial=design.in_trial)
    if small:
        own = chosen.parameters["value"]
        chosen = library.load_model(small)
        subjects = (
            own[list(chosen.parameter_ids)].to_frame().T.loc[["value"] * len(draws)].reset_index(drop=True)
        )
        for name in drawn.columns.intersection(subjects.columns):
            subjects[name] = drawn[name].to_numpy()
    with warnings.catch_warnings():
        # A challenge is an opioid under naltrexone, as in the study, which may end before the next dose.
        for words in (".*can precipitate withdrawal", "the run ends before the first dosing interval"):
            warnings.filterwarnings("ignore", message=words, category=UserWarning)
        ds = simulate(
            chosen, regimen_of(design), subjects=subjects, duration=end, metrics=readouts, threads=threads,
            rtol=rtol,
        )  # fmt: skip
    return {r: r.picked(ds).values for r in readouts}


def regimen_of(design: Design) -> Regimen | None:
    """Build the regimen of a design, the challenge included; None for nothing taken."""
    found = None
    if design.dose:
        found = Regimen.every(
            design.dose, ii=design.ii, n=design.n, formulation=design.formulation, drug=design.drug
        )
    if design.challenge:
        challenge = Regimen.single(
            design.challenge_dose, drug=design.challenge, formulation=design.challenge_form
        ).shift(hours=design.last + design.challenge_at)
        found = challenge if found is None else found + challenge
    return found
