"""What a group of lanes is at times inside the last step, each lane at a time of its own: for drivers in a browser.

A lane's delay of doses is a shift of its time, so that lanes which share their steps are looked at apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.tableaux import RODAS5P_A, RODAS5P_H
from .layout import STAGES
from .module import LaneModule, Place
from .outputs import value_inside, write_observe
from .series import weights
from .vector import DOUBLE, POINTER


def write_look(k: LaneModule) -> None:
    """Write ``look(work, y, theta, t, point, out)``.

    Lanes are seen at shares `theta` of the last step (doubles, one a lane), in which they were at `y` before:
    states that outputs need go to the rows of `point`, outputs that are no states to the rows of `out`. Outputs that
    read the clock find `t` there, which then is the time of all lanes.
    """
    layout, s = k.layout, k.layout.structure
    row = layout.state.row
    write_observe(k)
    _, needed = layout.seen
    kind, terms = layout.stage.row, len(s.block) * layout.stage.row
    tables = {
        "free": [(state * row, layout.u(i, 0)) for i, state in enumerate(s.free) if state in needed],
        "block": [(state * row, layout.v(1, i)) for i, state in enumerate(s.block) if state in needed],
    }
    places = {name: k.table(f"look.{name}", rows) for name, rows in tables.items() if rows}
    with k.function("look", POINTER, POINTER, DOUBLE, POINTER, POINTER) as p:
        y, theta, t, point, out = p.args
        x = p.wide.load(theta)
        for name, shares, apart in (("free", _weights(p, x), kind), ("block", weights(p, x), terms)):
            if name in places:
                _write_values(p, y, (places[name], len(tables[name])), shares, apart, point)
        k.call(p.builder, "observe", p.work, point, t, out)


def _write_values(
    p: Place, y: Any, table: tuple[Any, int], weights: list[Any], apart: int, point: Any
) -> None:
    """Store the states of a table: what they were, and the sum of rows that lie `apart` bytes apart, weighed."""
    places, n = table
    with p.loop(n) as i:
        at_y, at_row = p.entries(places, i, 2)
        first = p.code.at(p.work, at_row)
        rows = [p.code.load(first, j * apart) for j in range(len(weights))]
        value_inside(p, y, at_y, zip(weights, rows, strict=True), point, at_y)


def _weights(p: Place, x: Any) -> list[Any]:
    """Return the weights of the increments of each stage, a number a lane."""
    c = p.wide
    end = np.append(RODAS5P_A[-1, : STAGES - 1], 1.0)
    found = []
    for j in range(STAGES):
        inner = c.horner([float(h[j]) if j < len(h) else 0.0 for h in RODAS5P_H], x)
        total = c.mul(x, c.fma(c.sub(1.0, x), inner, float(end[j])))
        found.append(p.narrow(total))
    return found
