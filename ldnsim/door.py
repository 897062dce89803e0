"""The door: each argument of a function is of the kind that its annotation names, or is refused by name."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sized
from os import PathLike
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from .errors import bad, in_short
from .numeric import as_number

Test = Callable[[Any], bool]
F = TypeVar("F", bound=Callable)


class Kind(NamedTuple):
    """What a value may be: in words, and as a test."""

    words: str
    holds: Test


def instead(**words: str) -> Callable[[F], F]:
    """Answer an argument that a function has not, and that is often tried, with what says the same there.

    Parameters
    ----------
    **words : str
        Name -> what to write, for example ``days="duration=672 (h)"``.
    """

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def answered(*given: Any, **named: Any) -> Any:
            for name in words.keys() & named.keys():
                raise bad(name, in_short(named[name]), f"is no argument of {function.__name__}", words[name])
            return function(*given, **named)

        return cast("F", answered)

    return decorate


def check_kinds(function: Callable, given: Mapping[str, Any], *besides: str) -> None:
    """Refuse arguments of another kind than their annotations name.

    Parameters
    ----------
    function : callable
        Whose signature is the rule. Arguments without annotation may be anything.
    given : mapping
        Name -> value, as ``locals()`` at the start of the function.
    *besides : str
        Arguments that the function looks at itself, in words that say more.

    Raises
    ------
    InputError
        Naming argument, value and kinds.

    Examples
    --------
    >>> def shown(dose: float, *, names: list[str] | None = None):
    ...     check_kinds(shown, locals())
    >>> shown("much")
    Traceback (most recent call last):
    ...
    ldnsim.errors.InputError: dose='much': must be a number
    """
    for name, kind in _kinds(function).items():
        if name not in besides and not kind.holds(given[name]):
            raise bad(name, in_short(given[name]), f"must be {kind.words}")


@functools.cache
def _kinds(function: Callable) -> dict[str, Kind]:
    parameters = inspect.signature(function).parameters.values()
    return {
        p.name: _kind(ast.parse(p.annotation, mode="eval").body)
        for p in parameters
        if isinstance(p.annotation, str) and p.kind is not p.VAR_KEYWORD
    }


def _kind(node: ast.expr) -> Kind:
    """Read an annotation."""
    if isinstance(node, ast.BinOp):
        return _either(_kind(node.left), _kind(node.right))
    if isinstance(node, ast.Constant):
        return Kind("None", lambda value: value is None)
    if isinstance(node, ast.Subscript):
        name = _name(node.value)
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _mapping(_kind(inner[-1])) if name == "Mapping" else _listed(name, inner)
    return _plain(_name(node))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)


def _either(one: Kind, other: Kind) -> Kind:
    parts = dict.fromkeys([*one.words.replace(" or ", ", ").split(", "), *other.words.split(", ")])
    *most, last = parts
    return Kind(
        f"{', '.join(most)} or {last}" if most else last,
        lambda value: one.holds(value) or other.holds(value),
    )


def _mapping(values: Kind) -> Kind:
    def holds(value: Any) -> bool:
        return isinstance(value, Mapping) and all(map(values.holds, value.values()))

    return Kind(f"a dict of {_many(values.words)}", holds)


def _listed(name: str, inner: list[ast.expr]) -> Kind:
    """Read a list or a tuple; a single text is a list of texts too."""
    if name == "tuple" and not isinstance(inner[-1], ast.Constant):
        kinds = list(map(_kind, inner))

        def fits(value: Any) -> bool:
            return _is_list(value) and len(items := list(value)) == len(kinds) and all(
                kind.holds(item) for kind, item in zip(kinds, items, strict=True)
            )  # fmt: skip

        return Kind(f"({', '.join(k.words.removeprefix('a ') for k in kinds)})", fits)
    each = _kind(inner[0])

    def holds(value: Any) -> bool:
        return (_is_list(value) and all(map(each.holds, value))) or (
            isinstance(value, str) and each.words == "a text"
        )

    return Kind(f"a list of {_many(each.words)}", holds)


def _many(words: str) -> str:
    plural = {"a text": "texts", "a number": "numbers", "a whole number": "whole numbers"}
    return plural.get(words, words.removeprefix("a "))


def _is_list(value: Any) -> bool:
    """Tell whether this is a list; what can be read only once is none, as the door reads it."""
    single = isinstance(value, str | bytes | Mapping) or not (
        isinstance(value, Iterable) and isinstance(value, Sized)
    )
    return not single and getattr(value, "ndim", 1) == 1 and not np.ma.is_masked(value)


def _is_number(value: Any) -> bool:
    return not np.isnan(as_number(value)) or (isinstance(value, float | np.floating) and np.isnan(value))


def _are_axes(value: Any) -> bool:
    """Tell whether all are axes, in a grid too; figures count them."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "O" and all(map(_are_axes, value.flat))
    return all(map(_are_axes, value)) if isinstance(value, list | tuple) else hasattr(value, "get_figure")


_PLAIN = {
    "Any": Kind("anything", lambda value: True),
    "object": Kind("anything", lambda value: True),
    "float": Kind("a number", _is_number),
    "int": Kind("a whole number", lambda value: as_number(value).is_integer()),
    "str": Kind("a text", lambda value: isinstance(value, str)),
    "bool": Kind("True or False", lambda value: isinstance(value, bool | np.bool_)),
    "Path": Kind("a path", lambda value: isinstance(value, str | PathLike)),
    "PathLike": Kind("a path", lambda value: isinstance(value, str | PathLike)),
    "Axes": Kind("Axes", _are_axes),
    "Callable": Kind("a function", callable),
    "ndarray": Kind("an array", lambda value: _is_list(value) or _are_axes(value)),
    "Sequence": Kind("a list", _is_list),
    "Numbers": Kind("a list", _is_list),
    "Iterable": Kind("a list", _is_list),
    "Mapping": Kind("a dict", lambda value: isinstance(value, Mapping)),
}


def _plain(name: str) -> Kind:
    """Tell a kind by name; a class is known by its own, so that no module is loaded for it."""
    return _PLAIN.get(name) or Kind(
        f"a {name}", lambda value: any(one.__name__ == name for one in type(value).__mro__)
    )
