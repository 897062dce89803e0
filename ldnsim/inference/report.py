"""The qualification report: Markdown and figures, written from what was computed and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import library, plots
from . import conflicts, headline, plausibility, qualification, report_trust, rivalry
from .draws import posterior
from .markdown import span, table_of
from .priors import fitted_priors

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

DRAWS, QUICK_DRAWS = 512, 24
STORY_DRAWS = 100
_DECIDED = "decided by (rank correlation, each given those before)"
_USES = {
    "calibration": "Measurements that were fitted",
    "validation": "Measurements the model never saw",
    "context": "Measurements that contradict the rest (neither fitted nor counted)",
}


def write(model: Model, table: pd.DataFrame, path: Path, *, quick: bool = False) -> list[Path]:
    """Write the report and its figures.

    Parameters
    ----------
    model : Model
    table : DataFrame
        From `qualify`.
    path : Path
        The Markdown file; figures go into ``figures/`` beside it.
    quick : bool, optional
        Fewer draws.

    Returns
    -------
    list of Path
        The files written.
    """
    import matplotlib.pyplot as plt

    n = QUICK_DRAWS if quick else DRAWS
    path = Path(path)
    folder = path.parent / "figures"
    folder.mkdir(exist_ok=True)
    scans = rivalry.against_pet(model)
    doses = scans["dose"][(scans["drug"] == "naltrexone") & ~scans["relative"]].unique()
    courses = [rivalry.rivals(model, float(dose)) for dose in doses]
    robust = plausibility.robustness(model, n=QUICK_DRAWS if quick else STORY_DRAWS)
    drawn = {
        "qualification": plots.qualification(table),
        "coverage": plots.coverage(table),
        "pet": plots.occupancy(courses, library.evidence()),
        "robustness": plots.robustness(robust, width=170),
    }
    files = [path]
    for name, (figure, _) in drawn.items():
        files.append(folder / f"{name}.png")
        figure.savefig(files[-1])
        plt.close(figure)
    parts = [
        _opening(model, table, n),
        report_trust.intervals(table),
        *(_measured(table, use) for use in _USES),
        _pet(scans),
        report_trust.block(model),
        _conflicts(model),
        _fit(model),
        report_trust.rival_structures(model),
        _headlines(headline.headlines(model, n=n if quick else None)),
        _robust(robust),
    ]
    path.write_text("\n\n".join(filter(None, parts)) + "\n", encoding="utf-8")
    return files


def _opening(model: Model, table: pd.DataFrame, n: int) -> str:
    goals = qualification.goals_of(table)
    rows = [[i, r.measure, r.goal, r.reached, "yes" if r.met else "no"] for i, r in goals.iterrows()]
    summary = table.attrs["summary"].reset_index()
    by = [
        [r.use, r.endpoint, r.rows, r.gmfe, 100 * r.two_fold if r.gmfe == r.gmfe else np.nan, r.rmse]
        for r in summary.itertuples()
    ]
    counts = table["use"].value_counts()
    return "\n\n".join(
        [
            "# Qualification",
            f"Every published measurement that the model `{model.name}` predicts, against its prediction. "
            f"{counts['calibration']} rows were fitted, {counts['validation']} never seen, "
            f"{counts.get('context', 0)} contradict the rest. Predictions are nominal: every parameter at its "
            f"table value. Intervals hold 90 % of what a new measurement of the same thing would show, on {n} "
            "posterior draws: [three parts](#do-the-intervals-hold-what-they-promise). "
            "Written by `ldnsim qualify --out docs/qualification.md`; the values come from "
            "`ldnsim calibrate --seed 1 --out models/ldn`.",
            "## What was asked of the fitted rows",
            table_of(["endpoint", "measure", "at most", "reached", "met"], rows),
            "![Predicted against observed](figures/qualification.png)",
            "*Predicted against observed; dashed: two-fold.*",
            "## By endpoint",
            table_of(
                ["use", "endpoint", "rows", "geometric mean fold error", "% within two-fold", "RMSE"], by
            ),
            "Fold errors need one sign. RMSE is in the unit of the measurement.",
        ]
    )


def _measured(table: pd.DataFrame, use: str) -> str:
    rows = [
        [f"`{i}`", r.endpoint, r.regimen, r.observed, r.predicted, span(r.low, r.high), r.unit,
         r.fold, r.residual, "; ".join(filter(None, (r.source, r.note)))]
        for i, r in table[table["use"] == use].iterrows()
    ]  # fmt: skip
    head = [
        "measurement",
        "endpoint",
        "regimen",
        "observed",
        "predicted",
        "90 %",
        "unit",
        "fold",
        "sds",
        "source",
    ]
    far = [row[0] for row in rows if abs(row[8]) > 2]
    text = (
        f"More than two standard deviations off: {', '.join(far)}."
        if far
        else "None is more than two standard deviations off."
    )
    return "\n\n".join([f"## {_USES[use]}", f"Worst first. {text}", table_of(head, rows)])


def _pet(scans: pd.DataFrame) -> str:
    rmse = scans.attrs["rmse"]
    rows = [
        [f"`{i}`", r.about, r.within_8_h, r.later, r.naltrexone, r.naltrexone_scans, r.nalmefene]
        for i, r in rmse.iterrows()
    ]
    head = ["model", "", "scans within 8 h", "later scans", "all naltrexone", "scans", "nalmefene"]
    bound = rivalry.binding()
    pairs = [[f"`{i}`", r.level, r.observed, r.predicted] for i, r in bound.iterrows()]
    return "\n\n".join(
        [
            "## Brain occupancy: the model, four readings of the scans, and rival models",
            "RMSE in percentage points; the scatter of the scans at 5 mg alone gives about 4 over the nine. "
            "Scans told as before 8 h are taken at 4 h, later ones relative to the one at 1 h. "
            "No scan was made at doses below 10 mg later than 8 h after a dose.",
            table_of(head, rows),
            "![Scans of brain occupancy with the rival models](figures/pet.png)",
            "Nalmefene stands for naltrexone mg for mg: an analogue, not a model of naltrexone. The binding "
            "kinetics of Mann 2022 hold no constants of naltrexone. For naloxone, at the plasma level told, "
            "they hold more receptors than the scans show, in monkeys:",
            table_of(["scan", "plasma, ng/mL", "observed, %", "predicted, %"], pairs),
            "The public model of low-dose naltrexone is left out: no evidence row holds its constants.",
        ]
    )


def _conflicts(model: Model) -> str:
    found = conflicts.both_readings(model)
    rows = [
        [r.question, r.reading, f"`{r.scenario}`" if r.scenario else "default", *r[4:]]
        for r in found.itertuples()
    ]
    head = ["question", "reading", "scenario", "predicted", "unit", "fitted PK rows, sds (root mean square)"]
    return "\n\n".join(
        ["## Where the literature disagrees", "Each reading is a scenario.", table_of(head, rows)]
    )


def _fit(model: Model) -> str:
    told, table = fitted_priors(model), model.parameters
    quality = library.table(model, "calibration")
    drawn = posterior(model)
    rows = []
    for name in told.index:
        low, high = np.quantile(drawn[name], (0.05, 0.95)) if name in drawn else (np.nan, np.nan)
        rows.append([f"`{name}`", told["median"][name], told["gsd"][name], table["value"][name],
                     span(low, high), table["unit"][name], 100 * quality["shrinkage"][name]])  # fmt: skip
    head = ["parameter", "prior median", "prior gsd", "fitted", "90 %", "unit", "learnt, %"]
    return "\n\n".join(
        [
            "## The fit",
            "Learnt: by how much the measurements narrow the prior (0 = the prior is all there is).",
            table_of(head, rows),
            f"{len(quality)} parameters that some fitted measurement speaks about were sampled: largest "
            f"R-hat {quality['rhat'].max():.3f}, smallest effective sample size {quality['ess'].min():.0f}. "
            f"The other {len(drawn.columns) - len(quality)} uncertain parameters come from their priors.",
        ]
    )


def _headlines(found: pd.DataFrame) -> str:
    rows = []
    for (regimen, name), r in found.iterrows():
        spread = span(r.readings_low, r.readings_high)
        rows.append([regimen, name, r["median"], span(r.low, r.high), r.unit, spread, r.structures, r.deciding,
                     r.rests_on, r.note])  # fmt: skip
    head = ["regimen", "metric", "median", "90 %", "unit", "readings A-D", "median of each structure",
            _DECIDED, "rests on", "note"]  # fmt: skip
    return "\n\n".join([f"## Headlines over {found.attrs['draws']} draws", table_of(head, rows)])


def _robust(found: pd.DataFrame) -> str:
    rows = [[f"{dose:g} mg", sentence, 100 * r.prior, 100 * r.posterior, r.deciding]
            for (sentence, dose), r in found.iterrows()]  # fmt: skip
    head = ["dose", "sentence", "% of prior", "% of posterior", _DECIDED]
    return "\n\n".join(
        [
            "## Is the story a region or a point?",
            "Share of draws under which each sentence holds, after four weeks at 22:00.",
            table_of(head, rows),
            "![Shares of prior and posterior](figures/robustness.png)",
        ]
    )
