"""The linear block inside a step, and what follows from it at the times of the stages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from ...engine.tableaux import RODAS5P_C
from .coupling import put_coupling
from .emitter import Emitter
from .error import Worst
from .module import LaneModule, Place
from .parts import BlockPart
from .series import GAMMA, weights, weights_at
from .solver import factorised, solved
from .vector import DOUBLE, INT, LONG, POINTER

INSTANTS = tuple(dict.fromkeys(RODAS5P_C.tolist()))  # 0, c2, ..., 1: when the stages need the block
CONTINUE, RESTART, RETRY = 0, 1, 2  # how a step begins: after one accepted, a change, one rejected


def write_begin(k: LaneModule) -> None:
    """Write ``begin(work, y, t, h, begin)``: numbers of the step, and what depends on time alone at its start."""
    layout = k.layout
    if layout.frontier:
        with k.function("inputs", POINTER, public=False) as p:
            (y,) = p.args
            _fill_slot(
                p, layout.slot(0), 0.0, lambda op, state: p.narrow(p.wide_row(state * layout.state.row, y))
            )
    with k.function("begin", POINTER, DOUBLE, DOUBLE, INT, public=False) as p:
        y, t, h, begin = p.args
        p.put_scalar("t", t)
        p.put_scalar("h", h)
        p.put_scalar("inverse", p.builder.fdiv(ir.Constant(DOUBLE, 1.0), h))
        if layout.structure.free and not layout.large:
            put_coupling(p)
        if layout.stage != layout.state and not layout.large:
            for i in range(len(layout.structure.block)):
                p.code.store(_narrowed(p, y, i), p.work, layout.v(0, i))
        if layout.frontier:
            _first_slot(k, p, y, begin)


def write_advance(k: LaneModule) -> None:
    """Write ``advance(work, y, y_new)``: the block, and what depends on time alone at the later instants."""
    layout = k.layout
    if layout.frontier and layout.large:
        _write_later(k)
    with k.function("advance", POINTER, POINTER, public=False) as p:
        y, y_new = p.args
        if layout.structure.block:
            _advance(p, y, y_new)
        if layout.frontier and layout.large:
            for m in range(1, len(INSTANTS)):
                place = p.code.at(p.work, layout.slot(m))
                k.call(p.builder, "later", p.work, place, ir.Constant(DOUBLE, INSTANTS[m]))
        elif layout.frontier:
            _later_slots(p, y, y_new)


def slot_of(stage: int) -> int:
    """Return which of the instants a stage lies at."""
    return INSTANTS.index(RODAS5P_C[stage])


# -- the series ------------------------------------------------------------------------------------------------------
def _advance(p: Place, y: Any, y_new: Any) -> None:
    """Write the series' terms, the block's new state, and its error, the last term."""
    worst = Worst(p)
    if p.layout.large:
        _write_by_loop(p, y)
        for i in range(len(p.layout.structure.block)):
            terms = [p.code.load(p.work, p.layout.v(j, i)) for j in range(1, p.layout.terms + 1)]
            total = p.code.combined(weights_at(p.layout.terms, 1.0), terms)
            _end(p, y, y_new, worst, i, total, terms[-1])
    else:
        for part in p.layout.parts:
            _write_part(p, y, y_new, worst, part)
            p.barrier()
    worst.keep()


def _write_part(p: Place, y: Any, y_new: Any, worst: Worst, part: BlockPart) -> None:
    """Write the terms of some states of the block; what they need of others is written already."""
    c, layout, again = p.code, p.layout, p.again()
    numbers, last = _begun(again, part, lambda b: _start(p, y, b))
    total: dict[int, Any] = {}
    for j, weight in enumerate(weights_at(layout.terms, 1.0), start=1):

        def known(b: int, j: int = j) -> Any:
            here = c.load(p.work, layout.v(j, b))
            return here if j == 1 else c.sub(c.load(p.work, layout.v(j - 1, b)), here)

        x = solved(c, part, numbers.__getitem__, last, known)
        last = x if j == 1 else {i: c.sub(last[i], x[i]) for i in part.states}
        for i in part.states:
            c.store(last[i], p.work, layout.v(j, i))
            total[i] = c.mul(last[i], weight) if j == 1 else c.fma(last[i], weight, total[i])
    for i in part.states:
        _end(p, y, y_new, worst, i, total[i], last[i])


def _begun(p: Place, part: BlockPart, start: Callable[[int], Any]) -> tuple[dict[Any, Any], dict[int, Any]]:
    """Return what solves for a part, and its rates times gamma h."""
    c, matrix, emit = p.code, p.layout.structure.matrix, p.emitter(_no_leaf, _no_time)
    short = c.mul(p.scalar("h"), GAMMA[p.layout.terms])
    scaled = {key: c.mul(_entry(p, emit, matrix[key]), short) for key in (*part.inside, *part.outside)}
    rates = {}
    for i in part.states:
        row = [key for key in scaled if key[0] == i]
        row.sort(key=lambda key: key[1] == i)  # last what is known last
        source = _sources(p, emit, i)
        x = None if source is None else c.mul(source, short)
        x = c.combined([scaled[key] for key in row], [start(b) for _, b in row], x)
        rates[i] = c.value(0.0 if x is None else x)
    return factorised(c, part, scaled), rates


def _entry(p: Place, emit: Emitter, n: int) -> Any:
    minus, k = p.layout.structure.graph.sign(n)
    return p.code.neg(p.code.value(emit(k))) if minus else emit(k)


def _sources(p: Place, emit: Emitter, i: int) -> Any:
    """Return the constant rates of a state of the block; None for 0."""
    s, total = p.layout.structure, None
    rows = [p.code.value(emit(s.source[i]))] if i in s.source else []
    if p.layout.is_fed(s.block[i]):
        rows.append(p.narrow(p.wide_row(p.layout.state_row("rates", s.block[i]))))
    for row in rows:
        total = row if total is None else p.code.add(total, row)
    return total


def slope(p: Place, y: Any, i: int) -> Any:
    """Return the rate of a state of the block at the start of the step."""
    emit = p.emitter(_no_leaf, _no_time)
    row = [(b, n) for (a, b), n in p.layout.structure.matrix.items() if a == i]
    factors, states = [_entry(p, emit, n) for _, n in row], [_start(p, y, b) for b, _ in row]
    total = p.code.combined(factors, states, _sources(p, emit, i))
    return p.code.value(0.0 if total is None else total)


def _start(p: Place, y: Any, i: int) -> Any:
    """Return a state of the block at the start of the step; converted once where stages have fewer digits."""
    if p.layout.stage == p.layout.state:
        return _narrowed(p, y, i)
    return p.code.load(p.work, p.layout.v(0, i))


def _narrowed(p: Place, y: Any, i: int) -> Any:
    return p.narrow(p.wide_row(p.layout.structure.block[i] * p.layout.state.row, y))


def _end(p: Place, y: Any, y_new: Any, worst: Worst, i: int, total: Any, last: Any) -> None:
    """Store a state of the block at the step's end, and note its error."""
    offset = p.layout.structure.block[i] * p.layout.state.row
    old = _start(p, y, i)
    new = p.wide.add(p.wide_row(offset, y), p.widen(total))
    p.wide.store(new, y_new, offset)
    after = new if p.layout.stage == p.layout.state else p.code.add(old, total)
    error = p.code.mul(last, weights_at(p.layout.terms, 1.0)[-1])
    worst.add(error, old, after, p.layout.structure.block[i])


def _write_by_loop(p: Place, y: Any) -> None:
    """Write the terms of a large block, from the second on by a loop, and its rates at the start of the step."""
    c, b, layout = p.code, p.builder, p.layout
    positions = range(len(layout.structure.block))
    start = [_narrowed(p, y, i) for i in positions]
    for i, row in enumerate(start):
        c.store(row, p.work, layout.v(0, i))
    inverse = c.mul(p.scalar("inverse"), 1.0 / GAMMA[layout.terms])
    right: dict[int, Any] = {}
    for part in layout.parts:
        numbers, rates = _begun(p.again(), part, start.__getitem__)
        for key, value in numbers.items():
            c.store(value, p.work, layout.solver(key))
        for i, rate in rates.items():
            c.store(c.mul(rate, inverse), p.work, layout.stage_row("slope", i))
        right.update(rates)
    for i, term in _solved_all(p, right).items():
        c.store(term, p.work, layout.v(1, i))
    step = layout.v(1, 0) - layout.v(0, 0)
    with p.loop(layout.terms - 1, "term") as k:
        place = c.at(p.work, b.mul(k, ir.Constant(LONG, step)))
        last = {i: c.load(place, layout.v(1, i)) for i in positions}
        for i, x in _solved_all(p.again(), last).items():
            c.store(c.sub(last[i], x), c.at(place, step), layout.v(1, i))


def _solved_all(p: Place, right: dict[int, Any]) -> dict[int, Any]:
    """Solve for all parts, one after another, with the numbers that are kept."""
    x: dict[int, Any] = {}
    for part in p.layout.parts:
        x |= solved(p.code, part, lambda key: p.row(p.layout.solver(key)), right, x.__getitem__)
    return x


def _no_leaf(op: str, i: int) -> Any:
    raise LookupError(f"{op} {i} in a constant")


def _no_time() -> Any:
    raise LookupError("time in a constant")


def _first_slot(k: LaneModule, p: Place, y: Any, begin: Any) -> None:
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
            start = _start(p, y, i)
            rows = [c.load(p.work, layout.v(j, i)) for j in range(1, layout.terms + 1)]
            weights = [weights_at(layout.terms, x) for x in inside]
            end = p.narrow(p.wide_row(state * layout.state.row, y_new))
            values[state] = [*(c.combined(w, rows, start) for w in weights), end]
        return values[state]

    for m in range(1, len(INSTANTS)):
        _fill_slot(p, layout.slot(m), INSTANTS[m], lambda op, state, m=m: at_instants(state)[m - 1])


def _write_later(k: LaneModule) -> None:
    """Write ``later(work, slot, theta)``: the slot of a later instant of a large model."""
    layout, s = k.layout, k.layout.structure
    with k.function("later", POINTER, DOUBLE, public=False) as p:
        slot, theta = p.args
        shares = weights(p, p.wide.splat(theta))

        def leaf(op: str, state: int) -> Any:
            i = s.block.index(state)
            terms = [p.row(layout.v(j, i)) for j in range(1, layout.terms + 1)]
            return p.code.combined(shares, terms, p.row(layout.v(0, i)))

        _fill_slot(p, 0, theta, leaf, slot)


def _fill_slot(p: Place, offset: int, theta: Any, leaf: Any, base: Any = None) -> None:
    """Compute what the rates need of time alone at one instant."""
    emit = p.emitter(leaf, lambda: p.time(theta))
    for i, n in enumerate(p.layout.frontier):
        p.code.store(emit(n), p.work if base is None else base, offset + i * p.layout.stage.row)
