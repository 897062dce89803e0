"""Errors and warnings: every message names the argument, the value and the rule.

One template serves the whole package: ``argument=value: rule; remedy``. `bad` and `unknown` build it;
`finite`, `positive`, `whole` and `reals` are the checks of numbers that every door needs, `instance`,
`a_text` and `a_path` those of kinds.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import math
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sized
from pathlib import Path
from types import UnionType
from typing import Any, TypeAlias

import numpy as np

from .numeric import as_number, as_numbers, in_unit, with_point

Kinds: TypeAlias = type | UnionType | tuple  # what isinstance takes

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_LONGEST = 200  # characters of a value in a message
_FEW = 6  # of many names that are told where none is near
_KINDS = {
    "b": "True and False", "c": "complex numbers", "m": "spans of time", "M": "dates", "U": "text", "S": "bytes",
}  # fmt: skip


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


@contextlib.contextmanager
def renamed(names: Mapping[str, str]) -> Iterator[None]:
    """Refuse an argument under the name that it has further out: that of an option, or of its place in a dict."""
    try:
        yield
    except (InputError, UnknownNameError) as error:
        error.args = (re.sub(rf"^({'|'.join(names)})\b", lambda found: names[found[0]], str(error)),)
        raise


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
    >>> [w.category.__name__ for w in told], ds.status.item()
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


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the user's own line, however deep the call."""
    depth, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "ldnsim":
        depth, frame = depth + 1, frame.f_back
    warnings.warn(message, category, stacklevel=depth)


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
    return InputError(f"{argument}={_shown(value)}: {rule}" + (f"; {remedy}" if remedy else ""))


def _shown(value: Any) -> str:
    """Text of a value, on one line; that of a long one is cut in its middle."""
    plain = isinstance(value, np.generic | np.ndarray) and value.ndim == 0 and value.dtype.kind in "biufUS"
    text = " ".join(repr(value.item() if plain and not np.ma.is_masked(value) else value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 40]} ... {text[-30:]}"


def unknown(
    argument: str, name: object, known: Iterable[str], limit: int = 12, listing: str = ""
) -> UnknownNameError:
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
        List all of them where there are at most so many. Of more the nearest are told, else those most alike.
    listing : str
        What lists all of them.

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
    near = nearest(str(name), names)
    text = f"{argument}={_shown(name)}: no such name"
    if near:
        text += "; did you mean " + " or ".join(repr(n) for n in near) + "?"
    if told := _others(str(name), names, near, limit, listing):
        text += f" ({told})"
    return UnknownNameError(text)


def _others(name: str, names: list[str], near: list[str], limit: int, listing: str) -> str:
    """Say what else there is: all of few names; of many those most alike where none is near, and what lists all."""
    if len(names) <= limit:
        return f"{'one of' if near else 'known are'}: {', '.join(names)}" if names else ""
    if near:
        return f"{listing} lists all {len(names)}" if listing else ""
    rest = f"{len(names) - _FEW} more{f', which {listing} lists' if listing else ''}"
    return f"known are: {', '.join(_by_likeness(name, names)[:_FEW])} and {rest}"


def _by_likeness(name: str, names: Iterable[str]) -> list[str]:
    """Sort names, those most like a given one first."""
    like = difflib.SequenceMatcher(b=name.casefold())

    def unlike(known: str) -> float:
        like.set_seq1(known.casefold())
        return -like.ratio()

    return sorted(names, key=unlike)


def nearest(name: str, names: Iterable[str], alike: float = 0.5) -> list[str]:
    """Find the names that differ in capital letters alone, else the most alike."""
    names, name = list(names), name.casefold()
    same = [n for n in names if n.casefold() == name]
    if same:
        return same
    folded = {n.casefold(): n for n in reversed(names)}
    return [folded[n] for n in difflib.get_close_matches(name, folded, n=3, cutoff=alike)]


def instance(argument: str, value: Any, kinds: Kinds, what: str, remedy: str = "") -> Any:
    """Return a value that is of one of these kinds, or raise the `InputError` that says what it must be."""
    if isinstance(value, kinds):
        return value
    raise bad(argument, in_short(value), f"must be {what}", remedy)


def in_short(value: Any) -> Any:
    """Tell what a value is, but for what says so itself: a number, a text, None."""
    if value is None or isinstance(value, str | int | float):
        return value
    sized = isinstance(value, Sized) and getattr(value, "ndim", 1) > 0
    return type(value).__name__ + (f" of {len(value)}" if sized else "")


def a_text(argument: str, value: Any, remedy: str = "") -> str:
    """Return a text, or raise the `InputError` that says so."""
    return instance(argument, value, str, "a text", remedy)


def a_list(
    argument: str, values: Any, what: str, least: int = 0, kinds: Kinds = object, remedy: str = ""
) -> list[Any]:
    """Return the items of a list, all of some kinds, or raise the `InputError` that says what it must be."""
    listed = isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping)
    if not listed or getattr(values, "ndim", 1) != 1 or np.ma.is_masked(values):
        raise bad(argument, in_short(values), f"must be {what}", remedy)
    items = list(values)
    if len(items) < least or not all(isinstance(item, kinds) for item in items):
        raise bad(argument, values, f"must be {what}", remedy)
    return items


def a_dict(argument: str, values: Any, kinds: Any, what: str) -> Mapping[Any, Any]:
    """Return a dict that holds at least one value, all of some kinds, or raise the `InputError` that says so."""
    if not isinstance(values, Mapping) or not values:
        raise bad(argument, in_short(values), f"must be a dict of name -> {what.removeprefix('a ')}")
    for name, value in values.items():
        instance(f"{argument}[{name!r}]", value, kinds, what)
    return values


def one_of(argument: str, value: Any, known: Iterable[str]) -> str:
    """Return a name that is one of those known, or raise the error that suggests the nearest."""
    if instance(argument, value, str, "a name") not in (names := list(known)):
        raise unknown(argument, value, names)
    return value


def a_path(argument: str, value: Any) -> Path:
    """Return the path of a file or folder, or raise the `InputError` that says so."""
    if isinstance(value, str) and _ADDRESS.match(value):
        raise bad(argument, value, "is an address, not a path on this machine", "copy it from or to there")
    try:
        path = Path(value).expanduser()
    except (TypeError, RuntimeError):  # no path; nobody's home
        path = None
    if path is None or not str(value).strip() or "\0" in str(value):
        raise bad(argument, value, "must be a path, as text or pathlib.Path")
    try:
        path.stat()
    except OSError as error:  # what is missing, say, is for the caller to judge
        if error.errno == errno.ENAMETOOLONG:
            raise bad(argument, value, "is too long for a path") from None
    return path


def finite(argument: str, value: Any, least: float = -math.inf, unit: str = "") -> float:
    """Return a finite number not below `least`, or raise the `InputError` that says so; `unit` is what it is in."""
    number = as_number(value)
    if not math.isfinite(number) or number < least:
        rule = "must be a finite number" + (f" >= {least:g}" if least > -math.inf else "")
        raise bad(argument, value, rule, _quoted(value, unit))
    return number


def positive(argument: str, value: Any, unit: str = "", remedy: str = "") -> float:
    """Return a finite number above 0, or raise the `InputError` that says so."""
    number = as_number(value)
    if not (math.isfinite(number) and number > 0):
        raise bad(argument, value, f"must be a finite number > 0 {unit}".rstrip(), _quoted(value, unit) or remedy)
    return number


def _quoted(value: Any, unit: str) -> str:
    """Say how a number that stands in a text is given, also one with its unit; nothing of anything else."""
    meant = with_point(value) or (in_unit(value, unit) if unit else "") if isinstance(value, str) else ""
    return f"write {meant}, without quotes" if meant else ""


def whole(argument: str, value: Any, least: int = 0, remedy: str = "") -> int:
    """Return a whole number not below `least`, or raise the `InputError` that says so; 3.0 is whole."""
    number = as_number(value)
    if not number.is_integer() or number < least:
        raise bad(argument, value, f"must be a whole number >= {least}", remedy)
    return int(value)


def reals(argument: str, values: Any, rule: str = "must be a list of finite numbers") -> np.ndarray:
    """Return a list of finite numbers as an array of floats, or raise the `InputError` that says so.

    Text, True and False, dates, spans of time, complex numbers and masked values are none.
    """
    found = as_numbers(values)
    if found is None or not found.size or not np.isfinite(found).all():
        raise bad(argument, _many(values), rule)
    return found


def _many(values: Any) -> Any:
    """Tell what many values are."""
    if np.ma.is_masked(values):
        return f"{type(values).__name__} with masked values"
    kind = _KINDS.get(getattr(getattr(values, "dtype", None), "kind", ""))
    if kind:
        return f"{type(values).__name__} of {kind}"
    few = isinstance(values, str) or not isinstance(values, Sized) or not getattr(values, "ndim", 1)
    return values if few or len(values) < 9 else in_short(values)


def need(package: str, extra: str, argument: str, value: Any) -> None:
    """Refuse a value that needs a package of an extra which is not installed."""
    import importlib.util

    if importlib.util.find_spec(package) is None:
        remedy = f"pip install 'ldnsim[{extra}]', or in a checkout pip install '.[{extra}]'"
        raise bad(argument, value, f"needs the package {package}", remedy)
