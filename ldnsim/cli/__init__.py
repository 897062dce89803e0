"""The command line tool `ldnsim`: a door to the library, with no arithmetic of its own."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the tool and leave the process with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the tool on `arguments` (the process's own by default) and return the exit code.

    Returns
    -------
    int
        0; 2 with one line on stderr where the input cannot be used; 130 where the user broke it off.
    """
    import click

    from .app import tool

    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            return tool.main(args=arguments, prog_name="ldnsim", standalone_mode=False) or 0
    except click.ClickException as error:
        return _refuse(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # The reader, say `head`, has had enough; without this Python complains again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if not _is_bad_input(error):
            raise
        return _refuse(str(error))


def _is_bad_input(error: Exception) -> bool:
    from ..errors import InputError, ModelError, UnknownNameError

    return isinstance(error, (InputError, ModelError, UnknownNameError, OSError))


def _warn(message: Warning | str, *where: object, **rest: object) -> None:
    print("ldnsim: warning:", " ".join(str(message).split()), file=sys.stderr)


def _refuse(message: str) -> int:
    print("ldnsim: error:", " ".join(message.split()), file=sys.stderr)
    return 2
