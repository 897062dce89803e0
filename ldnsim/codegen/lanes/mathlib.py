"""Vector functions: exp2, log2, powers, and what follows from them.

Each is a reduction to a short interval and a near-minimax polynomial. `SHORT` is good to 1e-9, enough for
tolerances from 1e-7 up; `FULL` to a few units in the last place; `SINGLE` is for vectors of single precision.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from . import tables
from .polynomials import fitted
from .vector import INT, Code, ir


class Degree(NamedTuple):
    """Degrees of the polynomials.

    Logarithm (in s^2), exponential, sine and cosine (in x^2); logarithm and exponential beside tables.
    """

    log: int
    exp: int
    sin: int
    log_table: int
    exp_table: int


SHORT, FULL, SINGLE = Degree(4, 7, 5, 4, 3), Degree(9, 12, 8, 9, 6), Degree(2, 5, 4, 3, 2)
LOG2_E, LN_2 = 1.0 / math.log(2.0), math.log(2.0)
_LOG2_E_LOW = 2.0355273740931033e-17  # log2(e) minus its double
_LN_2_HIGH, _LN_2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10  # the high part has 33 bits
_PI_2 = {  # pi/2 in parts: 33 bits each for doubles, 24 for floats
    8: (1.57079632673412561417, 6.07710050630396597660e-11, 2.02226624879595063154e-21),
    4: (1.57079637050628662109375, -4.37113900018624283e-8, -1.71512451e-15),
}
SHARED = (1, 2, 3, 4, 5, 6, 8)  # twice the powers that are products, and a root, where a group shares them


# -- taking floats apart and putting them together -------------------------------------------------------------
def split(c: Code, x: Any) -> tuple[Any, Any]:
    """Return (e, m) with |x| = m 2^e and m in [0.75, 1.5); e is -inf for 0, inf for inf, NaN for NaN."""
    if tables.available(c):
        exponent = c.masked("getexp", c.mul(x, 4.0 / 3.0))
        return exponent, c.masked("getmant", x, ir.Constant(INT, 7))  # 7: sign 0, interval [0.75, 1.5)
    b, shift, bias, magic = c.builder, *_format(c)
    i = b.and_(c.bits(x), c.integer((1 << (8 * c.lanes.bytes - 1)) - 1))
    offset = bias - (1 << (shift - 1))  # bits of 0.75
    e = b.ashr(b.sub(i, c.integer(offset)), c.integer(shift))
    m = c.unbits(b.sub(i, b.shl(e, c.integer(shift))))
    exponent = c.sub(c.unbits(b.add(e, c.bits(c.const(magic)))), magic)
    size = c.unbits(i)
    exponent = c.select(c.less(size, 2.0 ** (-1022 if shift == 52 else -126)), -math.inf, exponent)
    finite = c.less(size, math.inf)
    return c.select(finite, exponent, size), c.select(finite, m, 1.0)


def scale(c: Code, p: Any, k: Any) -> Any:
    """Return p 2^k for a whole k held as a float; 0 or inf beyond the range."""
    if tables.available(c):
        return c.masked("scalef", p, k)
    b, shift, bias, magic = c.builder, *_format(c)
    limit = 2.0 * (bias >> shift) - 2.0  # both halves are normal numbers, their product 0 or inf
    k = c.at_least(c.at_most(k, limit), -limit)
    half = c.call("llvm.roundeven", c.mul(k, 0.5))
    for part in (half, c.sub(k, half)):
        i = b.sub(c.bits(c.add(part, magic)), c.bits(c.const(magic)))
        p = c.mul(p, c.unbits(b.add(b.shl(i, c.integer(shift)), c.integer(bias))))
    return p


def _format(c: Code) -> tuple[int, int, float]:
    """Return mantissa bits, bits of 1.0, and the number whose last bits are whole numbers."""
    return (52, 1023 << 52, 1.5 * 2.0**52) if c.lanes.bytes == 8 else (23, 127 << 23, 1.5 * 2.0**23)


# -- functions ---------------------------------------------------------------------------------------------------
def _log_parts(c: Code, x: Any) -> tuple[Any, Any]:
    """Return (e, ln m) of |x|."""
    e, m = split(c, x)
    s = c.div(c.sub(m, 1.0), c.add(m, 1.0))
    return e, c.mul(s, c.horner(fitted("log", c.degree.log), c.mul(s, s)))


def _log2_parts(c: Code, x: Any) -> tuple[Any, Any]:
    """Return a whole number and what log2|x| is more."""
    if tables.available(c):
        return tables.log2_parts(c, x, fitted("log2 table", c.degree.log_table))
    e, m = split(c, x)
    s = c.div(c.sub(m, 1.0), c.add(m, 1.0))
    scaled = tuple(LOG2_E * a for a in fitted("log", c.degree.log))
    return e, c.mul(s, c.horner(scaled, c.mul(s, s)))


def log2_abs(c: Code, x: Any) -> Any:
    """Return log2|x|, a huge negative number for 0 so that 0 x log2(0) = 0."""
    large, small = _log2_parts(c, x)
    return c.at_least(c.add(large, small), -tables.HUGE[c.lanes.bytes])


def log_abs(c: Code, x: Any) -> Any:
    """Return ln|x|, finite at 0."""
    return c.mul(log2_abs(c, x), LN_2)


def log(c: Code, x: Any) -> Any:
    """Return ln(x): -inf at 0, NaN below."""
    e, rest = _log_parts(c, x)
    total = c.fma(e, _LN_2_HIGH, c.fma(e, _LN_2_LOW, rest))
    total = c.select(c.equal(x, 0.0), -math.inf, c.select(c.equal(x, math.inf), math.inf, total))
    return c.select(c.less(x, 0.0), math.nan, total)


def _exp2_parts(c: Code, k: Any, f: Any) -> Any:
    return scale(c, c.fma(f, c.horner(fitted("exp2", c.degree.exp - 1), f), 1.0), k)


def _exp2(c: Code, v: Any, more: Any) -> Any:
    """Return 2^(v + more), `more` None or tiny."""
    if tables.available(c):
        return tables.exp2(c, v, more, fitted("exp2 table", c.degree.exp_table))
    v = c.at_least(c.at_most(v, 3e3), -3e3)  # infinity less infinity is not a number
    k = c.call("llvm.roundeven", v)
    f = c.sub(v, k)
    return _exp2_parts(c, k, f if more is None else c.add(f, more))


def exp(c: Code, x: Any) -> Any:
    """Return e^x."""
    limit = 1100.0 * LN_2
    x = c.at_least(c.at_most(x, limit), -limit)
    k = c.call("llvm.roundeven", c.mul(x, LOG2_E))
    return _exp2_parts(c, k, c.fma(x, _LOG2_E_LOW, c.fma(x, LOG2_E, c.neg(k))))


def power(c: Code, x: Any, n: Any, rule: Any, strict: bool = False) -> Any:
    """Return x^n.

    For x < 0 the bits of `rule` decide: none of them for an even exponent, the sign for an odd one, all others
    for one that is not whole. There x counts as 0, as a state may dip below it by less than the tolerance; if
    `strict`, the result is NaN.
    """
    b = c.builder
    below = b.and_(b.ashr(c.bits(x), c.integer(8 * c.lanes.bytes - 1)), c.bits(rule))
    size = _power_of_size(c, c.unbits(b.and_(b.not_(below), c.bits(x))), n)
    sign = below if strict else b.and_(below, c.integer(-1 << (8 * c.lanes.bytes - 1)))
    return c.unbits(b.or_(c.bits(size), sign))


def _power_of_size(c: Code, x: Any, n: Any) -> Any:
    """Return |x|^n."""
    if c.lanes.bytes == 8 or tables.available(c):
        return _exp2(c, *_times_log2(c, n, x))
    b, shift, bias, magic = c.builder, *_format(c)
    i = b.and_(c.bits(x), c.integer((1 << 31) - 1))
    e = b.ashr(b.sub(i, c.integer(bias - (1 << (shift - 1)))), c.integer(shift))
    m = c.unbits(b.sub(i, b.shl(e, c.integer(shift))))
    s = c.div(c.sub(m, 1.0), c.add(m, 1.0))
    scaled = tuple(LOG2_E * a for a in fitted("log", c.degree.log))
    total = c.fma(s, c.horner(scaled, c.mul(s, s)), b.sitofp(e, c.lanes.type))
    size = c.unbits(i)
    total = c.select(c.less(size, 2.0**-126), -tables.HUGE[4], c.select(c.less(size, math.inf), total, size))
    # Beyond the range of normal numbers the power of two has the bits of 0 or of infinity.
    v = c.at_least(c.at_most(c.mul(n, total), 128.0), -127.0)
    k = c.call("llvm.roundeven", v)
    f = c.sub(v, k)
    whole = b.add(b.shl(c.bits(c.add(k, magic)), c.integer(shift)), c.integer(bias))
    return c.mul(c.fma(f, c.horner(fitted("exp2", c.degree.exp - 1), f), 1.0), c.unbits(whole))


def _times_log2(c: Code, n: Any, x: Any) -> tuple[Any, Any]:
    """Return n log2|x|, and what its rounding lost where that counts."""
    large, small = _log2_parts(c, x)
    total = c.at_least(c.add(large, small), -tables.HUGE[c.lanes.bytes])
    v = c.mul(n, total)
    if c.degree is not FULL:
        return v, None
    lost = c.sub(small, c.sub(total, large))
    more = c.fma(n, lost, c.fma(n, total, c.neg(v)))
    return v, c.select(c.lesseq(c.abs(more), 1.0), more, 0.0)  # not a number where x is 0


def shared_power(c: Code, x: Any, exponent: Any, general: Callable[[], Any]) -> Any:
    """Return x^exponent by multiplication for `exponent`, twice the power, in `SHARED`, else what `general` emits."""
    b = c.builder
    done, otherwise = b.append_basic_block("power"), b.append_basic_block("power.any")
    cases = b.switch(exponent, otherwise)
    results = []
    for twice in SHARED:
        block = b.append_basic_block(f"power.{twice}")
        cases.add_case(twice, block)
        b.position_at_end(block)
        base, root = (c.at_least(x, 0.0), [sqrt(c, x)]) if twice % 2 else (x, [])
        product = functools.reduce(c.mul, [base] * (twice // 2) + root)
        results.append((product, block))
        b.branch(done)
    b.position_at_end(otherwise)
    value = general()
    results.append((value, b.block))
    b.branch(done)
    b.position_at_end(done)
    phi = b.phi(c.lanes.type)
    for value, block in results:
        phi.add_incoming(value, block)
    return phi


_RULES = {
    "even": lambda bits: 0,
    "odd": lambda bits: -1 << (bits - 1),
    "broken": lambda bits: (1 << (bits - 1)) - 1,
}


def sign_rule(c: Code, kind: str) -> Any:
    """Return the rule of a known exponent for `power`."""
    return c.unbits(c.integer(_RULES[kind](8 * c.lanes.bytes)))


def sign_rule_of(c: Code, n: Any) -> Any:
    """Return the rule for `power`; whole numbers beyond 2^53 are even."""
    half = c.mul(n, 0.5)
    even = c.equal(c.call("llvm.floor", half), half)
    whole = c.equal(c.call("llvm.floor", n), n)
    return c.select(even, sign_rule(c, "even"), c.select(whole, sign_rule(c, "odd"), sign_rule(c, "broken")))


def ratio(c: Code, a: Any, x: Any, at_zero: Any, steepest: Any) -> Any:
    """Return a/x, or `at_zero` where x is 0 or the ratio is not below `steepest`."""
    quotient = c.div(a, x)
    return c.select(c.less(c.abs(quotient), steepest), quotient, at_zero)


def _turns(c: Code, x: Any) -> tuple[Any, Any]:
    """Return the number q of quarter turns as integers and x - q pi/2 in [-pi/4, pi/4], for |x| < 1e5."""
    _, _, magic = _format(c)
    k = c.call("llvm.roundeven", c.mul(x, 2.0 / math.pi))
    r = x
    for part in _PI_2[c.lanes.bytes]:
        r = c.fma(k, -part, r)
    return c.bits(c.add(k, magic)), r


def _sine(c: Code, x: Any, ahead: int) -> Any:
    b = c.builder
    q, r = _turns(c, x)
    q = b.add(q, c.integer(ahead))
    z = c.mul(r, r)
    odd = b.icmp_signed("!=", b.and_(q, c.integer(1)), c.integer(0))
    sin = c.mul(r, c.horner(fitted("sin", c.degree.sin), z))
    value = c.select(odd, c.horner(fitted("cos", c.degree.sin), z), sin)
    bits = 8 * c.lanes.bytes - 2  # the second bit of q becomes the sign
    sign = b.shl(b.and_(q, c.integer(2)), c.integer(bits))
    return c.unbits(b.xor(c.bits(value), sign))


def sin(c: Code, x: Any) -> Any:
    """Return sin(x)."""
    return _sine(c, x, 0)


def cos(c: Code, x: Any) -> Any:
    """Return cos(x)."""
    return _sine(c, x, 1)


def tan(c: Code, x: Any) -> Any:
    """Return tan(x)."""
    return c.div(sin(c, x), cos(c, x))


def tanh(c: Code, x: Any) -> Any:
    """Return tanh(x) = -f/(f + 2) with f = e^(-2|x|) - 1, without cancellation near 0."""
    v = c.mul(c.at_least(c.mul(c.abs(x), -2.0), -80.0), LOG2_E)
    k = c.call("llvm.roundeven", v)
    f = c.sub(v, k)
    whole = scale(c, c.const(1.0), k)
    small = c.mul(f, c.horner(fitted("exp2", c.degree.exp - 1), f))
    less_one = c.fma(whole, small, c.sub(whole, 1.0))
    size = c.div(c.neg(less_one), c.add(less_one, 2.0))
    return c.call("llvm.copysign", size, x)


def sqrt(c: Code, x: Any) -> Any:
    """Return the square root, 0 for x < 0."""
    return c.call("llvm.sqrt", c.at_least(x, 0.0))
