"""Calls from compiled Python into lane kernels, which are known by their addresses."""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

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


@intrinsic
def call_derive(typingctx, address, work):
    """Compute what follows from the constants."""
    return _foreign((_P,))


@intrinsic
def call_step(typingctx, address, work, y, y_new, t, h, begin):
    """Take a step; return how much larger the step could be, by the worst lane's error: < 1 rejects it."""
    return _foreign((_P, _P, _P, _F, _F, _I), _F)


@intrinsic
def call_check(typingctx, address, work, y):
    """Put NaN in the row of errors where no step can help, 0 in the other lanes."""
    return _foreign((_P, _P))


@intrinsic
def call_peak(typingctx, address, work, y):
    """Keep the largest size of each state."""
    return _foreign((_P, _P))


@intrinsic
def call_evaluate(typingctx, address, facts, y, t, theta, k):
    """Evaluate the outputs inside the last step into the k-th row of the buffer."""
    return _foreign((_P, _P, _F, _F, _P))


@intrinsic
def call_store(typingctx, address, facts, offset):
    """Store gathered outputs lane by lane."""
    return _foreign((_P, _P))


@intrinsic
def call_some(typingctx, address, facts, row, offset, first, last, count):
    """Store a part of the gathered outputs."""
    return _foreign((_P,) * 6)
