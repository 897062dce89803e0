"""Cut a linear block into parts whose series fit into registers, each needing only earlier ones."""

from __future__ import annotations

from .structure import LaneStructure

STATES, COEFFICIENTS = 5, 10  # of a part: with its sums they fill the registers


def parts(s: LaneStructure) -> list[tuple[int, ...]]:
    """Return positions within the block, part after part."""
    found: list[list[int]] = []
    weight = 0
    for component in _components(s):
        more = sum(1 for i, _ in s.matrix if i in component)
        full = found and (len(found[-1]) + len(component) > STATES or weight + more > COEFFICIENTS)
        if full or not found:
            found.append([])
            weight = 0
        found[-1] += component
        weight += more
    return [tuple(part) for part in found]


def _components(s: LaneStructure) -> list[list[int]]:
    """Return sets of states that depend on each other, each after what it depends on (Tarjan's algorithm)."""
    needs: dict[int, list[int]] = {i: [] for i in range(len(s.block))}
    for i, b in s.matrix:
        needs[i].append(b)
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    found: list[list[int]] = []

    def visit(i: int) -> None:
        number[i] = low[i] = len(number)
        stack.append(i)
        for b in needs[i]:
            if b not in number:
                visit(b)
                low[i] = min(low[i], low[b])
            elif b in stack:
                low[i] = min(low[i], number[b])
        if low[i] == number[i]:
            at = stack.index(i)
            found.append(sorted(stack[at:]))
            del stack[at:]

    for i in needs:
        if i not in number:
            visit(i)
    return found
