"""From a model's structure to object code; only what is compiled anew needs it, and all that it imports."""

from __future__ import annotations

from typing import Any

from ...engine.target import BROWSER, Processor, object_code
from . import rodas, tsit5
from .block import INSTANTS
from .graph import Unsupported
from .layout import Layout, derived_of, exponents_of, frontier_of
from .look import write_look
from .mathlib import FULL, SHORT, SINGLE, Degree
from .module import LaneModule
from .outputs import write_derive, write_evaluate, write_some, write_store
from .structure import LaneStructure, analyse
from .variant import Variant
from .vector import Lanes


def compiled(
    equations: Any, constants: tuple[str, ...], variant: Variant, processor: Processor
) -> tuple[dict[str, Any], bytes] | None:
    """Compile a model; return what the engine must know, and the object file. None where that cannot be."""
    layout = _laid_out(equations, constants, variant)
    if layout is None:
        return None
    return facts_of(layout), object_code(assembly(layout, variant, processor), processor)


def work_of(equations: Any, constants: tuple[str, ...], variant: Variant) -> float | None:
    """Count what a step does, without compiling it; None where that cannot be."""
    layout = _laid_out(equations, constants, variant)
    return None if layout is None else layout.work


def _laid_out(equations: Any, constants: tuple[str, ...], variant: Variant) -> Layout | None:
    try:
        return layout_of(structure_of(equations, constants, variant), variant)
    except Unsupported:
        return None


def structure_of(equations: Any, constants: tuple[str, ...], variant: Variant) -> LaneStructure:
    """Take a model apart for a variant."""
    return analyse(equations, constants, implicit=not variant.explicit, soft=variant.soft)


def layout_of(structure: LaneStructure, variant: Variant) -> Layout:
    """Lay out the work block."""
    state = stage = Lanes(variant.width)
    if variant.single:
        state, stage = Lanes(2 * variant.width), Lanes(2 * variant.width, 4)
    return Layout(
        structure,
        state,
        stage,
        12 if variant.full else 8,  # terms of the block's series, see `series.GAMMA`
        len(INSTANTS),
        [] if variant.explicit else frontier_of(structure),
        derived_of(structure),
        exponents_of(structure),
        variant.inputs,
        variant.explicit,
        variant.fed,
        variant.origin,
        variant.looked,
    )


def assembly(layout: Layout, variant: Variant, processor: Processor) -> str:
    """Return the LLVM assembly of all kernels of a model."""
    k = LaneModule(layout, processor, _degree_of(variant))
    write_derive(k)
    (tsit5 if variant.explicit else rodas).write_step(k)
    if processor == BROWSER:
        write_look(k)
    else:
        write_evaluate(k)
        write_store(k)
        write_some(k)
    return str(k.module)


def _degree_of(variant: Variant) -> Degree:
    """Accuracy of functions."""
    return SINGLE if variant.single else FULL if variant.full else SHORT


def facts_of(layout: Layout) -> dict[str, Any]:
    """Collect what the engine must know of a layout, as plain data."""
    s, wide = layout.structure, 8

    def doubles(name: str) -> int:
        return (layout.at[name] + layout.origin) // wide

    inside: list[Any] = [None] * len(s.states)
    for i, state in enumerate(s.free):
        inside[state] = ("free", layout.u(i, 0))
    for i, state in enumerate(s.block):
        inside[state] = ("block", layout.v(0, i))
    leaves = [s.graph.nodes[n] for n in s.outputs]
    return {
        "place": {
            "ORIGIN": layout.origin // wide,
            "WIDTH": layout.state.width,
            "Y0": doubles("y0"),
            "Y1": doubles("y1"),
            "RATES": doubles("rates"),
            "CONSTANTS": doubles("constants"),
            "ERROR": doubles("error"),
            "PEAK": doubles("peak"),
            "RTOL": doubles("scalars") + 3,
            "ATOL": doubles("atol"),
        },
        "inside": inside,
        "n_outputs": len(s.outputs),
        "output_states": [node.args[0] if node.op in ("state", "input") else -1 for node in leaves],
        "size": layout.size,
        "work": layout.work,
    }
