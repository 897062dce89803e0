"""How deeply the elements of SBML lie inside each other: libSBML takes a kB of stack for each level, and no limit."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from xml.parsers import expat

from ..errors import ModelError

MAX_ELEMENTS = 3000  # inside each other; a difference of n terms takes n
_ANYWHERE = 200  # levels for which the smallest stack will do, half a MB
_STACK = 64 * 1024 * 1024  # bytes

T = TypeVar("T")


def levels_of(text: str, lines: bool = True) -> int:
    """Count how deeply elements are nested; 0 for what is no XML, of which libSBML says what is wrong.

    Parameters
    ----------
    text : str
    lines : bool, optional
        Whether lines of this text mean something to the user.

    Raises
    ------
    ModelError
        With the line, above `MAX_ELEMENTS`.
    """
    parser, level, deepest = expat.ParserCreate("UTF-8"), 0, 0

    def start(*_: Any) -> None:
        nonlocal level, deepest
        level += 1
        deepest = max(level, deepest)
        if level > MAX_ELEMENTS:
            where = f"line {parser.CurrentLineNumber}: " if lines else ""
            raise ModelError(f"{where}nested more than {MAX_ELEMENTS} levels deep, which is the limit")

    def end(*_: Any) -> None:
        nonlocal level
        level -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    return deepest


def with_room(levels: int, function: Callable[[], T]) -> T:
    """Call a function where the stack has room for so many levels: here, or in a thread of its own."""
    if levels <= _ANYWHERE:
        return function()
    found: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(function())
        except BaseException as error:
            failed.append(error)

    before = threading.stack_size(_STACK)
    try:
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if failed:
        raise failed[0]
    return found[0]
