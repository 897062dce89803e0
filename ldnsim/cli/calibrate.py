"""`ldnsim calibrate`: fit the model to the evidence and sample what stays uncertain."""

from __future__ import annotations

from pathlib import Path

import click

from . import options, show


@click.command()
@click.option("--model", default="ldn", show_default=True, help="Name of a shipped model, or a model folder.")
@click.option("--seed", type=options.WHOLE, default=1, show_default=True, help="Same seed, same numbers.")
@click.option("--draws", type=options.WHOLE, default=512, show_default=True, help="Posterior draws to keep.")
@click.option("--quick", is_flag=True, help="Short budget: see that all works.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for parameters.csv, posterior.csv, calibration.csv and structures.csv; nothing is written without it.",
)
@options.json_option
def calibrate(model, seed, draws, quick, out, as_json):
    """Fit the fitted parameters, then sample the posterior.

    The shipped values and draws come from the second example; it takes half an hour.

    \b
    Examples:
      ldnsim calibrate --quick
      ldnsim calibrate --seed 1 --out models/ldn
    """  # noqa: D301 (\b is the escape click reads)
    from ..inference.calibration import calibrate as run

    options.check_folder("out", out)
    chosen = options.chosen_model(model, None, None, ())
    found = run(chosen, seed=seed, draws=draws, quick=quick, progress=options.at_terminal())
    written = found.write(out) if out is not None else []
    if as_json:
        show.as_json(
            {
                "seed": seed,
                "starts": found.starts,
                "starts_agree": found.starts_agree,
                "evaluations": found.evaluations,
                "units": chosen.parameters.unit[found.fitted.index].to_dict(),
                "fitted": found.fitted.to_dict("index"),
                "diagnostics": found.diagnostics.to_dict("index"),
                **show.end(written),
            }
        )
        return
    head = ["parameter", "prior median", "gsd", "fitted", "posterior median", "low", "high", "learnt"]
    columns = ["prior_median", "prior_gsd", "value", "median", "low", "high", "shrinkage"]
    rows = [[name, *map(show.number, row[columns])] for name, row in found.fitted.iterrows()]
    show.table(head, rows, right=range(1, len(head)))
    worst = found.diagnostics
    click.echo(
        f"{found.starts_agree} of {found.starts} starts agree; {len(worst)} parameters sampled; "
        f"largest R-hat {worst['rhat'].max():.3f}, smallest effective size {worst['ess'].min():.0f}"
    )
    show.finish(written)
