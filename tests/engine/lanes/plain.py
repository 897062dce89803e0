"""The driver of the lanes as plain Python, where there is no JIT: kernels of a model are machine code all the same."""

import ctypes

from numba import types

from ldnsim.engine import auto, dispatch
from ldnsim.engine.lanes import calls, choice, driver, emit, failure, group
from ldnsim.engine.lanes.kernels import FULL_BELOW

OF_C = {types.intp: ctypes.c_int64, types.int32: ctypes.c_int32, types.float64: ctypes.c_double, types.void: None}


def foreign(intrinsic):
    """Return a Python function that calls what an intrinsic generates the call of, by the same signature."""
    function = intrinsic._defn
    signature, _ = function(*[None] * function.__code__.co_argcount)
    form = ctypes.CFUNCTYPE(OF_C[signature.return_type], *(OF_C[a] for a in signature.args[1:]))

    def call(address, *arguments):
        return form(int(address))(*(a if isinstance(a, float) else int(a) for a in arguments))

    return call


def kernels_of(problem):
    """Do as `ldnsim.engine.lanes.kernels.kernels_of` where there is a JIT."""
    if not problem.system.in_lanes:
        return None
    full = problem.rtol < FULL_BELOW
    return problem.system.lanes.kernels(problem.method.name, full=full, inputs=problem.decision.inputs)


def drive_plainly(monkeypatch):
    """Let lanes run without a JIT."""
    for module in (driver, emit, failure, group):
        for name in vars(calls):
            if name.startswith("call_") and hasattr(module, name):
                monkeypatch.setattr(module, name, foreign(getattr(calls, name)))
    for module in (auto, dispatch, choice):
        monkeypatch.setattr(module, "kernels_of", kernels_of)
