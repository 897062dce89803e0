"""`ldnsim compare`: regimens in words, side by side in one table and one figure."""

from __future__ import annotations

import re

import click

from ..errors import bad
from . import options, report
from .regimens import GRAMMAR, regimens


class Worded(click.Command):
    """A command whose words may begin with a minus and a digit, which click would take for an option."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Hide the minus of a number behind a blank, so that the dose itself is refused, not "-4"."""
        return super().parse_args(context, [f" {a}" if re.match(r"-[\d.]", a) else a for a in arguments])


@click.command(cls=Worded, epilog=f"A regimen reads {GRAMMAR}; parts joined by + are taken together.")
@click.argument("regimen", nargs=-1, required=True)
@options.model_options
@options.run_options
def compare(regimen, days, **rest):
    """Simulate regimens side by side.

    Prints the metrics of the last dosing interval, one column a regimen.

    \b
    Examples:
      ldnsim compare "4.5 mg at 22:00" "50 mg at 08:00" --days 28 --figure compare.png
      ldnsim compare "night = 4.5 mg at 22:00" "split = 2.25 mg every 12 h at 08:00"
    """  # noqa: D301 (\b is the escape click reads)
    shown = report.Shown.of(rest)
    if len(regimen) < 2:
        raise bad(
            "regimen",
            regimen[0],
            "is one alone",
            "give two or more; for one there is `ldnsim simulate REGIMEN`",
        )
    if shown.figure is not None:
        from ..plots.style import check_lines

        remedy = "give fewer, or leave the figure out for the table of all"
        check_lines(len(regimen), "figure", remedy=remedy)  # before they are simulated
    run = report.simulated(lambda model: regimens(regimen, days, model), shown, **rest)
    shown.deliver(run, "compare")
