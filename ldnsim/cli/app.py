"""The table of commands; each is imported when it is called, so that the tool starts at once."""

from __future__ import annotations

import importlib

import click

from .. import __version__
from ..errors import unknown

COMMANDS = {
    "models": "listing",
    "simulate": "simulating",
    "compare": "comparing",
    "sweep": "sweep",
    "population": "population",
    "sensitivity": "sensitivity",
    "optimize": "optimize",
    "calibrate": "calibrate",
    "qualify": "qualify",
    "export": "exporting",
    "washout": "washout",
    "dose-for": "asking",
    "level": "asking",
    "claims": "claims",
    "fit": "fitting",
    "nca": "profiles",
    "evidence": "listing",
    "cite": "citing",
    "explore": "explore",
    "page": "paging",
    "bench": "bench",
}


class LazyGroup(click.Group):
    """A group that finds its commands in COMMANDS: name -> module of this folder."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Name the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import the module of a command and take the function of its name."""
        if name not in COMMANDS:
            return None
        return getattr(importlib.import_module(f"{__package__}.{COMMANDS[name]}"), name.replace("-", "_"))

    def resolve_command(self, context: click.Context, arguments: list[str]):
        """Find the command, or refuse with the nearest name."""
        if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
            raise unknown("command", arguments[0], COMMANDS)
        return super().resolve_command(context, arguments)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 2 the input cannot be used, 1 the program failed, 130 stopped by Ctrl-C; "
    "what is wrong is one line on stderr.\n\nFor research; not medical advice.",
)
@click.version_option(__version__, prog_name="ldnsim", message="%(prog)s %(version)s")
@click.pass_context
def tool(context: click.Context) -> None:
    """Simulate low-dose naltrexone: plasma, receptor blockade, endorphin rebound, cytokines.

    \b
    Example:
      ldnsim compare "4.5 mg at 22:00" "50 mg at 08:00" --days 28 --figure compare.png
    """  # noqa: D301 (\b is the escape click reads)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
