"""`ldnsim simulate`: one regimen, one table, if wanted a file and a figure."""

from __future__ import annotations

import click

from . import options, report
from .regimens import clock, dosing


@click.command()
@click.option("--dose", type=options.NUMBER, required=True, help="Dose, mg.")
@click.option("--at", default="00:00", show_default=True, help="Clock time of the dose, or hours.")
@click.option("--ii", type=options.NUMBER, help="Hours between doses.  [default: 24]")
@click.option("--formulation", help="capsule, slow_release, solution, ...: a row of `ldnsim models ldn`.")
@click.option("--drug", help="Drug that is given.  [default: naltrexone]")
@click.option("--cmt", help="Dosed state, in a model of your own.")
@options.model_options
@options.run_options
def simulate(dose, at, ii, formulation, drug, cmt, days, out, figure, threshold, as_json, **rest):
    """Simulate one regimen.

    Prints the metrics of the last dosing interval.

    \b
    Example:
      ldnsim simulate --dose 4.5 --days 28 --at 22:00 --out run.nc --figure run.png
    """  # noqa: D301 (\b is the escape click reads)
    report.check(out, figure, threshold)
    how = {"at": clock(at), "ii": ii, "formulation": formulation, "drug": drug, "cmt": cmt}
    regimen = dosing(dose, days, **{k: v for k, v in how.items() if v is not None})
    ds = report.simulated(regimen, **rest)
    report.deliver(ds, plot="timecourse", threshold=threshold, out=out, figure=figure, as_json=as_json)
