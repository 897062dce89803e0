"""The weights k_ij / h of earlier increments in a stage's right-hand side, computed once a step."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from ...engine.tableaux import RODAS5P_K
from .layout import STAGES
from .module import Place

_KEYS = [(i, j) for i in range(1, STAGES) for j in range(i)]


def put_coupling(p: Place) -> None:
    """Store the weights."""
    c, inverse, at = p.code, p.scalar("inverse"), p.layout.at["coupling"]
    numbers = [float(RODAS5P_K[key]) for key in _KEYS]
    numbers += [0.0] * (-len(numbers) % c.lanes.width)
    for first in range(0, len(numbers), c.lanes.width):
        row = ir.Constant(c.lanes.type, numbers[first : first + c.lanes.width])
        c.store(c.mul(row, inverse), p.work, at + first * c.lanes.bytes)


def coupling(p: Place, i: int, j: int) -> Any:
    """Return k_ij / h in all lanes."""
    kind = p.layout.stage
    place = p.code.at(p.work, p.layout.at["coupling"] + _KEYS.index((i, j)) * kind.bytes)
    return p.code.splat(p.builder.load(place, typ=kind.scalar, align=kind.bytes))
