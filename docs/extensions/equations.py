"""The equations of a model, section by section as in its text, with the comments that stand beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from ldnsim import Model

from .formulas import latex, symbol
from .text import cell, heading

_SECTION = re.compile(r"^\s*// -{2,} (.+?) -{2,}$")
_COMMENT = re.compile(r"^\s*//(.*)$")
_DEFINED = re.compile(r"^\s*(\w+'?)\s*:?=")
_NO_EQUATIONS = "Units"


def introduction(model: Model) -> str:
    """Give the comment at the head of a model's text, as a paragraph."""
    kind, text = next(_items(model.folder / "model.ant"))
    return f"\n{text}\n" if kind == "remark" else ""


def equations(model: Model, level: int = 2) -> str:
    """Write all rates, computed quantities and starting values.

    Raises
    ------
    ValueError
        If an equation of the model does not stand on the page.
    """
    left = _equations_of(model)
    text, waiting = "", ""
    for number, (kind, item) in enumerate(_items(model.folder / "model.ant")):
        if kind == "section":
            text, waiting = text + heading(item, level), ""
        elif kind == "remark":
            waiting += f"\n{item}\n" if number else ""
        elif item in left:
            text, waiting = text + waiting + left.pop(item), ""
    if left:
        raise ValueError(f"{model.name}: no equation is written for {sorted(left)}")
    return text


def _equations_of(model: Model) -> dict[str, str]:
    """Name (with ' for a rate) -> the equation."""
    s = model.structure
    found = {name: _math(f"{symbol(name)} = {latex(f)}") for name, f in (*s.constants, *s.assignments)}
    for name, rate, start in zip(s.states, s.rates, s.initial, strict=True):
        begins = "" if start == 0.0 else rf", \qquad {symbol(name)}(0) = {latex(start)}"
        found[name + "'"] = _math(rf"\frac{{d}}{{dt}}\, {symbol(name)} = {latex(rate)}{begins}")
    return found


def _math(text: str) -> str:
    return f"\n$$\n{text}\n$$\n"


def _items(path: Path) -> Iterator[tuple[str, str]]:
    """Go through a model's text: sections, remarks (a paragraph each), and names that are defined."""
    section = ""
    lines = path.read_text(encoding="utf-8").splitlines()
    for is_comment, group in groupby(lines, lambda x: bool(_COMMENT.match(x) and not _SECTION.match(x))):
        part = list(group)
        if is_comment and section != _NO_EQUATIONS:
            yield "remark", cell(" ".join(_COMMENT.match(x)[1].strip() for x in part).strip())
        for line in [] if is_comment else part:
            if found := _SECTION.match(line):
                section = found[1]
                if section != _NO_EQUATIONS:
                    yield "section", section
            elif found := _DEFINED.match(line):
                yield "definition", found[1]
