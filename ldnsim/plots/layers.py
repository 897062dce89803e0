"""Places for boxes in layers, causes above effects, with few crossings (after Sugiyama 1981)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

from .packing import apart

Edge = tuple[int, int]
_SWEEPS, _ROUNDS = 12, 16
_BEND = 2.0  # mm: width that an arrow takes where it passes a layer
_SHARES = (1.0, 0.9, 0.8, 0.7, 0.6)  # of the width, for boxes; what arrows need is known afterwards


@dataclass
class Places:
    """Where everything is (mm from the left upper corner).

    Attributes
    ----------
    x, y : dict
        Middle of each box, and of each bend ``(edge, layer)``.
    ways : dict
        Edge -> what it passes, from its tail to its head: boxes and bends.
    tall : dict
        Height of the layer of each box or bend.
    height : float
        Of all layers.
    """

    x: dict = field(default_factory=dict)
    y: dict = field(default_factory=dict)
    ways: dict = field(default_factory=dict)
    tall: dict = field(default_factory=dict)
    height: float = 0.0


def placed(sizes: list[tuple[float, float]], edges: list[Edge], room: float, between: float) -> Places:
    """Find places.

    Parameters
    ----------
    sizes : list of (float, float)
        Width and height of each box (mm).
    edges : list of (int, int)
        Arrows, by the numbers of the boxes; circles are allowed.
    room : float
        Width there is (mm).
    between : float
        Height between two layers (mm).
    """
    down = _without_circles(len(sizes), edges)
    width = {k: sizes[k][0] for k in range(len(sizes))}
    tries = [_rowed(_layers(sizes, down, share * room), edges) for share in _SHARES]
    wide = [max((_wide(row, width) for row in rows), default=0.0) for rows, _, _ in tries]
    rows, links, ways = tries[next((k for k, w in enumerate(wide) if w <= room), int(np.argmin(wide)))]
    places = Places(ways=ways)
    rows = _ordered(rows, links)
    places.x = _spread(rows, links, lambda node: width.get(node, _BEND), room)
    top = 0.0
    for row in rows:
        height = max((sizes[k][1] for k in row if k in width), default=0.0)
        places.y |= dict.fromkeys(row, top + height / 2)
        places.tall |= dict.fromkeys(row, height)
        top += height + between
    places.height = top - between
    return places


def _rowed(layer: list[int], edges: list[Edge]) -> tuple[list[list], list, dict]:
    """Boxes and bends of each layer, pairs of neighbours from the upper to the lower, and what edges pass."""
    rows: list[list] = [[] for _ in range(max(layer, default=0) + 1)]
    for k, at in enumerate(layer):
        rows[at].append(k)
    links, ways = [], {}
    for edge in edges:
        a, b = edge if layer[edge[0]] <= layer[edge[1]] else edge[::-1]
        bends = [(edge, l) for l in range(layer[a] + 1, layer[b])]
        for bend in bends:
            rows[bend[1]].append(bend)
        way = [a, *bends, b]
        links += list(itertools.pairwise(way))
        ways[edge] = way if a == edge[0] else way[::-1]
    return rows, links, ways


def _wide(row: list, width: dict) -> float:
    """Width (mm) that a layer needs."""
    return sum(width.get(node, _BEND) for node in row) + _BEND * (len(row) - 1)


def _without_circles(n: int, edges: list[Edge]) -> list[Edge]:
    """Turn round the edges that lead back, found by a walk in depth from the first boxes."""
    after: list[list[int]] = [[] for _ in range(n)]
    causes = [0] * n
    for a, b in edges:
        after[a].append(b)
        causes[b] += 1
    state, turned = [0] * n, set()

    def walk(k: int) -> None:
        state[k] = 1
        for other in after[k]:
            if state[other] == 1:
                turned.add((k, other))
            elif state[other] == 0:
                walk(other)
        state[k] = 2

    for k in sorted(range(n), key=lambda k: causes[k] > 0):
        if state[k] == 0:
            walk(k)
    return list({(b, a) if (a, b) in turned else (a, b) for a, b in edges})


def _layers(sizes, edges: list[Edge], room: float) -> list[int]:
    """Put each box below its causes, at most as many in a layer as there is room for; causes as low as may be."""
    n = len(sizes)
    before: list[list[int]] = [[] for _ in range(n)]
    after: list[list[int]] = [[] for _ in range(n)]
    for a, b in edges:
        before[b].append(a)
        after[a].append(b)
    layer, left = [-1] * n, list(range(n))
    used: dict[int, float] = {}
    while left:
        k = next(k for k in left if all(layer[a] >= 0 for a in before[k]))
        left.remove(k)
        at = 1 + max((layer[a] for a in before[k]), default=-1)
        while used.get(at, 0.0) and used[at] + sizes[k][0] > room:
            at += 1
        layer[k] = at
        used[at] = used.get(at, 0.0) + sizes[k][0] + _BEND
    for k in range(n):
        if not before[k] and after[k]:
            for at in range(min(layer[b] for b in after[k]) - 1, layer[k], -1):
                if used.get(at, 0.0) + sizes[k][0] <= room:
                    used[layer[k]] -= sizes[k][0] + _BEND
                    used[at] = used.get(at, 0.0) + sizes[k][0] + _BEND
                    layer[k] = at
                    break
    full = sorted(set(layer))
    return [full.index(l) for l in layer]


def _ordered(rows: list[list], links: list) -> list[list]:
    """Order each layer by the mean place of its neighbours, up and down; keep the fewest crossings."""
    best, least = rows, _crossings(rows, links)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        rows = [list(row) for row in rows]
        at = {node: i / max(1, len(row)) for row in rows for i, node in enumerate(row)}
        near: dict = {}
        for a, b in links:
            near.setdefault(b if down else a, []).append(a if down else b)
        for row in rows[1:] if down else rows[-2::-1]:
            row.sort(key=lambda node: np.mean([at[o] for o in near[node]]) if node in near else at[node])
            at |= {node: i / max(1, len(row)) for i, node in enumerate(row)}
        found = _crossings(rows, links)
        if found < least:
            best, least = rows, found
    return best


def _crossings(rows: list[list], links: list) -> int:
    at = {node: (r, i) for r, row in enumerate(rows) for i, node in enumerate(row)}
    total = 0
    for r in range(len(rows) - 1):
        pairs = [(at[a][1], at[b][1]) for a, b in links if at[a][0] == r]
        total += sum((p[0] - q[0]) * (p[1] - q[1]) < 0 for i, p in enumerate(pairs) for q in pairs[:i])
    return total


def _spread(rows: list[list], links: list, width, room: float) -> dict:
    """Pull every box to the middle of its neighbours, as far as its own neighbours in the layer allow."""
    x: dict = {}
    for row in rows:
        x |= dict(
            zip(row, apart([room / 2] * len(row), [width(n) for n in row], (0.0, room), _BEND), strict=True)
        )
    for turn in range(_ROUNDS):
        near: dict = {}
        for a, b in links:
            for node, other in ((a, b), (b, a)):
                if turn == _ROUNDS - 1 or (turn % 2 == 0) == (node == b):
                    near.setdefault(node, []).append(x[other])
        for row in rows:
            wish = [float(np.mean(near[n])) if n in near else x[n] for n in row]
            x |= dict(zip(row, apart(wish, [width(n) for n in row], (0.0, room), _BEND), strict=True))
    return x
