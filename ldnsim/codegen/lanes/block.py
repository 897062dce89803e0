"""The linear block inside a step: its Taylor series, and what follows from it at the times of the stages."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

from llvmlite import ir

from ...engine.tableaux import RODAS5P_C
from .emitter import Emitter
from .error import Worst
from .module import Kernels, Place
from .parts import parts
from .vector import DOUBLE, INT, LONG, POINTER

INSTANTS = tuple(dict.fromkeys(RODAS5P_C.tolist()))  # 0, c2, ..., 1: when the stages need the block
CONTINUE, RESTART, RETRY = (
    0,
    1,
    2,
)  # how a step begins: after one accepted, after a change, after one rejected


def write_begin(k: Kernels) -> None:
    """Write ``begin(work, y, y_new, t, h, begin)``: the block, and all that depends on time alone."""
    layout = k.layout
    if layout.frontier:
        with k.function("inputs", POINTER, public=False) as p:
            (y,) = p.args
            _fill_slot(
                p, layout.slot(0), 0.0, lambda op, state: p.narrow(p.wide_row(state * layout.state.row, y))
            )
        if layout.large:
            _write_later(k)
    with k.function("begin", POINTER, POINTER, DOUBLE, DOUBLE, INT, public=False) as p:
        y, y_new, t, h, begin = p.args
        p.put_scalar("t", t)
        p.put_scalar("h", h)
        p.put_scalar("inverse", p.builder.fdiv(ir.Constant(DOUBLE, 1.0), h))
        if layout.structure.block:
            _advance(p, y, y_new)
        if layout.frontier:
            _first_slot(k, p, y, begin)
            if layout.large:
                for m in range(1, len(INSTANTS)):
                    place = p.code.at(p.work, layout.slot(m))
                    k.call(p.builder, "later", p.work, place, ir.Constant(DOUBLE, INSTANTS[m]))
            else:
                _later_slots(p, y, y_new)


def slot_of(stage: int) -> int:
    """Return which of the instants a stage lies at."""
    return INSTANTS.index(RODAS5P_C[stage])


# -- the series ------------------------------------------------------------------------------------------------------
def _advance(p: Place, y: Any, y_new: Any) -> None:
    """Write the series v_j = (h/j) A v_(j-1), the block's new state, and its error, the last term."""
    worst = Worst(p)
    if p.layout.stage != p.layout.state:
        for i in range(len(p.layout.structure.block)):
            p.code.store(_narrowed(p, y, i), p.work, p.layout.v(0, i))
    if p.layout.large:
        _write_by_loop(p, y)
        for i in range(len(p.layout.structure.block)):
            total = [p.code.load(p.work, p.layout.v(j, i)) for j in range(1, p.layout.terms + 1)]
            _end(p, y, y_new, worst, i, reduce(p.code.add, total), total[-1])
    else:
        for part in parts(p.layout.structure):
            _write_part(p, y, y_new, worst, part)
            p.barrier()
    worst.keep()


def _write_part(p: Place, y: Any, y_new: Any, worst: Worst, part: tuple[int, ...]) -> None:
    """Write the series of some states of the block; what they need of others is written already."""
    c, layout, again = p.code, p.layout, p.again()
    h, emit = again.scalar("h"), again.emitter(_no_leaf, _no_time)
    last = {i: _start(p, y, i) for i in part}
    total: dict[int, Any] = {}
    for j in range(1, layout.terms + 1):
        factor = c.mul(h, 1.0 / j) if j > 1 else h

        def before(b: int, j: int = j, last: dict[int, Any] = last) -> Any:
            if b in last:
                return last[b]
            return _start(p, y, b) if j == 1 else c.load(p.work, layout.v(j - 1, b))

        rows = {i: _product(again, emit, i, before, first=j == 1) for i in part}
        last = {i: c.value(0.0) if row is None else c.mul(row, factor) for i, row in rows.items()}
        for i, row in last.items():
            c.store(row, p.work, layout.v(j, i))
            total[i] = row if j == 1 else c.add(total[i], row)
    for i in part:
        _end(p, y, y_new, worst, i, total[i], last[i])


def _start(p: Place, y: Any, i: int) -> Any:
    """Return a state of the block at the start of the step; converted once where stages have fewer digits."""
    if p.layout.stage == p.layout.state:
        return _narrowed(p, y, i)
    return p.code.load(p.work, p.layout.v(0, i))


def _narrowed(p: Place, y: Any, i: int) -> Any:
    return p.narrow(p.wide_row(p.layout.structure.block[i] * p.layout.state.row, y))


def _end(p: Place, y: Any, y_new: Any, worst: Worst, i: int, total: Any, error: Any) -> None:
    offset = p.layout.structure.block[i] * p.layout.state.row
    old = _start(p, y, i)
    new = p.wide.add(p.wide_row(offset, y), p.widen(total))
    p.wide.store(new, y_new, offset)
    after = new if p.layout.stage == p.layout.state else p.code.add(old, total)
    worst.add(error, old, after, p.layout.structure.block[i])


def _write_by_loop(p: Place, y: Any) -> None:
    """Write the series of a large block, its terms from the second on by a loop."""
    c, b, layout = p.code, p.builder, p.layout
    positions = range(len(layout.structure.block))
    start = [_start(p, y, i) for i in positions]
    for i, row in enumerate(start):
        c.store(row, p.work, layout.v(0, i))
    _term(p, start, p.scalar("h"), p.work, first=True)
    step = layout.v(1, 0) - layout.v(0, 0)
    with p.loop(layout.terms - 1, "term") as i:
        place = c.at(p.work, b.mul(i, ir.Constant(LONG, step)))
        j = b.sitofp(b.add(i, ir.Constant(LONG, 2)), DOUBLE)
        factor = c.div(p.scalar("h"), c.splat(j))
        last = [c.load(place, layout.v(1, k)) for k in positions]
        _term(p.again(), last, factor, c.at(place, step), first=False)


def _term(p: Place, last: list[Any], factor: Any, place: Any, first: bool) -> None:
    """Store a term of the series, given the one before; `place` is the block as the first term sees it."""
    emit = p.emitter(_no_leaf, _no_time)
    for i in range(len(last)):
        row = _product(p, emit, i, last.__getitem__, first)
        p.code.store(0.0 if row is None else p.code.mul(row, factor), place, p.layout.v(1, i))


def _product(p: Place, emit: Emitter, i: int, v: Callable[[int], Any], first: bool) -> Any:
    """Return row i of A v, in the first term with the constant rates; None for 0."""
    c, s, total = p.code, p.layout.structure, None
    for (a, b), n in s.matrix.items():
        if a == i:
            minus, k = s.graph.sign(n)
            factor = c.neg(c.value(emit(k))) if minus else emit(k)
            total = c.mul(factor, v(b)) if total is None else c.fma(factor, v(b), total)
    sources = [emit(s.source[i])] if first and i in s.source else []
    if first and p.layout.inputs:
        sources.append(p.narrow(p.wide_row(p.layout.state_row("rates", s.block[i]))))
    for source in sources:
        total = c.value(source) if total is None else c.add(total, source)
    return total


def _no_leaf(op: str, i: int) -> Any:
    raise LookupError(f"{op} {i} in a constant")


def _no_time() -> Any:
    raise LookupError("time in a constant")


def _first_slot(k: Kernels, p: Place, y: Any, begin: Any) -> None:
    """Fill the slot of the step's start: afresh, from the end of the step before, or not at all."""
    layout, b = p.layout, p.builder
    with b.if_then(b.icmp_signed("==", begin, ir.Constant(INT, RESTART))):
        k.call(b, "inputs", p.work, y)
    with b.if_then(b.icmp_signed("==", begin, ir.Constant(INT, CONTINUE))):
        for i in range(len(layout.frontier)):
            row = p.code.load(p.work, layout.slot(len(INSTANTS) - 1) + i * layout.stage.row)
            p.code.store(row, p.work, layout.slot(0) + i * layout.stage.row)


def _later_slots(p: Place, y: Any, y_new: Any) -> None:
    """Fill the slots of the later instants, each row of the series read once."""
    c, layout, s = p.code, p.layout, p.layout.structure
    inside = INSTANTS[1:-1]
    values: dict[int, list[Any]] = {}

    def at_instants(state: int) -> list[Any]:
        if state not in values:
            i = s.block.index(state)
            rows = [_start(p, y, i), *(c.load(p.work, layout.v(j, i)) for j in range(1, layout.terms + 1))]
            end = p.narrow(p.wide_row(state * layout.state.row, y_new))
            values[state] = [*(c.horner(rows, theta) for theta in inside), end]
        return values[state]

    for m in range(1, len(INSTANTS)):
        _fill_slot(p, layout.slot(m), INSTANTS[m], lambda op, state, m=m: at_instants(state)[m - 1])


def _write_later(k: Kernels) -> None:
    """Write ``later(work, slot, theta)``: the slot of a later instant of a large model."""
    layout, s = k.layout, k.layout.structure
    with k.function("later", POINTER, DOUBLE, public=False) as p:
        slot, theta = p.args
        x = p.code.splat(theta)

        def leaf(op: str, state: int) -> Any:
            i = s.block.index(state)
            return p.code.horner([p.row(layout.v(j, i)) for j in range(layout.terms + 1)], x)

        _fill_slot(p, 0, theta, leaf, slot)


def _fill_slot(p: Place, offset: int, theta: Any, leaf: Any, base: Any = None) -> None:
    """Compute what the rates need of time alone at one instant."""
    emit = p.emitter(leaf, lambda: p.time(theta))
    for i, n in enumerate(p.layout.frontier):
        p.code.store(emit(n), p.work if base is None else base, offset + i * p.layout.stage.row)
