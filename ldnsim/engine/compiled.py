"""Compile once: Numba with our private disk cache, and kernels that drivers call by address.

Drivers are compiled once per installation. They get a model's kernels as C addresses, so a new model
compiles its own small functions only. Under ``NUMBA_DISABLE_JIT=1`` everything is plain Python, and an
"address" is the Python function itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, update_wrapper
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import config
from numba.extending import intrinsic as numba_intrinsic

from ..cachedir import cache_folder
from .announcements import tell_of_compiling
from .codecache import CodeCache, code_cache_of, sources_key
from .parts import PartCompiler

JIT = not config.DISABLE_JIT
intrinsic: Any = numba_intrinsic  # whose types have no place for what it decorates
NO_CALL = 0 if JIT else None  # stands for a kernel that a system does not have
OPTIONS = {"error_model": "numpy", "fastmath": {"contract"}}  # x/0 is inf as in NumPy, multiply-adds may fuse
OURS: dict[str, Any] = OPTIONS | {"_nrt": False}  # counts no references: nothing of ours allocates
UNCALLED: dict[str, Any] = {"no_cfunc_wrapper": True}  # nothing calls a kernel from C
_F, _I, _P, _Q = types.float64, types.intp, types.CPointer(types.float64), types.CPointer(types.intp)
KERNEL = types.void(_F, _P, _P, _P)  # t, y, c, out
# t, t_end, rhs, jac, dfdt, n, c, control, w, m, pivot
STEP = types.intp(_F, _F, _I, _I, _I, _I, _P, _P, _P, _P, _Q)


def kernel(function: Callable) -> Callable:
    """Compile a function that only Python calls, cached in our private folder; it runs without the GIL."""

    def make(cached: bool) -> Any:
        return numba.njit(nogil=True, cache=cached, **UNCALLED, **OURS)(function)

    own = Path(__file__).parents[1] in Path(function.__code__.co_filename).parents
    cache = code_cache_of(function) if JIT and own else None  # a generated function has its machine code
    return make(False) if cache is None else Kernel(cache.decorated(make), cache)


class Kernel:
    """A compiled function that is kept on disk; compiled functions cannot call it.

    Parameters
    ----------
    dispatcher : numba dispatcher
    cache : CodeCache
        Where its machine code is.
    """

    def __init__(self, dispatcher: Any, cache: CodeCache) -> None:
        self._dispatcher, self._cache = dispatcher, cache
        update_wrapper(self, dispatcher.py_func)

    def __call__(self, *arguments: Any) -> Any:
        """Run it, compiled for these arguments."""
        known = len(self._dispatcher.overloads)
        if not known:
            self.prepare(*arguments)
            return self._dispatcher(*arguments)
        try:
            return self._dispatcher(*arguments)
        except OSError:  # compiled for other arguments than before, and not kept, on a full disk
            return self._dispatcher(*arguments)
        finally:
            if len(self._dispatcher.overloads) > known:
                with self._cache.intact():
                    pass  # what was written is noted

    def prepare(self, *arguments: Any) -> None:
        """Compile it for arguments like these, or load it, unless that is done."""
        signature = tuple(map(numba.typeof, arguments))
        overloads = self._dispatcher.overloads
        if signature in overloads:
            return
        with self._cache.intact():
            try:
                self._dispatcher.compile(signature)
            except OSError:  # a full disk: it is compiled, but not kept
                if signature not in overloads:
                    raise


def part(function: Callable) -> Callable:
    """Compile a function that only other compiled functions may call; it has no door for Python."""
    options = {"nogil": True, "no_cpython_wrapper": True, "pipeline_class": PartCompiler, **UNCALLED, **OURS}
    return numba.njit(**options)(function)


class Entry:
    """A function called by address, on bare memory; compiled when first asked for.

    Parameters
    ----------
    function : callable
        Takes pointers; compiled as a C function.
    plain : callable
        The same for arrays, called where there is no JIT.
    signature : numba signature
        `KERNEL` or another one of pointers and numbers.
    cached : bool
        Whether it is kept on disk.
    """

    def __init__(
        self, function: Callable, plain: Callable, signature: Any = KERNEL, cached: bool = True
    ) -> None:
        self._function, self._plain, self._signature, self._cached = function, plain, signature, cached

    @cached_property
    def target(self) -> Any:
        """What drivers call: the address, or the Python function without a JIT."""
        return self._compiled.address if JIT else self._plain

    @cached_property
    def _compiled(self) -> Any:
        def make(cached: bool) -> Any:
            options = OURS if self._cached else OPTIONS  # a user's own function may allocate
            return numba.cfunc(self._signature, cache=cached, **options)(self._function)

        cache = code_cache_of(self._function) if self._cached else None
        if cache is None:
            return make(False)
        with cache.intact():
            return cache.decorated(make)


class Call(NamedTuple):
    """A kernel that is compiled already."""

    target: Any
    keep: Any = None  # what owns the code


def kernel_of(call: Call) -> Callable:
    """Make a kernel callable from Python."""
    if not JIT:
        return call.target

    def run(t: float, y: np.ndarray, c: np.ndarray, out: np.ndarray) -> None:
        """Write the kernel's values into `out`."""
        y, c = np.ascontiguousarray(y, dtype=np.float64), np.ascontiguousarray(c, dtype=np.float64)
        if out.flags.c_contiguous and out.dtype == np.float64:
            _run_kernel(call.target, float(t), y, c, out)
        else:
            filled = np.empty(out.shape)
            _run_kernel(call.target, float(t), y, c, filled)
            out[...] = filled

    return run


def entry(plain: Callable, signature: Any = KERNEL) -> Callable[[Callable], Entry]:
    """Decorate the pointer form of `plain`; see `Entry`."""
    return lambda function: Entry(function, plain, signature)


def as_njit(function: Callable) -> Callable:
    """Compile a user's function, unless it is compiled already."""
    return function if hasattr(function, "py_func") or not JIT else numba.njit(**OPTIONS)(function)


def entry_of(function: Callable, n_states: int, n_constants: int, shape: tuple[int, ...]) -> Entry:
    """Make the pointer form of a compiled function of arrays; not cached on disk."""

    def pointers(t, y, c, out):  # pragma: no cover - runs compiled
        function(t, numba.carray(y, n_states), numba.carray(c, n_constants), numba.carray(out, shape))

    return Entry(pointers, function, cached=False)


def call_address(context: Any, builder: Any, result: Any, address: Any, kinds: Any, values: Any) -> Any:
    """Generate the call of an address, where arrays go as pointers to their data."""
    pointer = ir.DoubleType().as_pointer()
    bare = []
    for kind, value in zip(kinds, values, strict=True):
        if isinstance(kind, types.Array):
            value = builder.bitcast(context.make_array(kind)(context, builder, value).data, pointer)
        bare.append(value)
    function = ir.FunctionType(result, [v.type for v in bare])
    return builder.call(builder.inttoptr(address, function.as_pointer()), bare)


def row_pointer(context: Any, builder: Any, kind: Any, array: Any, k: Any) -> Any:
    """Generate a pointer to where row k of an array begins."""
    inside = context.make_array(kind)(context, builder, array)
    offset = builder.mul(builder.extract_value(inside.strides, 0), k)
    start = builder.ptrtoint(inside.data, offset.type)
    return builder.inttoptr(builder.add(start, offset), ir.DoubleType().as_pointer())


if JIT:

    @intrinsic
    def invoke_rows(typingctx, address, t, y, i, c, out, j):
        """Call the kernel at `address` with (t, y[i], c, out[j]); the arrays are C-contiguous float64."""

        def codegen(context, builder, signature, args):
            state, row = (row_pointer(context, builder, signature.args[k], *args[k : k + 2]) for k in (2, 5))
            kinds = types.float64, types.voidptr, signature.args[4], types.voidptr
            call_address(context, builder, ir.VoidType(), args[0], kinds, (args[1], state, args[4], row))
            return context.get_dummy_value()

        return types.void(types.intp, types.float64, y, types.intp, c, out, types.intp), codegen

    @intrinsic
    def invoke_step(typingctx, address, t, t_end, rhs, jac, dfdt, c, control, w, m, pivot):
        """Call the `STEP` at `address`; the arrays are C-contiguous, w is as wide as there are states."""

        def codegen(context, builder, signature, args):
            n = builder.extract_value(context.make_array(w)(context, builder, args[8]).shape, 1)
            kinds = (*signature.args[1:6], types.intp, *signature.args[6:])
            return call_address(context, builder, n.type, args[0], kinds, (*args[1:6], n, *args[6:]))

        numbers = types.intp, types.float64, types.float64, types.intp, types.intp, types.intp
        return types.intp(*numbers, c, control, w, m, pivot), codegen

else:

    def invoke_step(address, t, t_end, rhs, jac, dfdt, c, control, w, m, pivot):
        """Call the Python function `address`."""
        return address(t, t_end, rhs, jac, dfdt, c, control, w, m, pivot)

    def invoke_rows(address, t, y, i, c, out, j):
        """Call the Python kernel `address`."""
        address(t, y[i], c, out[j])


def compile_for(driver: Callable, *arguments: Any) -> None:
    """Compile a driver for these arguments, or load it, one process at a time."""
    if isinstance(driver, Kernel):
        driver.prepare(*arguments)
    elif JIT:
        driver.compile(tuple(map(numba.typeof, arguments)))


if JIT:
    _root = cache_folder("engine")
    tell_of_compiling(None if _root is None else lambda folder: _root / sources_key(folder))


@kernel
def _run_kernel(target, t, y, c, out):
    invoke_rows(target, t, y, 0, c, out, 0)
