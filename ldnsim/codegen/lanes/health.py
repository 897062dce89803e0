"""Kernels that look at a group's states: which lanes no step can help, and how large states become."""

from __future__ import annotations

from llvmlite import ir

from .module import LaneModule
from .vector import LONG, POINTER


def write_check(k: LaneModule) -> None:
    """Write ``check(work, y)``: NaN in the row "error" where no step can help, 0 in the other lanes.

    That is where the state is not finite, or the first increment, which needs no more than the state.
    """
    layout, s = k.layout, k.layout.structure
    with k.function("check", POINTER) as p:
        (y,) = p.args
        rows = [p.wide_row(i * layout.state.row, y) for i in range(len(s.states))]
        rows += [p.widen(p.code.load(p.work, layout.u(i, 0))) for i in range(len(s.free))]
        total = p.wide.const(0.0)
        for row in rows:
            total = p.wide.add(total, p.wide.sub(row, row))
        p.wide.store(total, p.work, layout.at["error"])


def write_peak(k: LaneModule) -> None:
    """Write ``peak(work, y)``: keep the largest size of each state."""
    layout = k.layout
    with k.function("peak", POINTER) as p:
        (y,) = p.args
        c = p.wide
        with p.loop(len(layout.structure.states)) as i:
            offset = p.builder.mul(i, ir.Constant(LONG, layout.state.row))
            top = c.at(c.at(p.work, layout.at["peak"]), offset)
            size, known = c.abs(c.load(c.at(y, offset))), c.load(top)
            c.store(c.select(c.less(known, size), size, known), top)
