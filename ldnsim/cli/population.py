"""`ldnsim population`: virtual patients as a table."""

from __future__ import annotations

import math
from pathlib import Path

import click

from ..numeric import number_of
from . import options, show


@click.command()
@options.model_options
@click.option("-n", "--n", "n", type=options.WHOLE, required=True, help="Number of subjects.")
@click.option("--seed", type=options.WHOLE, default=0, show_default=True, help="Of the random numbers.")
@click.option(
    "--covariate", "covariates", multiple=True, metavar="NAME=VALUE",
    help="weight=60, liver=cirrhosis, ...; may be repeated.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Write the table: .csv or .parquet.")
@options.json_option
def population(model, scenario, condition, params, n, seed, covariates, out, as_json):
    """Draw virtual patients; print how each parameter spreads.

    \b
    Example:
      ldnsim population -n 1000 --seed 7 --covariate weight=60 --out people.csv
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn

    options.check_target("out", out, (".csv", ".parquet"))
    chosen = options.chosen_model(model, scenario, condition, params)
    people = ldn.population(
        chosen, n=n, seed=seed, covariates=options.unique("covariate", map(_covariate, covariates))
    )
    if out is not None and out.suffix == ".csv":
        people.to_csv(out, index=False)
    elif out is not None:
        people.to_parquet(out, index=False)
    spread = people.quantile([0.05, 0.5, 0.95]).T
    files = [] if out is None else [out]
    units = chosen.parameters.unit
    if as_json:
        spread.columns = ["low", "median", "high"]
        found = {name: {**row, "units": units[name]} for name, row in spread.to_dict("index").items()}
        show.as_json({"model": chosen.name, "n": n, "seed": seed, "parameters": found, **show.end(files)})
        return
    rows = [(str(name), *map(show.number, row), str(units[name])) for name, *row in spread.itertuples()]
    show.table(("parameter", "5 %", "median of people", "95 %", "unit"), rows, right=(1, 2, 3))
    show.finish(files)


def _covariate(text: str) -> tuple[str, float | str]:
    name, value = options.pair("covariate", text, ", such as weight=60")
    number = number_of(value)
    return name, value if math.isnan(number) else number
