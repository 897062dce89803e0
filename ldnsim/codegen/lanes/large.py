"""Stages of large models: code that grows with the equations once, not once a stage.

Rates and Jacobian are written in batches, each a function of its own, for compilers take more than their share
of time over long functions; factorisation and solution walk over tables of places instead of being written out.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from ...engine.tableaux import RODAS5P_A, RODAS5P_D, RODAS5P_GAMMA, RODAS5P_K
from .batches import store_rate, write_batches
from .block import slot_of
from .emitter import Emitter
from .layout import STAGES, SUMMED
from .module import LaneModule, Place
from .vector import LONG, POINTER


def write_large_stages(k: LaneModule) -> None:
    """Write ``first(work, y)`` and ``stage<i>(work, y)``."""
    s = k.layout.structure
    rates = [(n, store_rate(i)) for i, n in enumerate(s.rates)]
    entries = {**{(i, i): None for i in range(len(s.free))}, **s.jacobian}
    matrix = [(n, _store_entry(key)) for key, n in entries.items()]
    drift = [(n, _store_drift(i)) for i, n in s.drift.items()]
    names = (
        write_batches(k, "rates", POINTER, rates, _emitter),
        write_batches(k, "matrix", POINTER, matrix + drift, _emitter),
    )
    _write_factorise(k)
    _write_solve(k)
    _write_first(k, *names)
    for stage in range(1, STAGES):
        _write_stage(k, stage, names[0])


# -- expressions -------------------------------------------------------------------------------------------------
def _emitter(p: Place) -> Emitter:
    """States come from the rows "argument"; the functions' argument is the slot of an instant."""
    return p.emitter(_leaves(p), p.time, _known(p))


def _leaves(p: Place) -> Any:
    layout, s = p.layout, p.layout.structure
    free = {state: i for i, state in enumerate(s.free)}

    def leaf(op: str, state: int) -> Any:
        if op == "state":
            return p.row(layout.stage_row("argument", free[state]))
        i = s.block.index(state)
        if op == "slope":
            return p.row(layout.stage_row("slope", i))
        return p.row(layout.v(0, i))  # only the matrix needs it, at the start of the step

    return leaf


def _known(p: Place) -> dict[int, Any]:
    row = p.layout.stage.row
    return {n: (lambda i=i: p.row(i * row, p.args[0])) for i, n in enumerate(p.layout.frontier)}


def _store_entry(key: tuple[int, int]) -> Any:
    """Store an entry of I/(h gamma) - J."""

    def store(p: Place, x: Any) -> None:
        c = p.code
        if key[0] == key[1]:
            shift = c.mul(p.scalar("inverse"), 1.0 / RODAS5P_GAMMA)
            entry = shift if x is None else c.sub(shift, x)
        else:
            entry = c.neg(x)
        c.store(entry, p.work, p.layout.factor(key))

    return store


def _store_drift(i: int) -> Any:
    def store(p: Place, x: Any) -> None:
        p.code.store(p.code.mul(x, p.scalar("h")), p.work, p.layout.stage_row("drift", i))

    return store


# -- tables of places ----------------------------------------------------------------------------------------------
def _write_factorise(k: LaneModule) -> None:
    """Write ``factorise(work)``: turn the matrix into its factors, in place, pivots into their inverses."""
    layout, e = k.layout, k.layout.structure.elimination
    at = layout.factor
    fill = [at(key) for key in e.entries if key not in layout.structure.jacobian]
    lower = [at((i, q)) for q in e.order for i in e.lower[q]]
    updates = [(at((i, j)), at((i, q)), at((q, j))) for i, j, q in e.updates]
    pivots, below, changed = [], 0, 0
    for q in e.order:
        n_lower, n_changed = len(e.lower[q]), sum(1 for u in e.updates if u[2] == q)
        pivots.append((at((q, q)), below, n_lower, changed, n_changed))
        below, changed = below + n_lower, changed + n_changed
    with k.function("factorise", public=False) as p:
        c, b = p.code, p.builder
        tables = [k.table(n, t) for n, t in zip("fluq", (fill, lower, updates, pivots), strict=True)]
        with p.loop(len(fill), "fill") as i:
            c.store(0.0, p.work, p.entry(tables[0], i))
        with p.loop(len(pivots), "pivot") as q:
            place, below, n_lower, changed, n_changed = p.entries(tables[3], q, 5)
            inverse = c.div(1.0, c.load(p.work, place))
            c.store(inverse, p.work, place)
            with p.loop(n_lower, "lower") as i:
                row = p.entry(tables[1], b.add(below, i))
                c.store(c.mul(c.load(p.work, row), inverse), p.work, row)
            with p.loop(n_changed, "update") as i:
                target, left, right = p.entries(tables[2], b.add(changed, i), 3)
                product = c.neg(c.load(p.work, left))
                c.store(c.fma(product, c.load(p.work, right), c.load(p.work, target)), p.work, target)


def _write_solve(k: LaneModule) -> None:
    """Write ``solve(work, u)``: the solution for the rows "rhs", into every `STAGES`-th row from u on."""
    layout, e = k.layout, k.layout.structure.elimination
    at, x = layout.factor, [layout.stage_row("rhs", i) for i in range(len(layout.structure.free))]
    forward = [(x[i], at((i, q)), x[q]) for q in e.order for i in e.lower[q]]
    upper = [(at((q, j)), x[j]) for q in reversed(e.order) for j in e.upper[q]]
    pivots, right = [], 0
    for q in reversed(e.order):
        n = len(e.upper[q])
        pivots.append((x[q], at((q, q)), q * STAGES * layout.stage.row, right, n))
        right += n
    with k.function("solve", POINTER, public=False) as p:
        (u,) = p.args
        c, b = p.code, p.builder
        tables = [k.table(n, t) for n, t in zip(("sf", "su", "sq"), (forward, upper, pivots), strict=True)]
        with p.loop(len(forward), "forward") as i:
            target, factor, known = p.entries(tables[0], i, 3)
            product = c.neg(c.load(p.work, factor))
            c.store(c.fma(product, c.load(p.work, known), c.load(p.work, target)), p.work, target)
        with p.loop(len(pivots), "pivot") as q:
            place, inverse, out, right, n = p.entries(tables[2], q, 5)
            with p.loop(n, "upper") as j:
                factor, known = p.entries(tables[1], b.add(right, j), 2)
                product = c.neg(c.load(p.work, factor))
                c.store(c.fma(product, c.load(p.work, known), c.load(p.work, place)), p.work, place)
            value = c.mul(c.load(p.work, place), c.load(p.work, inverse))
            c.store(value, p.work, place)
            c.store(value, c.at(u, out))


# -- stages ----------------------------------------------------------------------------------------------------------
def _write_first(k: LaneModule, rates: list[str], matrix: list[str]) -> None:
    layout, s = k.layout, k.layout.structure
    with k.function("first", POINTER, public=False) as p:
        (y,) = p.args
        for i, state in enumerate(s.free):
            row = p.narrow(p.wide_row(state * layout.state.row, y))
            for region in ("start", "argument"):
                p.code.store(row, p.work, layout.stage_row(region, i))
        for name in (*rates, *matrix):
            k.call(p.builder, name, p.work, p.code.at(p.work, layout.slot(0)))
        _add_drift(p, 0)
        k.call(p.builder, "factorise", p.work)
        k.call(p.builder, "solve", p.work, p.code.at(p.work, layout.u(0, 0)))


def _write_stage(k: LaneModule, stage: int, rates: list[str]) -> None:
    layout, n = k.layout, len(k.layout.structure.free)
    with k.function(f"stage{stage}", POINTER, public=False) as p:
        c = p.code
        with p.loop(n, "argument") as i:
            here, u = _increments(p, i, stage)
            start = c.load(here, layout.stage_row("start", 0))
            if stage < SUMMED:
                x = c.combined(RODAS5P_A[stage, :stage], u, start)
            else:
                change = layout.stage_row("change", 0)
                total = (
                    c.combined(RODAS5P_A[stage, :stage], u)
                    if stage == SUMMED
                    else c.add(c.load(here, change), u[-1])
                )
                c.store(total, here, change)
                x = c.add(start, total)
            c.store(x, here, layout.stage_row("argument", 0))
        for name in rates:
            k.call(p.builder, name, p.work, c.at(p.work, layout.slot(slot_of(stage))))
        inverse = p.scalar("inverse")
        with p.loop(n, "known") as i:
            here, u = _increments(p, i, stage)
            rhs = c.load(here, layout.stage_row("rhs", 0))
            rhs = c.fma(c.combined(RODAS5P_K[stage, :stage], u), inverse, rhs)
            c.store(rhs, here, layout.stage_row("rhs", 0))
        _add_drift(p, stage)
        k.call(p.builder, "solve", p.work, c.at(p.work, layout.u(0, stage)))


def _increments(p: Place, i: Any, stage: int) -> tuple[Any, list[Any]]:
    """Return where the rows of state i lie, as a shift of the block, and its earlier increments."""
    layout, c, b = p.layout, p.code, p.builder
    here = c.at(p.work, b.mul(i, ir.Constant(LONG, layout.stage.row)))
    increments = c.at(p.work, b.mul(i, ir.Constant(LONG, layout.stage.row * STAGES)))
    return here, [c.load(increments, layout.u(0, j)) for j in range(stage)]


def _add_drift(p: Place, stage: int) -> None:
    layout, c = p.layout, p.code
    for i in layout.structure.drift if RODAS5P_D[stage] != 0.0 else ():
        row = layout.stage_row("rhs", i)
        drift = c.load(p.work, layout.stage_row("drift", i))
        c.store(c.fma(drift, RODAS5P_D[stage], c.load(p.work, row)), p.work, row)
