"""The ways to compile a model."""

from __future__ import annotations

from dataclasses import dataclass

ORIGIN = 8192  # kernels get a pointer to this byte: rows up to 8 kB on either side have short addresses in x86


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
    soft : bool
        Whether steps are held to more across soft bends: what is drawn need not be.
    looked : tuple of int or None
        The outputs that are looked at, where not all may be.
    origin : int
        Byte of the work block that kernels get; in WebAssembly 0, whose addresses have no signed parts.
    """

    single: bool = False
    full: bool = False
    inputs: bool = False
    explicit: bool = False
    fed: tuple[int, ...] | None = None
    width: int = 8
    soft: bool = True
    looked: tuple[int, ...] | None = None
    origin: int = ORIGIN
