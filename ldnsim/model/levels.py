"""Deep formulas cut into named parts: what takes them apart later needs no deep stack, and parts are shared."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .expressions import Formula, depth, ids, is_truth, uses
from .ordering import in_order
from .structure import EventData, Named, Structure

LEVELS = 30  # of a formula that is left as it is


def cut(structure: Structure) -> Structure:
    """Give the parts of deep formulas names: those that move are assignments, the others constants.

    A structure without deep formulas is returned as it is.
    """
    if all(depth(f) <= LEVELS for f in _formulas(structure)):
        return structure
    fixed = {*structure.parameters, *dict(structure.constants)}
    parts = _Parts(fixed, {*fixed, *structure.states, *dict(structure.assignments), "time"})
    named = lambda pairs: tuple((name, parts.shallow(f)) for name, f in pairs)  # noqa: E731
    changed = dataclasses.replace(
        structure,
        constants=named(structure.constants),
        assignments=named(structure.assignments),
        rates=tuple(map(parts.shallow, structure.rates)),
        initial=tuple(map(parts.shallow, structure.initial)),
        outputs=named(structure.outputs),
        events=tuple(_event(e, parts.shallow, named) for e in structure.events),
    )
    return dataclasses.replace(
        changed,
        constants=_ordered(changed.constants, parts.constants),
        assignments=_ordered(changed.assignments, parts.assignments),
    )


def _formulas(structure: Structure) -> Iterator[Formula]:
    for pairs in (structure.constants, structure.assignments, structure.outputs):
        yield from (f for _, f in pairs)
    yield from (*structure.rates, *structure.initial)
    for e in structure.events:
        yield from (f for f in (e.trigger, e.delay, e.priority, *e.scales) if f is not None)
        yield from (f for _, f in e.assignments)


def _event(e: EventData, shallow: Callable[[Formula], Formula], named: Callable[[Named], Named]) -> EventData:
    return dataclasses.replace(
        e,
        trigger=shallow(e.trigger),
        delay=None if e.delay is None else shallow(e.delay),
        priority=None if e.priority is None else shallow(e.priority),
        assignments=named(e.assignments),
        scales=tuple(map(shallow, e.scales)),
    )


def _ordered(pairs: Named, parts: dict[str, Formula]) -> Named:
    formulas = dict(pairs) | parts
    return tuple((name, formulas[name]) for name in in_order(formulas, "formulas"))


@dataclass
class _Parts:
    """Parts that were cut out, each once."""

    fixed: set[str]  # ids that keep their values
    taken: set[str]
    constants: dict[str, Formula] = field(default_factory=dict)
    assignments: dict[str, Formula] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)

    def shallow(self, formula: Formula) -> Formula:
        """Return a formula of at most `LEVELS` levels."""
        return self._cut(formula)[0]

    def _cut(self, formula: Formula) -> tuple[Formula, int]:
        """Return a formula and its levels, of which there are fewer than `LEVELS`, or it is a truth value."""
        if not isinstance(formula, list) or len(formula) == 1:
            return formula, 0
        arguments, levels = zip(*map(self._cut, formula[1:]), strict=True)
        new, level = [formula[0], *arguments], 1 + max(levels)
        if level < LEVELS or is_truth(new):
            return new, level
        return self._name(new), 0

    def _name(self, formula: Formula) -> str:
        text = json.dumps(formula)
        if text not in self.known:
            name = next(n for n in (f"part_{k}" for k in itertools.count(1)) if n not in self.taken)
            moves = uses(formula, "time") or not self.fixed.issuperset(ids(formula))
            (self.assignments if moves else self.constants)[name] = formula
            self.taken.add(name)
            self.fixed |= set() if moves else {name}
            self.known[text] = name
        return self.known[text]
