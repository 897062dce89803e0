"""Parts of the report on what may be trusted: intervals, structures, and block beside scans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import library
from .markdown import table_of
from .ridge import ridge

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

GOOD = 1.05  # R-hat up to which chains are taken to agree
WANTED = (0.80, 0.97)  # share of rows never seen that should lie within the nominal 90 %


def intervals(table: pd.DataFrame) -> str:
    """Tell how many measurements lie within their intervals."""
    covered = table.attrs["coverage"]
    rows = [
        [use, endpoint, r.rows, 100 * r.within50, 100 * r.within90, r.width, r.score]
        for (use, endpoint), r in covered.iterrows()
    ]
    head = ["rows", "endpoint", "number", "% within 50 %", "% within 90 %", "median width", "median score"]
    unseen = covered.loc[("never seen", "all"), "within90"]
    low, high = WANTED
    verdict = "as asked" if low <= unseen <= high else "not as asked"
    return "\n\n".join(
        [
            "## Do the intervals hold what they promise?",
            "An interval of a new measurement has three parts: the parameters (posterior draws), the scatter of "
            "studies of the same class of endpoint about each other (one variance a class, estimated from the "
            "fitted rows alone), and the sampling error told by the source. Of the rows never seen "
            f"{100 * unseen:.0f} % lie within the nominal 90 % ({100 * low:.0f} to {100 * high:.0f} % were asked "
            f"for: {verdict}). *Study left out*: draws weighed, and scatter estimated, as if no row of the same "
            "source had been fitted. Width and interval score (small is good; what lies outside is punished "
            "twenty-fold) are told over the size of the measurement.",
            table_of(head, rows),
            "![Share of measurements within central intervals](figures/coverage.png)",
        ]
    )


def rival_structures(model: Model) -> str:
    """Tell weight and convergence of the rival structures."""
    if not library.has_table(model, "structures"):
        return ""
    found = library.table(model, "structures")
    rows = [
        [f"`{name}`", model.scenarios[name].removeprefix("Structure: "), 100 * r.weight, r.log_evidence,
         r.log_posterior, r.rhat, r.ess]
        for name, r in found.iterrows()
    ]  # fmt: skip
    head = ["structure", "what it assumes", "weight, %", "log evidence", "best log posterior", "largest R-hat",
            "smallest effective sample"]  # fmt: skip
    return "\n\n".join(
        [
            "## Rival structures of the feedback",
            "Switches of one model, each fitted to the same rows and sampled alike. The weight is a structure's "
            "share of the evidence (Laplace's approximation, all alike before); the posterior holds as many draws "
            f"of each as it weighs. {_convergence(found)}",
            table_of(head, rows),
        ]
    )


def _convergence(found: pd.DataFrame) -> str:
    bad = [f"`{name}` ({r.rhat:.3f})" for name, r in found.iterrows() if r.rhat > GOOD]
    if not bad:
        return f"All chains agree: no parameter of any structure has an R-hat above {GOOD}."
    return (
        f"Chains that do not agree to R-hat {GOOD}: {', '.join(bad)}. Tails of intervals under these are "
        "rougher than the number of draws says."
    )


def block(model: Model) -> str:
    """Set the block of an opioid challenge beside occupancy."""
    found = ridge(model)
    hours = [c for c in found if c.isdecimal()]
    rows = [[case, *r[hours], r.slope, r.reserve, r.challenge] for case, r in found.iterrows()]
    held = ", ".join(f"{found.loc['the model', f'occupancy_{h}']:.0f} % at {h} h" for h in hours)
    head = ["", *(f"% blocked at {h} h" for h in hours), "slope", "reserve", "size of the challenge, fold"]
    return "\n\n".join(
        [
            "## Block of heroin, beside occupancy",
            f"After 100 mg the model, which follows the scans, holds {held} of brain receptors against 25 mg of "
            "heroin into a vein. With these occupancies held fixed, each slope of the operational model at its "
            "best reserve and challenge:",
            table_of(head, rows),
            "The three measured values are remembered from an abstract (4 people), not read in the source. The "
            "fall from 48 to 72 h is steeper than any plain receptor (slope 1) makes it; what slope is believable, "
            "and what else may lie behind it, is on the page of the [review](review.md#block-and-scans).",
        ]
    )
