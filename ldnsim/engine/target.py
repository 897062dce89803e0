"""The processor that code is written for, and LLVM as assembler."""

from __future__ import annotations

import ctypes
import functools
import os
from dataclasses import dataclass
from typing import Any

from llvmlite import binding


@dataclass(frozen=True)
class Processor:
    """A processor as LLVM names it.

    Attributes
    ----------
    name, features : str
        CPU name and feature string; empty features mean the name's own.
    triple : str
        Architecture and system; empty for those of this process.
    """

    name: str
    features: str = ""
    triple: str = ""

    @property
    def avx512(self) -> bool:
        """Whether the instructions that take floats apart (getexp, getmant, scalef) exist."""
        known = self.features.split(",")
        return all(f"+{f}" in known for f in ("avx512f", "avx512dq", "avx512vl"))

    @property
    def has_maximum(self) -> bool:
        """Whether there is one instruction for the larger of two numbers that takes NaN for nothing."""
        return not self.triple.startswith("wasm")


BROWSER = Processor("generic", "+simd128,+bulk-memory", "wasm32-unknown-unknown")


_LIBRARY = (
    "exp", "log", "pow", "floor", "ceil", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan",
    "asinh", "acosh", "atanh", "tgamma", "fmod", "nextafter",
    "memcpy", "memmove", "memset",  # which LLVM makes of loops
)  # fmt: skip


@functools.cache
def initialise() -> None:
    """Prepare LLVM for this machine, once."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    if os.name == "nt":  # whose C library LLVM does not find
        library = ctypes.CDLL("ucrtbase")
        for name in _LIBRARY:
            binding.add_symbol(name, ctypes.cast(getattr(library, name), ctypes.c_void_p).value)


def host() -> Processor:
    """Return this machine's processor; ``LDNSIM_CPU`` asks for the plain code of another name.

    ``LDNSIM_CPU=generic`` gives what runs on any processor of the architecture.
    """
    asked = os.environ.get("LDNSIM_CPU", "")
    if asked:
        return Processor(asked)
    return _here()


@functools.cache
def _here() -> Processor:
    initialise()
    return Processor(binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten())


def object_code(assembly: str, processor: Processor, prefix: str = "") -> bytes:
    """Compile LLVM assembly to an object file.

    The code generator is asked for its best, the optimiser is not asked at all: the text is already free of
    repeated work, and passing it through would only cost time.

    Parameters
    ----------
    assembly : str
        The module.
    processor : Processor
        What to compile for.
    prefix : str
        Put before the name of each public function, where several modules are linked into one.
    """
    machine = machine_for(processor)
    module = binding.parse_assembly(assembly)
    for function in module.functions if prefix else ():
        if not function.is_declaration and function.linkage == binding.Linkage.external:
            function.name = prefix + function.name
    return emitted(module, machine)


def emitted(module: binding.ModuleRef, machine: binding.TargetMachine) -> bytes:
    """Return the object file of a module."""
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    module.verify()
    return machine.emit_object(module)


def assembly_listing(assembly: str, processor: Processor) -> str:
    """Return the machine instructions as text, to be read and counted."""
    module = binding.parse_assembly(assembly)
    return machine_for(processor).emit_assembly(module)


def machine_for(processor: Processor, **options: Any) -> binding.TargetMachine:
    """Return LLVM's code generator for a processor; options are those of this process's own."""
    if processor.triple:
        binding.initialize_all_targets()
        binding.initialize_all_asmprinters()
        target = binding.Target.from_triple(processor.triple)
        return target.create_target_machine(
            cpu=processor.name, features=processor.features, opt=3, reloc="static"
        )
    initialise()
    target = binding.Target.from_triple(binding.get_process_triple())
    chosen = {"opt": 3, "reloc": "pic", "codemodel": "small", "jit": True} | options
    return target.create_target_machine(cpu=processor.name, features=processor.features, **chosen)


class Loaded:
    """An object file in memory, with its functions' addresses; it lives as long as this object."""

    def __init__(self, code: bytes) -> None:
        initialise()
        module = binding.parse_assembly(f'target triple = "{binding.get_process_triple()}"')
        machine = binding.Target.from_triple(binding.get_process_triple()).create_target_machine(jit=True)
        self._engine = binding.create_mcjit_compiler(module, machine)
        self._engine.add_object_file(binding.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Return where a function begins."""
        found = self._engine.get_function_address(name)
        if not found:
            raise LookupError(f"no function {name!r} in this object file")
        return found
