"""Machine code of compiled functions: from disk, or made of LLVM's intermediate code for this processor.

The intermediate code comes with the package where it was prepared (`ldnsim.engine.prepared`), else from Numba. What
is kept on disk is read whole and undamaged or not at all, and made by one process while others wait. Code of functions
whose sources are not part of the key stays in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import llvmlite
from llvmlite import binding

from ..cachedir import cache_folder, keep, kept, one_at_a_time
from .announcements import tell
from .prepared import all_sources, is_hashed, prepared
from .target import Loaded, emitted, host, machine_for

DOOR = "door"  # the one function that can be called


@dataclass(frozen=True)
class Recipe:
    """How a function becomes machine code.

    Attributes
    ----------
    function : callable
        The Python function.
    kind : str
        Of its arguments.
    lower : callable
        Compiles it to bitcode with Numba.
    reads : tuple of callable
        Functions of other modules that its globals name.
    """

    function: Callable
    kind: str
    lower: Callable[[], bytes]
    reads: tuple[Callable, ...] = ()

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Module and name of each function."""
        return tuple((f.__module__, f.__qualname__) for f in (self.function, *self.reads))

    @property
    def is_known(self) -> bool:
        """Whether the key on disk tells these functions from others of their names."""
        return all(map(is_hashed, (self.function, *self.reads)))

    def bitcode(self) -> bytes:
        """Return what was prepared, or compile it."""
        code = prepared(self.names, self.kind)
        return self.anew() if code is None else code

    def anew(self) -> bytes:
        """Compile it, and tell of it."""
        folder = cache_folder("engine")
        tell(self.function, None if folder is None else folder / f"told-{all_sources()[:16]}")
        return self.lower()


class Machine:
    """The machine code of one function; it lives as long as this object.

    Parameters
    ----------
    recipe : Recipe
    """

    def __init__(self, recipe: Recipe) -> None:
        folder = cache_folder("engine") if recipe.is_known else None
        made_of = recipe.names, recipe.kind, all_sources(), host(), llvmlite.__version__
        key = hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]
        path = None if folder is None else folder / f"{key}.nbc"  # compiled code, as in the caches of Numba
        code = _kept(path)
        if code is None:
            with one_at_a_time(f"engine-{key}"):
                code = _kept(path)
                if code is None:
                    code = _for_this_processor(recipe)
                    if path is not None:
                        keep(path, code)
        self._loaded = Loaded(code)
        self.address = self._loaded.address(DOOR)


def _kept(path: Path | None) -> bytes | None:
    return None if path is None else kept(path)


def _for_this_processor(recipe: Recipe) -> bytes:
    """Optimise bitcode and emit it."""
    try:
        module = binding.parse_bitcode(recipe.bitcode())
    except RuntimeError:  # prepared by a newer LLVM
        module = binding.parse_bitcode(recipe.anew())
    machine = machine_for(host(), codemodel="large")
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    options = binding.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization, options.slp_vectorization = True, False
    builder = binding.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return emitted(module, machine)
