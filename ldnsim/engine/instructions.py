"""What compiled functions do that Python has no words for: calls by address, arrays on bare memory.

The plain forms, for where there is no JIT, bear the same names where they are used. Loaded with Numba only.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic as numba_intrinsic

intrinsic: Any = numba_intrinsic  # whose types have no place for what it decorates
DOUBLE, WHOLE = ir.DoubleType(), ir.IntType(64)


def _call(context: Any, builder: Any, result: Any, address: Any, kinds: Any, values: Any) -> Any:
    """Generate the call of an address, where arrays go as pointers to their data."""
    bare = []
    for kind, value in zip(kinds, values, strict=True):
        if isinstance(kind, types.Array):
            value = builder.bitcast(context.make_array(kind)(context, builder, value).data, DOUBLE.as_pointer())
        bare.append(value)
    function = ir.FunctionType(result, [v.type for v in bare])
    return builder.call(builder.inttoptr(address, function.as_pointer()), bare)


def _row(context: Any, builder: Any, kind: Any, array: Any, k: Any) -> Any:
    """Generate a pointer to where row k of an array begins."""
    inside = context.make_array(kind)(context, builder, array)
    offset = builder.mul(builder.extract_value(inside.strides, 0), k)
    start = builder.ptrtoint(inside.data, offset.type)
    return builder.inttoptr(builder.add(start, offset), DOUBLE.as_pointer())


def _array_at(context: Any, builder: Any, kind: Any, data: Any, shape: list[Any]) -> Any:
    """Generate the C-contiguous array of doubles, or of whole numbers as long, that lies at a pointer."""
    array = context.make_array(kind)(context, builder)
    lengths = steps = ir.Constant(ir.ArrayType(WHOLE, len(shape)), ir.Undefined)
    count = ir.Constant(WHOLE, 1)
    for i, length in reversed(list(enumerate(shape))):
        lengths = builder.insert_value(lengths, length, i)
        steps = builder.insert_value(steps, builder.mul(count, ir.Constant(WHOLE, 8)), i)
        count = builder.mul(count, length)
    array.data, array.shape, array.strides, array.nitems = data, lengths, steps, count
    array.itemsize = ir.Constant(WHOLE, 8)
    array.meminfo = array.parent = ir.Constant(array.parent.type, None)
    return array._getvalue()


@intrinsic
def invoke_rows(typingctx, address, t, y, i, c, out, j):
    """Call the kernel at `address` with (t, y[i], c, out[j])."""

    def codegen(context, builder, signature, args):
        state, row = (_row(context, builder, signature.args[k], *args[k : k + 2]) for k in (2, 5))
        kinds = types.float64, types.voidptr, signature.args[4], types.voidptr
        _call(context, builder, ir.VoidType(), args[0], kinds, (args[1], state, args[4], row))
        return context.get_dummy_value()

    return types.void(types.intp, types.float64, y, types.intp, c, out, types.intp), codegen


@intrinsic
def invoke_step(typingctx, address, t, t_end, rhs, jac, dfdt, c, control, w, m, pivot):
    """Call the `STEP` at `address`."""

    def codegen(context, builder, signature, args):
        n = builder.extract_value(context.make_array(w)(context, builder, args[8]).shape, 1)
        kinds = (*signature.args[1:6], types.intp, *signature.args[6:])
        return _call(context, builder, n.type, args[0], kinds, (*args[1:6], n, *args[6:]))

    numbers = types.intp, types.float64, types.float64, types.intp, types.intp, types.intp
    return types.intp(*numbers, c, control, w, m, pivot), codegen


@intrinsic
def invoke_reducer(typingctx, address, curves, k, nodes, spans, i, n, length, number):
    """Call the reducer at `address` with (curves[k], nodes, spans[i], n, length, number)."""

    def codegen(context, builder, signature, args):
        kinds = signature.args
        curve = _row(context, builder, kinds[1], args[1], args[2])
        span = _row(context, builder, kinds[4], args[4], args[5])
        bare = types.voidptr, types.intp, types.voidptr, types.intp, types.float64, types.float64
        return _call(context, builder, DOUBLE, args[0], bare, (curve, args[3], span, *args[6:]))

    whole, number_of = types.intp, types.float64
    return number_of(whole, curves, whole, whole, spans, whole, whole, number_of, number_of), codegen


@intrinsic
def draw(typingctx, lots):
    """Draw a number of [0, 1) with the function at lots[0] from the state at lots[1]."""

    def codegen(context, builder, signature, args):
        address, state = (builder.extract_value(args[0], k) for k in range(2))
        return _call(context, builder, DOUBLE, address, (types.intp,), (state,))

    return types.float64(lots), codegen


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
        number = ir.Constant(WHOLE, size.literal_value)
        with builder.goto_entry_block():
            data = builder.alloca(DOUBLE, number)
        return _array_at(context, builder, signature.return_type, data, [number])

    if not isinstance(size, types.IntegerLiteral):
        return None
    return types.Array(types.float64, 1, "C")(size), codegen


@intrinsic
def pointer_at(typingctx, address):
    """Take a whole number for the address of doubles."""

    def codegen(context, builder, signature, args):
        return builder.inttoptr(args[0], DOUBLE.as_pointer())

    return types.CPointer(types.float64)(types.intp), codegen


def call_of(result: str, arguments: str) -> Any:
    """Return the call of a C function at an address, see `ldnsim.engine.lanes.calls`."""
    kinds: dict[str, Any] = {"q": types.intp, "i": types.int32, "d": types.float64, "v": types.void}
    bare = {"q": WHOLE, "i": ir.IntType(32), "d": DOUBLE, "v": ir.VoidType()}
    signature = kinds[result](types.intp, *(kinds[a] for a in arguments))

    def codegen(context, builder, signature, args):
        value = _call(context, builder, bare[result], args[0], signature.args[1:], args[1:])
        return context.get_dummy_value() if result == "v" else value

    made = signature, codegen
    forms = {
        1: lambda typingctx, address, a: made,
        2: lambda typingctx, address, a, b: made,
        5: lambda typingctx, address, a, b, c, d, e: made,
        6: lambda typingctx, address, a, b, c, d, e, f: made,
    }  # an intrinsic has no arguments without a name
    return intrinsic(forms[len(arguments)])
