"""Arrays inside compiled functions that nobody counts references of: what lies at a pointer, or on the stack."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from .compiled import JIT, intrinsic


def _array_at(context: Any, builder: Any, kind: Any, data: Any, shape: list[Any]) -> Any:
    """Generate the C-contiguous array of doubles, or of whole numbers as long, that lies at a pointer."""
    whole = ir.IntType(64)
    array = context.make_array(kind)(context, builder)
    lengths = steps = ir.Constant(ir.ArrayType(whole, len(shape)), ir.Undefined)
    count = ir.Constant(whole, 1)
    for i, length in reversed(list(enumerate(shape))):
        lengths = builder.insert_value(lengths, length, i)
        steps = builder.insert_value(steps, builder.mul(count, ir.Constant(whole, 8)), i)
        count = builder.mul(count, length)
    array.data, array.shape, array.strides, array.nitems = data, lengths, steps, count
    array.itemsize = ir.Constant(whole, 8)
    array.meminfo = array.parent = ir.Constant(array.parent.type, None)
    return array._getvalue()


if JIT:

    @intrinsic
    def view(typingctx, pointer, shape):
        """Return what lies at a pointer as an array; `shape` is one number or a tuple of them."""
        many = isinstance(shape, types.BaseTuple)

        def codegen(context, builder, signature, args):
            lengths = [builder.extract_value(args[1], i) for i in range(len(shape))] if many else [args[1]]
            return _array_at(context, builder, signature.return_type, args[0], lengths)

        return types.Array(pointer.dtype, len(shape) if many else 1, "C")(pointer, shape), codegen

    @intrinsic
    def scratch(typingctx, size):
        """Return an array of doubles on the stack, not filled; its size is a constant."""

        def codegen(context, builder, signature, args):
            number = ir.Constant(ir.IntType(64), size.literal_value)
            with builder.goto_entry_block():
                data = builder.alloca(ir.DoubleType(), number)
            return _array_at(context, builder, signature.return_type, data, [number])

        if not isinstance(size, types.IntegerLiteral):
            return None
        return types.Array(types.float64, 1, "C")(size), codegen

else:

    def scratch(size):
        """Return an array of doubles, not filled."""
        return np.empty(size)

    def view(pointer, shape):
        """Only compiled functions see bare memory."""
