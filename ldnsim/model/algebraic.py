"""Algebraic rules, 0 = f(x, ...), solved for the quantity that nothing else determines.

A rule that is linear in its quantity becomes an assignment rule, rules that share quantities one after another
(Gaussian elimination on formulas). Any other is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import ModelError
from .document import Row
from .expressions import Formula, ids, make, substitute, within_limits


def solved(
    rules: Sequence[Row], free: Mapping[str, int], assigned: Mapping[str, Formula]
) -> dict[str, Formula]:
    """Turn algebraic rules into assignment rules.

    Parameters
    ----------
    rules : sequence of dict
        ``formula``, which is to be 0, and its ``text``.
    free : mapping of str to int
        Quantities that may change and that no rule, reaction or event changes, with their rank: of several that
        a rule may determine it is the one of the lowest.
    assigned : mapping of id to formula
        The assignment rules.

    Raises
    ------
    ModelError
        Naming the rule that determines nothing, more than one quantity, or cannot be solved.
    """
    expanded = [_expanded(rule["formula"], set(free), assigned) for rule in rules]
    order = sorted(free, key=free.get)
    owner = _matched(rules, [[x for x in order if x in set(ids(f))] for f in expanded], free)
    found: dict[str, Formula] = {}
    for k, x in sorted(owner.items()):
        formula = substitute(expanded[k], found)
        found[x] = within_limits(_solution(formula, x, rules[k]["text"]), _where(rules[k]["text"]))
        for y in found:
            found[y] = substitute(found[y], {x: found[x]}) if y != x else found[x]
    return found


def _where(text: str) -> str:
    return f"algebraic rule '0 = {text}'"


def _expanded(formula: Formula, free: set[str], assigned: Mapping[str, Formula]) -> Formula:
    """Write out assignment rules by which a formula depends on free quantities."""
    for _ in range(len(assigned)):
        used = {i for i in ids(formula) if i in assigned and _reaches(i, free, assigned, ())}
        if not used:
            break
        formula = within_limits(substitute(formula, {i: assigned[i] for i in used}), "algebraic rules")
    return formula


def _reaches(name: str, free: set[str], assigned: Mapping[str, Formula], trail: tuple[str, ...]) -> bool:
    return any(
        i in free or (i in assigned and i not in trail and _reaches(i, free, assigned, (*trail, name)))
        for i in ids(assigned[name])
    )


def _matched(
    rules: Sequence[Row], wanted: Sequence[Sequence[str]], free: Mapping[str, int]
) -> dict[int, str]:
    """Give each rule a quantity of its own (augmenting paths); which one must not be open."""
    owner: dict[str, int] = {}

    def give(k: int, seen: set[str]) -> bool:
        for x in wanted[k]:
            if x not in seen:
                seen.add(x)
                if x not in owner or give(owner[x], seen):
                    owner[x] = k
                    return True
        return False

    for k, rule in enumerate(rules):
        if not give(k, set()):
            raise ModelError(f"{_where(rule['text'])}: determines no quantity that is free to follow it")
    for rule, names in zip(rules, wanted, strict=True):
        left = [x for x in names if x not in owner]
        one = next(x for x in names if x in owner)
        if left and free[one] >= free[left[0]]:
            raise ModelError(
                f"{_where(rule['text'])}: may determine {one!r} or {left[0]!r}; declare the other one constant"
            )
    return {k: x for x, k in owner.items()}


def _solution(formula: Formula, x: str, text: str) -> Formula:
    line = linear_in(formula, x)
    if line is None or line[0] == 0.0:
        raise ModelError(
            f"{_where(text)}: cannot be solved for {x!r} here, because it is not linear in it; write it as an "
            f"assignment rule '{x} := ...'"
        )
    slope, rest = line
    return make("divide", make("times", -1.0, rest), slope)


def linear_in(formula: Formula, x: str) -> tuple[Formula, Formula] | None:
    """Return (a, b) with formula = a x + b, neither of which has x; None where there are none."""
    if formula == x:
        return 1.0, 0.0
    if x not in set(ids(formula)):
        return 0.0, formula
    head, *arguments = formula
    if head == "plus":
        return _by_parts(lambda *a: make("plus", *a), [linear_in(a, x) for a in arguments])
    if head == "times":
        inside = [a for a in arguments if x in set(ids(a))]
        if len(inside) > 1:
            return None
        rest = [a for a in arguments if a is not inside[0]]
        return _by_parts(lambda a: make("times", *rest, a), [linear_in(inside[0], x)])
    if head == "divide" and x not in set(ids(arguments[1])):
        return _by_parts(lambda a: make("divide", a, arguments[1]), [linear_in(arguments[0], x)])
    if head == "piecewise" and not any(x in set(ids(c)) for c in arguments[1::2]):
        values = [linear_in(a, x) for a in (*arguments[:-1:2], arguments[-1])]
        return _by_parts(lambda *a: make("piecewise", *_interleaved(a, arguments[1::2])), values)
    return None


def _by_parts(join, lines: Sequence[tuple[Formula, Formula] | None]) -> tuple[Formula, Formula] | None:
    if any(line is None for line in lines):
        return None
    slopes, rests = zip(*lines, strict=True)
    return join(*slopes), join(*rests)


def _interleaved(values: Sequence[Formula], conditions: Sequence[Formula]) -> list[Formula]:
    pairs = zip(values[:-1], conditions, strict=True)
    return [*(part for pair in pairs for part in pair), values[-1]]
