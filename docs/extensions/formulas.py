"""A formula of a model as LaTeX, in the order in which it is written in the model.

Short symbols become a letter with a subscript (``K_ntx_peripheral``), words stay as they are
(``opioid_tone``), so that every name can be found again in the tables and in the code.
"""

from __future__ import annotations

import math
import re

from ldnsim.model.expressions import Formula

SUM, PRODUCT, POWER, ATOM = range(4)
GREEK = {"tau"}
SHORT = {"fu"}  # symbols of more than one small letter
CONSTANTS = {math.pi: r"\pi", math.log(2): r"\ln\, 2"}
INFIX = {"lt": "<", "leq": r"\le", "gt": ">", "geq": r"\ge", "eq": "=", "neq": r"\ne"}
LOGIC = {"and": r"\wedge", "or": r"\vee", "xor": r"\oplus"}
NAMED = {"min", "max", "exp", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh"}


def symbol(name: str) -> str:
    """Write an id."""
    head, *rest = name.split("_")
    under = r"_{\text{" + " ".join(rest) + "}}" if rest else ""
    if head in GREEK:
        return rf"\{head}{under}"
    short = re.fullmatch(r"([A-Za-z]{1,4}?)(\d+)?", head)
    if short and (len(short[1]) == 1 or short[1].isupper() or short[1] in SHORT):
        letters = short[1] if len(short[1]) == 1 else r"\text{" + short[1] + "}"
        inside = [*([short[2]] if short[2] else []), *([r"\text{" + " ".join(rest) + "}"] if rest else [])]
        return letters + ("_{" + r",\,".join(inside) + "}" if inside else "")
    return r"\text{" + name + "}"


def latex(formula: Formula) -> str:
    """Write a formula."""
    return _write(formula)[0]


def _write(f: Formula) -> tuple[str, int]:
    """LaTeX, and how strongly it holds together."""
    if isinstance(f, bool):
        return rf"\text{{{str(f).lower()}}}", ATOM
    if isinstance(f, float):
        return _number(f), ATOM if f >= 0 else SUM
    if isinstance(f, str):
        return symbol(f), ATOM
    head, *args = f
    if head == "plus":
        return _sum(args), SUM
    if head == "times":
        return _product(args)
    if head == "divide":
        if isinstance(args[0], list) and args[0][0] == "divide":  # a / b / c = a / (b c)
            return _write(["divide", args[0][1], ["times", args[0][2], args[1]]])
        return rf"\frac{{{latex(args[0])}}}{{{latex(args[1])}}}", PRODUCT
    if head == "power":
        return _power(*args)
    if head == "piecewise":
        return _cases(args)
    return _function(head, args)


def _number(value: float) -> str:
    if value in CONSTANTS:
        return CONSTANTS[value]
    if value.is_integer() and abs(value) < 1e5:
        return str(int(value))
    mantissa, _, exponent = f"{value:g}".partition("e")
    if not exponent:
        return mantissa
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


def _negative(f: Formula) -> Formula | None:
    """Return what a term is the negative of, None for a positive one."""
    if isinstance(f, list) and f[0] == "times" and f[1] == -1.0:
        return f[2] if len(f) == 3 else ["times", *f[2:]]
    if isinstance(f, list) and f[0] == "times" and _negative(f[1]) is not None:
        return ["times", _negative(f[1]), *f[2:]]
    return -f if isinstance(f, float) and f < 0 else None


def _sum(terms: list[Formula]) -> str:
    text = ""
    for term in terms:
        less = _negative(term)
        written = _held(term, SUM) if less is None else _held(less, PRODUCT)
        sign = "" if not text and less is None else " + " if less is None else " - "
        text += sign + written
    return text


def _product(factors: list[Formula]) -> tuple[str, int]:
    less = _negative(["times", *factors])
    if less is not None:
        return "-" + _held(less, PRODUCT), SUM
    return r" \cdot ".join(_held(f, PRODUCT) for f in factors), PRODUCT


def _power(base: Formula, exponent: Formula) -> tuple[str, int]:
    if exponent == 0.5:
        return rf"\sqrt{{{latex(base)}}}", ATOM
    return f"{_held(base, ATOM)}^{{{latex(exponent)}}}", POWER


def _cases(args: list[Formula]) -> tuple[str, int]:
    for relation, name in (("leq", "min"), ("geq", "max")):
        if among := _among(["piecewise", *args], relation):
            return _function(name, among)
    rows = [rf"{latex(v)} & \text{{if }} {latex(c)}" for v, c in zip(args[:-1:2], args[1::2], strict=True)]
    rows.append(rf"{latex(args[-1])} & \text{{otherwise}}")
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}", ATOM


def _among(f: Formula, relation: str) -> list[Formula]:
    """Give what the smallest (leq) or largest (geq) is taken of, nothing if the formula is not of that kind."""
    if not (isinstance(f, list) and f[0] == "piecewise" and len(f) == 4 and f[2] == [relation, f[1], f[3]]):
        return []
    return [part for side in (f[1], f[3]) for part in (_among(side, relation) or [side])]


def _function(head: str, args: list[Formula]) -> tuple[str, int]:
    if head == "time":
        return "t", ATOM
    if head in INFIX:
        return f" {INFIX[head]} ".join(map(latex, args)), SUM
    if head in LOGIC:
        return f" {LOGIC[head]} ".join(_held(a, PRODUCT) for a in args), SUM
    if head == "not":
        return rf"\neg {_held(args[0], ATOM)}", ATOM
    name = rf"\{head}" if head in NAMED else rf"\operatorname{{{head}}}"
    inside = r",\, ".join(map(latex, args))
    return rf"{name}\left({inside}\right)", ATOM


def _held(f: Formula, strength: int) -> str:
    """Write a part, in parentheses where it would fall apart."""
    text, holds = _write(f)
    return text if holds >= strength else rf"\left({text}\right)"
