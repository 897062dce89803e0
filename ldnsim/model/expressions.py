"""Formulas as plain data: nested lists, checked against one table of functions.

A formula is a number (float), a truth value (bool), an id (str) or a list ``[function, argument, ...]``, for
example ``["times", "k", "A"]`` for k A. It can be written as JSON, compared and hashed, and is never run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from ..errors import ModelError

Formula: TypeAlias = "float | bool | str | list"

TIME: Formula = ["time"]
AVOGADRO = 6.02214179e23  # 1/mol; SBML L3 fixes the CODATA 2006 value so that results agree between tools
MAX_SIZE = 200_000  # nodes of one formula; functions that call functions can grow without limit
MAX_DEPTH = 200  # levels of one formula: what Python's own stack has room for, everywhere

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

# Functions a reduced formula may hold; all else is rewritten in these on reading.
NUMERIC: dict[str, Callable[..., float]] = {
    "plus": lambda *a: sum(a),
    "times": lambda *a: math.prod(a),
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "abs": abs,
    "floor": lambda a: float(math.floor(a)),
    "ceiling": lambda a: float(math.ceil(a)),
    "factorial": lambda a: math.gamma(a + 1.0),
    "exp": math.exp,
    "ln": math.log,
    **{f: getattr(math, f) for f in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{"arc" + f: getattr(math, "a" + f) for f in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
}
RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "lt": lambda a, b: a < b,
    "leq": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "geq": lambda a, b: a >= b,
    "eq": lambda a, b: a == b,
    "neq": lambda a, b: a != b,
}
LOGIC = ("and", "or", "not", "xor")


def is_number(formula: Formula) -> bool:
    """Tell whether a formula is a plain number."""
    return isinstance(formula, float)


def is_truth(formula: Formula) -> bool:
    """Tell whether a formula is true or false rather than a number."""
    return isinstance(formula, bool) or (
        isinstance(formula, list) and (formula[0] in RELATIONS or formula[0] in LOGIC)
    )


def as_number(formula: Formula) -> Formula:
    """Read a truth value as 1 or 0 (SBML L3V2)."""
    return make("piecewise", 1.0, formula, 0.0) if is_truth(formula) else formula


def as_truth(formula: Formula) -> Formula:
    """Read a number as true unless it is 0 (SBML L3V2)."""
    return formula if is_truth(formula) else make("neq", formula, 0.0)


def make(function: str, *arguments: Formula) -> Formula:
    """Build a formula, folding what is constant and coercing numbers and truth values.

    Parameters
    ----------
    function : str
        ``piecewise`` (value, condition, ..., otherwise), ``time``, ``delay`` (value, lag), or a name of this
        module's tables.
    *arguments : formula
    """
    if function == "piecewise":
        return _piecewise(list(arguments))
    if function in LOGIC:
        return _logic(function, [as_truth(a) for a in arguments])
    values = [as_number(a) for a in arguments]
    if function in RELATIONS:
        if all(map(is_number, values)):
            return RELATIONS[function](*values)
        return [function, *values]
    if function in NUMERIC and values and all(map(is_number, values)):
        return _folded(NUMERIC[function], values)
    if function == "delay" and (is_number(values[0]) or values[1] == 0.0):
        return values[0]
    return _simplified(function, values)


def _folded(function: Callable[..., float], values: list[float]) -> float:
    try:
        result = function(*values)
    except ZeroDivisionError:
        top = values[0] if len(values) == 2 and function is NUMERIC["divide"] else 1.0
        return math.nan if top == 0 or math.isnan(top) else math.copysign(math.inf, top)
    except OverflowError:
        return values[0] if math.isinf(values[0]) else math.inf
    except ValueError:  # ln(0), arcsin(2), 0**-1
        return -math.inf if function is math.log and values[0] == 0 else math.nan
    return math.nan if isinstance(result, complex) else float(result)


def _simplified(function: str, values: list[Formula]) -> Formula:
    if function == "times" and 0.0 in values:
        return 0.0
    neutral = {"plus": 0.0, "times": 1.0}.get(function)
    if neutral is not None:
        values = [v for v in values if v != neutral]
        if len(values) < 2:
            return values[0] if values else neutral
    if function in ("divide", "power") and values[1] == 1.0:
        return values[0]
    return [function, *values]


def _piecewise(arguments: list[Formula]) -> Formula:
    pairs = list(zip(arguments[::2], arguments[1::2], strict=False))
    last = arguments[-1] if len(arguments) % 2 else math.nan  # undefined where no piece holds
    kept: list[Formula] = []
    for value, condition in pairs:
        condition = as_truth(condition)
        if condition is True:
            last = value
            break
        if condition is not False:
            kept += [value, condition]
    if not kept:
        return last
    if all(map(is_truth, [*kept[::2], last])):
        return _truth_by_cases(kept, last)
    return ["piecewise", *[as_number(k) if i % 2 == 0 else k for i, k in enumerate(kept)], as_number(last)]


def _truth_by_cases(kept: list[Formula], last: Formula) -> Formula:
    result = last
    for value, condition in reversed(list(zip(kept[::2], kept[1::2], strict=True))):
        result = make("or", make("and", condition, value), make("and", make("not", condition), result))
    return result


def _logic(function: str, values: list[Formula]) -> Formula:
    if function == "not":
        return not values[0] if isinstance(values[0], bool) else ["not", values[0]]
    if function == "xor":
        odd = sum(v is True for v in values) % 2 == 1
        rest = [v for v in values if not isinstance(v, bool)]
        if not rest:
            return odd
        inner = rest[0] if len(rest) == 1 else ["xor", *rest]
        return make("not", inner) if odd else inner
    neutral = function == "and"
    if any(v is (not neutral) for v in values):
        return not neutral
    rest = [v for v in values if not isinstance(v, bool)]
    if len(rest) < 2:
        return rest[0] if rest else neutral
    return [function, *rest]


def size(formula: Formula) -> int:
    """Count the nodes of a formula."""
    return 1 + sum(size(a) for a in formula[1:]) if isinstance(formula, list) else 1


def ids(formula: Formula) -> Iterator[str]:
    """Walk over the ids a formula uses, with repeats, ``rateOf`` arguments included."""
    if isinstance(formula, str):
        yield formula
    elif isinstance(formula, list):
        for argument in formula[1:]:
            yield from ids(argument)


def uses(formula: Formula, function: str) -> bool:
    """Tell whether a formula calls a function, for example ``time``."""
    return isinstance(formula, list) and (
        formula[0] == function or any(uses(a, function) for a in formula[1:])
    )


def substitute(formula: Formula, values: Mapping[str, Formula] | Callable[[str], Formula]) -> Formula:
    """Replace ids by formulas; `values` is a mapping, or a function that is asked for every id."""
    look = values if callable(values) else lambda name: values.get(name, name)
    if isinstance(formula, str):
        return look(formula)
    if not isinstance(formula, list) or len(formula) == 1:
        return formula
    return make(formula[0], *[substitute(a, look) for a in formula[1:]])


def replace_calls(formula: Formula, function: str, answer: Callable[..., Formula]) -> Formula:
    """Replace every call of a function by ``answer(*arguments)``."""
    if not isinstance(formula, list):
        return formula
    if formula[0] == function:
        return answer(*formula[1:])
    return (
        make(formula[0], *[replace_calls(a, function, answer) for a in formula[1:]])
        if formula[1:]
        else formula
    )


def depth(formula: Formula) -> int:
    """Count the levels of a formula: 0 for a number or an id."""
    return 1 + max(map(depth, formula[1:]), default=0) if isinstance(formula, list) else 0


def too_deep(where: str) -> ModelError:
    """Build the error of a formula of too many levels."""
    return ModelError(f"{where}: the formula is nested more than {MAX_DEPTH} levels deep, which is the limit")


def within_limits(formula: Formula, where: str) -> Formula:
    """Return the formula unless it is absurdly long, as calls of functions can make it, or nested too deeply."""
    try:
        if size(formula) > MAX_SIZE:
            raise ModelError(
                f"{where}: the formula grows beyond {MAX_SIZE} terms once its functions are expanded"
            )
        if depth(formula) <= MAX_DEPTH:
            return formula
    except RecursionError:
        pass
    raise too_deep(where)
