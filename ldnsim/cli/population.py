"""`ldnsim population`: virtual patients as a table."""

from __future__ import annotations

import math

import click

from ..numeric import number_of
from . import files, options, show


@click.command()
@options.model_options
@click.option("-n", "--n", "n", type=options.WHOLE, required=True, help="Number of subjects.")
@click.option("--seed", type=options.WHOLE, default=0, show_default=True, help="Of the random numbers.")
@click.option(
    "--covariate", "covariates", multiple=True, metavar="NAME=VALUE",
    help="weight=60, liver=cirrhosis, ...; may be repeated.",
)  # fmt: skip
@files.out_option()
@options.json_option
def population(model, scenario, condition, params, n, seed, covariates, out, as_json):
    """Draw virtual patients; print how each parameter spreads.

    \b
    Example:
      ldnsim population -n 1000 --seed 7 --covariate weight=60 --out people.csv
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn

    files.check(out)
    chosen = options.chosen_model(model, scenario, condition, params)
    people = ldn.population(
        chosen, n=n, seed=seed, covariates=options.unique("covariate", map(_covariate, covariates))
    )
    files.write_table(people, out)
    spread = people.quantile([0.05, 0.5, 0.95]).T
    written = files.given(out)
    units = chosen.parameters.unit
    if as_json:
        spread.columns = ["low", "median", "high"]
        found = {name: {**row, "units": units[name]} for name, row in spread.to_dict("index").items()}
        show.as_json({"model": chosen.name, "n": n, "seed": seed, "parameters": found, **show.end(written)})
        return
    rows = [(str(name), *map(show.number, row), str(units[name])) for name, *row in spread.itertuples()]
    show.table(("parameter", "5 %", "median of people", "95 %", "unit"), rows, right=(1, 2, 3))
    show.finish(written)


def _covariate(text: str) -> tuple[str, float | str]:
    name, value = options.pair("covariate", text, ", such as weight=60")
    number = number_of(value)
    return name, value if math.isnan(number) else number
