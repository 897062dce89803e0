"""The error of a step: the largest of all states, in units of the tolerance, of the worst lane."""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir

from . import tables
from .module import Place
from .vector import DOUBLE, INT, LONG, Code

_ABSOLUTE_MAX = ir.Constant(INT, 0b1011)  # of the instruction "range": larger absolute value, sign cleared
# The bits of x^(-1/5) are about this less a fifth of those of x; the last number makes Newton's rule err evenly.
_ROOT = (1023 << 52) * 6 // 5 - 27 * 10**13


class Worst:
    """Running maximum over states, a value a lane, and a sum that is finite only if all of them are.

    Instructions for the maximum lose NaN.
    """

    def __init__(self, p: Place, resume: bool = False) -> None:
        self._place, self._largest, self._sum, self._rtol = p, None, None, p.scalar("rtol")
        if resume:
            self._largest, self._sum = (p.code.load(p.work, at) for at in self._rows())

    def _rows(self) -> tuple[int, int]:
        at = self._place.layout.at["worst"]
        return at, at + self._place.layout.stage.row

    def add(self, error: Any, old: Any, new: Any, state: int) -> None:
        """Take the error of one state in, given its value before and after the step."""
        p, c = self._place, self._place.code
        atol = c.splat(c.load_scalar(p.work, p.layout.at["atol"] + 8 * state))
        ratio = c.mul(error, reciprocal(c, c.fma(_larger(c, old, new), self._rtol, atol)))
        first = self._largest is None
        self._largest = c.abs(ratio) if first else _larger(c, self._largest, ratio)
        self._sum = ratio if first else c.add(self._sum, ratio)

    def keep(self) -> None:
        """Store what is known so far, for a later function to resume."""
        if self._largest is not None:
            for row, at in zip((self._largest, self._sum), self._rows(), strict=True):
                self._place.code.store(row, self._place.work, at)

    def conclude(self) -> Any:
        """Store the error of each lane; return error^(-1/5) of the worst, 0 where it is not finite."""
        p, c = self._place, self._place.code
        error = c.abs(c.add(self._largest, c.sub(self._sum, self._sum)))
        p.wide.store(p.widen(error), p.work, p.layout.at["error"])
        stage = p.layout.stage
        # As integers positive floats keep their order, with NaN on top.
        reduce = f"llvm.vector.reduce.smax.v{stage.width}i{8 * stage.bytes}"
        top = p.builder.bitcast(c.raw(reduce, stage.integer.element, c.bits(error)), stage.scalar)
        return _fifth_root(p, top if stage.bytes == 8 else p.builder.fpext(top, DOUBLE))


def _larger(c: Code, a: Any, b: Any) -> Any:
    """Return max(|a|, |b|)."""
    if tables.available(c):
        return c.masked("range", a, b, _ABSOLUTE_MAX)
    a, b = c.abs(a), c.abs(b)
    return c.call("llvm.maxnum", a, b) if c.processor.has_maximum else c.select(c.less(a, b), b, a)


def reciprocal(c: Code, x: Any) -> Any:
    """Return 1/x to a few digits, all that a tolerance needs."""
    if not tables.available(c):
        return c.div(1.0, x)
    name, mask = ("pd", 8) if c.lanes.bytes == 8 else ("ps", 16)
    ones = ir.Constant(ir.IntType(mask), -1)
    return c.raw(f"llvm.x86.avx512.rcp14.{name}.512", c.lanes.type, x, c.const(0.0), ones)


def _fifth_root(p: Place, error: Any) -> Any:
    """Return error^(-1/5) to 0.3 %, all that a step size needs; 0 for inf and NaN."""
    b = p.builder
    number = lambda x: ir.Constant(DOUBLE, x)  # noqa: E731
    error = b.select(b.fcmp_ordered("<", error, number(1e-12)), number(1e-12), error)
    bits = b.sdiv(b.bitcast(error, LONG), ir.Constant(LONG, 5))
    root = b.bitcast(b.sub(ir.Constant(LONG, _ROOT), bits), DOUBLE)
    square = b.fmul(root, root)  # a step of Newton's rule for root^-5 = error
    fifth = b.fmul(b.fmul(square, square), b.fmul(root, error))
    root = b.fmul(root, b.fmul(b.fsub(number(6.0), fifth), number(0.2)))
    return b.select(b.fcmp_ordered("<", error, number(math.inf)), root, number(0.0))
