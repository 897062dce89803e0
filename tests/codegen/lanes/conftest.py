"""Compile single vector functions, to be called on arrays."""

import ctypes

import numpy as np
import pytest
from llvmlite import ir

from ldnsim.codegen.lanes.vector import POINTER, VOID, Code, Lanes
from ldnsim.engine.target import Loaded, Processor, host, object_code

DOUBLES, FLOATS = Lanes(8), Lanes(16, 4)
PROCESSORS = {"host": host(), "generic": Processor("generic")}


@pytest.fixture(params=PROCESSORS)
def processor(request):
    return PROCESSORS[request.param]


def vectorised(emit, n_arguments, lanes, degree, processor):
    """Return a NumPy function of `n_arguments` arrays for ``emit(code, *vectors)``."""
    module = ir.Module("test")
    module.triple = ""
    function = ir.Function(module, ir.FunctionType(VOID, [POINTER] * (n_arguments + 1)), "f")
    code = Code(ir.IRBuilder(function.append_basic_block()), lanes, processor, degree)
    vectors = [code.load(a) for a in function.args[:-1]]
    code.store(emit(code, *vectors), function.args[-1])
    code.builder.ret_void()
    loaded = Loaded(object_code(str(module), processor))
    call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (n_arguments + 1))(loaded.address("f"))
    kind = np.float64 if lanes.bytes == 8 else np.float32

    def run(*arrays):
        arrays = np.broadcast_arrays(*[np.asarray(a, kind) for a in arrays])
        n = arrays[0].size
        padded = np.ones((n_arguments + 1, -(-n // lanes.width) * lanes.width + 16), kind)
        first = -padded.ctypes.data % 64 // padded.itemsize
        memory = padded.ravel()[first:]
        length = -(-n // lanes.width) * lanes.width
        rows = [memory[k * length : (k + 1) * length] for k in range(n_arguments + 1)]
        for row, a in zip(rows, arrays, strict=False):
            row[:n] = a.ravel()
        for i in range(0, length, lanes.width):
            call(*[row.ctypes.data + i * row.itemsize for row in rows])
        return rows[-1][:n].copy()

    run.keep = loaded
    return run
