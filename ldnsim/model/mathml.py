"""MathML as libSBML parses it, turned into formulas: function calls expanded, rare functions rewritten."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import libsbml

from ..errors import ModelError
from .digits import real_of
from .expressions import AVOGADRO, MAX_SIZE, TIME, Formula, make, size, substitute, too_deep, within_limits

Definitions = dict[str, tuple[tuple[str, ...], Formula]]


def _inverse(function: str) -> Callable[..., Formula]:
    return lambda x: make("divide", 1.0, make(function, x))


def _of_inverse(function: str) -> Callable[..., Formula]:
    return lambda x: make(function, make("divide", 1.0, x))


def _minus(a: Formula, b: Formula) -> Formula:
    return make("plus", a, make("times", -1.0, b))


def _arccot(x: Formula) -> Formula:
    return make("piecewise", math.pi / 2, make("eq", x, 0.0), make("arctan", make("divide", 1.0, x)))


def _log(*a: Formula) -> Formula:
    base, x = a if len(a) == 2 else (10.0, a[0])
    if isinstance(base, float) and isinstance(x, float) and base == 10.0 and x > 0:
        return math.log10(x)
    return make("divide", make("ln", x), make("ln", base))


def _root(*a: Formula) -> Formula:
    degree, x = a if len(a) == 2 else (2.0, a[0])
    return make("power", x, make("divide", 1.0, degree))


def _quotient(a: Formula, b: Formula) -> Formula:
    ratio = make("divide", a, b)
    return make("piecewise", make("floor", ratio), make("geq", ratio, 0.0), make("ceiling", ratio))


def _rem(a: Formula, b: Formula) -> Formula:
    return _minus(a, make("times", b, _quotient(a, b)))


def _extreme(relation: str) -> Callable[..., Formula]:
    def choose(*a: Formula) -> Formula:
        pieces: list[Formula] = []
        for i, x in enumerate(a[:-1]):
            pieces += [x, make("and", *[make(relation, x, y) for y in a[i + 1 :]])]
        return make("piecewise", *pieces, a[-1])

    return choose


def _chain(relation: str) -> Callable[..., Formula]:
    def compare(*a: Formula) -> Formula:
        return make("and", *[make(relation, x, y) for x, y in itertools.pairwise(a)])

    return compare


def _plain(function: str) -> Callable[..., Formula]:
    return lambda *a: make(function, *a)


def _table() -> dict[int, Callable[..., Formula]]:
    """Map a libSBML node type to the function that builds its formula from its arguments."""
    table = {}
    for name in ("divide", "power"):
        table[getattr(libsbml, f"AST_{name.upper()}")] = _plain(name)
    table[libsbml.AST_FUNCTION_POWER] = _plain("power")
    trig = [f"{arc}{f}{h}" for arc in ("arc", "") for f in ("sin", "cos", "tan") for h in ("h", "")]
    for name in ("abs", "exp", "ln", "floor", "ceiling", "factorial", "piecewise", *trig):
        table[getattr(libsbml, f"AST_FUNCTION_{name.upper()}")] = _plain(name)
    for reciprocal, name in (("sec", "cos"), ("csc", "sin"), ("cot", "tan")):
        for h in ("", "h"):
            table[getattr(libsbml, f"AST_FUNCTION_{(reciprocal + h).upper()}")] = _inverse(name + h)
            table[getattr(libsbml, f"AST_FUNCTION_ARC{(reciprocal + h).upper()}")] = _of_inverse(
                "arc" + name + h
            )
    for name in ("lt", "leq", "gt", "geq", "eq", "neq"):
        table[getattr(libsbml, f"AST_RELATIONAL_{name.upper()}")] = _chain(name)
    for name in ("and", "or", "not", "xor"):
        table[getattr(libsbml, f"AST_LOGICAL_{name.upper()}")] = _plain(name)
    return table | {
        libsbml.AST_FUNCTION_ARCCOT: _arccot,
        libsbml.AST_FUNCTION_LOG: _log,
        libsbml.AST_FUNCTION_ROOT: _root,
        libsbml.AST_FUNCTION_QUOTIENT: _quotient,
        libsbml.AST_FUNCTION_REM: _rem,
        libsbml.AST_FUNCTION_MAX: _extreme("geq"),
        libsbml.AST_FUNCTION_MIN: _extreme("leq"),
        libsbml.AST_LOGICAL_IMPLIES: lambda a, b: make("or", make("not", a), b),
    }


BUILDERS = _table()
LEAVES: dict[int, Formula] = {
    libsbml.AST_NAME_TIME: TIME,
    libsbml.AST_NAME_AVOGADRO: AVOGADRO,
    libsbml.AST_CONSTANT_E: math.e,
    libsbml.AST_CONSTANT_PI: math.pi,
    libsbml.AST_CONSTANT_TRUE: True,
    libsbml.AST_CONSTANT_FALSE: False,
}


def formula_of(node: libsbml.ASTNode, definitions: Definitions, where: str) -> Formula:
    """Turn one parsed MathML tree into a formula.

    Parameters
    ----------
    node : libsbml.ASTNode
    definitions : dict
        The model's functions, by id: argument names and body; calls are expanded.
    where : str
        The element the formula belongs to, for the message.

    Raises
    ------
    ModelError
        For an unknown function, or a wrong number of arguments.
    """
    try:
        return within_limits(_formula(node, definitions, where), where)
    except RecursionError:
        raise too_deep(where) from None


def _formula(node: libsbml.ASTNode, definitions: Definitions, where: str) -> Formula:
    kind = node.getType()
    if node.isNumber():
        return real_of(node)
    if kind in LEAVES:
        return LEAVES[kind]
    if kind == libsbml.AST_NAME:
        return node.getName()
    if kind == libsbml.AST_FUNCTION_RATE_OF:
        return ["rateOf", node.getChild(0).getName()]
    if kind == libsbml.AST_FUNCTION_DELAY:
        return make("delay", *[_formula(node.getChild(i), definitions, where) for i in range(2)])
    if kind in (libsbml.AST_PLUS, libsbml.AST_TIMES, libsbml.AST_MINUS):
        return make(*_terms(node, definitions, where))
    children = [_formula(node.getChild(i), definitions, where) for i in range(node.getNumChildren())]
    if kind == libsbml.AST_FUNCTION:
        return _call(node.getName(), children, definitions, where)
    builder = BUILDERS.get(kind)
    if builder is None:
        raise ModelError(
            f"{where}: the function {node.getName() or node.getOperatorName()!r} is not known here"
        )
    try:
        return builder(*children)
    except (TypeError, ValueError):
        raise ModelError(f"{where}: wrong number of arguments, {len(children)}, of a function") from None


def _terms(node: libsbml.ASTNode, definitions: Definitions, where: str) -> list[Formula]:
    """Flatten a sum or product, so that a formula of a thousand terms is not a thousand levels deep."""
    kinds = (
        {libsbml.AST_TIMES} if node.getType() == libsbml.AST_TIMES else {libsbml.AST_PLUS, libsbml.AST_MINUS}
    )
    pending, terms = [(node, 1.0)], []
    while pending:
        part, sign = pending.pop()
        if part.getType() not in kinds:
            terms.append(make("times", sign, _formula(part, definitions, where)))
            continue
        children = [(part.getChild(i), sign) for i in range(part.getNumChildren())]
        if part.getType() == libsbml.AST_MINUS:
            children[-1] = (children[-1][0], -sign)
        pending += reversed(children)
    return ["times" if libsbml.AST_TIMES in kinds else "plus", *terms]


def _call(name: str, arguments: list[Formula], definitions: Definitions, where: str) -> Formula:
    if name not in definitions:
        raise ModelError(f"{where}: the function {name!r} is not defined, or has no body")
    names, body = definitions[name]
    if len(names) != len(arguments):
        raise ModelError(f"{where}: {name} takes {len(names)} arguments, {len(arguments)} given")
    if size(body) * max([1, *map(size, arguments)]) > MAX_SIZE:
        raise ModelError(f"{where}: the call of {name} grows beyond {MAX_SIZE} terms")
    return substitute(body, dict(zip(names, arguments, strict=True)))


def definitions_of(model: libsbml.Model) -> Definitions:
    """Read the model's function definitions, each with the calls in its body expanded."""
    pending = {f.getId(): f for f in model.getListOfFunctionDefinitions()}
    done: Definitions = {}

    def define(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            raise ModelError(f"function {name!r}: calls itself: {' -> '.join((*trail, name))}")
        if name in done or name not in pending:
            return
        function = pending[name]
        body = function.getBody()
        if body is None:  # SBML L3V2 allows it as long as nobody calls the function
            return
        for called in _called(body):
            define(called, (*trail, name))
        names = tuple(function.getArgument(i).getName() for i in range(function.getNumArguments()))
        done[name] = (names, formula_of(body, done, f"function {name!r}"))

    for name in pending:
        define(name, ())
    return done


def _called(node: libsbml.ASTNode) -> set[str]:
    found = {node.getName()} if node.getType() == libsbml.AST_FUNCTION else set()
    for i in range(node.getNumChildren()):
        found |= _called(node.getChild(i))
    return found
