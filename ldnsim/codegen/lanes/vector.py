"""Write LLVM instructions on vectors with one lane a trajectory."""

from __future__ import annotations

import functools
import math
import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from llvmlite import ir

from ...engine.target import BROWSER, Processor

FLAGS = ("contract", "nsz", "arcp")  # multiply-adds may fuse, -0 is 0, x/c may multiply; NaN and inf are seen
BYTE, INT, LONG = ir.IntType(8), ir.IntType(32), ir.IntType(64)
POINTER = ir.PointerType()
DOUBLE, FLOAT, VOID = ir.DoubleType(), ir.FloatType(), ir.VoidType()


@dataclass(frozen=True)
class Lanes:
    """A vector type: `width` numbers of 8 or 4 bytes."""

    width: int
    bytes: int = 8

    @property
    def scalar(self) -> ir.Type:
        """Type of one lane."""
        return DOUBLE if self.bytes == 8 else FLOAT

    @property
    def row(self) -> int:
        """Bytes of a vector in memory."""
        return self.width * self.bytes

    @cached_property
    def type(self) -> ir.VectorType:
        """Type of the vector."""
        return ir.VectorType(self.scalar, self.width)

    @cached_property
    def integer(self) -> ir.VectorType:
        """Vector of integers of the same size."""
        return ir.VectorType(LONG if self.bytes == 8 else INT, self.width)


@functools.cache
def _equal(lanes: Lanes, number: bytes) -> ir.Constant:
    """Return a vector of equal numbers; its text, which takes long, is written once."""
    return ir.Constant(lanes.type, list(struct.unpack("d", number)) * lanes.width)


class Code:
    """Instructions on one vector type, appended to a function.

    Numbers become vectors of equal lanes where a vector is needed.
    """

    def __init__(self, builder: ir.IRBuilder, lanes: Lanes, processor: Processor, degree: Any) -> None:
        self.builder = builder
        self.lanes = lanes
        self.processor = processor
        self.degree = degree  # accuracy of functions, see `mathlib`

    def on(self, lanes: Lanes) -> Code:
        """Return the same place, for another vector type."""
        return Code(self.builder, lanes, self.processor, self.degree)

    # -- values -----------------------------------------------------------------------------------------------
    def const(self, value: float) -> ir.Constant:
        """Return a vector of equal numbers."""
        value = float(value)
        if self.lanes.bytes == 4 and value == value and abs(value) != float("inf"):
            value = struct.unpack("f", struct.pack("f", max(-3.4e38, min(3.4e38, value))))[0]
        return _equal(self.lanes, struct.pack("d", value))

    def integer(self, value: int) -> ir.Constant:
        """Return a vector of equal integers."""
        return ir.Constant(self.lanes.integer, [value] * self.lanes.width)

    def value(self, x: Any) -> Any:
        """Return a vector for a number or a vector."""
        if not isinstance(x, (int, float)):
            return x
        return self._kept(x) if self.processor == BROWSER and x and math.isfinite(x) else self.const(x)

    def _kept(self, x: float) -> Any:
        """Return a number that the module keeps: WebAssembly reads one in a third of the time of writing it out."""
        module, scalar, size = self.builder.module, self.lanes.scalar, self.lanes.bytes
        number = self.const(x).constant[0]
        name = f"number.{8 * size}.{number.constant.hex()}"
        if name not in module.globals:
            kept = ir.GlobalVariable(module, scalar, name)
            kept.global_constant, kept.linkage, kept.initializer = True, "internal", number
        return self.splat(self.builder.load(module.globals[name], typ=scalar, align=size))

    def splat(self, scalar: Any) -> Any:
        """Return a vector of equal lanes from one value of double precision."""
        b = self.builder
        if self.lanes.bytes == 4 and scalar.type == DOUBLE:
            scalar = b.fptrunc(scalar, FLOAT)
        one = b.insert_element(ir.Constant(self.lanes.type, ir.Undefined), scalar, ir.Constant(INT, 0))
        mask = ir.Constant(ir.VectorType(INT, self.lanes.width), [0] * self.lanes.width)
        return b.shuffle_vector(one, ir.Constant(self.lanes.type, ir.Undefined), mask)

    def convert(self, x: Any, lanes: Lanes) -> Any:
        """Return a vector in the precision of `lanes`; a mask has none."""
        if x.type == lanes.type or isinstance(x.type.element, ir.IntType):
            return x
        if x.type.element != DOUBLE:
            return self.builder.fpext(x, lanes.type)
        if self.processor == BROWSER and lanes.width == 4:
            return self._shortened(x)
        return self.builder.fptrunc(x, lanes.type)

    def _shortened(self, x: Any) -> Any:
        """Return four doubles as floats, two at a time: all at once LLVM converts one after the other for WebAssembly."""
        b = self.builder
        order = lambda *places: ir.Constant(ir.VectorType(INT, len(places)), list(places))  # noqa: E731
        nothing, parts = ir.Constant(ir.VectorType(DOUBLE, 2), [0.0, 0.0]), []
        for first in (0, 2):
            pair = b.shuffle_vector(x, ir.Constant(x.type, ir.Undefined), order(first, first + 1))
            padded = b.shuffle_vector(pair, nothing, order(0, 1, 2, 3))
            parts.append(b.fptrunc(padded, ir.VectorType(FLOAT, 4)))
        return b.shuffle_vector(*parts, order(0, 1, 4, 5))

    # -- memory -----------------------------------------------------------------------------------------------
    def at(self, pointer: Any, offset: Any) -> Any:
        """Return a pointer some bytes further."""
        if isinstance(offset, int):
            if offset == 0:
                return pointer
            offset = ir.Constant(LONG, offset)
        return self.builder.gep(pointer, [offset], inbounds=True, source_etype=BYTE)

    def load(self, pointer: Any, offset: Any = 0) -> Any:
        """Load a row; rows are aligned to their size."""
        return self.builder.load(self.at(pointer, offset), typ=self.lanes.type, align=min(64, self.lanes.row))

    def store(self, x: Any, pointer: Any, offset: Any = 0) -> None:
        """Store a row; truths as 1 and 0."""
        x = self.value(x)
        if isinstance(x.type.element, ir.IntType) and x.type.element.width == 1:
            x = self.builder.uitofp(x, self.lanes.type)
        self.builder.store(x, self.at(pointer, offset), align=min(64, self.lanes.row))

    def load_scalar(self, pointer: Any, offset: Any) -> Any:
        """Load one double."""
        return self.builder.load(self.at(pointer, offset), typ=DOUBLE, align=8)

    # -- arithmetic -------------------------------------------------------------------------------------------
    def add(self, a: Any, b: Any) -> Any:
        return self.builder.fadd(self.value(a), self.value(b), flags=FLAGS)

    def sub(self, a: Any, b: Any) -> Any:
        return self.builder.fsub(self.value(a), self.value(b), flags=FLAGS)

    def mul(self, a: Any, b: Any) -> Any:
        return self.builder.fmul(self.value(a), self.value(b), flags=FLAGS)

    def div(self, a: Any, b: Any) -> Any:
        return self.builder.fdiv(self.value(a), self.value(b), flags=FLAGS)

    def quotient(self, a: Any, b: Any) -> Any:
        """Divide, and round once: no product with a reciprocal."""
        return self.builder.fdiv(self.value(a), self.value(b))

    def neg(self, a: Any) -> Any:
        return self.builder.fneg(self.value(a), flags=FLAGS)

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """Return a b + c, fused where the processor can."""
        return self.call("llvm.fmuladd", self.value(a), self.value(b), self.value(c))

    def horner(self, coefficients: Any, x: Any) -> Any:
        """Return a polynomial, coefficients from the constant term up."""
        result = self.value(coefficients[-1])
        for c in reversed(coefficients[:-1]):
            result = self.fma(result, x, c)
        return result

    def combined(self, weights: Any, rows: list[Any], start: Any = None) -> Any:
        """Return start + a sum of rows with weights, numbers or vectors; no start is 0."""
        for w, row in zip(weights, rows, strict=True):
            start = self.mul(row, w) if start is None else self.fma(row, w, start)
        return start

    def call(self, name: str, *args: Any) -> Any:
        """Call an LLVM intrinsic that is overloaded on this vector type."""
        full = f"{name}.v{self.lanes.width}f{8 * self.lanes.bytes}"
        return self.raw(full, self.lanes.type, *args)

    def raw(self, name: str, result: ir.Type, *args: Any) -> Any:
        """Call an intrinsic of one processor family by its full name."""
        module = self.builder.module
        if name not in module.globals:
            ir.Function(module, ir.FunctionType(result, [a.type for a in args]), name)
        return self.builder.call(module.globals[name], args)

    def masked(self, name: str, *args: Any) -> Any:
        """Call a masked AVX-512 instruction on all lanes, with the current rounding."""
        suffix, mask = ("pd", BYTE) if self.lanes.bytes == 8 else ("ps", ir.IntType(16))
        full = f"llvm.x86.avx512.mask.{name}.{suffix}.512"
        return self.raw(
            full, self.lanes.type, *args, self.const(0.0), ir.Constant(mask, -1), ir.Constant(INT, 4)
        )

    # -- choice -----------------------------------------------------------------------------------------------
    def less(self, a: Any, b: Any) -> Any:
        return self.builder.fcmp_ordered("<", self.value(a), self.value(b))

    def lesseq(self, a: Any, b: Any) -> Any:
        return self.builder.fcmp_ordered("<=", self.value(a), self.value(b))

    def equal(self, a: Any, b: Any) -> Any:
        return self.builder.fcmp_ordered("==", self.value(a), self.value(b))

    def select(self, mask: Any, a: Any, b: Any) -> Any:
        return self.builder.select(mask, self.value(a), self.value(b))

    def at_least(self, x: Any, low: float) -> Any:
        """Return max(x, low); NaN stays NaN."""
        return self.select(self.less(x, low), low, x)

    def at_most(self, x: Any, high: float) -> Any:
        """Return min(x, high); NaN stays NaN."""
        return self.select(self.less(high, x), high, x)

    # -- bits -------------------------------------------------------------------------------------------------
    def bits(self, x: Any) -> Any:
        return self.builder.bitcast(x, self.lanes.integer)

    def unbits(self, i: Any) -> Any:
        return self.builder.bitcast(i, self.lanes.type)

    def abs(self, x: Any) -> Any:
        return self.call("llvm.fabs", x)
