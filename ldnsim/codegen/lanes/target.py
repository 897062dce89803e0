"""The processor that lane code is written for, and LLVM as assembler."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass

from llvmlite import binding


@dataclass(frozen=True)
class Processor:
    """A processor as LLVM names it.

    Attributes
    ----------
    name, features : str
        CPU name and feature string; empty features mean the name's own.
    """

    name: str
    features: str = ""

    @property
    def avx512(self) -> bool:
        """Whether the instructions that take floats apart (getexp, getmant, scalef) exist."""
        known = self.features.split(",")
        return all(f"+{f}" in known for f in ("avx512f", "avx512dq", "avx512vl"))


@functools.cache
def initialise() -> None:
    """Prepare LLVM for this machine, once."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()


def host() -> Processor:
    """Return this machine's processor; ``LDNSIM_CPU`` asks for the plain code of another name.

    ``LDNSIM_CPU=generic`` gives what runs on any processor of the architecture.
    """
    asked = os.environ.get("LDNSIM_CPU", "")
    if asked:
        return Processor(asked)
    initialise()
    return Processor(binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten())


def object_code(assembly: str, processor: Processor) -> bytes:
    """Compile LLVM assembly to an object file.

    The code generator is asked for its best, the optimiser is not asked at all: the text is already free of
    repeated work, and passing it through would only cost time.
    """
    machine = _machine(processor)
    module = binding.parse_assembly(assembly)
    module.triple = binding.get_process_triple()
    module.data_layout = str(machine.target_data)
    module.verify()
    return machine.emit_object(module)


def assembly_listing(assembly: str, processor: Processor) -> str:
    """Return the machine instructions as text, to be read and counted."""
    module = binding.parse_assembly(assembly)
    return _machine(processor).emit_assembly(module)


def _machine(processor: Processor) -> binding.TargetMachine:
    initialise()
    target = binding.Target.from_triple(binding.get_process_triple())
    return target.create_target_machine(
        cpu=processor.name, features=processor.features, opt=3, reloc="pic", codemodel="small", jit=True
    )


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
