"""Calls from compiled Python into lane kernels, which are known by their addresses."""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..compiled import JIT

_LLVM = {types.intp: ir.IntType(64), types.int32: ir.IntType(32), types.float64: ir.DoubleType()}
_P, _F, _I = types.intp, types.float64, types.int32


def _foreign(arguments: tuple, result: types.Type = types.void) -> tuple[types.Type, Callable]:
    """Return signature and generator of a call; pointers travel as whole numbers."""

    def generate(context, builder, signature, args):
        kinds = [_LLVM[a] for a in arguments]
        back = ir.VoidType() if result is types.void else _LLVM[result]
        function = builder.inttoptr(args[0], ir.FunctionType(back, kinds).as_pointer())
        value = builder.call(function, args[1:])
        return context.get_dummy_value() if result is types.void else value

    return result(types.intp, *arguments), generate


if JIT:

    @intrinsic
    def call_derive(typingctx, address, work):
        """Compute what follows from the constants."""
        return _foreign((_P,))

    @intrinsic
    def call_step(typingctx, address, work, y, y_new, t, h, begin):
        """Take a step; return the error of the worst lane in units of the tolerance."""
        return _foreign((_P, _P, _P, _F, _F, _I), _F)

    @intrinsic
    def call_dense(typingctx, address, work, y, theta, n_free, free, n_block, block, out):
        """Evaluate states inside the last step."""
        return _foreign((_P, _P, _F, _P, _P, _P, _P, _P))

    @intrinsic
    def call_observe(typingctx, address, work, point, t, out, stride):
        """Compute outputs from states."""
        return _foreign((_P, _P, _F, _P, _P))

    @intrinsic
    def call_store(typingctx, address, buffer, n, lanes, stride, offset):
        """Store gathered outputs lane by lane."""
        return _foreign((_P,) * 5)

    @intrinsic
    def call_some(typingctx, address, buffer, n, lanes, stride, offset, first, last, count):
        """Store a part of the gathered outputs."""
        return _foreign((_P,) * 8)
