"""Kernels around the step: derived constants, values inside a step, computed outputs, and their way to memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from ...engine.tableaux import RODAS5P_A, RODAS5P_H
from .graph import Level
from .layout import STAGES
from .module import Kernels, Place
from .vector import DOUBLE, FLOAT, INT, LONG, POINTER, Code, Lanes

TIMES = 8  # output times gathered before they are stored: 8 doubles fill a cache line


def write_derive(k: Kernels) -> None:
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

        from .emitter import Emitter

        emit = Emitter(wide, s.graph, find)
        for i, n in enumerate(layout.derived):
            p.code.store(p.narrow(wide.value(emit(n))), p.work, layout.stage_row("derived", i))


def write_dense(k: Kernels) -> None:
    """Write ``dense(work, y, theta, n_free, free, n_block, block, out)``: states inside the last step.

    `free` and `block` list the states wanted, each as three offsets: in y, in the increments or the series, and
    in `out`.
    """
    layout = k.layout
    with k.function("dense", POINTER, DOUBLE, LONG, POINTER, LONG, POINTER, POINTER) as p:
        y, theta, n_free, free, n_block, block, out = p.args
        weights = _stage_weights(p, theta)
        with p.loop(n_free) as i:
            at_y, at_u, at_out = _offsets(p, free, i)
            rows = [p.code.load(p.code.at(p.work, at_u), j * layout.stage.row) for j in range(STAGES)]
            _value(p, y, at_y, zip(weights, rows, strict=True), out, at_out)
        powers = _powers(p, theta, layout.terms)
        with p.loop(n_block, "k") as i:
            at_y, at_v, at_out = _offsets(p, block, i)
            series = p.code.at(p.work, at_v)
            step = len(layout.structure.block) * layout.stage.row
            rows = [p.code.load(series, j * step) for j in range(1, layout.terms + 1)]
            _value(p, y, at_y, reversed(list(zip(powers, rows, strict=True))), out, at_out)


def _stage_weights(p: Place, theta: Any) -> list[Any]:
    """Return the weights of the increments at theta, the interpolant's polynomials evaluated side by side."""
    c = p.wide.on(Lanes(STAGES))
    b = np.append(RODAS5P_A[-1, : STAGES - 1], 1.0)
    h0, h1, h2 = RODAS5P_H
    x = c.splat(theta)
    vector = [ir.Constant(c.lanes.type, [float(v) for v in w]) for w in (b, h0, h1, h2)]
    inner = c.fma(x, c.fma(x, vector[3], vector[2]), vector[1])
    total = c.mul(x, c.fma(c.sub(1.0, x), inner, vector[0]))
    return [p.code.splat(p.builder.extract_element(total, ir.Constant(INT, i))) for i in range(STAGES)]


def _powers(p: Place, theta: Any, n: int) -> list[Any]:
    powers = [theta]
    for _ in range(1, n):
        powers.append(p.builder.fmul(powers[-1], theta))
    return [p.code.splat(x) for x in powers]


def _offsets(p: Place, table: Any, i: Any) -> list[Any]:
    b = p.builder
    row = p.code.at(table, b.mul(i, ir.Constant(LONG, 24)))
    return [b.load(p.code.at(row, 8 * j), typ=LONG, align=8) for j in range(3)]


def _value(p: Place, y: Any, at_y: Any, terms: Any, out: Any, at_out: Any) -> None:
    total = None
    for weight, row in terms:
        total = p.code.mul(weight, row) if total is None else p.code.fma(weight, row, total)
    value = p.wide.add(p.wide.load(p.wide.at(y, at_y)), p.widen(total))
    p.wide.store(value, p.wide.at(out, at_out))


def write_observe(k: Kernels) -> None:
    """Write ``observe(work, point, t, out, stride)``: all outputs that are not states, from the states `point`."""
    layout, s = k.layout, k.layout.structure
    with k.function("observe", POINTER, DOUBLE, POINTER, LONG) as p:
        point, t, out, stride = p.args
        p.put_scalar("t", t)
        rows: dict[int, Any] = {}

        def leaf(op: str, state: int) -> Any:
            if state not in rows:
                rows[state] = p.narrow(p.wide_row(state * layout.state.row, point))
            return rows[state]

        t_row = p.wide.splat(t)
        emit = p.emitter(leaf, lambda: t_row)
        for i, n in enumerate(s.outputs):
            if s.graph.nodes[n].op not in ("state", "input"):
                value = p.widen(p.code.value(emit(n)))
                p.wide.store(value, p.wide.at(out, p.builder.mul(stride, ir.Constant(LONG, i))))


def write_store(k: Kernels) -> None:
    """Write ``store(buffer, n, lanes, stride, offset)`` for doubles and ``store32`` for floats.

    `buffer` holds for each of n outputs a row of lanes at each of `TIMES` times; `lanes` the address of each
    lane's values, `stride` the bytes between its outputs, `offset` the bytes to the first time.
    """
    for name, scalar in (("store", DOUBLE), ("store32", FLOAT)):
        with k.function(name, LONG, POINTER, LONG, LONG) as p:
            n, lanes, stride, offset = p.args
            width = k.layout.state.width
            b, c = p.builder, p.wide.on(Lanes(TIMES))
            with p.loop(n, "output") as i:
                source = c.at(p.work, b.mul(i, ir.Constant(LONG, TIMES * k.layout.state.row)))
                target = b.add(offset, b.mul(i, stride))
                for first in range(0, width, TIMES):
                    rows = [c.load(source, t * k.layout.state.row + 8 * first) for t in range(TIMES)]
                    for lane, row in enumerate(_transposed(c, rows)):
                        place = b.load(c.at(lanes, 8 * (first + lane)), typ=POINTER, align=8)
                        _store_times(c, row, c.at(place, target), scalar)


def _store_times(c: Code, row: Any, place: Any, scalar: Any) -> None:
    if scalar == FLOAT:
        row = c.builder.fptrunc(row, ir.VectorType(FLOAT, TIMES))
    c.builder.store(row, place, align=8 if scalar == DOUBLE else 4)


def write_some(k: Kernels) -> None:
    """Write ``some(buffer, n, lanes, stride, offset, first, last, count)`` and ``some32``.

    They do what "store" does for lanes first..last-1 and the first `count` times only.
    """
    row = k.layout.state.row
    for name, scalar, size in (("some", DOUBLE, 8), ("some32", FLOAT, 4)):
        with k.function(name, LONG, POINTER, LONG, LONG, LONG, LONG, LONG) as p:
            n, lanes, stride, offset, first, last, count = p.args
            b, at = p.builder, p.wide.at
            with p.loop(b.sub(last, first), "lane") as place, p.loop(n, "output") as i:
                lane = b.add(first, place)
                values = b.load(at(lanes, _times(p, lane, 8)), typ=POINTER, align=8)
                source = at(at(p.work, _times(p, lane, 8)), _times(p, i, TIMES * row))
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


__all__ = ["Level", "write_dense", "write_derive", "write_observe", "write_some", "write_store"]
