"""One step of Rodas5P for a group of lanes, the linear block advanced by its Taylor series inside it.

With M = I/(h gamma) - J, the increments of the transformed method (Hairer and Wanner, Solving ODEs II, IV.7)
follow from ``M u_i = f(t + c_i h, y + sum a_ij u_j) + sum k_ij u_j / h + d_i h f_t``.
The block enters as a known function of time.

Each stage is a function of its own, in which barriers keep the compiler from mixing the states: the sums of one
state are used up before those of the next are read, so that all fit into the registers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.tableaux import RODAS5P_A, RODAS5P_D, RODAS5P_H, RODAS5P_K
from .bends import Bent, Interpolant, hold_to_more
from .block import slope, slot_of, write_advance, write_begin
from .coupling import coupling
from .error import Worst
from .factors import Factors, factorise
from .health import write_check, write_peak
from .large import write_large_stages
from .layout import STAGES, SUMMED
from .module import LaneModule, Place
from .vector import DOUBLE, INT, POINTER

# From the third last stage to the second last the weights k_ij of so many increments change in the same ratios as
# from there to the last, where they change by FOLLOWS times as much: so their sum there follows from two known ones.
FOLLOWED = STAGES - 3
FOLLOWS = float(np.divide(*np.diff(RODAS5P_K[FOLLOWED:, 0])[::-1]))
# Of the interpolant, in increments: the middle of the step, to which half of the change comes, and its two highest powers.
RODAS5P_MIDDLE = np.array([0.25, 0.125, 0.0625]) @ RODAS5P_H
RODAS5P_TOP = (RODAS5P_H[2] - RODAS5P_H[1], -RODAS5P_H[2])


def write_step(k: LaneModule) -> None:
    """Write ``step(work, y, y_new, t, h, begin) -> larger``: how much larger the step could be.

    That is the worst lane's error to the power -1/5, in units of the tolerance; 0 if it is not finite.
    """
    write_check(k)
    write_peak(k)
    write_begin(k)
    write_advance(k)
    stages = range(1, STAGES) if k.layout.structure.free else ()
    if stages and k.layout.large:
        write_large_stages(k)
    elif stages:
        _write_rates(k)
        _write_factorise(k)
        _write_first(k)
        for stage in stages:
            _write_stage(k, stage)
    _write_finish(k)
    # The factors are a long chain of operations that wait for each other, so what does not wait comes next: the
    # block. And what needs no step size comes first, as that is known late.
    early = ("rates", "factorise") if stages and not k.layout.large else ()
    with k.function("step", POINTER, POINTER, DOUBLE, DOUBLE, INT, result=DOUBLE) as p:
        y, y_new, t, h, begin = p.args
        k.call(p.builder, "begin", p.work, y, t, h, begin)
        for name in early:
            k.call(p.builder, name, p.work, y)
        k.call(p.builder, "advance", p.work, y, y_new)
        if stages:
            k.call(p.builder, "first", p.work, y)
        for stage in stages:
            k.call(p.builder, f"stage{stage}", p.work, y)
        p.builder.ret(k.call(p.builder, "finish", p.work, y, y_new))


def _write_rates(k: LaneModule) -> None:
    """Write ``rates(work, y)``: rates, drift and what varies of the Jacobian at the start of the step."""
    layout, s = k.layout, k.layout.structure
    with k.function("rates", POINTER, public=False) as p:
        (y,) = p.args
        c = p.code
        if layout.stage != layout.state:
            for i in range(len(s.free)):
                c.store(_narrow_state(p, y, i), p.work, layout.stage_row("start", i))
        emit = p.emitter(_leaves(p, y), p.time, _known(p, 0))
        for i, n in enumerate(s.rates):
            rate = p.with_input(i, c.value(emit(n)))
            if i in s.drift:
                drift = c.mul(emit(s.drift[i]), p.scalar("h"))
                c.store(drift, p.work, layout.stage_row("drift", i))
                rate = c.fma(drift, RODAS5P_D[0], rate)
            c.store(rate, p.work, layout.stage_row("rhs", i))
        for key, n in s.jacobian.items():
            if s.graph.varies(n):
                c.store(emit(n), p.work, layout.factor(key))


def _write_factorise(k: LaneModule) -> None:
    """Write ``factorise(work, y)``: the factors, in place of the Jacobian."""
    with k.function("factorise", POINTER, public=False) as p:
        factorise(p, p.emitter(None, None))


def _write_first(k: LaneModule) -> None:
    """Write ``first(work, y)``: the first increment."""
    layout, n = k.layout, len(k.layout.structure.free)
    with k.function("first", POINTER, public=False) as p:
        rhs = [p.row(layout.stage_row("rhs", i)) for i in range(n)]
        for i, u in enumerate(Factors(p).solve(rhs)):
            p.code.store(u, p.work, layout.u(i, 0))


def _write_stage(k: LaneModule, stage: int) -> None:
    """Write ``stage<i>(work, y)``: a later increment, from the earlier ones.

    Earlier increments are read once for both sums they enter, state by state as the rates need them: reading is
    what bounds a stage, and all sums at once would not fit into the registers.
    """
    layout, s = k.layout, k.layout.structure
    with k.function(f"stage{stage}", POINTER, public=False) as p:
        (y,) = p.args
        c = p.code
        weights = [coupling(p, stage, j) for j in range(stage)]
        arguments: dict[int, Any] = {}
        coupled: dict[int, Any] = {}

        def argument(op: str, state: int) -> Any:
            if state not in arguments:
                i = s.free.index(state)
                first = FOLLOWED if stage == STAGES - 1 else 0
                increments = [c.load(p.work, layout.u(i, j)) for j in range(first, stage)]
                arguments[state] = _argument(p, y, i, stage, increments)
                coupled[i] = _coupled(p, i, stage, weights[first:], increments)
            return arguments[state]

        emit = p.emitter(argument, p.time, _known(p, slot_of(stage)))
        rhs: list[Any] = []
        for i, state in enumerate(s.free):
            argument("state", state)
            x = c.add(coupled[i], p.with_input(i, c.value(emit(s.rates[i]))))
            if i in s.drift and RODAS5P_D[stage] != 0.0:
                x = c.fma(c.load(p.work, layout.stage_row("drift", i)), RODAS5P_D[stage], x)
            rhs.append(x)
            p.barrier()
        for i, x in enumerate(Factors(p).solve(rhs)):
            c.store(x, p.work, layout.u(i, stage))


def _argument(p: Place, y: Any, i: int, stage: int, increments: list[Any]) -> Any:
    """Return y + sum a_ij u_j; the sums of late stages are kept, as each is the one before plus an increment."""
    c, start = p.code, _start(p, y, i)
    if stage < SUMMED:
        return c.combined(RODAS5P_A[stage, :stage], increments, start)
    late = _late(p, y, i, stage, increments)
    return late if _exact(p) else c.add(start, late)


def _coupled(p: Place, i: int, stage: int, weights: list[Any], increments: list[Any]) -> Any:
    """Return sum k_ij u_j / h; the last stage takes its early part from the two stages before, see `FOLLOWED`."""
    c, layout = p.code, p.layout
    rows = [layout.stage_row("coupled", i), layout.stage_row("recoupled", i)]
    if stage == STAGES - 1:
        early = c.combined([-FOLLOWS, 1.0 + FOLLOWS], [c.load(p.work, row) for row in rows])
        return c.combined(weights, increments, early)
    early = c.combined(weights[:FOLLOWED], increments[:FOLLOWED])
    if stage >= FOLLOWED:
        c.store(early, p.work, rows[stage - FOLLOWED])
    return c.combined(weights[FOLLOWED:], increments[FOLLOWED:], early)


def _exact(p: Place) -> bool:
    """Say whether what late stages keep may hold y itself; `large` keeps sums alone whatever their digits."""
    return p.layout.stage == p.layout.state and not p.layout.large


def _start(p: Place, y: Any, i: int) -> Any:
    """Return a free state at the start of the step; converted once where stages have fewer digits."""
    if _exact(p):
        return p.wide_row(p.layout.structure.free[i] * p.layout.state.row, y)
    return p.code.load(p.work, p.layout.stage_row("start", i))


def _late(p: Place, y: Any, i: int, stage: int, increments: list[Any]) -> Any:
    """Return and keep y + sum a_ij u_j of a late stage; stage 8 stands for the end of the step.

    Where stages have fewer digits than states it is the sum alone, as y would drown it.
    """
    c, layout = p.code, p.layout
    row = layout.stage_row("change", i)
    if stage == SUMMED:
        late = c.combined(RODAS5P_A[stage, :stage], increments, _start(p, y, i) if _exact(p) else None)
    else:
        late = c.add(c.load(p.work, row), increments[-1])
    if stage < STAGES:
        c.store(late, p.work, row)
    return late


def _write_finish(k: LaneModule) -> None:
    """Write ``finish(work, y, y_new) -> larger``: the new state, and what the error says."""
    layout, s = k.layout, k.layout.structure
    with k.function("finish", POINTER, POINTER, result=DOUBLE, public=False) as p:
        y, y_new = p.args
        worst, bent = Worst(p, resume=bool(s.block)), []
        for i, state in enumerate(s.free):
            last = p.code.load(p.work, layout.u(i, STAGES - 1))
            late, start = _late(p, y, i, STAGES, [last]), _start(p, y, i)
            new = late
            if not _exact(p):
                new = p.wide.add(p.wide_row(state * layout.state.row, y), p.widen(late))
            p.wide.store(new, y_new, state * layout.state.row)
            after = new if _exact(p) else p.code.add(start, late)
            if s.bent[i]:
                bent.append(Bent(i, state, last, start, after))
            else:
                worst.add(last, start, after, state)
        if bent:
            hold_to_more(p, worst, bent, y, y_new, Interpolant(RODAS5P_MIDDLE, RODAS5P_TOP, 0.5))
        p.builder.ret(worst.conclude())


# -- where expressions find what they need -----------------------------------------------------------------------
def _narrow_state(p: Place, y: Any, i: int) -> Any:
    return p.narrow(p.wide_row(p.layout.structure.free[i] * p.layout.state.row, y))


def _leaves(p: Place, y: Any) -> Any:
    """Return states and slopes of the block at the start of the step."""
    layout, s = p.layout, p.layout.structure
    values: dict[tuple[str, int], Any] = {}

    def leaf(op: str, state: int) -> Any:
        if (op, state) not in values:
            if op == "slope":
                values[op, state] = slope(p, y, s.block.index(state))
            elif state in s.free:
                values[op, state] = _start(p, y, s.free.index(state))
            else:
                values[op, state] = p.narrow(p.wide_row(state * layout.state.row, y))
        return values[op, state]

    return leaf


def _known(p: Place, slot: int) -> dict[int, Any]:
    """Return where the frontier lies for an instant."""
    start, row = p.layout.slot(slot), p.layout.stage.row
    return {n: (lambda i=i: p.row(start + i * row)) for i, n in enumerate(p.layout.frontier)}
