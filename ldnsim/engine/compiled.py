"""Functions that become machine code, and kernels that drivers call by address.

A part is compiled into its callers, a kernel is called from Python, an entry from machine code. All are compiled
once: `ldnsim.engine.machine` keeps them on disk, and Numba is loaded only where something is compiled anew. A model's
kernels are C addresses for them, so a new model compiles its own small functions only. Under ``NUMBA_DISABLE_JIT=1``
everything is plain Python, and an "address" is the Python function itself.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
import threading
from collections.abc import Callable
from functools import cached_property, update_wrapper
from typing import Any, NamedTuple

import numpy as np

from .arguments import address_of, take_apart
from .machine import Machine, Recipe


def _is_on() -> bool:
    """Whether Numba compiles; it may have been told so before."""
    if "numba" in sys.modules:
        return not sys.modules["numba"].config.DISABLE_JIT
    return os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")


JIT = _is_on()
_MAKING = threading.RLock()  # code that two threads ask for is made once: what is replaced is unmapped in use
NO_CALL = 0 if JIT else None  # stands for a kernel that a system does not have
# Results and arguments of entries: d double, q whole number, p pointer to doubles, P to whole numbers, v nothing.
KERNEL = "v", "dppp"  # t, y, c, out
STEP = "q", "ddqqqqppppP"  # t, t_end, rhs, jac, dfdt, n, c, control, w, m, pivot


class Lent:
    """What stands for something of Numba's in the globals of a function until that is compiled.

    Parameters
    ----------
    make : callable
        Makes it.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def made(self) -> Any:
        """What Numba compiles with."""
        return self._make()

    @property
    def _numba_type_(self) -> Any:
        from .lowering import type_of

        return type_of(self.made)


class Inlined(Lent):
    """A function that is compiled into others; from Python it runs as it is written."""

    def __init__(self, function: Callable) -> None:
        super().__init__(self._dispatcher)
        self.py_func = function
        update_wrapper(self, function)

    def __call__(self, *arguments: Any) -> Any:
        """Run the Python function."""
        return self.py_func(*arguments)

    def _dispatcher(self) -> Any:
        from .lowering import part_of

        return part_of(self.py_func)


def part(function: Callable) -> Any:
    """Compile a function into other compiled functions."""
    return Inlined(function) if JIT else function


def instruction(module: str) -> Callable[[Callable], Any]:
    """Decorate the plain form of what compiled functions do by the intrinsic of the same name in another module."""

    def decorate(plain: Callable) -> Any:
        if not JIT:
            return plain
        return Lent(lambda: getattr(importlib.import_module(module), plain.__name__))

    return decorate


class Kernel:
    """A compiled function that Python calls; it runs without the GIL, and counts no references.

    Parameters
    ----------
    function : callable
        Takes numbers, None, arrays of doubles or whole numbers, and tuples of these; returns a whole number or
        nothing. What writes into an array that is read-only is refused when it is compiled.
    """

    def __init__(self, function: Callable) -> None:
        self.py_func = function
        self._doors: dict[str, tuple[Callable, Any]] = {}
        update_wrapper(self, function)

    def __call__(self, *arguments: Any) -> Any:
        """Run it, compiled for these arguments."""
        kinds: list[str] = []
        values: list[int] = []
        for argument in arguments:
            take_apart(argument, kinds, values)
        kind = "".join(kinds)
        if kind not in self._doors:
            with _MAKING:
                if kind not in self._doors:
                    self._doors[kind] = self._door(kind, arguments)
        call, _ = self._doors[kind]
        return call(values)

    def _door(self, kind: str, arguments: tuple) -> tuple[Callable, Any]:
        def lower() -> bytes:
            from .lowering import packed

            return packed(self.py_func, arguments)

        machine = Machine(Recipe(self.py_func, kind, lower))
        enter = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int64)(machine.address)

        def call(values: list[int]) -> int:
            n = len(values)
            slots = (ctypes.c_int64 * (n + 2))(*values)
            if enter(slots, n) not in _WELL:
                raise RuntimeError(f"{self.py_func.__qualname__} broke off")
            return slots[n]

        return call, machine


_WELL = (0, -2)  # what Numba's functions return


def kernel(function: Callable) -> Any:
    """Compile a function that only Python calls; see `Kernel`."""
    return Kernel(function) if JIT else function


class Entry:
    """A function called by address, on bare memory; compiled when first asked for.

    Parameters
    ----------
    function : callable
        Takes pointers; compiled as a C function.
    plain : callable
        The same for arrays, called where there is no JIT.
    form : tuple of str
        `KERNEL` or another one.
    reads : tuple of callable
        Functions of other modules that its globals name.
    """

    def __init__(
        self, function: Callable, plain: Callable, form: tuple[str, str] = KERNEL, reads: tuple = ()
    ) -> None:
        self._function, self._plain, self._form, self._reads = function, plain, form, reads
        self._machine: Any = None

    @property
    def target(self) -> Any:
        """What drivers call: the address, or the Python function without a JIT."""
        if not JIT:
            return self._plain
        if self._machine is None:
            with _MAKING:
                if self._machine is None:
                    self._machine = self._made()
        return self._machine.address

    def _made(self) -> Any:
        def lower() -> bytes:
            from .lowering import bare

            return bare(self._function, self._form)

        return Machine(Recipe(self._function, "".join(self._form), lower, self._reads))


class Users(Entry):
    """The pointer form of a user's own compiled function, which may be anything that Numba knows; not on disk."""

    def _made(self) -> Any:
        from .lowering import callback_of

        return callback_of(self._function, self._form)


class Call(NamedTuple):
    """A kernel that is compiled already."""

    target: Any
    keep: Any = None  # what owns the code


_CALL = ctypes.CFUNCTYPE(None, ctypes.c_double, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


def kernel_of(call: Call) -> Callable:
    """Make a kernel callable from Python."""
    if not JIT:
        return call.target
    enter = _CALL(call.target)

    def run(t: float, y: np.ndarray, c: np.ndarray, out: np.ndarray) -> None:
        """Write the kernel's values into `out`."""
        y, c = np.ascontiguousarray(y, dtype=np.float64), np.ascontiguousarray(c, dtype=np.float64)
        plain = out.flags.c_contiguous and out.flags.writeable and out.dtype == np.float64
        filled = out if plain else np.empty(out.shape)
        enter(t, address_of(y), address_of(c), address_of(filled))
        if not plain:
            out[...] = filled

    run.keep = call.keep  # type: ignore[attr-defined]  # the code lives as long as what calls it
    return run


def entry(plain: Callable, form: tuple[str, str] = KERNEL) -> Callable[[Callable], Entry]:
    """Decorate the pointer form of `plain`; see `Entry`."""
    return lambda function: Entry(function, plain, form)


def as_njit(function: Callable) -> Callable:
    """Compile a user's function, unless it is compiled already."""
    if hasattr(function, "py_func") or not JIT:
        return function
    from .lowering import users

    return users(function)


def entry_of(function: Callable, n_states: int, n_constants: int, shape: tuple[int, ...]) -> Entry:
    """Make the pointer form of a compiled function of arrays; not cached on disk."""

    def pointers(t, y, c, out):  # pragma: no cover - runs compiled
        function(t, view(y, n_states), view(c, n_constants), view(out, shape))

    return Users(pointers, function)


@instruction("ldnsim.engine.instructions")
def invoke_rows(address, t, y, i, c, out, j):
    """Call the kernel at `address` with (t, y[i], c, out[j]); the arrays are C-contiguous float64."""
    address(t, y[i], c, out[j])


@instruction("ldnsim.engine.instructions")
def invoke_step(address, t, t_end, rhs, jac, dfdt, c, control, w, m, pivot):
    """Call the `STEP` at `address`; the arrays are C-contiguous, w is as wide as there are states."""
    return address(t, t_end, rhs, jac, dfdt, c, control, w, m, pivot)


@instruction("ldnsim.engine.instructions")
def scratch(size):
    """Return an array of doubles that lasts as long as its function, not filled; its size is a constant."""
    return np.empty(size)


@instruction("ldnsim.engine.instructions")
def view(pointer, shape):
    """Return what lies at a pointer as an array; `shape` is one number or a tuple of them."""
