"""`ldnsim page`: a model as one HTML file that simulates without a server."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command()
@click.argument("model", default="ldn")
@options.start_options
@options.change_options
@click.option("--draws", type=options.WHOLE, help="Posterior draws in the file.  [default: 200]")
@click.option("--seed", type=options.WHOLE, help="Choose the draws at random.  [default: the first]")
@click.option("--out", type=click.Path(path_type=Path), help="Write this file, .html.  [default: MODEL.html]")
def page(model, dose, at, days, fixed, scenario, condition, params, draws, seed, out):
    """Write MODEL as one HTML file that simulates by itself.

    MODEL is the name of a shipped model or a path to .ant or .xml. The file opens from disk, works offline and
    asks nothing of any other place. Options say what it opens with; all can be changed on the page.

    \b
    Examples:
      ldnsim page ldn --out ldn.html
      ldnsim page ldn --dose 3 --at bedtime --days 14 --set opioid=tramadol
      ldnsim page my.ant --out my.html
    """  # noqa: D301 (\b is the escape click reads)
    from ..webpage import page as written

    start = options.start_of(dose, at, days, fixed)
    chosen = options.chosen_model(model, scenario, condition, params)
    target = out if out is not None else Path(f"{chosen.name}.html")
    path = written(chosen, target, draws=draws, seed=seed, **start)
    size = path.stat().st_size
    click.echo(f"wrote {path} ({size / 1e6:.2f} MB); open it in a browser")
