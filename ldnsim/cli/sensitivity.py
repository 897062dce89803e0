"""`ldnsim sensitivity`: which parameters move a metric."""

from __future__ import annotations

import click

from ..errors import bad
from ..units import unit_shown
from . import files, options, show
from .comparing import Worded
from .regimens import one_of

COLUMNS = {  # what a column is, told where it is there
    "slope": "slope: of the metric, a unit of the parameter, at the nominal value; error: of the slope.",
    "elasticity": "elasticity: percent of the metric a percent of the parameter.",
    "low": "low, high: the metric at the 5 % and 95 % quantile of the parameter, the others nominal.",
    "total": "total: share of the variance of the metric, interactions included.",
    "first": "first: share of the variance that the parameter explains alone.",
    "mu_star": "mu_star: mean absolute effect of the whole range; mu: mean effect; sigma: its spread.",
    "total_low": "_low, _high: 95 % bootstrap interval.",
}


@click.command(cls=Worded)
@options.dosing_options
@click.option("--days", type=options.DAYS, default=14, show_default=True, help="Days of treatment.")
@click.option(
    "--metric", required=True, help='As the tables name it: hours_blocked_peripheral, "cmax naltrexol".'
)
@click.option("--method", default="local", show_default=True, help="local, sobol, morris or efast.")
@click.option("--parameter", "parameters", multiple=True, help="Only these; may be repeated.")
@click.option("-n", "--n", "n", type=options.WHOLE, help="Base samples of the global methods.")
@click.option("--seed", type=options.WHOLE, default=0, show_default=True, help="Of the random numbers.")
@click.option("--rows", type=click.IntRange(min=1), default=15, show_default=True, help="Rows to print.")
@options.renamed("--most", "--rows")
@files.out_option("Write the whole table")
@files.figure_option("Write a tornado (of local)")
@options.model_options
@options.json_option
def sensitivity(
    model, scenario, condition, params, regimen, days, metric, method, parameters, n, seed, rows, out, figure,
    as_json, **how,
):  # fmt: skip
    """Say which parameters move a metric, with intervals.

    Under a REGIMEN in words, or made of --dose and the options beside it.

    \b
    Examples:
      ldnsim sensitivity "4.5 mg at bedtime" --metric rebound_peak --figure tornado.png
      ldnsim sensitivity --dose 4.5 --metric change_il6 --method morris -n 50
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn

    files.check(out, figure)
    if figure is not None and method != "local":
        raise bad("figure", str(figure), f"is a tornado, which {method!r} has none of", "--method local")
    chosen = options.chosen_model(model, scenario, condition, params)
    taken = one_of(regimen, days, chosen, how)
    with options.busy(f"{method} sensitivity of {metric}"):
        table = ldn.sensitivity(
            chosen, taken, metric=metric, method=method,
            parameters=list(parameters) or None, n=n, seed=seed,
        )  # fmt: skip
    files.write_table(table.reset_index(names="parameter"), out)
    files.draw(figure, lambda: ldn.plots.tornado(table))
    written = files.given(out, figure)
    if as_json:
        show.as_json({**table.attrs, "parameters": table.to_dict("index"), **show.end(written)})
        return
    cells = [(str(name), *map(show.number, row)) for name, *row in table.head(rows).itertuples()]
    show.table(("parameter", *table.columns), cells, right=range(1, 1 + len(table.columns)))
    about, unit = table.attrs, unit_shown(table.attrs["units"])
    show.sentence(f"{metric}{f' [{unit}]' if unit else ''}: {about['description']}")
    click.echo("\n".join(words for column, words in COLUMNS.items() if column in table.columns))
    show.finish(written)
