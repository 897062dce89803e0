"""Kernels around the step: derived constants, values inside a step, computed outputs, and their way to memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from ...engine.lanes import facts as FACTS
from ...engine.lanes.facts import TIMES
from ...engine.tableaux import RODAS5P_A, RODAS5P_H, TSIT5_P
from . import series
from .emitter import Emitter
from .layout import STAGES
from .mathlib import SHARED
from .module import SCALARS, LaneModule, Place
from .vector import DOUBLE, FLOAT, INT, LONG, POINTER, Code, Lanes


def write_derive(k: LaneModule) -> None:
    """Write ``derive(work)``: what follows from the constants, once a trajectory."""
    layout, s = k.layout, k.layout.structure
    with k.function("derive") as p:
        wide = p.wide
        loaded: dict[int, Any] = {}

        def find(n: int) -> Any:
            op, args = s.graph.nodes[n]
            if op != "constant":
                return None
            if n not in loaded:
                loaded[n] = wide.load(p.work, layout.state_row("constants", args[0]))
            return loaded[n]

        emit = Emitter(wide, s.graph, find)
        for i, n in enumerate(layout.derived):
            p.code.store(p.narrow(wide.value(emit(n))), p.work, layout.stage_row("derived", i))
        for i, n in enumerate(layout.exponents):
            shared = _shared_half(p, wide.value(emit(n)))
            p.builder.store(shared, wide.at(p.work, layout.at["exponents"] + 8 * i), align=8)


def _shared_half(p: Place, x: Any) -> Any:
    """Return twice the number that all lanes have if that is in `SHARED`, else 0."""
    b, c = p.builder, p.wide
    mask = ir.IntType(c.lanes.width)
    found = ir.Constant(LONG, 0)
    for twice in SHARED:
        all_lanes = b.icmp_signed("==", b.bitcast(c.equal(x, 0.5 * twice), mask), ir.Constant(mask, -1))
        found = b.select(all_lanes, ir.Constant(LONG, twice), found)
    return found


def write_evaluate(k: LaneModule) -> None:
    """Write ``evaluate(facts, y, t, theta, i)``: the outputs inside the last step, into row i of the buffer."""
    _write_dense(k)
    write_observe(k)
    row = k.layout.state.row
    with k.function("evaluate", POINTER, DOUBLE, DOUBLE, LONG) as p:
        y, t, theta, i = p.args
        b, at = p.builder, p.wide.at
        work = at(_fact(p, FACTS.WORK, POINTER), k.layout.origin)
        point, direct = _fact(p, FACTS.POINT, POINTER), _fact(p, FACTS.DIRECT)
        target = at(_fact(p, FACTS.BUFFER, POINTER), _times(p, i, row))
        out = b.select(b.icmp_signed("!=", direct, ir.Constant(LONG, 0)), target, point)
        tables = [_fact(p, f, kind) for f, kind in _TABLES]
        k.call(b, "dense", work, y, theta, *tables, out)
        with b.if_then(b.icmp_signed("==", direct, ir.Constant(LONG, 0))):
            k.call(b, "observe", work, point, t, _fact(p, FACTS.COMPUTED, POINTER))
            chosen = _fact(p, FACTS.CHOSEN, POINTER)
            with p.loop(_fact(p, FACTS.N_OUT), "output") as j:
                place = b.load(at(chosen, _times(p, j, 8)), typ=LONG, align=8)
                value = p.wide.load(at(point, place))
                p.wide.store(value, at(target, _times(p, j, TIMES * row)))


_TABLES = ((FACTS.N_FREE, LONG), (FACTS.FREE, POINTER), (FACTS.N_BLOCK, LONG), (FACTS.BLOCK, POINTER))


def _fact(p: Place, i: int, kind: ir.Type = LONG) -> Any:
    """Read an entry of the array of facts, which the function got instead of the work block."""
    return p.builder.load(p.wide.at(p.work, 8 * i), typ=kind, align=8)


def _write_dense(k: LaneModule) -> None:
    """Write ``dense(work, y, theta, n_free, free, n_block, block, out)``: states inside the last step.

    `free` and `block` list the states wanted, each as three offsets: in y, in the increments or the terms, and
    in `out`.
    """
    layout = k.layout
    with k.function("dense", POINTER, DOUBLE, LONG, POINTER, LONG, POINTER, POINTER, public=False) as p:
        y, theta, n_free, free, n_block, block, out = p.args
        weights = _stage_weights(p, theta)
        with p.loop(n_free) as i:
            at_y, at_u, at_out = _offsets(p, free, i)
            rows = [p.code.load(p.code.at(p.work, at_u), j * layout.stage.row) for j in range(STAGES)]
            value_inside(p, y, at_y, zip(weights, rows, strict=True), out, at_out)
        if not layout.structure.block:
            return
        shares = series.weights(p, p.wide.splat(theta))
        with p.loop(n_block, "k") as i:
            at_y, at_v, at_out = _offsets(p, block, i)
            first = p.code.at(p.work, at_v)
            step = len(layout.structure.block) * layout.stage.row
            rows = [p.code.load(first, j * step) for j in range(1, layout.terms + 1)]
            value_inside(p, y, at_y, zip(shares, rows, strict=True), out, at_out)


def _stage_weights(p: Place, theta: Any) -> list[Any]:
    """Return the weights of the increments at theta, the interpolant's polynomials evaluated side by side."""
    c = p.wide.on(Lanes(STAGES))
    x = c.splat(theta)
    if p.layout.explicit:
        scaled = c.mul(x, c.splat(c.load_scalar(p.work, p.layout.at["scalars"] + SCALARS["h"])))
        total = c.mul(scaled, c.horner([_vector(c, row) for row in TSIT5_P], x))
    else:
        h0, h1, h2 = (_vector(c, row) for row in RODAS5P_H)
        inner = c.horner([h0, h1, h2], x)
        end = _vector(c, np.append(RODAS5P_A[-1, : STAGES - 1], 1.0))
        total = c.mul(x, c.fma(c.sub(1.0, x), inner, end))
    return _spread(p, c, total)


def _spread(p: Place, c: Code, numbers: Any) -> list[Any]:
    """Return each number of a vector in all lanes, by way of memory: that way is free, shuffles are not."""
    at, kind = p.layout.at["weights"], p.layout.stage
    small = c.on(Lanes(c.lanes.width, kind.bytes))
    small.store(c.convert(numbers, small.lanes), p.work, at)
    places = (c.at(p.work, at + kind.bytes * i) for i in range(c.lanes.width))
    return [p.code.splat(p.builder.load(x, typ=kind.scalar, align=kind.bytes)) for x in places]


def _vector(c: Code, weights: Any) -> ir.Constant:
    """Return one weight a stage; where there are fewer stages the rest is 0."""
    padded = [*map(float, weights), *[0.0] * (STAGES - len(weights))]
    return ir.Constant(c.lanes.type, padded)


def _offsets(p: Place, table: Any, i: Any) -> list[Any]:
    b = p.builder
    row = p.code.at(table, b.mul(i, ir.Constant(LONG, 24)))
    return [b.load(p.code.at(row, 8 * j), typ=LONG, align=8) for j in range(3)]


def value_inside(p: Place, y: Any, at_y: Any, terms: Any, out: Any, at_out: Any) -> None:
    """Store a state and what weights make of rows, added."""
    total = None
    for weight, row in terms:
        total = p.code.mul(weight, row) if total is None else p.code.fma(weight, row, total)
    value = p.wide.add(p.wide.load(p.wide.at(y, at_y)), p.widen(total))
    p.wide.store(value, p.wide.at(out, at_out))


def write_observe(k: LaneModule) -> None:
    """Write ``observe(work, point, t, out)``: all outputs that are not states, from the states `point`."""
    layout, s = k.layout, k.layout.structure
    with k.function("observe", POINTER, DOUBLE, POINTER, public=False) as p:
        point, t, out = p.args
        p.put_scalar("t", t)
        rows: dict[int, Any] = {}

        def leaf(op: str, state: int) -> Any:
            if state not in rows:
                rows[state] = p.narrow(p.wide_row(state * layout.state.row, point))
            return rows[state]

        t_row = p.wide.splat(t)
        emit = p.emitter(leaf, lambda: t_row)
        for i in layout.seen[0]:
            n = s.outputs[i]
            if s.graph.nodes[n].op not in ("state", "input"):
                p.wide.store(p.widen(p.code.value(emit(n))), out, i * layout.state.row)


def write_store(k: LaneModule) -> None:
    """Write ``store(facts, offset)``, and ``store32`` for single precision.

    The buffer holds for each output a row of lanes at each of `TIMES` times; they go to each lane's values from
    the byte `offset` of each output's row on, a cache line at once and past the caches, as nobody reads them
    soon.
    """
    for name, scalar in (("store", DOUBLE), ("store32", FLOAT)):
        with k.function(name, LONG) as p:
            (offset,) = p.args
            b, c = p.builder, p.wide.on(Lanes(TIMES))
            n, stride = _fact(p, FACTS.N_OUT), _fact(p, FACTS.STRIDE)
            buffer, lanes = _fact(p, FACTS.BUFFER, POINTER), _fact(p, FACTS.TARGETS, POINTER)
            with p.loop(n, "output") as i:
                source = c.at(buffer, _times(p, i, TIMES * k.layout.state.row))
                target = b.add(offset, b.mul(i, stride))
                for first in range(0, k.layout.state.width, TIMES):
                    rows = [c.load(source, t * k.layout.state.row + 8 * first) for t in range(TIMES)]
                    for lane, row in enumerate(_transposed(c, rows)):
                        place = b.load(c.at(lanes, 8 * (first + lane)), typ=POINTER, align=8)
                        _store_times(c, row, c.at(place, target), scalar)


def _store_times(c: Code, row: Any, place: Any, scalar: Any) -> None:
    if scalar == FLOAT:
        row = c.builder.fptrunc(row, ir.VectorType(FLOAT, TIMES))
    done = c.builder.store(row, place, align=64 if scalar == DOUBLE else 32)
    if scalar == DOUBLE:
        done.set_metadata("nontemporal", c.builder.module.add_metadata([ir.Constant(INT, 1)]))


def write_some(k: LaneModule) -> None:
    """Write ``some(facts, row, offset, first, last, count)`` and ``some32``.

    They do what "store" does for lanes first..last-1 and `count` times, from a row of the buffer on.
    """
    row = k.layout.state.row
    for name, scalar, size in (("some", DOUBLE, 8), ("some32", FLOAT, 4)):
        with k.function(name, LONG, LONG, LONG, LONG, LONG) as p:
            begin, offset, first, last, count = p.args
            b, at = p.builder, p.wide.at
            n, stride = _fact(p, FACTS.N_OUT), _fact(p, FACTS.STRIDE)
            buffer, lanes = _fact(p, FACTS.BUFFER, POINTER), _fact(p, FACTS.TARGETS, POINTER)
            buffer = at(buffer, _times(p, begin, row))
            with p.loop(b.sub(last, first), "lane") as place, p.loop(n, "output") as i:
                lane = b.add(first, place)
                values = b.load(at(lanes, _times(p, lane, 8)), typ=POINTER, align=8)
                source = at(at(buffer, _times(p, lane, 8)), _times(p, i, TIMES * row))
                target = at(values, b.add(offset, b.mul(i, stride)))
                with p.loop(count, "time") as t:
                    x = b.load(at(source, _times(p, t, row)), typ=DOUBLE, align=8)
                    x = x if scalar == DOUBLE else b.fptrunc(x, FLOAT)
                    b.store(x, at(target, _times(p, t, size)), align=size)


def _times(p: Place, i: Any, size: int) -> Any:
    return p.builder.mul(i, ir.Constant(LONG, size))


def _transposed(c: Code, rows: list[Any]) -> list[Any]:
    """Transpose 8 x 8 numbers in registers: pairs, then pairs of pairs, then halves."""
    for distance in (1, 2, 4):
        low = [j if not j & distance else j - distance + 8 for j in range(8)]
        high = [j + distance if not j & distance else j + 8 for j in range(8)]
        new = list(rows)
        for i in range(8):
            if not i & distance:
                a, b = rows[i], rows[i + distance]
                new[i], new[i + distance] = _shuffle(c, a, b, low), _shuffle(c, a, b, high)
        rows = new
    return rows


def _shuffle(c: Code, a: Any, b: Any, pick: list[int]) -> Any:
    return c.builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(INT, 8), pick))
