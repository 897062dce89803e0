"""Who acts on whom in a model: boxes of states and arrows between them, read from the equations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..model import Model
from ..model.expressions import Formula, ids, is_number, make

MOST_TERMS = 64  # of one rate; beyond it a product is not multiplied out


@dataclass(frozen=True)
class DrawnBox:
    """One box: what stands in it.

    Attributes
    ----------
    members : tuple of str
        Ids of states, and of outputs that more than one box decides.
    reads : tuple of str
        Ids of outputs that this box alone decides.
    loop : bool
        Whether its members act on one another.
    """

    members: tuple[str, ...]
    reads: tuple[str, ...] = ()
    loop: bool = False


@dataclass(frozen=True)
class Arrow:
    """From box `tail` to box `head`, by their numbers; `flow` if material goes from one to the other."""

    tail: int
    head: int
    flow: bool


def boxes_and_arrows(model: Model, group: bool, every: bool = False) -> tuple[list[DrawnBox], list[Arrow]]:
    """Read boxes and arrows from the equations of a model.

    Boxes follow from the equations alone, arrows from them at the present values: what a parameter of 0
    multiplies does not act.

    Parameters
    ----------
    model : Model
        Any.
    group : bool
        One box for states that act on one another in a circle, for chains, and for what has the same causes
        and effects. Else one box a state.
    every : bool, optional
        Where boxes are groups: keep arrows that a longer way of arrows makes up for.
    """
    nodes = _nodes(model)
    causes = _causes(model, nodes)
    sets = [[name] for name in causes]
    if group:
        sets = _circles(causes)
    sets, reads = _reads(model, causes, sets)
    if group:
        for merge in (_chains, _alike):
            sets, reads = _merged(causes, sets, reads, merge)
    acting = _causes(model, nodes, _Present(model))
    edges = _edges(acting, sets)
    if group and not every:
        edges = _reduced(edges, len(sets))
    home = {name: k for k, members in enumerate(sets) for name in members}
    moved = {(home[a], home[b]) for a, b in _flows(model, acting) if a in home and b in home}
    boxes = [
        DrawnBox(tuple(m), tuple(r), len(m) > 1 and _is_circle(causes, m))
        for m, r in zip(sets, reads, strict=True)
    ]
    return boxes, [Arrow(a, b, (a, b) in moved) for a, b in sorted(edges)]


def _nodes(model: Model) -> tuple[str, ...]:
    """States, and the outputs that are shown."""
    structure = model.structure
    written = dict((*structure.constants, *structure.assignments))
    used = {i for formula in (*structure.rates, *written.values()) for i in ids(formula)}
    listed = {q.id for q in model.quantities if q.kind == "observable"}
    assigned = dict(structure.assignments)
    shown = (o for o in model.observables if o in assigned and (o in listed or o not in used))
    return tuple(dict.fromkeys((*structure.states, *shown)))


def _causes(model: Model, nodes: Iterable[str], present: _Present | None = None) -> dict[str, set[str]]:
    """Each node with those that decide it directly; as the equations are written, or at `present` values."""
    structure, nodes = model.structure, dict.fromkeys(nodes)
    hidden = dict((*structure.constants, *structure.assignments))
    rates = dict(zip(structure.states, structure.rates, strict=True))
    if present is not None:
        hidden = {name: present.of(name) for name in hidden}
        rates = {name: present.folded(rate) for name, rate in rates.items()}
    behind = _seen_through(hidden, nodes)
    return {name: behind(ids(rates.get(name, hidden.get(name)))) - {name} for name in nodes}


def _seen_through(hidden: dict[str, Formula], nodes: Iterable[str]) -> Callable[[Iterable[str]], set[str]]:
    """Make a function that finds the nodes behind names, through assignments that are none."""

    def behind(names: Iterable[str]) -> set[str]:
        left, seen, found = list(names), set(), set()
        while left:
            name = left.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in nodes:
                found.add(name)
            elif name in hidden:
                left += ids(hidden[name])
        return found

    return behind


def _flows(model: Model, causes: dict[str, set[str]]) -> set[tuple[str, str]]:
    """Pairs of states between which material flows."""
    structure = model.structure
    hidden = dict((*structure.constants, *structure.assignments))
    behind = _seen_through(hidden, causes)
    terms = {x: _terms(rate) for x, rate in zip(structure.states, structure.rates, strict=True)}
    return {
        (a, b)
        for b in terms
        for a in causes[b] & set(terms)
        if any(
            not gain[0] < 0 and loss[0] < 0 and _same_stuff(gain[1] & loss[1], a, behind)
            for gain in terms[b]
            for loss in terms[a]
        )
    }


class _Present:
    """Formulas at the present values of the parameters, numbers folded."""

    def __init__(self, model: Model) -> None:
        self._written = dict((*model.structure.constants, *model.structure.assignments))
        self._known: dict[str, Formula] = dict(zip(model.parameter_ids, model.values.tolist(), strict=True))

    def of(self, name: str) -> Formula:
        """Return the formula of an assignment; a number where nothing that moves is left in it."""
        if name not in self._known:
            self._known[name] = self.folded(self._written[name])
        return self._known[name]

    def folded(self, formula: Formula) -> Formula:
        """Fold a formula."""
        if isinstance(formula, str):
            known = self.of(formula) if formula in self._written else self._known.get(formula)
            return known if is_number(known) else formula
        if not isinstance(formula, list):
            return formula
        function, *arguments = formula
        arguments = [self.folded(a) for a in arguments]
        if function == "divide" and arguments[0] == 0.0:
            return 0.0
        return make(function, *arguments) if arguments else formula


def _same_stuff(shared: frozenset[str], source: str, behind) -> bool:
    """Whether what one loses and the other gains is one product, with the source and its rate in it."""
    return len(shared - {source}) > 0 and source in (shared | behind(shared))


def _terms(formula: Formula) -> list[tuple[float, frozenset[str]]]:
    """Sign and ids of each term of a sum, products multiplied out."""
    if isinstance(formula, list) and formula[0] == "plus":
        return [t for part in formula[1:] for t in _terms(part)]
    if isinstance(formula, list) and formula[0] == "times":
        found: list[tuple[float, frozenset[str]]] = [(1.0, frozenset())]
        for part in formula[1:]:
            more = _terms(part)
            if len(found) * len(more) > MOST_TERMS:
                more = [(1.0, frozenset(ids(part)))]
            found = [(s * t, a | b) for s, a in found for t, b in more]
        return found
    if isinstance(formula, list) and formula[0] == "divide":
        below = frozenset(ids(formula[2]))
        return [(sign, names | below) for sign, names in _terms(formula[1])]
    if is_number(formula):
        return [(-1.0 if formula < 0 else 1.0, frozenset())]
    return [(1.0, frozenset(ids(formula)))]


def _circles(causes: dict[str, set[str]]) -> list[list[str]]:
    """Names that act on one another in a circle, together (strongly connected components)."""
    import numpy as np
    from scipy.sparse.csgraph import connected_components

    names = list(causes)
    acts = np.array([[a in causes[b] for b in names] for a in names], dtype=np.int8)
    _, label = connected_components(acts, directed=True, connection="strong")
    groups: dict[int, list[str]] = {}
    for name, k in zip(names, label.tolist(), strict=True):
        groups.setdefault(k, []).append(name)
    return list(groups.values())


def _is_circle(causes: dict[str, set[str]], members: list[str]) -> bool:
    return any(len(part) > 1 for part in _circles({m: causes[m] & set(members) for m in members}))


def _edges(causes: dict[str, set[str]], sets: list[list[str]]) -> set[tuple[int, int]]:
    home = {name: k for k, members in enumerate(sets) for name in members}
    pairs = {(home[a], home[b]) for b in home for a in causes[b] if a in home}
    return {(a, b) for a, b in pairs if a != b}


def _reads(model: Model, causes, sets) -> tuple[list[list[str]], list[list[str]]]:
    """Put outputs that one box alone decides, and that decide nothing, into that box."""
    states = set(model.states)
    home = {name: k for k, members in enumerate(sets) for name in members}
    used = {a for b, some in causes.items() for a in some}
    reads: list[list[str]] = [[] for _ in sets]
    moved = set()
    for members in sets:
        name = members[0]
        owners = {home[a] for a in causes[name]}
        if len(members) == 1 and name not in states | used and len(owners) == 1:
            reads[owners.pop()].append(name)
            moved.add(home[name])
    kept = [k for k in range(len(sets)) if k not in moved]
    return [sets[k] for k in kept], [reads[k] for k in kept]


def _merged(causes, sets, reads, which) -> tuple[list[list[str]], list[list[str]]]:
    """Merge the boxes that `which` puts together, until it finds no more."""
    while True:
        parts = which(_reduced(_edges(causes, sets), len(sets)), len(sets))
        if len(parts) == len(sets):
            return sets, reads
        sets, reads = ([[name for k in part for name in some[k]] for part in parts] for some in (sets, reads))


def _chains(edges: set[tuple[int, int]], n: int) -> list[list[int]]:
    """Boxes in a row, of which each acts on the next alone, and nothing else does; others by themselves."""
    after, before = _neighbours(edges, n)
    following = {a: b for a, b in edges if after[a] == {b} and before[b] == {a}}
    led = set(following.values())
    parts = []
    for k in range(n):
        if k not in led:
            part = [k]
            while part[-1] in following:
                part.append(following[part[-1]])
            parts.append(part)
    return parts


def _alike(edges: set[tuple[int, int]], n: int) -> list[list[int]]:
    """Boxes with the same causes, at least one, and the same effects; others by themselves."""
    after, before = _neighbours(edges, n)
    parts: dict[tuple, list[int]] = {}
    for k in range(n):
        key = (frozenset(before[k]), frozenset(after[k])) if before[k] else (k,)
        parts.setdefault(key, []).append(k)
    return list(parts.values())


def _neighbours(edges, n: int) -> tuple[list[set[int]], list[set[int]]]:
    after, before = [set() for _ in range(n)], [set() for _ in range(n)]
    for a, b in edges:
        after[a].add(b)
        before[b].add(a)
    return after, before


def _reduced(edges: set[tuple[int, int]], n: int) -> set[tuple[int, int]]:
    """Leave out arrows that a longer way replaces (transitive reduction of a graph without circles)."""
    after, _ = _neighbours(edges, n)

    def reached(start: int) -> set[int]:
        left, seen = list(after[start]), set()
        while left:
            k = left.pop()
            if k not in seen:
                seen.add(k)
                left += after[k]
        return seen

    beyond = [reached(k) for k in range(n)]
    return {(a, b) for a, b in edges if not any(b in beyond[c] for c in after[a] if c != b)}


def links(model: Model, groups: dict[str, tuple[str, ...]]) -> set[tuple[str, str]]:
    """Which group of variables acts on which, at the present values of the parameters.

    Parameters
    ----------
    model : Model
        Any.
    groups : dict of str to tuple of str
        Name -> ids of states and outputs. What belongs to none is looked through.

    Returns
    -------
    set of (str, str)
        Pairs of names: cause, effect.
    """
    home = {name: group for group, names in groups.items() for name in names}
    causes = _causes(model, dict.fromkeys((*model.states, *home)), _Present(model))
    found = set()
    for group, names in groups.items():
        left, seen = list(names), set(names)
        while left:
            for cause in causes.get(left.pop(), ()):
                if home.get(cause, group) != group:
                    found.add((home[cause], group))
                elif cause not in seen:
                    seen.add(cause)
                    left.append(cause)
    return found
