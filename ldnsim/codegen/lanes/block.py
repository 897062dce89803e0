"""The linear block inside a step: advanced by its Taylor series, and what follows from it at each stage's time."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from ...engine.tableaux import RODAS5P_C
from .emitter import Emitter
from .error import Worst
from .module import Kernels, Place
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
                _later_slots(p, y_new)


def slot_of(stage: int) -> int:
    """Return which of the instants a stage lies at."""
    return INSTANTS.index(RODAS5P_C[stage])


def _advance(p: Place, y: Any, y_new: Any) -> None:
    """Write the series v_j = (h/j) A v_(j-1), the block's new state, and its error, the last term."""
    c, layout, s = p.code, p.layout, p.layout.structure
    h, emit = p.scalar("h"), p.emitter(_no_leaf, _no_time)
    last = [p.narrow(p.wide_row(i * layout.state.row, y)) for i in s.block]
    for i, row in enumerate(last):
        c.store(row, p.work, layout.v(0, i))
    last = _term(p, emit, last, h, p.work, first=True)
    if layout.large:
        _further_terms(p)
    else:
        for j in range(2, layout.terms + 1):
            last = _term(p, emit, last, c.mul(h, 1.0 / j), c.at(p.work, layout.v(j, 0) - layout.v(1, 0)))
    p.barrier()
    worst = Worst(p)
    for i, state in enumerate(s.block):
        total = c.load(p.work, layout.v(1, i))
        for j in range(2, layout.terms + 1):
            total = c.add(total, c.load(p.work, layout.v(j, i)))
        old = p.wide_row(state * layout.state.row, y)
        new = p.wide.add(old, p.widen(total))
        p.wide.store(new, y_new, state * layout.state.row)
        worst.add(c.load(p.work, layout.v(layout.terms, i)), p.narrow(old), p.narrow(new), state)
    worst.keep()


def _term(p: Place, emit: Emitter, last: Any, factor: Any, place: Any, first: bool = False) -> list[Any]:
    """Return and store a term of the series from the one before; `place` is the block as the first term sees it."""
    c, layout = p.code, p.layout
    rows = [_product(p, emit, i, last, first) for i in range(len(layout.structure.block))]
    rows = [c.value(0.0) if row is None else c.mul(row, factor) for row in rows]
    for i, row in enumerate(rows):
        c.store(row, place, layout.v(1, i))
    return rows


def _further_terms(p: Place) -> None:
    """Write the terms from the second on as a loop."""
    c, b, layout = p.code, p.builder, p.layout
    step = layout.v(1, 0) - layout.v(0, 0)
    with p.loop(layout.terms - 1, "term") as i:
        place = c.at(p.work, b.mul(i, ir.Constant(LONG, step)))
        j = b.sitofp(b.add(i, ir.Constant(LONG, 2)), DOUBLE)
        factor = c.div(p.scalar("h"), c.splat(j))
        again = p.again()
        last = [c.load(place, layout.v(1, k)) for k in range(len(layout.structure.block))]
        _term(again, again.emitter(_no_leaf, _no_time), last, factor, c.at(place, step))


def _product(p: Place, emit: Emitter, i: int, v: list[Any], first: bool) -> Any:
    """Return row i of A v, in the first term with the constant rates; None for 0."""
    c, s, total = p.code, p.layout.structure, None
    for (a, b), n in s.matrix.items():
        if a == i:
            minus, k = s.graph.sign(n)
            factor = c.neg(c.value(emit(k))) if minus else emit(k)
            total = c.mul(factor, v[b]) if total is None else c.fma(factor, v[b], total)
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


def _later_slots(p: Place, y_new: Any) -> None:
    """Fill the slots of the later instants, each row of the series read once."""
    c, layout, s = p.code, p.layout, p.layout.structure
    inside = INSTANTS[1:-1]
    values: dict[int, list[Any]] = {}

    def at_instants(state: int) -> list[Any]:
        if state not in values:
            i = s.block.index(state)
            rows = [c.load(p.work, layout.v(j, i)) for j in range(layout.terms + 1)]
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
