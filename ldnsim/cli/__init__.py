"""The command line tool `ldnsim`: a door to the library, with no arithmetic of its own."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence

FAILED, UNUSABLE, STOPPED = 1, 2, 130  # exit codes
SHOW_ALL = "LDNSIM_TRACEBACK"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the tool and leave the process with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the tool on `arguments` (the process's own by default) and return the exit code.

    Returns
    -------
    int
        0 done; 2 the input cannot be used; 1 the program failed; 130 the user broke it off. Other than 0 comes
        with one line on stderr. With the environment variable ``LDNSIM_TRACEBACK`` a failure shows all.
    """
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _say("stopped", STOPPED)
    except BrokenPipeError:
        # The reader, say `head`, has had enough; without this Python complains again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if _is_bad_input(error):
            return _say(f"error: {_sentence(error)}", UNUSABLE)
        if os.environ.get(SHOW_ALL):
            raise
        if isinstance(error, MemoryError):
            return _say(f"error: out of memory: {_sentence(error)}", FAILED)
        what = f"{type(error).__name__}: {_sentence(error)}"
        return _say(f"error: a fault of ldnsim, {what}; {SHOW_ALL}=1 shows where", FAILED)


def _run(arguments: Sequence[str] | None) -> int:
    import click

    from .app import tool

    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            return tool.main(args=arguments, prog_name="ldnsim", standalone_mode=False) or 0
    except click.ClickException as error:
        return _say(f"error: {error.format_message()}", UNUSABLE)
    except click.Abort:  # what click makes of Ctrl-C
        raise KeyboardInterrupt from None
    except SystemExit as ending:  # and of a reader that leaves early
        if isinstance(ending.__context__, BrokenPipeError):
            raise ending.__context__ from None
        raise


def _is_bad_input(error: Exception) -> bool:
    from ..errors import InputError, ModelError, UnknownNameError

    return isinstance(error, (InputError, ModelError, UnknownNameError, OSError))


def _warn(message: Warning | str, *where: object, **rest: object) -> None:
    print("ldnsim: warning:", " ".join(str(message).split()), file=sys.stderr)


def _sentence(error: Exception) -> str:
    return "; ".join([str(error), *getattr(error, "__notes__", ())])


def _say(message: str, code: int) -> int:
    print("ldnsim:", " ".join(message.split()), file=sys.stderr)
    return code
