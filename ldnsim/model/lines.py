"""Where in a model's text a name stands, and which name may have been meant: for messages."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from ..errors import ModelError

FUNCTIONS = (
    "piecewise", "exp", "ln", "log", "log10", "sqrt", "root", "pow", "abs", "floor", "ceil", "factorial",
    "min", "max", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "rateOf",
)  # fmt: skip

_ASIDE = re.compile(r'//[^\n]*|#[^\n]*|/\*.*?\*/|"[^"]*"', re.DOTALL)
_NAME = re.compile(r"'([A-Za-z_]\w*)'")
_PLACE = re.compile(r"\bline \d|\.csv\b|\.toml\b")
_CASE = re.compile(r"^Reference:.*\n\s*(\S.*)$", re.MULTILINE)
_NO_FUNCTION = re.compile(r"uses '(\w+)' which is not a function definition id")


def line_of(name: str, text: str) -> int | None:
    """Find the first line, from 1, on which a name stands outside of comments and quotes; None where it does not."""
    bare = _ASIDE.sub(lambda aside: "\n" * aside[0].count("\n"), text)
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", bare)
    return bare.count("\n", 0, found.start()) + 1 if found else None


def placed(error: ModelError, text: str, file: str = "") -> ModelError:
    """Put file and line before a message that names something of the text and no place."""
    message = str(error)
    if not _PLACE.search(message):
        for name in _NAME.findall(message):
            line = line_of(name, text)
            if line is not None:
                return ModelError(f"{file}line {line}: {message}")
    return error


def nearest(name: str, known: Iterable[str], before: str = "") -> str:
    """Propose the name that may have been meant, after the words `before`; empty where none is like it."""
    folded = {n.casefold(): n for n in known if n != name}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return f"{before}did you mean {folded[close[0]]!r}?" if close else ""


def sentence_of_sbml(message: str) -> str:
    """Take the one sentence that speaks of this model out of the errors that libSBML gave Antimony."""
    found = _CASE.search(message)
    if "libSBML" not in message or not found:
        return message
    function = _NO_FUNCTION.search(found[1])
    if not function:
        return found[1]
    return f"there is no function {function[1]!r}" + nearest(function[1], FUNCTIONS, "; ")


def shortened(message: str, most: int = 400) -> str:
    """Cut the middle out of a message that quotes a very long formula."""
    return message if len(message) <= most else f"{message[: most - 100]} ... {message[-90:]}"
