"""Powers by short tables held in registers: fewer multiplications where a vector register can be a table.

AVX-512 looks 16 numbers up in one instruction. The mantissa is brought near 1 by the table's reciprocal, the
exponent's fraction near 0 by the table of 2^(k/16); what is left needs short polynomials and no division.
Both entries next to 1 are exact, so 1^n is 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .vector import INT, Code, ir

SIZE = 16
HUGE = {8: 1e300, 4: 1e30}  # stands for infinity where infinity x 0 must be 0
_MAGIC = {8: 1.5 * 2.0**48, 4: 1.5 * 2.0**19}  # adding it leaves multiples of 1/16, the last bits count them
_MANTISSA = {8: 52, 4: 23}
_LOWEST = {8: -1022.0, 4: -126.0}
_HIGHEST = {8: 1023.9, 4: 127.9}


def available(c: Code) -> bool:
    """Return whether vectors of this kind can be looked up."""
    return c.processor.avx512 and c.lanes.row == 64


def _reciprocals() -> np.ndarray:
    """Return 1/m in the middle of each interval of m in [0.75, 1.5), by its first four mantissa bits."""
    k = np.arange(SIZE)
    middle = np.where(k < 8, 1.0 + (k + 0.5) / 16.0, 0.75 + (k - 8 + 0.5) / 32.0)
    middle[[0, 15]] = 1.0
    return 1.0 / middle


def log2_parts(c: Code, x: Any, polynomial: tuple[float, ...]) -> tuple[Any, Any]:
    """Return a whole number, -inf for 0, and what log2|x| is more; `polynomial` is log2(1 + z)/z."""
    b, mantissa = c.builder, _MANTISSA[c.lanes.bytes]
    m = c.masked("getmant", x, ir.Constant(INT, 7))  # 7: sign 0, interval [0.75, 1.5)
    index = b.lshr(c.bits(m), c.integer(mantissa - 4))
    exact = _reciprocals().astype(np.float64 if c.lanes.bytes == 8 else np.float32)
    z = c.fma(m, _look_up(c, index, exact), -1.0)
    e = c.masked("getexp", x)
    e = c.select(c.less(m, 1.0), c.add(e, 1.0), e)
    rest = _look_up(c, index, -np.log2(exact.astype(np.longdouble)).astype(np.float64))
    return e, c.fma(z, c.horner(polynomial, z), rest)


def exp2(c: Code, v: Any, more: Any, polynomial: tuple[float, ...]) -> Any:
    """Return 2^(v + more), `more` None or tiny; `polynomial` is (2^f - 1)/f for |f| <= 1/32."""
    b, size = c.builder, c.lanes.bytes
    magic, shift = _MAGIC[size], _MANTISSA[size] - 4
    low = c.less(v, _LOWEST[size])
    v = c.at_most(c.at_least(v, _LOWEST[size]), _HIGHEST[size])
    turned = c.add(v, magic)
    f = c.sub(v, c.sub(turned, magic))
    f = f if more is None else c.add(f, more)
    count = c.bits(turned)
    kind, integer = (np.float64, np.int64) if size == 8 else (np.float32, np.int32)
    k = np.arange(SIZE)
    entries = np.exp2(k / SIZE).astype(kind).view(integer) - (k.astype(integer) << shift)
    power = c.unbits(b.add(_look_up(c, count, entries), b.shl(count, c.integer(shift))))
    grown = c.fma(power, c.mul(f, c.horner(polynomial, f)), power)
    return c.select(low, 0.0, grown)


def _look_up(c: Code, index: Any, entries: np.ndarray) -> Any:
    """Return entries, numbers or their bits, by the last four bits of the index."""
    bits, rows = entries.dtype.kind == "i", entries.tolist()
    of = c.lanes.integer if bits else c.lanes.type
    if c.lanes.bytes == 4:
        return c.raw(f"llvm.x86.avx512.permvar.s{'i' if bits else 'f'}.512", of, ir.Constant(of, rows), index)
    low, high = (ir.Constant(of, part) for part in (rows[:8], rows[8:]))
    return c.raw(f"llvm.x86.avx512.vpermi2var.{'q' if bits else 'pd'}.512", of, low, index, high)
