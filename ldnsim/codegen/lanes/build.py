"""From a model's structure to object code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...engine.target import BROWSER, Processor
from . import rodas, tsit5
from .block import INSTANTS
from .layout import Layout, derived_of, exponents_of, frontier_of
from .look import write_look
from .mathlib import FULL, SHORT, SINGLE, Degree
from .module import LaneModule
from .outputs import write_derive, write_evaluate, write_some, write_store
from .structure import LaneStructure, analyse
from .vector import Lanes


@dataclass(frozen=True)
class Variant:
    """One way to compile a model.

    Attributes
    ----------
    single : bool
        Stages in single precision, on twice as many lanes.
    full : bool
        Functions to the last digits, for tolerances below 1e-7.
    inputs : bool
        Whether states have input rates (infusions).
    explicit : bool
        Tsit5 instead of Rodas5P.
    fed : tuple of int or None
        The states that may have input rates, where not all may.
    width : int
        Doubles that lie side by side; in single precision twice as many numbers do.
    """

    single: bool = False
    full: bool = False
    inputs: bool = False
    explicit: bool = False
    fed: tuple[int, ...] | None = None
    width: int = 8

    @property
    def degree(self) -> Degree:
        """Accuracy of functions."""
        return SINGLE if self.single else FULL if self.full else SHORT

    @property
    def terms(self) -> int:
        """Terms of the block's series, see `series.GAMMA`."""
        return 12 if self.full else 8


def structure_of(equations: Any, constants: tuple[str, ...], variant: Variant) -> LaneStructure:
    """Take a model apart for a variant."""
    return analyse(equations, constants, implicit=not variant.explicit)


def layout_of(structure: LaneStructure, variant: Variant) -> Layout:
    """Lay out the work block."""
    state = stage = Lanes(variant.width)
    if variant.single:
        state, stage = Lanes(2 * variant.width), Lanes(2 * variant.width, 4)
    return Layout(
        structure,
        state,
        stage,
        variant.terms,
        len(INSTANTS),
        [] if variant.explicit else frontier_of(structure),
        derived_of(structure),
        exponents_of(structure),
        variant.inputs,
        variant.explicit,
        variant.fed,
    )


def assembly(layout: Layout, variant: Variant, processor: Processor) -> str:
    """Return the LLVM assembly of all kernels of a model."""
    k = LaneModule(layout, processor, variant.degree)
    write_derive(k)
    (tsit5 if variant.explicit else rodas).write_step(k)
    if processor == BROWSER:
        write_look(k)
    else:
        write_evaluate(k)
        write_store(k)
        write_some(k)
    return str(k.module)
