"""`ldnsim simulate`: one regimen, one table, if wanted a file and a figure."""

from __future__ import annotations

import click

from . import options, report
from .comparing import Worded
from .regimens import one_of


@click.command(cls=Worded)
@options.dosing_options
@options.model_options
@options.run_options
def simulate(regimen, dose, at, ii, formulation, drug, cmt, days, **rest):
    """Simulate one REGIMEN.

    In words, or by --dose and the options beside it. Prints the metrics of the last dosing interval.

    \b
    Examples:
      ldnsim simulate "4.5 mg at bedtime" --days 28 --out run.nc --figure run.png
      ldnsim simulate --dose 4.5 --ii 48 --at 22:00
    """  # noqa: D301 (\b is the escape click reads)
    shown = report.Shown.of(rest)
    how = {"dose": dose, "at": at, "ii": ii, "formulation": formulation, "drug": drug, "cmt": cmt}
    run = report.simulated(lambda model: one_of(regimen, days, model, how), shown, **rest)
    shown.deliver(run, "timecourse")
