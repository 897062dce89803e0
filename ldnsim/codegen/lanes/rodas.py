"""One step of Rodas5P for a group of lanes, the linear block advanced by its Taylor series inside it.

With M = I/(h gamma) - J, the increments of the transformed method (Hairer and Wanner, Solving ODEs II, IV.7)
follow from ``M u_i = f(t + c_i h, y + sum a_ij u_j) + sum k_ij u_j / h + d_i h f_t``.
The block enters as a known function of time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from ...engine.tableaux import RODAS5P_A, RODAS5P_C, RODAS5P_D, RODAS5P_GAMMA, RODAS5P_K
from .emitter import Emitter
from .error import Worst
from .graph import Level
from .layout import STAGES
from .module import Kernels, Place
from .vector import DOUBLE, INT, LONG, POINTER

INSTANTS = tuple(dict.fromkeys(RODAS5P_C.tolist()))  # 0, c2, ..., 1: when the block is needed
CONTINUE, RESTART, RETRY = 0, 1, 2  # how a step begins


def write_step(k: Kernels) -> None:
    """Write ``step(work, y, y_new, t, h, begin) -> larger``: how much larger the step could be.

    That is the worst lane's error to the power -1/5, in units of the tolerance; 0 if it is not finite.

    ``pair`` does the same for two groups at once, stage by stage in turn: while the last operations of one
    group wait for each other, the processor is busy with the other.
    """
    _write_inputs(k)
    _write_first(k)
    _write_stage(k)
    _write_combines(k)
    _write_begin(k)
    _write_finish(k)
    _write_check(k)
    _write_peak(k)
    one = (POINTER, POINTER, DOUBLE, DOUBLE, INT)
    with k.function("step", *one, result=DOUBLE) as p:
        p.builder.ret(_interleave(k, p, [(p.work, *p.args)])[0])
    with k.function("pair", *one, POINTER, *one, POINTER) as p:
        errors = _interleave(k, p, [(p.work, *p.args[:5]), p.args[5:11]])
        for i, error in enumerate(errors):
            p.builder.store(error, p.code.at(p.args[11], 8 * i), align=8)


def _interleave(k: Kernels, p: Place, groups: list[Any]) -> list[Any]:
    """Call the parts of a step for each group in turn; return the errors."""
    layout = k.layout
    for work, y, y_new, t, h, begin in groups:
        k.call(p.builder, "begin", work, y, y_new, t, h, begin)
    if layout.structure.free:
        for work, y, *_ in groups:
            k.call(p.builder, "first", work, y)
        for stage in range(1, STAGES):
            for work, y, *_ in groups:
                k.call(p.builder, f"combine{stage}", work, y)
    return [k.call(p.builder, "finish", work, y, y_new) for work, y, y_new, *_ in groups]


def _write_begin(k: Kernels) -> None:
    """Write ``begin(work, y, y_new, t, h, begin)``: the block, and all that depends on time alone."""
    with k.function("begin", POINTER, POINTER, DOUBLE, DOUBLE, INT, public=False) as p:
        y, y_new, t, h, begin = p.args
        p.put_scalar("t", t)
        p.put_scalar("h", h)
        p.put_scalar("inverse", p.builder.fdiv(ir.Constant(DOUBLE, 1.0), h))
        advance_block(p, y, y_new)
        _instants(k, p, y, begin)


# -- the linear block ------------------------------------------------------------------------------------------
def advance_block(p: Place, y: Any, y_new: Any) -> None:
    """Write the series v_j = (h/j) A v_(j-1) of the block, its new state, and its error."""
    c, layout, s = p.code, p.layout, p.layout.structure
    if not s.block:
        return
    h = p.scalar("h")
    constants = _constants(p)
    last = [p.narrow(p.wide_row(i * layout.state.row, y)) for i in s.block]
    total = None
    for i, row in enumerate(last):
        c.store(row, p.work, layout.v(0, i))
    for j in range(1, layout.terms + 1):
        factor = h if j == 1 else c.mul(h, 1.0 / j)
        rows = []
        for i in range(len(s.block)):
            acc = None
            for (a, b), n in s.matrix.items():
                if a == i:
                    acc = _multiply_add(constants, n, last[b], acc)
            if j == 1:
                acc = _plus_source(p, constants, i, acc)
            rows.append(c.value(0.0) if acc is None else c.mul(acc, factor))
            c.store(rows[-1], p.work, layout.v(j, i))
        last = rows
        total = rows if total is None else [c.add(a, b) for a, b in zip(total, rows, strict=True)]
    p.barrier()
    worst = Worst(p)
    for i, state in enumerate(s.block):
        offset = state * layout.state.row
        old = p.wide_row(offset, y)
        new = p.wide.add(old, p.widen(total[i]))
        p.wide.store(new, y_new, offset)
        worst.add(last[i], p.narrow(old), p.narrow(new), state)
    worst.keep()


def _constants(p: Place) -> Emitter:
    def no_leaf(op: str, i: int) -> Any:
        raise AssertionError(f"{op} {i} in a constant")

    return p.emitter(no_leaf, lambda: None)


def _multiply_add(e: Emitter, n: int, x: Any, acc: Any) -> Any:
    """Return acc + n x, the sign of n folded into the instruction."""
    c = e.code
    minus, k = e._sign(n)
    factor = e(k)
    if acc is None:
        product = c.mul(factor, x)
        return c.neg(product) if minus else product
    return c.fma(c.neg(factor) if minus else factor, x, acc)


def _plus_source(p: Place, e: Emitter, i: int, acc: Any) -> Any:
    c, s = p.code, p.layout.structure
    parts = [p.code.value(e(s.source[i]))] if i in s.source else []
    if p.layout.inputs:
        parts.append(p.narrow(p.wide_row(p.layout.state_row("rates", s.block[i]))))
    for part in parts:
        acc = part if acc is None else c.add(acc, part)
    return acc


def _instants(k: Kernels, p: Place, y: Any, begin: Any) -> None:
    """Fill the slots: what is known of time alone at the instants of the step."""
    layout, b = p.layout, p.builder
    if not layout.frontier:
        return
    last = len(INSTANTS) - 1
    with b.if_then(b.icmp_signed("==", begin, ir.Constant(INT, RESTART))):
        k.call(b, "inputs", p.work, p.code.at(p.work, layout.slot(0)), ir.Constant(DOUBLE, 0.0))
    with b.if_then(b.icmp_signed("==", begin, ir.Constant(INT, CONTINUE))):
        for i in range(len(layout.frontier)):
            row = p.code.load(p.work, layout.slot(last) + i * layout.stage.row)
            p.code.store(row, p.work, layout.slot(0) + i * layout.stage.row)
    for i in range(1, last + 1):
        place = p.code.at(p.work, layout.slot(i))
        k.call(b, "inputs", p.work, place, ir.Constant(DOUBLE, INSTANTS[i]))


def _write_inputs(k: Kernels) -> None:
    """Write ``inputs(work, slot, theta)``: all that depends on time alone, at t + theta h."""
    layout, s = k.layout, k.layout.structure
    if not layout.frontier:
        return
    with k.function("inputs", POINTER, DOUBLE, public=False) as p:
        slot, theta = p.args
        c, x = p.code, p.code.splat(theta)

        def leaf(op: str, state: int) -> Any:
            i = s.block.index(state)
            acc = p.row(layout.v(layout.terms, i))
            for j in range(layout.terms - 1, -1, -1):
                acc = c.fma(acc, x, p.row(layout.v(j, i)))
            return acc

        emit = p.emitter(leaf, lambda: _time(p, theta))
        for i, n in enumerate(layout.frontier):
            c.store(emit(n), slot, i * layout.stage.row)


def _time(p: Place, theta: Any = None) -> Any:
    """Return t + theta h as a vector in state precision."""
    b, at = p.builder, p.layout.at["scalars"]
    t = p.wide.load_scalar(p.work, at)
    if theta is not None:
        t = b.fadd(t, b.fmul(theta, p.wide.load_scalar(p.work, at + 8)))
    return p.wide.splat(t)


# -- the stages --------------------------------------------------------------------------------------------------
def _write_first(k: Kernels) -> None:
    """Write ``first(work, y)``: Jacobian, factors, drift and the first increment."""
    layout, s = k.layout, k.layout.structure
    with k.function("first", POINTER, public=False) as p:
        (y,) = p.args
        c = p.code
        emit = p.emitter(_leaves(p, y), lambda: _time(p), _known(p, p.work, layout.slot(0)))
        for i, n in enumerate(s.rates):
            rate = _with_input(p, i, c.value(emit(n)))
            if i in s.drift:
                drift = c.mul(emit(s.drift[i]), p.scalar("h"))
                c.store(drift, p.work, layout.stage_row("drift", i))
                rate = c.fma(drift, RODAS5P_D[0], rate)
            c.store(rate, p.work, layout.stage_row("known", i))
        rows = _factor_rows(p)
        for key, n in s.jacobian.items():
            if s.graph.varies(n):
                c.store(emit(n), p.work, rows[key])
        p.barrier()
        factors = _factorise(p, p.emitter(None, None))
        p.barrier()
        rhs = [c.load(p.work, layout.stage_row("known", i)) for i in range(len(s.free))]
        for i, u in enumerate(_solve(p, factors, rhs)):
            c.store(u, p.work, layout.u(i, 0))


def _with_input(p: Place, i: int, rate: Any) -> Any:
    if not p.layout.inputs:
        return rate
    return p.code.add(rate, p.narrow(p.wide_row(p.layout.state_row("rates", p.layout.structure.free[i]))))


def _leaves(p: Place, y: Any) -> Any:
    """Return states from the rows of y, and slopes of the block from its series."""
    layout, s = p.layout, p.layout.structure
    values: dict[tuple[str, int], Any] = {}

    def leaf(op: str, state: int) -> Any:
        if (op, state) not in values:
            if op == "slope":
                values[op, state] = p.code.mul(p.row(layout.v(1, s.block.index(state))), p.scalar("inverse"))
            else:
                values[op, state] = p.narrow(p.wide_row(state * layout.state.row, y))
        return values[op, state]

    return leaf


def _known(p: Place, base: Any, offset: int = 0) -> dict[int, Any]:
    row = p.layout.stage.row
    return {n: (lambda i=i: p.row(offset + i * row, base)) for i, n in enumerate(p.layout.frontier)}


def _factorise(p: Place, emit: Emitter) -> dict[Any, Any]:
    """Turn the Jacobian into factors of I/(h gamma) - J, in place, the inverse pivots as (i, i)."""
    c, s = p.code, p.layout.structure
    rows, m = _factor_rows(p), {}
    shift = c.mul(p.scalar("inverse"), 1.0 / RODAS5P_GAMMA)

    def entry(i: int, j: int) -> Any:
        if (i, j) not in m:
            n = s.jacobian.get((i, j))
            x = None
            if n is not None:
                x = c.load(p.work, rows[i, j]) if s.graph.varies(n) else emit(n)
            if i == j:
                x = shift if x is None else c.sub(shift, x)
            elif x is not None:
                x = c.neg(x)
            m[i, j] = x
        return m[i, j]

    pending: dict[int, list[tuple[int, int]]] = {}
    for i, j, q in s.elimination.updates:
        pending.setdefault(q, []).append((i, j))
    for q in s.elimination.order:
        m[q, q] = c.div(1.0, entry(q, q))
        c.store(m[q, q], p.work, rows[q, q])
        for j in s.elimination.upper[q]:
            c.store(entry(q, j), p.work, rows[q, j])
        for i in s.elimination.lower[q]:
            m[i, q] = c.mul(entry(i, q), m[q, q])
            c.store(m[i, q], p.work, rows[i, q])
        for i, j in pending.get(q, ()):
            product = c.neg(m[i, q])
            old = entry(i, j)
            m[i, j] = c.mul(product, m[q, j]) if old is None else c.fma(product, m[q, j], old)
    return m


def _factor_rows(p: Place) -> dict[tuple[int, int], int]:
    layout, s = p.layout, p.layout.structure
    keys = [*s.elimination.entries, *((i, i) for i in range(len(s.free)))]
    return {key: layout.stage_row("factors", i) for i, key in enumerate(keys)}


def _solve(p: Place, m: Any, rhs: list[Any]) -> list[Any]:
    """Return the solution for one right-hand side; `m` maps positions to factors."""
    c, e = p.code, p.layout.structure.elimination
    x = list(rhs)
    for q in e.order:
        for i in e.lower[q]:
            x[i] = c.fma(c.neg(m[i, q]), x[q], x[i])
    for q in reversed(e.order):
        for j in e.upper[q]:
            x[q] = c.fma(c.neg(m[q, j]), x[j], x[q])
        x[q] = c.mul(x[q], m[q, q])
    return x


class _Factors:
    """Factors read from the block where they are used."""

    def __init__(self, p: Place) -> None:
        self._place, self._rows = p, _factor_rows(p)

    def __getitem__(self, key: tuple[int, int]) -> Any:
        return self._place.row(self._rows[key])


def _write_stage(k: Kernels) -> None:
    """Write ``stage(work, slot, u)``: a later increment from the rows "argument" and "known"."""
    layout, s = k.layout, k.layout.structure
    with k.function("stage", POINTER, POINTER, public=False) as p:
        slot, u = p.args
        place = {state: i for i, state in enumerate(s.free)}

        def leaf(op: str, state: int) -> Any:
            return p.row(layout.stage_row("argument", place[state]))

        emit = p.emitter(leaf, lambda: None, _known(p, slot))
        rhs = []
        for i, n in enumerate(s.rates):
            known = p.row(layout.stage_row("known", i))
            rhs.append(_with_input(p, i, p.code.add(emit(n), known)))
        for i, x in enumerate(_solve(p, _Factors(p), rhs)):
            p.code.store(x, u, i * STAGES * layout.stage.row)


def _write_combines(k: Kernels) -> None:
    """Write ``stage<i>(work, y)``."""
    layout, s = k.layout, k.layout.structure
    place = {state: i for i, state in enumerate(s.free)}
    for stage in range(1, STAGES):
        with k.function(f"combine{stage}", POINTER, public=False) as p:
            (y,) = p.args
            c = p.code
            arguments = []
            for i, state in enumerate(s.free):
                argument = layout.stage_row("argument", i)
                if stage > 5:
                    x = c.add(c.load(p.work, argument), c.load(p.work, layout.u(i, stage - 1)))
                else:
                    row = [c.load(p.work, layout.u(i, j)) for j in range(stage)]
                    x = p.narrow(p.wide_row(state * layout.state.row, y))
                    x = _combine(c, RODAS5P_A[stage, :stage], row, x)
                if stage >= 5:
                    c.store(x, p.work, argument)
                arguments.append(x)
            p.barrier()
            emit = p.emitter(
                lambda op, st: arguments[place[st]],
                lambda: None,
                _known(p, p.work, layout.slot(INSTANTS.index(RODAS5P_C[stage]))),
            )
            rhs = [c.value(emit(n)) for n in s.rates]
            p.barrier()
            inverse = p.scalar("inverse")
            for i in s.elimination.order:
                row = [c.load(p.work, layout.u(i, j)) for j in range(stage)]
                known = _combine(c, RODAS5P_K[stage, :stage], row, None)
                rhs[i] = c.fma(known, inverse, rhs[i])
                if i in s.drift and RODAS5P_D[stage] != 0.0:
                    rhs[i] = c.fma(c.load(p.work, layout.stage_row("drift", i)), RODAS5P_D[stage], rhs[i])
                rhs[i] = _with_input(p, i, rhs[i])
            for i, x in enumerate(_solve(p, _Factors(p), rhs)):
                c.store(x, p.work, layout.u(i, stage))


def _combine(c: Any, weights: np.ndarray, rows: list[Any], start: Any) -> Any:
    for w, x in zip(weights, rows, strict=True):
        start = c.mul(x, float(w)) if start is None else c.fma(x, float(w), start)
    return start


# -- the end -----------------------------------------------------------------------------------------------------
def _write_finish(k: Kernels) -> None:
    """Write ``finish(work, y, y_new) -> error``: the new state, and the worst lane's error."""
    layout, s = k.layout, k.layout.structure
    with k.function("finish", POINTER, POINTER, result=DOUBLE, public=False) as p:
        y, y_new = p.args
        c = p.code
        worst = Worst(p, resume=bool(s.block))
        for i, state in enumerate(s.free):
            old = p.wide_row(state * layout.state.row, y)
            last = c.load(p.work, layout.u(i, STAGES - 1))
            if layout.stage == layout.state:
                new = c.add(c.load(p.work, layout.stage_row("argument", i)), last)
            else:  # the increment is summed apart from the state, which has more digits
                row = [c.load(p.work, layout.u(i, j)) for j in range(STAGES)]
                weights = np.append(RODAS5P_A[-1, : STAGES - 1], 1.0)
                new = p.wide.add(old, p.widen(_combine(c, weights, row, None)))
            p.wide.store(new, y_new, state * layout.state.row)
            worst.add(last, p.narrow(old), p.narrow(new), state)
        p.builder.ret(worst.conclude())


def _write_check(k: Kernels) -> None:
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


def _write_peak(k: Kernels) -> None:
    """Write ``peak(work, y)``: keep the largest size of each state."""
    layout = k.layout
    with k.function("peak", POINTER) as p:
        (y,) = p.args
        c, row = p.wide, layout.state.row
        with p.loop(len(layout.structure.states)) as i:
            offset = p.builder.mul(i, ir.Constant(LONG, row))
            top = c.at(p.work, layout.at["peak"])
            size, known = c.abs(c.load(c.at(y, offset))), c.load(c.at(top, offset))
            c.store(c.select(c.less(known, size), size, known), c.at(top, offset))


__all__ = ["CONTINUE", "LONG", "RESTART", "RETRY", "Level", "write_step"]
