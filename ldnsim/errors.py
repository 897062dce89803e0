"""Errors and warnings: every message names the argument, the value and the rule.

One template serves the whole package: ``argument=value: rule; remedy``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """A value that cannot be used, refused at the door."""


class ModelError(ValueError):
    """A model text that cannot be read; the message carries the line where it is known."""


class UnknownNameError(KeyError, ValueError):
    """A name that does not exist; the message suggests the nearest ones."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""  # KeyError would show the repr, quotes and all


class SolverWarning(UserWarning):
    """Some trajectories did not reach the end; the rest did."""


def bad(argument: str, value: object, rule: str, remedy: str = "") -> InputError:
    """Build the error for a bad value.

    Parameters
    ----------
    argument : str
        Name of the argument, as the user typed it.
    value : object
        What arrived.
    rule : str
        What is allowed, for example ``"must be a finite number >= 0 mg"``.
    remedy : str, optional
        The usual fix.
    """
    shown = repr(value.item()) if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else repr(value)
    return InputError(f"{argument}={shown}: {rule}" + (f"; {remedy}" if remedy else ""))


def unknown(argument: str, name: object, known: Iterable[str], limit: int = 12) -> UnknownNameError:
    """Build the error for a name that is not among ``known``, suggesting the nearest."""
    names = list(known)
    folded = {n.casefold(): n for n in reversed(names)}
    close = difflib.get_close_matches(str(name).casefold(), folded, n=3, cutoff=0.5)
    near = [folded[n] for n in close]
    text = f"{argument}={name!r}: no such name"
    if near:
        text += "; did you mean " + " or ".join(repr(n) for n in near) + "?"
    if names:
        shown = ", ".join(names[:limit]) + (", ..." if len(names) > limit else "")
        text += f" ({'one of' if near else 'known are'}: {shown})"
    return UnknownNameError(text)
