"""`ldnsim bench`: how fast this installation is on this machine."""

from __future__ import annotations

import click

from . import options, show


@click.command()
@options.model_options
@click.option(
    "--subjects", type=options.WHOLE, default=256, show_default=True, help="Virtual patients of a timed run."
)
@click.option(
    "--days", type=options.DAYS, default=28, show_default=True, help="Days of treatment, output every hour."
)
@click.option("--error", type=options.NUMBER, default=1e-5, show_default=True, help="Largest error allowed.")
@click.option("--threads", type=options.WHOLE, default=1, show_default=True, help="Cores to use.")
@options.json_option
def bench(model, scenario, condition, params, subjects, days, error, threads, as_json):
    """Race the solvers on this machine.

    Each runs at the tolerance that just meets the same error.

    \b
    Examples:
      ldnsim bench
      ldnsim bench --subjects 64 --days 7 --threads 2
    """  # noqa: D301 (\b is the escape click reads)
    from ..study.speed import speed

    chosen = options.chosen_model(model, scenario, condition, params)
    with options.busy("racing the solvers"):
        found = speed(chosen, subjects=subjects, days=days, error=error, threads=threads)
    if as_json:
        told = {"model": chosen.name, "days": days, "threads": threads, "units": {"rate": "1/s"}}
        show.as_json({**told, "methods": found.T.to_dict()})
        return
    head = ["method", "trajectories/s", "x SciPy LSODA", "rtol", "error", "subjects"]
    rows = [[name, *map(show.number, row[:-1]), f"{row[-1]:.0f}"] for name, *row in found.itertuples()]
    show.table(head, rows, right=range(1, len(head)))
    click.echo("Rates are this machine's; ratios hardly depend on it.")
