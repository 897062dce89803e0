"""The linear block inside a step: its Taylor series, and what follows from it at the times of the stages."""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir

from ...engine.tableaux import RODAS5P_C
from .coupling import put_coupling
from .emitter import Emitter
from .error import Worst
from .module import LaneModule, Place
from .parts import parts
from .vector import DOUBLE, INT, LONG, POINTER

INSTANTS = tuple(dict.fromkeys(RODAS5P_C.tolist()))  # 0, c2, ..., 1: when the stages need the block
CONTINUE, RESTART, RETRY = 0, 1, 2  # how a step begins: after one accepted, a change, one rejected
# A term is left out before the step's end where its weight is less than this share of the last term's at the end.
NOTHING = 0.03


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
    """Write the powers w_j = h A w_(j-1), the block's new state y + sum w_j / j!, and its error, the last term."""
    worst, n = Worst(p), p.layout.terms
    if p.layout.large:
        _write_by_loop(p, y)
        for i in range(len(p.layout.structure.block)):
            rows = [p.code.load(p.work, p.layout.v(j, i)) for j in range(1, n + 1)]
            _end(p, y, y_new, worst, i, p.code.combined(taylor(n), rows), rows[-1])
    else:
        for part in parts(p.layout.structure):
            _write_part(p, y, y_new, worst, part)
            p.barrier()
    worst.keep()


def taylor(n: int, theta: float = 1.0) -> list[float]:
    """Return theta^j / j! for j = 1 ... n: weights of the powers after a share theta of the step.

    Before the end of the step the last ones are left out. Where the powers are alike in size they matter less
    there than what is cut off at the end; where each is much smaller than the one before, nothing there matters.
    """
    weights = [theta**j / math.factorial(j) for j in range(1, n + 1)]
    while theta < 1.0 and weights[-1] * math.factorial(n) < NOTHING:
        weights.pop()
    return weights


def _write_part(p: Place, y: Any, y_new: Any, worst: Worst, part: tuple[int, ...]) -> None:
    """Write the powers of some states of the block; what they need of others is written already."""
    c, layout, again = p.code, p.layout, p.again()
    h, emit = again.scalar("h"), again.emitter(_no_leaf, _no_time)
    rows = {i: _scaled_row(again, emit, i, part, h) for i in part}
    last = {i: _start(p, y, i) for i in part}
    total: dict[int, Any] = {}
    for j, weight in enumerate(taylor(layout.terms), start=1):

        def before(b: int, j: int = j, last: dict[int, Any] = last) -> Any:
            if b in last:
                return last[b]
            return _start(p, y, b) if j == 1 else c.load(p.work, layout.v(j - 1, b))

        now = {}
        for i, row in rows.items():
            x = _sources(again, emit, i, h) if j == 1 else None
            x = c.combined([before(b) for b, _ in row], [k for _, k in row], x)
            now[i] = c.value(0.0 if x is None else x)
            c.store(now[i], p.work, layout.v(j, i))
            total[i] = now[i] if j == 1 else c.fma(now[i], weight, total[i])
        last = now
    for i in part:
        _end(p, y, y_new, worst, i, total[i], last[i])


def _scaled_row(p: Place, emit: Emitter, i: int, part: tuple[int, ...], h: Any) -> list[tuple[int, Any]]:
    """Return row i of h A as (column, factor): last what is known last, so that nothing waits for the rest."""
    entries = _entries(p, i)
    entries.sort(key=lambda entry: (entry[0] in part, entry[0] == i))
    return [(b, p.code.mul(_entry(p, emit, n), h)) for b, n in entries]


def _entries(p: Place, i: int) -> list[tuple[int, int]]:
    """Return row i of A as (column, node)."""
    return [(b, n) for (a, b), n in p.layout.structure.matrix.items() if a == i]


def _entry(p: Place, emit: Emitter, n: int) -> Any:
    minus, k = p.layout.structure.graph.sign(n)
    return p.code.neg(p.code.value(emit(k))) if minus else emit(k)


def _sources(p: Place, emit: Emitter, i: int, h: Any = None) -> Any:
    """Return the constant rates of a state of the block, times h if given; None for 0."""
    s, total = p.layout.structure, None
    rows = [p.code.value(emit(s.source[i]))] if i in s.source else []
    if p.layout.is_fed(s.block[i]):
        rows.append(p.narrow(p.wide_row(p.layout.state_row("rates", s.block[i]))))
    for row in rows:
        total = row if total is None else p.code.add(total, row)
    return total if total is None or h is None else p.code.mul(total, h)


def slope(p: Place, y: Any, i: int) -> Any:
    """Return the rate of a state of the block at the start of the step."""
    emit = p.emitter(_no_leaf, _no_time)
    row = _entries(p, i)
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
    error = p.code.mul(last, taylor(p.layout.terms)[-1])
    worst.add(error, old, after, p.layout.structure.block[i])


def _write_by_loop(p: Place, y: Any) -> None:
    """Write the powers of a large block, from the second on by a loop."""
    c, b, layout = p.code, p.builder, p.layout
    positions = range(len(layout.structure.block))
    start = [_start(p, y, i) for i in positions]
    for i, row in enumerate(start):
        c.store(row, p.work, layout.v(0, i))
    _power(p, start, p.work, first=True)
    step = layout.v(1, 0) - layout.v(0, 0)
    with p.loop(layout.terms - 1, "term") as i:
        place = c.at(p.work, b.mul(i, ir.Constant(LONG, step)))
        last = [c.load(place, layout.v(1, k)) for k in positions]
        _power(p.again(), last, c.at(place, step), first=False)


def _power(p: Place, last: list[Any], place: Any, first: bool) -> None:
    """Store h A w, given w; `place` is the block as the first power sees it."""
    c, h, emit = p.code, p.scalar("h"), p.emitter(_no_leaf, _no_time)
    for i in range(len(last)):
        row = _entries(p, i)
        x = _sources(p, emit, i) if first else None
        x = c.combined([_entry(p, emit, n) for _, n in row], [last[b] for b, _ in row], x)
        c.store(0.0 if x is None else c.mul(x, h), place, p.layout.v(1, i))


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
            weights = [taylor(layout.terms, x) for x in inside]
            end = p.narrow(p.wide_row(state * layout.state.row, y_new))
            values[state] = [*(c.combined(w, rows[: len(w)], start) for w in weights), end]
        return values[state]

    for m in range(1, len(INSTANTS)):
        _fill_slot(p, layout.slot(m), INSTANTS[m], lambda op, state, m=m: at_instants(state)[m - 1])


def _write_later(k: LaneModule) -> None:
    """Write ``later(work, slot, theta)``: the slot of a later instant of a large model."""
    layout, s = k.layout, k.layout.structure
    with k.function("later", POINTER, DOUBLE, public=False) as p:
        slot, theta = p.args
        x = p.code.splat(theta)

        def leaf(op: str, state: int) -> Any:
            i, c = s.block.index(state), p.code
            total = p.row(layout.v(layout.terms, i))
            for j in range(layout.terms, 0, -1):
                total = c.fma(total, c.mul(x, 1.0 / j), p.row(layout.v(j - 1, i)))
            return total

        _fill_slot(p, 0, theta, leaf, slot)


def _fill_slot(p: Place, offset: int, theta: Any, leaf: Any, base: Any = None) -> None:
    """Compute what the rates need of time alone at one instant."""
    emit = p.emitter(leaf, lambda: p.time(theta))
    for i, n in enumerate(p.layout.frontier):
        p.code.store(emit(n), p.work if base is None else base, offset + i * p.layout.stage.row)
