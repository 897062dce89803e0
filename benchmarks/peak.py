"""How fast this core multiplies and adds at best: fused multiply-adds on vectors that stay in registers."""

from __future__ import annotations

import time

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

CHAINS = 16  # independent accumulators: more than latency x pipes of any core of today
WIDTH = 8


@intrinsic
def _fma_loop(typingctx, turns, factor):
    """Run ``turns`` x CHAINS vector FMAs in a loop and return the sum, so that nothing is optimised away."""

    def codegen(context, builder, signature, args):
        turns, factor = args
        vector = ir.VectorType(ir.DoubleType(), WIDTH)
        fma = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector] * 3), f"llvm.fma.v{WIDTH}f64"
        )
        undefined = ir.Constant(vector, ir.Undefined)
        splat = undefined
        for lane in range(WIDTH):
            splat = builder.insert_element(splat, factor, ir.Constant(ir.IntType(32), lane))
        before, loop, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
        builder.branch(loop)
        builder.position_at_end(loop)
        count = builder.phi(turns.type)
        count.add_incoming(ir.Constant(turns.type, 0), before)
        sums = [builder.phi(vector) for _ in range(CHAINS)]
        for k, total in enumerate(sums):
            total.add_incoming(ir.Constant(vector, [float(k + 1)] * WIDTH), before)
            total.add_incoming(builder.call(fma, [total, splat, splat]), loop)
        following = builder.add(count, ir.Constant(turns.type, 1))
        count.add_incoming(following, loop)
        builder.cbranch(builder.icmp_signed("<", following, turns), loop, after)
        builder.position_at_end(after)
        result = sums[0]
        for total in sums[1:]:
            result = builder.fadd(result, total)
        return builder.extract_element(result, ir.Constant(ir.IntType(32), 0))

    return types.float64(types.int64, types.float64), codegen


@njit
def _spin(turns, factor):
    return _fma_loop(turns, factor)


def peak_flops(tries: int = 5, turns: int = 4_000_000) -> float:
    """Return the most double-precision operations a second one core makes (an FMA counts as two)."""
    _spin(1, 0.5)
    best = np.inf
    for _ in range(tries):
        start = time.process_time()
        _spin(turns, 0.5)
        best = min(best, time.process_time() - start)
    return 2.0 * WIDTH * CHAINS * turns / best


if __name__ == "__main__":
    print(f"{peak_flops() / 1e9:.1f} GFLOP/s in double precision on one core")
