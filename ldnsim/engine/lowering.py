"""Numba, as the compiler from Python to LLVM: parts are linked into their callers, and a door leads to the whole.

Numba makes machine code of each function it compiles, and again of all that it calls. A part is linked into its
callers as LLVM's intermediate code, so for it the last step is left out. A door is a function of C that calls the
whole; with it the code needs nothing of Numba's or Python's when it runs. Loaded where something is compiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import binding
from numba import _dynfunc, types  # type: ignore[attr-defined]
from numba.core import codegen
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import register_pass
from numba.core.registry import cpu_target
from numba.core.typed_passes import NativeLowering

from .machine import DOOR

# x/0 is inf as in NumPy, multiply-adds may fuse.
OPTIONS: Any = {"error_model": "numpy", "fastmath": {"contract"}}
njit: Any = numba.njit  # with options that its types do not know
_KINDS = {
    "d": types.float64, "q": types.intp, "v": types.void,
    "p": types.CPointer(types.float64), "P": types.CPointer(types.intp),
}  # fmt: skip
_LLVM = {"d": "double", "q": "i64", "p": "ptr", "P": "ptr", "v": "void"}
REFUSED = -100  # no status of Numba's or of a driver's, where -1 is one
_LOST = {"d": "0x7FF8000000000000", "q": f"{REFUSED}"}  # the first is NaN as LLVM writes it


class LinkedLibrary(codegen.JITCodeLibrary):
    """Intermediate code for callers."""

    def _optimize_final_module(self) -> None:
        """Leave it to callers, who optimise what they linked: parts in parts would be so again at each depth."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class PartLowering(NativeLowering):
    """Lower to intermediate code, and let callers know of it."""

    _name = "part_lowering"

    def run_pass(self, state: Any) -> bool:
        """Do as `NativeLowering`, short of machine code."""
        context = state.targetctx
        state.library = LinkedLibrary(context.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        lowered = state.cr
        name = lowered.fndesc.qualname.split(".")[-1]
        stand_in = _dynfunc.make_function(
            lowered.fndesc.lookup_module(), name, "", 0, lowered.env, (state.library,)
        )
        context.insert_user_function(stand_in, lowered.fndesc, [state.library])
        # Releases before 0.63 know nothing of it, and need nothing: only parallel loops do, and no part has one.
        state.reload_init.extend(getattr(state.library, "_reload_init", ()))
        state.cr = lowered._replace(cfunc=stand_in)
        return True


class PartCompiler(CompilerBase):
    """The usual pipeline with `PartLowering`."""

    def define_pipelines(self) -> list[Any]:
        """Replace one pass."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.passes = [
            (PartLowering, told) if chosen is NativeLowering else (chosen, told)
            for chosen, told in pipeline.passes
        ]
        pipeline.finalize()
        return [pipeline]


def type_of(value: Any) -> Any:
    """Return the type that a global has for Numba."""
    cpu_target.typing_context.refresh()  # intrinsics may have been made a moment ago
    return cpu_target.typing_context.resolve_value_type(value)


def part_of(function: Callable) -> Any:
    """Compile a function that only other compiled functions may call; it counts no references."""
    doors = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return njit(pipeline_class=PartCompiler, nogil=True, _nrt=False, **doors, **OPTIONS)(function)


def users(function: Callable) -> Any:
    """Compile a user's function, which may allocate."""
    return njit(**OPTIONS)(function)


class _Callback:
    """A C function of Numba's own."""

    def __init__(self, made: Any) -> None:
        self._made, self.address = made, made.address


def callback_of(function: Callable, form: tuple[str, str]) -> Any:
    """Compile a function that calls a user's own, which may allocate."""
    result, arguments = form
    signature = _KINDS[result](*(_KINDS[a] for a in arguments))
    return _Callback(numba.cfunc(signature, **OPTIONS)(function))


def _type_of_argument(argument: Any) -> Any:
    """Return the type of a kernel's argument."""
    if isinstance(argument, np.ndarray):
        layout: Any = "C" if argument.flags.c_contiguous else "A"
        kind: Any = numba.from_dtype(argument.dtype)
        return types.Array(kind, argument.ndim, layout, readonly=not argument.flags.writeable)
    if isinstance(argument, tuple):
        inner = tuple(map(_type_of_argument, argument))
        named = type(argument) if hasattr(argument, "_fields") else tuple
        return types.BaseTuple.from_types(inner, named)
    return numba.typeof(argument)


def packed(function: Callable, arguments: tuple) -> bytes:
    """Compile a function with a door that finds all arguments in one array of eight bytes each.

    What the function returns comes after the arguments. The door is told how many there are, and refuses another
    number than it was compiled for.
    """
    module, name, returned = _whole(function, tuple(map(_type_of_argument, arguments)))
    if returned not in (types.intp, types.boolean, types.none):
        raise TypeError(
            f"{function.__qualname__} returns {returned}; a kernel returns a whole number or nothing"
        )
    kinds = [_type_in(a) for a in module.get_function(name).arguments][2:]
    n, values = len(kinds), []
    lines = [f"%fits = icmp eq i64 %given, {n}", "br i1 %fits, label %run, label %refuse"]
    lines += ["refuse:", f"ret i32 {REFUSED}", "run:"]
    for k, kind in enumerate(kinds):
        lines.append(f"%p{k} = getelementptr i64, ptr %slots, i64 {k}")
        if kind == "i1":
            lines += [f"%w{k} = load i64, ptr %p{k}", f"%a{k} = trunc i64 %w{k} to i1"]
        else:
            lines.append(f"%a{k} = load {kind}, ptr %p{k}")
        values.append(f"{kind} %a{k}")
    lines += [
        f"%out = getelementptr i64, ptr %slots, i64 {n}",
        f"%fault = getelementptr i64, ptr %slots, i64 {n + 1}",
    ]
    call = ", ".join(["ptr %out", "ptr %fault", *values])
    lines += [f"%s = call i32 @{name}({call})", "ret i32 %s"]
    return _with_door(module, name, kinds, f"define i32 @{DOOR}(ptr %slots, i64 %given)", lines)


def bare(function: Callable, form: tuple[str, str]) -> bytes:
    """Compile a function with a door of its own arguments, as in C; what breaks off returns NaN or `REFUSED`."""
    result, arguments = form
    module, name, _ = _whole(function, tuple(_KINDS[a] for a in arguments))
    kinds = [_LLVM[a] for a in arguments]
    values = [f"{kind} %a{k}" for k, kind in enumerate(kinds)]
    call = ", ".join(["ptr %out", "ptr %fault", *values])
    lines = [
        "%out = alloca i64",
        "%fault = alloca ptr",
        "store i64 0, ptr %out",
        f"%s = call i32 @{name}({call})",
    ]
    if result == "v":
        lines.append("ret void")
    else:
        kind, lost = _LLVM[result], _LOST[result]
        lines += ["%done = icmp eq i32 %s, 0", "%none = icmp eq i32 %s, -2", "%well = or i1 %done, %none"]
        lines += [f"%r = load {kind}, ptr %out", f"%found = select i1 %well, {kind} %r, {kind} {lost}"]
        lines.append(f"ret {kind} %found")
    return _with_door(module, name, kinds, f"define {_LLVM[result]} @{DOOR}({', '.join(values)})", lines)


def _whole(function: Callable, signature: tuple) -> tuple[Any, str, Any]:
    """Compile a function with all its parts; return a module of LLVM's, its name there, and what it returns."""
    made = part_of(function)
    made.compile(signature)
    (compiled,) = made.overloads.values()
    with global_compiler_lock:
        compiled.library.finalize()  # links its parts
    module = binding.parse_bitcode(compiled.library._final_module.as_bitcode())
    return module, compiled.fndesc.llvm_func_name, compiled.signature.return_type


def _type_in(argument: Any) -> str:
    return str(argument.type)


def _with_door(module: Any, name: str, kinds: list[str], head: str, lines: list[str]) -> bytes:
    """Add the door; leave nothing that it does not reach."""
    quoted = f'"{name}"'
    text = "\n".join([
        f"declare i32 @{quoted}({', '.join(['ptr', 'ptr', *kinds])})", head + " {", *lines, "}",
    ]).replace(f"@{name}(", f"@{quoted}(")  # fmt: skip
    door = binding.parse_assembly(text)
    door.triple, door.data_layout = module.triple, module.data_layout
    module.link_in(door)
    for thing in [*module.functions, *module.global_variables]:
        if not thing.is_declaration and thing.name != DOOR:
            thing.linkage = binding.Linkage.internal
        elif found := re.fullmatch(r"numba_(nextafter)", thing.name):
            thing.name = found[1]  # of the C library
    return simplified(module)


def simplified(module: Any) -> bytes:
    """Return what is left when parts are inlined, as bitcode for any processor."""
    target = binding.Target.from_triple(binding.get_process_triple()).create_target_machine()
    options = binding.create_pipeline_tuning_options(speed_level=1)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = False
    builder = binding.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)
    module.triple = ""
    return module.as_bitcode()
