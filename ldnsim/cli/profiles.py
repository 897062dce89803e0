"""`ldnsim nca`: measured profiles of a data file."""

from __future__ import annotations

import math
from pathlib import Path

import click

from ..data import StudyData
from ..data.profile_units import DOSE_UNIT, UNIT
from ..data.stated_units import STATED, stated
from ..errors import bad
from ..numeric import number_of
from . import files, options, show

SHOWN = ("cmax", "tmax", "auc", "auc_last", "auc_inf", "half_life", "points", "cl")


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--route", help="How doses were given: extravascular, bolus or infusion.")
@click.option("--tau", type=options.NUMBER, help="Dosing interval, h.  [default: to the next dose, or II]")
@click.option(
    "--steady-state/--single", "steady_state", default=None,
    help="Doses after the first are at steady state, or each is a first one.  [default: by the column SS]",
)  # fmt: skip
@click.option("--partial", multiple=True, metavar="FROM:TO", help="A further area, h; may be repeated.")
@click.option("--unit", default=STATED, help=f"Unit of the measurements.  [default: of the table, else {UNIT}]")
@click.option("--dose-unit", default=STATED, help=f"Unit of the doses.  [default: of the table, else {DOSE_UNIT}]")
@files.out_option("Write the whole table")
@files.figure_option("Draw the measurements")
@options.json_option
def nca(data, route, tau, steady_state, partial, unit, dose_unit, out, figure, as_json):
    """Analyse measured profiles without a model.

    DATA is a NONMEM-style table, a CSV file.

    \b
    Example:
      ldnsim nca study.csv --route bolus --partial 0:24 --out nca.csv
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn
    from ldnsim.data.reading import read_as

    files.check(out, figure)
    spans = [_span(text) for text in partial]
    study = read_as("data", data)
    table = ldn.nca(
        study, route=route, tau=tau, steady_state=steady_state, partial=spans, unit=unit, dose_unit=dose_unit
    )
    units = table.attrs["units"]
    heads = {name: f"{name} [{unit}]" for name, unit in units.items()}
    files.write_table(table.rename(columns=heads), out)
    files.draw(figure, lambda: ldn.plots.profiles(study))
    written = files.given(out, figure)
    if as_json:
        show.as_json({"profiles": table.to_dict("records"), "units": units, **show.end(written)})
        return
    keys = [
        c for c in ("id", "dvid", "period", "profile") if c in table and (c == "id" or table[c].nunique() > 1)
    ]
    shown = [c for c in (*SHOWN, *(c for c in table if str(c).startswith("auc("))) if table[c].notna().any()]
    rows = [
        (*(str(row[k]) for k in keys), *(show.number(float(row[c])) for c in shown), row["flag"])
        for row in table.to_dict("records")
    ]
    right = range(len(keys), len(keys) + len(shown))
    show.table((*keys, *(heads.get(c, str(c)) for c in shown), "look at"), rows, right=tuple(right))
    assumed = _assumed(study)
    if assumed:
        show.sentence(f"Assumed: {' and '.join(assumed)}.")
    show.finish(written)


def _assumed(study: StudyData) -> list[str]:
    """Say which units neither the command nor the table names."""
    asked = click.get_current_context().get_parameter_source
    return [
        f"{what} in {unit} (--{argument.replace('_', '-')})"
        for argument, what, unit, column in (
            ("unit", "measurements", UNIT, "DV"),
            ("dose_unit", "doses", DOSE_UNIT, "AMT"),
        )
        if asked(argument) is click.core.ParameterSource.DEFAULT and column not in stated(study.table)
    ]


def _span(text: str) -> tuple[float, float]:
    low, _, high = text.partition(":")
    span = number_of(low), number_of(high)
    if any(map(math.isnan, span)):
        raise bad("partial", text, "must read FROM:TO in hours, such as 0:24")
    return span
