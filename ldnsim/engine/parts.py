"""Numba's pipeline for functions that only other compiled functions call: they become no machine code of their own.

Numba makes machine code of each function it compiles, and again of all that it calls. A part is linked into its
callers as LLVM's intermediate code, so for it the last step is left out; callers are the same to the bit.
"""

from __future__ import annotations

from typing import Any

from numba import _dynfunc  # type: ignore[attr-defined]
from numba.core import codegen
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering


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
