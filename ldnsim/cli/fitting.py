"""`ldnsim fit`: parameters from a data file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from ..errors import bad
from ..io import made_folder
from ..numeric import number_of
from . import files, options, show

CHECKPOINT = "checkpoint.npy"  # in the folder of results, until they are there


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--model", default="ldn", show_default=True, help="Name of a shipped model, or a path to .ant or .xml."
)
@click.option(
    "--observe", multiple=True, metavar="[DVID=]NAME",
    help="Variable that was measured; repeat with DVID= (or CMT=, where that tells analytes apart).",
)
@click.option("--cmt", help="State that doses enter if the table does not say.")
@click.option(
    "--estimate", multiple=True, metavar="NAMES", help="Parameters to estimate, separated by commas."
)
@click.option("--iiv", multiple=True, metavar="NAMES", help="Parameters that differ between people.")
@click.option("--error", default="proportional", show_default=True,
              help="additive, proportional, combined, combined1 or lognormal.")  # fmt: skip
@click.option("--method", default="focei", show_default=True, help="focei, laplace, exact, map or posterior.")
@click.option(
    "--prior", multiple=True, metavar="NAME=WORDS",
    help='What is known beforehand: CL="lognormal(0.7, 0.3)", ka=1.5 (a geometric SD); may be repeated. '
         "For map and posterior also one word: both, iiv or uncertainty.",
)  # fmt: skip
@click.option("--table", type=click.Path(path_type=Path), help="Statistical model as a table, a CSV file.")
@click.option(
    "--starts", type=options.WHOLE, default=1, show_default=True, help="Searches from so many starts."
)
@click.option("--seed", type=options.WHOLE, default=0, show_default=True, help="Same seed, same numbers.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for tables and report.html."
)
@files.figure_option("Draw measured against predicted, and residuals")
@options.json_option
def fit(
    data, model, observe, cmt, estimate, iiv, error, method, prior, table, starts, seed, out, figure, as_json
):
    """Estimate parameters from doses and measurements.

    DATA is a NONMEM-style table, a CSV file. After an interruption the same command goes on where it was, if
    --out is given.

    \b
    Example:
      ldnsim fit study.csv --model naltrexone_pk --observe plasma_naltrexone
             --estimate CL_ntx,V1_ntx --iiv CL_ntx,V1_ntx --out fit
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn
    from ldnsim.fitting.densities import minimised

    files.check(None, figure)
    if out is not None and not out.exists() and out.parent.is_dir():
        made_folder("out", out)
    options.check_folder("out", out)
    names = {key: _names(given) for key, given in (("estimate", estimate), ("iiv", iiv))}
    found = ldn.fit(
        options.chosen_model(model, None, None, ()), ldn.read_data(data), _observed(observe), cmt,
        names["estimate"] if estimate or table is None else None, names["iiv"] if iiv or table is None else None,
        error, method, seed, table=None if table is None else str(table), starts=starts,
        progress=options.at_terminal(), **_known(prior), checkpoint=None if out is None else out / CHECKPOINT,
    )  # fmt: skip
    files.draw(figure, lambda: ldn.plots.gof(found))
    written = [] if out is None else _written(found, out)
    written += files.given(figure)
    if out is not None:
        (out / CHECKPOINT).unlink(missing_ok=True)
    if as_json:
        show.as_json(
            {
                "method": method, "seed": seed, "objective": found.objective,
                "minimised": minimised(found.priors), "converged": found.converged,
                "convergence": found.convergence, "notes": list(found.notes), "sigma": found.sigma,
                "parameters": _rows(found.parameters), "omega": found.omega.to_dict(), **show.end(written),
            }
        )  # fmt: skip
        return
    head = ["parameter", "value", "se", "rse %", "low", "high"]
    rows = [[_label(name), *map(show.number, row)] for name, row in found.parameters.iterrows()]
    rows += [[_label(name), *map(show.number, row)] for name, row in found.variances.iterrows()]
    show.table(head, rows, right=range(1, len(head)))
    click.echo(f"{minimised(found.priors)} {found.objective:.3f}; {found.convergence}; intervals of 90 %")
    for note in found.notes:
        click.echo(f"look at: {note}")
    show.finish(written)


def _names(given: tuple[str, ...]) -> list[str]:
    return [name.strip() for text in given for name in text.split(",") if name.strip()]


def _known(given: tuple[str, ...]) -> dict[str, Any]:
    """Return the argument `prior` of `ldnsim.fit`, if any is given: a word, or a dict by name."""
    if not given:
        return {}
    if len(given) == 1 and "=" not in given[0]:
        return {"prior": given[0]}
    pairs = (options.pair("prior", text, ', such as CL="lognormal(0.7, 0.3)"') for text in given)
    found = options.unique("prior", pairs)
    numbers = {name: number_of(text) for name, text in found.items()}
    return {"prior": {n: found[n] if math.isnan(x) else x for n, x in numbers.items()}}


def _observed(given: tuple[str, ...]) -> str | dict | None:
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    found: dict[object, str] = {}
    for text in given:
        label, equals, name = text.partition("=")
        if not equals:
            raise bad("observe", text, "must read DVID=NAME where several were measured")
        found[int(label) if label.strip().isdigit() else label.strip()] = name.strip()
    return found or None


def _label(name: object) -> str:
    return " ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _rows(table) -> dict:
    return {_label(name): row.to_dict() for name, row in table.iterrows()}


def _written(found, out: Path) -> list[Path]:
    files = []
    for name in ("parameters", "variances", "omega", "individual", "predictions", "shrinkage"):
        files.append(out / f"{name}.csv")
        getattr(found, name).to_csv(files[-1], index=name != "predictions")
    files.append(out / "report.html")
    found.report(files[-1])
    return files
