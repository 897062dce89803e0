"""`ldnsim compare`: regimens in words, side by side in one table and one figure."""

from __future__ import annotations

import contextlib
import re
from itertools import chain

import click

from ..errors import bad
from ..regimen.language import parts_of
from . import options, report
from .regimens import GRAMMAR, regimens


class Worded(click.Command):
    """A command whose words may begin with a minus and a digit, which click would take for an option."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Hide the minus of a number behind a blank, so that the dose itself is refused, not "-4"."""
        arguments = [f" {a}" if re.match(r"-[\d.]", a) else a for a in arguments]
        given, beyond, _ = self.make_parser(context).parse_args(args=list(arguments))
        named = [given.get(p.name) for p in self.params if isinstance(p, click.Argument)]
        several = chain.from_iterable(v if isinstance(v, list | tuple) else [v] for v in named)
        _refuse_unquoted([*(v for v in several if isinstance(v, str)), *beyond])
        return super().parse_args(context, arguments)


def _refuse_unquoted(words: list[str]) -> None:
    """Refuse words that the shell took apart, and that read as a regimen together; an empty one is judged alone."""
    if not all(map(str.strip, words)):
        return
    for first in range(len(words)):
        for end in range(len(words), first + 1, -1):
            if _reads(together := " ".join(words[first:end])):
                raise bad("regimen", words[first], "is a part of one", f'put it in quotes: "{together}"')


def _reads(words: str) -> bool:
    """Say whether words read as a regimen."""
    with contextlib.suppress(ValueError):
        return bool(parts_of(words))
    return False


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
