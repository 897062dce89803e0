"""One HTML page of a fit that stands alone: estimates, convergence, notes, figures."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import plots
from ..errors import a_path, bad
from ..io.about import NOTICE
from .densities import minimised

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from .result import Fit

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:.5em 0 1.5em}td,th{padding:.15em .8em;text-align:right;"
    "border-bottom:1px solid #ddd}img{max-width:100%;margin:.5em 0}"
)
FIGURES: dict[str, Callable[..., Any]] = {
    "Goodness of fit": plots.gof,
    "Visual predictive check": plots.vpc,
    "Individual fits": plots.individual_fits,
}


def write(fit: Fit, path: str | Path) -> str:
    """Write the page; see `Fit.report`."""
    place = a_path("path", path)
    if place.suffix.lower() not in (".html", ".htm"):
        raise bad("path", str(path), "must end in .html")
    if not place.parent.is_dir():
        raise bad("path", str(path), "lies in a folder that does not exist")
    place.write_text(_page(fit), encoding="utf-8")
    return str(place)


def _page(fit: Fit) -> str:
    name = fit.prediction.cohort.model.name
    facts = [
        f"{fit.data!r}".split("\n")[0],
        f"{minimised(fit.priors)} {fit.objective:.4f}; {fit.convergence}",
        f"condition number {fit.condition:.3g}" if fit.condition == fit.condition else "",
        f"prior: {fit.prior}" if fit.prior else "",
        *(f"look at: {note}" for note in fit.notes),
    ]
    parts = [f"<h1>Fit of {escape(name)} by {escape(fit.method)}</h1>"]
    parts.append("<ul>" + "".join(f"<li>{escape(f)}</li>" for f in facts if f) + "</ul>")
    tables = {
        "Estimates (90 % intervals)": fit.parameters,
        "Variances and residual error": fit.variances,
        "What the samples taught": fit.learnt,
        "Shrinkage (%)": fit.shrinkage,
    }
    parts += [f"<h2>{title}</h2>{_table(table)}" for title, table in tables.items() if len(table)]
    parts += [f"<h2>{title}</h2>{_image(draw(fit)[0])}" for title, draw in FIGURES.items()]
    head = f'<meta charset="utf-8"><title>Fit of {escape(name)}</title><style>{STYLE}</style>'
    body = "".join(parts) + f"<p>{NOTICE}</p>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'


def _table(table: pd.DataFrame) -> str:
    return table.to_html(float_format="{:.4g}".format, na_rep="", border=0)


def _image(fig: Figure) -> str:
    import matplotlib.pyplot as plt

    kept = io.BytesIO()
    fig.savefig(kept, format="png", dpi=200)
    plt.close(fig)
    return f'<img alt="" src="data:image/png;base64,{base64.b64encode(kept.getvalue()).decode()}">'
