"""One explicit step of Tsit5 for a group of lanes: for models without a Jacobian, and mild ones.

The derivative at the end of a step is the first stage of the next one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from ...engine.tableaux import TSIT5_A, TSIT5_C, TSIT5_E, TSIT5_P
from .batches import store_rate, write_batches
from .bends import Bent, Interpolant, hold_to_more
from .block import CONTINUE, RESTART
from .emitter import Emitter
from .error import Worst
from .health import write_check, write_peak
from .layout import STAGES
from .module import LaneModule, Place
from .vector import DOUBLE, INT, LONG, POINTER

LAST = len(TSIT5_C) - 1
TSIT5_MIDDLE = 0.5 ** np.arange(1, 5) @ TSIT5_P  # the interpolant in the middle of the step


def write_step(k: LaneModule) -> None:
    """Write ``step(work, y, y_new, t, h, begin) -> larger``, as in `ldnsim.codegen.lanes.rodas`."""
    write_check(k)
    write_peak(k)
    rates = [(n, store_rate(i)) for i, n in enumerate(k.layout.structure.rates)]
    names = write_batches(k, "rates", DOUBLE, rates, _emitter)
    for stage in range(1, LAST + 1):
        _write_argument(k, stage)
    _write_begin(k, names)
    _write_finish(k)
    with k.function("step", POINTER, POINTER, DOUBLE, DOUBLE, INT, result=DOUBLE) as p:
        y, y_new, t, h, begin = p.args
        p.put_scalar("t", t)
        p.put_scalar("h", h)
        k.call(p.builder, "begin", p.work, y, begin)
        for stage in range(1, LAST + 1):
            k.call(p.builder, f"argument{stage}", p.work, y)
            _call_rates(k, p, names, stage)
        p.builder.ret(k.call(p.builder, "finish", p.work, y, y_new))


def _emitter(p: Place) -> Emitter:
    """States come from the rows "argument"; the function's argument is the share of the step that has passed."""
    layout = p.layout
    return p.emitter(lambda op, state: p.row(layout.stage_row("argument", state)), lambda: p.time(p.args[0]))


def _call_rates(k: LaneModule, p: Place, names: list[str], stage: int) -> None:
    """Evaluate the rates for the argument and keep them as those of a stage."""
    for name in names:
        k.call(p.builder, name, p.work, ir.Constant(DOUBLE, TSIT5_C[stage]))
    with p.loop(len(k.layout.structure.states), "keep") as i:
        here, u = _places(p, i)
        p.code.store(p.code.load(here, k.layout.stage_row("rhs", 0)), u, k.layout.u(0, stage))


def _places(p: Place, i: Any) -> tuple[Any, Any]:
    """Return where the rows of state i and its stages lie, as shifts of the block."""
    row = p.layout.stage.row
    shifts = (p.builder.mul(i, ir.Constant(LONG, n)) for n in (row, row * STAGES))
    return tuple(p.code.at(p.work, shift) for shift in shifts)


def _wide(p: Place, base: Any, i: Any) -> Any:
    return p.wide.at(base, p.builder.mul(i, ir.Constant(LONG, p.layout.state.row)))


def _write_argument(k: LaneModule, stage: int) -> None:
    """Write ``argument<i>(work, y)``: y + h sum a_ij k_j."""
    layout = k.layout
    with k.function(f"argument{stage}", POINTER, public=False) as p:
        c, h = p.code, p.scalar("h")
        with p.loop(len(layout.structure.states)) as i:
            here, u = _places(p, i)
            change = c.combined(TSIT5_A[stage, :stage], [c.load(u, layout.u(0, j)) for j in range(stage)])
            change = c.mul(change, h)
            if stage == LAST:
                c.store(change, here, layout.stage_row("change", 0))
            start = p.narrow(p.wide.load(_wide(p, p.args[0], i)))
            c.store(c.add(start, change), here, layout.stage_row("argument", 0))


def _write_begin(k: LaneModule, names: list[str]) -> None:
    """Write ``begin(work, y, begin)``: the derivative at the start, known after an accepted step."""
    layout = k.layout
    with k.function("begin", POINTER, INT, public=False) as p:
        y, begin = p.args
        b, c = p.builder, p.code
        with b.if_then(b.icmp_signed("==", begin, ir.Constant(INT, RESTART))):
            with p.loop(len(layout.structure.states), "start") as i:
                here, _ = _places(p, i)
                c.store(p.narrow(p.wide.load(_wide(p, y, i))), here, layout.stage_row("argument", 0))
            _call_rates(k, p, names, 0)
        going_on = b.icmp_signed("==", begin, ir.Constant(INT, CONTINUE))
        with b.if_then(going_on), p.loop(len(layout.structure.states), "last") as i:
            _, u = _places(p, i)
            c.store(c.load(u, layout.u(0, LAST)), u, layout.u(0, 0))


def _write_finish(k: LaneModule) -> None:
    """Write ``finish(work, y, y_new) -> larger``: the new state, and what the error says."""
    layout = k.layout
    with k.function("finish", POINTER, POINTER, result=DOUBLE, public=False) as p:
        y, y_new = p.args
        c, h, worst, bent = p.code, p.scalar("h"), Worst(p), []
        for i in range(len(layout.structure.states)):
            old = p.wide_row(i * layout.state.row, y)
            new = p.wide.add(old, p.widen(c.load(p.work, layout.stage_row("change", i))))
            p.wide.store(new, y_new, i * layout.state.row)
            stages = [c.load(p.work, layout.u(i, j)) for j in range(LAST + 1)]
            error = c.mul(c.combined(TSIT5_E, stages), h)
            if layout.structure.bent[i]:
                bent.append(Bent(i, i, error, p.narrow(old), p.narrow(new)))
            else:
                worst.add(error, p.narrow(old), p.narrow(new), i)
        if bent:
            hold_to_more(p, worst, bent, y, y_new, Interpolant(TSIT5_MIDDLE, TSIT5_P[2:], 0.0, h))
        p.builder.ret(worst.conclude())
