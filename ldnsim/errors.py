"""Errors and warnings: every message names the argument, the value and the rule.

One template serves the whole package: ``argument=value: rule; remedy``. `bad` and `unknown` build it;
`finite`, `positive` and `whole` are the checks of numbers that every door needs, `instance`, `a_text` and
`a_path` those of kinds.
"""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any


class InputError(ValueError):
    """A value that cannot be used, refused at the door.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.Regimen.daily(-1, days=3)
    Traceback (most recent call last):
    ...
    ldnsim.errors.InputError: dose=-1: must be a finite number >= 0
    """


class ModelError(ValueError):
    """A model text that cannot be read; the message carries the line where it is known.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.Model.from_antimony("A' = -k*A; A = 1")
    Traceback (most recent call last):
    ...
    ldnsim.errors.ModelError: line 1: no value is given for 'k'; give it one in the model
    """


class UnknownNameError(KeyError, ValueError):
    """A name that does not exist; the message suggests the nearest ones. Also a KeyError.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.load_model("lnd")
    Traceback (most recent call last):
    ...
    ldnsim.errors.UnknownNameError: model='lnd': no such name; did you mean 'ldn'? (one of: ldn, ...)
    """

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""  # KeyError would show the repr, quotes and all


class SolverWarning(UserWarning):
    """Some trajectories did not reach the end; the rest did, and `status` says why and when.

    Examples
    --------
    >>> import warnings
    >>> import ldnsim as ldn
    >>> grows = ldn.Model.from_antimony("A' = A^2; A = 1")  # infinite at time 1
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     ds = ldn.simulate(grows, None, duration=2)
    >>> [w.category.__name__ for w in told], str(ds.status.values)
    (['SolverWarning'], 'step underflow')
    """


class BoundsWarning(UserWarning):
    """A parameter lies outside the bounds of its table; the run goes on.

    Examples
    --------
    >>> import warnings
    >>> import ldnsim as ldn
    >>> model = ldn.load_model("ldn").with_parameters(ka=100)  # absorbed within a minute
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     ds = ldn.simulate(model, ldn.Regimen.single(4.5), outputs=["plasma_naltrexone"])
    >>> [w.category.__name__ for w in told]
    ['BoundsWarning']
    """


class DropoutWarning(UserWarning):
    """So few subjects stayed in an arm of a trial that it cannot be compared; its numbers are NaN.

    Examples
    --------
    >>> import warnings
    >>> import ldnsim as ldn
    >>> few = {"n": 6, "weeks": 2, "trials": 20, "worlds": 2, "patients": 4}
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     ds = ldn.virtual_trial(ldn.load_model("ldn"), dropout=0.95, **few)
    >>> [w.category.__name__ for w in told]
    ['DropoutWarning']
    """


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

    Returns
    -------
    InputError
        To be raised.

    Examples
    --------
    >>> print(bad("dose", -1, "must be a finite number >= 0 mg"))
    dose=-1: must be a finite number >= 0 mg
    """
    shown = repr(value.item()) if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else repr(value)
    return InputError(f"{argument}={shown}: {rule}" + (f"; {remedy}" if remedy else ""))


def unknown(argument: str, name: object, known: Iterable[str], limit: int = 12) -> UnknownNameError:
    """Build the error for a name that does not exist, suggesting the nearest ones that do.

    Parameters
    ----------
    argument : str
        Name of the argument, as the user typed it.
    name : object
        What arrived.
    known : iterable of str
        Names that exist.
    limit : int
        List at most so many of them.

    Returns
    -------
    UnknownNameError
        To be raised.

    Examples
    --------
    >>> print(unknown("outputs", "endorfin", ["endorphin", "enkephalin"]))
    outputs='endorfin': no such name; did you mean 'endorphin'? (one of: endorphin, enkephalin)
    """
    names = list(known)
    near = _nearest(str(name).casefold(), names)
    text = f"{argument}={name!r}: no such name"
    if near:
        text += "; did you mean " + " or ".join(repr(n) for n in near) + "?"
    if names:
        shown = ", ".join(names[:limit]) + (", ..." if len(names) > limit else "")
        text += f" ({'one of' if near else 'known are'}: {shown})"
    return UnknownNameError(text)


def _nearest(name: str, names: list[str]) -> list[str]:
    """Return the names that differ in capital letters alone, else the most alike."""
    same = [n for n in names if n.casefold() == name]
    if same:
        return same
    folded = {n.casefold(): n for n in reversed(names)}
    return [folded[n] for n in difflib.get_close_matches(name, folded, n=3, cutoff=0.5)]


def instance(argument: str, value: Any, kinds: type | tuple, what: str, remedy: str = "") -> Any:
    """Return a value that is of one of these kinds, or raise the `InputError` that says what it must be."""
    if isinstance(value, kinds):
        return value
    shown = value
    if value is not None and not isinstance(value, str | int | float):
        shown = type(value).__name__ + (f" of {len(value)}" if isinstance(value, Collection) else "")
    raise bad(argument, shown, f"must be {what}", remedy)


def a_text(argument: str, value: Any, remedy: str = "") -> str:
    """Return a text, or raise the `InputError` that says so."""
    return instance(argument, value, str, "a text", remedy)


def a_path(argument: str, value: Any) -> Path:
    """Return the path of a file or folder, or raise the `InputError` that says so."""
    try:
        return Path(value)
    except TypeError:
        raise bad(argument, value, "must be a path, as text or pathlib.Path") from None


def finite(argument: str, value: Any, least: float = -math.inf) -> float:
    """Return a finite number not below `least`, or raise the `InputError` that says so."""
    number = _float(value)
    if not math.isfinite(number) or number < least:
        raise bad(
            argument, value, "must be a finite number" + (f" >= {least:g}" if least > -math.inf else "")
        )
    return number


def positive(argument: str, value: Any, unit: str = "", remedy: str = "") -> float:
    """Return a finite number above 0, or raise the `InputError` that says so."""
    number = _float(value)
    if not (math.isfinite(number) and number > 0):
        raise bad(argument, value, f"must be a finite number > 0 {unit}".rstrip(), remedy)
    return number


def whole(argument: str, value: Any, least: int = 0, remedy: str = "") -> int:
    """Return a whole number not below `least`, or raise the `InputError` that says so; 3.0 is whole."""
    try:
        number = int(value) if isinstance(value, float) and value.is_integer() else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least or isinstance(value, bool):
        raise bad(argument, value, f"must be a whole number >= {least}", remedy)
    return number


def need(package: str, extra: str, argument: str, value: Any) -> None:
    """Refuse a value that needs a package of an extra which is not installed."""
    import importlib.util

    if importlib.util.find_spec(package) is None:
        raise bad(argument, value, f"needs the package {package}", f"pip install 'ldnsim[{extra}]'")


def _float(value: Any) -> float:
    try:
        return math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return math.nan
